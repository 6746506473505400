"""Which rows are trained on, which decide when to stop, and which are for the final evaluation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import Faults, SettingsError, called, plural
from glassnet.tables.seeds import Randomness, generator

Rows = NDArray[np.int64]


class Split(NamedTuple):
    """The numbers of the rows in each part, from 0, ascending. Every row is in one part."""

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
    """Divide rows at random.

    A share above 0 takes at least one row, and at least one row is left for training.

    Args:
        n: the number of rows.
        holdout: the share of all rows, in [0, 1), that is held out.
        validation: the share of all rows that is for validation; together with ``holdout`` below 1.
        rng: draws the rows.
        classes: (N,), the class of each row: each class is divided in the same proportions. The rows of a class
            with too few of them for each part stay in training.

    Raises:
        SettingsError: the shares are not possible, or not with so few rows.
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


def split_groups(
    groups: NDArray[np.int64],
    *,
    holdout: float = 0.0,
    validation: float = 0.0,
    rng: Randomness,
    classes: NDArray[Any] | None = None,
) -> Split:
    """Divide rows at random so that all rows of a group are in the same part.

    Groups in random order, those of a class after one another, are laid out on a line, and every k-th of them is taken
    (systematic sampling). So the parts have about the shares of rows that were asked for, of each class too as far as
    groups allow it. A group with more than twice the rows of a part stays in training, and so does one group of each
    class.

    Args:
        groups: (N,), the number of each row's group, from 0.
        holdout, validation: as for :func:`split_rows`.
        rng: draws the order of the groups.
        classes: (N,), the class of each row.

    Raises:
        SettingsError: as :func:`split_rows`; or fewer groups than parts.
    """
    n, sizes = len(groups), np.bincount(groups)
    _refuse(n, holdout, validation)
    shares = {part: share for part, share in ((1, validation), (2, holdout)) if share > 0}
    if not shares:
        return Split(np.arange(n), np.arange(0), np.arange(0))
    _refuse_few(len(sizes), "group", holdout, validation)
    rng = generator(rng)
    line = rng.permutation(len(sizes))
    if classes is not None:
        _, classes = np.unique(classes, return_inverse=True)
        rows = rng.permutation(n)  # a group stands with the class of one of its rows
        _, first = np.unique(groups[rows], return_index=True)
        line = line[np.argsort(classes[rows[first]][line], kind="stable")]
    middle = (np.cumsum(sizes[line]) - sizes[line] / 2) / n
    cycles = max(1, int(len(sizes) * min(shares.values())))
    place = (middle * cycles + rng.random()) % 1
    part = np.zeros(len(sizes), np.int64)
    low = 0.0
    for number, share in shares.items():
        fits = sizes[line] <= 2 * share * n
        part[line[(place >= low) & (place < low + share) & fits]] = number
        low += share
    if classes is not None:
        _, first = np.unique(classes, return_index=True)
        known = np.bincount(classes[part[groups] == 0], minlength=len(first)) > 0
        part[groups[first[~known]]] = 0
    for number in (0, *shares):
        if not (part == number).any():
            part[_spare_group(part, sizes, groups, classes)] = number
    of_row = part[groups]
    return Split(*(np.flatnonzero(of_row == number) for number in range(3)))


def _spare_group(
    part: Rows, sizes: NDArray[np.int64], groups: NDArray[np.int64], classes: NDArray[Any] | None
) -> int:
    """The smallest group of the part with the most groups, if possible not the only one of a class there."""
    own = part == np.bincount(part).argmax()
    free = own
    if classes is not None:
        rows = own[groups]
        of_class, group = np.unique(np.stack([classes[rows], groups[rows]]), axis=1)
        others = own.copy()
        others[group[np.bincount(of_class)[of_class] == 1]] = False
        free = others if others.any() else own
    return int(np.where(free, sizes, sizes.max() + 1).argmin())


def split_times(times: NDArray[np.float64], *, holdout: float = 0.0, validation: float = 0.0) -> Split:
    """Divide rows by time: the latest are held out, those before them are for validation, the earliest for training.

    Rows of the same time are in the same part, so that the parts have nearly the shares that were asked for.

    Args:
        times: (N,), finite.
        holdout, validation: as for :func:`split_rows`.

    Raises:
        SettingsError: as :func:`split_rows`; or fewer different times than parts.
    """
    n = len(times)
    _refuse(n, holdout, validation)
    different, codes = np.unique(times, return_inverse=True)
    _refuse_few(len(different), "different time", holdout, validation)
    later = n - np.cumsum(np.bincount(codes)) if n else np.zeros(0, np.int64)  # rows after each time
    end, taken, parts = len(different), 0, []
    for share, parts_before in ((holdout, 1 + (validation > 0)), (validation, 1)):
        start = end
        if share > 0:
            wanted = taken + _rows_for(share, n)
            # the part begins after the time `start - 1`; enough times are left for the parts before it
            rows = later[parts_before - 1 : end - 1]
            start = parts_before + int(np.abs(rows - wanted).argmin())
            taken = int(later[start - 1])
        parts.append(np.flatnonzero((codes >= start) & (codes < end)))
        end = start
    return Split(np.flatnonzero(codes < end), parts[1], parts[0])


def _refuse_few(count: int, what: str, holdout: float, validation: float) -> None:
    wanted = 1 + (holdout > 0) + (validation > 0)
    if count < wanted:
        raise SettingsError(
            f"{plural(count, f'{what} is', f'{what}s are')} too few for {called('holdout', holdout)} "
            f"and {called('validation', validation)}: each part needs at least one, so {wanted} "
            "are needed; set one of them to 0."
        )


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
            f"{plural(n, 'row is', 'rows are')} too few for {called('holdout', holdout)} and "
            f"{called('validation', validation)} with rows left to train on; set one of them to 0."
        )
    faults.raise_if_any()
