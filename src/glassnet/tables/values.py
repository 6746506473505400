"""A column's values as NumPy sees them: one place for "as numbers", "as words", "as moments"."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.tables import dates
from glassnet.tables._arrow import pa, pc
from glassnet.tables.text import one_chunk, type_column


class Words(NamedTuple):
    """A column as words: ``codes`` (N,) index ``texts``, -1 for a gap; every text occurs."""

    codes: NDArray[np.int64]
    texts: list[str]

    def counts(self) -> NDArray[np.int64]:
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))


class Parsed(NamedTuple):
    """Numbers (N,), NaN for a gap, and the words that are neither number nor gap, with their rows from 1."""

    values: NDArray[np.float64]
    strays: dict[str, list[int]]


def is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type))


def is_moment(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_timestamp(column.type))


def is_plain(column: pa.ChunkedArray) -> bool:
    """Whether the column is of a type that can be used at all."""
    kind, types = column.type, pa.types
    return bool(
        types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
        or types.is_string(kind) or types.is_timestamp(kind) or types.is_null(kind)
    )  # fmt: skip


def as_numbers(column: pa.ChunkedArray) -> Parsed:
    """The column as float64; text is read as numbers where it can be, and the rest of it is stray."""
    if pa.types.is_null(column.type) or not len(column):
        return Parsed(np.full(len(column), np.nan), {})
    if not is_text(column):
        if is_moment(column):
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


def as_words(column: pa.ChunkedArray) -> Words:
    """The column as words: whole numbers without a point, true and false in lower case."""
    if pa.types.is_null(column.type) or not len(column):
        return Words(np.full(len(column), -1), [])
    coded = one_chunk(column).dictionary_encode()
    codes = coded.indices.fill_null(-1) if coded.null_count else coded.indices
    texts = coded.dictionary if is_text(column) else coded.dictionary.cast(pa.string())
    return Words(codes.to_numpy(zero_copy_only=False).astype(np.int64), texts.to_pylist())


def as_moments(column: pa.ChunkedArray, fmt: str | None) -> NDArray[np.float64]:
    """Seconds since 1970 (N,), NaN for a gap and for text that ``fmt`` does not read."""
    if pa.types.is_null(column.type) or not len(column):
        return np.full(len(column), np.nan)
    if is_moment(column):
        return _floats(column.cast(pa.int64())) / 1e6
    coded = one_chunk(column.cast(pa.string())).dictionary_encode()
    ticks = dates.moments(coded.dictionary, fmt or dates.ISO).cast(pa.int64())
    return _floats(ticks.take(coded.indices)) / 1e6


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
