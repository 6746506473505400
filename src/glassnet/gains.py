"""How much better predictions are than a constant one, row by row, and how far chance alone explains that."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

CLEAR = 2.0  # standard errors above which a gain is not explained by chance: one in 40
FEW = 5  # rows below which nothing is said

Numbers = npt.NDArray[np.float64]


class Gain(NamedTuple):
    """The mean over rows of the loss of the constant prediction minus that of the model, and its standard error."""

    mean: float
    error: float

    @property
    def is_clear(self) -> bool:
        """Whether the model is better by more than chance explains."""
        return self.mean > CLEAR * self.error


def gain(constant: Numbers, own: Numbers, weights: Numbers | None) -> Gain:
    """That of the losses (N,) of the same rows, which makes the error that of a paired comparison."""
    difference = constant - own
    count = len(difference)
    shares = np.full(count, 1 / max(count, 1)) if weights is None else weights / weights.sum()
    mean = float(shares @ difference)
    if count < 2:
        return Gain(mean, float(np.finfo(np.float64).max))
    spread = float(shares**2 @ (difference - mean) ** 2)
    return Gain(mean, float(np.sqrt(spread * count / (count - 1))))


def gains_of_numbers(
    actual: Numbers, predicted: Numbers, constant: Numbers, weights: Numbers | None, level: float | None
) -> dict[str, Gain]:
    """Gains in the squared and the absolute error, or in the quantile loss of ``level``; over all targets, each in
    units of its largest error.

    Args:
        actual, predicted, constant: (N,) or (N, O); rows without an actual value are left out.
        weights: (N,).
        level: of the quantile that is predicted. Then the constant is that quantile of the actual values.
    """
    actual, predicted, constant = (each.reshape(len(actual), -1) for each in (actual, predicted, constant))
    if level is not None:
        constant = np.broadcast_to(np.nanquantile(actual, level, axis=0), actual.shape)
    unit = np.nanmax(np.abs([actual - predicted, actual - constant]), axis=(0, 1))
    errors = [
        np.nan_to_num((actual - each) / np.where(unit > 0, unit, 1.0)) for each in (constant, predicted)
    ]
    losses: dict[str, Any] = {"squared error": np.square, "absolute error": np.abs}
    if level is not None:
        losses = {"quantile loss": lambda error: np.maximum(level * error, (level - 1) * error)}
    return {
        name: gain(loss(errors[0]).sum(axis=1), loss(errors[1]).sum(axis=1), weights)
        for name, loss in losses.items()
    }


def gains_of_classes(
    codes: npt.NDArray[np.intp],
    probabilities: Numbers,
    shares: Numbers,
    weights: Numbers | None,
    balanced: bool = False,
) -> dict[str, Gain]:
    """Gains in the accuracy and the log loss.

    Args:
        codes: (N,), the actual classes.
        probabilities: (N, C).
        shares: (C,), the constant prediction.
        weights: (N,).
        balanced: every class has the same total weight, and the constant prediction is the same probability for each:
            for networks that were trained with weights of the classes.
    """
    if balanced:
        counts = np.bincount(codes, minlength=len(shares))
        weights, shares = 1.0 / counts[codes], (counts > 0) / (counts > 0).sum()
    rows = np.arange(len(codes))
    tiny = np.finfo(np.float64).eps
    wrong = [(np.argmax(each, axis=-1) != codes).astype(np.float64) for each in (shares, probabilities)]
    log_losses = [
        -np.log(np.maximum(each, tiny)) for each in (np.asarray(shares)[codes], probabilities[rows, codes])
    ]
    return {
        "accuracy": gain(wrong[0], wrong[1], weights),
        "log loss": gain(log_losses[0], log_losses[1], weights),
    }
