"""Columns as numbers and as words: an array says what PyArrow says of the same column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from glassnet.tables import read_table
from glassnet.tables.column_values import ReadColumn, as_words, values_of
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
    codes, texts, levels = as_words(column)
    expected = as_words(pa.chunked_array([pa.array(column, from_pandas=True)]))
    assert codes.tolist() == expected.codes.tolist()
    assert levels.tolist() == expected.levels.tolist()
    whole = [float(level).is_integer() for level in levels.tolist()]
    for text, other, level, own in zip(texts, expected.texts, levels.tolist(), whole, strict=True):
        assert text == (str(int(level)) if own else other)  # PyArrow writes 1e+30


@pytest.mark.parametrize(
    "values", [[3.5, None, 3.5, 1], [3, 1, 3], [3, None, 1], ["a", None, "b"], [True, False]]
)
def test_a_column_is_read_alike_wherever_it_lies(values: list[object]) -> None:
    table = read_table({"x": values})
    read = ReadColumn.of(table, "x")
    assert read.words.codes.tolist() == as_words(table.column("x")).codes.tolist()
    assert read.words.texts == as_words(table.column("x")).texts
    assert read.words is read.words
    if isinstance(values[0], float):
        array = np.array(values, float)[:, None]
        assert values_of(as_table(array), "x1").tobytes() == values_of(table, "x").tobytes()
