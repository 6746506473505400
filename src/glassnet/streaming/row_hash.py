"""Random numbers that follow from the number of a row: which part it belongs to, and whether it is in a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.seeds import Stream
from glassnet.training.training_rows import mixed

Hashes = NDArray[np.uint64]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def key_of(stream: Stream, number: int) -> np.uint64:
    """The key of hashes: another one for each ``number``."""
    keys: NDArray[Any] = stream.sequence().generate_state(number + 1, np.uint64)
    return np.uint64(keys[number])


def hashes(numbers: NDArray[Any], key: np.uint64) -> Hashes:
    """(N,), evenly distributed over 64 bits: SplitMix64 of each number, started at ``key``.

    Steele, Lea, Flood, *Fast splittable pseudorandom number generators* (2014).
    """
    return mixed(numbers.astype(np.uint64) * _SPREAD + key)


def shares(found: Hashes) -> NDArray[np.float64]:
    """The hashes as numbers from 0 to below 1."""
    return (found >> np.uint64(11)).astype(np.float64) * 2.0**-53
