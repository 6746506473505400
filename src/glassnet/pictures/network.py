"""The network itself: all its connections, a row on its way through it, and gradients on their way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from glassnet.errors import InputError, InputTypeError
from glassnet.inside.checks import whole_number
from glassnet.net import Network, Objective, Parameters, backward
from glassnet.net.arrays import Array
from glassnet.pictures.axes_style import canvas
from glassnet.pictures.diagram import Diagram
from glassnet.pictures.network_layout import figure_size, paint
from glassnet.pictures.prediction_data import trace_of
from glassnet.pictures.text_fit import counted
from glassnet.pictures.theme import Theme
from glassnet.trained import TrainedModel

Names = Sequence[str] | None


def network(
    source: TrainedModel | Network,
    parameters: Parameters | None = None,
    *,
    inputs: Names = None,
    outputs: Names = None,
    most: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """Every neuron and every connection, colored by the sign of its weight and as wide as the weight is large.

    Under each pair of layers stands how many connections there are between them, and over each layer
    its activation. A neuron's color is its bias. Of a layer that is too wide to draw, the neurons with the
    strongest weights are shown, and it is said how many are not.

    Args:
        source: a model, or a network, whose ``parameters`` then come second.
        parameters: of a model, those to draw instead of the learnt ones, such as ``model.initial``.
        inputs: names of the inputs; a model brings its own.
        outputs: names of the outputs; a model brings its own.
        most: draw at most so many neurons a layer; by default as many as there is room for.
    """
    net, own = _network_and_parameters(source, parameters)
    diagram = Diagram(
        net,
        tuple(weights for weights, _ in own),
        (None, *(biases for _, biases in own)),
        "weight",
        "bias",
        *_names(source, net, inputs, outputs),
    )
    before = isinstance(source, TrainedModel) and parameters is source.initial
    default = "The network before training" if before else "The network"
    return _drawn(diagram, title or default, most, ax, theme)


def flow(
    source: TrainedModel | Network,
    rows: Any,
    row: int = 0,
    *,
    parameters: Parameters | None = None,
    inputs: Names = None,
    outputs: Names = None,
    most: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """One row on its way through the network: a link shows input times weight, a neuron its activation.

    Args:
        source: a model, or a network, which needs ``parameters``.
        rows: a table that the model can read; for a network an array of inputs (N, I).
        row: which of the rows, counted from 0 (the title counts from 1).
    """
    net, own = _network_and_parameters(source, parameters)
    encoded = _encoded(source, rows)
    if not -len(encoded) <= row < len(encoded):
        raise InputError(f"row is {row}, but there are {len(encoded)} rows, counted from 0.")
    trace = trace_of(source, own, encoded[[row]])
    which = "One row" if len(encoded) == 1 else f"Row {row % len(encoded) + 1:,} of {len(encoded):,}"
    diagram = Diagram(
        net,
        tuple(given[0][:, None] * weights for given, (weights, _) in zip(trace.inputs, own, strict=True)),
        (encoded[row], *(activations[0] for activations in trace.activations)),
        "input × weight",
        "activation",
        *_names(source, net, inputs, outputs),
    )
    return _drawn(diagram, title or f"{which} on its way through the network", most, ax, theme)


def gradients(
    source: TrainedModel | Network,
    rows: Any,
    targets: npt.ArrayLike | None = None,
    *,
    parameters: Parameters | None = None,
    objective: Objective | None = None,
    inputs: Names = None,
    outputs: Names = None,
    most: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The gradient of the objective over some rows: a link shows that of its weight, a neuron that of its bias.

    A step of training moves each against its gradient.

    Args:
        source: a model, or a network, which needs ``parameters``.
        rows: a table with the target in it, or a pair ``(X, y)``; for a network an array of inputs (N, I).
        targets: (N, O), for a network only.
        objective: what is made small; by default what the model was trained on, or squared error.
    """
    net, own = _network_and_parameters(source, parameters)
    if isinstance(source, TrainedModel):
        given = source.encode_labeled(rows).rows
        run = source.open_run(net, own, objective)
        slopes = Parameters(net, run.gradients(given)[1])
        count = len(given)
    else:
        trace = trace_of(net, own, _encoded(source, rows))
        slopes = backward(
            net, own, trace, np.asarray(targets, own.dtype), objective or Objective()
        ).parameters
        count = len(trace.outputs)
    diagram = Diagram(
        net,
        tuple(weights for weights, _ in slopes),
        (None, *(biases for _, biases in slopes)),
        "gradient",
        "gradient of the bias",
        *_names(source, net, inputs, outputs),
    )
    return _drawn(diagram, title or f"Gradients over {counted(count, 'row')}", most, ax, theme)


def _drawn(
    diagram: Diagram, title: str, most: int | None, ax: Axes | None, theme: str | Theme | None
) -> Axes:
    if most is not None:
        whole_number("most", most, 2)  # one neuron, and the note on the others
    axes, chosen = canvas(ax, theme, figure_size(diagram, most))
    return paint(diagram, axes, chosen, title, most)


def _network_and_parameters(
    source: TrainedModel | Network, parameters: Parameters | None
) -> tuple[Network, Parameters]:
    if isinstance(source, TrainedModel):
        return source.network, parameters or source.learnt
    if not isinstance(source, Network):
        raise InputTypeError(f"a model or a network was expected, but got {source!r:.80}.")
    if parameters is None:
        raise InputError("a network was given without parameters; hand them over too, or a whole model.")
    return source, parameters


def _encoded(source: TrainedModel | Network, rows: Any) -> Array:
    if isinstance(source, Network):
        return np.atleast_2d(np.asarray(rows, np.float64))
    return source.encode(rows).inputs


def _names(
    source: TrainedModel | Network, net: Network, inputs: Names, outputs: Names
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the inputs and of the outputs: as given, or the model's, or numbered."""
    if isinstance(source, TrainedModel):
        inputs, outputs = inputs or source.encoder.input_names, outputs or source.output_names
    first = tuple(inputs or (f"x{number}" for number in range(1, net.inputs + 1)))
    last = tuple(
        outputs or (f"y{number}" if net.outputs > 1 else "y" for number in range(1, net.outputs + 1))
    )
    return first, last
