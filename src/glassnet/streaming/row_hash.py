"""Random numbers that follow from the number of a row: which part it belongs to, and whether it is in a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.seeds import Stream

Hashes = NDArray[np.uint64]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def key_of(stream: Stream, number: int) -> np.uint64:
    """The key of hashes: another one for each ``number``."""
    keys: NDArray[Any] = stream.sequence().generate_state(number + 1, np.uint64)
    return np.uint64(keys[number])


def hashes(numbers: NDArray[Any], key: np.uint64) -> Hashes:
    """(N,), evenly distributed over 64 bits: SplitMix64 of each number, started at ``key``.

    Steele, Lea, Flood, *Fast splittable pseudorandom number generators* (2014).
    """
    with np.errstate(over="ignore"):
        mixed = numbers.astype(np.uint64) * _SPREAD + key
        for shift, factor in _MIX:
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    found: Hashes = mixed ^ (mixed >> np.uint64(31))
    return found


def shares(found: Hashes) -> NDArray[np.float64]:
    """The hashes as numbers from 0 to below 1."""
    return (found >> np.uint64(11)).astype(np.float64) * 2.0**-53
