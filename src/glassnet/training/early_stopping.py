"""Early stopping: whether a training has stopped improving on its validation rows; and how long it may be.

Counted in epochs alone, a training on few rows ends before it has learnt: an epoch of 100 rows is 4 steps, an epoch of
20,000 rows is 625. So by default steps count as well, and a validation loss is worse than the best only if it is higher
by more than the standard error of the best, which a few validation rows leave large (the rule of one standard error is
that of Breiman, Friedman, Olshen, Stone, *Classification and Regression Trees*, 1984, section 3.4.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from glassnet.engines import Rows, Run, Snapshot
from glassnet.training.history import Recorder

EPOCHS, STEPS = 200, 5000  # of a training at most, whichever is longer
PATIENCE_EPOCHS = 20  # without a better loss, at least
WORSE_STEPS = 1000  # for which the loss is worse than the best
FLAT_STEPS = 3000  # for which the loss is not better than the best
PARTS = 64  # of the validation rows, from whose losses the standard error is estimated


def epochs_allowed(epochs: int | str, steps: int) -> int:
    """The most epochs of a training with ``steps`` steps in an epoch."""
    return _epochs(EPOCHS, STEPS, steps) if isinstance(epochs, str) else epochs


@dataclass(eq=False)
class EarlyStopping:
    """Looks at the validation curve after each epoch.

    Args:
        patience: the number of epochs without a better loss or metric; ``None`` for no early stopping. ``"auto"`` waits
            for at least 20 epochs and, whichever is longer, for 1000 steps in which every loss is worse than the best
            by more than its standard error, or for 3000 steps in which none is better.
        steps: in an epoch.
        run: of the training.
        validation: the validation rows.
    """

    patience: int | str | None
    steps: int
    run: Run
    validation: Rows
    _error: tuple[int, float] = field(default=(0, 0.0), init=False)

    def reason(self, record: Recorder, best: Snapshot | None) -> str:
        """The reason to end training; empty if it should go on. ``best`` is the run at the best epoch."""
        since, name = record.epochs - record.best_epoch, record.metric or "loss"
        if self.patience is None:
            return ""
        if not isinstance(self.patience, str):
            return f"no better validation {name} for {since} epochs" if since >= self.patience else ""
        if since >= _epochs(PATIENCE_EPOCHS, FLAT_STEPS, self.steps):
            return f"no better validation {name} for {self._length(since)}"
        wait = _epochs(PATIENCE_EPOCHS, WORSE_STEPS, self.steps)
        if record.metric or best is None or since < wait:
            return ""
        losses = record.validation_loss.values
        worse = losses[-wait:] > losses[record.best_epoch - 1] + self._standard_error(record.best_epoch, best)
        if not worse.all():
            return ""
        return f"the validation loss was clearly higher than the lowest for {self._length(wait)}"

    def _length(self, epochs: int) -> str:
        return f"{epochs:,} epochs ({epochs * self.steps:,} steps)"

    def _standard_error(self, epoch: int, best: Snapshot) -> float:
        """That of the validation loss with the parameters of ``best``, those of ``epoch``; measured once for each."""
        if self._error[0] != epoch:
            current = self.run.snapshot()
            self.run.restore(best)
            self._error = epoch, standard_error(self.run, self.validation)
            self.run.restore(current)
        return self._error[1]


def standard_error(run: Run, rows: Rows) -> float:
    """The standard error of the mean loss over ``rows``, from the losses of at most 64 parts of them."""
    parts = min(len(rows), PARTS)
    if parts < 2:
        return math.inf
    losses, weights = np.empty(parts), np.empty(parts)
    for part in range(parts):
        at = np.arange(part, len(rows), parts)
        own = Rows(rows.inputs[at], rows.targets[at], None if rows.weights is None else rows.weights[at])
        weights[part] = own.weight
        losses[part] = run.evaluate(own) if weights[part] else 0.0
    shares = weights / weights.sum()
    spread = losses - shares @ losses
    return float(np.sqrt((shares**2 @ spread**2) * parts / (parts - 1)))


def _epochs(epochs: int, steps: int, steps_of_epoch: int) -> int:
    """So many epochs, and no fewer than make so many steps."""
    return max(epochs, math.ceil(steps / steps_of_epoch))
