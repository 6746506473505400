"""Dropout: set a random share of a hidden layer's activations to 0 at every training step.

The dropped activations depend on (seed, step, layer, row, neuron) only, through the counter-based generator
Philox-4x32-10 (Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, 2011). So all
engines drop the same ones, in any order and on any number of threads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from glassnet.net.arrays import Array
from glassnet.net.network import Network

Words = npt.NDArray[np.uint64]

_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85


def philox(counter: tuple[Words, Words, Words, Words], key: int) -> tuple[Words, Words, Words, Words]:
    """Ten rounds of Philox-4x32 on arrays of 32-bit words (held in 64 bits) under a 64-bit key."""
    c0, c1, c2, c3 = counter
    k0, k1 = key & 0xFFFFFFFF, key >> 32 & 0xFFFFFFFF
    for _ in range(10):
        product0, product1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            product1 >> _HIGH ^ c1 ^ np.uint64(k0),
            product1 & _LOW,
            product0 >> _HIGH ^ c3 ^ np.uint64(k1),
            product0 & _LOW,
        )
        k0, k1 = (k0 + _KEY_STEPS[0]) & 0xFFFFFFFF, (k1 + _KEY_STEPS[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def dropout_mask(
    rate: float,
    rows: int,
    width: int,
    *,
    seed: int,
    step: int,
    layer: int,
    dtype: npt.DTypeLike,
    first_row: int = 0,
) -> Array:
    """Factors (rows, width): 0 for dropped activations, 1 / (1 - rate) for kept ones.

    So the expected activation is the same as without dropout, and prediction needs no correction.
    Word ``neuron % 4`` of the counter (``neuron // 4``, row, layer, step) keeps the neuron if it is at
    least ``rate · 2³²``. Srivastava et al., *Dropout* (2014).
    """
    blocks = -(-width // 4)
    block = np.broadcast_to(np.arange(blocks, dtype=np.uint64), (rows, blocks))
    numbers = np.uint64(first_row) + np.arange(rows, dtype=np.uint64)
    row = np.broadcast_to(numbers[:, None], (rows, blocks))
    constant = [np.full((rows, blocks), number & 0xFFFFFFFF, np.uint64) for number in (layer, step)]
    words = np.stack(philox((block, row, constant[0], constant[1]), seed), axis=-1)
    kept = words.reshape(rows, 4 * blocks)[:, :width] >= np.uint64(rate * 2**32)
    return np.where(kept, 1 / (1 - rate), 0.0).astype(dtype)


def dropout_masks(
    network: Network, rows: int, *, seed: int, step: int, dtype: npt.DTypeLike, first_row: int = 0
) -> list[Array | None]:
    """A mask for each layer of ``network`` with dropout, ``None`` for the others.

    Args:
        network: the layers.
        rows: the number of rows.
        seed: the key of the random numbers; the same seed and step give the same masks.
        step: the number of the training step.
        dtype: the data type of the masks.
        first_row: the number of the first row in its batch, from 0.
    """
    return [
        dropout_mask(
            layer.dropout,
            rows,
            layer.width,
            seed=seed,
            step=step,
            layer=number,
            dtype=dtype,
            first_row=first_row,
        )
        if layer.dropout
        else None
        for number, layer in enumerate(network.layers)
    ]
