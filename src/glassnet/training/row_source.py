"""Where the loop takes its training rows from: one block of rows after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from glassnet.engines import Rows
from glassnet.engines.protocol import Order
from glassnet.net import Loss
from glassnet.net.arrays import Array
from glassnet.training.pace import Pace
from glassnet.training.stop import StopToken
from glassnet.training.training_rows import TrainingRows


class RowSource(Protocol):
    """Training rows in one or more blocks, of which one at a time needs to be in memory."""

    @property
    def sizes(self) -> Sequence[int]:
        """The number of rows of every block."""
        ...

    def blocks(self, epoch: int) -> Iterable[Rows]:
        """The blocks of an epoch, which counts from 0; each of :attr:`sizes` once, in any order."""
        ...


class CachedTraining(Protocol):
    """Training rows that are on a disk.

    Attributes:
        count: their number.
        rows: how a model recognizes them.
    """

    count: int
    rows: TrainingRows

    def source(self, loss: Loss, seed: int) -> RowSource:
        """They as the training loop takes them; the order of the blocks follows from ``seed``."""
        ...

    def holdout_inputs(self) -> Iterator[Array]:
        """The inputs of the holdout rows, some at a time."""
        ...

    def close(self) -> None:
        """They are no longer needed."""
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

    def blocks(self, epoch: int) -> tuple[Rows]:
        return (self._rows,)


def batches(
    block: Rows, order: Order, start: int, batch_size: int, pace: Pace, stop: StopToken
) -> Iterator[Part]:
    """The batches of one epoch of a block, each when the pace allows it, or all that are left.

    The engine makes the same steps, in the same order, as in one call for the whole block.

    Args:
        start: the position of the block among the training rows.
    """
    while len(order):
        if pace.take_step(stop):
            batch, order = order[:batch_size], order[batch_size:]
            yield Part(block.take(batch), None, start + batch)
        else:
            yield Part(block.take(order), None)
            return
