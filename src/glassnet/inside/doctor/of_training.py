"""Checks of the training, from its curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding
from glassnet.net.arrays import Array

FEWEST = 5  # epochs that make a curve
ROUGH = 0.6  # what the loss rose in all, as a share of what it fell
JUMP = 0.03  # median change from epoch to epoch in the second half, as a share of the baseline's loss
STRAIGHT = 0.4  # progress of the last fifth as a share of the first fifth's
STILL_FALLING = 0.02  # progress of the last tenth, relative to the loss it came to
WORTH_IT = 0.005  # and relative to the loss it all began with
OVER, FAR = 2.0, 0.2  # validation against training loss: ratio, and difference as a share of the baseline's
HARDLY = 0.92  # share of the baseline's loss that is left


def rate_too_high(context: Context) -> Iterator[Finding]:
    history = context.model.history
    rate = context.model.settings.rate
    if "diverged" in history.stop_reason:
        evidence = f"Training {history.stop_reason}: the loss left the finite numbers."
    else:
        loss = history.loss
        if len(loss) < FEWEST:
            return
        steps = np.diff(loss)
        rose, fell = float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())
        unit = context.baseline_loss if np.isfinite(context.baseline_loss) else float(np.median(loss))
        late = np.abs(steps[len(steps) // 2 :])
        if rose <= ROUGH * fell or float(np.median(late)) <= JUMP * unit:
            return
        evidence = (
            f"Over {len(loss)} epochs the training loss fell by {fell:.3g} in all, but also rose by {rose:.3g}: "
            "it jumps about instead of settling."
        )
    yield Finding(
        "rate_too_high",
        "warning",
        f"The learning rate, {rate:g}, looks too high.",
        evidence,
        f"Try learning_rate={rate / 5:.2g}, or schedule='cosine'.",
    )


def rate_too_low(context: Context) -> Iterator[Finding]:
    loss = context.model.history.loss
    if _ended_early(context) or len(loss) < 2 * FEWEST:
        return
    fifth = max(len(loss) // 5, 1)
    first, last = float(loss[0] - loss[fifth]), float(loss[-1 - fifth] - loss[-1])
    if first > 0 and last > STRAIGHT * first and loss[-1] > loss[0] / 3:
        rate = context.model.settings.rate
        yield Finding(
            "rate_too_low",
            "warning",
            f"The learning rate, {rate:g}, looks too low.",
            f"The loss fell by {first:.3g} in the first fifth of the epochs and still by {last:.3g} in the last: "
            f"it goes down in nearly a straight line, from {loss[0]:.3g} to {loss[-1]:.3g}.",
            f"Try learning_rate={rate * 5:.2g}.",
        )


def not_converged(context: Context) -> Iterator[Finding]:
    history = context.model.history
    curve = history.validation_loss if len(history.validation_loss) else history.loss
    if _ended_early(context) or len(curve) < 2 * FEWEST:
        return
    tenth = max(len(curve) // 10, 1)
    before, after = _level(curve[-3 * tenth : -tenth]), _level(curve[-tenth:])
    gained = before - after
    if gained > STILL_FALLING * after and gained > WORTH_IT * curve[0] and after < curve[:-tenth].min():
        which = "validation" if len(history.validation_loss) else "training"
        yield Finding(
            "not_converged",
            "warning",
            "Training ended while it was still getting better.",
            f"It stopped after {history.epochs} epochs ({history.stop_reason}); in the last tenth of them the "
            f"{which} loss still fell from {before:.4g} to {after:.4g}.",
            f"Train longer: epochs={3 * context.model.settings.epochs}.",
        )


def over_fitting(context: Context) -> Iterator[Finding]:
    history = context.model.history
    if not len(history.validation_loss):
        return
    at = history.best_epoch - 1
    train, validation = float(history.loss[at]), float(history.validation_loss[at])
    unit = context.baseline_loss if np.isfinite(context.baseline_loss) else max(train, validation)
    if _by_heart(context):
        yield Finding(
            "over_fitting",
            "warning",
            "The network learns its training rows by heart.",
            f"The loss on training rows went on to fall to {history.loss.min():.3g}, but on validation rows it was "
            f"never below the {validation:.3g} of epoch {at + 1}, which was kept; always saying the same would reach "
            f"{unit:.3g}.",
            "Use more rows, fewer columns, a smaller network, dropout=0.2, or more l2.",
        )
    elif validation > OVER * train and validation - train > FAR * unit:
        yield Finding(
            "over_fitting",
            "warning",
            "The network knows its training rows better than others.",
            f"At the epoch that was kept, the loss is {train:.3g} on training rows, but {validation:.3g} on "
            "validation rows.",
            "Use more rows, a smaller network, dropout=0.2, or more l2.",
        )


def under_fitting(context: Context) -> Iterator[Finding]:
    if not _hardly_learnt(context) or _by_heart(context):
        return
    history = context.model.history
    yield Finding(
        "under_fitting",
        "warning",
        "The network has hardly learnt anything.",
        f"Its loss on training rows is {history.loss[history.best_epoch - 1]:.4g}; always saying the same would "
        f"reach {context.baseline_loss:.4g}.",
        "Train longer or with another learning rate, use a larger network and less l2; or the columns may say "
        "nothing about the target.",
    )


def _hardly_learnt(context: Context) -> bool:
    """Whether the network that was kept is little better than always saying the same."""
    history, baseline = context.model.history, context.baseline_loss
    if not history.epochs or not np.isfinite(baseline):
        return False
    return float(history.loss[history.best_epoch - 1]) > HARDLY * baseline


def _by_heart(context: Context) -> bool:
    """Whether that is so because an early epoch was kept: what was learnt later held for training rows alone."""
    return _hardly_learnt(context) and float(context.model.history.loss.min()) < context.baseline_loss / OVER


def _ended_early(context: Context) -> bool:
    """Whether training ended because it had nothing more to gain."""
    reason = context.model.history.stop_reason
    return not (reason.startswith("all epochs") or "seconds are over" in reason)


def _level(curve: Array) -> float:
    return float(np.median(curve))
