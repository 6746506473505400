"""Pictures of the network: its connections, the forward pass of one row, and the gradients of the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from glassnet.errors import InputError, InputTypeError, plural
from glassnet.inside.arithmetic import Arithmetic, explain
from glassnet.inside.checks import whole_number
from glassnet.net import Network, Objective, Parameters, backward, forward
from glassnet.pictures.diagram import Diagram, Labels, largest
from glassnet.pictures.network_layout import draw_diagram, figure_size
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.text_fit import number
from glassnet.trained import TrainedModel

Names = Sequence[str] | None


def network(
    source: TrainedModel | Network,
    parameters: Parameters | None = None,
    *,
    inputs: Names = None,
    outputs: Names = None,
    scale: Sequence[Parameters] = (),
    max_display: int | None = None,
    **style: Unpack[Style],
) -> Axes:
    """Every neuron and every connection: colors show the signs of weights and biases, line widths the sizes of weights.

    Below each pair of layers is the number of connections between them, and above each layer its activation. Hidden
    neurons are numbered, with their biases below them. Of a layer that is too wide to be drawn, the neurons with the
    strongest weights are shown, and the number of the others.

    Args:
        source: a model, or a network together with its ``parameters``.
        parameters: for a model, other parameters than the learnt ones, such as ``model.initial``.
        inputs: names of the inputs; by default the model's.
        outputs: names of the outputs; by default the model's.
        scale: more parameters that are to be drawn with the same scale of colors and widths; a model's initial and
            learnt ones always are.
        max_display: draw at most this many neurons of each layer; by default as many as there is space for.
    """
    net, own = _network_and_parameters(source, parameters)
    if isinstance(source, TrainedModel):
        scale = (*scale, source.initial, source.learnt)
    labels = _labels(source, net, inputs, outputs)
    initial = isinstance(source, TrainedModel) and own is source.initial
    if isinstance(source, TrainedModel) and initial and source.origin:
        raise InputError("the initial parameters of a converted model are not known; draw 'network'.")
    default = "The network before training" if initial else "The network"
    diagram = Diagram.of_parameters(own, ("weight", "bias"), *labels, scale)
    return _drawn(diagram, default, max_display, style)


def flow(
    source: TrainedModel | Network,
    rows: Any,
    row: int = 0,
    *,
    parameters: Parameters | None = None,
    inputs: Names = None,
    outputs: Names = None,
    max_display: int | None = None,
    **style: Unpack[Style],
) -> Axes:
    """The forward pass of one row: lines show input times weight, circles the activations.

    Args:
        source: a model, or a network together with its ``parameters``.
        rows: a table that the model can read; for a network an array of inputs (N, I).
        row: which of the rows, counted from 0.
        parameters: of a network; of a model, by default its learnt ones.
        inputs: names of the inputs; by default those of the model, or x1, x2, ...
        outputs: names of the outputs.
        max_display: how many neurons of a layer are drawn at most; by default as many as there is space for.
    """
    net, own = _network_and_parameters(source, parameters)
    model = source if isinstance(source, TrainedModel) else None
    table: Any = np.atleast_2d(np.asarray(rows, np.float64)) if model is None else model.encode(rows).table
    count = len(table) if model is None else table.num_rows
    if not -count <= row < count:
        raise InputError(f"row is {row}, but there are {count} rows, counted from 0.")
    row = range(count)[row]
    which = "One row" if count == 1 else f"Row {row:,} of {count:,} rows"
    first, last = _labels(source, net, inputs, outputs)
    notes = []
    if model is None:
        trace = forward(net, own, table[[row]])
        links = tuple(ins[0][:, None] * weights for ins, (weights, _) in zip(trace.inputs, own, strict=True))
        neurons = (table[row], *(activations[0] for activations in trace.activations))
    else:
        arithmetic = explain(model.with_parameters(own), table.take([row]))
        links = tuple(layer.products for layer in arithmetic)
        neurons = (arithmetic[0].inputs, *(layer.activations for layer in arithmetic))
        notes = [_outcome(arithmetic)]
        values = (_written(each.value) if each.name == each.column else "" for each in arithmetic.origins)
        first = replace(first, values=tuple(values))
        if arithmetic.encoding.classes is None:
            last = replace(last, values=tuple(map(_written, np.atleast_1d(arithmetic.prediction).tolist())))
    limits = largest(links), largest(neurons)
    diagram = Diagram(net, links, neurons, "input × weight", "activation", first, last, limits)
    return _drawn(diagram, f"{which} on its way through the network", max_display, style, *notes)


def gradients(
    source: TrainedModel | Network,
    rows: Any,
    targets: npt.ArrayLike | None = None,
    *,
    parameters: Parameters | None = None,
    objective: Objective | None = None,
    inputs: Names = None,
    outputs: Names = None,
    max_display: int | None = None,
    **style: Unpack[Style],
) -> Axes:
    """The gradient of the objective over some rows: lines show that of the weights, circles that of the biases.

    A step of gradient descent moves each parameter against its gradient.

    Args:
        source: a model, or a network together with its ``parameters``.
        rows: a table with the target, or a pair ``(X, y)``; for a network an array of inputs (N, I).
        targets: (N, O), for a network only.
        parameters: of a network; of a model, by default its learnt ones.
        objective: by default the one that the model was trained on, or the squared error.
        inputs: names of the inputs; by default those of the model, or x1, x2, ...
        outputs: names of the outputs.
        max_display: how many neurons of a layer are drawn at most; by default as many as there is space for.
    """
    net, own = _network_and_parameters(source, parameters)
    if isinstance(source, TrainedModel):
        given = source.encode_labeled(rows).rows
        run = source.open_run(net, own, objective)
        slopes, count = Parameters(net, run.gradients(given)[1]), len(given)
    else:
        trace = forward(net, own, np.atleast_2d(np.asarray(rows, np.float64)))
        objective = objective or Objective()
        slopes = backward(net, own, trace, np.asarray(targets, own.dtype), objective).parameters
        count = len(trace.outputs)
    labels = _labels(source, net, inputs, outputs)
    diagram = Diagram.of_parameters(slopes, ("weight gradient", "bias gradient"), *labels)
    return _drawn(diagram, f"Gradients over {plural(count, 'row')}", max_display, style)


def _drawn(diagram: Diagram, title: str, max_display: int | None, style: Style, *notes: str) -> Axes:
    if max_display is not None:
        whole_number("max_display", max_display, 2)  # one neuron, and the note on the others
    panel = Panel(title, figure_size(diagram, max_display), **style)
    panel.note(*notes)
    return draw_diagram(panel, diagram, max_display)


def _network_and_parameters(
    source: TrainedModel | Network, parameters: Parameters | None
) -> tuple[Network, Parameters]:
    if isinstance(source, TrainedModel):
        return source.network, parameters or source.learnt
    if not isinstance(source, Network):
        raise InputTypeError(f"a model or a network was expected, but got {source!r:.80}.")
    if parameters is None:
        raise InputError("a network was passed without parameters; pass them too, or a whole model.")
    return source, parameters


def _labels(
    source: TrainedModel | Network, net: Network, inputs: Names, outputs: Names
) -> tuple[Labels, Labels]:
    """The names of the inputs and of the outputs: those passed, or the model's, or numbers."""
    columns: tuple[str, ...] = ()
    if isinstance(source, TrainedModel):
        columns = tuple(own.column for own in source.encoder.encoders for _ in own.input_names)
        inputs, outputs = inputs or source.encoder.input_names, outputs or source.output_names
    first = inputs or [f"x{at + 1}" for at in range(net.inputs)]
    last = outputs or (["y"] if net.outputs == 1 else [f"y{at + 1}" for at in range(net.outputs)])
    for what, names, count in (("inputs", first, net.inputs), ("outputs", last, net.outputs)):
        if len(names) != count:
            raise InputError(f"there are {len(names)} names for {count} {what}; pass one for each.")
    return Labels(tuple(first), columns=columns), Labels(tuple(last))


def _outcome(arithmetic: Arithmetic) -> str:
    """The prediction and the actual value, in the target's own values."""
    encoding = arithmetic.encoding
    known = arithmetic.target
    actual = None if known is None else encoding.unclamped.decode(known[None]).tolist()[0]
    parts = []
    for what, value in (("Predicted", arithmetic.prediction), ("actual", actual)):
        values = [] if value is None else value if isinstance(value, list) else [value]
        named = zip(encoding.columns, values, strict=False)
        texts = [f"{name} {_written(each)}" if len(values) > 1 else _written(each) for name, each in named]
        parts.append(f"{what} {', '.join(texts) or 'unknown'}")
    return f"{'; '.join(parts)}."


def _written(value: Any) -> str:
    """A value of a table: a number in a few digits, anything else as it is."""
    try:
        return number(float(value))
    except ValueError:
        return str(value)
