"""Piecewise-linear bins: inputs that rise from 0 to 1, one after the other, while a number rises.

Gorishniy, Rubachev, Babenko, *On embeddings for numerical features in tabular deep learning* (2022); other than there,
the first and the last bin end as well, since the scaled number tells how far out a value is.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAME = 1e-9  # bins within which two sums of weights are the same
AT_ONCE = 2**16  # numbers that are computed together, which stay in the processor's caches
DIGITS = range(3, 18)  # of edges in names: as few as distinguish them
WHOLE = 6  # digits of whole numbers that are always shown


def bin_edges(
    values: NDArray[np.float64], bins: int, weights: NDArray[np.float64] | None = None
) -> tuple[float, ...]:
    """The edges of at most so many bins of (N,), ascending: from the smallest value to the largest.

    The inner edges are quantiles. A value that many rows have would be several of them, and leave few for all others;
    so it counts for one edge, and what is left is divided among the others. With few different values, each is an edge.
    There are no bins of one or two values, which the scaled number tells apart as well.
    """
    if not bins or not len(values):
        return ()
    distinct, totals = _distinct(values, weights)
    if len(distinct) <= 2 or not math.isfinite(float(distinct[-1]) - float(distinct[0])):
        return ()
    if len(distinct) > bins + 1:
        share = _share_of_an_edge(totals, bins + 1)
        reached = np.cumsum(np.minimum(totals / share, 1))  # up to bins + 1
        inner = np.searchsorted(reached, np.arange(1, bins) + 0.5 - SAME)
        distinct = distinct[
            sorted({0, *inner.tolist(), len(distinct) - 1})
        ]  # np.unique would load masked arrays
    return tuple(distinct.tolist())


def _distinct(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The different values, ascending, and the sum of the weights of each."""
    if weights is None:
        ordered, own = np.sort(values), np.ones(len(values))
    else:
        order = np.argsort(values, kind="stable")
        ordered, own = values[order], weights[order] / weights.max()
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.add.reduceat(own, starts)


def _share_of_an_edge(totals: NDArray[np.float64], edges: int) -> float:
    """The weight c for which the smaller of c and each of ``totals`` sum to c for each edge; more values than edges."""
    largest = np.sort(totals)[::-1]
    others = np.cumsum(largest[::-1])[::-1][:edges]  # of the values from each on
    shares = others / (edges - np.arange(edges))  # if the larger ones count for one edge each
    return float(shares[np.argmax(largest[:edges] <= shares * (1 + SAME))])


def write_bins(values: NDArray[np.float64], edges: tuple[float, ...], out: NDArray[Any]) -> None:
    """Write the bins of ``values`` (N,), of which none is missing, into ``out`` (N, number of bins)."""
    lower, widths = np.array(edges[:-1]), np.diff(edges)
    step = max(1, AT_ONCE // len(lower))
    with np.errstate(over="ignore"):  # what overflows is clipped
        for first in range(0, len(values), step):
            rows = slice(first, first + step)
            shares = np.subtract.outer(values[rows], lower)
            shares /= widths
            out[rows] = shares.clip(0, 1, out=shares)


def bin_names(column: str, edges: tuple[float, ...]) -> tuple[str, ...]:
    """The names of the bins, such as ``age 25 to 31``."""
    for digits in DIGITS:
        shown = [f"{edge:.{max(digits, min(WHOLE, len(f'{abs(edge):.0f}')))}g}" for edge in edges]
        if len({*shown}) == len(edges):
            break
    return tuple(f"{column} {low} to {high}" for low, high in pairwise(shown))


def bin_formulas(column: str, edges: tuple[float, ...]) -> tuple[str, ...]:
    """How each bin is made from the number."""
    return tuple(f"({column} − {low!r}) / {high - low!r}, kept from 0 to 1" for low, high in pairwise(edges))


def bin_covariances(means: NDArray[Any], deviations: NDArray[Any]) -> NDArray[np.float64]:
    """(T, T), from the mean and the deviation of each bin over some rows.

    Where a bin is above 0, all before it are 1, so the mean of their product is the mean of the later one.
    """
    earlier, later = np.minimum.outer(1 - means, 1 - means), np.minimum.outer(means, means)
    covariances: NDArray[np.float64] = later * earlier
    covariances[np.diag_indices(len(means))] = deviations**2
    return covariances
