"""Numbers have piecewise-linear bins, whose edges are quantiles that frequent values do not use up."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import TableError
from glassnet.tables import Encoder, NumberOptions, infer_schema, read_table
from glassnet.tables.encode.bins import bin_edges, bin_names, write_bins

VALUES = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=60)


@given(VALUES, st.integers(1, 12))
def test_there_are_as_many_bins_as_asked_for_or_as_the_values_allow(values: list[float], bins: int) -> None:
    edges = bin_edges(np.array(values), bins)
    distinct = sorted({*values})
    if len(distinct) <= 2:
        assert edges == ()
        return
    assert len(edges) - 1 == min(bins, len(distinct) - 1)
    assert {*edges} <= {*distinct}
    assert list(edges) == sorted({*edges})
    assert (edges[0], edges[-1]) == (distinct[0], distinct[-1])


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 5)), min_size=1, max_size=40),
    st.integers(1, 8),
    st.floats(1e-200, 1e200),
)
def test_a_weight_counts_rows_in_any_unit(pairs: list[tuple[int, int]], bins: int, unit: float) -> None:
    values, counts = (np.array(own) for own in zip(*pairs, strict=True))
    repeated = np.repeat(values, counts).astype(float)
    assert bin_edges(values.astype(float), bins, counts * unit) == bin_edges(repeated, bins)


def test_bins_have_equally_many_rows_where_no_value_is_frequent() -> None:
    values = np.random.default_rng(0).lognormal(size=10_000)
    counts, _ = np.histogram(values, bin_edges(values, 20))
    assert counts[1:-1].min() >= 470
    assert counts.max() <= 720  # one and a half shares at both ends


def test_a_value_that_most_rows_have_uses_one_edge() -> None:
    others = np.arange(1.0, 801)
    values = np.concatenate([np.zeros(9_200), others])
    edges = np.array(bin_edges(values, 24))
    assert len(edges) == 25
    assert (edges == 0).sum() == 1
    np.testing.assert_allclose(np.diff(edges[1:-1]), 800 / 24, atol=1)
    amid = np.array(bin_edges(np.concatenate([values, -others]), 24))
    assert (amid == 0).sum() == 1
    assert (amid < 0).sum() == (amid > 0).sum() == 12


def test_a_bin_is_the_formula_of_its_edges() -> None:
    edges, out = (-1.0, 0.5, 2.0, 10.0), np.zeros((5, 3))
    values = np.array([-7.0, -0.25, 0.5, 6.0, 1e300])
    write_bins(values, edges, out)
    for row, x in zip(out, values, strict=True):
        expected = [min(max((x - low) / (high - low), 0), 1) for low, high in pairwise(edges)]
        assert row.tolist() == expected


def test_numbers_at_the_ends_of_what_a_float_holds_have_finite_inputs() -> None:
    for values in ([-1.7e308, 0.0, 1.7e308], [0.0, 5e-324, 1e308], [1.0, 1.0 + 2**-52, 3.0]):
        table = read_table({"x": values * 20, "y": np.arange(60) % 7})
        encoder = Encoder.fit(table, infer_schema(table, "y"), numbers=NumberOptions(bins=4))
        assert np.isfinite(encoder.encode(table)[0]).all()
        assert len({*encoder.input_names}) == len(encoder.input_names)


def test_names_have_as_many_digits_as_tell_the_edges_apart() -> None:
    assert bin_names("age", (20.0, 31.0, 45.5)) == ("age 20 to 31", "age 31 to 45.5")
    assert bin_names("x", (1.0, 1.00000001, 2.0)) == ("x 1 to 1.00000001", "x 1.00000001 to 2")


def test_a_missing_value_counts_as_the_fill_in_the_bins_too() -> None:
    values = [None if at % 5 == 0 else float(at) for at in range(100)]
    table = read_table({"x": values, "y": np.arange(100) % 7})
    encoder = Encoder.fit(table, infer_schema(table, "y"), numbers=NumberOptions("robust", 6))
    filled = read_table({"x": [None, encoder["x"].to_dict()["fill"]]})
    missing, known = encoder.encode(filled)[0]
    assert missing[:-1].tolist() == known[:-1].tolist()
    assert (missing[-1], known[-1]) == (1, 0)


@pytest.mark.parametrize("form", ["array", "columns"])
def test_no_more_memory_is_used_than_for_the_inputs_and_a_copy_of_a_column(form: str) -> None:
    array = np.random.default_rng(0).normal(size=(60_000, 2))
    table = read_table(array) if form == "columns" else read_table({"x1": array[:, 0], "x2": array[:, 1]})
    encoder = Encoder.fit(table, infer_schema(table, "x2", numeric=True), numbers=NumberOptions(bins=48))
    tracemalloc.start()
    inputs = encoder.encode(table)[0]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert inputs.shape == (60_000, 49)
    assert most < inputs.nbytes + 5 * array[:, 0].nbytes


def test_inputs_that_the_memory_cannot_hold_are_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glassnet.memory.memory", lambda: 2**20)
    monkeypatch.setattr("glassnet.memory.ENOUGH", 2**16)
    table = read_table({"x": np.arange(2000.0), "y": np.arange(2000) % 7})
    encoder = Encoder.fit(table, infer_schema(table, "y"), numbers=NumberOptions(bins=500))
    with pytest.raises(TableError, match=r"the 501 inputs of 2,000 rows need 3.822 MiB .* use fewer bins"):
        encoder.encode(table)
