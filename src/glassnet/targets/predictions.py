"""Predictions and probabilities by name, of many rows or of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.schema import BINARY, REGRESSION
from glassnet.targets.encoding import TargetEncoding
from glassnet.targets.group import TargetGroup, Targets

FEW = 8  # NumPy adds fewer numbers than these one after the other

Outputs = list[float]


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


def decoder_of_row(target: Targets) -> Callable[[Outputs], dict[str, Any]]:
    """A function from the outputs (O,) of one row to its prediction, in plain Python, which takes less time than NumPy.

    It returns what :func:`decoded` does, to the bit, with a value in place of each list.
    """
    if isinstance(target, TargetGroup):
        each = [
            (own.columns[0], at, _classes(own))
            for own, at in zip(target.each, target.slices.values(), strict=True)
        ]

        def decode(outputs: Outputs) -> dict[str, Any]:
            found = {name: own(outputs[at]) for name, at, own in each}
            return {
                "prediction": {name: label for name, (label, _) in found.items()},
                "probabilities": {name: shares for name, (_, shares) in found.items()},
            }

        return decode
    if target.classes is None:
        return _numbers(target)
    classes = _classes(target)

    def decode_classes(outputs: Outputs) -> dict[str, Any]:
        label, shares = classes(outputs)
        return {"prediction": label, "probabilities": shares}

    return decode_classes


def _numbers(target: TargetEncoding) -> Callable[[Outputs], dict[str, Any]]:
    lowest = target.lowest or (-np.inf,) * len(target.columns)
    highest = target.highest or (np.inf,) * len(target.columns)
    constants = [*zip(target.columns, target.mean, target.scale, lowest, highest, strict=True)]

    def decode(outputs: Outputs) -> dict[str, Any]:
        values = {
            name: min(max(output * scale + mean, low), high)
            for output, (name, mean, scale, low, high) in zip(outputs, constants, strict=True)
        }
        return {"prediction": values if len(values) > 1 else values.popitem()[1]}

    return decode


def _classes(target: TargetEncoding) -> Callable[[Outputs], tuple[Any, dict[str, float]]]:
    """A function from outputs to the label and the probabilities by label."""
    labels = target.labels.tolist()
    names = [str(label) for label in labels]
    binary, plain = target.task == BINARY, target.temperature == 1 and len(labels) < FEW

    def decode(outputs: Outputs) -> tuple[Any, dict[str, float]]:
        place = int(outputs[0] > 0.5) if binary else outputs.index(max(outputs))
        if not plain:
            shares = target.probabilities(np.array([outputs]))[0].tolist()
        else:
            shares = outputs
            if min(outputs) < 0 or max(outputs) > 1:
                shares = [min(max(output, 0.0), 1.0) for output in outputs]
            if binary:
                shares = [1 - shares[0], shares[0]]
            else:
                total = 0.0
                for share in shares:
                    total += share
                shares = [share / total for share in shares] if total > 0 else [1 / len(shares)] * len(shares)
        return labels[place], dict(zip(names, shares, strict=True))

    return decode
