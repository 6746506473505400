"""How good a model is on rows that it was not trained on, with confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.evaluation import CLASS_METRICS, NUMBER_METRICS, Evaluation
from glassnet.inside.columns import evenly_spaced
from glassnet.net.arrays import Array
from glassnet.targets import TargetGroup, single

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

RESAMPLES = 400
MOST = 10_000  # rows that are resampled; of more, so many, with intervals that are made as much narrower
INTERVAL = (2.5, 97.5)  # percentiles
NORMAL = 1.96

Numbers = npt.NDArray[np.float64]
Measure = Callable[[Numbers | None], float]


class Figure(NamedTuple):
    """A metric with its 95 % confidence interval, NaN where it is not known, and that of the baseline."""

    name: str
    value: float
    low: float
    high: float
    baseline: float


class ClassFigure(NamedTuple):
    """A class in the evaluated rows: how many have it, and the share of these that is predicted, with its interval."""

    label: str
    rows: int
    recall: float
    low: float
    high: float


def figures(model: TrainedModel) -> Iterator[Figure]:
    """The metrics on the rows of ``model.held_out``; of several targets, those of each.

    Intervals are those of a percentile bootstrap over rows (Efron, Tibshirani, *An introduction to the bootstrap*,
    1993), of accuracies those of Wilson, *Probable inference* (1927). They hold for rows that are drawn independently,
    and are left out where rows were weighted.
    """
    if isinstance(model.target, TargetGroup):
        for name in model.target.columns:
            for own in figures(model.for_target(name)):
                yield own._replace(name=f"{own.name} {name}")
        return
    if model.held_out is None:
        return
    found = model.held_out.with_weight()
    at = evenly_spaced(len(found), MOST)
    for name, value in found.metrics.items():
        low, high = np.nan, np.nan
        if found.weights is None:
            low, high = _interval(found, name, value, _measure(model, found, name, at), len(at))
        yield Figure(name, value, low, high, found.baseline[name])


def class_figures(model: TrainedModel) -> Iterator[ClassFigure]:
    """Each class of a single target, on the rows of ``model.held_out``; without intervals where rows were weighted."""
    if model.held_out is None or isinstance(model.target, TargetGroup):
        return
    found = model.held_out.with_weight()
    for label in model.classes.tolist():
        own = found.actual == label
        count = int(own.sum())
        share, low, high = np.nan, np.nan, np.nan
        if count:
            weights = None if found.weights is None else found.weights[own]
            share = float(np.average(found.predicted[own] == label, weights=weights))
            if weights is None:
                low, high = (float(end[0]) for end in wilson(np.array([share]), np.array([count])))
        yield ClassFigure(str(label), count, share, low, high)


def wilson(shares: Numbers, counts: Array) -> tuple[Numbers, Numbers]:
    """The 95 % confidence intervals of shares of so many rows; Wilson, *Probable inference* (1927)."""
    spread = 1 + NORMAL**2 / counts
    center = (shares + NORMAL**2 / (2 * counts)) / spread
    half = NORMAL / spread * np.sqrt(shares * (1 - shares) / counts + NORMAL**2 / (4 * counts**2))
    return np.clip(center - half, 0, 1), np.clip(center + half, 0, 1)


def _measure(model: TrainedModel, found: Evaluation, name: str, at: npt.NDArray[np.intp]) -> Measure:
    """A metric as a function of the weights of the rows ``at``."""
    metric, _, column = name.partition(" ")
    if found.probabilities is not None:
        codes = single(model.target).codes_of(found.actual[at])
        return partial(CLASS_METRICS[metric], codes, found.probabilities[at])
    actual, predicted = (own[at].reshape(len(at), -1) for own in (found.actual, found.predicted))
    columns = [model.target.columns.index(column)] if column else range(actual.shape[1])
    each = [partial(NUMBER_METRICS[metric], actual[:, own], predicted[:, own]) for own in columns]
    return lambda weights: float(np.mean([own(weights) for own in each]))


def _interval(found: Evaluation, name: str, value: float, measure: Measure, rows: int) -> tuple[float, float]:
    if name == "accuracy":
        low, high = wilson(np.array([value]), np.array([len(found)]))
        return float(low[0]), float(high[0])
    rng = np.random.default_rng(0)  # so that a card is the same whenever it is made
    drawn = np.array([measure(_weights(rng, rows)) for _ in range(RESAMPLES)])
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return np.nan, np.nan
    ends = np.percentile(drawn, INTERVAL) - measure(None)
    low, high = (value + ends * np.sqrt(rows / len(found))).tolist()
    return low, high


def _weights(rng: np.random.Generator, rows: int) -> Numbers:
    """How often each row is drawn, of as many as there are, with replacement."""
    return np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(np.float64)
