"""From the layers of a sequential network of another library to a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from glassnet.convert.record import Dense, classes_target, numbers_target, plain_numbers, record
from glassnet.errors import Faults, InputError
from glassnet.tables.read.column_names import array_names
from glassnet.targets import Label, TargetGroup, Targets
from glassnet.trained import TrainedModel

M = TypeVar("M", bound=TrainedModel)

PROBABILITIES = ("sigmoid", "softmax")
FLOATS = ("float32", "float64")


class Layers:
    """Layers that are put together one by one, with what cannot be converted."""

    def __init__(self) -> None:
        self.faults = Faults(InputError)
        self.dense: list[Dense] = []
        self._closed = True  # whether the last layer has its activation

    def add(self, weights: Any, biases: Any) -> None:
        """A layer with weights (I, O) and biases (O,), or None for none."""
        if str(weights.dtype) not in FLOATS:
            self.faults.add(
                f"the weights are {weights.dtype}, but must be {' or '.join(FLOATS)}; convert them."
            )
        self.dense.append(
            Dense(weights, np.zeros(weights.shape[1], weights.dtype) if biases is None else biases)
        )
        self._closed = False

    def activate(self, name: str, shown: str) -> None:
        """The activation of the layer before."""
        if self._closed:
            where = "stands behind another activation" if self.dense else "stands before the first layer"
            self.faults.add(f"{shown} {where}; a layer has one activation, behind its sums.")
            return
        self.dense[-1] = replace(self.dense[-1], activation=name)
        self._closed = True

    def drop(self, share: float) -> None:
        """Dropout of the activations of the layer before."""
        if self.dense:
            self.dense[-1] = replace(self.dense[-1], dropout=share)
            self._closed = True

    def refuse(self, shown: str, known: Sequence[str]) -> None:
        """A layer that cannot be converted."""
        self.faults.add(f"{shown} cannot be converted; possible are {', '.join(known)}.")


def sequential(
    model_class: type[M],
    layers: Layers,
    origin: str,
    columns: Sequence[str] | None,
    classes: Sequence[Label] | None,
    target: str | Sequence[str] | None,
    rows: Any,
) -> M:
    """The record of ``layers``; see :func:`glassnet.from_torch` for the other arguments."""
    faults, dense = layers.faults, layers.dense
    if not dense:
        faults.add("there is no layer with weights.")
    faults.raise_if_any()
    dense[-1] = replace(dense[-1], dropout=0.0)  # of outputs, which are not dropped when predicting
    count = len(dense[0].weights)
    names = array_names(count) if columns is None else [str(name) for name in columns]
    if len(names) != count or len({*names}) < len(names):
        faults.add(
            f"columns has {len(names)} names, but must have a different one for each of {count} inputs."
        )
    encoding = _target(dense, classes, target, faults)
    faults.raise_if_any()
    assert encoding is not None
    return record(model_class, [dense], plain_numbers(names), encoding, origin, rows)


def _target(
    dense: list[Dense], classes: Sequence[Label] | None, target: str | Sequence[str] | None, faults: Faults
) -> Targets | None:
    """How the outputs become the target's values; the last of ``dense`` gets the activation of its classes."""
    last = dense[-1]
    outputs, dtype = last.weights.shape[1], last.weights.dtype
    of_classes = bool(classes) or (classes is None and last.activation in PROBABILITIES)
    several = of_classes and not classes and last.activation == "sigmoid" and outputs > 1
    count = outputs if several or not of_classes else 1
    given = [target] if isinstance(target, str) else [str(name) for name in target or ()]
    names = given or (["y"] if count == 1 else array_names_of("y", count))
    if len(names) != count:
        faults.add(f"target names {len(names)} columns, but the network predicts {count}.")
    if not of_classes:
        return numbers_target(names, dtype)
    if several:
        return TargetGroup(tuple(classes_target(name, (0, 1), 1, dtype) for name in names))
    labels = list(classes or range(max(outputs, 2)))
    if len(labels) != max(outputs, 2) or len({*map(str, labels)}) < len(labels):
        faults.add(
            f"classes has {len(labels)} labels, but must have a different one for each of {max(outputs, 2)}."
        )
    if len({type(label) is str for label in labels}) > 1:
        faults.add("classes has words and numbers; give either.")
    usual = "sigmoid" if outputs == 1 else "softmax"
    if last.activation not in ("identity", usual):
        faults.add(f"classes needs outputs that are sums or {usual}, but they are {last.activation}.")
    if faults.messages:
        return None
    order = sorted(range(len(labels)), key=lambda at: labels[at])
    dense[-1] = _reordered(replace(last, activation=usual), order)
    return classes_target(names[0], [labels[at] for at in order], outputs, dtype)


def array_names_of(start: str, count: int) -> list[str]:
    return [f"{start}{number}" for number in range(1, count + 1)]


def _reordered(layer: Dense, order: list[int]) -> Dense:
    """The output layer for the classes in this order; a single output is the probability of the second."""
    if layer.weights.shape[1] == 1:
        sign = 1 if order == [0, 1] else -1
        return replace(layer, weights=sign * layer.weights, biases=sign * layer.biases)
    return replace(layer, weights=layer.weights[:, order], biases=layer.biases[order])
