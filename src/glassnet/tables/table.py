"""``Table``: what every table can do once it has been read; ``ReadTable``: one that was read column by column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.read.options import AS_FOUND, ReadOptions

Array = NDArray[Any]


class Table(ABC):
    """N rows with named columns, as type inference and encoders ask for them.

    Columns that the table holds in plain arrays of numbers, ``array_names``, can be asked for together, a block at a
    time.
    """

    @property
    def array_names(self) -> tuple[str, ...]:
        """The names of the columns that are held in arrays of numbers."""
        return ()

    @property
    @abstractmethod
    def num_rows(self) -> int:
        """The number of rows."""

    @property
    @abstractmethod
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""

    @property
    @abstractmethod
    def notes(self) -> tuple[Note, ...]:
        """What was assumed while the table was read."""

    @property
    @abstractmethod
    def decimal(self) -> str | None:
        """The decimal mark that the source was found to use, if it uses one."""

    @property
    @abstractmethod
    def read_options(self) -> ReadOptions:
        """The options with which it was read, but for those of a single file."""

    @abstractmethod
    def column(self, name: str) -> ColumnValues:
        """One column; whatever is parsed of it is parsed once, however often it is asked for."""

    @abstractmethod
    def take(self, rows: ArrayLike) -> Self:
        """The table of these rows (from 0)."""

    @abstractmethod
    def with_columns(self, other: Table) -> Self:
        """This table with the columns of another, of as many rows, behind its own."""

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers (N,), NaN for what is missing or no number."""
        return self.column(name).numbers

    def to_arrow(self) -> pa.Table:
        """The table as PyArrow has it: int64 (uint64 beyond it), double, bool, string, timestamp[us] or null."""
        return pa.table({name: self.column(name).to_arrow() for name in self.column_names})

    def blocks(self, names: Sequence[str]) -> Iterator[tuple[list[str], Array]]:
        """Those of the columns that are held in arrays, a few at a time: their names, and (B, N) numbers.

        float32 where that holds every number of the arrays' types, else float64; each column contiguous.
        """
        return iter(())

    def strips(self, names: Sequence[str]) -> Iterator[tuple[list[str], Iterator[tuple[slice, Array]]]]:
        """The same by rows: for each array the names of its columns, and strips of it.

        A strip is which rows, and their numbers (R, B) in the array's own type.
        """
        return iter(())


@dataclass(frozen=True, eq=False)
class ReadTable(Table):
    """A table that was read column by column. See :class:`Table` for what it can do.

    Attributes:
        columns: its columns by name, with all their rows.
        notes: what was assumed while it was read.
        decimal: the decimal mark that its source was found to use, if that could be told.
        read_options: the options with which it was read, but for those of a single file.
        rows: which of the columns' rows belong to the table; None for all.
    """

    columns: Mapping[str, ColumnValues]
    notes: tuple[Note, ...] = ()
    decimal: str | None = None
    read_options: ReadOptions = AS_FOUND
    rows: NDArray[np.int64] | None = None

    def __repr__(self) -> str:
        return f"ReadTable({self.num_rows:,} rows × {len(self.columns):,} columns)"

    @property
    def num_rows(self) -> int:
        return len(next(iter(self.columns.values()))) if self.rows is None else len(self.rows)

    @property
    def column_names(self) -> list[str]:
        return list(self.columns)

    def column(self, name: str) -> ColumnValues:
        column = self.columns[name]
        return column if self.rows is None else column.take(self.rows)

    def take(self, rows: ArrayLike) -> ReadTable:
        wanted = np.asarray(rows, np.int64)
        return replace(self, rows=wanted if self.rows is None else self.rows[wanted])

    def with_columns(self, other: Table) -> ReadTable:
        columns = {name: self.column(name) for name in self.columns}
        columns |= {name: other.column(name) for name in other.column_names}
        return ReadTable(columns, (*self.notes, *other.notes), self.decimal, self.read_options)
