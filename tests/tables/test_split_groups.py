"""split_groups and split_times."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glassnet.errors import SettingsError
from glassnet.tables.seeds import Stream
from glassnet.tables.split import Split, split_groups, split_times

SHARES = st.sampled_from([(0.2, 0.2), (0.2, 0.0), (0.0, 0.2), (0.01, 0.3), (0.5, 0.1), (0.0, 0.0)])


def parts_of(parts: Split) -> list[int]:
    return [number for number, part in enumerate(parts) if len(part)]


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 30), min_size=3, max_size=40),
    classes=st.integers(0, 5),
    shares=SHARES,
    seed=st.integers(0, 1000),
)
def test_a_group_is_in_one_part_and_every_part_has_one(
    sizes: list[int], classes: int, shares: tuple[float, float], seed: int
) -> None:
    assume(sum(max(1, round(sum(sizes) * share)) for share in shares) < sum(sizes))  # as split_rows needs
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    labels = rng.integers(0, classes, len(groups)) if classes else None
    holdout, validation = shares

    def parts() -> Split:
        return split_groups(
            groups, holdout=holdout, validation=validation, rng=Stream(seed, 0), classes=labels
        )

    found = parts()
    assert sorted(np.concatenate(found)) == list(range(len(groups)))
    assert all((np.diff(part) > 0).all() for part in found)
    own = [set(groups[part].tolist()) for part in found]
    assert sum(map(len, own)) == len(sizes)
    assert [bool(part) for part in own] == [True, validation > 0, holdout > 0]
    assert all((a == b).all() for a, b in zip(found, parts(), strict=True))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("size", [1, 7])
def test_shares_of_rows_and_classes_are_as_asked_for(seed: int, size: int) -> None:
    groups = np.repeat(np.arange(200), size)
    labels = np.repeat(np.arange(200) % 10 == 0, size)  # each group has one class; a tenth is of the second
    parts = split_groups(groups, holdout=0.2, validation=0.1, rng=np.random.default_rng(seed), classes=labels)
    assert [len(part) / len(groups) for part in parts] == pytest.approx([0.7, 0.1, 0.2], abs=0.02)
    for part, share in zip(parts, (0.7, 0.1, 0.2), strict=True):
        assert labels[part].sum() / labels.sum() == pytest.approx(share, abs=0.06)


def test_other_seeds_give_other_parts() -> None:
    groups = np.arange(100) // 5
    found = {tuple(split_groups(groups, holdout=0.2, rng=Stream(seed, 0)).holdout) for seed in range(20)}
    assert len(found) > 15


@pytest.mark.parametrize("seed", range(20))
def test_a_large_group_stays_in_training_and_so_does_a_group_of_each_class(seed: int) -> None:
    groups = np.concatenate([np.zeros(50, int), 1 + np.arange(50) // 5])
    labels = np.where(groups >= 9, 2, groups % 2)
    parts = split_groups(groups, holdout=0.2, validation=0.2, rng=Stream(seed, 0), classes=labels)
    assert 0 in groups[parts.train]
    assert set(labels[parts.train]) == {0, 1, 2}


def test_fewer_groups_than_parts_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"2 groups are too few"):
        split_groups(np.array([0, 0, 0, 1, 1]), holdout=0.2, validation=0.2, rng=Stream(0, 0))
    assert parts_of(split_groups(np.array([0, 0, 0, 1, 1]), validation=0.2, rng=Stream(0, 0))) == [0, 1]


@settings(max_examples=200, deadline=None)
@given(
    times=st.lists(st.integers(-9, 9), min_size=5, max_size=60).filter(lambda own: len(set(own)) > 2),
    shares=SHARES,
)
def test_later_rows_are_in_later_parts_and_equal_times_stay_together(
    times: list[int], shares: tuple[float, float]
) -> None:
    assume(sum(max(1, round(len(times) * share)) for share in shares) < len(times))
    own = np.array(times, np.float64)
    holdout, validation = shares
    parts = split_times(own, holdout=holdout, validation=validation)
    assert sorted(np.concatenate(parts)) == list(range(len(own)))
    assert [len(part) > 0 for part in parts] == [True, validation > 0, holdout > 0]
    present = [own[part] for part in parts if len(part)]
    assert all(a.max() < b.min() for a, b in pairwise(present))


def test_without_ties_the_shares_are_exact() -> None:
    times = np.random.default_rng(0).permutation(100).astype(float)
    parts = split_times(times, holdout=0.2, validation=0.3)
    assert [len(part) for part in parts] == [50, 30, 20]
    assert set(times[parts.holdout]) == set(range(80, 100))


def test_fewer_times_than_parts_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"2 different times are too few"):
        split_times(np.array([1.0, 1, 1, 2, 2]), holdout=0.2, validation=0.2)
