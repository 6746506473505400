"""The evaluation of a network's outputs for rows that have a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, plural
from glassnet.evaluation import CLASS_METRICS, Evaluation, evaluate_classes, evaluate_numbers
from glassnet.net.arrays import Array
from glassnet.tables.schema import BINARY, REGRESSION
from glassnet.targets import TargetGroup, Targets, class_codes, target_parts
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.settings import Settings


def evaluation_of(
    outputs: Array, labeled: LabeledRows, target: Targets, baseline: Sequence[float], settings: Settings
) -> Evaluation:
    """The outputs (R, O) for ``labeled`` rows, compared with their targets and with the constant ``baseline``.

    Where no ``baseline`` is known, it is that of these rows.
    """
    actual, weights = labeled.actual, labeled.sample_weight
    if not len(baseline):
        own = labeled.rows.targets if target.task != REGRESSION else actual.reshape(len(actual), -1)
        baseline = constant_prediction(own, target.task, weights)
    shares = np.array(baseline)
    if isinstance(target, TargetGroup):
        found = _of_group(outputs, labeled, target, shares)
    elif target.classes is None:
        level = settings.objective.loss.quantile_level
        found = evaluate_numbers(actual, target.decode(outputs), shares, target.columns, weights, level)
    else:
        codes, balanced = class_codes(labeled.rows.targets), settings.class_weight is not None
        given = target.probabilities(outputs)
        found = evaluate_classes(actual, codes, given, target.labels, shares, weights, balanced)
    return replace(found, rows=labeled.numbers, weights=weights)


def checked_outputs(outputs: Array) -> Array:
    """The outputs (N, O), if all of them are numbers.

    Raises:
        InputError: some are not: they would become some class.
    """
    if np.isnan(outputs).any():
        rows = np.flatnonzero(np.isnan(outputs).any(axis=1))
        raise InputError(
            f"the outputs of {plural(len(rows), 'row')}, the first of them row {rows[0]}, are not numbers: "
            f"the parameters of the model or these inputs are too large for {outputs.dtype}."
        )
    return outputs


def constant_prediction(
    values: Array, task: str, weights: npt.NDArray[np.float64] | None = None
) -> tuple[float, ...]:
    """Class shares of encoded targets (R, O), or means of numbers; of several targets of classes, those of each output.

    ``weights`` (R,) are at least 0.
    """
    means = []
    for column in values.T:
        known = ~np.isnan(column)  # several targets may have gaps
        own = column[known]
        means.append(float(own.mean() if weights is None else np.average(own, weights=weights[known])))
    return (1 - means[0], means[0]) if task == BINARY and len(means) == 1 else tuple(means)


def _of_group(outputs: Array, labeled: LabeledRows, target: TargetGroup, baseline: Array) -> Evaluation:
    each = {}
    for place, part in enumerate(target_parts(target, labeled.rows.targets)):
        weights = None if labeled.sample_weight is None else labeled.sample_weight[part.rows]
        if len(part.rows) and (weights is None or weights.any()):
            each[target.columns[place]] = evaluate_classes(
                labeled.actual[part.rows, place],
                part.codes,
                part.probabilities(outputs),
                part.encoding.labels,
                part.encoding.shares(baseline[None, part.outputs])[0],
                weights,
            )
    probabilities = np.hstack([*target.probabilities_of_each(outputs).values()])
    return _together(labeled.actual, target.decode(outputs), probabilities, each)


def _together(
    actual: Array,
    predicted: Array,
    probabilities: npt.NDArray[np.float64],
    each: Mapping[str, Evaluation],
) -> Evaluation:
    """The evaluation of several targets of classes.

    A metric that all targets have stands under its own name as their mean, and that of a target under both names, such
    as ``"accuracy flu"``. A target without any evaluated row is left out.

    Args:
        actual: (N, K), the true labels, None where there is none.
        predicted: (N, K), the predicted labels.
        probabilities: (N, C), of the classes of all targets.
        each: the evaluation of each target.
    """
    metrics, baseline = (
        _of_targets({name: getattr(own, kind) for name, own in each.items()})
        for kind in ("metrics", "baseline")
    )
    gains = {f"{what} {name}": gain for name, own in each.items() for what, gain in own.gains.items()}
    return Evaluation(metrics, baseline, actual, predicted, probabilities, gains=gains)


def _of_targets(each: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    found = {}
    for metric in CLASS_METRICS:
        own = {name: figures[metric] for name, figures in each.items() if metric in figures}
        if own and len(own) == len(each):
            found[metric] = float(np.mean(list(own.values())))
        found |= {f"{metric} {name}": figure for name, figure in own.items()}
    return found


def mean_outputs(several: list[Array]) -> Array:
    """The mean of arrays of one shape, in their dtype; a single one stays as it is."""
    if len(several) == 1:
        return several[0]
    total: Array = several[0].astype(np.float64)
    for other in several[1:]:  # one after the other: NumPy would add those of a single row in another order
        total += other
    total /= len(several)
    return total.astype(several[0].dtype)
