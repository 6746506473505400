"""How long a training takes at most, estimated from a few of its steps, and the time that it may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from glassnet.engines import Rows, Run
from glassnet.engines.protocol import StopFlag
from glassnet.net import Schedule
from glassnet.net.schedules import Constant

FEWEST, ROWS = 64, 4096  # of a trial
SECONDS = 0.02  # that trials take at least; the fastest counts, since others may use the machine too
OVERTIME = 1.05  # of the time that is allowed


@dataclass(frozen=True)
class Duration:
    """The time of a training.

    Attributes:
        allowed: the most seconds; ``None`` for no limit.
        epoch: the seconds of an epoch, estimated; 0 if they are not known.
    """

    allowed: float | None = None
    epoch: float = 0.0

    def epochs(self, asked: int, schedule: Schedule) -> int:
        """The epochs to plan for: a schedule that depends on the length of the training ends with the time."""
        if self.allowed is None or not self.epoch or isinstance(schedule, Constant):
            return asked
        return min(asked, max(1, int(self.allowed / self.epoch)))

    def shared(self, passed: float, trainings: int) -> Duration:
        """Of each of so many trainings, one after another, when so many seconds have passed."""
        return self if self.allowed is None else replace(self, allowed=(self.allowed - passed) / trainings)

    def expected(self, epochs: int) -> float:
        """The seconds of so many epochs; 0 if they are not known."""
        seconds = epochs * self.epoch
        return seconds if self.allowed is None else min(seconds, self.allowed)

    def is_over(self, seconds: float, epochs: int) -> bool:
        """Whether another epoch, after so many in so many seconds, would end too late."""
        if self.allowed is None or not epochs:
            return False
        return seconds >= self.allowed or seconds * (1 + 1 / epochs) > OVERTIME * self.allowed


def seconds_of_epoch(
    run: Run,
    train: Rows,
    validation: Rows | None,
    batch_size: int,
    stop: StopFlag | None = None,
    count: int | None = None,
) -> float:
    """The seconds of an epoch on ``train``, or on ``count`` rows like these, with the evaluation of ``validation``.

    Args:
        run: like that of the training; it is trained here.
        batch_size: the rows of a step.
        stop: ends this soon.
    """
    start = run.snapshot()  # of usual numbers

    def steps(rows: Rows) -> None:
        size = min(batch_size, len(rows))
        run.epochs(rows, size, np.full((1, -(-len(rows) // size)), 1e-6), None, stop)

    def evaluation(rows: Rows) -> None:
        run.evaluate(rows)

    seconds = _of_all(train, steps) * (1.0 if count is None else count / len(train))
    if validation is not None and not (stop is not None and stop[0]):
        run.restore(start)
        seconds += _of_all(validation, evaluation)
    return seconds


def _of_all(rows: Rows, work: Callable[[Rows], None]) -> float:
    """The seconds of ``work`` with all rows, from trials with some: more and more, until they take long enough."""
    begin, fastest, count = time.perf_counter(), np.inf, min(len(rows), FEWEST)
    while True:
        part = rows.take(slice(0, count))
        before = time.perf_counter()
        work(part)
        after = time.perf_counter()
        fastest = min(fastest, (after - before) / count)
        if after - begin > SECONDS:
            return fastest * len(rows)
        count = min(4 * count, len(rows), ROWS)
