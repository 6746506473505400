"""The statistics of encoders count a row with the weight 2 as two rows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.tables import Encoder, NumberOptions, infer_schema, read_table
from glassnet.tables.encode.scaling import mean_and_scale
from glassnet.tables.table import Table
from glassnet.targets import TargetEncoding
from glassnet.training.prepare import prepare
from glassnet.training.settings import Settings

ROWS = 40


def table(seed: int = 0) -> Table:
    """Numbers, dates, booleans and many levels, with missing values; a target."""
    rng = np.random.default_rng(seed)
    missing = rng.random(ROWS) < 0.1
    size = np.where(missing, np.nan, rng.normal(5, 3, ROWS))
    days = [datetime(2024, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 900, ROWS)]
    return read_table(
        {
            "size": size,
            "whole": rng.integers(0, 9, ROWS),
            "day": [None if gap else day for gap, day in zip(missing, days, strict=True)],
            "open": [None if gap else bool(own) for gap, own in zip(missing, rng.random(ROWS) < 0.3, strict=True)],
            "color": [f"level {own}" for own in rng.integers(0, 4, ROWS)],
            "y": rng.normal(size=ROWS),
        }
    )  # fmt: skip


def plain(value: Any) -> Any:
    """Nested data with its numbers rounded to what two orders of summation share."""
    if isinstance(value, dict):
        return {key: plain(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(own) for own in value)
    return pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value


@settings(max_examples=30, deadline=None)
@given(weights=st.lists(st.integers(1, 5), min_size=ROWS, max_size=ROWS), seed=st.integers(0, 3))
def test_whole_weights_give_the_encoder_of_repeated_rows(weights: list[int], seed: int) -> None:
    own = table(seed)
    schema = infer_schema(own, "y")
    counts = np.array(weights)
    repeated = own.take(np.repeat(np.arange(ROWS), counts))
    for numbers in (NumberOptions(), NumberOptions("robust"), NumberOptions(bins=5)):
        weighted = Encoder.fit(own, schema, numbers=numbers, weights=counts.astype(float)).to_dict()
        assert weighted == plain(Encoder.fit(repeated, schema, numbers=numbers).to_dict())
    raw = TargetEncoding.fit(own, schema, standardize=False, dtype="float64")
    targets = np.array(own.column("y").to_list())[:, None]
    by_weight = asdict(raw.standardized(targets, counts.astype(float)))
    assert by_weight == plain(asdict(raw.standardized(np.repeat(targets, counts, axis=0))))


@given(
    values=st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20),
    weight=st.floats(1e-200, 1e200),
)
def test_equal_weights_change_no_bit(values: list[float], weight: float) -> None:
    own = np.array(values)
    assert mean_and_scale(own, np.full(len(own), weight)) == mean_and_scale(own)


def test_the_most_frequent_levels_are_those_with_the_largest_weight() -> None:
    levels = [f"level {at:03}" for at in range(80)] * 2
    weights = np.array([10.0 if level >= "level 016" else 1.0 for level in levels])
    own = read_table({"a": levels, "y": [*range(160)]})
    schema = infer_schema(own, "y", column_types={"a": "category"})
    assert Encoder.fit(own, schema, weights=weights)["a"].levels[0] == "level 016"  # type: ignore[attr-defined]
    assert Encoder.fit(own, schema)["a"].levels[0] == "level 000"  # type: ignore[attr-defined]


def test_training_with_weights_is_prepared_as_with_repeated_rows() -> None:
    counts = 1 + np.arange(ROWS) % 3
    data = table().to_arrow().to_pandas()
    kept = Settings.of(validation=0, class_weight=None)
    weighted = prepare(data, "y", kept.with_checked(sample_weight=counts), np.random.default_rng(0))
    repeated = prepare(data.loc[data.index.repeat(counts)], "y", kept, np.random.default_rng(0))
    assert weighted.encoder.to_dict() == plain(repeated.encoder.to_dict())
    assert asdict(weighted.target) == plain(asdict(repeated.target))
    assert list(weighted.baseline) == plain(list(repeated.baseline))


def test_balanced_classes_have_equal_total_weights() -> None:
    weights = np.where(np.arange(ROWS) < 10, 3.0, 1.0)
    data = {"a": [*range(ROWS)], "y": ["u" if at % 4 else "v" for at in range(ROWS)]}
    own = Settings.of(validation=0, class_weight="balanced", sample_weight=weights)
    rows = prepare(data, "y", own, np.random.default_rng(0)).train
    assert rows.weights is not None
    first = rows.targets[:, 0] > 0
    assert rows.weights[first].sum() == pytest.approx(rows.weights[~first].sum())
    assert rows.weights.sum() == pytest.approx(weights.sum())
