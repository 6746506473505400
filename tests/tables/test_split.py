"""split_rows and fingerprint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glassnet.errors import SettingsError
from glassnet.tables import Note, fingerprint, penguins_path, read_table, split_rows


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(3, 300),
    holdout=st.sampled_from([0.0, 0.01, 0.2, 0.5]),
    validation=st.sampled_from([0.0, 0.01, 0.2, 0.4]),
    kinds=st.integers(0, 6),
    seed=st.integers(0, 99),
)
def test_the_parts_are_disjoint_sorted_and_hold_every_row(
    n: int, holdout: float, validation: float, kinds: int, seed: int
) -> None:
    assume(max(1, round(n * holdout)) + max(1, round(n * validation)) < n)
    classes = np.random.default_rng(seed).integers(0, kinds, n) if kinds else None
    parts = split_rows(
        n, holdout=holdout, validation=validation, rng=np.random.default_rng(seed), classes=classes
    )
    assert sorted(np.concatenate(parts)) == list(range(n))
    assert all((np.diff(part) > 0).all() for part in parts)
    assert len(parts.train)
    if classes is None:
        assert (len(parts.holdout) > 0) == (holdout > 0)
        assert abs(len(parts.holdout) - holdout * n) <= 1
    again = split_rows(
        n, holdout=holdout, validation=validation, rng=np.random.default_rng(seed), classes=classes
    )
    assert all(np.array_equal(one, other) for one, other in zip(parts, again, strict=True))


def test_classes_keep_their_shares_and_rare_ones_stay_in_training() -> None:
    classes = np.array(["a"] * 600 + ["b"] * 300 + ["c"] * 99 + ["rare"])
    parts = split_rows(1000, holdout=0.2, validation=0.1, rng=np.random.default_rng(0), classes=classes)
    assert [(classes[parts.holdout] == name).sum() for name in "abc"] == [120, 60, 20]
    assert [(classes[parts.validation] == name).sum() for name in "abc"] == [60, 30, 10]
    assert 999 in parts.train


@pytest.mark.parametrize(
    ("n", "holdout", "validation", "message"),
    [
        (10, 1.0, 0, "holdout is 1.0"),
        (10, -0.1, 0, "below 1"),
        (10, 0.5, 0.5, "no rows to train"),
        (2, 0.2, 0.2, "too few"),
    ],
)
def test_impossible_shares(n: int, holdout: float, validation: float, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        split_rows(n, holdout=holdout, validation=validation, rng=np.random.default_rng(0))


def test_a_fingerprint_is_of_the_contents_only() -> None:
    table = read_table(penguins_path())
    arrow, mark = table.to_arrow(), fingerprint(table)
    assert len(mark) == 32
    halves = pa.concat_tables([arrow.slice(0, 100), arrow.slice(100)])
    assert fingerprint(read_table(halves)) == mark
    assert fingerprint(replace(table, notes=(Note("any", "any"),))) == mark
    assert fingerprint(table.take(range(1, 344))) != mark
    assert fingerprint(read_table(arrow.rename_columns([*table.column_names[:-1], "yeer"]))) != mark
    assert fingerprint(table.take([1, 0, *range(2, 344)])) != mark
    assert fingerprint(read_table({"a": ["xy", "z"]})) != fingerprint(read_table({"a": ["x", "yz"]}))
    assert fingerprint(read_table({"a": [1.5, None]})) != fingerprint(read_table({"a": [1.5, 0.0]}))
