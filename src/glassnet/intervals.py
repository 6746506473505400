"""Prediction intervals and sets of classes that hold the actual value with a given probability: conformal prediction.

The errors of predictions for rows that training did not see say how large errors are. With n such rows, the
``ceil((n + 1) * level)``-th smallest of their scores is the limit for new rows (split conformal prediction: Vovk,
Gammerman, Shafer, *Algorithmic learning in a random world*, 2005; Lei, G'Sell, Rinaldo, Tibshirani, Wasserman,
*Distribution-free predictive inference for regression*, 2018). If new rows come from where these rows came from, the
actual value lies within the limit for a share ``level`` of them, on average, whatever the model is like. Rows of weight
0 are left out; all other rows count the same, since new rows have no weights.

*Numbers.* The score is the absolute error, divided by the mean absolute error of the rows with similar predictions: the
interval is wide where errors are large (locally weighted conformal prediction, section 5.2 of Lei et al.). These means
are of the same rows as the scores, each without the row itself, so that the share holds closely, but is not proved.

*Classes.* The score is one minus the probability of the actual class, so that the set has all classes whose
probability is high enough (Sadinle, Lei, Wasserman, *Least ambiguous set-valued classifiers with bounded error
levels*, 2019). This gives the smallest sets on average. A set is empty where no class is probable enough, which happens
where the model is right more often than ``level`` asks for.

*Which rows.* For held-out rows, the guarantee for classes is exact, on average over draws of these rows and of new
ones: the share is at least ``level``, and at most 1/(n + 1) more where no scores are equal. Validation rows have chosen
the epoch that was kept, so that their errors are slightly too small. With folds, each row was predicted by the networks
that were not trained on it, whereas new rows are predicted by the mean of all networks, which is usually better:
intervals are then rather too wide (residuals of cross-validation around the whole model; see Barber, Candès, Ramdas,
Tibshirani, *Predictive inference with the jackknife+*, 2021, for what can be proved). ``benchmarks/coverage.py``
measures both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InputError, called
from glassnet.evaluation import Evaluation
from glassnet.tables.schema import REGRESSION
from glassnet.targets import TargetEncoding, TargetGroup, Targets

Numbers = NDArray[np.float64]

SIMILAR = 8  # the rows with similar predictions are one of so many parts of the known rows,
FEWEST = 20  # and at least so many
PRIOR = 5  # rows with the mean error of all rows that count as similar, too: no scale is 0 by chance


def predicted_within(
    target: Targets, outputs: NDArray[Any], known: Sequence[Evaluation | None], level: float
) -> NDArray[Any]:
    """Intervals or sets for the networks' mean ``outputs`` (N, O).

    Args:
        known: evaluations on rows that training did not see; the first that has enough rows is used. Rows of weight 0
            are left out, all others count the same.
        level: the share of new rows whose actual value is within, above 0 and below 1.

    Returns:
        Of numbers, the lower and the upper end in the target's units, (N, 2), or (N, K, 2) for K targets; of classes,
        tuples of labels, the most probable first, (N,), or (N, K).

    Raises:
        InputError: another ``level``, or no evaluation with enough rows.
    """
    return predictor_within(target, known, level)(outputs)


def predictor_within(
    target: Targets, known: Sequence[Evaluation | None], level: float
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """A function from ``outputs`` to what :func:`predicted_within` returns, which takes no time for the known rows.

    Raises:
        InputError: as :func:`predicted_within`.
    """
    if isinstance(level, bool) or not isinstance(level, Real) or not 0 < level < 1:
        raise InputError(
            f"{called('interval', level)}: the share of rows whose actual value is within the interval must be a "
            "number above 0 and below 1, such as 0.9."
        )
    level = float(level)
    found = _enough(known, level)
    if target.task == REGRESSION:
        return _intervals(target, found, level)
    assert found.probabilities is not None
    if not isinstance(target, TargetGroup):
        least = _least(target, found.actual, found.probabilities, level)
        return lambda outputs: _sets(target, target.probabilities(outputs), least)
    ends = np.cumsum([0, *(len(own.labels) for own in target.each)]).tolist()
    each = []
    for at, own in enumerate(target.each):
        actual = found.actual[:, at]
        rows = [row for row, label in enumerate(actual.tolist()) if label is not None]
        least = _least(own, actual[rows], found.probabilities[rows, ends[at] : ends[at + 1]], level)
        each.append((own, target.slices[own.columns[0]], least))

    def predict(outputs: NDArray[Any]) -> NDArray[Any]:
        sets = [_sets(own, own.probabilities(outputs[:, columns]), least) for own, columns, least in each]
        return np.stack(sets, axis=1)

    return predict


def rows_needed(level: float) -> int:
    """How many known rows there must be at least, for a limit that is one of their scores."""
    return math.ceil(level / (1 - level) - 1e-9)


def _enough(known: Sequence[Evaluation | None], level: float) -> Evaluation:
    given = [each.with_weight() for each in known if each is not None]
    least = rows_needed(level)
    if not given:
        raise InputError(
            f"{called('interval', level)} needs rows that training did not see, and this model has none: it was "
            "converted, is one of several networks, or was trained without validation and held-out rows. Train with "
            f"{called('validation', 0.2)} or {called('holdout', 0.2)}."
        )
    for each in given:
        if _fewest_known(each) >= least:
            return each
    most = max(map(_fewest_known, given))
    raise InputError(
        f"{called('interval', level)} needs {least:,} rows with a target that training did not see, but this model has "
        f"{most:,}: ask for at most {math.floor(100 * most / (most + 1)) / 100:g}, or train with more rows."
    )


def _fewest_known(found: Evaluation) -> int:
    """The number of rows whose actual value is known, of the target that has the fewest."""
    actual = found.actual.reshape(len(found), -1)
    if actual.dtype.kind == "f":
        return int((~np.isnan(actual)).sum(axis=0).min())
    return min(sum(label is not None for label in column) for column in actual.T.tolist())


def _limit(scores: Numbers, level: float) -> float:
    """The smallest score that at least a share ``level`` of a new row and these rows do not exceed."""
    place = math.ceil((len(scores) + 1) * level - 1e-9)
    return float(np.partition(scores, place - 1)[place - 1])


def _intervals(
    target: TargetEncoding, found: Evaluation, level: float
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    actual, before = (values.reshape(len(found), -1) for values in (found.actual, found.predicted))
    scales = []
    for at in range(len(target.columns)):
        rows = ~np.isnan(actual[:, at])
        scale = ErrorScale.of(before[rows, at], np.abs(actual[rows, at] - before[rows, at]))
        scales.append((scale, _limit(scale.scores, level)))

    def predict(outputs: NDArray[Any]) -> Numbers:
        predicted = target.in_units(outputs)
        halves = [scale.of_new(predicted[:, at]) * limit for at, (scale, limit) in enumerate(scales)]
        half = np.stack(halves, axis=1)
        ends = np.stack([predicted - half, predicted + half], axis=2)
        return ends[:, 0] if len(target.columns) == 1 else ends

    return predict


@dataclass(frozen=True, eq=False)
class ErrorScale:
    """How large absolute errors are for rows with similar predictions.

    Attributes:
        predicted: (R,), the predictions for the known rows, ascending.
        sums: (R + 1,), the sums of the errors of the first of these rows, in units of ``mean``; rows with the same
            prediction have the mean of their errors, so that their order does not matter.
        mean: the mean absolute error.
        scores: (R,), the absolute errors, each divided by the scale that the other rows give.
    """

    predicted: Numbers
    sums: Numbers
    mean: float
    scores: Numbers

    @classmethod
    def of(cls, predicted: Numbers, errors: Numbers) -> ErrorScale:
        """``predicted`` (R,) and the absolute ``errors`` (R,) of known rows."""
        order = np.lexsort((errors, predicted))  # no sum depends on the order of the rows
        predicted, errors = predicted[order], errors[order]
        largest = float(errors.max())
        mean = float((errors / largest).mean()) * largest if largest else 0.0  # a sum could overflow
        shares = errors / (mean or np.finfo(np.float64).tiny)
        _, ties, counts = np.unique(predicted, return_inverse=True, return_counts=True)
        evened = (np.bincount(ties, shares) / counts)[ties]
        scale = cls(predicted, np.concatenate([[0.0], np.cumsum(evened)]), mean, shares)
        near, rows = scale._near(predicted)
        others = np.maximum(near - shares, 0.0)
        return replace(scale, scores=shares / ((others + PRIOR) / (rows - 1 + PRIOR)))

    def of_new(self, predicted: Numbers) -> Numbers:
        """The scale (N,) for new rows with the predictions ``predicted`` (N,), in the target's units."""
        near, rows = self._near(predicted)
        scale: Numbers = (near + PRIOR) / (rows + PRIOR) * self.mean
        return scale

    def _near(self, predicted: Numbers) -> tuple[Numbers, NDArray[np.intp]]:
        """The sum of the errors of the known rows with similar predictions, and the number of these rows, (N,) each.

        All rows with the same prediction are among them, in the middle.
        """
        first, end = (np.searchsorted(self.predicted, predicted, side) for side in ("left", "right"))
        rows = np.maximum(_similar(len(self.predicted)), end - first)
        start = np.clip(first - (rows - (end - first)) // 2, 0, len(self.predicted) - rows)
        return np.maximum(self.sums[start + rows] - self.sums[start], 0.0), rows


def _similar(rows: int) -> int:
    return min(rows, max(FEWEST, rows // SIMILAR))


def _least(target: TargetEncoding, actual: NDArray[Any], before: Numbers, level: float) -> float:
    """The least probability of a class in a set; ``before`` (R, C) are those of known rows, labeled ``actual`` (R,)."""
    codes = target.codes_of(actual)
    return -_limit(-before[np.arange(len(codes)), codes], level)


def _sets(target: TargetEncoding, probabilities: Numbers, least: float) -> NDArray[np.object_]:
    """Tuples of the labels (N,) whose ``probabilities`` (N, C) are at least ``least``."""
    labels = target.labels
    order = np.argsort(-probabilities, axis=1, kind="stable")
    counts = (probabilities >= least).sum(axis=1)
    found = np.empty(len(probabilities), object)
    for row, count in enumerate(counts.tolist()):
        found[row] = tuple(labels[order[row, :count]].tolist())
    return found
