"""How good predictions are, beside what doing nothing would reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

SMALLER_IS_BETTER = ("rmse", "mae", "log_loss")
METRICS = {"numbers": ("rmse", "mae", "r2"), "classes": ("accuracy", "log_loss", "auc")}

Values = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """Predictions measured against what really was.

    ``metrics`` and ``baseline`` have the same names: the model's figures, and those of always predicting
    the most frequent class (its training share as probability) or the mean of the training rows.
    For numbers: ``rmse`` and ``mae`` in the target's units, and ``r2``; of several targets, ``r2`` is the mean
    over them, and the others stand under their names, such as ``"rmse price"``. For classes: ``accuracy``,
    ``log_loss`` (natural logarithm) and, for two classes, ``auc``, the area under the ROC curve.
    ``actual`` and ``predicted`` are (N,), or (N, O) for several targets.
    """

    metrics: dict[str, float]
    baseline: dict[str, float]
    actual: Values = field(repr=False)
    predicted: Values = field(repr=False)

    def __len__(self) -> int:
        return len(self.actual)

    def __getitem__(self, metric: str) -> float:
        return self.metrics[metric]

    def to_dict(self) -> dict[str, Any]:
        return {
            "metrics": self.metrics,
            "baseline": self.baseline,
            "actual": self.actual.tolist(),
            "predicted": self.predicted.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Evaluation:
        return cls(data["metrics"], data["baseline"], np.array(data["actual"]), np.array(data["predicted"]))


def evaluate_numbers(
    actual: Numbers,
    predicted: Numbers,
    mean: npt.ArrayLike,
    names: Sequence[str] = (),
    weights: Numbers | None = None,
) -> Evaluation:
    """``actual`` and ``predicted`` (N,) or (N, O); ``mean`` of the training rows, a number or (O,).

    ``names`` are those of several targets; ``weights`` (N,), how much each row counts. Where ``actual`` is NaN
    there is nothing to measure by, and it counts nothing.
    """
    nothing = np.broadcast_to(np.asarray(mean, np.float64), actual.shape)
    metrics, baseline = (_metrics_of(actual, said, names, weights) for said in (predicted, nothing))
    return Evaluation(metrics, baseline, actual, predicted)


def _metrics_of(
    actual: Numbers, predicted: Numbers, names: Sequence[str], weights: Numbers | None
) -> dict[str, float]:
    if actual.ndim == 1:
        return _number_metrics(actual, predicted, weights)
    each = [_number_metrics(actual[:, at], predicted[:, at], weights) for at in range(actual.shape[1])]
    metrics = {"r2": float(np.mean([own["r2"] for own in each]))}
    for kind in ("rmse", "mae"):  # units differ: a mean of grams and millimetres says nothing
        metrics |= {f"{kind} {name}": own[kind] for name, own in zip(names, each, strict=True)}
    return metrics


def _number_metrics(actual: Numbers, predicted: Numbers, weights: Numbers | None) -> dict[str, float]:
    known = ~np.isnan(actual)
    own = None if weights is None else weights[known]
    actual, error = actual[known], (predicted - actual)[known]
    exponent = int(np.frexp(np.abs([actual, error]).max(initial=0))[1])
    # the squares of huge numbers overflow
    actual, error = np.ldexp(actual, -exponent), np.ldexp(error, -exponent)
    squares = _mean(error**2, own)
    spread = _mean((actual - _mean(actual, own)) ** 2, own)
    return {
        "rmse": float(np.ldexp(np.sqrt(squares), exponent)),
        "mae": float(np.ldexp(_mean(np.abs(error), own), exponent)),
        "r2": 1 - squares / spread if spread else float("nan"),
    }


def _mean(values: Values, weights: Numbers | None) -> float:
    """NaN where no row counts."""
    total = len(values) if weights is None else weights.sum()
    return float((values if weights is None else values * weights).sum() / total) if total else float("nan")


def evaluate_classes(
    actual: Values,
    codes: npt.NDArray[np.intp],
    probabilities: Numbers,
    classes: Values,
    shares: Numbers,
    weights: Numbers | None = None,
) -> Evaluation:
    """
    Args:
        actual: (N,), the true labels.
        codes: (N,), the true labels as positions in ``classes``.
        probabilities: (N, C).
        classes: (C,).
        shares: (C,), how frequent each class is among the training rows.
        weights: (N,), how much each row counts; ``None``, all the same.
    """
    nothing = np.broadcast_to(shares, probabilities.shape)
    predicted = classes[probabilities.argmax(axis=1)]
    metrics, baseline = (_class_metrics(codes, said, weights) for said in (probabilities, nothing))
    return Evaluation(metrics, baseline, actual, predicted)


def _class_metrics(
    codes: npt.NDArray[np.intp], probabilities: Numbers, weights: Numbers | None
) -> dict[str, float]:
    certain = np.finfo(np.float64).eps  # a certain prediction that is wrong costs 36, not infinity
    own = probabilities[np.arange(len(codes)), codes]
    metrics = {
        "accuracy": _mean(probabilities.argmax(axis=1) == codes, weights),
        "log_loss": _mean(-np.log(np.maximum(own, certain)), weights),
    }
    if probabilities.shape[1] == 2:
        metrics["auc"] = area_under_roc(codes == 1, probabilities[:, 1], weights)
    return metrics


def area_under_roc(positive: npt.NDArray[np.bool_], scores: Numbers, weights: Numbers | None = None) -> float:
    """The share of pairs of a positive and a negative row that the scores put in order, ties half.

    Mann, Whitney (1947). A pair counts the product of its rows' ``weights``. NaN where one of the two kinds is
    absent.
    """
    rows = np.ones(len(positive)) if weights is None else weights
    _, inverse = np.unique(scores, return_inverse=True)
    above, below = (np.bincount(inverse, rows * kind) for kind in (positive, ~positive))  # of each score
    pairs = above.sum() * below.sum()
    return float(above @ (np.cumsum(below) - below / 2) / pairs) if pairs else float("nan")
