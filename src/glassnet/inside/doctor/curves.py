"""What the curves of a training show: whether the loss was still falling, rises again, or has flattened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet.inside.doctor.context import Context
from glassnet.training.history import Curve, History
from glassnet.training.validation_metric import CALIBRATED

MIN_EPOCHS = 5  # fewer are not a curve
STRAIGHT = 0.4  # the fall over the last fifth of the epochs, relative to that over the first fifth
STILL_FALLING = 0.02  # the fall over the last tenth, relative to the loss at the end
RELEVANT = 0.005  # the same, relative to the first loss
RISE = 0.02  # the rise of the validation loss since the best epoch, relative to the baseline's loss
RATIO = 2.0  # of a loss to another that is far below it
NEAR_BASELINE = 0.92  # the training loss relative to the baseline's


class Change(NamedTuple):
    """Of the ``which`` loss, ``"training"`` or ``"validation"``, from ``before`` to ``after``."""

    which: str
    before: float
    after: float


def validation_curve(history: History) -> Curve:
    """The validation loss of each epoch, (E,): the calibrated one where that decides which epoch is kept."""
    return history.validation_score if history.metric == CALIBRATED else history.validation_loss


def still_falling(context: Context) -> Change | None:
    """The fall of the loss over the last tenth of the epochs, if it is large and the loss was never lower."""
    history = context.model.history
    which, curve = "training", history.loss
    if len(history.validation_loss):
        which, curve = "validation", validation_curve(history)
    if history.ended_by in ("patience", "divergence") or len(curve) < 3:
        return None
    tenth = max(len(curve) // 10, 1)
    before, after = float(np.median(curve[-3 * tenth : -tenth])), float(np.median(curve[-tenth:]))
    fall = before - after
    falls = fall > STILL_FALLING * after and fall > RELEVANT * curve[0] and after < curve[:-tenth].min()
    return Change(which, before, after) if falls else None


def straight_fall(context: Context) -> tuple[float, float] | None:
    """The falls of the training loss over the first and the last fifth of the epochs, if they are nearly the same."""
    history = context.model.history
    loss = history.loss
    if history.ended_by in ("patience", "divergence") or len(loss) < 2 * MIN_EPOCHS:
        return None
    fifth = max(len(loss) // 5, 1)
    first, last = float(loss[0] - loss[fifth]), float(loss[-1 - fifth] - loss[-1])
    return (first, last) if first > 0 and last > STRAIGHT * first and loss[-1] > loss[0] / 3 else None


def rise_since_best(context: Context) -> Change | None:
    """The rise of the validation loss since the best epoch, if the training loss went on falling."""
    history = context.model.history
    best, since = history.best_epoch, history.epochs - history.best_epoch
    if not len(history.validation_loss) or since < MIN_EPOCHS:
        return None
    curve = validation_curve(history)
    lowest, after = float(curve[best - 1]), float(np.median(curve[best + since // 2 :]))
    falls = float(np.median(history.loss[best + since // 2 :])) < history.loss[best - 1]
    return Change("validation", lowest, after) if falls and after - lowest > RISE * unit_of(context) else None


def near_baseline(context: Context) -> bool:
    """Whether the kept parameters have a training loss close to that of the baseline."""
    history, baseline = context.model.history, context.baseline_loss
    if not history.epochs or not np.isfinite(baseline):
        return False
    return float(history.loss[history.best_epoch - 1]) > NEAR_BASELINE * baseline


def memorized(context: Context) -> bool:
    """Whether that is because an early epoch was kept, although the training loss fell far below the baseline's."""
    return near_baseline(context) and float(context.model.history.loss.min()) < context.baseline_loss / RATIO


def unit_of(context: Context) -> float:
    """The loss that others are compared with: that of the baseline, or the first if that is unknown."""
    return (
        context.baseline_loss if np.isfinite(context.baseline_loss) else float(context.model.history.loss[0])
    )
