"""Curves over the training: loss, validation loss, other metrics, the best epoch and the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from glassnet.errors import InputError, plural
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.text_fit import number
from glassnet.pictures.ticks import NumberLocator
from glassnet.trained import TrainedModel
from glassnet.training.history import History

Curve = npt.NDArray[np.float64]

WIDE_RANGE = 15.0  # losses that fall by more than this factor are drawn on a logarithmic axis
SHORT = 8  # letters of a name that fit beside a strip; the legend has longer ones
STRIP = 0.25  # height of the axes for the learning rate or a metric, in that of the axes for the loss


def curves(
    source: TrainedModel | History | Mapping[str, npt.ArrayLike],
    *,
    metrics: Mapping[str, npt.ArrayLike] | None = None,
    rate: bool = True,
    **style: Unpack[Style],
) -> Axes:
    """The loss of every epoch on training and validation rows, with the best epoch and the learning rate.

    The axis is logarithmic where the losses span more than a factor of 15.

    Args:
        source: a model, its history, or a mapping from names of curves to one number per epoch.
        metrics: more curves of one number per epoch.
        rate: draw the learning rate in axes of its own below, unless it is constant.
    """
    history = source.history if isinstance(source, TrainedModel) else source
    strips: dict[str, Curve] = {}
    notes: list[str] = []
    best = 0
    if isinstance(history, History):
        losses = {"training": history.loss, "validation": history.validation_loss}
        best, notes = _best(history)
        if len(history.validation_score):
            strips[history.metric] = history.validation_score
    else:
        losses = {name: np.asarray(values, np.float64) for name, values in history.items()}
    losses = {name: values for name, values in losses.items() if len(values)}
    if not losses:
        raise InputError("there is no epoch to draw: the history is empty.")
    strips |= {name: np.asarray(values, np.float64) for name, values in (metrics or {}).items()}
    if rate and isinstance(history, History) and len(history.rate):
        if np.ptp(history.rate) > 0:
            strips["rate"] = history.rate
        else:
            notes.append(f"Learning rate {number(history.rate[0])} throughout.")

    panel = Panel("Training", **style)
    panel.note(*notes)
    below = panel.split([STRIP] * len(strips))
    for at, (name, values) in enumerate(losses.items()):
        panel.mark(_line(panel.ax, values, panel.theme.color(at)), name)
    panel.ax.set_ylabel("loss")
    for strip, (name, values) in zip(below, strips.items(), strict=True):
        is_long = len(name) > SHORT
        color = panel.theme.color(len(losses)) if is_long else panel.theme.muted
        line = _line(strip, values, color)
        strip.set_ylabel("" if is_long else name)
        if is_long:
            panel.mark(line, name.replace("_", " "))
        if name == "rate":
            strip.set_ylim(0, float(values.max()) * 1.1)
    epochs = max(map(len, losses.values()))
    margin = max(0.02 * (epochs - 1), 0.5)
    every = [panel.ax, *below]
    for axes in every:
        axes.set_xlim(1 - margin, epochs + margin)
        axes.xaxis.set_major_locator(NumberLocator(integer=True))
        axes.tick_params(labelbottom=axes is every[-1])
        if best:
            mark = axes.axvline(best, color=panel.theme.ink, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    every[-1].set_xlabel("epoch")
    if best:
        panel.mark(mark, "best epoch:", f" {best:,}")
    known = np.concatenate([values[np.isfinite(values)] for values in losses.values()])
    if len(known) and known.min() > 0 and known.max() / known.min() > WIDE_RANGE:
        panel.ax.set_yscale("log")
        return panel.finish(_log_ticks)
    return panel.finish()


def _best(history: History) -> tuple[int, list[str]]:
    """The best epoch, or 0 if it is not in the history, and what the notes say of the training."""
    ended = f"{plural(history.epochs, 'epoch')}: {history.stop_reason or 'not ended'}."
    best = history.best_epoch
    if not 0 < best <= history.epochs:
        return 0, [ended]
    validated = len(history.validation_loss) >= best
    loss = (history.validation_loss if validated else history.loss)[best - 1]
    return best, [
        f"{'Validation' if validated else 'Training'} loss {number(loss)} at epoch {best:,}.",
        ended,
    ]


def _line(ax: Axes, values: Curve, color: str) -> Line2D:
    """One curve, with a gap where it is not finite; few epochs are dots as well."""
    shown = np.where(np.isfinite(values), values, np.nan)
    marker = "o" if len(values) < 25 else None
    epochs = np.arange(1, len(values) + 1)
    return ax.plot(epochs, shown, color=color, linewidth=2, marker=marker, markersize=4)[0]


def _log_ticks(panel: Panel) -> None:
    """Plain numbers at powers of ten, and between them where there is space."""
    low, high = np.log10(panel.ax.get_ylim())
    digits: tuple[Any, ...] = (1, 2, 5)
    lines = panel.height * 72 / panel.small / 2
    panel.ax.yaxis.set_major_locator(LogLocator(subs=digits if 3 * (high - low) < lines else (1,)))
    panel.ax.yaxis.set_minor_locator(NullLocator())
    panel.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
