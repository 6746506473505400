"""The metric of early stopping, if it is not the loss: a name or a function, measured after each epoch.

Besides the metrics of an evaluation there is the calibrated log loss: that with the temperature that fits the
validation rows best. A network that trains on becomes too certain, and its log loss rises, while its ranking of the
classes still improves. The mean of several networks and the temperature correct the certainty, so that the later epoch
is the better.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from glassnet.engines import Rows, Run
from glassnet.engines.protocol import EachRow, Inputs
from glassnet.errors import InputTypeError, SettingsError, called, unknown
from glassnet.evaluation import CLASS_METRICS, NUMBER_METRICS, SMALLER_IS_BETTER
from glassnet.net.arrays import Array
from glassnet.tables.schema import REGRESSION
from glassnet.targets import (
    TargetGroup,
    Targets,
    class_codes,
    fit_temperature,
    probabilities_of,
    target_parts,
)
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.stop import StopToken

if TYPE_CHECKING:
    from glassnet.training.prepare import Prepared

CALIBRATED = "calibrated_log_loss"
DECREASING = (*SMALLER_IS_BETTER, CALIBRATED)


class Predicts(Protocol):
    """What a metric needs of a run."""

    def predict(self, inputs: Inputs) -> Array: ...


Measure = Callable[[Predicts], float]


@dataclass(frozen=True)
class UntilStopped:
    """A run that predicts until training is stopped; the outputs for the validation rows are known."""

    run: Run
    stop: StopToken
    validation: Rows
    known: EachRow

    def predict(self, inputs: Inputs) -> Array:
        if inputs is self.validation.inputs:
            return self.known.outputs
        return self.run.predict(inputs, self.stop.flag)


def calibrated_log_loss(codes: Any, probabilities: Any, weights: Any = None) -> float:
    """The log loss with the temperature that fits best; arguments as those of :func:`glassnet.evaluation.log_loss`."""
    return fit_temperature(probabilities, codes, weights).loss


OF_CLASSES = {**CLASS_METRICS, CALIBRATED: calibrated_log_loss}


@dataclass(frozen=True)
class ValidationMetric:
    """``measure`` gives the score of a run on the validation rows; ``greater`` scores are better, or smaller ones."""

    name: str
    measure: Measure
    greater: bool = True

    def better(self, score: float, than: float) -> bool:
        return score > than if self.greater else score < than


@runtime_checkable
class MetricOfTraining(Protocol):
    """A metric that needs more than values and predictions: it is given all that training knows of the table."""

    def for_training(self, prepared: Prepared) -> Measure: ...


def metric_of(metric: Any, prepared: Prepared) -> ValidationMetric | None:
    """The metric that the setting ``metric`` asks for; ``None`` for the loss.

    The validation rows are those that training encoded once; an epoch costs one prediction of them.

    Raises:
        SettingsError: an unknown metric, or no rows to measure it on.
    """
    if metric is None:
        return None
    labeled = prepared.validation
    if labeled is None:
        raise SettingsError(
            f"{called('metric')} needs validation rows; set {called('validation')} to a share or a table."
        )
    if isinstance(metric, str):
        return ValidationMetric(metric, _named(metric, prepared.target, labeled), metric not in DECREASING)
    name = getattr(metric, "__name__", "metric")
    own = isinstance(metric, MetricOfTraining)
    measure = metric.for_training(prepared) if own else _function(metric, prepared.target, labeled)

    def number(run: Predicts) -> float:
        score = measure(run)
        try:
            return float(score)
        except (TypeError, ValueError):
            raise InputTypeError(
                f"the metric {name} returned {score!r:.80}, but must return a number."
            ) from None

    return ValidationMetric(name, number)


def _named(name: str, target: Targets, labeled: LabeledRows) -> Measure:
    inputs, actual, weights = labeled.rows.inputs, labeled.actual, labeled.sample_weight
    if isinstance(target, TargetGroup):
        return _of_group(name, target, labeled)
    known = list(NUMBER_METRICS if target.classes is None else OF_CLASSES)
    if len(target.columns) > 1:
        known = ["r2"]  # the others are in the units of one target
    elif len(target.labels) > 2:
        known.remove("auc")
    if name not in known:
        raise SettingsError(unknown(called("metric"), name, known))
    if target.classes is not None:
        codes, of_classes = class_codes(labeled.rows.targets), OF_CLASSES[name]
        return lambda run: of_classes(codes, target.probabilities(run.predict(inputs)), weights)

    def of_numbers(run: Predicts) -> float:
        predicted = target.decode(run.predict(inputs))
        pairs = zip(np.atleast_2d(actual.T), np.atleast_2d(predicted.T), strict=True)
        return float(np.mean([NUMBER_METRICS[name](*pair, weights) for pair in pairs]))

    return of_numbers


def _of_group(name: str, target: TargetGroup, labeled: LabeledRows) -> Measure:
    """The mean of a metric over the targets."""
    known = [own for own in OF_CLASSES if own != "auc" or all(len(each.labels) == 2 for each in target.each)]
    if name not in known:
        raise SettingsError(unknown(called("metric"), name, known))
    parts, metric = target_parts(target, labeled.rows.targets), OF_CLASSES[name]

    def measure(run: Predicts) -> float:
        outputs = run.predict(labeled.rows.inputs)
        scores = []
        for part in parts:
            weights = None if labeled.sample_weight is None else labeled.sample_weight[part.rows]
            scores.append(metric(part.codes, part.probabilities(outputs), weights))
        return float(np.mean(scores))

    return measure


def _function(metric: Callable[..., float], target: Targets, labeled: LabeledRows) -> Measure:
    """``metric(actual, predicted)``; it also gets ``probabilities`` and ``sample_weight`` if it has such parameters."""
    more: dict[str, Any] = {"sample_weight": labeled.sample_weight} if takes(metric, "sample_weight") else {}
    of_classes = takes(metric, "probabilities")

    def measure(run: Predicts) -> float:
        outputs = run.predict(labeled.rows.inputs)
        if of_classes:
            more["probabilities"] = None if target.task == REGRESSION else probabilities_of(target, outputs)
        return metric(labeled.actual, target.decode(outputs), **more)

    return measure


def takes(function: Callable[..., Any], parameter: str) -> bool:
    """Whether a function has a parameter of that name; ``False`` if its parameters are unknown."""
    try:
        return parameter in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def one_at_a_time(metric: ValidationMetric, lock: AbstractContextManager[Any]) -> ValidationMetric:
    """The same metric, whose function is called by whoever has the lock."""

    def measure(run: Predicts) -> float:
        with lock:
            return metric.measure(run)

    return replace(metric, measure=measure)
