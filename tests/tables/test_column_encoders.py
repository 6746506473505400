"""What a column encoder answers about itself agrees with how it encodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from glassnet.tables import Column, ColumnEncoder, Encoder, NumberOptions, infer_schema, read_table
from glassnet.tables.column_values import ColumnValues
from written_down import through_json

DAYS = np.arange("2023-01-01", "2023-05-01", dtype="datetime64[D]").astype("datetime64[us]")
HOURS = DAYS + (np.arange(len(DAYS)) * 7 % 24).astype("timedelta64[h]")
COUNT = len(DAYS)
LEVELS = np.array(["red", "blue", "green"])[np.arange(COUNT) * 7 % 11 % 3]
TABLE: dict[str, Any] = {
    "size": (np.arange(COUNT) * 7 % 101 + 0.5).tolist(),
    "gaps": [None if at % 9 == 0 else float(at % 50) for at in range(COUNT)],
    "color": LEVELS.tolist(),
    "unsure": [None if at % 10 == 0 else level for at, level in enumerate(LEVELS.tolist())],
    "many": [f"level {at % 60:02}" for at in range(COUNT)],
    "member": (["yes", "no", "no"] * COUNT)[:COUNT],
    "maybe": (["true", "false", None] * COUNT)[:COUNT],
    "day": DAYS,
    "moment": HOURS,
    "written": [str(day)[:10] for day in DAYS],
    "y": np.sin(np.arange(COUNT)).tolist(),
}
READ = read_table(TABLE)
SCHEMA = infer_schema(READ, "y", column_types={"many": "category"})
ENCODER = Encoder.fit(READ, SCHEMA)
OTHERS = {  # other encodings of numbers
    how: Encoder.fit(READ, SCHEMA, numbers=options)
    for how, options in {
        "robust": NumberOptions("robust"),
        "bins of": NumberOptions(bins=7),
        "robust bins of": NumberOptions("robust", bins=60),
    }.items()
}
COLUMNS = [column.name for column in SCHEMA.columns]
NAMES = [*COLUMNS, *(f"{how} {name}" for how in OTHERS for name in ("size", "gaps"))]
EVERY = pytest.mark.parametrize("name", NAMES)
CONTINUOUS = [*NAMES[len(COLUMNS) :], "size", "gaps", "day", "moment", "written"]


def column(name: str) -> tuple[ColumnEncoder, Column, np.ndarray]:
    """The encoder, the description and the inputs of the training rows."""
    how, _, own = name.rpartition(" ")
    encoder = OTHERS.get(how, ENCODER)[own]
    return encoder, SCHEMA[own], encoder.encode(values(name)).array


def values(name: str) -> ColumnValues:
    return READ.column(name.rpartition(" ")[2])


def ends_of(name: str) -> tuple[float, float]:
    encoder, described, inputs = column(name)
    even = encoder.even(inputs[:, 0], described)
    return float(even.min()), float(even.max())


def test_every_type_is_among_the_columns() -> None:
    assert set(COLUMNS) == set(TABLE) - {"y"}
    assert {ENCODER[name].type for name in COLUMNS} == {"number", "category", "boolean", "datetime"}


@EVERY
def test_every_input_has_a_name_and_a_formula(name: str) -> None:
    encoder, _, inputs = column(name)
    assert inputs.shape == (COUNT, len(encoder.input_names))
    assert len(set(encoder.input_names)) == len(encoder.input_names)
    for missing in (False, True):
        formulas = encoder.formulas(missing)
        assert len(formulas) == len(encoder.input_names)
        assert all(formulas)
    assert encoder.formulas(True) != encoder.formulas(False)


@EVERY
def test_the_inputs_of_a_grid_are_those_of_its_values(name: str) -> None:
    encoder, described, _ = column(name)
    grid = encoder.grid(described, 9, ends_of(name))
    assert len(grid.values) == len(grid.inputs) >= 2
    again = encoder.encode(ColumnValues(pa.array(grid.values)))
    assert again.faults == []
    np.testing.assert_allclose(again.array, grid.inputs, atol=1e-9)


@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_values_of_a_grid_have_positions_along_an_axis(name: str) -> None:
    encoder, described, _ = column(name)
    grid = encoder.grid(described, 9, ends_of(name))
    positions = encoder.positions(ColumnValues(pa.array(grid.values)))
    assert encoder.continuous
    assert (np.diff(positions) > 0).all()


@EVERY
@pytest.mark.parametrize("with_rows", [False, True])
def test_a_typical_value_is_one_that_the_encoder_knows(name: str, with_rows: bool) -> None:
    encoder, described, _ = column(name)
    typical = encoder.typical(described, values(name) if with_rows else None)
    encoded = encoder.encode(ColumnValues(pa.array([typical])))
    assert (encoded.faults, encoded.notes) == ([], [])
    missing = np.zeros(1, np.bool_)
    assert not encoder.unusual(encoded.array, described, ends_of(name), missing).any()


@EVERY
def test_training_rows_are_not_unusual(name: str) -> None:
    encoder, described, inputs = column(name)
    missing = values(name).is_missing
    assert not encoder.unusual(inputs, described, ends_of(name), missing).any()


def test_values_far_from_those_of_training_are_unusual() -> None:
    for name, value in (("size", 10_000.0), ("robust size", 10_000.0), ("color", "violet")):
        encoder, described, _ = column(name)
        far = encoder.encode(ColumnValues(pa.array([value]))).array
        assert encoder.unusual(far, described, ends_of(name), np.zeros(1, np.bool_)).all()


def test_the_variance_of_the_inputs_of_a_category_knows_that_one_of_them_is_1() -> None:
    encoder, _, inputs = column("color")
    factors = np.array([[1.0, 0.0], [2.0, -1.0], [4.0, 0.5]])
    found = encoder.variances(factors, inputs.mean(axis=0), inputs.std(axis=0))
    np.testing.assert_allclose(found, (inputs @ factors).var(axis=0), rtol=1e-9)


@pytest.mark.parametrize("name", ["bins of size", "bins of gaps"])
def test_the_variance_of_a_number_knows_that_its_bins_rise_one_after_the_other(name: str) -> None:
    encoder, _, inputs = column(name)
    numbers = inputs[:, : inputs.shape[1] - encoder.missing_flag]
    factors = np.random.default_rng(0).normal(size=(inputs.shape[1], 3))
    factors[numbers.shape[1] :] = 0
    found = encoder.variances(factors, inputs.mean(axis=0), inputs.std(axis=0))
    np.testing.assert_allclose(found, (inputs @ factors).var(axis=0), rtol=1e-9)


@EVERY
def test_the_variance_of_one_input_is_that_of_its_rows(name: str) -> None:
    encoder, _, inputs = column(name)
    means, deviations = encoder.typical_statistics()
    assert means.shape == deviations.shape == (len(encoder.input_names),)
    factors = np.zeros((len(encoder.input_names), 1))
    factors[0] = 3
    found = encoder.variances(factors, inputs.mean(axis=0), inputs.std(axis=0))
    np.testing.assert_allclose(found, (inputs @ factors).var(axis=0), rtol=1e-6, atol=1e-12)


@EVERY
def test_an_encoder_comes_back_from_json(name: str) -> None:
    encoder, _, _ = column(name)
    assert through_json(encoder) == encoder


def test_dates_of_a_profile_go_by_whole_weeks_where_single_days_would_be_skipped() -> None:
    encoder, described, _ = column("day")
    grid = encoder.grid(described, 5, ends_of("day"))
    assert set(np.diff(grid.values) / np.timedelta64(7, "D") % 1) == {0.0}


def test_times_of_day_have_no_elapsed_time() -> None:
    table = read_table({"at": ["08:30", "09:15", "17:45", "23:00"] * 10, "y": [1.0, 2.0, 3.0, 4.5] * 10})
    schema = infer_schema(table, "y")
    encoder = Encoder.fit(table, schema)["at"]
    assert (schema.columns[0].type, encoder.input_names) == ("datetime", ("at hour sin", "at hour cos"))
    grid = encoder.grid(schema.columns[0], 5, (-1.0, 1.0))
    np.testing.assert_allclose((grid.inputs**2).sum(axis=1), 1)


def test_two_words_of_any_language_can_be_a_boolean() -> None:
    table = read_table({"answer": ["oui", "non", "non"] * 20, "y": [1.0, 2.0, 3.5] * 20})
    schema = infer_schema(table, "y", column_types={"answer": "boolean"})
    encoder = Encoder.fit(table, schema)["answer"]
    assert encoder.encode(ColumnValues(pa.array(["non", "OUI"]))).array[:, 0].tolist() == [0.0, 1.0]
    (fault,) = encoder.encode(ColumnValues(pa.array(["peut-être"]))).faults
    assert "'non' or 'oui'" in fault


def test_values_that_are_new_at_prediction_are_noted() -> None:
    color = ENCODER["color"].encode(ColumnValues(pa.array(["red", "violet", None])))
    assert color.faults == []
    assert {note.code for note in color.notes} == {"unseen_levels", "new_missing"}
    infinite = ENCODER["size"].encode(ColumnValues(pa.array([1.0, np.inf])))
    assert ["infinite value" in fault for fault in infinite.faults] == [True]
