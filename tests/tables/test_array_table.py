"""A plain array of numbers is understood, encoded and named as the PyArrow table of its columns is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.errors import TableError
from glassnet.tables import Encoder, NumberOptions, fingerprint, infer_schema, read_table
from glassnet.tables.array_table import ArrayTable, plain_numbers
from glassnet.tables.read.read_table import as_columns, as_table
from glassnet.targets import TargetEncoding

Array = np.ndarray[Any, Any]


def normal(rows: int, columns: int) -> Array:
    return np.random.default_rng(rows).normal(size=(rows, columns))


def with_gaps(array: Array) -> Array:
    gaps = np.asarray(np.random.default_rng(1).random(array.shape) < 0.1)
    gaps[:, -1] = True  # a column of nothing else
    return np.where(gaps, np.nan, array)


def constant(array: Array) -> Array:
    array[:, 1] = 7.5
    return array


def one_beyond_int64() -> Array:
    """It is not among the rows that the test below takes."""
    array = np.arange(200, dtype=np.uint64).reshape(50, 4)
    array[np.random.default_rng(2).permutation(50)[-1]] = 2**63
    return array


ARRAYS: dict[str, Callable[[], Array]] = {
    "double": lambda: normal(50, 4),
    "single": lambda: normal(50, 4).astype(np.float32),
    "half": lambda: normal(50, 4).astype(np.float16),
    "bytes": lambda: np.random.default_rng(0).integers(0, 256, (50, 4)).astype(np.uint8),
    "whole": lambda: np.random.default_rng(0).integers(-9, 2**60, (50, 4)),
    "beyond int64": lambda: normal(50, 4).astype(np.int64).view(np.uint64),
    "one beyond int64": one_beyond_int64,
    "gaps": lambda: with_gaps(normal(50, 4)),
    "gaps in single": lambda: with_gaps(normal(50, 4)).astype(np.float32),
    "constant": lambda: constant(normal(50, 4)),
    "by columns": lambda: np.asfortranarray(normal(50, 4)),
    "strided": lambda: normal(100, 8)[::2, ::-2],
    "few rows": lambda: normal(2, 300),
    "many rows": lambda: normal(70_000, 3),
    "large": lambda: normal(50, 4) * 1e200,
}


def encoded(table: Any, schema: Any, numbers: NumberOptions) -> tuple[Encoder, Array]:
    encoder = Encoder.fit(table, schema, numbers=numbers)
    return encoder, encoder.encode(table)[0]


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("some", [False, True], ids=["all rows", "some rows"])
@pytest.mark.parametrize(
    "numbers", [NumberOptions(), NumberOptions("robust", 5), NumberOptions("none", 1000)], ids=str
)
def test_an_array_is_what_the_table_of_its_columns_is(name: str, some: bool, numbers: NumberOptions) -> None:
    array = ARRAYS[name]()
    table, arrow = as_table(array), read_table(array)
    assert isinstance(table, ArrayTable)
    if some:
        rows = np.sort(np.random.default_rng(2).permutation(len(array))[: len(array) // 2 + 1])
        table, arrow = table.take(rows), arrow.take(rows)
    assert table.to_arrow().equals(arrow.to_arrow())
    assert fingerprint(table) == fingerprint(arrow)
    schema = infer_schema(table, "x1", task="regression", numeric=True)
    assert schema == infer_schema(arrow, "x1", task="regression", numeric=True)
    (encoder, inputs), (same, expected) = (encoded(own, schema, numbers) for own in (table, arrow))
    assert encoder == same
    assert inputs.tobytes() == expected.tobytes()  # to the bit, so that models are
    assert encoder.encode(table)[1] == same.encode(arrow)[1]
    targets = (TargetEncoding.fit(own, schema).encode(own)[0].tobytes() for own in (table, arrow))
    assert len({*targets}) == 1


def test_columns_of_any_type_stand_behind_the_array() -> None:
    array, labels = normal(20, 3), ["yes", "no"] * 10
    table = (
        as_table(array).with_columns(as_columns({"n": np.arange(20)})).with_columns(read_table({"y": labels}))
    )
    arrow = read_table({"x1": array[:, 0], "x2": array[:, 1], "x3": array[:, 2], "n": range(20), "y": labels})
    rows = np.array([1, 2, 5, 8, 13])
    for one, other in ((table, arrow), (table.take(rows), arrow.take(rows))):
        assert one.column_names == other.column_names
        assert one.num_rows == other.num_rows
        assert fingerprint(one) == fingerprint(other)
        assert infer_schema(one, "y", numeric=True) == infer_schema(other, "y", numeric=True)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_wrong_with_an_array_is_reported_in_the_same_words(value: float) -> None:
    array = normal(50, 4)
    schema = infer_schema(as_table(array), "x1", numeric=True)
    encoder = Encoder.fit(as_table(array), schema)
    array[3, 2] = value

    def described(table: Any) -> Any:
        try:
            inputs, notes = encoder.encode(table)
            return notes, inputs.tobytes()
        except TableError as error:
            return str(error)

    assert described(as_table(array)) == described(read_table(array))
    assert "x3" in str(described(as_table(array)))


def test_encoding_does_not_depend_on_the_order_of_columns() -> None:
    array = normal(50, 4)
    table = as_table(array)
    encoder = Encoder.fit(table, infer_schema(table, "x1", numeric=True))
    turned = ArrayTable(("x3", "x1", "x4", "x2"), (array[:, [2, 0, 3, 1]],))
    assert np.array_equal(encoder.encode(turned)[0], encoder.encode(table)[0])


@pytest.mark.parametrize(
    "values",
    [
        [[1.0]],
        np.array([["a"]]),
        np.array([[True]]),
        np.array([[1.0]], object),
        np.array([[1.0]], np.float64).astype(np.dtype(np.float64).newbyteorder()),
        np.ma.masked_array([[1.0]], mask=True),
    ],
    ids=["list", "text", "truths", "objects", "other byte order", "masked"],
)
def test_what_is_no_plain_array_of_numbers_is_read_as_before(values: Any) -> None:
    assert not plain_numbers(values)


def test_numbers_have_one_fingerprint_however_they_are_stored() -> None:
    whole = np.random.default_rng(0).integers(0, 200, (20, 3))
    kinds = [np.uint8, np.int64, np.float32, np.float64]
    assert len({fingerprint(as_table(whole.astype(kind))) for kind in kinds}) == 1
    assert fingerprint(as_table(whole + 1e-9)) != fingerprint(as_table(whole))


def test_a_small_table_is_taken_in_one_block_as_a_large_one_is_in_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = np.random.default_rng(0).integers(0, 9, (20, 6))
    arrays = whole[:, :3].astype(np.float32), whole[:, 3:5], whole[:, 5:] / 7
    names = tuple(f"x{number}" for number in range(6))

    def seen() -> tuple[Any, ...]:
        table = ArrayTable(names, arrays)
        columns = {
            name: own
            for some, numbers in table.blocks(names[1:])
            for name, own in zip(some, numbers, strict=True)
        }
        schema = infer_schema(table, "x0", task="regression", numeric=True)
        return (
            {name: own.tolist() for name, own in columns.items()},
            schema,
            fingerprint(table),
            Encoder.fit(table, schema),
        )

    one = seen()
    monkeypatch.setattr("glassnet.tables.array_table.CACHED", 20)
    assert seen() == one
    assert [*one[0]] == [*names[1:]]
