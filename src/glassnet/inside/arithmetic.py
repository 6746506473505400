"""The arithmetic of one row: every product, sum and activation, and the backward pass.

All numbers of the forward pass are read from the engine that predicts, and so is the gradient, which for a single
row holds the deltas: none of these is computed in a second way. An engine does not return the rest of the backward
pass, so that is computed here from the engine's numbers: the errors of the hidden layers from its deltas (W · delta),
slopes from its sums and activations, changes from its gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.engines import Rows
from glassnet.errors import InputError, called
from glassnet.inside.arithmetic_record import ArithmeticRecord, LayerArithmetic
from glassnet.inside.averaging import Averaging
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import names_into, one_row
from glassnet.inside.frames import to_frame
from glassnet.inside.input_provenance import origins
from glassnet.inside.step import Step
from glassnet.net import Optimizer, Parameters
from glassnet.net.arrays import Array
from glassnet.tables import read_table
from glassnet.targets import single
from glassnet.text import Block, Printable, plain

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel
    from glassnet.training.encoded_rows import EncodedTable


@dataclass(frozen=True, eq=False, repr=False)
class Arithmetic(Printable, ArithmeticRecord):
    """How a prediction is computed, and the gradient of its loss: a sequence of layers.

    Attributes:
        network: the network.
        engine: the name of the engine whose numbers these are.
        layers: the arithmetic of each layer.
        origins: where each input comes from.
        encoding: how outputs become values of the target.
        prediction: what the model predicts, in the target's values.
        objective: the loss and the penalties.
        optimizer: the rule of the changes: that of the model with an empty state, on this row alone.
        rate: the learning rate of the changes, that of the kept epoch.
        target: (O,), the true value as the network sees it, if it is known.
        loss: the loss of this row, without penalties.
        averaging: of a model of several networks, the outputs of all of them, and their mean.
    """

    def blocks(
        self,
        layer: int | None = None,
        neuron: int | str | None = None,
        *,
        digits: int | str = 4,
        terms: int | None = 8,
        neurons: int | None = 8,
    ) -> list[Block]:
        """A summary that fits a screen; or the arithmetic of one layer, one neuron, or with all digits of all layers.

        Args:
            layer: the number of a layer, from 1, whose arithmetic is shown.
            neuron: the name of one of its neurons, or its number from 1.
            digits: so many figures of each number; or ``"all"``: as many as a recalculation from the printed numbers
                gives. Without a layer, ``"all"`` shows all layers.
            terms: how many terms of each sum are shown, the largest; the others are summed up in one line. ``None``
                shows all.
            neurons: how many neurons of each layer are shown, those that matter most for what is shown of the next
                layer. ``None`` shows all.

        Raises:
            InputError: no such layer or neuron, or other numbers that cannot be used.
        """
        from glassnet.inside.arithmetic_summary import summary_blocks
        from glassnet.inside.arithmetic_text import arithmetic_blocks

        if digits != "all":
            whole_number("digits", digits, 1, 17, more="'all' or ")
        if layer is None:
            if neuron is not None:
                raise InputError(
                    f"{called('neuron', neuron)} needs the layer that it is in, as {called('layer', 1)}."
                )
            if digits != "all":
                return summary_blocks(self, int(digits))
        figures = None if digits == "all" else int(digits)
        return arithmetic_blocks(self, terms, neurons, layer, neuron, figures)

    def to_frame(self) -> Any:
        """A DataFrame with a row for every connection and every bias (whose input is 1)."""
        parts = [_connections(layer) for layer in self.layers]
        return to_frame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})

    def to_dict(self) -> dict[str, Any]:
        """Every number of every layer; names in place of the activations and of the loss."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        objective = {"loss": self.objective.loss.text(), "l1": self.objective.l1, "l2": self.objective.l2}
        return plain(own | {"network": str(self.network), "objective": objective})

    def __repr__(self) -> str:
        outputs = ", ".join(
            f"{name} {value:.6g}" for name, value in zip(self.layers[-1].names, self.outputs, strict=True)
        )
        loss = "" if self.loss is None else f"; loss {self.loss:.4g}"
        return (
            f"Arithmetic of {self.title[0].lower()}{self.title[1:]}, by the {self.engine} engine in {self.dtype}\n"
            f"  prediction {self.prediction!r} ({outputs}){loss}; to_text(digits='all') prints every number"
        )


def explain(model: TrainedModel, row: Any, target: Any = None, member: int | None = None) -> Arithmetic:
    """See :meth:`glassnet.Model.explain`."""
    if member is not None or len(model.members) > 1:
        encoded = one_row(model, row)
        found = explain(model.member(member or 0), encoded, target)
        if len(model.members) == 1:
            return found
        averaging = Averaging.of(model, encoded.inputs, member or 0)
        return replace(found, prediction=averaging.prediction, averaging=averaging)
    encoding, encoded = single(model.target), one_row(model, row)
    run, inputs = model.run, encoded.inputs
    trace = model.tracer(inputs)
    targets = _target(model, encoded, target)
    rate = float(model.history.rate[model.history.best_epoch - 1]) if model.history.epochs else 0.0
    found = Arithmetic(
        network=model.network,
        engine=model.engine.name,
        layers=tuple(_forward(model, trace.pre_activations, trace.activations, inputs)),
        origins=origins(model.encoder, encoded.table, inputs[0]),
        encoding=encoding,
        prediction=model.target.decode(trace.outputs).tolist()[0],
        objective=model.objective,
        optimizer=str(model.settings.optimizer),
        rate=rate,
        target=None if targets is None else targets[0],
    )
    if targets is None:
        return found
    rows = Rows(inputs, targets)
    layers = _backward(found, model.learnt, model.settings.optimizer, run.gradients(rows)[1])
    return replace(found, layers=tuple(layers), loss=run.evaluate(rows))


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
    found: Arithmetic, parameters: Parameters, optimizer: Optimizer, vector: Array
) -> list[LayerArithmetic]:
    """The layers with their errors, slopes, deltas and gradients, from the engine's gradient ``vector`` (P,).

    For a single row the gradient of a bias is the delta of its neuron.
    """
    gradient = Parameters(found.network, vector)
    step = Step(optimizer, parameters, vector, found.rate)
    layers: list[LayerArithmetic] = []
    assert found.target is not None
    errors = found.output_errors(found.outputs, found.target)
    for layer, (weights, deltas) in reversed(list(zip(found.layers, gradient, strict=True))):
        slopes = layer.activation.derivative(layer.pre_activations, layer.activations)
        if found.linked and not layers:
            slopes = np.ones_like(slopes)
        known = replace(layer, errors=errors, slopes=slopes, deltas=deltas, gradients=weights, step=step)
        layers.insert(0, known)
        errors = layer.weights @ deltas
    return layers


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
