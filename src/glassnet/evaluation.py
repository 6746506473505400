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
    actual: Numbers, predicted: Numbers, mean: npt.ArrayLike, names: Sequence[str] = ()
) -> Evaluation:
    """``actual`` and ``predicted`` (N,) or (N, O); ``mean`` of the training rows, a number or (O,).

    ``names`` are those of several targets. Where ``actual`` is NaN there is nothing to measure by, and it
    counts nothing.
    """
    nothing = np.broadcast_to(np.asarray(mean, np.float64), actual.shape)
    metrics, baseline = (_metrics_of(actual, said, names) for said in (predicted, nothing))
    return Evaluation(metrics, baseline, actual, predicted)


def _metrics_of(actual: Numbers, predicted: Numbers, names: Sequence[str]) -> dict[str, float]:
    if actual.ndim == 1:
        return _number_metrics(actual, predicted)
    each = [_number_metrics(actual[:, at], predicted[:, at]) for at in range(actual.shape[1])]
    metrics = {"r2": float(np.mean([own["r2"] for own in each]))}
    for kind in ("rmse", "mae"):  # units differ: a mean of grams and millimetres says nothing
        metrics |= {f"{kind} {name}": own[kind] for name, own in zip(names, each, strict=True)}
    return metrics


def _number_metrics(actual: Numbers, predicted: Numbers) -> dict[str, float]:
    error = predicted - actual
    spread = float(np.nansum((actual - np.nanmean(actual, axis=0)) ** 2))
    squares = float(np.nansum(error**2))
    return {
        "rmse": float(np.sqrt(np.nanmean(error**2))),
        "mae": float(np.nanmean(np.abs(error))),
        "r2": 1 - squares / spread if spread else float("nan"),
    }


def evaluate_classes(
    actual: Values, codes: npt.NDArray[np.intp], probabilities: Numbers, classes: Values, shares: Numbers
) -> Evaluation:
    """
    Args:
        actual: (N,), the true labels.
        codes: (N,), the true labels as positions in ``classes``.
        probabilities: (N, C).
        classes: (C,).
        shares: (C,), how frequent each class is among the training rows.
    """
    nothing = np.broadcast_to(shares, probabilities.shape)
    predicted = classes[probabilities.argmax(axis=1)]
    return Evaluation(_class_metrics(codes, probabilities), _class_metrics(codes, nothing), actual, predicted)


def _class_metrics(codes: npt.NDArray[np.intp], probabilities: Numbers) -> dict[str, float]:
    certain = np.finfo(np.float64).eps  # a certain prediction that is wrong costs 36, not infinity
    own = probabilities[np.arange(len(codes)), codes]
    metrics = {
        "accuracy": float((probabilities.argmax(axis=1) == codes).mean()),
        "log_loss": float(-np.log(np.maximum(own, certain)).mean()),
    }
    if probabilities.shape[1] == 2:
        metrics["auc"] = area_under_roc(codes == 1, probabilities[:, 1])
    return metrics


def area_under_roc(positive: npt.NDArray[np.bool_], scores: Numbers) -> float:
    """The share of pairs of a positive and a negative row that the scores put in order, ties half.

    Mann, Whitney (1947). NaN where one of the two kinds is absent.
    """
    count = int(positive.sum())
    pairs = count * (len(positive) - count)
    if not pairs:
        return float("nan")
    _, inverse, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / pairs)
