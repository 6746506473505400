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
from glassnet.ship.tensors import ANY, TensorReader
from glassnet.targets import TargetEncoding
from glassnet.trained import TrainedModel


def evaluation_tensors(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    """``holdout.rows`` and so on: the row numbers, the actual values, and the predictions; classes as codes."""
    tensors: dict[str, npt.NDArray[Any]] = {}
    for name, own in (("holdout", model.holdout), ("validation", model.validation)):
        if own is None:
            continue
        assert own.rows is not None
        tensors[f"{name}.rows"] = own.rows
        if own.probabilities is None:
            tensors |= {f"{name}.actual": own.actual, f"{name}.predicted": own.predicted}
        else:
            codes = {label: code for code, label in enumerate(model.classes.tolist())}
            actual = np.array([codes[label] for label in own.actual.tolist()], np.int64)
            tensors |= {f"{name}.actual": actual, f"{name}.probabilities": own.probabilities}
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


def _faults(name: str, part: EvaluationPart, target: TargetEncoding) -> Iterator[str]:
    known = NUMBER_METRICS if target.classes is None else CLASS_METRICS
    several = len(target.columns) > 1
    for each in {**part.metrics, **part.baseline}:
        metric, _, column = each.partition(" ")
        if metric not in known or column not in (*target.columns, "") or bool(column) > several:
            yield f"its {name} has the metric {each!r:.80}, which is not known here."
    if list(part.metrics) != list(part.baseline):
        yield f"its {name} has other metrics than its baseline."


def _evaluation(name: str, part: EvaluationPart, target: TargetEncoding, reader: TensorReader) -> Evaluation:
    metrics, baseline = (
        {key: math.nan if value is None else value for key, value in figures.items()}
        for figures in (part.metrics, part.baseline)
    )
    rows = reader.take(f"{name}.rows", "int64", ANY)
    if not len(rows) or rows[0] < 0 or (np.diff(rows) <= 0).any():
        raise ModelFileError(f"the rows of its {name} are not numbers of rows in ascending order.")
    shape = (len(rows), len(target.columns))[: 1 + (len(target.columns) > 1)]
    if target.classes is None:
        actual = reader.take(f"{name}.actual", "float64", *shape, finite=False)
        predicted = reader.take(f"{name}.predicted", "float64", *shape)
        if np.isinf(actual).any():
            raise ModelFileError(f"its {name} has actual values that are not finite.")
        return Evaluation(metrics, baseline, actual, predicted, None, rows, gains=part.gains)
    codes = reader.take(f"{name}.actual", "int64", len(rows))
    probabilities = reader.take(f"{name}.probabilities", "float64", len(rows), len(target.classes))
    if codes.min() < 0 or codes.max() >= len(target.classes):
        raise ModelFileError(f"the actual values of its {name} are not all among its classes.")
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise ModelFileError(f"its {name} has probabilities that are not from 0 to 1.")
    actual, predicted = target.labels[codes], target.labels[probabilities.argmax(axis=1)]
    return Evaluation(metrics, baseline, actual, predicted, probabilities, rows, gains=part.gains)
