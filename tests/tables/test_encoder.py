"""Encoder and TargetEncoding: what goes in comes out, statistics are the training rows', nothing is infinite."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effort import python_calls
from glassnet.errors import TableError
from glassnet.tables import Encoder, NumberOptions, ReadTable, infer_schema, penguins_path, read_table
from glassnet.tables.read.read_table import as_table
from glassnet.targets import TargetEncoding
from written_down import through_json

MIXED: dict[str, Any] = {
    "age": [20.0, None, 40.0, 60.0] * 25,
    "color": ["red", "blue", None, "red"] * 25,
    "member": ["yes", "no", "yes", "yes"] * 25,
    "seen": ["2024-01-31 10:00", "2024-06-01 11:00", "2023-03-05 12:30", "2022-12-24 00:00"] * 25,
    "y": [1.0, 2.0, 3.0, 4.5] * 25,
}


def fitted(
    columns: dict[str, Any] | ReadTable = MIXED, target: str = "y", **options: Any
) -> tuple[ReadTable, Encoder]:
    table = read_table(columns)
    return table, Encoder.fit(table, infer_schema(table, target, **options))


def test_names_and_values() -> None:
    table, encoder = fitted()
    assert encoder.input_names[:6] == (
        "age",
        "age missing",
        "color=blue",
        "color=red",
        "color missing",
        "member",
    )
    inputs = encoder.encode(table)[0]
    assert inputs.dtype == np.float32
    assert inputs.flags.c_contiguous
    assert inputs.shape == (100, len(encoder.input_names))
    scale = float(np.std([20, 40, 60]))
    np.testing.assert_allclose(inputs[:4, 0], [-20 / scale, 0.0, 0.0, 20 / scale], rtol=1e-6)
    np.testing.assert_array_equal(
        inputs[:4, 1:6], [[0, 0, 1, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 0, 1]]
    )


def test_dates_know_time_and_cycles() -> None:
    table, encoder = fitted()
    at = encoder.input_names.index("seen hour sin")
    hours = np.array([10, 11, 12.5, 0]) * 2 * np.pi / 24
    np.testing.assert_allclose(encoder.encode(table, np.float64)[0][:4, at], np.sin(hours), atol=1e-6)
    elapsed = encoder.encode(table, np.float64)[0][:, encoder.input_names.index("seen")]
    np.testing.assert_allclose([elapsed.mean(), elapsed.std()], [0, 1], atol=1e-9)


def test_json_keeps_every_bit() -> None:
    for columns in (MIXED, read_table(penguins_path())):
        table, encoder = fitted(columns, "y" if columns is MIXED else "species")
        again = through_json(encoder)
        assert again == encoder
        np.testing.assert_array_equal(
            again.encode(table, np.float64)[0], encoder.encode(table, np.float64)[0]
        )


def test_statistics_are_those_of_the_rows_given() -> None:
    table = read_table(MIXED)
    schema = infer_schema(table, "y")
    encoder = Encoder.fit(table.take([0]), schema)
    assert encoder.encoders[0].to_dict()["center"] == 20.0
    assert encoder.encoders[0].to_dict()["scale"] == 1.0
    assert "age missing" not in encoder.input_names


def test_numbers_in_their_own_units() -> None:
    table = read_table(MIXED)
    encoder = Encoder.fit(table, infer_schema(table, "y"), numbers=NumberOptions("none"))
    np.testing.assert_array_equal(encoder.encode(table)[0][:4, 0], [20, 40, 40, 60])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20))
def test_whatever_the_numbers_the_inputs_are_finite(values: list[float]) -> None:
    table = read_table({"x": [*values, 1.25, None], "y": [float(i) for i in range(len(values) + 2)]})
    schema = infer_schema(table, "y", numeric=True)
    encoder = Encoder.fit(table, schema)
    assert np.isfinite(encoder.encode(table)[0]).all()
    assert np.isfinite(encoder.encode(read_table({"x": [1e308, -1e308]}))[0]).all()


def test_rare_levels_are_pooled() -> None:
    levels = [f"c{i}" for i in range(80) for _ in range(3 if i < 64 else 1)]
    table, encoder = fitted({"city": levels, "y": list(np.linspace(0, 1, len(levels)))})
    assert len(encoder.input_names) == 65
    assert encoder.input_names[-1] == "city other"
    unseen = encoder.encode(read_table({"city": ["nowhere"]}))[0]
    assert unseen[0, -1] == 1
    assert unseen.sum() == 1
    assert (encoder.encode(table)[0].sum(axis=1) == 1).all()


PENGUINS = read_table(penguins_path())
SCHEMA = infer_schema(PENGUINS, "species")
ENCODER = Encoder.fit(PENGUINS, SCHEMA)
HEADER = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year"


def rows_to_predict(*lines: str, header: str = HEADER) -> ReadTable:
    return read_table(io.BytesIO("\n".join([header, *lines]).encode()), like=SCHEMA)


def test_check_has_nothing_to_say_of_good_rows() -> None:
    assert ENCODER.encode(PENGUINS)[1] == []
    assert ENCODER.encode(rows_to_predict("Dream,39.1,18,181,3750,,2007"))[1] == []


def test_an_unseen_level_is_no_level_and_is_noted() -> None:
    table = rows_to_predict("Mars,39.1,18,181,3750,male,2007")
    assert "'Mars'" in ENCODER.encode(table)[1][0].text
    assert ENCODER.encode(table)[0][0, :3].sum() == 0


def test_gaps_that_training_did_not_have_and_extra_columns_are_noted() -> None:
    _, notes = ENCODER.encode(rows_to_predict("Dream,39,18,181,3750,male,,1", header=HEADER + ",more"))
    assert "'year' has 1 missing value" in notes[0].text
    assert "does not use 1 column of the table: 'more'" in notes[1].text


@pytest.mark.parametrize("good", [0, 1, 50])
def test_words_among_numbers_are_refused_with_their_rows(good: int) -> None:
    table = rows_to_predict(*["Dream,39.1,18,181,3750,male,2007"] * good, "Dream,abc,18,181,3750,male,2007")
    with pytest.raises(TableError, match=f"'bill_length_mm' must hold numbers, but has 'abc' in row {good}"):
        ENCODER.encode(table)


def test_words_that_training_took_as_gaps_are_no_fault() -> None:
    column = [*map(str, range(60)), "see note"]
    _, encoder = fitted({"x": column, "y": list(np.linspace(0, 1, 61))}, column_types={"x": "number"})
    assert encoder.encode(read_table({"x": ["1", "see note", "2", "3"]}))[1] == []


def test_missing_columns_and_infinities_are_refused_together() -> None:
    renamed = HEADER.replace("island", "islnd").replace("year", "yeer")
    with pytest.raises(TableError) as caught:
        ENCODER.encode(rows_to_predict("Dream,39,18,181,3750,male,2007", header=renamed))
    assert "'island' is missing. Did you mean 'islnd'" in str(caught.value)
    assert "'year' is missing. Did you mean 'yeer'" in str(caught.value)
    with pytest.raises(TableError, match="row 0: inf"):
        ENCODER.encode(rows_to_predict("Dream,inf,18,181,3750,male,2007"))


def test_a_date_that_never_varied_says_nothing_of_others() -> None:
    _, encoder = fitted({"seen": ["2024-01-31", None, None, "2024-01-31"] * 5, "y": np.arange(20.0)})
    later = read_table({"seen": ["2029-07-01", "2024-01-31", None]})
    np.testing.assert_allclose(encoder.encode(later)[0], [[0, 0], [0, 0], [0, 1]], atol=1e-20)


def test_strange_words_in_a_boolean_and_strange_dates_are_refused() -> None:
    _, encoder = fitted()
    with pytest.raises(TableError) as caught:
        encoder.encode(read_table({**MIXED, "member": ["perhaps"] * 100, "seen": ["2024-13-45"] * 100}))
    assert "'perhaps' in row 0" in str(caught.value)
    assert "'2024-13-45'" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        (
            "moment",
            ["soon", None, "soon"],
            "'moment' must hold dates written %Y-%m-%d, but has 'soon' in row 0, 2;",
        ),
        ("moment", [5, 6, 5], "but has '5' in row 0, 2; '6' in row 1"),
        ("size", np.array(["2024-01-01"] * 3, "datetime64[s]"), "'size' must hold numbers, but holds dates"),
        ("size", [[1], [2], [3]], "'size' holds list<item: int64> values, not numbers"),
        ("word", [["a"], ["b"], ["c"]], "'word' holds list<item: string> values, not numbers"),
    ],
)
def test_values_of_another_type_are_refused(column: str, values: Any, message: str) -> None:
    columns: dict[str, Any] = {
        "moment": np.array(["2024-01-01", "2024-02-05"] * 20, "datetime64[s]"),
        "size": [1.5, 2.5] * 20,
        "word": ["a", "b"] * 20,
        "y": [1.5, 3.0] * 20,
    }
    _, encoder = fitted(columns)
    with pytest.raises(TableError, match=re.escape(message)):
        encoder.encode(read_table({name: own[:3] for name, own in columns.items()} | {column: values}))


def test_a_boolean_may_be_of_long_words() -> None:
    words = [
        "as it has always been, and as it will be, for all we know",
        "not as it has always been by any means",
    ]
    table, encoder = fitted({"x": words * 20, "y": [1.5, 3.0] * 20}, column_types={"x": "boolean"})
    np.testing.assert_array_equal(encoder.encode(table)[0][:3, 0], [0, 1, 0])


def test_words_for_true_timestamps_are_reported_how_dates_are_written() -> None:
    table = read_table(
        {"at": np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]"), "y": np.arange(40)}
    )
    encoder = Encoder.fit(table, infer_schema(table, "y"))
    with pytest.raises(TableError, match="must hold dates written %Y-%m-%d, but has '01/02/2024' in row 0"):
        encoder.encode(read_table({"at": ["01/02/2024"]}))


def test_no_python_code_runs_for_each_of_a_hundred_thousand_rows() -> None:
    table = read_table({name: values * 1000 for name, values in MIXED.items()})
    encoder = Encoder.fit(table, infer_schema(table, "y"))
    assert python_calls(lambda: encoder.encode(table)) < 100_000 / 10


# --- the target


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b"] * 9,
        ["c", "a", "b"] * 9,
        [0, 1] * 9,
        [1, 2, 3] * 9,
        [True, False] * 9,
        [-1.0, 1.0] * 9,
        [0.25, 1.5, 3e9] * 9,
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_targets_come_back_as_they_were(values: list[Any], dtype: str) -> None:
    table = read_table({"x": np.arange(len(values)) / 7, "y": values})
    encoding = TargetEncoding.fit(table, infer_schema(table, "y"), standardize=True, dtype=dtype)
    targets, rows = encoding.encode(table)
    assert targets.dtype == dtype
    assert targets.shape == (len(values), encoding.outputs)
    assert rows.tolist() == list(range(len(values)))
    back = encoding.decode(targets)
    assert back.shape == (len(values),)
    if encoding.classes is None:
        np.testing.assert_allclose(back, values, rtol=1e-6, atol=1e-7 * max(values))
    else:
        assert back.tolist() == values
        assert list(encoding.classes) == sorted(set(values))
    assert through_json(encoding) == encoding


@pytest.mark.parametrize(
    "labels", [[-0.0, 1.0], [-0.0, 0.0, 1.0], [1e10, 3e10], [1.5, 1e12], [2.0**60, 2.0**61]]
)
@pytest.mark.parametrize("read", [as_table, read_table])
def test_numbers_that_pyarrow_writes_in_another_way_are_labels_too(labels: list[float], read: Any) -> None:
    """Such as -0, which is 0, and 1e+10."""
    values = np.array(labels * 9)
    table = read(np.stack([np.arange(len(values)) / 7, values], axis=1))
    encoding = TargetEncoding.fit(table, infer_schema(table, "x2", task="classification"))
    targets, rows = encoding.encode(table)
    assert len(rows) == len(values)
    assert encoding.classes == tuple(sorted({*labels}))
    assert encoding.decode(targets).tolist() == values.tolist()


def test_rows_without_a_target_are_left_out() -> None:
    table = read_table({"x": [1.5, 2, 3, 4], "y": ["a", None, "b", "a"]})
    targets, rows = TargetEncoding.fit(table, infer_schema(table, "y")).encode(table)
    assert rows.tolist() == [0, 2, 3]
    assert targets[:, 0].tolist() == [0, 1, 0]


def test_several_targets_each_with_its_own_gaps() -> None:
    table = read_table({"x": [1.5, 2, 3, 4], "a": [1.0, 2, 4, None], "b": [100.0, None, 300.0, None]})
    encoding = TargetEncoding.fit(table, infer_schema(table, ["a", "b"]), standardize=True, dtype="float64")
    targets, rows = encoding.encode(table)
    assert (targets.shape, rows.tolist()) == ((3, 2), [0, 1, 2])
    np.testing.assert_allclose(encoding.decode(targets), [[1.0, 100.0], [2.0, np.nan], [4.0, 300.0]])


def test_unseen_labels_and_words_are_refused() -> None:
    encoding = TargetEncoding.fit(PENGUINS, SCHEMA)
    with pytest.raises(TableError, match="'Emu'; the classes are 'Adelie', 'Chinstrap', 'Gentoo'"):
        encoding.encode(read_table({"species": ["Emu", "Adelie"]}))
    numbers = TargetEncoding.fit(PENGUINS, infer_schema(PENGUINS, "body_mass_g"))
    with pytest.raises(TableError, match="'heavy' in row 1"):
        numbers.encode(read_table({"body_mass_g": ["1", "heavy"]}))
    with pytest.raises(TableError, match="missing"):
        numbers.encode(read_table({"x": [1, 2]}))


@pytest.mark.parametrize("order", [["a", "at", "y"], ["at", "a", "y"]])
def test_a_column_without_inputs_is_ignored(order: list[str]) -> None:
    table = {"a": [*range(60)], "at": ["08:00"] * 59 + ["09:30"], "y": [row % 2 for row in range(60)]}
    rows = read_table({name: table[name] for name in order})
    schema = infer_schema(rows, "y")
    encoder = Encoder.fit(rows.take(range(59)), schema)
    assert (encoder.input_names, encoder.ignored) == (("a",), ("at", "y"))
    assert encoder.plain.tolist() == [0]
    with pytest.raises(TableError, match="nothing to learn from"):
        Encoder.fit(rows.take(range(59)), infer_schema(read_table({"at": table["at"], "y": table["y"]}), "y"))
