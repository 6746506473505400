"""How training went: loss, validation, other metrics, the best epoch and the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from glassnet.errors import InputError
from glassnet.pictures.axes_style import PlainNumbers, canvas, finish, inches, laid_out
from glassnet.pictures.text_fit import number
from glassnet.pictures.theme import SMALL, Theme
from glassnet.pictures.titles import heading
from glassnet.trained import TrainedModel
from glassnet.training.history import History

Curve = npt.NDArray[np.float64]

WIDE_RANGE = 15.0  # losses that fall by more than this factor are drawn on a logarithmic axis
OWN = "curves"  # what is drawn here
STRIP, BETWEEN = 0.2, 0.05  # heights of the strip for the rate and of the gap over it, in that of the axes


def curves(
    source: TrainedModel | History | Mapping[str, npt.ArrayLike],
    *,
    metrics: Mapping[str, npt.ArrayLike] | None = None,
    rate: bool = True,
    title: str = "How training went",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The loss of every epoch, on training and validation rows, with the best epoch and the learning rate.

    The axis is logarithmic where the losses span more than a factor of 15. Curves that were drawn into the same axes
    before are replaced.

    Args:
        source: a model, its history, or a mapping from names of curves to one number an epoch.
        metrics: more curves of one number an epoch.
        rate: draw the learning rate in a strip of its own below.
    """
    told = _read(source)
    lines = {name: values for name, values in told.losses.items() if len(values)}
    if not lines:
        raise InputError("there is no epoch to draw: the history is empty.")
    told.metrics |= {name: np.asarray(values, np.float64) for name, values in (metrics or {}).items()}
    axes, chosen = canvas(ax, theme)
    _clear(axes)
    key: list[tuple[Artist, str]] = []
    for (name, values), color in zip(lines.items(), _colors(chosen, len(lines)), strict=True):
        key.append((_line(axes, values, color), name))
    _scale(axes, list(lines.values()))
    axes.set_ylabel("loss")
    epochs = max(map(len, lines.values()))
    facts, strips = told.facts, dict(told.metrics)
    if rate and len(told.rate):
        if np.ptp(told.rate) > 0:
            strips["rate"] = told.rate
        else:
            facts.append(f"Learning rate {number(told.rate[0])} throughout.")
    panels = [axes, *_strips(axes, strips, chosen)]
    margin = max(0.02 * (epochs - 1), 0.5)
    for panel in panels:
        panel.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
        panel.set_xlim(1 - margin, epochs + margin)
        panel.tick_params(labelbottom=panel is panels[-1])
        if told.best:
            mark = panel.axvline(told.best, color=chosen.ink, linewidth=1.2, linestyle=(0, (4, 3)), gid=OWN)
    panels[-1].set_xlabel("epoch")
    if told.best:
        key.append((mark, f"best epoch: {told.best:,}"))
    heading(axes, chosen, title, " ".join(facts), key=key, beside=panels[1:])
    return finish(axes)


@dataclass
class _Told:
    """What a history says; ``best`` is 0 where it names no best epoch."""

    losses: dict[str, Curve]
    metrics: dict[str, Curve] = field(default_factory=dict)
    rate: Curve = field(default_factory=lambda: np.empty(0))
    best: int = 0
    facts: list[str] = field(default_factory=list)


def _read(source: Any) -> _Told:
    history = source.history if isinstance(source, TrainedModel) else source
    if not isinstance(history, History):
        return _Told({name: np.asarray(values, np.float64) for name, values in history.items()})
    told = _Told({"training": history.loss, "validation": history.validation_loss}, rate=history.rate)
    if len(history.validation_score):
        told.metrics[history.metric] = history.validation_score
    told.best = history.best_epoch if history.best_epoch <= history.epochs else 0
    if told.best:
        validated = len(history.validation_loss) >= told.best
        judged = history.validation_loss if validated else history.loss
        name = "Validation" if validated else "Training"
        told.facts.append(f"{name} loss {number(judged[told.best - 1])} at epoch {told.best:,}.")
    plural = "s" if history.epochs > 1 else ""
    told.facts.append(f"{history.epochs:,} epoch{plural}: {history.stop_reason or 'not ended'}.")
    return told


def _clear(ax: Axes) -> None:
    """Take away what was drawn before, and the room that its strips took."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    strips = [child for child in ax.child_axes if child.get_gid() == OWN]
    if strips and not laid_out(ax):
        lowest = min(strip.get_window_extent().y0 for strip in strips) / figure.bbox.height
        box = ax.get_position(original=True)
        ax.set_position((box.x0, lowest, box.width, box.y1 - lowest))
    lines = [line for line in ax.lines if line.get_gid() == OWN]
    for each in (*strips, *lines):
        each.remove()
    if lines:
        ax.set_yscale("linear")
        ax.yaxis.set_major_formatter(PlainNumbers())
        ax.relim()


def _colors(theme: Theme, count: int) -> list[str]:
    return [theme.series[place % len(theme.series)] for place in range(count)]


def _line(ax: Axes, values: Curve, color: str) -> Line2D:
    """One curve, with a gap where it is not finite; a single epoch is a dot."""
    shown = np.where(np.isfinite(values), values, np.nan)
    marker = "o" if len(values) < 25 else None
    epochs = np.arange(1, len(values) + 1)
    return ax.plot(epochs, shown, color=color, linewidth=2, marker=marker, markersize=4, gid=OWN)[0]


def _scale(ax: Axes, curves: list[Curve]) -> None:
    """A logarithmic axis for losses over a wide range, with plain numbers on it."""
    values = np.concatenate(curves)
    values = values[np.isfinite(values)]
    if len(values) and values.min() > 0 and values.max() / values.min() > WIDE_RANGE:
        ax.set_yscale("log")
        few = values.max() / values.min() < 300
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        ax.yaxis.set_minor_formatter(
            FuncFormatter(lambda value, _: number(value) if few and f"{value:e}"[0] in "25" else "")
            if few
            else NullFormatter()
        )
        ax.tick_params(which="minor", length=0, labelsize=SMALL)


def _strips(ax: Axes, curves: Mapping[str, Curve], theme: Theme) -> list[Axes]:
    """Axes below ``ax``, one for each curve, of heights that are shares of the figure's: layouts reckon with those."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    whole = figure.get_figheight()
    height = inches(ax)[1] / whole
    strip, gap = STRIP * height, max(BETWEEN * height, 1.4 * SMALL / 72 / whole)  # a line between their ticks
    if not laid_out(ax):  # nobody else makes room
        box = ax.get_position()
        share = (STRIP + BETWEEN) * len(curves)
        share /= 1 + share
        ax.set_position((box.x0, box.y0 + box.height * share, box.width, box.height * (1 - share)))
        strip, gap = strip * (1 - share), gap * (1 - share)
    below_axes = figure.transFigure + ScaledTranslation(0, 0, ax.transAxes)  # type: ignore[arg-type]
    transform = blended_transform_factory(ax.transAxes, below_axes)
    found = []
    for place, (name, values) in enumerate(curves.items(), start=1):
        below = ax.inset_axes((0, -place * (gap + strip), 1, strip), transform=transform)
        below.set_gid(OWN)
        canvas(below, theme)
        _line(below, values, theme.muted)
        below.set_ylabel(name)
        below.yaxis.set_major_locator(MaxNLocator(nbins=3))
        below.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        if name == "rate":
            below.set_ylim(bottom=min(0.0, float(values.min())), top=float(values.max()) * 1.1)
        found.append(below)
    return found
