"""What to try next to get a better model, from the curves of its training."""

from __future__ import annotations

from typing import Any

from glassnet.errors import called, called_changes
from glassnet.inside.baseline import no_better
from glassnet.inside.doctor import curves
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Suggestion

HIGH = 0.1  # a loss at the end of training from which it is high, relative to the baseline's
LONGER = 3  # times as long
NARROW = 16  # neurons of a layer below which dropout takes too many of them


def suggest(context: Context) -> Suggestion:
    """The first of these that the curves show: divergence, a loss that was still falling, a validation loss that rises
    while the training loss falls, a loss like the baseline's, a high loss that is flat; or a low one.
    """
    history, settings = context.model.history, context.model.settings
    if context.model.origin:
        return Suggestion(
            "The model was converted, so that the curves of its training are not known.",
            "Continue its training with glassnet.train_more, or train a network on the same rows.",
        )
    if not history.epochs:
        return Suggestion("The network was not trained.", f"Give {called('epochs')} and time to train it.")
    if history.ended_by == "divergence":
        change: dict[str, Any] = {"learning_rate": float(f"{settings.rate / 10:.2g}")}
        return Suggestion(f"Training {history.stop_reason}.", f"Try {called_changes(change)}.", change)
    fall = curves.still_falling(context)
    if fall is not None:
        advice, change = longer(context)
        return Suggestion(
            f"The {fall.which} loss was still falling, from {fall.before:.4g} to {fall.after:.4g} in the last tenth of "
            f"the epochs, when training ended ({history.stop_reason}).",
            advice,
            change,
        )
    rise = curves.rise_since_best(context)
    if rise is not None or curves.memorized(context):
        lowest = float(curves.validation_curve(history)[history.best_epoch - 1])
        after = lowest if rise is None else rise.after
        change = regularized(context)
        return Suggestion(
            f"The validation loss rose from {lowest:.4g} in epoch {history.best_epoch} to {after:.4g} while the "
            "training loss fell.",
            f"Try {called_changes(change)}, or more rows.",
            change,
        )
    if curves.straight_fall(context):
        change = {"learning_rate": float(f"{settings.rate * 5:.2g}")}
        return Suggestion(
            "The training loss falls slowly, nearly in a straight line.",
            f"Try {called_changes(change)}.",
            change,
        )
    title = no_better(context.model)
    if title or curves.near_baseline(context):
        return Suggestion(
            f"The {'model' if title else 'training loss'} is no better than the baseline.",
            "Check that the target is the right column, and that the other columns tell something about it; then try "
            f"another {called('learning_rate')}.",
        )
    last = float(history.loss[history.best_epoch - 1])
    if last > HIGH * curves.unit_of(context):
        change = {"hidden": tuple(2 * width for width in settings.hidden) or (16,)}
        return Suggestion(
            f"The loss is still high ({last:.4g} on the training rows) and has stopped falling.",
            f"Try a larger network, {called_changes(change)}, or another {called('learning_rate')}.",
            change,
        )
    return Suggestion(
        "The training loss is low, and the validation loss does not rise.",
        "More rows or other columns are more likely to help than other settings.",
    )


def longer(context: Context) -> tuple[str, dict[str, Any]]:
    """Advice to train longer than until what ended it, and the settings for that."""
    history, settings = context.model.history, context.model.settings
    if history.ended_by == "max_time" and settings.max_time is not None:
        change: dict[str, Any] = {"max_time": LONGER * settings.max_time}
    elif history.ended_by == "epochs":
        change = {"epochs": LONGER * history.epochs}
    else:
        return "Train again, and do not stop it so early.", {}
    return f"Train longer: {called_changes(change)}.", change


def regularized(context: Context) -> dict[str, Any]:
    """A setting that makes overfitting less likely: dropout, a larger penalty, or fewer neurons."""
    settings = context.model.settings
    if min(settings.hidden, default=0) >= NARROW and not context.model.network.drops:
        return {"dropout": 0.2}
    if settings.l2 < 0.01 or not settings.hidden:
        return {"l2": max(1e-3, float(f"{10 * settings.l2:.2g}"))}
    return {"hidden": tuple(max(width // 2, 1) for width in settings.hidden)}
