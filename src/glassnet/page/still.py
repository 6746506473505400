"""The network as a still or a moving SVG: what a notebook shows of a model without JavaScript, and README's picture."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from glassnet.net import Network, Parameters, forward
from glassnet.printable import printable

if TYPE_CHECKING:
    from glassnet.net.arrays import Array
    from glassnet.trained import TrainedModel

MOST = 12  # neurons of a layer that are drawn
POSITIVE, NEGATIVE, INK, MUTED, NEUTRAL = "#0072b2", "#d55e00", "#1a1d21", "#555c66", "#f1f3f5"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
RADIUS = 13.0


@dataclass(frozen=True)
class Place:
    """A neuron, or an input in column 0, and where it is drawn."""

    column: int
    neuron: int
    x: float
    y: float


def places(network: Network, width: float, height: float, left: float, right: float) -> list[list[Place]]:
    """Where the neurons of each layer are drawn, at most twelve of each."""
    widths = [network.inputs, *(layer.width for layer in network.layers)]
    columns = []
    for column, count in enumerate(widths):
        shown = np.linspace(0, count - 1, min(count, MOST)).round().astype(int)
        x = left + (width - left - right) * column / (len(widths) - 1)
        gap = min(height / (len(shown) + 0.5), 46.0)
        top = (height - gap * (len(shown) - 1)) / 2
        columns.append([Place(column, int(own), x, top + gap * place) for place, own in enumerate(shown)])
    return columns


def picture(
    network: Network,
    moments: Sequence[Array],
    *,
    inputs: Array | None = None,
    names: Sequence[str] = (),
    outputs: Sequence[str] = (),
    width: float = 520,
    height: float = 260,
    seconds: float = 8.0,
    title: str = "A neural network",
    more: str = "",
    background: str = "",
) -> str:
    """An SVG of the network; of several ``moments`` (P,) it runs through all of them, over and over.

    Args:
        moments: parameters at one or several times; the last are drawn where nothing moves.
        inputs: (I,), a row whose activations color the neurons.
        names: of the inputs.
        outputs: names of the outputs.
        seconds: of one run.
        more: other elements, drawn behind.
        background: a color; empty for none.
    """
    layers = [list(Parameters(network, vector)) for vector in moments]
    left = 20.0 + 6.2 * max((len(name[:18]) for name in names), default=0)
    right = 20.0 + 6.2 * max((len(name[:14]) for name in outputs), default=0) + RADIUS
    columns = places(network, min(width, 540), height, left, right)
    largest = [
        max(float(np.abs(own[at].weights).max()) for own in layers) or 1.0 for at in range(len(layers[0]))
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" font-family="{FONT}" font-size="11">',
        f"<title>{_escaped(title)}</title>",
    ]
    if background:
        parts.append(f'<rect width="100%" height="100%" rx="10" fill="{background}"/>')
    parts.append(more)
    for before, after in pairwise(columns):
        for start in before:
            for end in after:
                at = end.column - 1
                weights = [float(own[at].weights[start.neuron, end.neuron]) for own in layers]
                parts.append(_edge(start, end, weights, largest[at], seconds))
    traces = None if inputs is None else [_activations(network, vector, inputs) for vector in moments]
    for nodes in columns:
        for node in nodes:
            values = [0.0] if traces is None else [float(own[node.column][node.neuron]) for own in traces]
            parts.append(_node(node, values, seconds))
            if node.column == 0 and names:
                parts.append(_text(node.x - 12, node.y + 4, _cut(names[node.neuron], 18), "end"))
            if node.column == len(columns) - 1 and outputs:
                parts.append(_text(node.x + RADIUS + 8, node.y + 4, _cut(outputs[node.neuron], 14), "start"))
    return "".join([*parts, "</svg>"])


def _activations(network: Network, vector: Array, inputs: Array) -> list[Array]:
    trace = forward(network, Parameters(network, vector), inputs[None].astype(vector.dtype))
    return [inputs, *(own[0] for own in trace.activations)]


def _edge(start: Place, end: Place, weights: list[float], largest: float, seconds: float) -> str:
    shares = [min(abs(weight) / largest, 1.0) for weight in weights]
    widths = [f"{0.4 + 3.6 * share:.2f}" for share in shares]
    colors = [POSITIVE if weight >= 0 else NEGATIVE for weight in weights]
    opacities = [f"{0.15 + 0.8 * share**0.5:.2f}" for share in shares]
    x0, x1 = start.x + (RADIUS if start.column else 5), end.x - RADIUS
    third = (x1 - x0) / 3
    path = f"M{x0:.1f} {start.y:.1f}C{x0 + third:.1f} {start.y:.1f} {x1 - third:.1f} {end.y:.1f} {x1:.1f} {end.y:.1f}"
    dash = "" if weights[-1] >= 0 else ' stroke-dasharray="5 3"'
    moving = (
        _animated("stroke-width", widths, seconds)
        + _animated("stroke", colors, seconds, steps=True)
        + _animated("stroke-opacity", opacities, seconds)
    )
    return (
        f'<path d="{path}" fill="none" stroke="{colors[-1]}" stroke-width="{widths[-1]}" '
        f'stroke-opacity="{opacities[-1]}"{dash}>{moving}</path>'
    )


def _node(node: Place, values: list[float], seconds: float) -> str:
    fills = [_shade(value) for value in values]
    radius = RADIUS if node.column else 5
    return (
        f'<circle cx="{node.x:.1f}" cy="{node.y:.1f}" r="{radius:g}" fill="{fills[-1]}" stroke="{INK}" '
        f'stroke-width="1.2">{_animated("fill", fills, seconds)}</circle>'
    )


def _cut(name: str, most: int) -> str:
    """``name``, or its beginning and its end: names often differ at their ends."""
    kept = most // 3
    return name if len(name) <= most else f"{name[: most - 1 - kept]}…{name[-kept:]}"


def _animated(name: str, values: list[str], seconds: float, *, steps: bool = False) -> str:
    if len(set(values)) == 1:
        return ""
    mode = ' calcMode="discrete"' if steps else ""
    return (
        f'<animate attributeName="{name}" values="{";".join(values)}" dur="{seconds:g}s" '
        f'repeatCount="indefinite"{mode}/>'
    )


def _shade(value: float) -> str:
    """From orange (-1) over grey to blue (1)."""
    end = POSITIVE if value >= 0 else NEGATIVE
    share = min(abs(value), 1.0)
    parts = [
        round(
            int(NEUTRAL[at : at + 2], 16)
            + share * (int(end[at : at + 2], 16) - int(NEUTRAL[at : at + 2], 16))
        )
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{_escaped(text)}</text>'


def curve(
    values: Sequence[float], x: float, y: float, width: float, height: float, label: str, seconds: float
) -> str:
    """The error over training as a line that is drawn while the network learns."""
    high = max(values) or 1.0
    points = [
        (x + width * place / (len(values) - 1), y + height * (1 - value / high))
        for place, value in enumerate(values)
    ]
    path = "M" + "L".join(f"{across:.1f} {up:.1f}" for across, up in points)
    dots = ";".join(f"{across:.1f}" for across, _ in points), ";".join(f"{up:.1f}" for _, up in points)
    return (
        f'<path d="M{x:g} {y:g}V{y + height:g}H{x + width:g}" fill="none" stroke="#b4bcc6"/>'
        f'<path d="{path}" fill="none" stroke="{POSITIVE}" stroke-width="2"/>'
        f'<circle r="4" fill="{POSITIVE}" cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}">'
        f'<animate attributeName="cx" values="{dots[0]}" dur="{seconds:g}s" repeatCount="indefinite"/>'
        f'<animate attributeName="cy" values="{dots[1]}" dur="{seconds:g}s" repeatCount="indefinite"/></circle>'
        f'<text x="{x:g}" y="{y - 8:g}" fill="{MUTED}">{_escaped(label)}</text>'
        f'<text x="{x + width:g}" y="{y + height + 16:g}" fill="{MUTED}" text-anchor="end">training</text>'
    )


def model_html(model: TrainedModel) -> str:
    """What a notebook shows of a model: the network, and what its text says."""
    first = model.members[0]
    names = model.encoder.input_names
    means = None if model.stats is None else np.clip(model.stats.rows.means, -1, 1)
    svg = picture(
        first.network,
        [first.learnt.vector],
        inputs=means,
        names=[str(name) for name in names],
        outputs=[str(name) for name in model.output_names],
        title=str(first.network),
        background="#ffffff",
    )
    hidden = [
        max(0, size - MOST) for size in (first.network.inputs, *(own.width for own in first.network.layers))
    ]
    omitted = sum(hidden)
    many = len(model.members)
    said = f"{omitted:,} neurons or inputs are not drawn. " if omitted else ""
    if many > 1:
        said += f"This is network 0; the model predicts with the mean of its {many} networks. "
    note = f"<br><small>{said.strip()}</small>" if said else ""
    return f"<div>{svg}{note}<pre>{_escaped(repr(model))}</pre></div>"


def learning_picture() -> str:
    """README's picture: the worked example's network, learning."""
    from glassnet.lessons import worked_example
    from glassnet.lessons.worked_example import EXACT, INPUTS, NETWORK, STEPS, TARGETS, train

    inputs, targets = np.array(INPUTS, np.float64), np.array(TARGETS, np.float64)
    steps = np.unique(np.r_[0, np.geomspace(10, STEPS, 23)].round().astype(int))
    start = worked_example.start()
    moments, errors = [], []
    now, done = start, 0
    for step in steps.tolist():
        if step > done:
            now, done = train(now, inputs, targets, EXACT, step - done).learnt, step
        moments.append(now.vector.copy())
        outputs = forward(NETWORK, now, inputs).outputs
        errors.append(float(((targets - outputs) ** 2).sum() / 2))
    seconds = 9.0
    line = curve(errors, 560, 60, 210, 150, "error ½ Σ (actual − output)²", seconds)
    notes = (
        f'<text x="20" y="24" font-size="13" font-weight="600" fill="{INK}">'
        "A network of 61 numbers, learning</text>"
        f'<text x="20" y="284" fill="{MUTED}">blue: positive weight · orange, dashed: negative · '
        "thickness: its size</text>"
    )
    return picture(
        NETWORK,
        moments,
        inputs=inputs[0],
        names=[f"input {number}" for number in range(1, 5)],
        outputs=["output"],
        width=800,
        height=300,
        seconds=seconds,
        title="A network of 4 inputs, two hidden layers of 5 neurons and 1 output, while it learns",
        more=line + notes,
        background="#ffffff",
    )


def _escaped(text: str) -> str:
    """``text`` as XML, which has no control characters."""
    return html.escape(printable(text))
