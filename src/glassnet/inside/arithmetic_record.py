"""The numbers of one row, layer by layer, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from glassnet.inside.averaging import Averaging
from glassnet.inside.input_provenance import Origin
from glassnet.inside.step import Step
from glassnet.net import Activation, Network, Objective
from glassnet.net.arrays import Array
from glassnet.targets import TargetEncoding
from glassnet.text import plain


@dataclass(frozen=True, eq=False)
class LayerArithmetic:
    """One layer of one row.

    Deltas and gradients are the engine's; errors, slopes and changes are computed from its numbers: the error of a
    hidden layer is W · delta of the layer after it. In an output layer whose loss belongs to its activation (see
    :mod:`glassnet.net.losses`), the slope cancels against the loss: there the error is ``a - y`` and the slope 1.

    Attributes:
        number: the number of the layer, from 1.
        activation: its activation.
        input_names: (I,), the names of its inputs.
        names: (O,), the names of its neurons.
        inputs: (I,).
        weights: (I, O).
        biases: (O,).
        pre_activations: (O,), z.
        activations: (O,), a.
        errors: (O,), ∂loss/∂a; this and the following are ``None`` where the target is not known.
        slopes: (O,), the derivative of the activation.
        deltas: (O,), ∂loss/∂z, which are the gradients of the biases, too.
        gradients: (I, O), those of the weights, penalties included.
        step: what a step of the optimizer would change, on this row alone.
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
    errors: Array | None = field(default=None, repr=False)
    slopes: Array | None = field(default=None, repr=False)
    deltas: Array | None = field(default=None, repr=False)
    gradients: Array | None = field(default=None, repr=False)
    step: Step | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        inputs, outputs = self.weights.shape
        return f"LayerArithmetic({self.number}: {inputs} inputs → {outputs} {self.activation.name})"

    @property
    def products(self) -> Array:
        """(I, O), input times weight; in float64, in which the products of float32 numbers are exact."""
        return self.inputs.astype(np.float64)[:, None] * self.weights.astype(np.float64)

    @property
    def changes(self) -> Array | None:
        """(I, O), what the step would add to the weights."""
        return None if self.step is None else self.step.changes[self.number - 1].weights

    @property
    def bias_changes(self) -> Array | None:
        """(O,), what the step would add to the biases."""
        return None if self.step is None else self.step.changes[self.number - 1].biases

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON can hold them, with the changes in place of the step."""
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "step"}
        changes = {
            "activation": self.activation.name,
            "changes": self.changes,
            "bias_changes": self.bias_changes,
        }
        return plain(own | changes)


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
    averaging: Averaging | None = None

    def __getitem__(self, layer: int) -> LayerArithmetic:  # type: ignore[override]  # no slices
        return self.layers[layer]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[LayerArithmetic]:
        return iter(self.layers)

    @property
    def title(self) -> str:
        """What the row passes through."""
        own = self.averaging
        which = "" if own is None else f"network {own.member} of {len(own.outputs)}: "
        return f"One row through {which}{self.network}"

    @property
    def outputs(self) -> Array:
        """The outputs (O,) of the network."""
        return self.layers[-1].activations

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The data type in which the engine computed."""
        return self.layers[0].weights.dtype

    @property
    def linked(self) -> bool:
        """Whether the loss belongs to the activation of the output layer, so that the slope cancels."""
        return self.layers[-1].activation.name == self.objective.loss.link

    def output_errors(self, a: Array, target: Array) -> Array:
        """The errors (O,) of the last layer for its activations ``a`` (O,); 0 where the target is missing."""
        loss = self.objective.loss
        if self.linked:
            errors: Array = a - target
        else:
            assert loss.gradient is not None
            errors = loss.gradient(a, target, loss.parameter)
        return np.where(np.isnan(target), a.dtype.type(0), errors)
