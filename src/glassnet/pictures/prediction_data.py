"""Actual values and predictions, from a model or from arrays, in one form for all pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, unknown
from glassnet.evaluation import Evaluation
from glassnet.trained import TrainedModel

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Probabilities:
    """The actual classes, ``codes`` (N,) as positions in ``classes``, and the predicted ``probabilities`` (N, C).

    ``weights`` (N,) are those of the rows; ``None`` where all count the same.
    """

    codes: npt.NDArray[np.intp]
    probabilities: Numbers
    classes: tuple[str, ...]
    weights: Numbers | None = None


def class_labels(source: Any, other: Any) -> tuple[list[str], list[str], tuple[str, ...]]:
    """Actual and predicted labels as text, and all classes, if they are known.

    ``source`` is a model (with a table as ``other``, or ``None`` for its held-out rows), an evaluation, or the actual
    labels (with the predicted ones as ``other``).
    """
    known = _classes(source) if isinstance(source, TrainedModel) else ()
    actual, predicted = (list(map(str, own.reshape(-1).tolist())) for own in _values(source, other))
    _check_rows(len(actual), len(predicted))
    return actual, predicted, known


def target_numbers(source: Any, other: Any, output: int | str = 0) -> tuple[Numbers, Numbers, str]:
    """Actual and predicted numbers of one target, (N,), and its name; arguments as of :func:`class_labels`."""
    names: tuple[str, ...] = ()
    if isinstance(source, TrainedModel):
        if source.target.classes is not None:
            raise InputError("this picture is for numbers, but the model predicts classes.")
        names = source.target.columns
    actual, predicted = (own.astype(np.float64) for own in _values(source, other))
    _check_rows(len(actual), len(predicted))
    actual, predicted = (own.reshape(len(own), -1) for own in (actual, predicted))
    at = position(output, names or tuple(map(str, range(actual.shape[1]))), "output")
    known = np.isfinite(actual[:, at])
    if not known.any():
        raise InputError("there is no row with a target to draw.")
    return actual[known, at], predicted[known, at], names[at] if names else ""


def class_probabilities(source: Any, other: Any, classes: npt.ArrayLike | None = None) -> Probabilities:
    """Actual classes and predicted probabilities.

    ``source`` is a model, with a table as ``other`` or ``None`` for its held-out rows; an evaluation; or the actual
    labels (N,), with the probabilities as ``other``: (N,) of the second of two classes, or (N, C) in the order of
    ``classes``.
    """
    if isinstance(source, TrainedModel):
        classes = source.classes if _classes(source) else None
        source = _judged(source, other)
    weights = None
    if isinstance(source, Evaluation):
        if source.probabilities is None:
            raise InputError("this picture is for classes, but the evaluation is one of numbers.")
        source, other, weights = source.actual, source.probabilities, source.weights
    actual, given = np.asarray(source).reshape(-1), np.asarray(other, np.float64)
    _check_rows(len(actual), len(given))
    if given.ndim == 1:
        given = np.column_stack([1 - given, given])
    names = (np.unique(actual) if classes is None else np.asarray(classes)).tolist()
    if len(names) != given.shape[1]:
        raise InputError(
            f"there are probabilities of {given.shape[1]} classes, but {len(names)} classes; name them all."
        )
    codes = {label: at for at, label in enumerate(names)}
    foreign = sorted({str(label) for label in actual.tolist() if label not in codes})
    if foreign:
        raise InputError(f"there are labels that are not among the classes: {', '.join(foreign[:5])}.")
    found = np.array([codes[label] for label in actual.tolist()], np.intp)
    return Probabilities(found, given, tuple(map(str, names)), weights)


def kind_of_rows(source: Any, other: Any) -> str:
    """What a row is called that is drawn without a table: a held-out or a validation row."""
    if not isinstance(source, TrainedModel) or other is not None:
        return "row"
    return "validation row" if source.holdout is None else "held-out row"


def position(name: int | str, names: tuple[str, ...], what: str) -> int:
    """The position of ``name`` among ``names``, which may also be that position."""
    if isinstance(name, str):
        if name not in names:
            raise InputError(unknown(what, name, names))
        return names.index(name)
    if not 0 <= name < len(names):
        raise InputError(f"{what} is {name!r}, but there are {len(names)}, counted from 0.")
    return name


def _classes(model: TrainedModel) -> tuple[str, ...]:
    if model.target.classes is None:
        raise InputError("this picture is for classes, but the model predicts numbers.")
    return tuple(map(str, model.target.classes))


def _values(source: Any, other: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Actual and predicted values: of a model, an evaluation, or those passed."""
    if isinstance(source, TrainedModel):
        source = _judged(source, other)
    if isinstance(source, Evaluation):
        return source.actual, source.predicted
    return np.asarray(source), np.asarray(other)


def _judged(model: TrainedModel, table: Any) -> Evaluation:
    """The evaluation of the rows of ``table``; by default of those that the model was not trained on."""
    found = model.held_out if table is None else model.evaluate(table)
    if found is None:
        raise InputError("the model has no held-out rows; pass a table with the target.")
    return found


def _check_rows(actual: int, other: int) -> None:
    if actual != other:
        raise InputTypeError(
            f"there are {actual} actual values, but {other} predictions; there must be one for each."
        )
    if not actual:
        raise InputError("there are no rows to draw.")
