"""Checks of the training, from its curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.errors import called, called_changes
from glassnet.inside.baseline import no_better
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.curves import (
    MIN_EPOCHS,
    RATIO,
    memorized,
    near_baseline,
    still_falling,
    straight_fall,
    validation_curve,
)
from glassnet.inside.doctor.findings import Finding
from glassnet.inside.doctor.suggestion import longer, regularized

ROUGH = 0.6  # the sum of the rises of the loss, relative to the sum of its falls
JUMP = 0.03  # the median change per epoch in the second half, relative to the baseline's loss
DIFFERENCE = 0.2  # of validation loss and training loss, relative to the baseline's loss


def rate_too_high(context: Context) -> Iterator[Finding]:
    history, rate = context.model.history, context.model.settings.rate
    if history.ended_by == "divergence":
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
    change = {"learning_rate": float(f"{rate / 5:.2g}")}
    yield Finding(
        "warning",
        f"The learning rate, {rate:g}, looks too high.",
        evidence,
        f"Try {called_changes(change)}, or {called('schedule', 'cosine')}.",
        change=change,
    )


def rate_too_low(context: Context) -> Iterator[Finding]:
    falls = straight_fall(context)
    if falls is not None:
        loss, rate = context.model.history.loss, context.model.settings.rate
        change = {"learning_rate": float(f"{rate * 5:.2g}")}
        yield Finding(
            "warning",
            f"The learning rate, {rate:g}, looks too low.",
            f"The training loss fell by {falls[0]:.3g} in the first fifth of the epochs and by {falls[1]:.3g} in the "
            f"last: it falls in nearly a straight line, from {loss[0]:.3g} to {loss[-1]:.3g}.",
            f"Try {called_changes(change)}.",
            change=change,
        )


def not_converged(context: Context) -> Iterator[Finding]:
    fall = still_falling(context)
    if fall is not None:
        history = context.model.history
        remedy, change = longer(context)
        yield Finding(
            "warning",
            "Training ended while the loss was still falling.",
            f"It ended after {history.epochs} epochs ({history.stop_reason}); in the last tenth of them the "
            f"{fall.which} loss fell from {fall.before:.4g} to {fall.after:.4g}.",
            remedy,
            change=change,
        )


def overfitting(context: Context) -> Iterator[Finding]:
    history = context.model.history
    if not len(history.validation_loss):
        return
    epoch = history.best_epoch
    train, validation = float(history.loss[epoch - 1]), float(validation_curve(history)[epoch - 1])
    unit = context.baseline_loss if np.isfinite(context.baseline_loss) else max(train, validation)
    change = regularized(context)
    remedy = f"Use more rows, fewer columns or a smaller network, or try {called_changes(change)}."
    if memorized(context):
        yield Finding(
            "warning",
            "The network memorizes its training rows.",
            f"The training loss fell to {history.loss.min():.3g}, but the validation loss was never below the "
            f"{validation:.3g} of epoch {epoch}, whose parameters were kept; the loss of the baseline is {unit:.3g}.",
            remedy,
            change=change,
        )
    elif validation > RATIO * train and validation - train > DIFFERENCE * unit:
        yield Finding(
            "warning",
            "The network overfits: it is much better on the training rows than on others.",
            f"At epoch {epoch}, whose parameters were kept, the training loss is {train:.3g}, the validation loss "
            f"{validation:.3g}.",
            remedy,
            change=change,
        )


def no_better_than_baseline(context: Context) -> Iterator[Finding]:
    found, title = context.model.held_out, no_better(context.model)
    if title and found is not None:
        gains = ", ".join(
            f"{name} {gain.mean:.3g} with a standard error of {gain.error:.2g}"
            for name, gain in found.gains.items()
        )
        yield Finding(
            "serious",
            title,
            f"Row by row, the gain over the constant prediction is, on average: {gains}.",
            "Check that the target is the right column, and that the other columns tell something about it.",
        )


def underfitting(context: Context) -> Iterator[Finding]:
    if not near_baseline(context) or memorized(context):
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
