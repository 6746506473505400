"""Checks of the training, from its curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.errors import called
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding

MIN_EPOCHS = 5  # fewer are not a curve
ROUGH = 0.6  # the sum of the rises of the loss, relative to the sum of its falls
JUMP = 0.03  # the median change per epoch in the second half, relative to the baseline's loss
STRAIGHT = 0.4  # the fall over the last fifth of the epochs, relative to that over the first fifth
STILL_FALLING = 0.02  # the fall over the last tenth, relative to the loss at the end
RELEVANT = 0.005  # the same, relative to the first loss
RATIO, DIFFERENCE = (
    2.0,
    0.2,
)  # of validation loss to training loss; between them, relative to the baseline's loss
NEAR_BASELINE = 0.92  # the training loss relative to the baseline's


def rate_too_high(context: Context) -> Iterator[Finding]:
    history, rate = context.model.history, context.model.settings.rate
    if "diverged" in history.stop_reason:
        evidence = f"Training {history.stop_reason}: the loss was no longer a finite number."
    else:
        loss = history.loss
        if len(loss) < MIN_EPOCHS:
            return
        steps = np.diff(loss)
        rises, falls = float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())
        unit = context.baseline_loss if np.isfinite(context.baseline_loss) else float(np.median(loss))
        late = np.abs(steps[len(steps) // 2 :])
        if rises <= ROUGH * falls or float(np.median(late)) <= JUMP * unit:
            return
        evidence = (
            f"Over {len(loss)} epochs the falls of the training loss sum to {falls:.3g}, but its rises to {rises:.3g}: "
            "it oscillates and does not converge."
        )
    yield Finding(
        "warning",
        f"The learning rate, {rate:g}, looks too high.",
        evidence,
        f"Try {called('learning_rate', float(f'{rate / 5:.2g}'))}, or {called('schedule', 'cosine')}.",
    )


def rate_too_low(context: Context) -> Iterator[Finding]:
    loss = context.model.history.loss
    if _ended_early(context) or len(loss) < 2 * MIN_EPOCHS:
        return
    fifth = max(len(loss) // 5, 1)
    first, last = float(loss[0] - loss[fifth]), float(loss[-1 - fifth] - loss[-1])
    if first > 0 and last > STRAIGHT * first and loss[-1] > loss[0] / 3:
        rate = context.model.settings.rate
        yield Finding(
            "warning",
            f"The learning rate, {rate:g}, looks too low.",
            f"The training loss fell by {first:.3g} in the first fifth of the epochs and by {last:.3g} in the last: it "
            f"falls in nearly a straight line, from {loss[0]:.3g} to {loss[-1]:.3g}.",
            f"Try {called('learning_rate', float(f'{rate * 5:.2g}'))}.",
        )


def not_converged(context: Context) -> Iterator[Finding]:
    history = context.model.history
    curve = history.validation_loss if len(history.validation_loss) else history.loss
    if _ended_early(context) or len(curve) < 2 * MIN_EPOCHS:
        return
    tenth = max(len(curve) // 10, 1)
    before, after = float(np.median(curve[-3 * tenth : -tenth])), float(np.median(curve[-tenth:]))
    fall = before - after
    if fall > STILL_FALLING * after and fall > RELEVANT * curve[0] and after < curve[:-tenth].min():
        which = "validation" if len(history.validation_loss) else "training"
        yield Finding(
            "warning",
            "Training ended while the loss was still falling.",
            f"It stopped after {history.epochs} epochs ({history.stop_reason}); in the last tenth of them the "
            f"{which} loss fell from {before:.4g} to {after:.4g}.",
            f"Train longer: {called('epochs', 3 * context.model.settings.epochs)}.",
        )


def overfitting(context: Context) -> Iterator[Finding]:
    history = context.model.history
    if not len(history.validation_loss):
        return
    epoch = history.best_epoch
    train, validation = float(history.loss[epoch - 1]), float(history.validation_loss[epoch - 1])
    unit = context.baseline_loss if np.isfinite(context.baseline_loss) else max(train, validation)
    if _memorized(context):
        yield Finding(
            "warning",
            "The network memorizes its training rows.",
            f"The training loss fell to {history.loss.min():.3g}, but the validation loss was never below the "
            f"{validation:.3g} of epoch {epoch}, whose parameters were kept; the loss of the baseline is {unit:.3g}.",
            f"Use more rows, fewer columns, a smaller network, {called('dropout', 0.2)}, or a larger l2 penalty.",
        )
    elif validation > RATIO * train and validation - train > DIFFERENCE * unit:
        yield Finding(
            "warning",
            "The network overfits: it is much better on the training rows than on others.",
            f"At epoch {epoch}, whose parameters were kept, the training loss is {train:.3g}, the validation loss "
            f"{validation:.3g}.",
            f"Use more rows, a smaller network, {called('dropout', 0.2)}, or a larger l2 penalty.",
        )


def underfitting(context: Context) -> Iterator[Finding]:
    if not _near_baseline(context) or _memorized(context):
        return
    history = context.model.history
    yield Finding(
        "warning",
        "The network is hardly better than the baseline.",
        f"Its training loss is {history.loss[history.best_epoch - 1]:.4g}; that of the baseline is "
        f"{context.baseline_loss:.4g}.",
        "Train longer or with another learning rate, or use a larger network and a smaller l2 penalty. The columns may "
        "not be related to the target.",
    )


def _near_baseline(context: Context) -> bool:
    """Whether the kept parameters have a training loss close to that of the baseline."""
    history, baseline = context.model.history, context.baseline_loss
    if not history.epochs or not np.isfinite(baseline):
        return False
    return float(history.loss[history.best_epoch - 1]) > NEAR_BASELINE * baseline


def _memorized(context: Context) -> bool:
    """Whether that is because an early epoch was kept, although the training loss fell far below the baseline's."""
    return _near_baseline(context) and float(context.model.history.loss.min()) < context.baseline_loss / RATIO


def _ended_early(context: Context) -> bool:
    """Whether training ended because the loss did not improve any more."""
    reason = context.model.history.stop_reason
    return not (reason.startswith("all epochs") or "seconds are over" in reason)
