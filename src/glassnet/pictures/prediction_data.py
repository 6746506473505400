"""What really was, and what was said of it: rows of a model, or plain arrays, in one form for every picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, unknown
from glassnet.evaluation import Evaluation
from glassnet.net import Network, Parameters, Trace, forward
from glassnet.net.arrays import Array
from glassnet.targets import class_codes
from glassnet.trained import TrainedModel

if TYPE_CHECKING:
    pass

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Chances:
    """Classes: ``codes`` (N,) of what was, as positions in ``classes``, and ``chances`` (N, C) of each class."""

    codes: Codes
    chances: Numbers
    classes: tuple[str, ...]


def trace_of(source: TrainedModel | Network, parameters: Parameters, inputs: Array) -> Trace:
    """Every sum and activation for ``inputs`` (N, I): by the engine that predicts, or of a network by the textbook."""
    if isinstance(source, TrainedModel):
        return source.with_parameters(parameters).tracer(inputs)
    return forward(source, parameters, inputs)


def labels(source: Any, other: Any) -> tuple[list[str], list[str], tuple[str, ...] | None]:
    """Actual and predicted labels as text, and all classes where they are known.

    ``source`` is a model (``other`` a table, or ``None`` for its holdout), an evaluation, or the actual
    labels (``other`` the predicted ones).
    """
    known = None
    if isinstance(source, TrainedModel):
        if source.target.classes is None:
            raise InputError("this picture is for classes, but the model predicts numbers.")
        known = tuple(map(str, source.target.classes))
        source, other = _evaluation(source, other), None
    if isinstance(source, Evaluation):
        source, other = source.actual, source.predicted
    actual, predicted = (
        [str(value) for value in np.asarray(own).reshape(-1).tolist()] for own in (source, other)
    )
    _check_rows(len(actual), len(predicted))
    return actual, predicted, known


def numbers(source: Any, other: Any, output: int | str = 0) -> tuple[Numbers, Numbers, str]:
    """Actual and predicted numbers of one target, (N,), and its name. ``source`` and ``other`` as :func:`labels`."""
    names: tuple[str, ...] = ()
    if isinstance(source, TrainedModel):
        if source.target.classes is not None:
            raise InputError("this picture is for numbers, but the model predicts classes.")
        names = source.target.columns
        source, other = _evaluation(source, other), None
    if isinstance(source, Evaluation):
        source, other = source.actual, source.predicted
    actual, predicted = (np.asarray(own, np.float64) for own in (source, other))
    _check_rows(len(actual), len(predicted))
    actual, predicted = (own.reshape(len(own), -1) for own in (actual, predicted))
    at = place_of(output, names or tuple(map(str, range(actual.shape[1]))), "output")
    known = np.isfinite(actual[:, at])
    if not known.any():
        raise InputError("there is no row with a target to draw.")
    return actual[known, at], predicted[known, at], names[at] if names else ""


def chances(source: Any, other: Any, classes: npt.ArrayLike | None = None) -> Chances:
    """Classes and the chances that were given to them.

    ``source`` is a model and ``other`` a table with the target; or ``source`` the actual labels (N,) and
    ``other`` the chances: (N,) of the second of two classes, or (N, C) in the order of ``classes``.
    """
    if isinstance(source, Evaluation) or (isinstance(source, TrainedModel) and other is None):
        raise InputError(
            "this picture needs the chance of every class, which a model does not keep for its held-out rows; "
            "hand over a table with the target as well."
        )
    if isinstance(source, TrainedModel):
        if source.target.classes is None:
            raise InputError("this picture is for classes, but the model predicts numbers.")
        rows = source.encode_labeled(other).rows
        given = source.target.probabilities(source.outputs(rows.inputs))
        return Chances(class_codes(rows.targets), given, tuple(map(str, source.target.classes)))
    actual, given = np.asarray(source).reshape(-1), np.asarray(other, np.float64)
    _check_rows(len(actual), len(given))
    if given.ndim == 1:
        given = np.column_stack([1 - given, given])
    names = np.unique(actual) if classes is None else np.asarray(classes)
    place = {label: at for at, label in enumerate(names.tolist())}
    if len(names) != given.shape[1]:
        raise InputError(
            f"there are chances of {given.shape[1]} classes, but {len(names)} classes; name them all."
        )
    unknown = sorted({str(label) for label in actual.tolist() if label not in place})
    if unknown:
        raise InputError(f"there are labels that are no class: {', '.join(unknown[:5])}.")
    codes = np.array([place[label] for label in actual.tolist()], np.intp)
    return Chances(codes, given, tuple(str(name) for name in names.tolist()))


def place_of(name: int | str, names: tuple[str, ...], what: str) -> int:
    """The position of ``name`` among ``names``, which may also be that position."""
    if isinstance(name, str):
        if name not in names:
            raise InputError(unknown(what, name, names))
        return names.index(name)
    if not 0 <= name < len(names):
        raise InputError(f"{what} is {name!r}, but there are {len(names)}, counted from 0.")
    return name


def _evaluation(model: TrainedModel, table: Any) -> Evaluation:
    if table is not None:
        return model.evaluate(table)
    if model.holdout is None:
        raise InputError(
            "the model has no held-out rows to judge it by; hand over a table with the target as well."
        )
    return model.holdout


def _check_rows(actual: int, other: int) -> None:
    if actual != other:
        raise InputTypeError(
            f"there are {actual} actual values, but {other} predictions; there must be one for each."
        )
    if not actual:
        raise InputError("there are no rows to draw.")
