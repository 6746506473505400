"""Numbers are scaled robustly: by quantiles, and smoothly clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.tables import Encoder, NumberEncoder, NumberOptions, infer_schema, read_table
from glassnet.tables.encode.scaling import (
    CLIPPED,
    NORMAL_RANGE,
    encode_numbers,
    median_and_scale,
    quantiles,
    smoothly_clipped,
    smoothly_clipped_inverse,
)

LEVELS = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]


def robust(values: Any, **more: Any) -> tuple[NumberEncoder, np.ndarray]:
    """The robust encoder of a column of training rows, and the inputs of these rows."""
    table = read_table({"x": values, "y": np.arange(len(values)) % 7 / 3})
    encoder = Encoder.fit(table, infer_schema(table, "y"), numbers=NumberOptions("robust"), **more)
    own = encoder["x"]
    assert isinstance(own, NumberEncoder)
    return own, encoder.encode(table)[0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_quantiles_are_those_of_numpy(values: list[float]) -> None:
    own = np.array(values)
    expected = np.quantile(own, LEVELS, method="averaged_inverted_cdf")
    np.testing.assert_allclose(quantiles(own, LEVELS), expected, rtol=1e-12)


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 5)), min_size=1, max_size=20),
    st.floats(1e-200, 1e200),
)
def test_a_weight_counts_rows_in_any_unit(pairs: list[tuple[int, int]], unit: float) -> None:
    values, counts = (np.array(own) for own in zip(*pairs, strict=True))
    expected = quantiles(np.repeat(values, counts).astype(float), LEVELS)
    assert quantiles(values.astype(float), LEVELS, counts * unit) == expected


def test_the_scale_is_the_interquartile_range_over_that_of_normal_numbers() -> None:
    encoder, inputs = robust(np.arange(101.0))
    assert (encoder.center, encoder.scale, encoder.fill) == (50, 50 / NORMAL_RANGE, 50)
    z = (np.arange(101) - 50) / 50 * NORMAL_RANGE
    np.testing.assert_allclose(inputs[:, 0], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)


def test_the_scale_of_normal_numbers_is_their_standard_deviation() -> None:
    values = np.random.default_rng(0).normal(7, 3, 100_000)
    assert robust(values)[0].scale == pytest.approx(3, rel=0.02)


def test_the_scale_is_half_the_range_where_most_values_are_the_same() -> None:
    encoder, _ = robust([0.0] * 90 + [*map(float, range(1, 11))])
    assert (encoder.center, encoder.scale) == (0, 5)


def test_nothing_is_learnt_of_a_constant_nor_read_into_other_values() -> None:
    center, scale = median_and_scale(np.full(5, 7.0))
    assert center == 7
    assert abs(encode_numbers(np.array([-1e9, 1e9]), center, center, scale, True)).max() < 1e-20


def test_no_input_is_beyond_the_clip_nor_infinite() -> None:
    _, inputs = robust([*np.arange(200.0), 1e300, -1e308])
    assert np.isfinite(inputs).all()
    assert np.abs(inputs).max() == CLIPPED  # as float32 has it
    halves = np.array([-1.7e308, 1.7e308] * 50)
    assert np.isfinite(robust(halves)[1]).all()
    assert np.isfinite(robust(np.array([0.0, 5e-324] * 50))[1]).all()


def test_a_missing_value_counts_as_the_median() -> None:
    _, inputs = robust([None, *range(99)])
    assert inputs[0].tolist() == [0, 1]


@given(st.floats(-3000, 3000))
def test_the_clip_has_an_inverse(value: float) -> None:
    clipped = smoothly_clipped(np.array([value]))
    assert smoothly_clipped_inverse(clipped)[0] == pytest.approx(value, rel=1e-6)
    assert abs(clipped[0]) <= min(abs(value), CLIPPED)


def test_a_grid_ends_within_the_training_rows_whatever_is_clipped() -> None:
    values = np.arange(500.0)
    values[0] = 1e9
    encoder, inputs = robust(values)
    table = read_table({"x": values, "y": values})
    described = infer_schema(table, "y")["x"]
    ends = encoder.even(np.array([inputs.min(), inputs.max()]), described)
    grid = encoder.grid(described, 5, (float(ends[0]), float(ends[1])))
    assert grid.values.min() == pytest.approx(1, abs=1e-3)
    assert 1e6 < grid.values.max() <= 1e9 * (1 + 1e-12)
