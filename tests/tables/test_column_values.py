"""Columns as numbers and as words: an array gives what PyArrow gives of the same column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from glassnet.tables import read_table
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.read.read_table import as_table

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "column",
    [
        RNG.integers(-3, 9, 50),
        RNG.integers(-3, 9, 50) / 4,
        np.where(RNG.random(50) < 0.3, np.nan, RNG.integers(0, 4, 50)),
        np.array([2**53, 2**53 + 1, 2**53]),
        np.array([2**63, 2**64 - 1, 7], np.uint64),
        np.array([0.1, 1e-7, 1e30, -2.5]),
        np.array([np.nan, np.nan]),
    ],
)
def test_numbers_are_the_words_that_pyarrow_makes_of_them(column: NDArray[np.float64]) -> None:
    own = ColumnValues(column).words
    expected = ColumnValues(pa.array(column, from_pandas=True)).words
    assert own.codes.tolist() == expected.codes.tolist()
    assert own.levels.tolist() == expected.levels.tolist()
    assert own.texts == expected.texts
    written = pa.array(own.levels).cast(pa.string()).to_pylist()
    for text, other, level in zip(own.texts, written, own.levels.tolist(), strict=True):
        assert text == (str(int(level)) if float(level).is_integer() else other)  # PyArrow writes 1e+30


@pytest.mark.parametrize(
    "values", [[3.5, None, 3.5, 1], [3, 1, 3], [3, None, 1], ["a", None, "b"], [True, False]]
)
def test_a_column_is_parsed_once_wherever_it_is(values: list[object]) -> None:
    table = read_table({"x": values})
    column = table.column("x")
    assert table.column("x") is column
    assert column.words is column.words
    assert column.numbers is column.numbers
    rows = np.array([len(values) - 1, 0])
    some, alone = table.take(rows).column("x"), ColumnValues(column.to_arrow().take(pa.array(rows)))
    assert [some.words.texts[at] for at in some.words.codes] == [
        alone.words.texts[at] for at in alone.words.codes
    ]
    assert some.words.counts().all()
    assert some.numbers.tobytes() == alone.numbers.tobytes()
    assert some.missing == alone.missing
    if isinstance(values[0], float):
        array = np.array(values, float)[:, None]
        assert as_table(array).numbers("x1").tobytes() == table.numbers("x").tobytes()
