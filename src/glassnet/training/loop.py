"""The training loop: ask the engine for epochs, look, decide whether to go on."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace

import numpy as np

from glassnet.engines import Rows, Run, Snapshot
from glassnet.engines.protocol import Order
from glassnet.errors import DivergenceError, called
from glassnet.net.schedules import Factors
from glassnet.tables.seeds import Randomness, generator
from glassnet.training.events import LOOKS_A_SECOND, EpochsDone, TrainingEnded, Watchers
from glassnet.training.history import History
from glassnet.training.plan import Plan
from glassnet.training.snapshots import Snapshots
from glassnet.training.stop import StopToken
from glassnet.training.validation_metric import Judge


class Loop:
    """Trains ``run`` on ``rows``; what is best on ``validation`` is kept.

    Without validation rows the last epoch is kept. What is best has the lowest validation loss, or what the
    ``judge`` finds best. ``order`` draws the order of the rows, epoch by epoch.
    """

    def __init__(
        self,
        run: Run,
        rows: Rows,
        validation: Rows | None,
        plan: Plan,
        order: Randomness,
        *,
        judge: Judge | None = None,
        stop: StopToken | None = None,
        watchers: Watchers | None = None,
    ) -> None:
        self.run = run
        self.rows = rows
        self.validation = validation
        self.plan = plan
        self.judge = judge
        self.history = History(metric=judge.name if judge else "")
        self.stop = StopToken() if stop is None else stop
        self._watchers = watchers or Watchers(None)
        self._steps = -(-len(rows) // plan.batch_size)
        self._order = generator(order) if self._steps > 1 else None
        self._best: Snapshot | None = None
        if plan.snapshots:
            self.history.snapshots = Snapshots(plan.snapshots)

    def train(self) -> History:
        """Run all epochs, or until something ends them. The run is left with the parameters that are kept.

        Raises:
            DivergenceError: the loss left the finite numbers, and no validated epoch was there to keep.
        """
        history, plan = self.history, self.plan
        started = looked = time.perf_counter()
        count = 1
        while not history.stop_reason:
            before = time.perf_counter()
            asked = min(count, plan.epochs - history.epochs, self._until_snapshot())
            self._epochs(asked)
            now = time.perf_counter()
            history.seconds = now - started
            history.stop_reason = history.stop_reason or self._reason_to_stop()
            if (
                self._watchers
                and (now - looked > 1 / LOOKS_A_SECOND or history.stop_reason)
                and history.epochs
            ):
                looked = now
                self._watchers.tell(self._report())
            if self.validation is None:
                count = self._epochs_a_look(now - before, asked)
        if self._best is not None:
            self.run.restore(self._best)
        else:
            history.best_epoch = history.epochs
            if self.judge is not None and history.epochs:
                warnings.warn(
                    f"the metric {history.metric} was not a finite number after any epoch, so it could not tell "
                    "which is best, and the last is kept. Do the validation rows have all that it needs?",
                    RuntimeWarning,
                    stacklevel=2,
                )
            if not np.isfinite(
                self.run.snapshot().parameters
            ).all():  # no loss was measured after the last step
                self._diverge(history.epochs * self._steps)
        self._watchers.tell(TrainingEnded(self.stop, history.stop_reason, history))
        return history

    def _epochs(self, count: int) -> None:
        """Train for ``count`` epochs and measure."""
        rates = self._rates(count)
        done = self.run.epochs(self.rows, self.plan.batch_size, rates, self._orders(count), self.stop.flag)
        if done.diverged_at is not None:
            self._diverge(done.diverged_at)
            return
        loss = score = None
        if self.validation is not None and len(done.losses):
            loss = self.run.evaluate(self.validation)
            if self.judge is not None:
                score = float(self.judge.measure(self.run.snapshot().parameters))
        self.history.extend(done.losses, rates[: len(done.losses), -1], loss, score)
        if loss is not None and self._is_best():
            self._best = self.run.snapshot()
            self.history.best_epoch = self.history.epochs
        snapshots = self.history.snapshots
        if snapshots is not None and snapshots.is_due(self.history.epochs):
            snapshots.add(self.history.epochs, self.run.snapshot().parameters)

    def _until_snapshot(self) -> int:
        """How many epochs may be run before the parameters are to be looked at."""
        snapshots = self.history.snapshots
        return self.plan.epochs if snapshots is None else snapshots.epochs_until_due(self.history.epochs)

    def _is_best(self) -> bool:
        """Whether the last epoch is better than the best before it."""
        history, judge = self.history, self.judge
        figures = history.validation_loss if judge is None else history.validation_score
        last, best = figures[-1], figures[history.best_epoch - 1]
        if not np.isfinite(last):
            return False
        return self._best is None or bool(last < best if judge is None else judge.better(last, best))

    def _rates(self, count: int) -> Factors:
        """(count, S): the learning rate of every step of the next ``count`` epochs."""
        first = self.history.epochs * self._steps
        steps = np.arange(first, first + count * self._steps, dtype=np.float64)
        total = self.plan.epochs * self._steps
        factors = self.plan.schedule.factor(steps, total)
        return self.plan.learning_rate * factors.reshape(count, self._steps)

    def _orders(self, count: int) -> Order | None:
        """(count, N): drawn epoch by epoch, so that it does not matter how many are asked for at once."""
        if self._order is None:
            return None
        rows = np.arange(len(self.rows), dtype=np.intp)
        return self._order.permuted(np.tile(rows, (count, 1)), axis=1)

    def _reason_to_stop(self) -> str:
        history, plan = self.history, self.plan
        if self.stop.stopped:
            return self.stop.reason
        if history.epochs >= plan.epochs:
            return "all epochs done"
        if self.validation is not None and plan.patience is not None:
            since_best = history.epochs - history.best_epoch
            if since_best >= plan.patience:
                return f"no better validation {history.metric or 'loss'} for {since_best} epochs"
        if plan.max_time is not None and history.seconds >= plan.max_time:
            return f"{plan.max_time:g} seconds are over"
        return ""

    def _diverge(self, step: int) -> None:
        rate, epoch = self.plan.learning_rate, -(-step // self._steps)
        clipped = called("optimizer", str(replace(self.plan.optimizer, max_norm=1.0)))
        message = (
            f"training diverged: the loss was no longer finite at step {step} (epoch {epoch}). "
            f"Try a smaller learning rate (it was {rate:g}; try {rate / 10:g}), {clipped} to clip gradients, or "
            f"{called('standardize', True)} if numbers are not standardized."
        )
        if self._best is None:
            raise DivergenceError(message, step)
        kept = f" Kept is epoch {self.history.best_epoch}, the best before."
        warnings.warn(message + kept, RuntimeWarning, stacklevel=2)
        self.history.stop_reason = f"diverged at step {step}"

    def _epochs_a_look(self, seconds: float, count: int) -> int:
        """How many epochs to ask for next, so that somebody may look ``LOOKS_A_SECOND`` times a second."""
        wanted = count / max(seconds, 1e-9) / LOOKS_A_SECOND
        largest = max(1, 2**24 // (len(self.rows) + self._steps))  # bounds the memory of orders and rates
        return int(min(max(wanted, 1), largest))

    def _report(self) -> EpochsDone:
        history, epochs = self.history, self.plan.epochs
        return EpochsDone(
            stop=self.stop,
            epoch=history.epochs,
            epochs=epochs,
            loss=float(history.loss[-1]),
            validation_loss=float(history.validation_loss[-1]) if len(history.validation_loss) else None,
            best_epoch=history.best_epoch or history.epochs,
            rate=float(history.rate[-1]),
            elapsed=history.seconds,
            remaining=history.seconds / history.epochs * (epochs - history.epochs),
            history=history,
        )
