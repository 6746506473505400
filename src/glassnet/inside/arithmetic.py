"""The arithmetic of one row: every product, sum and activation, and the way back for learning.

All numbers of the forward pass are read from the engine run that predicts, and so is the gradient, which for a
single row holds the deltas: nothing of these is computed a second time in another way. An engine does not hand out
the rest of the way back, so it is worked out here from the engine's own numbers: the hidden layers' errors from its
deltas (W · delta), slopes from its sums and activations, changes from its gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.engines import Rows
from glassnet.errors import InputError
from glassnet.inside.arithmetic_record import ArithmeticRecord, Back, LayerArithmetic, output_errors
from glassnet.inside.columns import names_into, one_row
from glassnet.inside.frames import to_frame
from glassnet.inside.input_provenance import origins
from glassnet.inside.step import Step
from glassnet.net import Objective, Parameters
from glassnet.net.arrays import Array
from glassnet.tables import read_table
from glassnet.text import Block, Printable

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel
    from glassnet.training.encoded_rows import EncodedTable


@dataclass(frozen=True, eq=False, repr=False)
class Arithmetic(Printable, ArithmeticRecord):
    """How a prediction came about, and what its error would teach: a sequence of layers.

    ``prediction`` is what the model says, in the target's own values, ``outputs`` (O,) the network's own.
    ``target`` (O,) is the true value as the network sees it, if known, and ``loss`` the row's loss without
    penalties. ``optimizer`` and ``rate`` say which step the changes are: the model's own rule with an empty
    memory, on this row alone.
    """

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


def explain(model: TrainedModel, row: Any, target: Any = None) -> Arithmetic:
    """See :meth:`glassnet.Model.explain`."""
    encoded = one_row(model, row)
    run, inputs = model.run, encoded.inputs
    trace = model.tracer(inputs)
    targets = _target(model, encoded, target)
    rate = float(model.history.rate[model.history.best_epoch - 1]) if model.history.epochs else 0.0
    layers = _forward(model, trace.pre_activations, trace.activations, inputs)
    loss = None
    if targets is not None:
        gradient = run.gradients(Rows(inputs, targets))[1]
        layers = _backward(model, layers, model.objective, targets[0], gradient, rate)
        loss = run.evaluate(Rows(inputs, targets))
    return Arithmetic(
        network=model.network,
        engine=model.engine.name,
        layers=tuple(layers),
        origins=origins(model.encoder, encoded.table, inputs[0]),
        encoding=model.target,
        prediction=model.target.decode(trace.outputs).tolist()[0],
        objective=model.objective,
        optimizer=str(model.settings.optimizer),
        rate=rate,
        target=None if targets is None else targets[0],
        loss=loss,
    )


def _target(model: TrainedModel, encoded: EncodedTable, given: Any) -> Array | None:
    """The true value as the network sees it, (1, O): ``given``, or from the row's own target columns."""
    names = model.target.columns
    if given is not None:
        values = np.atleast_1d(np.asarray(given, dtype=object)).tolist()
        if len(values) != len(names):
            raise InputError(f"target has {len(values)} values, but the model predicts {len(names)}.")
        targets, rows = model.target.encode(read_table([dict(zip(names, values, strict=True))]))
        return targets if len(rows) else None
    labeled = model.labeled(encoded)
    return None if labeled is None else labeled.rows.targets


def _forward(
    model: TrainedModel, pre_activations: Sequence[Array], activations: Sequence[Array], inputs: Array
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
    model: TrainedModel,
    layers: list[LayerArithmetic],
    objective: Objective,
    target: Array,
    vector: Array,
    rate: float,
) -> list[LayerArithmetic]:
    """The layers with their way back, from the engine's gradient ``vector`` (P,).

    For a single row the gradient of a bias is the delta of its neuron.
    """
    gradient = Parameters(model.network, vector)
    step = Step(model.settings.optimizer, model.learnt, vector, rate)
    backs: list[Back] = []
    for number, layer in reversed(list(enumerate(layers))):
        z, a = layer.pre_activations, layer.activations
        slopes = layer.activation.derivative(z, a)
        errors: Array
        if backs:
            errors = layers[number + 1].weights @ backs[0].deltas
        else:
            errors = output_errors(objective, layer.activation, a, target)
            if layer.activation.name == objective.loss.link:
                slopes = np.ones_like(a)
        weights, biases = gradient[number]
        backs.insert(0, Back(errors, slopes, biases, weights, step, number))
    return [replace(layer, back=back) for layer, back in zip(layers, backs, strict=True)]


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
