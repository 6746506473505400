"""Histograms of weights and activations: initial and learnt, or over the training, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from glassnet.errors import InputError
from glassnet.inside.checks import whole_number
from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.pictures.heading import LINE
from glassnet.pictures.panel import Panel
from glassnet.pictures.prediction_data import encoded, trace_of
from glassnet.pictures.text_fit import number, plural, shortened
from glassnet.pictures.theme import Theme
from glassnet.trained import TrainedModel

Snapshots = Mapping[str, Parameters]
Histogram = tuple[str, Sequence[Array]]  # a label, and the values in each snapshot

BINS = 60
MOST_BETWEEN = 12  # snapshots between the initial and the learnt parameters
MANY_ZEROS = (
    0.02  # more than this share of values of exactly 0 are counted in the label instead of being drawn
)
HEIGHT = 0.86  # of the highest bin, in the distance between histograms


def weights(
    source: TrainedModel | Snapshots,
    *,
    layer: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The distribution of every layer's weights, initial and learnt.

    Args:
        source: a model, or a mapping from names of snapshots ("epoch 10") to parameters.
        layer: only this one, counted from 1, with a histogram for each snapshot. A model has snapshots between the
            initial and the learnt parameters if it was trained with the setting ``snapshots``.
    """
    snapshots = _snapshots(source, between=layer is not None)
    layers = [[own[at].weights.ravel() for own in snapshots.values()] for at in range(_depth(snapshots))]
    labels = [f"layer {at + 1}\n{plural(own[0].size, 'weight')}" for at, own in enumerate(layers)]
    default = f"Weights: {_listed(snapshots)}"
    return _histograms("weight", source, snapshots, layers, labels, layer, title or default, ax, theme)


def activation_histograms(
    source: TrainedModel | Network,
    rows: Any,
    *,
    snapshots: Snapshots | None = None,
    layer: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The distribution of every layer's activations over some rows, before and after training.

    Args:
        source: a model; or a network together with ``snapshots``.
        rows: a table that the model can read; for a network an array of inputs (N, I).
        snapshots: a mapping from names to parameters; by default a model's initial and learnt ones.
        layer: only this one, counted from 1, with a histogram for each snapshot.
    """
    net = source.network if isinstance(source, TrainedModel) else source
    if not snapshots:
        snapshots = _snapshots(source if isinstance(source, TrainedModel) else {}, between=layer is not None)
    inputs = encoded(source, rows)
    traces = [trace_of(source, own, inputs).activations for own in snapshots.values()]
    layers = [[trace[at].ravel() for trace in traces] for at in range(len(net.layers))]
    labels = [f"layer {at + 1}\n{own.width:,} {own.activation.name}" for at, own in enumerate(net.layers)]
    default = f"Activations over {plural(len(inputs), 'row')}: {_listed(snapshots)}"
    return _histograms("activation", source, snapshots, layers, labels, layer, title or default, ax, theme)


def _snapshots(source: TrainedModel | Snapshots, *, between: bool) -> Snapshots:
    """Those passed; or a model's initial and learnt parameters, and some of those ``between``."""
    if not isinstance(source, TrainedModel):
        if not source:
            raise InputError(
                "there are no snapshots to draw; name at least one, such as {'learnt': parameters}."
            )
        return source
    found, kept = {"initial": source.initial}, source.history.snapshots
    if kept is not None and between:
        epochs = kept.epochs.tolist()
        some = np.linspace(0, len(epochs) - 1, min(len(epochs), MOST_BETWEEN)).round().astype(int)
        found |= {
            f"epoch {epochs[at]:,}": Parameters(source.network, kept[epochs[at]]) for at in some.tolist()
        }
    return {**found, "learnt": source.learnt}


def _depth(snapshots: Snapshots) -> int:
    return len(next(iter(snapshots.values())))


def _listed(snapshots: Snapshots) -> str:
    *most, last = snapshots
    return f"{', '.join(most)} and {last}" if most else last


def _histograms(
    what: str,
    source: Any,
    snapshots: Snapshots,
    layers: Sequence[Sequence[Array]],
    labels: Sequence[str],
    layer: int | None,
    title: str,
    ax: Axes | None,
    theme: str | Theme | None,
) -> Axes:
    """Histograms below each other, each as high as its own fullest bin."""
    rows: list[Histogram] = list(zip(labels, layers, strict=True))
    names, note = list(snapshots), ""
    if layer is not None:
        whole_number("layer", layer, 1, len(layers))
        rows = [(name, [values]) for name, values in zip(names, layers[layer - 1], strict=True)]
        names = [what]
        title = title if ":" not in title else f"{what.capitalize()}s of layer {layer} over the training"
        if isinstance(source, TrainedModel) and source.history.snapshots is None:
            note = "Training with snapshots=32 keeps more snapshots."
    panel = Panel(ax, theme, title, (10, max(6.25, 2.4 + 0.6 * len(rows))))
    axes, colors = panel.ax, panel.theme
    rows = [_without_zeros(label, series) for label, series in rows]
    values = np.concatenate([own for _, series in rows for own in series]).astype(np.float64)
    edges = _edges(values)
    last = len(names) - 1
    for place, (_, series) in enumerate(rows):
        shares = [np.histogram(own, edges)[0] / max(own.size, 1) for own in series]
        highest = max(float(share.max()) for share in shares) or 1.0
        for at, share in enumerate(shares):
            learnt = at == last
            color = colors.positive if learnt else colors.series[1 + (last - 1 - at) % 5]
            axes.stairs(
                share / highest * HEIGHT - place,
                edges,
                baseline=-place,
                fill=learnt,
                color=color,
                alpha=0.75 if learnt else 1.0,
                linewidth=1.8,
                zorder=2 if learnt else 3,
            )
            if not place and last:
                panel.mark(Patch(fc=color if learnt else "none", ec=color, lw=1.8), names[at])
        axes.axhline(-place, color=colors.muted, linewidth=0.8, zorder=1)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set(xlim=(edges[0], edges[-1]), ylim=(-len(rows) + 0.95, 1.0), xlabel=what)
    panel.note(note, "Each histogram is as high as its fullest bin.", _outside(values, edges))

    def label(panel: Panel) -> None:
        lines = max(int(panel.height / len(rows) / (panel.small * LINE / 72)), 1)
        texts = [
            "\n".join(shortened(line, panel.small, 1.6) for line in text.split("\n")[:lines])
            for text, _ in rows
        ]
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
    low, high = (float(own) for own in np.quantile(values, (0.001, 0.999))) if len(values) else (0.0, 0.0)
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
