"""Activation functions, each with its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
from matplotlib.axes import Axes

from glassnet.errors import InputError, unknown
from glassnet.inside.checks import positive_number
from glassnet.net import ACTIVATIONS, Activation, Network
from glassnet.net.arrays import Array
from glassnet.pictures.panel import Panel, Style
from glassnet.trained import TrainedModel


def activations(
    source: str | Sequence[str] | TrainedModel | Network, *, limit: float = 5.0, **style: Unpack[Style]
) -> Axes:
    """The output of a neuron over its sum ``z``: each function as a line, its derivative dashed in the same color.

    Where the two are equal, the dashes are in the middle of the line. Softmax, which depends on a whole layer, is drawn
    for two neurons, the other of which has the sum 0.

    Args:
        source: the name of an activation, or several; or a model or network, for those of its layers.
        limit: the sums go from ``-limit`` to ``limit``.
    """
    positive_number("limit", limit)
    names = _names(source)
    panel = Panel(", ".join(names), **style)
    axes, colors = panel.ax, panel.theme
    z = np.linspace(-limit, limit, 1001)
    for at, name in enumerate(names):
        wider = 1.5 * min(len(names) - 1 - at, 3)  # so that those below others can still be seen
        own, color = ACTIVATIONS[name], colors.color(at)
        a, slope = _values(own, z)
        (line,) = axes.plot(z, _with_gaps(own, z, a), color=color, linewidth=3.5 + wider)
        (dashed,) = axes.plot(
            z,
            _with_gaps(own, z, slope),
            color=color,
            linewidth=1.7 + wider / 2,
            linestyle=(0, (3, 2)),
            gapcolor=colors.background,
        )
        panel.mark(line, name)
        panel.mark(dashed, f"derivative of {name}" if len(names) > 1 else "its derivative")
    axes.axhline(0, color=colors.muted, linewidth=1, zorder=1)
    axes.axvline(0, color=colors.muted, linewidth=1, zorder=1)
    axes.set_xlabel("z, the sum of inputs × weights and bias")
    axes.set_ylabel("a = f(z)")
    if len(names) == 1:
        own = ACTIVATIONS[names[0]]
        panel.note(f"a = {own.formula}; derivative: {own.slope}".replace("-", "−"))
    return panel.finish()


def _names(source: str | Sequence[str] | TrainedModel | Network) -> list[str]:
    if isinstance(source, TrainedModel):
        source = source.network
    if isinstance(source, Network):
        source = [layer.activation.name for layer in source.layers]
    names = list(dict.fromkeys([source] if isinstance(source, str) else source))
    for name in names:
        if name not in ACTIVATIONS:
            raise InputError(unknown("the activation", name, ACTIVATIONS))
    if not names:
        raise InputError("there is no activation to draw; name at least one.")
    return names


def _values(activation: Activation, z: Array) -> tuple[Array, Array]:
    """The function and its derivative."""
    if activation.whole_row:
        both = activation(np.column_stack([z, np.zeros_like(z)]))[:, 0]
        return both, activation.derivative(z, both)
    a = activation(z)
    return a, activation.derivative(z, a)


def _with_gaps(activation: Activation, z: Array, values: Array) -> Array:
    """NaN where a line would bridge a jump."""
    found = np.array(values, np.float64)
    for kink in activation.kinks:
        after = int(np.searchsorted(z, kink, side="right"))
        if 0 < after < len(z) and abs(found[after] - found[after - 1]) > 0.5:
            found[after - 1] = np.nan
    return found
