"""Ranks, and rank correlations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.net.arrays import Array


def ranks(values: Array) -> Array:
    """1 for the smallest; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def rank_correlations(several: Sequence[Array]) -> Array:
    """(K, K): the correlation of the ranks of each two of K sequences (Spearman, 1904); NaN where one is constant."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.corrcoef([ranks(values) for values in several])
