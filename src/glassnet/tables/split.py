"""Which rows are learnt from, which decide when to stop, and which nobody looks at until the end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import Faults, SettingsError, called
from glassnet.tables.seeds import Randomness, generator

Rows = NDArray[np.int64]


class Split(NamedTuple):
    """Row numbers, ascending; the three are disjoint and together hold every row."""

    train: Rows
    validation: Rows
    holdout: Rows


def split_rows(
    n: int,
    *,
    holdout: float = 0.0,
    validation: float = 0.0,
    rng: Randomness,
    classes: NDArray[Any] | None = None,
) -> Split:
    """Part ``n`` rows at random.

    ``holdout`` and ``validation`` are shares of all rows, in [0, 1), together below 1. A share above 0
    takes at least one row and at least one row is left to train on. With ``classes`` (N,) each class
    is parted in the same proportions; a class with too few rows for a part, one row above all, stays
    in training.

    Raises :class:`SettingsError` when the shares, or so few rows, make that impossible.
    """
    _refuse(n, holdout, validation)
    if holdout == validation == 0:
        return Split(np.arange(n), np.arange(0), np.arange(0))
    rng = generator(rng)
    wanted = {"holdout": _rows_for(holdout, n), "validation": _rows_for(validation, n)}
    if classes is None:
        order = rng.permutation(n)
        cut = wanted["holdout"], wanted["holdout"] + wanted["validation"]
        parts = order[: cut[0]], order[cut[0] : cut[1]], order[cut[1] :]
        return Split(*(np.sort(part) for part in reversed(parts)))
    return _stratified(n, wanted["holdout"], wanted["validation"], rng, classes)


def _stratified(
    n: int, holdout: int, validation: int, rng: np.random.Generator, classes: NDArray[Any]
) -> Split:
    _, codes = np.unique(classes, return_inverse=True)
    sizes = np.bincount(codes)
    spare = np.maximum(sizes - 1, 0)
    take_holdout = _shares(holdout, sizes, spare)
    take_validation = _shares(validation, sizes, spare - take_holdout)
    order = rng.permutation(n)
    order = order[np.argsort(codes[order], kind="stable")]
    place = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    of_class = codes[order]
    in_holdout = place < take_holdout[of_class]
    in_validation = ~in_holdout & (place < (take_holdout + take_validation)[of_class])
    train = ~in_holdout & ~in_validation
    return Split(*(np.sort(order[part]) for part in (train, in_validation, in_holdout)))


def _shares(rows: int, sizes: NDArray[np.int64], spare: NDArray[np.int64]) -> NDArray[np.int64]:
    """``rows`` dealt out over the classes by size (largest remainders), no class giving more than it can spare."""
    exact = rows * sizes / sizes.sum()
    taken = np.minimum(np.floor(exact).astype(np.int64), spare)
    while (left := rows - int(taken.sum())) > 0 and (taken < spare).any():
        wish = np.where(taken < spare, exact - taken, -np.inf)
        most = np.argsort(-wish, kind="stable")[: min(left, int((taken < spare).sum()))]
        taken[most] += 1
    return taken


def _rows_for(share: float, n: int) -> int:
    return max(1, round(share * n)) if share > 0 else 0


def _refuse(n: int, holdout: float, validation: float) -> None:
    faults = Faults(SettingsError)
    for name, share in (("holdout", holdout), ("validation", validation)):
        if not 0 <= share < 1:
            faults.add(
                f"{called(name)} is {share!r}, but must be a share of the rows: at least 0 and below 1."
            )
    faults.raise_if_any()
    if holdout + validation >= 1:
        faults.add(
            f"{called('holdout', holdout)} and {called('validation', validation)} leave no rows to train on; "
            "lower one of them."
        )
    elif _rows_for(holdout, n) + _rows_for(validation, n) >= n:
        faults.add(
            f"{n} row(s) are too few for {called('holdout', holdout)} and {called('validation', validation)} "
            "with rows left to train on; set one of them to 0."
        )
    faults.raise_if_any()
