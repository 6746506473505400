"""An array of numbers as a table, without a column of it going through PyArrow.

Whoever asks an :class:`ArrayTable` for one column gets one. What asks for all of them (statistics, encoding, the
fingerprint) takes them by the block, as NumPy has them: a small array then costs microseconds, and a large one no more
than the copy that a network is trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.caching import cached_property
from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.table import Array, ReadTable, Table

CACHED = 2**16  # numbers that stay in the processor's caches from one pass over them to the next
TRANSPOSED = 512  # rows that are transposed at a time, for the same reason
ABREAST = 32  # columns that are transposed together: a row's piece of them fills whole lines of a cache


@dataclass(frozen=True, eq=False)
class ArrayTable(Table):
    """A table of N rows. Its arrays are not copied: nobody may change them while it is in use.

    See :class:`glassnet.tables.table.Table` for what it can do. ``arrays`` are (M, C) each, of numbers, with NaN for
    a missing value; ``names`` are those of all their columns, one array's after the other's; ``others`` are
    columns of any type that stand behind them; ``rows`` (N,) are the rows of the arrays that belong to the table,
    ``None`` for all.
    """

    names: tuple[str, ...]
    arrays: tuple[Array, ...]
    others: ReadTable | None = None
    rows: NDArray[np.int64] | None = None
    _columns: dict[str, ColumnValues] = field(default_factory=dict, init=False, repr=False)

    @property
    def array_names(self) -> tuple[str, ...]:
        return self.names

    @property
    def num_rows(self) -> int:
        return len(self.arrays[0] if self.rows is None else self.rows)

    @property
    def column_names(self) -> list[str]:
        return [*self.names, *(self.others.column_names if self.others is not None else ())]

    @property
    def notes(self) -> tuple[Note, ...]:
        return () if self.others is None else self.others.notes

    @property
    def decimal(self) -> str | None:
        return None if self.others is None else self.others.decimal

    @property
    def read_options(self) -> ReadOptions:
        return AS_FOUND if self.others is None else self.others.read_options

    def column(self, name: str) -> ColumnValues:
        if self.others is not None and name in self.others.columns:
            return self.others.column(name)
        if name not in self._columns:
            self._columns[name] = ColumnValues(self._own(name))
        return self._columns[name]

    def _own(self, name: str) -> Array:
        """A column of the arrays, (N,): int64 (beyond it uint64), or float64 with NaN for a missing value."""
        place = self.names.index(name)
        for array in self.arrays:
            if place < array.shape[1]:
                break
            place -= array.shape[1]
        column = array[:, place]  # of all rows: a column has one type in all parts of a split
        dtype = np.float64 if column.dtype.kind == "f" else np.uint64 if _huge(column) else np.int64
        return (column if self.rows is None else column[self.rows]).astype(dtype)

    def take(self, rows: ArrayLike) -> ArrayTable:
        wanted = np.asarray(rows, np.int64)
        others = None if self.others is None else self.others.take(wanted)
        rows = wanted if self.rows is None else self.rows[wanted]
        return ArrayTable(self.names, self.arrays, others, rows)

    def with_columns(self, other: Table) -> ArrayTable:
        if isinstance(other, ArrayTable) and self._is_whole() and other._is_whole():
            return ArrayTable((*self.names, *other.names), (*self.arrays, *other.arrays))
        return replace(self, others=(self.others or ReadTable({})).with_columns(other))

    def _is_whole(self) -> bool:
        return self.rows is None and self.others is None

    def to_arrow(self) -> pa.Table:
        own = {name: ColumnValues(self._own(name)).to_arrow() for name in self.names}
        others = {} if self.others is None else self.others.columns
        return pa.table({**own, **{name: self.column(name).to_arrow() for name in others}})

    def blocks(self, names: Sequence[str]) -> Iterator[tuple[list[str], Array]]:
        if self._small is not None:
            wanted = set(names)
            if places := [place for place, name in enumerate(self.names) if name in wanted]:
                yield [self.names[place] for place in places], self._small[as_slice(places)]
            return
        few = max(1, CACHED // max(self.num_rows, 1))
        many = max(ABREAST, few)
        for own, array, places in self._wanted(names):
            for first in range(0, len(places), many):
                transposed = self._transposed(array, places[first : first + many])
                found = [own[place] for place in places[first : first + many]]
                for low in range(0, len(transposed), few):
                    yield found[low : low + few], transposed[low : low + few]

    @cached_property
    def _small(self) -> Array | None:
        """(C, N): all columns of the arrays, transposed once for all who ask, where the caches hold them."""
        if self.num_rows * len(self.names) > CACHED:
            return None
        return np.concatenate([self._transposed(array, [*range(array.shape[1])]) for array in self.arrays])

    def strips(self, names: Sequence[str]) -> Iterator[tuple[list[str], Iterator[tuple[slice, Array]]]]:
        for own, array, places in self._wanted(names):
            yield [own[place] for place in places], self._strips_of(array, places)

    def _strips_of(self, array: Array, places: list[int]) -> Iterator[tuple[slice, Array]]:
        cut, step = as_slice(places), max(1, CACHED // len(places))
        for low in range(0, self.num_rows, step):
            rows = slice(low, low + step)
            yield rows, array[rows if self.rows is None else self.rows[rows]][:, cut]

    def _wanted(self, names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Array, list[int]]]:
        """For each array that has some of the columns: all its names, itself, and the places of those."""
        wanted, first = set(names), 0
        for array in self.arrays:
            own = self.names[first : first + array.shape[1]]
            first += array.shape[1]
            if places := [place for place, name in enumerate(own) if name in wanted]:
                yield own, array, places

    def _transposed(self, array: Array, places: list[int]) -> Array:
        """(B, N): columns of ``array`` (M, C), each contiguous."""
        count, cut = self.num_rows, as_slice(places)
        transposed = np.empty((len(places), count), np.result_type(array.dtype, np.float32))
        for low in range(0, count, TRANSPOSED):
            rows = slice(low, low + TRANSPOSED)
            if self.rows is None:
                transposed[:, rows] = array[rows, cut].T
            elif isinstance(cut, slice):
                transposed[:, rows] = array[:, cut][self.rows[rows]].T
            else:
                transposed[:, rows] = array[self.rows[rows, None], cut].T
        return transposed


def plain_numbers(values: Any) -> bool:
    """Whether ``values`` is an array of numbers whose columns can be taken as they are."""
    return (
        type(values) in (np.ndarray, np.memmap)  # a mask says more than the numbers do
        and values.dtype.kind in "fiu"
        and values.dtype.itemsize <= 8
        and values.dtype.isnative
    )


def _huge(values: Array) -> bool:
    """Whether integers go beyond int64."""
    return values.dtype == np.uint64 and values.size > 0 and bool(values.max() >= 2**63)


def as_slice(places: list[int]) -> slice | list[int]:
    """``places`` as a slice where they follow one another: for a view in place of a copy."""
    whole = range(places[0], places[-1] + 1)
    return slice(whole.start, whole.stop) if places == list(whole) else places
