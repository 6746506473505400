"""Predicted classes: the confusion matrix, and the reliability of the probabilities."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.errors import plural
from glassnet.inside.calibration import Bins
from glassnet.inside.checks import whole_number
from glassnet.inside.figures import wilson
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.prediction_data import class_labels, class_probabilities, kind_of_rows
from glassnet.pictures.text_fit import text_width
from glassnet.pictures.theme import SMALL, ink_on

MOST_CLASSES = 25  # rows and columns of a confusion matrix; all other classes are drawn as one
COUNTS = (14.0, 12.0, SMALL, 9.0, 7.5)  # font sizes of the numbers in it


def confusion(
    source: Any, other: Any = None, *, classes: npt.ArrayLike | None = None, **style: Unpack[Style]
) -> Axes:
    """The number of rows of each actual class (down) and predicted class (across).

    The color is the share of the actual class. Of more than 25 classes, those with the most errors are drawn, and all
    others together as one.

    Args:
        source: a model, with a table as ``other`` (by default its held-out rows); an evaluation; or the actual
            labels (N,), with the predicted ones as ``other``.
        classes: the labels in the order to draw them; by default the model's order, or sorted.
    """
    actual, predicted, known = class_labels(source, other)
    names = list(map(str, known if classes is None else np.asarray(classes).tolist()))
    names += sorted({*actual, *predicted} - {*names})
    codes = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, ([codes[each] for each in actual], [codes[each] for each in predicted]), 1)
    right, total, every = int(np.trace(counts)), int(counts.sum()), len(names)
    counts, names = _with_others(counts, names)

    panel = Panel("Confusion matrix", (8.5, 7.4) if len(names) > 8 else (8.5, 6.6), **style)
    axes, colors = panel.ax, panel.theme.sequential
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap=colors, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.grid(visible=False)
    axes.set(xlabel="predicted", ylabel="actual")
    panel.categories = {axes.xaxis: names, axes.yaxis: names}
    panel.note(
        f"{plural(total, kind_of_rows(source, other))}, {right / total:.1%} right.",
        "Color: share of the actual class.",
    )
    if every > len(names):
        panel.note(f"Of {every:,} classes, those with the most errors; the others together.")

    def write_counts(panel: Panel) -> None:
        """The largest font size at which all counts fit; nothing is written if none fits."""
        width, height = panel.width / len(names), panel.height / len(names)
        widest = f"{int(counts.max()):,}"
        fitting = (size for size in COUNTS if text_width(widest, size) + 0.04 < width and size / 60 < height)
        if size := next(fitting, None):
            for (row, column), count in np.ndenumerate(counts):
                color = ink_on(colors(shares[row, column])[:3])
                panel.text(column, row, f"{count:,}", size / panel.scale, color=color)

    return panel.finish(write_counts)


def _with_others(counts: npt.NDArray[np.int64], names: list[str]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The classes with the most errors, and the others as one class, so that no row is lost."""
    if len(names) <= MOST_CLASSES:
        return counts, names
    errors = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    kept = np.sort(np.argsort(-errors, kind="stable")[: MOST_CLASSES - 1])
    group = np.full(len(names), len(kept))
    group[kept] = np.arange(len(kept))
    small = np.zeros((len(kept) + 1,) * 2, np.int64)
    np.add.at(small, (group[:, None], group[None, :]), counts)
    return small, [*(names[at] for at in kept), f"{len(names) - len(kept):,} others"]


def reliability(
    source: Any,
    other: Any = None,
    *,
    classes: npt.ArrayLike | None = None,
    bins: int = 10,
    **style: Unpack[Style],
) -> Axes:
    """The observed frequency of a class over its predicted probability: on the diagonal the two are equal.

    For two classes the probability is that of the second; for several, that of the predicted class. Bars cover the
    95 % interval (Wilson, 1927); the area of a circle grows with its number of rows. Weights of an evaluation's rows
    count; the interval is then that of as many equal rows as have the same variance (Kish, 1965).

    Args:
        source: a model, with a table that has the target as ``other``; or the actual labels (N,), with the
            probabilities as ``other``: (N,) of the second of two classes, or (N, C) in the order of ``classes``.
        bins: the number of bins of equal width.
    """
    whole_number("bins", bins)
    given = class_probabilities(source, other, classes)
    what = given.classes[1] if len(given.classes) == 2 else "the predicted class"
    found = Bins.of(given.codes, given.probabilities, bins, given.weights)
    counts, means, shares, squares = found

    panel = Panel("Reliability of the probabilities", (8.5, 7.4), **style)
    axes, color = panel.ax, panel.theme.positive
    axes.vlines(means, *wilson(shares, counts**2 / squares), color=color, linewidth=2, alpha=0.6, zorder=2)
    sizes = 30 + 370 * counts / counts.max()
    axes.scatter(means, shares, sizes, color, edgecolors=panel.theme.background, zorder=3, clip_on=False)
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    axes.set_xlabel(f"predicted probability of {what}")
    axes.set_ylabel("share that came true")
    panel.mark(Line2D([], [], color=color, marker="o", markersize=8, linewidth=2), "share, 95 % interval")
    panel.reference([0, 1], [0, 1], "perfectly calibrated")
    panel.note(
        f"{plural(len(given.codes), kind_of_rows(source, other))}{'' if given.weights is None else ', weighted'}.",
        f"Expected calibration error {found.error:.3f}.",
    )
    panel.note(f"Larger circles have more {'rows' if given.weights is None else 'weight'}.")
    return panel.finish()
