"""Where the loop takes its training rows from: one block of rows after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from glassnet.engines import Rows


class RowSource(Protocol):
    """Training rows in one or more blocks, of which one at a time needs to be in memory."""

    @property
    def sizes(self) -> Sequence[int]:
        """The number of rows of every block."""
        ...

    def blocks(self) -> Iterable[Rows]:
        """The blocks of one epoch, in the order of :attr:`sizes`."""
        ...


class RowsInMemory:
    """All rows as one block."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.sizes = (len(rows),)

    def blocks(self) -> tuple[Rows]:
        return (self._rows,)
