"""One neuron: inputs times weights, a bias or a threshold, an activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.errors import InputError, unknown
from glassnet.net import ACTIVATIONS, Activation, Perceptron
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.text_fit import number, shortened
from glassnet.pictures.theme import BODY

MOST_INPUTS = 7  # that are drawn
PITCH = 0.31  # inches between inputs at least
WIDE = 6.5  # inches that the longer texts need
Numbers = npt.NDArray[np.float64]


def neuron(
    source: Perceptron | npt.ArrayLike,
    bias: float = 0.0,
    activation: str = "step",
    *,
    names: Sequence[str] | None = None,
    inputs: npt.ArrayLike | None = None,
    **style: Unpack[Style],
) -> Axes:
    """A neuron with its weights, its bias and, for the step activation, the threshold, which is the negative bias.

    Args:
        source: weights (I,), or a perceptron, which has its own bias.
        names: of the inputs.
        inputs: values (I,); with them, the sum and the output are computed.
    """
    if isinstance(source, Perceptron):
        weights, bias, activation = np.asarray(source.weights, np.float64), source.bias, "step"
    else:
        weights = np.asarray(source, np.float64).reshape(-1)
    names = list(names or (f"x{at + 1}" for at in range(len(weights))))
    values = None if inputs is None else np.asarray(inputs, np.float64).reshape(-1)
    if activation not in ACTIVATIONS or ACTIVATIONS[activation].whole_row:
        options = (name for name, own in ACTIVATIONS.items() if not own.whole_row)
        raise InputError(unknown("the activation", activation, options))
    if not len(weights) or len(names) != len(weights) or (values is not None and len(values) != len(weights)):
        raise InputError(
            f"there are {len(weights)} weights; names and inputs must be as many, and at least 1."
        )

    panel = Panel("One neuron", **style)
    panel.ax.set_axis_off()
    if activation == "step":
        panel.note(
            f"The output is 1 if the sum of inputs × weights exceeds the threshold {number(-bias)}, "
            "which is the negative bias, and 0 otherwise."
        )
    else:
        panel.note(f"a = {ACTIVATIONS[activation].formula}, where z is the sum.".replace("-", "−"))
    panel.mark(Line2D([], [], color=panel.theme.positive, linewidth=4), "positive weight")
    panel.mark(Line2D([], [], color=panel.theme.negative, linewidth=4), "negative weight")
    total = None if values is None else float(values @ weights + bias)

    def draw(panel: Panel) -> None:
        _draw_inputs(panel, weights, names, values)
        _draw_neuron(panel, bias, ACTIVATIONS[activation], total)

    return panel.finish(draw)


def _places(panel: Panel) -> tuple[float, float, float, float]:
    """The x of the inputs and of the sum, the y of the sum, and the radius of its circle, in inches.

    Circles shrink with the axes; in small axes the text does, too.
    """
    width, height, least = panel.width, panel.height, 0.5 * panel.scale
    radius = 0.42 * min(max(width / 8, least), max(height / 3.6, least), 1.0)
    return 0.24 * width, 0.6 * width, 0.52 * height, radius


def _draw_neuron(panel: Panel, bias: float, activation: Activation, total: float | None) -> None:
    """Sum, bias and activation; the data coordinates are inches."""
    width, line, text = panel.width, 0.27 * panel.scale, panel.text
    panel.ax.set(xlim=(0, width), ylim=(0, panel.height))
    _, x, y, radius = _places(panel)
    x_activation, wide = 0.79 * width, width > WIDE * panel.scale
    is_step = activation.name == "step"
    y_bias = max(y - radius - 0.91 * panel.scale, (1.45 if is_step else 0.45) * line)
    _draw_arrow(panel, (x + radius, y), (x_activation - radius - 0.03, y))
    _draw_arrow(panel, (x_activation + radius + 0.03, y), (width - 0.1, y))
    _draw_arrow(panel, (x, y_bias + 0.65 * line), (x, y - radius - 0.01))
    text(x, y_bias, f"bias b = {number(bias)}", BODY)
    if is_step:
        text(x, y_bias - line, f"threshold t = −b = {number(-bias)}")
    _draw_circle(panel, x, y, 2 * radius)
    text(x, y, "Σ", 52 * radius / panel.scale)
    z = np.linspace(-4, 4, 161)
    a = activation(z)
    low, high = min(float(a.min()), 0.0), max(float(a.max()), 1.0)
    _draw_circle(panel, x_activation, y, 2 * radius, "s")
    graph = y + radius * (1.52 * (a - low) / (high - low) - 0.76)
    panel.ax.plot(x_activation + z * 0.19 * radius, graph, color=panel.theme.ink, linewidth=2.2, zorder=3)
    text(x_activation, y - radius - 0.8 * line, activation.name, BODY)
    sums, output = ["z = Σ input × weight + b"] if wide else ["sum z"], "output a"
    if total is not None:
        sums = [*(sums if wide else []), f"z = {number(total)}"]
        output = f"a = {number(float(activation(np.array([total]))[0]))}"
    for at, each in enumerate(sums):
        text(x - radius / 3, y + radius + (0.8 + at) * line, each, BODY, ha="left")
    text(width - 0.1, y + (line if wide else radius + 0.8 * line), output, BODY, ha="right")


def _draw_inputs(panel: Panel, weights: Numbers, names: Sequence[str], inputs: Numbers | None) -> None:
    """The inputs, each with its weight on its line; of many, those with the largest weights."""
    theme, height, scale = panel.theme, panel.height, panel.scale
    x, x_sum, y_sum, _ = _places(panel)
    order = np.argsort(-np.abs(weights), kind="stable")
    most = min(max(int(0.94 * height / PITCH / scale), 2), MOST_INPUTS + 1)
    shown = np.sort(order[: most - 1 if len(weights) > most else len(weights)])
    hidden = len(weights) - len(shown)
    places = len(shown) + (hidden > 0)
    pitch = min(1.1, 0.94 * height / places)
    ys = (y_sum + pitch * ((places - 1) / 2 - np.arange(places))).tolist()
    largest, diameter = float(np.abs(weights).max()) or 1.0, min(0.56, 0.74 * pitch)
    for at, y in zip(shown, ys, strict=False):
        weight = float(weights[at])
        color = (theme.muted, theme.positive, theme.negative)[int(np.sign(weight))]
        thickness = (1 + 5 * abs(weight) / largest) * scale
        panel.ax.plot([x, x_sum], [y, y_sum], color=color, linewidth=thickness, zorder=1)
        middle = x + 0.36 * (x_sum - x), y + 0.36 * (y_sum - y)
        panel.text(*middle, f"× {number(weight)}", BODY, boxed=True)
        _draw_circle(panel, x, y, diameter)
        if inputs is not None:
            panel.text(x, y, number(float(inputs[at])))
        left = x - diameter / 2 - 0.1
        panel.text(left, y, shortened(names[at], BODY * scale, left - 0.05), BODY, ha="right")
    if hidden:
        panel.text(x, ys[-1], f"{hidden:,} not drawn", boxed=True)


def _draw_circle(panel: Panel, x: float, y: float, diameter: float, marker: str = "o") -> None:
    fill, edge = panel.theme.neutral, panel.theme.muted
    panel.ax.plot([x], [y], marker, markersize=diameter * 72, color=fill, markeredgecolor=edge, zorder=2)


def _draw_arrow(panel: Panel, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "mutation_scale": 16, "color": panel.theme.muted, "linewidth": 2}
    panel.ax.annotate("", end, start, arrowprops={**style, "shrinkA": 0, "shrinkB": 0})
