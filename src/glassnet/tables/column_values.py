"""A column's values as NumPy sees them: one place for "as numbers", "as words", "as moments".

A column is PyArrow's, or an array of numbers, float64 with NaN for a gap or whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import from_numpy, pa, pc
from glassnet.tables.array_table import ArrayTable
from glassnet.tables.date_parsing import ISO, parse_dates
from glassnet.tables.text_columns import one_chunk, type_column

Values: TypeAlias = "pa.ChunkedArray | NDArray[Any]"


class Words(NamedTuple):
    """A column as words: ``codes`` (N,) index ``texts``, -1 for a gap; every text occurs.

    ``levels`` (L,) are what the texts stand for, as the column has them.
    """

    codes: NDArray[np.int64]
    texts: list[str]
    levels: pa.Array | NDArray[Any]

    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.codes + 1, minlength=len(self.texts) + 1)[1:]


class Parsed(NamedTuple):
    """Numbers (N,), NaN for a gap, and the words that are neither number nor gap, with their rows from 1."""

    values: NDArray[np.float64]
    strays: dict[str, list[int]]


def values_of(table: pa.Table | ArrayTable, name: str) -> Values:
    """The column ``name`` of ``table``, as NumPy's where that holds numbers as they are."""
    if isinstance(table, ArrayTable) and name in table.names:
        return table.numbers(name)
    column = table.column(name)
    kind, types = column.type, pa.types
    if types.is_floating(kind) or (types.is_integer(kind) and not column.null_count):
        return one_chunk(column).to_numpy(zero_copy_only=False)
    return column


@dataclass(frozen=True, eq=False)
class ReadColumn:
    """A column that is read as numbers and as words at most once each, however many ask."""

    values: Values

    @classmethod
    def of(cls, table: pa.Table | ArrayTable, name: str) -> ReadColumn:
        return cls(values_of(table, name))

    @cached_property
    def numbers(self) -> Parsed:
        return as_numbers(self.values)

    @cached_property
    def words(self) -> Words:
        return as_words(self.values)


def is_text(column: Values) -> bool:
    return not isinstance(column, np.ndarray) and bool(pa.types.is_string(column.type))


def is_timestamp(column: Values) -> bool:
    return not isinstance(column, np.ndarray) and bool(pa.types.is_timestamp(column.type))


def is_plain(column: Values) -> bool:
    """Whether the column is of a type that can be used at all."""
    if isinstance(column, np.ndarray):
        return True
    kind, types = column.type, pa.types
    return bool(
        types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
        or types.is_string(kind) or types.is_timestamp(kind) or types.is_null(kind)
    )  # fmt: skip


def as_numbers(column: Values) -> Parsed:
    """The column as float64; text is read as numbers where it can be, and the rest of it is stray."""
    if isinstance(column, np.ndarray):
        return Parsed(column.astype(np.float64, copy=False), {})
    if pa.types.is_null(column.type) or not len(column):
        return Parsed(np.full(len(column), np.nan), {})
    if not is_text(column):
        if is_timestamp(column):
            column = column.cast(pa.int64())
        return Parsed(_floats(column), {})
    whole = one_chunk(column)
    typed = type_column(whole, majority=True).values
    if pa.types.is_string(typed.type) or pa.types.is_boolean(typed.type):
        return Parsed(np.full(len(column), np.nan), _strays(column, pc.is_valid(whole)))
    if pa.types.is_null(typed.type):
        return Parsed(np.full(len(column), np.nan), {})
    stray = pc.and_(pc.is_valid(whole), pc.is_null(typed))
    return Parsed(_floats(typed), _strays(column, stray))


def as_words(column: Values) -> Words:
    """The column as words: whole numbers without a point, true and false in lower case."""
    if isinstance(column, np.ndarray):
        codes, levels = _coded(column)
        return Words(codes, number_texts(levels), levels)
    if pa.types.is_null(column.type) or not len(column):
        return Words(np.full(len(column), -1), [], np.empty(0))
    coded = one_chunk(column).dictionary_encode()
    codes = coded.indices.fill_null(-1) if coded.null_count else coded.indices
    texts = coded.dictionary if is_text(column) else coded.dictionary.cast(pa.string())
    places = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    return Words(places, texts.to_pylist(), coded.dictionary)


def as_timestamps(column: pa.ChunkedArray, fmt: str | None) -> NDArray[np.float64]:
    """Seconds since 1970 (N,), NaN for a gap and for text that ``fmt`` does not read."""
    if pa.types.is_null(column.type) or not len(column):
        return np.full(len(column), np.nan)
    if is_timestamp(column):
        return _floats(column.cast(pa.int64())) / 1e6
    coded = one_chunk(column.cast(pa.string())).dictionary_encode()
    ticks = parse_dates(coded.dictionary, fmt or ISO).cast(pa.int64())
    return _floats(ticks.take(coded.indices)) / 1e6


def _coded(numbers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """(N,) places, -1 for NaN, among the different numbers, which are (L,) in the order in which they appear."""
    levels = np.unique(numbers)
    levels = levels[~np.isnan(levels)]
    places = np.searchsorted(levels, numbers)
    first = np.zeros(len(levels) + 1, np.int64)
    first[places[::-1]] = np.arange(len(numbers))[::-1]  # of equal places the last one written stays
    order = np.argsort(first[:-1])
    codes = np.full(len(levels) + 1, -1)
    codes[order] = np.arange(len(levels))
    return codes[places], levels[order]


def number_texts(numbers: NDArray[Any]) -> list[str]:
    """Numbers as words: whole ones without a point, others as PyArrow writes them."""
    values = numbers.tolist()
    whole = [float(value).is_integer() for value in values]
    if all(whole):
        return [str(int(value)) for value in values]
    written = from_numpy(numbers).cast(pa.string()).to_pylist()
    return [str(int(value)) if own else text for value, own, text in zip(values, whole, written, strict=True)]


def _floats(column: pa.Array | pa.ChunkedArray) -> NDArray[np.float64]:
    whole = one_chunk(column) if isinstance(column, pa.ChunkedArray) else column
    # even a cast that does nothing costs what all the rest of a short column does
    if whole.type != pa.float64():
        whole = whole.cast(pa.float64(), safe=False)
    found: NDArray[np.float64] = whole.to_numpy(zero_copy_only=False)
    return found


def _strays(column: pa.ChunkedArray, stray: pa.Array) -> dict[str, list[int]]:
    rows = np.flatnonzero(stray.to_numpy(zero_copy_only=False))
    found: dict[str, list[int]] = {}
    for row in rows[:1000]:
        found.setdefault(column[int(row)].as_py(), []).append(int(row) + 1)
    return found
