"""Rows and steps in arrays of a few lengths: JAX compiles for each length anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import numpy.typing as npt

from glassnet.engines.inputs import is_sparse
from glassnet.engines.jax_programs import layer_activation, layer_sums
from glassnet.engines.jax_records import Layers
from glassnet.engines.protocol import Inputs, Order, Rates
from glassnet.errors import InputError
from glassnet.net import Network

Numbers = npt.NDArray[Any]

# Of rows that are computed at once, which limits the memory and the time between two looks at the stop flag.
MOST_ROWS = {"cpu": 4096, "gpu": 65536}
LEAST_ROWS = 32
PRODUCTS = {"cpu": 1e9, "gpu": 1e11}  # of their forward pass


Part = tuple[Numbers, Numbers, Numbers]  # the orders, sizes and rates of some steps


class Steps:
    """The rows and the rates of the steps of one call, in the arrays of :meth:`Programs.steps`.

    Args:
        rows: their number.
        batch_size: the rows of each step but the last of an epoch.
        rates, orders: as for :meth:`Run.epochs`.
        width: the places for the rows of a step, at least ``batch_size``.
    """

    def __init__(self, rows: int, batch_size: int, rates: Rates, orders: Order | None, width: int) -> None:
        count, steps = rates.shape
        self.count, self.batch_size = count * steps, batch_size
        self._rates = rates.ravel()
        given = np.arange(rows)[None] if orders is None else orders
        padded = np.zeros((len(given), steps * batch_size), np.int32)
        padded[:, :rows] = given
        self._orders = padded.reshape(-1, batch_size)
        self._width = width
        self._sizes = np.full(steps, batch_size, np.int32)
        self._sizes[-1] = rows - (steps - 1) * batch_size

    def step(self, number: int) -> tuple[Numbers, float]:
        """The rows of a step and its rate."""
        order = self._orders[number % len(self._orders)]
        return order[: self._sizes[number % len(self._sizes)]], float(self._rates[number])

    def part(self, start: int, count: int) -> Part:
        """The orders, sizes and rates of ``count`` steps."""
        numbers = np.arange(start, start + count)
        orders = filled(self._orders[numbers % len(self._orders)].T, self._width).T
        return orders, self._sizes[numbers % len(self._sizes)], self._rates[start : start + count]


block = jax.jit(jax.lax.dynamic_slice_in_dim, static_argnums=2)
taken = jax.jit(lambda rows, at: jax.tree.map(lambda array: array[at], rows))


def forward(network: Network, layers: Layers, inputs: Any) -> tuple[Any, Any]:
    """The sums and the activations of the output layer, without dropout."""
    a = z = inputs
    for layer, (weights, biases) in zip(network.layers, layers, strict=True):
        z = layer_sums(a, weights, biases)
        a = layer_activation(layer.activation)(z)
    return z, a


def block_rows(network: Network) -> int:
    """How many rows are computed at once, a power of 2."""
    kind = "cpu" if jax.default_backend() == "cpu" else "gpu"
    rows = min(MOST_ROWS[kind], max(LEAST_ROWS, int(PRODUCTS[kind] / network.parameter_count)))
    return 2 ** (rows.bit_length() - 1)


def blocks(rows: int, most: int) -> Iterator[tuple[int, int, int]]:
    """The first row and the number of rows of each block, and the length of its arrays.

    The lengths are powers of 2, so that only a few are compiled.
    """
    for start in range(0, rows, most):
        count = min(most, rows - start)
        yield start, count, 1 << (count - 1).bit_length()


def rounded(rows: int) -> int:
    """``rows``, rounded up to one of eight lengths between two powers of 2, so that only a few are compiled."""
    unit = 1 << max(0, rows.bit_length() - 4)
    return -(-rows // unit) * unit


def filled(array: Numbers, size: int) -> Numbers:
    """``array`` with zeros after its last row, up to ``size`` rows."""
    if len(array) == size:
        return array
    whole = np.zeros((size, *array.shape[1:]), array.dtype)
    whole[: len(array)] = array
    return whole


def dense(inputs: Inputs) -> None:
    """Refuse sparse inputs.

    Raises:
        InputError: they are sparse.
    """
    if is_sparse(inputs):
        raise InputError("the inputs are sparse, but the JAX engine takes dense inputs only.")
