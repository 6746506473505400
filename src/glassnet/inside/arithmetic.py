"""The arithmetic of one row: every product, sum and activation, and the way back for learning.

All numbers of the forward pass are read from the engine run that predicts, and so is the gradient, which for a
single row holds the deltas: nothing of these is computed a second time in another way. An engine does not hand out
the rest of the way back, so it is worked out here from the engine's own numbers: the hidden layers' errors from its
deltas (W · delta), slopes from its sums and activations, changes from its gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.engines import Rows
from glassnet.errors import InputError
from glassnet.inside.columns import names_into, one_row
from glassnet.inside.frames import to_frame
from glassnet.inside.input_provenance import Origin, origins
from glassnet.inside.step import Step
from glassnet.net import Network, Objective, Parameters
from glassnet.net.arrays import Array
from glassnet.tables import TargetEncoding, read_table
from glassnet.text import Block, Printable
from glassnet.training.plan import objective_of, optimizer_of

if TYPE_CHECKING:
    from glassnet.model import Model


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
    activation: str
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
class Arithmetic(Printable, Sequence[LayerArithmetic]):
    """How a prediction came about, and what its error would teach: a sequence of layers.

    ``prediction`` is what the model says, in the target's own values, ``outputs`` (O,) the network's own.
    ``target`` (O,) is the true value as the network sees it, if known, and ``loss`` the row's loss without
    penalties. ``optimizer`` and ``rate`` say which step the changes are: the model's own rule with an empty
    memory, on this row alone.
    """

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

    def blocks(self, terms: int | None = 8, neurons: int | None = 8) -> list[Block]:
        """The whole arithmetic.

        Args:
            terms: how many terms of each sum are shown, the largest; the others are summed up in one line. ``None``
                shows all.
            neurons: how many neurons of each layer are shown, those that matter most for what is shown of the next
                layer. ``None`` shows all.
        """
        from glassnet.inside.arithmetic_text import arithmetic_blocks

        return arithmetic_blocks(self, terms, neurons)

    def to_frame(self) -> Any:
        """A DataFrame with a row for every connection and every bias (whose input is 1)."""
        parts = [_connections(layer) for layer in self.layers]
        return to_frame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})

    def __repr__(self) -> str:
        outputs = ", ".join(
            f"{name} {value:.6g}" for name, value in zip(self.layers[-1].names, self.outputs, strict=True)
        )
        loss = "" if self.loss is None else f"; loss {self.loss:.4g}"
        return (
            f"Arithmetic of one row through {self.network}, by the {self.engine} engine in {self.dtype}\n"
            f"  says {self.prediction!r} ({outputs}){loss}; to_text() prints every number"
        )


def explain(model: Model, row: Any, target: Any = None) -> Arithmetic:
    """See :meth:`glassnet.Model.explain`."""
    table = one_row(model, row)
    run, dtype = model.run, model.learnt.dtype
    inputs = model.encoder.transform(table, dtype)
    trace = model.tracer(inputs)
    targets = _target(model, table, target)
    objective = objective_of(model.settings, model.settings["loss"])
    rate = float(model.history.rate[model.history.best_epoch - 1]) if model.history.epochs else 0.0
    layers = _forward(model, trace.pre_activations, trace.activations, inputs)
    loss = None
    if targets is not None:
        gradient = run.gradients(Rows(inputs, targets))[1]
        layers = _backward(model, layers, objective, targets[0], gradient, rate)
        loss = run.evaluate(Rows(inputs, targets))
    return Arithmetic(
        network=model.network,
        engine=model.serving.name,
        layers=tuple(layers),
        origins=origins(model.encoder, table, inputs[0]),
        encoding=model.target,
        prediction=model.target.decode(trace.outputs).tolist()[0],
        objective=objective,
        optimizer=model.settings["optimizer"],
        rate=rate,
        target=None if targets is None else targets[0],
        loss=loss,
    )


def _target(model: Model, table: Any, given: Any) -> Array | None:
    """The true value as the network sees it, (1, O): ``given``, or from the row's own target columns."""
    names = model.target.columns
    if given is not None:
        values = np.atleast_1d(np.asarray(given, dtype=object)).tolist()
        if len(values) != len(names):
            raise InputError(f"target has {len(values)} values, but the model predicts {len(names)}.")
        table = read_table([dict(zip(names, values, strict=True))])
    if not set(names) <= set(table.column_names):
        return None
    encoded, rows = model.target.encode(table)
    return encoded if len(rows) else None


def _forward(
    model: Model, pre_activations: Sequence[Array], activations: Sequence[Array], inputs: Array
) -> list[LayerArithmetic]:
    names = [names_into(model, number) for number in range(len(model.network.layers) + 1)]
    given = [inputs, *activations]
    return [
        LayerArithmetic(
            number=number + 1,
            activation=layer.activation,
            input_names=names[number],
            names=names[number + 1],
            inputs=given[number][0],
            weights=model.learnt[number].weights,
            biases=model.learnt[number].biases,
            pre_activations=pre_activations[number][0],
            activations=activations[number][0],
        )
        for number, layer in enumerate(model.network.layers)
    ]


def _backward(
    model: Model,
    layers: list[LayerArithmetic],
    objective: Objective,
    target: Array,
    vector: Array,
    rate: float,
) -> list[LayerArithmetic]:
    """The layers with their way back, from the engine's gradient ``vector`` (P,).

    For a single row the gradient of a bias is the delta of its neuron.
    """
    network = model.network
    gradient = Parameters(network, vector)
    step = Step(optimizer_of(model.settings), model.learnt, vector, rate)
    backs: list[Back] = []
    for number, layer in reversed(list(enumerate(layers))):
        function = network.layers[number].function
        z, a = layer.pre_activations, layer.activations
        slopes = function.derivative(z, a)
        errors: Array
        if backs:
            errors = layers[number + 1].weights @ backs[0].deltas
        else:
            errors = output_errors(objective, function.name, a, target)
            if function.name == objective.row.link:
                slopes = np.ones_like(a)
        weights, biases = gradient[number]
        backs.insert(0, Back(errors, slopes, biases, weights, step, number))
    return [replace(layer, back=back) for layer, back in zip(layers, backs, strict=True)]


def output_errors(objective: Objective, activation: str, a: Array, target: Array) -> Array:
    """The errors (O,) of the last layer; where its activation is the loss's link, with its slope in them.

    A target that is missing teaches nothing.
    """
    errors: Array
    if activation == objective.row.link:
        errors = a - target
    else:
        assert objective.row.gradient is not None
        errors = objective.row.gradient(a, target, objective.constant)
    return np.where(np.isnan(target), a.dtype.type(0), errors)


def _connections(layer: LayerArithmetic) -> dict[str, Any]:
    """A column for each quantity, a row for each connection, neuron by neuron, its bias last."""
    inputs, outputs = layer.weights.shape

    def with_biases(weights: Array | None, biases: Array | None) -> Array:
        if weights is None or biases is None:
            return np.full((inputs + 1) * outputs, np.nan)
        return np.vstack([weights, biases]).T.ravel()

    values = np.append(layer.inputs, layer.inputs.dtype.type(1))
    return {
        "layer": np.full((inputs + 1) * outputs, layer.number),
        "neuron": np.repeat(np.array(layer.names, dtype=object), inputs + 1),
        "from": np.tile(np.array([*layer.input_names, "bias"], dtype=object), outputs),
        "input": np.tile(values, outputs),
        "weight": with_biases(layer.weights, layer.biases),
        "product": with_biases(layer.products, layer.biases),
        "gradient": with_biases(layer.gradients, layer.deltas),
        "change": with_biases(layer.changes, layer.bias_changes),
    }
