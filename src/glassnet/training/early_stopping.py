"""Early stopping: whether a training has stopped improving on its validation rows; and how long it may be.

Counted in epochs alone, a training on few rows ends before it has learnt: an epoch of 100 rows is 4 steps, an epoch of
20,000 rows is 625. So by default steps count as well, and a validation loss is worse than the best only if it is higher
by more than the standard error of the best, which a few validation rows leave large (the rule of one standard error is
that of Breiman, Friedman, Olshen, Stone, *Classification and Regression Trees*, 1984, section 3.4.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.engines.protocol import EachRow
from glassnet.net.arrays import Array
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
        weights: (N,), of the validation rows; ``None`` for equal weights.
    """

    patience: int | str | None
    steps: int
    weights: Array | None

    def reason(self, record: Recorder, best: EachRow | None) -> str:
        """The reason to end training; empty if it should go on, as always without validation rows.

        Args:
            record: the curves so far.
            best: of the validation rows, at the best epoch.
        """
        since, name = record.epochs - record.best_epoch, record.metric or "loss"
        if self.patience is None or not len(record.validation_loss.values):
            return ""
        if not isinstance(self.patience, str):
            return f"no better validation {name} for {since} epochs" if since >= self.patience else ""
        if since >= _epochs(PATIENCE_EPOCHS, FLAT_STEPS, self.steps):
            return f"no better validation {name} for {self._length(since)}"
        wait = _epochs(PATIENCE_EPOCHS, WORSE_STEPS, self.steps)
        if record.metric or best is None or since < wait:
            return ""
        losses = record.validation_loss.values
        worse = losses[-wait:] > losses[record.best_epoch - 1] + standard_error(best.losses, self.weights)
        if not worse.all():
            return ""
        return f"the validation loss was clearly higher than the lowest for {self._length(wait)}"

    def _length(self, epochs: int) -> str:
        return f"{epochs:,} epochs ({epochs * self.steps:,} steps)"


def standard_error(losses: npt.NDArray[np.float64], weights: Array | None = None) -> float:
    """The standard error of the mean of the ``losses`` (N,) of rows with these ``weights`` (N,), from those of at most
    64 parts of the rows."""
    count = len(losses)
    parts = min(count, PARTS)
    if parts < 2:
        return math.inf
    each = np.ones(count) if weights is None else weights.astype(np.float64)
    part = np.arange(count) % parts
    total = np.bincount(part, each, parts)
    means = np.bincount(part, each * losses, parts) / np.where(total, total, 1.0)
    shares = total / total.sum()
    spread = means - shares @ means
    return float(np.sqrt((shares**2 @ spread**2) * parts / (parts - 1)))


def _epochs(epochs: int, steps: int, steps_of_epoch: int) -> int:
    """So many epochs, and no fewer than make so many steps."""
    return max(epochs, math.ceil(steps / steps_of_epoch))
