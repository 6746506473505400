"""An array of numbers as a table, without a column of it going through PyArrow.

An :class:`ArrayTable` answers as a PyArrow table does, so that whatever asks for one column gets one. What asks for
all of them (statistics, encoding, the fingerprint) takes them by the block, as NumPy has them: a small array then
costs microseconds, and a large one no more than the copy that a network learns from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import from_numpy, pa

Array = NDArray[Any]

CACHED = 2**16  # numbers that stay in the processor's caches from one pass over them to the next
TURNED = 512  # rows that are turned into columns at a time, for the same reason
ABREAST = 32  # columns that are turned together: a row's piece of them fills whole lines of a cache


@dataclass(frozen=True, eq=False)
class ArrayTable:
    """A table of N rows. Its arrays are not copied: nobody may change them while it is in use.

    ``arrays`` are (M, C) each, of numbers, in which NaN is a gap; ``names`` are those of all their columns, one
    array's after the other's; ``others`` are columns of any type that stand behind them; ``rows`` (N,) are the
    rows of the arrays that belong to the table, ``None`` for all.
    """

    names: tuple[str, ...]
    arrays: tuple[Array, ...]
    others: pa.Table | None = None
    rows: NDArray[np.int64] | None = None

    @property
    def num_rows(self) -> int:
        return len(self.arrays[0] if self.rows is None else self.rows)

    @property
    def column_names(self) -> list[str]:
        return [*self.names, *(self.others.column_names if self.others is not None else ())]

    def column(self, name: str) -> pa.ChunkedArray:
        """The column as PyArrow has it: int64 (beyond it uint64), or double with null for a gap."""
        if name not in self.names:
            assert self.others is not None
            return self.others.column(name)
        return pa.chunked_array([pa.array(self.numbers(name), from_pandas=True)])

    def numbers(self, name: str) -> Array:
        """A column of the arrays, (N,): int64 (beyond it uint64), or float64 with NaN for a gap."""
        place = self.names.index(name)
        for array in self.arrays:
            if place < array.shape[1]:
                break
            place -= array.shape[1]
        whole = array[:, place]  # decides, so that a column has one type in all parts of a split
        kind = np.float64 if whole.dtype.kind == "f" else np.uint64 if _huge(whole) else np.int64
        return (whole if self.rows is None else whole[self.rows]).astype(kind)

    def take(self, rows: NDArray[np.int64]) -> ArrayTable:
        """The table of these rows, which still has the same arrays."""
        others = None if self.others is None else self.others.take(from_numpy(rows))
        return replace(self, rows=rows if self.rows is None else self.rows[rows], others=others)

    def with_array(self, names: Sequence[str], array: Array) -> ArrayTable:
        """The table with the columns of one more array (N, C)."""
        return replace(self, names=(*self.names, *names), arrays=(*self.arrays, array))

    def with_others(self, others: pa.Table) -> ArrayTable:
        """The table with columns of any type behind its own."""
        return replace(self, others=others)

    def blocks(self, names: Sequence[str]) -> Iterator[tuple[list[str], Array]]:
        """The columns ``names``, as far as they are in the arrays, a few at a time: their names, and (B, N) numbers.

        float32 where that holds every number of the arrays' types, else float64; each column contiguous.
        """
        if self._small is not None:
            wanted = set(names)
            if places := [place for place, name in enumerate(self.names) if name in wanted]:
                yield [self.names[place] for place in places], self._small[as_slice(places)]
            return
        few = max(1, CACHED // max(self.num_rows, 1))
        many = max(ABREAST, few)
        for own, array, places in self._wanted(names):
            for first in range(0, len(places), many):
                turned = self._turned(array, places[first : first + many])
                found = [own[place] for place in places[first : first + many]]
                for low in range(0, len(turned), few):
                    yield found[low : low + few], turned[low : low + few]

    @cached_property
    def _small(self) -> Array | None:
        """(C, N): all columns of the arrays, turned once for whoever asks, where the caches hold them."""
        if self.num_rows * len(self.names) > CACHED:
            return None
        return np.concatenate([self._turned(array, [*range(array.shape[1])]) for array in self.arrays])

    def strips(self, names: Sequence[str]) -> Iterator[tuple[list[str], Iterator[tuple[slice, Array]]]]:
        """The same, rows by rows: for each array the names of its columns, and strips of it.

        A strip is which rows, and their numbers (R, C) in the array's own type.
        """
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

    def _turned(self, array: Array, places: list[int]) -> Array:
        """(B, N): columns of ``array`` (M, C), each contiguous."""
        count, cut = self.num_rows, as_slice(places)
        turned = np.empty((len(places), count), np.result_type(array.dtype, np.float32))
        for low in range(0, count, TURNED):
            rows = slice(low, low + TURNED)
            if self.rows is None:
                turned[:, rows] = array[rows, cut].T
            elif isinstance(cut, slice):
                turned[:, rows] = array[:, cut][self.rows[rows]].T
            else:
                turned[:, rows] = array[self.rows[rows, None], cut].T
        return turned


def take(table: pa.Table | ArrayTable, rows: NDArray[np.int64]) -> Any:
    """The table of these rows, of the same kind."""
    return table.take(rows if isinstance(table, ArrayTable) else from_numpy(rows))


def plain_numbers(values: Any) -> bool:
    """Whether ``values`` is an array of numbers whose columns can be taken as they are."""
    return (
        type(values) in (np.ndarray, np.memmap)  # a mask says more than the numbers do
        and values.dtype.kind in "fiu"
        and values.dtype.itemsize <= 8
        and values.dtype.isnative
    )


def _huge(values: Array) -> bool:
    """Whether whole numbers go beyond int64."""
    return values.dtype == np.uint64 and values.size > 0 and bool(values.max() >= 2**63)


def as_slice(places: list[int]) -> slice | list[int]:
    """``places`` as a slice where they follow one another: for a view in place of a copy."""
    whole = range(places[0], places[-1] + 1)
    return slice(whole.start, whole.stop) if places == list(whole) else places
