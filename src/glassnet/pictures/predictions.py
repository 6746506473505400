"""Predicted numbers: against the actual ones, and their residuals."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from matplotlib.axes import Axes

from glassnet.errors import plural
from glassnet.pictures.figure import dot
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.prediction_data import Numbers, kind_of_rows, target_numbers
from glassnet.pictures.text_fit import number

MANY_ROWS = 3_000  # from here on the density is drawn


def predicted_vs_actual(
    source: Any, other: Any = None, *, output: int | str = 0, **style: Unpack[Style]
) -> Axes:
    """Every row's prediction over its actual value; perfect predictions are on the diagonal.

    Args:
        source: a model, with a table as ``other`` (by default its held-out rows); an evaluation; or the actual
            numbers, with the predicted ones as ``other``.
        output: which of several targets, by position or name.
    """
    actual, predicted, name = target_numbers(source, other, output)
    panel = Panel("Predicted against actual", (8.5, 7.4), **style)
    low, high = min(actual.min(), predicted.min()), max(actual.max(), predicted.max())
    margin = 0.04 * (high - low) or 0.5
    limits = low - margin, high + margin
    _draw_rows(panel, actual, predicted)
    panel.reference(limits, limits, "predicted = actual")
    panel.ax.set(xlim=limits, ylim=limits)
    panel.ax.set_xlabel(f"actual {name}".rstrip())
    panel.ax.set_ylabel(f"predicted {name}".rstrip())
    panel.note(*_metrics(actual, predicted, kind_of_rows(source, other)))
    return panel.finish()


def residuals(source: Any, other: Any = None, *, output: int | str = 0, **style: Unpack[Style]) -> Axes:
    """Residuals, actual minus predicted, over the prediction, with their median and their middle 80 %.

    A bend or a funnel shows a pattern that the model has missed. ``source``, ``other`` and
    ``output`` are as for :func:`predicted_vs_actual`.
    """
    actual, predicted, name = target_numbers(source, other, output)
    rest = actual - predicted
    panel = Panel("Residuals", **style)
    color = panel.theme.negative
    panel.ax.axhline(0, color=panel.theme.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=3)
    _draw_rows(panel, predicted, rest)
    running = _running_quantiles(predicted, rest)
    if running is not None:
        x, low, middle, high = running
        panel.mark(panel.ax.plot(x, middle, color=color, linewidth=2.5, zorder=4)[0], "median")
        ends = np.column_stack([low, high])
        panel.mark(panel.ax.plot(x, ends, color=color, linewidth=1.2, zorder=4)[0], "middle 80 %")
    panel.ax.set_xlabel(f"predicted {name}".rstrip())
    panel.ax.set_ylabel("residual (actual − predicted)")
    panel.note(*_metrics(actual, predicted, kind_of_rows(source, other)))
    return panel.finish()


def _draw_rows(panel: Panel, x: Numbers, y: Numbers) -> None:
    """The rows as dots, more transparent the more there are; for many rows, their density."""
    color, count = panel.theme.positive, len(x)
    if count > MANY_ROWS:
        cells = panel.ax.hexbin(
            x,
            y,
            gridsize=(50, 30),
            bins="log",
            mincnt=1,
            cmap=panel.theme.sequential,
            linewidths=0.2,
            zorder=2,
        )
        panel.color_bar(cells, "rows")
        return
    alpha = float(np.clip(30 / np.sqrt(count), 0.3, 0.8))
    size = float(np.clip(60 / np.log10(count + 9), 12, 60))
    panel.ax.scatter(x, y, s=size, color=color, alpha=alpha, linewidths=0, zorder=2)
    panel.mark(dot(color), "rows")


def _running_quantiles(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers] | None:
    """Means of ``x`` and the 10th, 50th and 90th percentile of ``y`` in bins of equally many rows."""
    bins = min(len(x) // 25, 20)
    if bins < 3 or np.ptp(x) == 0:
        return None
    parts = np.array_split(np.argsort(x, kind="stable"), bins)
    low, middle, high = np.array([np.quantile(y[part], (0.1, 0.5, 0.9)) for part in parts]).T
    return np.array([x[part].mean() for part in parts]), low, middle, high


def _metrics(actual: Numbers, predicted: Numbers, rows: str) -> list[str]:
    error = predicted - actual
    variation = float(((actual - actual.mean()) ** 2).sum())
    r2 = f", R² {number(1 - float((error**2).sum()) / variation, 3)}" if variation else ""
    rmse, mean = number(float(np.sqrt((error**2).mean()))), number(float(error.mean()))
    return [f"{plural(len(actual), rows)}.", f"Root mean squared error {rmse}{r2}, mean error {mean}."]
