"""The values of one column: as numbers, as words and as timestamps, each parsed at most once.

Whoever asks a table for a column gets the same :class:`ColumnValues`, so what type inference has parsed is not parsed
again when the column is encoded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.caching import cached_property
from glassnet.tables._arrow import pa
from glassnet.tables.column_words import Data, Words, coded_numbers, number_texts, take_rows
from glassnet.tables.date_parsing import ISO, parse_dates
from glassnet.tables.text_columns import StrayWord, as_text, infer_text_type


class _Parsed(NamedTuple):
    """Numbers (N,), NaN where there is none, and the different words that are neither number nor missing."""

    values: NDArray[np.float64]
    strays: tuple[str, ...] = ()
    unit: str = ""


class ColumnValues:
    """One column of N rows.

    Attributes:
        stray_words: words in a column of numbers that reading took as missing.
        is_categorical: whether the source itself declared a category, as pandas and polars do.
        source_text: what the source held as text, where a source with types of its own held numbers or truths as
            text, or where words were taken as missing; None for all other columns.
    """

    stray_words: Mapping[str, StrayWord]
    is_categorical: bool

    def __init__(
        self,
        data: Data,
        *,
        stray_words: Mapping[str, StrayWord] | None = None,
        is_categorical: bool = False,
        source_text: pa.Array | None = None,
        unit: str = "",
    ) -> None:
        """``data`` is a PyArrow array, or a NumPy array of numbers with NaN for a missing value."""
        self._typed, self.stray_words, self.is_categorical = data, stray_words or {}, is_categorical
        self._source_text, self._unit = source_text, unit

    def __len__(self) -> int:
        return len(self.data)

    @property
    def data(self) -> Data:
        return self._typed

    @property
    def source_text(self) -> pa.Array | None:
        return self._source_text

    @property
    def type(self) -> pa.DataType:
        """The type as PyArrow names it."""
        own = self._typed
        return pa.from_numpy_dtype(own.dtype) if isinstance(own, np.ndarray) else own.type

    @property
    def is_text(self) -> bool:
        return not isinstance(self._typed, np.ndarray) and bool(pa.types.is_string(self.type))

    @property
    def is_timestamp(self) -> bool:
        return not isinstance(self._typed, np.ndarray) and bool(pa.types.is_timestamp(self.type))

    @property
    def is_boolean(self) -> bool:
        return not isinstance(self._typed, np.ndarray) and bool(pa.types.is_boolean(self.type))

    @property
    def is_usable(self) -> bool:
        """Whether the column is of a type that a network can be given at all."""
        if isinstance(self._typed, np.ndarray) or self.is_text or self.is_timestamp or self.is_boolean:
            return True
        own, types = self.type, pa.types
        return bool(types.is_integer(own) or types.is_floating(own) or types.is_null(own))

    @cached_property
    def is_missing(self) -> NDArray[np.bool_]:
        """Which rows have no value, (N,)."""
        if isinstance(self._typed, np.ndarray):
            return np.isnan(self.data)
        found: NDArray[np.bool_] = self.to_arrow().is_null().to_numpy(zero_copy_only=False)
        return found

    @cached_property
    def missing(self) -> int:
        """How many rows have no value."""
        return int(self.is_missing.sum())

    @property
    def numbers(self) -> NDArray[np.float64]:
        """(N,), NaN for what is missing or no number; text is read as numbers where it can be."""
        return self._parsed.values

    @property
    def unit(self) -> str:
        """The currency or unit that all numbers have in the source."""
        return self._unit or self._parsed.unit

    @property
    def strays(self) -> tuple[str, ...]:
        """The different words that stand where numbers should."""
        return (*self.stray_words, *self.text_strays)

    @property
    def text_strays(self) -> tuple[str, ...]:
        """Those among them that reading did not take as missing already."""
        return self._parsed.strays

    def first_rows(self, word: str) -> list[int]:
        """The first rows, counted from 0, in which a word stands."""
        if word in self.stray_words:
            return self.stray_words[word].first_rows
        found: list[int] = np.flatnonzero(self.words.codes == self.words.texts.index(word))[:5].tolist()
        return found

    @cached_property
    def _parsed(self) -> _Parsed:
        if isinstance(self.data, np.ndarray):
            return _Parsed(self.data.astype(np.float64, copy=False))
        if not self.is_text:
            return _Parsed(_floats(self.data.cast(pa.int64()) if self.is_timestamp else self.data))
        inferred = infer_text_type(self.data, majority=True)
        typed = inferred.values
        if pa.types.is_string(typed.type) or pa.types.is_boolean(typed.type):
            return _Parsed(np.full(len(self), np.nan), tuple(self.words.texts))
        values = _floats(typed)
        if typed.null_count == self.missing:
            return _Parsed(values, (), inferred.unit)
        strays = np.unique(self.words.codes[np.isnan(values) & ~self.is_missing]).tolist()
        return _Parsed(values, tuple(self.words.texts[at] for at in strays), inferred.unit)

    @cached_property
    def words(self) -> Words:
        """The column as words: whole numbers without a point, true and false in lower case."""
        data = self.data
        if isinstance(data, np.ndarray) or pa.types.is_floating(data.type):
            codes, levels = coded_numbers(data if isinstance(data, np.ndarray) else _floats(data))
            return Words(codes, number_texts(levels), levels)
        if pa.types.is_null(self.type):
            return Words(np.full(len(self), -1), [], np.empty(0))
        coded = data.dictionary_encode()
        levels = coded.dictionary
        codes = coded.indices.fill_null(-1) if coded.null_count else coded.indices
        places = codes.to_numpy(zero_copy_only=False).astype(np.int64)
        return Words(places, (levels if self.is_text else levels.cast(pa.string())).to_pylist(), levels)

    def seconds(self, fmt: str | None) -> NDArray[np.float64]:
        """Seconds since 1970 (N,), NaN for what is missing and for text that ``fmt`` does not read."""
        if fmt not in self._seconds:
            self._seconds[fmt] = self._read_seconds(fmt)
        return self._seconds[fmt]

    @cached_property
    def _seconds(self) -> dict[str | None, NDArray[np.float64]]:
        return {}

    def _read_seconds(self, fmt: str | None) -> NDArray[np.float64]:
        data = self.to_arrow()
        if self.is_timestamp or pa.types.is_null(data.type):
            return _floats(data.cast(pa.int64())) / 1e6
        coded = data.cast(pa.string()).dictionary_encode()
        ticks = parse_dates(coded.dictionary, fmt or ISO).cast(pa.int64())
        return _floats(ticks.take(coded.indices)) / 1e6

    def unread_dates(self, fmt: str | None) -> tuple[str, ...]:
        """The different words that ``fmt`` does not read as dates."""
        unread = np.isnan(self.seconds(fmt)) & ~self.is_missing
        return (
            tuple(self.words.texts[at] for at in np.unique(self.words.codes[unread])) if unread.any() else ()
        )

    def as_text(self, kept: Collection[str] = ()) -> ColumnValues:
        """The column as the text that its source held; itself, where that was no text or is the same.

        ``kept`` are words that stand for themselves here, though they usually stand for a missing value.
        """
        return self if self.source_text is None else ColumnValues(as_text(self.source_text, kept))

    def take(self, rows: NDArray[np.int64]) -> ColumnValues:
        """The column of these rows; what the whole column has parsed, or parses later, is not parsed again."""
        return _RowsOfColumn(self, rows)

    def to_arrow(self) -> pa.Array:
        """As PyArrow has it: int64 (uint64 beyond it), double, bool, string, timestamp[us] or null."""
        return pa.array(self.data, from_pandas=True) if isinstance(self.data, np.ndarray) else self.data

    def to_list(self) -> list[Any]:
        """The values as Python has them, None for what is missing."""
        found: list[Any] = self.to_arrow().to_pylist()
        return found


class _RowsOfColumn(ColumnValues):
    """Some rows of a column."""

    def __init__(self, whole: ColumnValues, rows: NDArray[np.int64]) -> None:
        super().__init__(
            whole._typed, stray_words=whole.stray_words, is_categorical=whole.is_categorical, unit=whole._unit
        )
        self._whole, self._rows = whole, rows

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def data(self) -> Data:
        return take_rows(self._whole.data, self._rows)

    @cached_property
    def source_text(self) -> pa.Array | None:
        whole = self._whole.source_text
        return None if whole is None else take_rows(whole, self._rows)

    @cached_property
    def is_missing(self) -> NDArray[np.bool_]:
        return self._whole.is_missing[self._rows]

    @cached_property
    def _parsed(self) -> _Parsed:
        strays = self._whole.text_strays
        present = set(self.words.texts) if strays else ()
        kept = tuple(word for word in strays if word in present)
        return _Parsed(self._whole.numbers[self._rows], kept, self._whole.unit)

    @cached_property
    def words(self) -> Words:
        return self._whole.words.take(self._rows)

    def _read_seconds(self, fmt: str | None) -> NDArray[np.float64]:
        return self._whole.seconds(fmt)[self._rows]


def without(values: NDArray[np.float64], sentinels: tuple[float, ...]) -> NDArray[np.float64]:
    """``values`` with NaN for the sentinels among them."""
    return np.where(np.isin(values, sentinels), np.nan, values) if sentinels else values


def _floats(column: pa.Array) -> NDArray[np.float64]:
    # even a cast that does nothing costs what all the rest of a short column does
    if column.type != pa.float64():
        column = column.cast(pa.float64(), safe=False)
    found: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return found
