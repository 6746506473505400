"""Predictions and probabilities by name, of many rows or of one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """
    names, values = target.columns, found["prediction"]
    columns: dict[str, Any] = dict(values) if len(names) > 1 else {names[0]: values}
    return columns | dict(probability_columns(target, found)) if probabilities else columns


def probability_columns(target: Targets, found: dict[str, Any]) -> list[tuple[str, Any]]:
    """The names and values of the columns that :func:`columns_of` adds with ``probabilities``."""
    shares = found.get("probabilities", {})
    if not isinstance(target, TargetGroup):
        return [(f"probability_{label}", own) for label, own in shares.items()]
    return [
        (f"probability_{name}={label}", own) for name, each in shares.items() for label, own in each.items()
    ]


def interval_columns(target: Targets, found: NDArray[Any]) -> dict[str, Any]:
    """What ``predict`` returns for an ``interval`` as columns: ``lower`` and ``upper``, or ``set`` of lists.

    Several targets have columns of their own, such as ``lower_NAME``.
    """
    each = [found] if len(target.columns) == 1 else [found[:, at] for at in range(len(target.columns))]
    columns: dict[str, Any] = {}
    for name, own in zip(target.columns, each, strict=True):
        end = f"_{name}" if len(each) > 1 else ""
        if target.task == REGRESSION:
            columns |= {f"lower{end}": own[:, 0], f"upper{end}": own[:, 1]}
        else:
            columns[f"set{end}"] = list(map(list, own))
    return columns


def by_row(found: Any) -> list[Any]:
    """Nested dicts of lists and arrays of N values, such as :func:`decoded` returns, as N dicts of values."""
    if not isinstance(found, dict):
        values: list[Any] = found if isinstance(found, list) else found.tolist()
        return values
    names, each = [*found], map(by_row, found.values())
    return [dict(zip(names, own, strict=True)) for own in zip(*each, strict=True)]
