"""Temperature scaling: probabilities that are made more or less certain, so that they fit known rows best.

Guo, Pleiss, Sun, Weinberger, *On calibration of modern neural networks* (2017). Where all known rows are predicted
rightly, the log loss alone would ask for certainty: so a row counts a little as if it had another class, as in Platt,
*Probabilistic outputs for support vector machines* (1999).

The mean of several networks is less certain than each of them. A row of a fold is known to few of the networks, the
temperature of whose mean, measured on such rows, would be too high for the mean of all. Of the logarithm of the
temperature so much is taken as the standard error of the mean falls: the square root of the share of the networks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.targets.encoding import TargetEncoding, class_codes
from glassnet.targets.group import TargetGroup, Targets, target_parts

LOWEST, HIGHEST = 0.25, 4.0
PRECISION = 1e-3  # of the logarithm of the temperature
GOLDEN = (5**0.5 - 1) / 2

Numbers = NDArray[np.float64]


class Fit(NamedTuple):
    """The temperature that fits some rows best, and the log loss with it."""

    temperature: float
    loss: float


def calibrated(
    target: Targets,
    outputs: NDArray[np.floating],
    encoded: NDArray[np.floating],
    weights: Numbers | None,
    share: float = 1.0,
) -> Targets:
    """``target`` with the temperature of its probabilities that fits some rows best; numbers have none.

    Of several targets of classes, each has its own.

    Args:
        outputs: (R, O), for rows that the networks were not trained on.
        encoded: (R, O), the targets of these rows.
        weights: (R,), of these rows; ``None`` for equal weights.
        share: of the networks of the model, those whose mean ``outputs`` are.
    """
    if isinstance(target, TargetGroup):
        found = []
        for part in target_parts(target, encoded):
            own = None if weights is None else weights[part.rows]
            found.append(_calibrated(part.encoding, outputs[part.rows, part.outputs], part.codes, own, share))
        return TargetGroup(tuple(found))
    if target.classes is None:
        return target
    return _calibrated(target, outputs, class_codes(encoded), weights, share)


def _calibrated(
    target: TargetEncoding,
    outputs: NDArray[np.floating],
    codes: NDArray[np.intp],
    weights: Numbers | None,
    share: float,
) -> TargetEncoding:
    shares = target.shares(outputs)
    if not len(codes) or (weights is not None and not weights.any()):
        return target
    return replace(target, temperature=fit_temperature(shares, codes, weights).temperature ** share**0.5)


def fit_temperature(shares: Numbers, codes: NDArray[np.intp], weights: Numbers | None = None) -> Fit:
    """The temperature from 1/4 to 4 with the smallest log loss, found by golden section search.

    The log loss is convex in 1/T, so there is one minimum. One of N + 2 parts of each row counts for the other classes.

    Args:
        shares: (N, C), probabilities.
        codes: (N,), the true classes as columns of ``shares``.
        weights: (N,); ``None`` for equal weights.
    """
    count, classes = shares.shape
    wanted = np.full(shares.shape, 1 / (count + 2) / (classes - 1))
    wanted[np.arange(count), codes] = (count + 1) / (count + 2)
    logarithms = np.log(np.maximum(shares, np.finfo(np.float64).eps))

    def loss(logarithm: float) -> float:
        scaled = logarithms / np.exp(logarithm)
        scaled -= scaled.max(axis=1, keepdims=True)
        total = np.log(np.exp(scaled).sum(axis=1))
        return float(np.average(total - (wanted * scaled).sum(axis=1), weights=weights))

    low, high = np.log(LOWEST), np.log(HIGHEST)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > PRECISION:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    middle = (low + high) / 2
    one, found = loss(0.0), loss(middle)
    return Fit(1.0, one) if one <= found else Fit(float(np.exp(middle)), found)
