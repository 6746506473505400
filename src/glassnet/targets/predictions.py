"""Predictions and probabilities by name, of many rows or of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InputError
from glassnet.tables.schema import REGRESSION
from glassnet.targets.encoding import TargetEncoding
from glassnet.targets.group import TargetGroup, Targets


def decoded(target: Targets, outputs: NDArray[Any]) -> dict[str, Any]:
    """What is predicted for the networks' mean ``outputs`` (N, O): lists and arrays of N values.

    ``prediction`` has the values, and of classes ``probabilities`` an array for each label as text. For several
    targets, both have these by the targets' names.
    """
    values = target.decode(outputs)
    each = {
        name: own.tolist()
        for name, own in zip(target.columns, values.reshape(len(values), -1).T, strict=True)
    }
    found: dict[str, Any] = {"prediction": each if len(each) > 1 else each.popitem()[1]}
    if isinstance(target, TargetGroup):
        shares = target.probabilities_of_each(outputs)
        found["probabilities"] = {
            own.columns[0]: _by_label(own, shares[own.columns[0]]) for own in target.each
        }
    elif target.classes is not None:
        found["probabilities"] = _by_label(target, target.probabilities(outputs))
    return found


def _by_label(target: TargetEncoding, shares: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    return dict(zip(map(str, target.labels.tolist()), shares.T, strict=True))


def predicted_columns(target: Targets, outputs: NDArray[Any], probabilities: bool = True) -> dict[str, Any]:
    """What is predicted for ``outputs`` (N, O) as columns of a table, as :func:`columns_of` names them."""
    return columns_of(target, decoded(target, outputs), probabilities)


def columns_of(target: Targets, found: dict[str, Any], probabilities: bool = True) -> dict[str, Any]:
    """What :func:`decoded` found by names of columns: one by the name of each target.

    With ``probabilities``, there is also ``probability_LABEL`` for each class, and ``probability_TARGET=LABEL`` where
    there are several targets of classes.

    Raises:
        InputError: as :func:`distinct`.
    """
    names, values = target.columns, found["prediction"]
    columns: dict[str, Any] = dict(values) if len(names) > 1 else {names[0]: values}
    return distinct([*columns.items(), *probability_columns(target, found)]) if probabilities else columns


def distinct(columns: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Columns by name.

    Raises:
        InputError: two have the same name.
    """
    found: dict[str, Any] = {}
    for name, values in columns:
        if name in found:
            raise InputError(
                f"two columns of the predictions would have the name {name!r}: train with another name of the target."
            )
        found[name] = values
    return found


def probability_columns(target: Targets, found: dict[str, Any]) -> list[tuple[str, Any]]:
    """The names and values of the columns that :func:`columns_of` adds with ``probabilities``."""
    shares = found.get("probabilities", {})
    if not isinstance(target, TargetGroup):
        return [(f"probability_{label}", own) for label, own in shares.items()]
    return [
        (f"probability_{name}={label}", own) for name, each in shares.items() for label, own in each.items()
    ]


def decoded_interval(target: Targets, found: NDArray[Any]) -> dict[str, Any]:
    """What ``predict`` returns for an ``interval``: arrays ``lower`` and ``upper``, or lists of labels ``set``.

    For several targets, these have values by the targets' names.
    """
    each = [found] if len(target.columns) == 1 else [found[:, at] for at in range(len(target.columns))]
    parts: dict[str, Any] = {
        part: {} for part in (("lower", "upper") if target.task == REGRESSION else ("set",))
    }
    for name, own in zip(target.columns, each, strict=True):
        values = own.T if target.task == REGRESSION else [list(map(list, own))]
        for part, value in zip(parts, values, strict=True):
            parts[part][name] = value
    return parts if len(each) > 1 else {part: values.popitem()[1] for part, values in parts.items()}


def interval_columns(target: Targets, found: NDArray[Any]) -> dict[str, Any]:
    """What :func:`decoded_interval` returns as columns; several targets have their own, such as ``lower_NAME``."""
    parts = decoded_interval(target, found)
    if len(target.columns) == 1:
        return parts
    return {f"{part}_{name}": values[name] for name in target.columns for part, values in parts.items()}


def by_row(found: Any) -> list[Any]:
    """Nested dicts of lists and arrays of N values, such as :func:`decoded` returns, as N dicts of values."""
    if not isinstance(found, dict):
        values: list[Any] = found if isinstance(found, list) else found.tolist()
        return values
    names, each = [*found], map(by_row, found.values())
    return [dict(zip(names, own, strict=True)) for own in zip(*each, strict=True)]
