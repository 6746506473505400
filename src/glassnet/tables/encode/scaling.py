"""Scaling of numbers: of one column, or of all columns of an array at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# No encoded value goes beyond this, so that float32 (up to 3.4e38) holds whatever a table brings.
LIMIT = 1e30
CLIPPED = 3.0  # what a smoothly clipped value approaches
NORMAL_RANGE = 1.349  # the interquartile range of normal numbers with a standard deviation of 1
SURE = 1 - 1e-7  # the share of it up to which float32 tells where a value comes from
SAME = 1e-9  # the share of the total weight within which two sums of weights are the same


def encode_numbers(
    values: NDArray[Any], fill: Any, center: Any, scale: Any, smooth: Any
) -> NDArray[np.float64]:
    """``(values - center) / scale`` within the limits, a missing value as ``fill``, clipped smoothly if ``smooth``.

    ``values`` are (N,) with one of each constant, or (N, C) with C of each.
    """
    with np.errstate(over="ignore"):  # what overflows is clipped
        encoded: NDArray[np.float64] = np.subtract(values, center, dtype=np.float64)
        encoded /= scale
    encoded.clip(-LIMIT, LIMIT, out=encoded)
    if np.isnan(encoded.sum()):  # the sum of what is within the limits is finite
        missing = np.isnan(encoded)
        encoded[missing] = np.broadcast_to((fill - center) / scale, encoded.shape)[missing]
    if np.count_nonzero(smooth):
        encoded = np.where(smooth, smoothly_clipped(encoded), encoded)
    return encoded


def smoothly_clipped(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """``z / sqrt(1 + (z / 3)²)``: about z near 0, and within ±3. Holzmüller et al., *Better by default* (2024)."""
    found: NDArray[np.float64] = values / np.sqrt(1 + (values / CLIPPED) ** 2)
    return found


def smoothly_clipped_inverse(clipped: NDArray[Any]) -> NDArray[np.float64]:
    """The values that :func:`smoothly_clipped` made ``clipped`` of, up to about ±6700."""
    shares = np.clip(np.asarray(clipped, np.float64) / CLIPPED, -SURE, SURE)
    found: NDArray[np.float64] = CLIPPED * shares / np.sqrt(1 - shares**2)
    return found


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


def median_and_scale(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Median of (N,), and its interquartile range over that of the standard normal distribution.

    Half the range where the interquartile range is 0, as in Holzmüller et al. (2024); other than there, the scale of
    normal numbers is their standard deviation.

    Where nothing varies, the scale makes every other value 0 too: its input has a weight that never learned.
    """
    if not len(values):
        return 0.0, LIMIT
    lower, median, upper = quantiles(values, (0.25, 0.5, 0.75), weights)
    scale = (upper - lower) / NORMAL_RANGE or float(values.max()) / 2 - float(values.min()) / 2
    return median, min(scale, sys.float_info.max) or LIMIT


def quantiles(
    values: NDArray[np.float64], levels: Sequence[float], weights: NDArray[np.float64] | None = None
) -> list[float]:
    """The values of (N,) at these levels between 0 and 1; halfway where a level falls between two values.

    Hyndman, Fan, *Sample quantiles in statistical packages* (1996), definition 2: it is the same for a value with the
    weight 2 as for two such values, and for other units of the weights.
    """
    if weights is None:
        ordered, reached = np.sort(values), np.arange(1.0, len(values) + 1)
    else:
        order = np.argsort(values, kind="stable")
        ordered, reached = values[order], np.cumsum(weights[order] / weights.max())
    places = np.array(levels) * reached[-1]
    tolerance, last = SAME * reached[-1], len(values) - 1
    below = ordered[np.searchsorted(reached, places - tolerance)].tolist()
    above = ordered[np.searchsorted(reached, places + tolerance, side="right").clip(max=last)].tolist()
    return [one if one == other else one / 2 + other / 2 for one, other in zip(below, above, strict=True)]
