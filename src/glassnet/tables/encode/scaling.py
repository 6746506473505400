"""Standardization of numbers: of one column, or of all columns of an array at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# No encoded value goes beyond this, so that float32 (up to 3.4e38) holds whatever a table brings.
LIMIT = 1e30


def encode_numbers(values: NDArray[Any], fill: Any, mean: Any, scale: Any) -> NDArray[np.float64]:
    """``(values - mean) / scale`` within the limits, a missing value as ``fill``; (N,) with one of each, or (N, C)."""
    with np.errstate(over="ignore"):  # what overflows is clipped
        encoded: NDArray[np.float64] = np.subtract(values, mean, dtype=np.float64)
        encoded /= scale
    encoded.clip(-LIMIT, LIMIT, out=encoded)
    if np.isnan(encoded.sum()):  # the sum of what is within the limits is finite
        missing = np.isnan(encoded)
        encoded[missing] = np.broadcast_to((fill - mean) / scale, encoded.shape)[missing]
    return encoded


def mean_and_scale(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Mean and standard deviation of (N,), safe near the end of float64; 0 and 1 of nothing.

    ``weights`` (N,) are positive: a value with the weight 2 counts as two such values.
    """
    if not len(values):
        return 0.0, 1.0
    means, scales = means_and_scales(values[None], weights)
    return float(means[0]), float(scales[0])


def means_and_scales(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same of each row of (C, N), N > 0, to the bit; scale 1 where nothing varies."""
    low, high = values.min(axis=1), values.max(axis=1)
    same, largest = low == high, np.maximum(-low, high)
    units = values / np.where(largest == 0, 1, largest)[:, None]
    shares = 1.0 if weights is None else weights / weights.max()  # their sum stays within float64
    count = values.shape[1] if weights is None else np.sum(shares)
    means = (units * shares).sum(axis=1) / count
    units -= means[:, None]
    units *= units
    scales = np.sqrt((units * shares).sum(axis=1) / count) * largest
    return np.where(same, low, means * largest), np.where(same | (scales == 0), 1, scales)
