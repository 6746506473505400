"""How good the numbers are: predicted against actual, and what is left over."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.pictures import prediction_data
from glassnet.pictures.axes_style import MANY_MARKS, canvas, finish
from glassnet.pictures.prediction_data import Numbers
from glassnet.pictures.text_fit import counted, number
from glassnet.pictures.theme import Theme
from glassnet.pictures.titles import heading


def predicted_vs_actual(
    source: Any,
    other: Any = None,
    *,
    output: int | str = 0,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """Every row's prediction over what really was; a good one lies on the diagonal.

    Args:
        source: a model, with a table as ``other`` (without one, its held-out rows); an evaluation; or the
            actual numbers, with the predicted ones as ``other``.
        output: which of several targets, by place or name.
    """
    actual, predicted, name = prediction_data.numbers(source, other, output)
    axes, chosen = canvas(ax, theme, (8.5, 7.4))
    ends = [min(actual.min(), predicted.min()), max(actual.max(), predicted.max())]
    room = 0.04 * (ends[1] - ends[0]) or 0.5
    limits = (ends[0] - room, ends[1] + room)
    diagonal = axes.plot(limits, limits, color=chosen.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=3)[
        0
    ]
    dots = _dots(axes, chosen, actual, predicted)
    axes.set(xlim=limits, ylim=limits, aspect="equal")
    axes.set_xlabel(f"actual {name}".rstrip())
    axes.set_ylabel(f"predicted {name}".rstrip())
    heading(
        axes,
        chosen,
        title or "Predicted against actual",
        _figures(actual, predicted),
        key=[(dots, "rows"), (diagonal, "predicted as it was")],
    )
    return finish(axes)


def residuals(
    source: Any,
    other: Any = None,
    *,
    output: int | str = 0,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """What is left over, actual minus predicted, against the prediction, with the median and the middle 80 %.

    A bend or a funnel shows something that the model has not understood. ``source``, ``other`` and
    ``output`` as in :func:`predicted_vs_actual`.
    """
    actual, predicted, name = prediction_data.numbers(source, other, output)
    rest = actual - predicted
    axes, chosen = canvas(ax, theme)
    axes.axhline(0, color=chosen.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=3)
    key: list[tuple[Artist, str]] = [(_dots(axes, chosen, predicted, rest), "rows")]
    running = _running(predicted, rest)
    if running is not None:
        x, low, middle, high = running
        key.append((axes.plot(x, middle, color=chosen.negative, linewidth=2.5, zorder=4)[0], "median"))
        key.append(
            (axes.fill_between(x, low, high, color=chosen.negative, alpha=0.25, zorder=3), "middle 80 %")
        )
    axes.set_xlabel(f"predicted {name}".rstrip())
    axes.set_ylabel("actual − predicted")
    heading(axes, chosen, title or "What is left over", _figures(actual, predicted), key=key)
    return finish(axes)


def _dots(ax: Axes, theme: Theme, x: Numbers, y: Numbers) -> Line2D:
    """The rows as dots, fainter the more there are; returns what the legend shows for them."""
    faint = float(np.clip(30 / np.sqrt(len(x)), 0.08, 0.8))
    size = float(np.clip(60 / np.log10(len(x) + 9), 8, 60))
    ax.scatter(
        x,
        y,
        s=size,
        color=theme.positive,
        alpha=faint,
        linewidths=0,
        zorder=2,
        rasterized=len(x) > MANY_MARKS,
    )
    return Line2D([], [], color=theme.positive, marker="o", markersize=7, linestyle="none")


def _running(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers] | None:
    """Means of ``x`` and the 10th, 50th and 90th percentile of ``y`` in bins of equally many rows."""
    bins = min(len(x) // 25, 20)
    if bins < 3 or np.ptp(x) == 0:
        return None
    parts = np.array_split(np.argsort(x, kind="stable"), bins)
    low, middle, high = np.array([np.quantile(y[part], (0.1, 0.5, 0.9)) for part in parts]).T
    return np.array([x[part].mean() for part in parts]), low, middle, high


def _figures(actual: Numbers, predicted: Numbers) -> str:
    error = predicted - actual
    spread = float(((actual - actual.mean()) ** 2).sum())
    explained = f", R² {1 - float((error**2).sum()) / spread:.3f}".replace("-", "−") if spread else ""
    rmse, mean = number(float(np.sqrt((error**2).mean()))), number(float(error.mean()))
    return f"{counted(len(actual), 'row')}. Root mean squared error {rmse}{explained}, mean error {mean}."
