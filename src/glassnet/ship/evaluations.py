"""The evaluations of a model file: their rows are tensors, their figures are in the document."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import ModelFileError
from glassnet.evaluation import CLASS_METRICS, NUMBER_METRICS, Evaluation
from glassnet.ship.document import EvaluationPart, Records
from glassnet.tables.schema import REGRESSION
from glassnet.targets import TargetGroup, Targets, encodings_of
from glassnet.tensor_file import ANY, TensorReader
from glassnet.trained import TrainedModel


def evaluation_tensors(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    """``holdout.rows`` and so on: row numbers, actual values, predictions, weights if they differ; classes as codes."""
    tensors: dict[str, npt.NDArray[Any]] = {}
    for name, own in (("holdout", model.holdout), ("validation", model.validation)):
        if own is None:
            continue
        assert own.rows is not None
        tensors[f"{name}.rows"] = own.rows
        if own.weights is not None:
            tensors[f"{name}.weights"] = own.weights
        if own.probabilities is None:
            tensors |= {f"{name}.actual": own.actual, f"{name}.predicted": own.predicted}
        else:
            actual = np.stack(
                [
                    each.codes_of(labels)
                    for each, labels in zip(
                        encodings_of(model.target), own.actual.reshape(len(own), -1).T, strict=True
                    )
                ],
                axis=1,
            )
            tensors |= {
                f"{name}.actual": actual.reshape(own.actual.shape),
                f"{name}.probabilities": own.probabilities,
            }
    return {name: np.ascontiguousarray(values) for name, values in tensors.items()}


def evaluations_of(records: Records, reader: TensorReader) -> dict[str, Evaluation]:
    """The evaluations of a model by name, ``holdout`` and ``validation``.

    Raises:
        ModelFileError: figures that do not fit the target, tensors that do not fit each other.
    """
    found: dict[str, Evaluation] = {}
    for name, part in records.evaluations.items():
        faults = list(_faults(name, part, records.target))
        if faults:
            raise ModelFileError(faults)
        found[name] = _evaluation(name, part, records.target, reader)
    return found


def _faults(name: str, part: EvaluationPart, target: Targets) -> Iterator[str]:
    known = NUMBER_METRICS if target.task == REGRESSION else CLASS_METRICS
    several = len(target.columns) > 1
    for each in {**part.metrics, **part.baseline}:
        metric, _, column = each.partition(" ")
        if metric not in known or column not in (*target.columns, "") or bool(column) > several:
            yield f"its {name} has the metric {each!r:.80}, which is not known here."
    if list(part.metrics) != list(part.baseline):
        yield f"its {name} has other metrics than its baseline."


def _evaluation(name: str, part: EvaluationPart, target: Targets, reader: TensorReader) -> Evaluation:
    metrics, baseline = (
        {key: math.nan if value is None else value for key, value in figures.items()}
        for figures in (part.metrics, part.baseline)
    )
    rows = reader.take(f"{name}.rows", "int64", ANY)
    if not len(rows) or rows[0] < 0 or (np.diff(rows) <= 0).any():
        raise ModelFileError(f"the rows of its {name} are not numbers of rows in ascending order.")
    weights = reader.take(f"{name}.weights", "float64", len(rows)) if part.weighted else None
    if weights is not None and (weights.min() < 0 or not weights.any()):
        raise ModelFileError(f"its {name} has weights below 0, or none above 0.")
    known: dict[str, Any] = {"rows": rows, "gains": part.gains, "weights": weights}
    shape = (len(rows), len(target.columns))[: 1 + (len(target.columns) > 1)]
    if target.task == REGRESSION:
        actual = reader.take(f"{name}.actual", "float64", *shape, finite=False)
        predicted = reader.take(f"{name}.predicted", "float64", *shape)
        if np.isinf(actual).any():
            raise ModelFileError(f"its {name} has actual values that are not finite.")
        return Evaluation(metrics, baseline, actual, predicted, **known)
    each, lowest = encodings_of(target), -1 if isinstance(target, TargetGroup) else 0
    counts = [len(own.labels) for own in each]
    codes = reader.take(f"{name}.actual", "int64", *shape)
    probabilities = reader.take(f"{name}.probabilities", "float64", len(rows), sum(counts))
    if codes.min() < lowest or (codes >= (counts if lowest else counts[0])).any():
        raise ModelFileError(f"the actual values of its {name} are not all among its classes.")
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise ModelFileError(f"its {name} has probabilities that are not from 0 to 1.")
    if isinstance(target, TargetGroup):
        chosen = np.stack(
            [part.argmax(axis=1) for part in np.split(probabilities, np.cumsum(counts)[:-1], axis=1)], axis=1
        )
        actual, predicted = (target.labels_of(each) for each in (codes, chosen))
    else:
        actual, predicted = target.labels[codes], target.labels[probabilities.argmax(axis=1)]
    return Evaluation(metrics, baseline, actual, predicted, probabilities, **known)
