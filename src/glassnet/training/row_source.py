"""Where the loop takes its training rows from: one block of rows after another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from glassnet.engines import Rows
from glassnet.engines.protocol import Order


class RowSource(Protocol):
    """Training rows in one or more blocks, of which one at a time needs to be in memory."""

    @property
    def sizes(self) -> Sequence[int]:
        """The number of rows of every block."""
        ...

    def blocks(self) -> Iterable[Rows]:
        """The blocks of one epoch, in the order of :attr:`sizes`."""
        ...


class Part(NamedTuple):
    """What the engine is called for: rows, and their orders in each epoch.

    ``batch`` has, if the rows are a single batch, their positions among the training rows.
    """

    rows: Rows
    orders: Order | None
    batch: Order | None = None


class RowsInMemory:
    """All rows as one block."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.sizes = (len(rows),)

    def blocks(self) -> tuple[Rows]:
        return (self._rows,)
