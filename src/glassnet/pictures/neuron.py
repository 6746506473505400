"""One neuron: inputs times weights, a bias or a threshold, an activation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from glassnet.errors import InputError, unknown
from glassnet.net import ACTIVATIONS, Perceptron
from glassnet.pictures.axes_style import canvas, finish
from glassnet.pictures.text_fit import number, shortened
from glassnet.pictures.theme import BODY, SMALL, Theme
from glassnet.pictures.titles import heading

MOST = 7  # inputs that are drawn
CLOSEST = 0.31  # inches between inputs
WIDE = 6.5  # inches that the longer texts need
Numbers = npt.NDArray[np.float64]


def neuron(
    source: Perceptron | npt.ArrayLike,
    bias: float = 0.0,
    activation: str = "step",
    *,
    names: Sequence[str] | None = None,
    inputs: npt.ArrayLike | None = None,
    title: str = "One neuron",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """A neuron with its weights, its bias and, for the step, the threshold that is the same thing.

    Args:
        source: weights (I,), or a perceptron, which brings its bias.
        names: of the inputs.
        inputs: (I,) values; then the sum and the result are worked out.
    """
    if isinstance(source, Perceptron):
        weights, bias, activation = np.asarray(source.weights, np.float64), source.bias, "step"
    else:
        weights = np.asarray(source, np.float64).reshape(-1)
    names = list(names or (f"x{place}" for place in range(1, len(weights) + 1)))
    given = None if inputs is None else np.asarray(inputs, np.float64).reshape(-1)
    if activation not in ACTIVATIONS or ACTIVATIONS[activation].whole_row:
        options = (name for name, row in ACTIVATIONS.items() if not row.whole_row)
        raise InputError(unknown("the activation", activation, options))
    if not len(weights) or len(names) != len(weights) or (given is not None and len(given) != len(weights)):
        raise InputError(
            f"there are {len(weights)} weights; names and inputs must be as many, and at least 1."
        )

    axes, chosen = canvas(ax, theme)
    axes.set_axis_off()
    facts = f"a = {ACTIVATIONS[activation].formula}, where z is the sum.".replace("-", "−")
    if activation == "step":
        facts = (
            f"Fires (1) if the sum of inputs × weights exceeds the threshold {number(-bias)}, "
            "which is the bias with its sign turned."
        )
    width, height = heading(
        axes,
        chosen,
        title,
        facts,
        key=[
            (Line2D([], [], color=chosen.positive, linewidth=4), "positive weight"),
            (Line2D([], [], color=chosen.negative, linewidth=4), "negative weight"),
        ],
    )
    axes.set(xlim=(0, width), ylim=(0, height))
    _Neuron(axes, chosen, weights, bias, activation, names, given).draw(width, height)
    return finish(axes)


class _Neuron:
    """The drawing of one neuron; coordinates are inches."""

    def __init__(
        self,
        ax: Axes,
        theme: Theme,
        weights: Numbers,
        bias: float,
        activation: str,
        names: Sequence[str],
        inputs: Numbers | None,
    ) -> None:
        self.ax, self.theme = ax, theme
        self.weights, self.bias, self.activation = weights, bias, activation
        self.names, self.inputs = names, inputs
        self.total = None if inputs is None else float(inputs @ weights + bias)

    def draw(self, width: float, height: float) -> None:
        """Circle and box shrink with the axes, the texts around them do not."""
        x_input, x_sum, x_function = 0.24 * width, 0.6 * width, 0.79 * width
        middle, wide = 0.52 * height, width > WIDE
        radius = 0.42 * min(max(width / 8, 0.5), max(height / 3.6, 0.5), 1.0)
        step = self.activation == "step"
        bias = max(middle - radius - 0.91, 0.39 if step else 0.12)
        self._inputs(x_input, (x_sum, middle), height)
        self._arrow((x_sum + radius, middle), (x_function - radius - 0.03, middle))
        self._arrow((x_function + radius + 0.03, middle), (width - 0.2, middle))
        self._arrow((x_sum, bias + 0.18), (x_sum, middle - radius - 0.01))
        self._text(x_sum, bias, f"bias b = {number(self.bias)}")
        if step:
            self._text(x_sum, bias - 0.27, f"threshold t = −b = {number(-self.bias)}", SMALL)
        self._circle(x_sum, middle, 2 * radius)
        self._text(x_sum, middle, "Σ", 52 * radius)
        said = ["z = Σ input × weight + b"] if wide else ["sum z"]
        self._function(x_function, middle, radius)
        self._text(x_function, middle - radius - 0.21, self.activation)
        result = "output a"
        if self.total is not None:
            own = ACTIVATIONS[self.activation](np.array([self.total]))[0]
            said = [*said, f"z = {number(self.total)}"] if wide else [f"z = {number(self.total)}"]
            result = f"a = {number(float(own))}"
        for place, line in enumerate(said):
            self._text(x_sum - radius / 3, middle + radius + 0.22 + 0.26 * place, line, side="left")
        self._text(width - 0.5, middle + (0.26 if wide else radius + 0.22), result)

    def _inputs(self, x: float, to: tuple[float, float], height: float) -> None:
        """The inputs, each with its weight on its line; of many, those with the largest weights."""
        count = len(self.weights)
        order = np.argsort(-np.abs(self.weights), kind="stable")
        most = min(max(int(0.94 * height / CLOSEST), 2), MOST + 1)
        shown = np.sort(order[: most - 1 if count > most else count])
        hidden = count - len(shown)
        slots = len(shown) + (1 if hidden else 0)
        pitch = min(1.1, 0.94 * height / slots)
        ys = 0.52 * height + pitch * ((slots - 1) / 2 - np.arange(slots))
        largest = float(np.abs(self.weights).max()) or 1.0
        size = min(0.56, 0.74 * pitch)
        for at, y in zip(shown, ys, strict=False):
            weight = float(self.weights[at])
            color = (
                self.theme.positive if weight > 0 else self.theme.negative if weight < 0 else self.theme.muted
            )
            self.ax.plot(
                [x, to[0]],
                [y, to[1]],
                color=color,
                linewidth=1 + 5 * abs(weight) / largest,
                zorder=1,
                solid_capstyle="butt",
            )
            share = 0.36
            self._text(
                x + share * (to[0] - x), y + share * (to[1] - y), f"× {number(weight)}", BODY, box=True
            )
            self._circle(x, float(y), size)
            if self.inputs is not None:
                self._text(x, float(y), f"{self.inputs[at]:.2g}".replace("-", "−"), SMALL)
            self._text(
                x - size / 2 - 0.1,
                float(y),
                shortened(self.names[at], BODY, x - size / 2 - 0.15),
                side="right",
            )
        if hidden:
            self._text(x, float(ys[-1]), f"{hidden:,} not drawn", SMALL, box=True)

    def _function(self, x: float, y: float, radius: float) -> None:
        """The activation in a box, small."""
        row = ACTIVATIONS[self.activation]
        z = np.linspace(-4, 4, 161)
        a = row(z)
        low, high = min(float(a.min()), 0.0), max(float(a.max()), 1.0)
        self.ax.plot(
            [x],
            [y],
            marker="s",
            markersize=(2 * radius + 0.02) * 72,
            color=self.theme.neutral,
            markeredgecolor=self.theme.muted,
            zorder=2,
        )
        self.ax.plot(
            x + z * 0.19 * radius,
            y + radius * (1.52 * (a - low) / (high - low) - 0.76),
            color=self.theme.ink,
            linewidth=2.2,
            zorder=3,
        )

    def _circle(self, x: float, y: float, diameter: float) -> None:
        self.ax.scatter(
            [x], [y], s=(diameter * 72) ** 2, color=self.theme.neutral, edgecolors=self.theme.muted, zorder=2
        )

    def _arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.ax.add_patch(
            FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=16, color=self.theme.muted, linewidth=2, zorder=1
            )
        )

    def _text(
        self, x: float, y: float, text: str, size: float = BODY, *, side: str = "center", box: bool = False
    ) -> None:
        frame = {"facecolor": self.theme.background, "edgecolor": "none", "pad": 1.5} if box else None
        self.ax.text(
            x, y, text, ha=side, va="center", fontsize=size, color=self.theme.ink, zorder=4, bbox=frame
        )
