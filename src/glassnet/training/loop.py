"""The training loop: ask the engine for epochs, measure, and decide whether to go on."""

from __future__ import annotations

import operator
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.engines import Rows, Run, Snapshot
from glassnet.engines.protocol import EachRow, Order, Rates, Stopped
from glassnet.errors import DivergenceError
from glassnet.net.arrays import Array
from glassnet.tables.seeds import Randomness, generator
from glassnet.training.divergence import divergence_message
from glassnet.training.duration import Duration
from glassnet.training.early_stopping import EarlyStopping, epochs_allowed
from glassnet.training.events import (
    EVENTS_PER_SECOND,
    Callbacks,
    CurrentParameters,
    EpochsDone,
    Event,
    StepDone,
    TrainingEnded,
)
from glassnet.training.history import Recorder
from glassnet.training.loop_state import LoopState, set_state, state_of
from glassnet.training.result import Kept, Result
from glassnet.training.row_source import Part, RowSource, batches
from glassnet.training.settings import Settings
from glassnet.training.stop import INTERRUPTED, StopToken
from glassnet.training.validation_metric import UntilStopped, ValidationMetric


@dataclass(eq=False)
class Loop:
    """Trains ``run`` on the blocks of ``source``, and keeps the parameters of the best epoch on ``validation``.

    The best epoch is that of the lowest validation loss, or of the best ``metric``; without validation rows the last
    is kept. ``order`` draws the order of the rows of each block, epoch by epoch.
    """

    run: Run
    source: RowSource
    validation: Rows | None
    settings: Settings
    order: Randomness
    metric: ValidationMetric | None = None
    stop: StopToken = field(default_factory=StopToken)
    callbacks: Callbacks = field(default_factory=Callbacks)
    member: int = 0  # the number of the network among those of the model
    duration: Duration | None = None  # by default, the time that the settings allow
    on_state: Callable[[LoopState], None] | None = None  # gets the state after each call of the engine

    def __post_init__(self) -> None:
        settings, rows = self.settings, sum(self.source.sizes)
        self.record = Recorder(self.metric.name if self.metric else "", settings.snapshots)
        self._batch_size = min(settings.batch_size or rows, rows)
        self._steps = sum(-(-size // self._batch_size) for size in self.source.sizes)
        self._asked = epochs_allowed(settings.epochs, self._steps)
        self._duration = self.duration or Duration(settings.max_time)
        self.epochs = self._duration.epochs(self._asked, settings.schedule)
        self._order = generator(self.order) if self._steps > 1 else None
        self._best: Kept | None = None
        self._each: EachRow | None = None  # what was measured last
        weights = None if self.validation is None else self.validation.weights
        self._patience = EarlyStopping(settings.patience, self._steps, weights)

    def state(self) -> LoopState:
        """All that another loop of the same settings and rows needs to go on."""
        order = state_of(self._order)
        return LoopState(self.run.snapshot(), order, self.record.history(), self._best, self.epochs)

    def restore(self, state: LoopState) -> None:
        """Go on from the ``state`` of another loop."""
        self.run.restore(state.run)
        set_state(self._order, state.order)
        self.record.restore(state.history)
        self._best, self.epochs = state.best, state.epochs

    def train(self) -> Result:
        """Run all epochs, or until something ends them.

        Raises:
            DivergenceError: the loss was no longer finite, and there is no validated epoch to keep.
        """
        record = self.record
        sent = time.perf_counter()
        started = sent - record.seconds
        count, told = 1, 0
        pace = self.callbacks.pace
        while not record.stop_reason:
            asked = min(count, self.epochs - record.epochs, self._until_snapshot())
            if pace is not None:
                asked = pace.take(asked, self.stop, untold=told < record.epochs)
            before = time.perf_counter()
            if asked:
                self._epochs(asked)
            now = time.perf_counter()
            record.seconds = now - started - (pace.waited if pace else 0.0)
            if not record.stop_reason:
                self._look_for_the_end()
            if self.on_state is not None and record.ended_by != "stop":  # that may be amid an epoch
                self.on_state(self.state())
            due = now - sent > 1 / EVENTS_PER_SECOND or record.stop_reason or (pace and pace.waits)
            if self.callbacks and due and record.epochs:
                sent = now
                left = record.seconds / record.epochs * (self.epochs - record.epochs)
                more = {"epochs": self.epochs, "remaining": left, "history": record.history()}
                if self._send(EpochsDone, self.run.parameters, **more):
                    told = record.epochs
            if self.validation is None and len(self.source.sizes) == 1 and asked:
                count = self._epochs_per_call(now - before, asked)
        kept, history = self._keep_best(), record.history()
        self._send(TrainingEnded, kept.parameters.copy if kept else self.run.parameters, history=history)
        return Result(history, kept)

    def _send(self, event: type[Event], parameters: Callable[[], Array], **what: Any) -> bool:
        """Call the callbacks; returns whether all were called."""
        if not self.callbacks:
            return True
        what |= {"member": self.member, "members": self.settings.members}
        return self.callbacks.send(event(stop=self.stop, current=CurrentParameters(parameters), **what))

    def _epochs(self, count: int) -> None:
        """Train for ``count`` epochs and measure."""
        record = self.record
        rates = self._rates(count)
        losses, penalties = self._pass(rates)
        if not len(losses):
            return
        try:
            measured = self._measure()
        except Stopped:  # an epoch that was not measured does not count
            return
        record.loss.extend(losses)
        record.penalty.extend(penalties)
        record.rate.extend(rates[: len(losses), -1])
        if measured:
            record.validation_loss.extend(measured[:1])
            record.validation_score.extend(measured[1:])
            if record.is_best(operator.lt if self.metric is None else self.metric.better):
                self._best = Kept(self.run.parameters(), self._each)
                record.best_epoch = record.epochs
        snapshots = record.snapshots
        if snapshots is not None and snapshots.is_due(record.epochs):
            snapshots.add(record.epochs, self.run.parameters())

    def _pass(self, rates: Rates) -> tuple[Rates, Rates]:
        """The losses and the penalties, each (epochs,), of the epochs that were finished, by one call of the engine
        for each part of the rows.

        ``rates`` (count, S) are for one epoch if there are several parts.
        """
        losses = penalties = np.empty(0)
        weight, first = 0.0, 0
        for part in self._parts(len(rates)):
            steps = -(-len(part.rows) // self._batch_size)
            own = rates[:, first : first + steps]
            before = None if part.batch is None else self.run.snapshot()
            done = self.run.epochs(part.rows, self._batch_size, own, part.orders, self.stop.flag)
            if done.diverged_at is not None:
                self._diverge(done.diverged_at)
                return np.empty(0), np.empty(0)
            finished = len(done.losses)
            penalty = np.zeros(finished) if done.penalties is None else done.penalties
            loss = done.losses - penalty
            weight += part.rows.weight
            if first:  # the mean over this part and those before it
                share = part.rows.weight / weight if weight else 1.0
                loss = losses[:finished] + (loss - losses[:finished]) * share
                penalty = penalties[:finished] + (penalty - penalties[:finished]) * share
            losses, penalties = loss, penalty
            first += steps
            if not finished:
                break
            if before is not None:
                self._send_step(part, first, float(own[0, 0]), float(done.losses[0]), before)
        return losses, penalties

    def _measure(self) -> list[float]:
        """The loss of the validation rows, if there are any, and the metric, if there is one.

        Raises:
            Stopped: training was stopped meanwhile.
        """
        if self.validation is None:
            return []
        self._each = EachRow.of(self.validation)
        measured = [self.run.evaluate(self.validation, self.stop.flag, self._each)]
        if self.metric is not None:
            measured.append(
                self.metric.measure(UntilStopped(self.run, self.stop, self.validation, self._each))
            )
        return measured

    def _parts(self, count: int) -> Iterator[Part]:
        """What the engine is called for: every block, or its batches if the pace asks for steps."""
        pace, start = self.callbacks.pace, 0
        for block in self.source.blocks(self.record.epochs):
            orders = self._orders(count, len(block))
            if pace is None or not pace.by_step:
                yield Part(block, orders)
            else:
                order = np.arange(len(block)) if orders is None else orders[0]
                yield from batches(block, order, start, self._batch_size, pace, self.stop)
            start += len(block)

    def _send_step(self, part: Part, place: int, rate: float, loss: float, before: Snapshot) -> None:
        assert part.batch is not None
        self._send(
            StepDone,
            self.run.parameters,
            epoch=self.record.epochs + 1,
            place=place,
            steps=self._steps,
            batch=part.rows,
            rows=part.batch,
            rate=rate,
            loss=loss,
            before=before,
            after=self.run.snapshot(),
        )

    def _until_snapshot(self) -> int:
        """The number of epochs until the parameters are needed."""
        snapshots = self.record.snapshots
        return self.epochs if snapshots is None else snapshots.epochs_until_due(self.record.epochs)

    def _keep_best(self) -> Kept | None:
        record = self.record
        if self._best is not None or (not record.epochs and self.stop.reason == INTERRUPTED):
            return self._best
        if not record.epochs:
            return Kept(self.run.parameters())
        record.best_epoch = record.epochs
        if self.metric is not None:
            warnings.warn(
                f"the metric {record.metric} was not a finite number after any epoch, so the last epoch is kept. "
                "Do the validation rows have all that it needs?",
                RuntimeWarning,
                stacklevel=3,
            )
        last = self.run.parameters()
        if not np.isfinite(last).all():  # no loss was measured after the last step
            self._diverge(record.epochs * self._steps)
        if self.validation is not None:
            self._each = EachRow.of(self.validation)
            self.run.evaluate(self.validation, None, self._each)
        return Kept(last, self._each)

    def _rates(self, count: int) -> Rates:
        """(count, S): the learning rate of every step of the next ``count`` epochs."""
        first = self.record.epochs * self._steps
        steps = np.arange(first, first + count * self._steps, dtype=np.float64)
        factors = self.settings.schedule.factor(steps, self.epochs * self._steps)
        return self.settings.rate * factors.reshape(count, self._steps)

    def _orders(self, count: int, rows: int) -> Order | None:
        """(count, N): drawn epoch by epoch, so that the number of epochs per call does not matter."""
        if self._order is None:
            return None
        return self._order.permuted(np.tile(np.arange(rows, dtype=np.intp), (count, 1)), axis=1)

    def _look_for_the_end(self) -> None:
        """End the training if something asks for it."""
        record = self.record
        if self.stop.stopped:
            record.end("stop", self.stop.reason)
        elif record.epochs >= self._asked:
            record.end("epochs", "all epochs done")
        elif reason := self._patience.reason(record, self._best and self._best.validation):
            record.end("patience", reason)
        elif record.epochs >= self.epochs or self._duration.is_over(record.seconds, record.epochs):
            record.end("max_time", f"{self._duration.allowed:g} seconds are over")

    def _diverge(self, step: int) -> None:
        message = divergence_message(self.settings, self.member, step, -(-step // self._steps))
        if self._best is None:
            raise DivergenceError(message, step)
        warnings.warn(
            f"{message} Kept epoch {self.record.best_epoch}, the best before.", RuntimeWarning, stacklevel=2
        )
        self.record.end("divergence", f"diverged at step {step}")

    def _epochs_per_call(self, seconds: float, count: int) -> int:
        """The number of epochs of the next call, so that events come ``EVENTS_PER_SECOND`` times a second."""
        wanted = count / max(seconds, 1e-9) / EVENTS_PER_SECOND
        numbers = sum(self.source.sizes) + self._steps
        return int(min(max(wanted, 1), max(1, 2**24 // numbers)))  # bounds the memory of orders and rates
