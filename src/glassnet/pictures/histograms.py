"""Histograms of weights and activations: initial and learnt, or over the training, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from glassnet.errors import InputError, called, plural
from glassnet.inside.checks import whole_number
from glassnet.net import Network, Parameters, forward
from glassnet.net.arrays import Array
from glassnet.pictures.heading import LINE
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.text_fit import number, shortened
from glassnet.trained import TrainedModel

Snapshots = Mapping[str, Parameters]
Histogram = tuple[str, Sequence[Array]]  # a label, and the values in each snapshot

BINS = 60
MOST_BETWEEN = 12  # snapshots between the initial and the learnt parameters
MANY_ZEROS = (
    0.02  # more than this share of values of exactly 0 are counted in the label instead of being drawn
)
HEIGHT = 0.86  # of the highest bin, in the distance between histograms


def weights(source: TrainedModel | Snapshots, *, layer: int | None = None, **style: Unpack[Style]) -> Axes:
    """The distribution of every layer's weights, initial and learnt.

    Args:
        source: a model, or a mapping from names of snapshots ("epoch 10") to parameters.
        layer: only this one, counted from 1, with a histogram for each snapshot. A model has snapshots between the
            initial and the learnt parameters if it was trained with the setting ``snapshots``.
    """
    snapshots, note = _snapshots(source, layer)
    rows = []
    for at, (shape, *_) in enumerate(next(iter(snapshots.values()))):
        values = [own[at].weights.ravel() for own in snapshots.values()]
        rows.append((f"layer {at + 1}\n{plural(shape.size, 'weight')}", values))
    return _draw("weight", "Weights", rows, snapshots, layer, note, style)


def activation_histograms(
    source: TrainedModel | Network,
    rows: Any,
    *,
    snapshots: Snapshots | None = None,
    layer: int | None = None,
    **style: Unpack[Style],
) -> Axes:
    """The distribution of every layer's activations over some rows, before and after training.

    Args:
        source: a model; or a network together with ``snapshots``.
        rows: a table that the model can read; for a network an array of inputs (N, I).
        snapshots: a mapping from names to parameters; by default a model's initial and learnt ones.
        layer: only this one, counted from 1, with a histogram for each snapshot.
    """
    model = source if isinstance(source, TrainedModel) else None
    net = source.network if isinstance(source, TrainedModel) else source
    snapshots, note = _snapshots(snapshots or model or {}, layer)
    inputs = np.atleast_2d(np.asarray(rows, np.float64)) if model is None else model.encode(rows).inputs
    traces = [
        forward(net, own, inputs) if model is None else model.with_parameters(own).tracer(inputs)
        for own in snapshots.values()
    ]
    histograms = [
        (
            f"layer {at + 1}\n{own.width:,} {own.activation.name}",
            [each.activations[at].ravel() for each in traces],
        )
        for at, own in enumerate(net.layers)
    ]
    what = f"Activations over {plural(len(inputs), 'row')}"
    return _draw("activation", what, histograms, snapshots, layer, note, style)


def _snapshots(source: TrainedModel | Snapshots, layer: int | None) -> tuple[Snapshots, str]:
    """Those passed; or a model's initial and learnt parameters, with some between them for a ``layer``; and a note."""
    if not isinstance(source, TrainedModel):
        if not source:
            raise InputError(
                "there are no snapshots to draw; name at least one, such as {'learnt': parameters}."
            )
        return source, ""
    if source.origin:
        return {"learnt": source.learnt}, ""
    found, kept, note = {"initial": source.initial}, source.history.snapshots, ""
    if kept is not None and layer is not None:
        epochs = kept.epochs.tolist()
        some = np.linspace(0, len(epochs) - 1, min(len(epochs), MOST_BETWEEN)).round().astype(int)
        between = (epochs[at] for at in some.tolist())
        found |= {f"epoch {epoch:,}": Parameters(source.network, kept[epoch]) for epoch in between}
    elif layer is not None:
        note = f"Training with {called('snapshots', 32)} keeps more snapshots."
    return {**found, "learnt": source.learnt}, note


def _draw(
    axis: str,
    what: str,
    rows: Sequence[Histogram],
    snapshots: Snapshots,
    layer: int | None,
    note: str,
    style: Style,
) -> Axes:
    """Histograms below each other, each as high as its own fullest bin."""
    names = list(snapshots)
    default = f"{what}: {' and '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)}"
    if layer is not None:
        whole_number("layer", layer, 1, len(rows))
        rows = [(name, [own]) for name, own in zip(names, rows[layer - 1][1], strict=True)]
        default, names = f"{what} of layer {layer} over the training", [axis]
    rows = [_without_zeros(label, series) for label, series in rows]
    panel = Panel(default, (10, max(6.25, 2.4 + 0.6 * len(rows))), **style)
    axes, colors = panel.ax, panel.theme
    values = np.concatenate([own for _, series in rows for own in series]).astype(np.float64)
    edges = _edges(values)
    looks: list[dict[str, Any]] = [
        {"color": colors.series[1 + (len(names) - 2 - at) % 5]} for at in range(len(names) - 1)
    ]
    looks.append({"color": colors.positive, "fill": True, "alpha": 0.75})
    for place, (_, series) in enumerate(rows):
        shares = [np.histogram(own, edges)[0] / max(own.size, 1) for own in series]
        highest = max(float(share.max()) for share in shares) or 1.0
        for at, (share, look) in enumerate(zip(shares, looks, strict=True)):
            heights = share / highest * HEIGHT - place
            axes.stairs(heights, edges, baseline=-place, linewidth=1.8, zorder=3 - at / 10, **look)
        axes.axhline(-place, color=colors.muted, linewidth=0.8, zorder=1)
    for name, look in zip(names, looks, strict=True):
        if len(names) > 1:
            panel.mark(Patch(linewidth=1.8, **{"fill": False, **look}), name)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set(xlim=(edges[0], edges[-1]), ylim=(-len(rows) + 0.95, 1.0), xlabel=axis)
    panel.note(note, "Each histogram is as high as its fullest bin.", _outside(values, edges))

    def label(panel: Panel) -> None:
        size, texts = panel.small, []
        lines = max(int(panel.height / len(rows) / (size * LINE / 72)), 1)
        for text, _ in rows:
            texts.append("\n".join(shortened(line, size, 1.6) for line in text.split("\n")[:lines]))
        axes.set_yticks([-at for at in range(len(rows))], texts, va="bottom")

    return panel.finish(label)


def _without_zeros(label: str, series: Sequence[Array]) -> Histogram:
    """Many values of exactly 0, such as those of relu, would dwarf the others: the label has their share instead."""
    shares = [float((own == 0).mean()) for own in series]
    if max(shares) < MANY_ZEROS:
        return label, series
    shown = dict.fromkeys(f"{share:.0%}" for share in (shares[0], shares[-1]))
    return f"{label}\n{' → '.join(shown)} are 0", [own[own != 0] for own in series]


def _edges(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bins over nearly all values: a few outliers must not squeeze all others into one bin."""
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, (0.001, 0.999)).tolist() if len(values) else (0.0, 0.0)
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    margin = 0.03 * (high - low)
    return np.linspace(low - margin, high + margin, BINS + 1)


def _outside(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> str:
    """The note on values beyond the bins."""
    below, above = values < edges[0], values > edges[-1]
    count = int((below | above).sum())
    ends = [f"down to {number(float(values.min()))}"] if below.any() else []
    ends += [f"up to {number(float(values.max()))}"] if above.any() else []
    return f"{plural(count, 'value')} outside, {' and '.join(ends)}." if count else ""
