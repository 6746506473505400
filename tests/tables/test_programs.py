"""Programs of encoders: what describes each input has as many expressions as there are inputs, and becomes JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from glassnet.tables import Encoder, NumberOptions, infer_schema, read_table
from glassnet.tables.encode.program import ColumnProgram

COUNT = 80
TABLE = {
    "size": [*np.linspace(-3, 9, COUNT - 1), None],
    "code": [str(at % 3) for at in range(COUNT)],
    "city": [("Oslo", "Rome", "Lima")[at % 3] for at in range(COUNT)],
    "sold": [bool(at % 2) for at in range(COUNT)],
    "word": [("yes", "no")[at // 2 % 2] for at in range(COUNT)],
    "when": np.datetime64("2021-03-01") + np.arange(COUNT) * np.timedelta64(1, "D"),
    "y": np.arange(COUNT) * 1.5,
}


def programs(numbers: NumberOptions) -> list[tuple[ColumnProgram, int]]:
    table = read_table(TABLE)
    types = {"code": "category", "sold": "boolean", "word": "boolean", "when": "datetime"}
    schema = infer_schema(table, ["y"], column_types=types)
    encoder = Encoder.fit(table, schema, numbers=numbers)
    described = {column.name: column for column in schema.columns}
    return [(own.program(described[own.column]), len(own.input_names)) for own in encoder.encoders]


@pytest.mark.parametrize(
    "numbers", [NumberOptions("standard", 0), NumberOptions("robust", 5), NumberOptions("none", 3)]
)
def test_each_input_has_an_expression_and_the_whole_is_json(numbers: NumberOptions) -> None:
    found = programs(numbers)
    assert len(found) == len(TABLE) - 1
    for program, inputs in found:
        assert len(program.inputs) == inputs
        text = json.dumps(program.to_dict(), allow_nan=False)
        assert program.source.column in json.loads(text).values()
        for look_up in program.look_ups():
            assert len(look_up.keys) == len(set(look_up.keys))


def test_equal_expressions_are_shared() -> None:
    (size,) = (
        program for program, _ in programs(NumberOptions("robust", 5)) if program.source.column == "size"
    )
    assert size.shared()  # the gaps are filled once for all bins
