"""Values that stand for a missing one: written as codes are, and far from all other values of their column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FAR = 1.0  # times the range of all other values, beyond its ends
SURE_DIGITS = 4  # of a code that needs to be there only once
NEGATIVE = (
    -9.9,
    -9.99,
    -99.9,
    -99.99,
    -999.9,
    -999.99,
    -9999.9,
    -9999.99,
)  # as prices, positive ones are usual
LIMITS = (2**15 - 1, -(2**15), 2**31 - 1, -(2**31))
OPEN_ENDS = ("0001-01-01", "1753-01-01", "1800-01-01", "1900-01-01", "1970-01-01")
LAST_YEAR = 2099  # from which on a far date is an open end

Floats = NDArray[np.float64]


def number_sentinels(values: Floats) -> tuple[float, ...]:
    """Those among numbers (N,): -999, 9999, -99.9, the limits of integer types."""
    levels, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    whole = np.abs(levels[:, None]) == np.array([10.0**digits - 1 for digits in range(2, 16)])
    digits = np.where(whole.any(axis=1), whole.argmax(axis=1) + 2, 0)
    digits[np.isin(levels, NEGATIVE)] = 2
    coded = (digits >= SURE_DIGITS) | ((digits > 0) & (counts > 1)) | np.isin(levels, LIMITS)
    return _far(levels, coded)


def date_sentinels(seconds: Floats) -> tuple[float, ...]:
    """Those among seconds since 1970 (N,): 9999-12-31, 1900-01-01."""
    # with counts, NumPy does not load its masked arrays
    levels, _ = np.unique(seconds[np.isfinite(seconds)], return_counts=True)
    days = levels.astype("datetime64[s]").astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(int) + 1970
    return _far(levels, (years >= LAST_YEAR) | np.isin(days, np.array(OPEN_ENDS, "datetime64[D]")))


def _far(levels: Floats, coded: NDArray[np.bool_]) -> tuple[float, ...]:
    others = levels[~coded]
    if not coded.any() or len(others) < 2:
        return ()
    margin = FAR * (others[-1] - others[0])
    far = coded & ((levels < others[0] - margin) | (levels > others[-1] + margin))
    return tuple(levels[far].tolist())
