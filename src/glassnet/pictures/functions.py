"""Activation functions, each with its derivative."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from glassnet.errors import InputError, unknown
from glassnet.inside.checks import positive_number
from glassnet.net import ACTIVATIONS, Activation, Network
from glassnet.net.arrays import Array
from glassnet.pictures.axes_style import canvas, finish
from glassnet.pictures.theme import Theme
from glassnet.pictures.titles import heading
from glassnet.trained import TrainedModel


def activations(
    source: str | Sequence[str] | TrainedModel | Network,
    *,
    limit: float = 5.0,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """What a neuron makes of its sum ``z``: each function as a line, its derivative dashed in the same color, and
    as dashes in the middle of the line where the two are the same.

    Softmax, which looks at a whole layer, is drawn for two neurons, the other of which has the sum 0.

    Args:
        source: the name of an activation, or several; or a model or network, for those in its layers.
        limit: the sums go from ``-limit`` to ``limit``.
    """
    positive_number("limit", limit)
    names = _names(source)
    axes, chosen = canvas(ax, theme)
    z = np.linspace(-limit, limit, 1001)
    key: list[tuple[Artist, str]] = []
    for place, name in enumerate(names):
        wider = 1.5 * min(len(names) - 1 - place, 3)  # so that those below others can still be seen
        row, color = ACTIVATIONS[name], chosen.series[place % len(chosen.series)]
        a, slope = _values(row, z)
        key.append((axes.plot(z, _parted(row, z, a), color=color, linewidth=3.5 + wider)[0], name))
        (dashed,) = axes.plot(
            z,
            _parted(row, z, slope),
            color=color,
            linewidth=1.7 + wider / 2,
            linestyle=(0, (3, 2)),
            gapcolor=chosen.background,
        )
        key.append((dashed, f"slope of {name}" if len(names) > 1 else "its slope (derivative)"))
    axes.axhline(0, color=chosen.muted, linewidth=1, zorder=1)
    axes.axvline(0, color=chosen.muted, linewidth=1, zorder=1)
    axes.set_xlabel("z, the sum of inputs × weights and bias")
    axes.set_ylabel("a = f(z)")
    facts = []
    if len(names) == 1:
        row = ACTIVATIONS[names[0]]
        facts = [f"a = {row.formula}".replace("-", "−"), f"slope = {row.slope}".replace("-", "−")]
    heading(axes, chosen, title or ", ".join(names), *facts, key=key)
    return finish(axes)


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
        raise InputError("no activation was named; name at least one.")
    return names


def _values(row: Activation, z: Array) -> tuple[Array, Array]:
    """The function and its derivative."""
    if row.whole_row:
        both = row(np.column_stack([z, np.zeros_like(z)]))[:, 0]
        return both, row.derivative(z, both)
    a = row(z)
    return a, row.derivative(z, a)


def _parted(row: Activation, z: Array, values: Array) -> Array:
    """A gap where a line would bridge a jump."""
    parted = np.array(values, np.float64)
    for kink in row.kinks:
        after = int(np.searchsorted(z, kink, side="right"))
        if 0 < after < len(z) and abs(values[after] - values[after - 1]) > 0.5:
            parted[after - 1] = np.nan
    return parted
