"""Distributions of weights and activations: initial against learnt, or over time, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from glassnet.errors import InputError
from glassnet.inside.checks import whole_number
from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.pictures.axes_style import canvas, finish, label_ticks
from glassnet.pictures.prediction_data import trace_of
from glassnet.pictures.text_fit import counted, number, shortened
from glassnet.pictures.theme import SMALL, Theme
from glassnet.pictures.titles import LINE, heading
from glassnet.trained import TrainedModel

Moments = Mapping[str, Parameters]
Ridge = tuple[str, Sequence[Array]]  # a label, and the values of each moment

BINS = 60
MOST_MOMENTS = 12  # between the initial and the learnt ones
MANY_ZEROS = 0.02  # beyond this share, values of exactly 0 are told apart from the distribution
OVERLAP = 0.86  # the height of the highest ridge, in the distance between ridges


def weights(
    source: TrainedModel | Moments,
    *,
    layer: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """How the weights of every layer are distributed, initial and learnt.

    With a ``layer`` (counted from 1), a ridge for each moment of that layer alone: its weights over time. A
    model has more moments than the two if it was trained with the setting ``snapshots``.

    Args:
        source: a model, or a mapping from the names of moments ("epoch 10") to parameters.
    """
    moments = _moments(source, all_kept=layer is not None)
    count = len(next(iter(moments.values())))
    if layer is not None:
        _check_layer(layer, count)
        rows: list[Ridge] = [(name, [own[layer - 1].weights.ravel()]) for name, own in moments.items()]
        default = f"The weights of layer {layer} over time"
        return _ridges(rows, ["weights"], "weight", title or default, ax, theme, _kept(source))
    rows = [
        (f"layer {place + 1}\n{counted(own[0].size, 'weight')}", own)
        for place, own in enumerate(
            [parameters[place].weights.ravel() for parameters in moments.values()] for place in range(count)
        )
    ]
    return _ridges(rows, list(moments), "weight", title or f"Weights: {_listed(moments)}", ax, theme)


def activation_histograms(
    source: TrainedModel | Network,
    rows: Any,
    *,
    moments: Moments | None = None,
    layer: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """How the activations of every layer are distributed over some rows, before and after training.

    Args:
        source: a model; or a network, which needs ``moments``.
        rows: a table that the model can read; for a network an array of inputs (N, I).
        moments: a mapping from names of moments to parameters; by default a model's initial and learnt ones.
        layer: a ridge for each moment of this layer alone, counted from 1.
    """
    if isinstance(source, TrainedModel):
        net = source.network
        moments = moments or _moments(source, all_kept=layer is not None)
        inputs = source.encode(rows).inputs
    else:
        net, inputs = source, np.atleast_2d(np.asarray(rows, np.float64))
        moments = _moments(moments or {})
    traces = {name: trace_of(source, own, inputs).activations for name, own in moments.items()}
    if layer is not None:
        _check_layer(layer, len(net.layers))
        over_time: list[Ridge] = [(name, [own[layer - 1].ravel()]) for name, own in traces.items()]
        default = f"The activations of layer {layer} over time"
        return _ridges(over_time, ["activations"], "activation", title or default, ax, theme, _kept(source))
    found = [
        (
            f"layer {place + 1}\n{own.width:,} {own.activation}",
            [trace[place].ravel() for trace in traces.values()],
        )
        for place, own in enumerate(net.layers)
    ]
    default = f"Activations over {counted(len(inputs), 'row')}: {_listed(moments)}"
    return _ridges(found, list(moments), "activation", title or default, ax, theme)


def _moments(source: TrainedModel | Moments, *, all_kept: bool = False) -> Moments:
    """What was given; or a model's initial and learnt parameters, and in between some of those ``all_kept``."""
    if isinstance(source, TrainedModel):
        kept = source.history.snapshots
        between: list[int] = [] if kept is None or not all_kept else kept.epochs.tolist()
        if len(between) > MOST_MOMENTS:
            between = [
                between[at] for at in np.linspace(0, len(between) - 1, MOST_MOMENTS).round().astype(int)
            ]
        own = {"initial": source.initial}
        if kept is not None:
            own |= {f"epoch {epoch:,}": Parameters(source.network, kept[epoch]) for epoch in between}
        return {**own, "learnt": source.learnt}
    if not source:
        raise InputError("there are no moments to draw; name at least one, such as {'learnt': parameters}.")
    return source


def _kept(source: Any) -> str:
    """What is said where a model has no moments between its first and its last."""
    if isinstance(source, TrainedModel) and source.history.snapshots is None:
        return "No moments between were kept; training with snapshots=32 keeps some."
    return ""


def _check_layer(layer: int, count: int) -> None:
    whole_number("layer", layer, 1, count)


def _listed(moments: Moments) -> str:
    names = list(moments)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _ridges(
    rows: Sequence[Ridge],
    moments: Sequence[str],
    what: str,
    title: str,
    ax: Axes | None,
    theme: str | Theme | None,
    note: str = "",
) -> Axes:
    """One ridge under the other, each as high as its own fullest bin."""
    axes, chosen = canvas(ax, theme, (10, max(6.25, 2.4 + 0.6 * len(rows))))
    rows = [_without_zeros(label, series) for label, series in rows]
    values = np.concatenate([own for _, series in rows for own in series]).astype(np.float64)
    edges = _edges(values)
    last = len(moments) - 1
    key: list[tuple[Artist, str]] = []
    for place, (_, series) in enumerate(rows):
        shares = [np.histogram(own, edges)[0] / max(own.size, 1) for own in series]
        highest = max(float(share.max()) for share in shares) or 1.0
        for moment, share in enumerate(shares):
            learnt = moment == last
            color = chosen.positive if learnt else chosen.series[1 + (last - 1 - moment) % 5]
            base = -float(place)
            axes.stairs(
                base + share / highest * OVERLAP,
                edges,
                baseline=base,
                fill=learnt,
                color=color,
                alpha=0.75 if learnt else 1.0,
                linewidth=1.8,
                zorder=2 + (0 if learnt else 1),
            )
            if not place and last:
                key.append(
                    (
                        Patch(facecolor=color if learnt else "none", edgecolor=color, linewidth=1.8),
                        moments[moment],
                    )
                )
        axes.axhline(base, color=chosen.muted, linewidth=0.8, zorder=1)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-len(rows) + 0.95, 1.0)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel(what)
    facts = f"Each ridge is as high as its fullest bin. {_outside(values, edges)}"
    _, height = heading(axes, chosen, title, facts, note, key=key)
    room = int(height / len(rows) / (SMALL * LINE / 72))  # lines beside each ridge
    label_ticks(
        axes.yaxis,
        [-place for place in range(len(rows))],
        [
            "\n".join(shortened(line, SMALL, 1.6) for line in label.split("\n")[: max(room, 1)])
            for label, _ in rows
        ],
        va="bottom",
        color=chosen.ink,
    )
    heading(axes, chosen, title, facts, note, key=key)
    return finish(axes)


def _without_zeros(label: str, series: Sequence[Array]) -> Ridge:
    """Where many values are exactly 0, as of relu, they are counted in the label and do not dwarf the others."""
    shares = [float((own == 0).mean()) for own in series]
    if max(shares) < MANY_ZEROS:
        return label, series
    said = " → ".join(f"{share:.0%}" for share in (shares if len(shares) < 3 else (shares[0], shares[-1])))
    return f"{label}\n{said} are 0", [own[own != 0] for own in series]


def _edges(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bins over nearly all values: a few far ones must not squeeze the rest into one bin."""
    values = values[np.isfinite(values)]
    low, high = (float(own) for own in np.quantile(values, (0.001, 0.999))) if len(values) else (0.0, 0.0)
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    room = 0.03 * (high - low)
    return np.linspace(low - room, high + room, BINS + 1)


def _outside(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> str:
    """What is said of values beyond the bins."""
    below, above = values < edges[0], values > edges[-1]
    if not (below | above).any():
        return ""
    ends = [f"down to {number(float(values.min()))}"] if below.any() else []
    ends += [f"up to {number(float(values.max()))}"] if above.any() else []
    count = int((below | above).sum())
    said = "1 value lies" if count == 1 else f"{count:,} values lie"
    return f"{said} outside, {' and '.join(ends)}."
