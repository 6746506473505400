"""Metrics of predictions, compared with a baseline that makes the same prediction for all rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.gains import FEW, Gain, gains_of_classes, gains_of_numbers
from glassnet.text import MISSING, Block, Heading, Printable, Table, number

SMALLER_IS_BETTER = ("rmse", "mae", "log_loss")

METRICS = {
    "rmse": ("root mean squared error", "smaller is better"),
    "mae": ("mean absolute error", "smaller is better"),
    "r2": ("R², share of the variance explained", "larger is better"),
    "accuracy": ("accuracy, share of correct rows", "larger is better"),
    "log_loss": ("log loss", "smaller is better"),
    "auc": ("area under the ROC curve", "larger is better"),
}
SHARES = ("r2", "accuracy", "auc")

Values = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Metric = Callable[[Any, Numbers, Numbers | None], float]


@dataclass(frozen=True)
class Evaluation(Printable):
    """Predictions compared with the actual values.

    ``metrics`` and ``baseline`` have the same names: the model's metrics, and those of always predicting
    the most frequent class (the training shares as probabilities) or the mean of the training rows.
    For numbers: ``rmse`` and ``mae`` in the target's units, and ``r2``; of several targets, ``r2`` is the mean
    over them, and the others stand under their names, such as ``"rmse price"``. For classes: ``accuracy``,
    ``log_loss`` (natural logarithm) and, for two classes, ``auc``, the area under the ROC curve; of several targets of
    classes, the means over them, and each under its target's name, such as ``"accuracy flu"``.
    ``actual`` and ``predicted`` are (N,), or (N, O) for several targets; ``probabilities`` are (N, C), in the order of
    the classes (of all targets, one after the other), and ``None`` for numbers. ``rows`` (N,) are the numbers of the
    rows in their table, from 0; ``training_rows`` is how many of them are equal to rows that the model was trained on.
    ``gains`` say by how much the model is better than the baseline, with the standard error
    (:class:`glassnet.gains.Gain`). ``weights`` (N,) are those of the rows in the metrics, ``None`` where all rows count
    the same.
    """

    metrics: dict[str, float]
    baseline: dict[str, float]
    actual: Values = field(repr=False)
    predicted: Values = field(repr=False)
    probabilities: Numbers | None = field(default=None, repr=False)
    rows: npt.NDArray[np.int64] | None = field(default=None, repr=False)
    training_rows: int = 0
    gains: dict[str, Gain] = field(default_factory=dict, repr=False)
    weights: Numbers | None = field(default=None, repr=False)

    @property
    def beats_baseline(self) -> bool:
        """Whether the model is better than the baseline in any metric by more than chance explains.

        True as well where the rows are too few to tell and the model is better on them.
        """
        gains = self.gains.values()
        few = len(self) < FEW and any(gain.mean > 0 for gain in gains)
        return few or not gains or any(gain.is_clear for gain in gains)

    def with_weight(self) -> Evaluation:
        """The same metrics, with the rows that count in them: without those of weight 0.

        It has no ``weights`` if all these rows count the same.
        """
        if self.weights is None:
            return self
        at = self.weights > 0
        weights = self.weights[at]
        return replace(
            self,
            actual=self.actual[at],
            predicted=self.predicted[at],
            probabilities=None if self.probabilities is None else self.probabilities[at],
            rows=None if self.rows is None else self.rows[at],
            weights=None if (weights == weights[:1]).all() else weights,
        )

    def __len__(self) -> int:
        return len(self.actual)

    def __getitem__(self, metric: str) -> float:
        return self.metrics[metric]

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold."""
        return {
            "metrics": self.metrics,
            "baseline": self.baseline,
            "rows": None if self.rows is None else self.rows.tolist(),
            "actual": self.actual.tolist(),
            "predicted": self.predicted.tolist(),
            "probabilities": None if self.probabilities is None else self.probabilities.tolist(),
            "weights": None if self.weights is None else self.weights.tolist(),
        }

    def blocks(self) -> list[Block]:
        """The metrics of the model and of the baseline."""
        return [Heading(f"Evaluation on {len(self):,} rows", 3), self.metrics_table]

    @property
    def metrics_table(self) -> Table:
        """A line for each metric, with that of the baseline, and which way is better."""
        rows = []
        for name, figure in self.metrics.items():
            metric, _, target = name.partition(" ")
            meaning, better = METRICS[metric]
            shown = _share if metric in SHARES else number
            title = f"{meaning} of {target}" if target else meaning
            rows.append((title, shown(figure), shown(self.baseline[name]), better))
        return Table(("", "model", "baseline", ""), rows, "<>><")

    def __repr__(self) -> str:
        figures = (f"{name} {value:.4g}" for name, value in self.metrics.items())
        return f"Evaluation({len(self):,} rows: {', '.join(figures)})"


def _share(figure: float) -> str:
    return MISSING if np.isnan(figure) else f"{round(figure, 4) + 0.0:.4f}"  # + 0.0: no -0.0000


def evaluate_numbers(
    actual: Numbers,
    predicted: Numbers,
    mean: npt.ArrayLike,
    names: Sequence[str] = (),
    weights: Numbers | None = None,
    level: float | None = None,
) -> Evaluation:
    """Evaluate predicted numbers; rows whose ``actual`` is NaN are not evaluated.

    Args:
        actual: (N,) or (N, O).
        predicted: of the same shape.
        mean: of the training rows, a number or (O,).
        names: of several targets.
        weights: (N,), of the rows; ``None`` for equal weights.
        level: that of the quantile that is predicted, if it is one: 0.5 for the median.
    """
    constant = np.broadcast_to(np.asarray(mean, np.float64), actual.shape)
    metrics, baseline = (_metrics_of(actual, each, names, weights) for each in (predicted, constant))
    gains = gains_of_numbers(actual, predicted, constant, weights, level)
    return Evaluation(metrics, baseline, actual, predicted, gains=gains)


def _metrics_of(
    actual: Numbers, predicted: Numbers, names: Sequence[str], weights: Numbers | None
) -> dict[str, float]:
    if actual.ndim == 1:
        return {name: metric(actual, predicted, weights) for name, metric in NUMBER_METRICS.items()}
    pairs = list(zip(actual.T, predicted.T, strict=True))
    metrics = {"r2": float(np.mean([r2(*pair, weights) for pair in pairs]))}
    for metric in (rmse, mae):  # units differ: a mean over targets has no meaning
        metrics |= {
            f"{metric.__name__} {name}": metric(*pair, weights)
            for name, pair in zip(names, pairs, strict=True)
        }
    return metrics


def rmse(actual: Numbers, predicted: Numbers, weights: Numbers | None = None) -> float:
    """The root mean squared error of ``predicted`` (N,) against ``actual`` (N,).

    Rows count by their ``weights`` (N,), all the same by default.
    """
    _, error, own, exponent = _scaled(actual, predicted, weights)
    return float(np.ldexp(np.sqrt(_mean(error**2, own)), exponent))


def mae(actual: Numbers, predicted: Numbers, weights: Numbers | None = None) -> float:
    """The mean absolute error of ``predicted`` (N,) against ``actual`` (N,).

    Rows count by their ``weights`` (N,), all the same by default.
    """
    _, error, own, exponent = _scaled(actual, predicted, weights)
    return float(np.ldexp(_mean(np.abs(error), own), exponent))


def r2(actual: Numbers, predicted: Numbers, weights: Numbers | None = None) -> float:
    """The share of the variance of ``actual`` (N,) that ``predicted`` (N,) explains; NaN if there is no variance.

    Rows count by their ``weights`` (N,), all the same by default.
    """
    values, error, own, _ = _scaled(actual, predicted, weights)
    variance = _mean((values - _mean(values, own)) ** 2, own)
    return 1 - _mean(error**2, own) / variance if variance else float("nan")


def _scaled(
    actual: Numbers, predicted: Numbers, weights: Numbers | None
) -> tuple[Numbers, Numbers, Numbers | None, int]:
    """Known values, errors and weights, divided by a power of 2, whose squares do not overflow; and its exponent."""
    known = ~np.isnan(actual)
    own = None if weights is None else weights[known]
    actual, error = actual[known], (predicted - actual)[known]
    exponent = int(np.frexp(np.abs([actual, error]).max(initial=0))[1])
    return np.ldexp(actual, -exponent), np.ldexp(error, -exponent), own, exponent


def _mean(values: Values, weights: Numbers | None) -> float:
    """NaN where no row has a weight."""
    total = len(values) if weights is None else weights.sum()
    return float((values if weights is None else values * weights).sum() / total) if total else float("nan")


def evaluate_classes(
    actual: Values,
    codes: Codes,
    probabilities: Numbers,
    classes: Values,
    shares: Numbers,
    weights: Numbers | None = None,
    balanced: bool = False,
) -> Evaluation:
    """Evaluate predicted probabilities.

    Args:
        actual: (N,), the true labels.
        codes: (N,), the true labels as positions in ``classes``.
        probabilities: (N, C).
        classes: (C,).
        shares: (C,), of each class in the training rows.
        weights: (N,), of the rows; ``None`` for equal weights.
        balanced: whether gains are measured with the same total weight for each class.
    """
    constant = np.broadcast_to(shares, probabilities.shape)
    metrics, baseline = (
        {
            name: metric(codes, each, weights)
            for name, metric in CLASS_METRICS.items()
            if name != "auc" or len(classes) == 2
        }
        for each in (probabilities, constant)
    )
    gains = gains_of_classes(codes, probabilities, shares, weights, balanced)
    predicted = classes[probabilities.argmax(axis=1)]
    return Evaluation(metrics, baseline, actual, predicted, probabilities, gains=gains)


def accuracy(codes: Codes, probabilities: Numbers, weights: Numbers | None = None) -> float:
    """The share of rows whose class has the largest probability.

    ``codes`` (N,) are the true classes, as columns of ``probabilities`` (N, C).
    Rows count by their ``weights`` (N,), all the same by default.
    """
    return _mean(probabilities.argmax(axis=1) == codes, weights)


def log_loss(codes: Codes, probabilities: Numbers, weights: Numbers | None = None) -> float:
    """The mean of minus the logarithm of the true class's probability, which counts as at least ε ≈ 2.2e-16.

    ``codes`` (N,) are the true classes, as columns of ``probabilities`` (N, C).
    Rows count by their ``weights`` (N,), all the same by default.
    """
    own = probabilities[np.arange(len(codes)), codes]
    return _mean(-np.log(np.maximum(own, np.finfo(np.float64).eps)), weights)


def auc(codes: Codes, probabilities: Numbers, weights: Numbers | None = None) -> float:
    """The area under the ROC curve of the second of two classes.

    ``codes`` (N,) are the true classes, as columns of ``probabilities`` (N, C).
    Rows count by their ``weights`` (N,), all the same by default.
    """
    return area_under_roc(codes == 1, probabilities[:, 1], weights)


def area_under_roc(positive: npt.NDArray[np.bool_], scores: Numbers, weights: Numbers | None = None) -> float:
    """The share of pairs of a positive and a negative row that the scores put in order; ties count half.

    A pair has the product of its rows' ``weights``. NaN where there are no positive or no negative rows.
    Mann, Whitney (1947).
    """
    rows = np.ones(len(positive)) if weights is None else weights
    _, inverse = np.unique(scores, return_inverse=True)
    above, below = (np.bincount(inverse, rows * group) for group in (positive, ~positive))  # of each score
    pairs = above.sum() * below.sum()
    return float(above @ (np.cumsum(below) - below / 2) / pairs) if pairs else float("nan")


NUMBER_METRICS: dict[str, Metric] = {"rmse": rmse, "mae": mae, "r2": r2}
CLASS_METRICS: dict[str, Metric] = {"accuracy": accuracy, "log_loss": log_loss, "auc": auc}
