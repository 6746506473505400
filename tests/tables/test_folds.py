"""Folds: every row in one, of equal sizes, with the same shares of each class, and no group in two."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.errors import SettingsError
from glassnet.tables import fold_groups, fold_rows
from glassnet.tables.seeds import Stream


@pytest.mark.parametrize(("n", "folds"), [(2, 2), (103, 5), (1000, 7)])
def test_sizes_differ_by_one_row_at_most(n: int, folds: int) -> None:
    sizes = np.bincount(fold_rows(n, folds, Stream(1, 0)), minlength=folds)
    assert sizes.sum() == n
    assert np.ptp(sizes) <= 1


def test_each_class_is_divided_equally() -> None:
    classes = np.repeat(["a", "b", "c"], [50, 7, 2])
    found = fold_rows(59, 5, Stream(1, 0), classes)
    for label in "abc":
        assert np.ptp(np.bincount(found[classes == label], minlength=5)) <= 1


def test_folds_are_random_and_repeatable() -> None:
    drawn = [tuple(fold_rows(40, 4, Stream(seed, 0))) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("with_classes", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_in_one_fold_and_folds_have_similar_shares(seed: int, with_classes: bool) -> None:
    rng = np.random.default_rng(seed)
    groups = np.unique(rng.integers(0, 60, 900) ** 2 // 60, return_inverse=True)[1]  # of very different sizes
    classes = (groups % 3 == 0).astype(int) if with_classes else None
    found = fold_groups(groups, 4, Stream(seed, 0), classes)
    assert all(len(set(found[groups == group])) == 1 for group in range(groups.max() + 1))
    largest = np.bincount(groups).max()
    for label in (0, 1) if classes is not None else (None,):
        own = found if classes is None else found[classes == label]
        assert np.ptp(np.bincount(own, minlength=4)) <= largest


def test_no_fold_is_empty() -> None:
    groups = np.repeat(np.arange(5), [1000, 1, 1, 1, 1])
    assert len(set(fold_groups(groups, 5, Stream(0, 0), np.arange(1004) % 2))) == 5


def test_too_few_rows_or_groups_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"4 rows are too few for 5 folds.*set validation=0\.5"):
        fold_rows(4, 5, Stream(0, 0))
    with pytest.raises(SettingsError, match=r"2 groups are too few for 3 folds"):
        fold_groups(np.array([0, 0, 0, 1, 1]), 3, Stream(0, 0))
