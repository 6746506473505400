"""Folds: parts of the rows, each of which is for the validation of another network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import SettingsError, called, plural
from glassnet.tables.seeds import Randomness, generator

Numbers = NDArray[np.int64]


def fold_rows(n: int, folds: int, rng: Randomness, classes: NDArray[Any] | None = None) -> Numbers:
    """The fold of each row, (N,), from 0: at random. The sizes of two folds differ by one row at most.

    Args:
        n: the number of rows.
        folds: the number of folds.
        rng: draws the folds.
        classes: (N,), the class of each row: the folds have equally many rows of each class, or one more.

    Raises:
        SettingsError: fewer rows than folds.
    """
    _refuse_few(n, "row", folds)
    order = generator(rng).permutation(n)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
    found = np.empty(n, np.int64)
    found[order] = np.arange(n) % folds
    return found


def fold_groups(groups: Numbers, folds: int, rng: Randomness, classes: NDArray[Any] | None = None) -> Numbers:
    """The fold of each row, (N,), from 0, so that all rows of a group are in the same fold.

    The groups, the largest first and those of the same size at random, are dealt out one by one: each to the fold that
    has the smallest shares of the rows of its classes.

    Args:
        groups: (N,), the number of each row's group, from 0.
        folds, rng, classes: as for :func:`fold_rows`.

    Raises:
        SettingsError: fewer groups than folds.
    """
    sizes = np.bincount(groups)
    _refuse_few(len(sizes), "group", folds)
    line = generator(rng).permutation(len(sizes))
    line = line[np.argsort(-sizes[line], kind="stable")]
    codes = np.zeros(len(groups), np.int64)
    if classes is not None:
        _, codes = np.unique(classes, return_inverse=True)
    count = int(codes.max()) + 1
    pairs, rows = np.unique(groups * count + codes, return_counts=True)
    of_pair, total = pairs % count, np.bincount(codes)
    starts = np.searchsorted(pairs // count, np.arange(len(sizes) + 1))
    taken = np.zeros((folds, count))
    found = np.empty(len(sizes), np.int64)
    for group in line.tolist():
        part = slice(starts[group], starts[group + 1])
        own, shares = of_pair[part], rows[part] / total[of_pair[part]]
        fold = int(np.lexsort((taken.sum(axis=1), taken[:, own] @ shares))[0])
        taken[fold, own] += shares
        found[group] = fold
    return found[groups]


def _refuse_few(count: int, what: str, folds: int) -> None:
    if count < folds:
        raise SettingsError(
            f"{plural(count, f'{what} is', f'{what}s are')} too few for {folds} folds, which {called('members')} and "
            f"{called('validation')} ask for; set {called('validation', 0.5)} for two folds, or {called('members', 1)}."
        )
