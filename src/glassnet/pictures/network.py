"""The network itself: all its connections, one row's way through it, and the gradients of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from glassnet.errors import InputError, InputTypeError
from glassnet.inside.checks import whole_number
from glassnet.net import Network, Objective, Parameters, backward
from glassnet.pictures.diagram import Diagram
from glassnet.pictures.network_layout import draw_diagram, figure_size
from glassnet.pictures.panel import Panel
from glassnet.pictures.prediction_data import encoded, trace_of
from glassnet.pictures.text_fit import plural
from glassnet.pictures.theme import Theme
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
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
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
    sharing = [own, *scale, *((source.initial, source.learnt) if isinstance(source, TrainedModel) else ())]
    weights, biases = (
        max(float(np.abs(layer[part]).max()) for each in sharing for layer in each) for part in (0, 1)
    )
    diagram = _of_parameters(own, "weight", "bias", _names(source, net, inputs, outputs), (weights, biases))
    initial = isinstance(source, TrainedModel) and own is source.initial
    default = "The network before training" if initial else "The network"
    return _drawn(diagram, title or default, max_display, ax, theme)


def flow(
    source: TrainedModel | Network,
    rows: Any,
    row: int = 0,
    *,
    parameters: Parameters | None = None,
    inputs: Names = None,
    outputs: Names = None,
    max_display: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The forward pass of one row: lines show input times weight, circles the activations.

    Args:
        source: a model, or a network together with its ``parameters``.
        rows: a table that the model can read; for a network an array of inputs (N, I).
        row: which of the rows, counted from 0 (the title counts from 1).
    """
    net, own = _network_and_parameters(source, parameters)
    given = encoded(source, rows)
    if not -len(given) <= row < len(given):
        raise InputError(f"row is {row}, but there are {len(given)} rows, counted from 0.")
    trace = trace_of(source, own, given[[row]])
    which = "One row" if len(given) == 1 else f"Row {row % len(given) + 1:,} of {len(given):,}"
    diagram = Diagram(
        net,
        tuple(ins[0][:, None] * weights for ins, (weights, _) in zip(trace.inputs, own, strict=True)),
        (given[row], *(activations[0] for activations in trace.activations)),
        "input × weight",
        "activation",
        *_names(source, net, inputs, outputs),
    )
    return _drawn(diagram, title or f"{which} on its way through the network", max_display, ax, theme)


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
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The gradient of the objective over some rows: lines show that of the weights, circles that of the biases.

    A step of gradient descent moves each parameter against its gradient.

    Args:
        source: a model, or a network together with its ``parameters``.
        rows: a table with the target, or a pair ``(X, y)``; for a network an array of inputs (N, I).
        targets: (N, O), for a network only.
        objective: by default the one that the model was trained on, or the squared error.
    """
    net, own = _network_and_parameters(source, parameters)
    if isinstance(source, TrainedModel):
        given = source.encode_labeled(rows).rows
        run = source.open_run(net, own, objective)
        slopes, count = Parameters(net, run.gradients(given)[1]), len(given)
    else:
        trace = trace_of(net, own, encoded(source, rows))
        pass_ = backward(net, own, trace, np.asarray(targets, own.dtype), objective or Objective())
        slopes, count = pass_.parameters, len(trace.outputs)
    names = _names(source, net, inputs, outputs)
    diagram = _of_parameters(slopes, "weight gradient", "bias gradient", names)
    return _drawn(diagram, title or f"Gradients over {plural(count, 'row')}", max_display, ax, theme)


def _drawn(
    diagram: Diagram, title: str, max_display: int | None, ax: Axes | None, theme: str | Theme | None
) -> Axes:
    if max_display is not None:
        whole_number("max_display", max_display, 2)  # one neuron, and the note on the others
    return draw_diagram(Panel(ax, theme, title, figure_size(diagram, max_display)), diagram, max_display)


def _of_parameters(
    own: Parameters,
    link: str,
    neuron: str,
    names: tuple[tuple[str, ...], tuple[str, ...]],
    limits: tuple[float, float] = (0.0, 0.0),
) -> Diagram:
    """Weights and biases, or numbers for each of them."""
    biases = (biases for _, biases in own)
    return Diagram(
        own.network, tuple(weights for weights, _ in own), (None, *biases), link, neuron, *names, limits
    )


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


def _names(
    source: TrainedModel | Network, net: Network, inputs: Names, outputs: Names
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the inputs and of the outputs: those passed, or the model's, or numbers."""
    if isinstance(source, TrainedModel):
        inputs, outputs = inputs or source.encoder.input_names, outputs or source.output_names
    first = inputs or [f"x{at + 1}" for at in range(net.inputs)]
    last = outputs or (["y"] if net.outputs == 1 else [f"y{at + 1}" for at in range(net.outputs)])
    return tuple(first), tuple(last)
