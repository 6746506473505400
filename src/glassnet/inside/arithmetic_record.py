"""What :func:`glassnet.inside.arithmetic.explain` returns, as plain data: the numbers of one row, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from glassnet.inside.input_provenance import Origin
from glassnet.inside.step import Step
from glassnet.net import Activation, Network, Objective
from glassnet.net.arrays import Array
from glassnet.tables import TargetEncoding


class Back(NamedTuple):
    """One layer's way back: ``errors`` is ∂loss/∂a, ``slopes`` the derivative of the activation, ``deltas`` ∂loss/∂z,
    all (O,); ``gradients`` (I, O) those of the weights, penalties included (those of the biases are the deltas);
    ``changes`` (I, O) and ``bias_changes`` (O,) what one step would add.

    Deltas and gradients are the engine's; errors, slopes and changes are worked out from its numbers: a hidden
    layer's errors are W · delta of the layer after it.

    In an output layer whose loss belongs to its activation (see :mod:`glassnet.net.losses`), the slope cancels
    against the loss: there the error is ``a - y`` and the slope counts 1.
    """

    errors: Array
    slopes: Array
    deltas: Array
    gradients: Array
    step: Step
    layer: int  # its place among the layers, from 0

    @property
    def changes(self) -> Array:
        return self.step.changes[self.layer].weights

    @property
    def bias_changes(self) -> Array:
        return self.step.changes[self.layer].biases


@dataclass(frozen=True, eq=False)
class LayerArithmetic:
    """One layer of one row; ``number`` counts from 1.

    ``inputs`` (I,), ``weights`` (I, O), ``biases``, ``pre_activations`` and ``activations`` (O,). ``back`` is the way
    back, if the row's target is known; ``errors``, ``slopes``, ``deltas``, ``gradients``, ``changes`` and
    ``bias_changes`` are its parts, ``None`` without it.
    """

    number: int
    activation: Activation
    input_names: tuple[str, ...] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    inputs: Array
    weights: Array = field(repr=False)
    biases: Array
    pre_activations: Array
    activations: Array
    back: Back | None = field(default=None, repr=False)

    @property
    def products(self) -> Array:
        """(I, O), input times weight; in float64, in which the products of float32 numbers are exact."""
        return self.inputs.astype(np.float64)[:, None] * self.weights.astype(np.float64)

    @property
    def errors(self) -> Array | None:
        return self.back and self.back.errors

    @property
    def slopes(self) -> Array | None:
        return self.back and self.back.slopes

    @property
    def deltas(self) -> Array | None:
        return self.back and self.back.deltas

    @property
    def gradients(self) -> Array | None:
        return self.back and self.back.gradients

    @property
    def changes(self) -> Array | None:
        return self.back and self.back.changes

    @property
    def bias_changes(self) -> Array | None:
        return self.back and self.back.bias_changes


@dataclass(frozen=True, eq=False, repr=False)
class ArithmeticRecord(Sequence[LayerArithmetic]):
    """The numbers of :class:`glassnet.inside.Arithmetic`, which says what they are."""

    network: Network
    engine: str
    layers: tuple[LayerArithmetic, ...]
    origins: tuple[Origin, ...]
    encoding: TargetEncoding
    prediction: Any
    objective: Objective
    optimizer: str
    rate: float
    target: Array | None = None
    loss: float | None = None

    def __getitem__(self, layer: int) -> LayerArithmetic:  # type: ignore[override]  # no slices
        return self.layers[layer]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[LayerArithmetic]:
        return iter(self.layers)

    @property
    def outputs(self) -> Array:
        return self.layers[-1].activations

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.layers[0].weights.dtype


def output_errors(objective: Objective, activation: Activation, a: Array, target: Array) -> Array:
    """The errors (O,) of the last layer; where its activation is the loss's link, with its slope in them.

    A target that is missing teaches nothing.
    """
    errors: Array
    if activation.name == objective.loss.link:
        errors = a - target
    else:
        assert objective.loss.gradient is not None
        errors = objective.loss.gradient(a, target, objective.loss.parameter)
    return np.where(np.isnan(target), a.dtype.type(0), errors)
