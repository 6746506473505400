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
    drawing = _Neuron(weights, bias, ACTIVATIONS[activation], names, values)
    return panel.finish(drawing.draw)


class _Neuron:
    """The drawing of one neuron; the data coordinates are inches."""

    def __init__(
        self,
        weights: Numbers,
        bias: float,
        activation: Activation,
        names: Sequence[str],
        inputs: Numbers | None,
    ) -> None:
        self.weights, self.bias, self.activation = weights, bias, activation
        self.names, self.inputs = names, inputs
        self.total = None if inputs is None else float(inputs @ weights + bias)

    def draw(self, panel: Panel) -> None:
        """The circle and the box shrink with the axes, and in small axes the text does, too."""
        self.ax, self.theme, self.scale, self.text = panel.ax, panel.theme, panel.scale, panel.text
        width, height = panel.width, panel.height
        self.ax.set(xlim=(0, width), ylim=(0, height))
        x_input, x_sum, x_function = 0.24 * width, 0.6 * width, 0.79 * width
        y, line = 0.52 * height, 0.27 * self.scale
        wide = width > WIDE * self.scale
        radius = 0.42 * min(max(width / 8, 0.5 * self.scale), max(height / 3.6, 0.5 * self.scale), 1.0)
        step = self.activation.name == "step"
        y_bias = max(y - radius - 0.91 * self.scale, (1.45 if step else 0.45) * line)
        self._draw_inputs(x_input, (x_sum, y), height)
        self._arrow((x_sum + radius, y), (x_function - radius - 0.03, y))
        self._arrow((x_function + radius + 0.03, y), (width - 0.1, y))
        self._arrow((x_sum, y_bias + 0.65 * line), (x_sum, y - radius - 0.01))
        self.text(x_sum, y_bias, f"bias b = {number(self.bias)}", BODY)
        if step:
            self.text(x_sum, y_bias - line, f"threshold t = −b = {number(-self.bias)}")
        self._circle(x_sum, y, 2 * radius)
        self.text(x_sum, y, "Σ", 52 * radius / self.scale)
        sums = ["z = Σ input × weight + b"] if wide else ["sum z"]
        self._draw_activation(x_function, y, radius)
        self.text(x_function, y - radius - 0.8 * line, self.activation.name, BODY)
        output = "output a"
        if self.total is not None:
            sums = [*(sums if wide else []), f"z = {number(self.total)}"]
            output = f"a = {number(float(self.activation(np.array([self.total]))[0]))}"
        for at, text in enumerate(sums):
            self.text(x_sum - radius / 3, y + radius + (0.8 + at) * line, text, BODY, ha="left")
        self.text(width - 0.1, y + (line if wide else radius + 0.8 * line), output, BODY, ha="right")

    def _draw_inputs(self, x: float, to: tuple[float, float], height: float) -> None:
        """The inputs, each with its weight on its line; of many, those with the largest weights."""
        theme, count = self.theme, len(self.weights)
        order = np.argsort(-np.abs(self.weights), kind="stable")
        most = min(max(int(0.94 * height / PITCH / self.scale), 2), MOST_INPUTS + 1)
        shown = np.sort(order[: most - 1 if count > most else count])
        hidden = count - len(shown)
        places = len(shown) + (hidden > 0)
        pitch = min(1.1, 0.94 * height / places)
        ys = 0.52 * height + pitch * ((places - 1) / 2 - np.arange(places))
        largest = float(np.abs(self.weights).max()) or 1.0
        diameter = min(0.56, 0.74 * pitch)
        for at, y in zip(shown, ys.tolist(), strict=False):
            weight = float(self.weights[at])
            color = (theme.muted, theme.positive, theme.negative)[int(np.sign(weight))]
            self.ax.plot(
                [x, to[0]],
                [y, to[1]],
                color=color,
                linewidth=(1 + 5 * abs(weight) / largest) * self.scale,
                zorder=1,
                solid_capstyle="butt",
            )
            share = 0.36
            text = f"× {number(weight)}"
            self.text(x + share * (to[0] - x), y + share * (to[1] - y), text, BODY, outlined=True)
            self._circle(x, y, diameter)
            if self.inputs is not None:
                self.text(x, y, number(float(self.inputs[at])))
            left = x - diameter / 2 - 0.1
            self.text(left, y, shortened(self.names[at], BODY * self.scale, left - 0.05), BODY, ha="right")
        if hidden:
            self.text(x, float(ys[-1]), f"{hidden:,} not drawn", outlined=True)

    def _draw_activation(self, x: float, y: float, radius: float) -> None:
        """A small graph of the activation in a box."""
        z = np.linspace(-4, 4, 161)
        a = self.activation(z)
        low, high = min(float(a.min()), 0.0), max(float(a.max()), 1.0)
        self._circle(x, y, 2 * radius, marker="s")
        graph = y + radius * (1.52 * (a - low) / (high - low) - 0.76)
        self.ax.plot(x + z * 0.19 * radius, graph, color=self.theme.ink, linewidth=2.2, zorder=3)

    def _circle(self, x: float, y: float, diameter: float, marker: str = "o") -> None:
        self.ax.plot(
            [x],
            [y],
            marker=marker,
            markersize=diameter * 72,
            color=self.theme.neutral,
            markeredgecolor=self.theme.muted,
            zorder=2,
        )

    def _arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        style = {"arrowstyle": "-|>", "mutation_scale": 16, "color": self.theme.muted, "linewidth": 2}
        self.ax.annotate("", end, start, arrowprops={**style, "shrinkA": 0, "shrinkB": 0})
