"""A row encoded alone has the inputs and notes of a table of that row, for every type of column and value."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from glassnet.errors import TableError
from glassnet.tables import Encoder, NumberOptions, infer_schema, read_table
from glassnet.tables.encode import row_encoder
from glassnet.tables.encode.row_encoder import RowEncoder
from glassnet.tables.read.read_table import as_table
from glassnet.tables.schema import Schema

WORDS = ["red", "green", " blue", "St. Louis", "1,5", "none", "NA"]
COLUMNS: dict[str, list[Any]] = {
    "plain": [0.5, 1e6, -3.25, 2.0],
    "whole": [1, 2, 3, 70],
    "gaps": [1.5, None, 2.5, None],
    "sentinel": [5, 7, -999, 8],
    "amount": ["$3", "$4", "$5,000", "$6.5"],
    "stray": ["1.5", "2.5", "unknown", "4.5"],
    "word": ["red", "green", "blue", "St. Louis"],
    "code": ["01", "02", "03", "01"],
    "few": [1, 2, 1, 2],
    "yes": ["yes", "no", "yes", "no"],
    "truth": [True, False, True, None],
    "day": ["2024-01-05", "2023-11-30", "2020-02-29", None],
    "german": ["05.01.2024", "30.11.2023", "29.02.2020", "01.01.1969"],
    "time": ["12:30", "00:15", "23:59", "06:00"],
    "stamp": ["2024-01-05T12:30:00Z", "2023-11-30T00:00:01Z", "2020-02-29T23:59:59Z", None],
}


@cache
def encoder_of(scaling: str, bins: int, decimal: str | None) -> tuple[Encoder, Schema, RowEncoder]:
    rows = [{name: values[at % 4] for name, values in COLUMNS.items()} | {"y": at % 2} for at in range(80)]
    for at, row in enumerate(rows):
        row["plain"] = row["plain"] + at
    table = read_table(rows, decimal=decimal)
    schema = infer_schema(table, "y", column_types={"few": "category", "truth": "boolean"})
    encoder = Encoder.fit(table, schema, numbers=NumberOptions(scaling, bins))
    return encoder, schema, RowEncoder(encoder, schema, np.float32)


VALUES = st.one_of(
    st.sampled_from([value for values in COLUMNS.values() for value in values]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-100, 100).map(lambda value: f"{value:.3f}"),
    st.floats(-100, 100).map(lambda value: f"{value:.2f}".replace(".", ",")),
    st.integers(-(2**65), 2**65),
    st.integers(1, 9999).map(lambda value: f"{value},000"),
    st.integers(1, 999).map(lambda value: f"{value}.000"),
    st.dates().map(str),
    st.datetimes().map(str),
    st.sampled_from(
        [*WORDS, "", "?", True, False, None, -0.0, [1], {"a": 1}, "1.234,5", "€ 3", "5 kg", "2024-13-45"]
    ),
    st.text(max_size=5),
)


def row_of(draw: st.DataObject) -> dict[str, Any]:
    """A training row with some other values, sometimes with other columns or without one."""
    at = draw.draw(st.integers(0, 3))
    row = {name: values[at] for name, values in COLUMNS.items()} | {"amount": 4}
    for name in draw.draw(st.lists(st.sampled_from([*COLUMNS]), max_size=3)):
        row[name] = draw.draw(VALUES)
    row |= draw.draw(st.dictionaries(st.sampled_from(["y", "extra", " pad "]), VALUES, max_size=1))
    return row


@pytest.mark.parametrize(
    ("scaling", "bins", "decimal"), [("standard", 0, None), ("robust", 4, "."), ("none", 0, ",")]
)
@settings(
    deadline=None,
    max_examples=12,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(draw=st.data())
def test_a_row_is_encoded_as_a_table_of_it(
    draw: st.DataObject, scaling: str, bins: int, decimal: str | None
) -> None:
    encoder, schema, rows = encoder_of(scaling, bins, decimal)
    row = row_of(draw)
    found = rows.encode(row)
    if found is None:
        return
    table = as_table([row], schema)
    inputs, notes = encoder.encode(table, np.float32)
    assert np.array(found.inputs, np.float32).tobytes() == inputs[0].tobytes()
    assert found.notes == notes
    assert found.reading == [*table.notes]


def test_rows_such_as_those_of_training_are_encoded_alone() -> None:
    _, _, own = encoder_of("standard", 0, None)
    row = {name: values[1] for name, values in COLUMNS.items()}
    for _ in COLUMNS:  # a few new values are encoded in each row
        own.encode(row)
    for change in (
        {},
        {"word": "unseen"},
        {"day": "2031-05-06"},
        {"whole": None},
        {"plain": "7"},
        {"extra": 1},
    ):
        assert own.encode(row | change) is not None, change


@pytest.mark.parametrize("change", [{"plain": "heavy"}, {"plain": [1]}, {"plain": 1e400}, {" plain": 3.0}])
def test_what_cannot_be_used_is_left_to_the_table(change: dict[str, Any]) -> None:
    _, _, own = encoder_of("standard", 0, None)
    assert own.encode({name: values[1] for name, values in COLUMNS.items()} | change) is None


def test_a_row_without_a_column_is_left_to_the_table() -> None:
    encoder, schema, own = encoder_of("standard", 0, None)
    row = {name: values[1] for name, values in COLUMNS.items() if name != "word"}
    assert own.encode(row) is None
    with pytest.raises(TableError, match="'word' is missing"):
        encoder.encode(as_table([row], schema))


def test_a_bounded_number_of_values_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_encoder, "REMEMBERED", 3)
    encoder, schema, _ = encoder_of("standard", 0, None)
    own = RowEncoder(encoder, schema, np.float32)
    row = {name: values[1] for name, values in COLUMNS.items()} | {"amount": 4}
    for _ in COLUMNS:
        own.encode(row)
    for at in range(10):
        assert own.encode(row | {"word": f"word {at}"}) is not None
        assert own.encode(row | {"word": f"{'long' * 100} {at}"}) is not None
        assert len(own._columns["word"].known) <= 3
