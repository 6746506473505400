"""Predicted classes at every threshold: ROC, and precision against recall."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from glassnet.errors import plural
from glassnet.pictures.figure import dot, style_axes
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.prediction_data import Numbers, Probabilities, class_probabilities, kind_of_rows

MOST_CURVES = 6  # curves with a color and a name of their own
CRAMMED = 0.95  # curves of a larger mean area are close to a corner, which is magnified
# Where the inset stands, as left, bottom, width and height in shares of the axes; its numbers stand outside of it.
BELOW_CHANCE = (0.58, 0.11, 0.4, 0.37)
LEFT_BELOW = (0.1, 0.14, 0.5, 0.56)
Points = tuple[Numbers, Numbers]


def roc(
    source: Any, other: Any = None, *, classes: npt.ArrayLike | None = None, **style: Unpack[Style]
) -> Axes:
    """The true positive rate over the false positive rate, at every threshold.

    Two classes give one curve, for the second; several give one each, against all others. The six with the smallest
    area have colors, the others are gray. ``source``, ``other`` and ``classes`` are as for
    :func:`~glassnet.pictures.reliability`.
    """
    given = class_probabilities(source, other, classes)
    panel = Panel("ROC curve", (8.5, 7.4), **style)
    panel.ax.set(xlabel="false positive rate", ylabel="true positive rate (recall)")
    _, crammed = _draw_curves(panel, given, "AUC", roc_points, kind_of_rows(source, other))
    panel.reference([0, 1], [0, 1], "chance level")
    return panel.finish(partial(_zoom, xlim=(-0.01, 0.21), place=BELOW_CHANCE) if crammed else None)


def precision_recall(
    source: Any, other: Any = None, *, classes: npt.ArrayLike | None = None, **style: Unpack[Style]
) -> Axes:
    """The precision over the recall, at every threshold.

    Dots mark the chance level: each class's share of the rows. ``source``, ``other`` and ``classes`` are as for
    :func:`~glassnet.pictures.reliability`. Classes are ordered by their average precision (AP).
    """
    given = class_probabilities(source, other, classes)
    panel = Panel("Precision and recall", (8.5, 7.4), **style)
    panel.ax.set(xlabel="recall", ylabel="precision")
    lines, crammed = _draw_curves(panel, given, "AP", precision_recall_points, kind_of_rows(source, other))
    for at, line in lines.items():
        share, color = float(np.average(given.codes == at, weights=given.weights)), line.get_color()
        panel.ax.plot([1], [share], "o", markersize=6, color=color, clip_on=False, zorder=4)
    panel.mark(dot(panel.theme.muted), "chance level")
    return panel.finish(partial(_zoom, xlim=(0.79, 1.01), place=LEFT_BELOW) if crammed else None)


def _draw_curves(
    panel: Panel, given: Probabilities, score: str, points: Callable[..., Points], rows: str
) -> tuple[dict[int, Line2D], bool]:
    """The curves of all classes; those of the smallest area are in color, on top, and in the legend.

    Returns:
        The lines in color, by class, and whether they are close to the corner of perfect predictions.
    """
    wanted = [1] if len(given.classes) == 2 else range(len(given.classes))
    found: list[tuple[float, int, Points]] = []
    for at in wanted:
        positive = given.codes == at
        counted = np.ones(len(positive)) if given.weights is None else given.weights
        if counted[positive].any() and counted[~positive].any():
            curve = points(positive, given.probabilities[:, at], given.weights)
            found.append((area_under(*curve), at, curve))
    found.sort(key=lambda each: each[:2])
    gray: dict[str, Any] = {"color": panel.theme.muted, "linewidth": 0.8, "alpha": 0.4}
    for _, _, (x, y) in found[MOST_CURVES:]:
        panel.ax.plot(x, y, rasterized=len(found) > 200, **gray)
    lines = {}
    for rank, (area, at, (x, y)) in enumerate(found[:MOST_CURVES]):
        color = panel.theme.color(rank)
        (lines[at],) = panel.ax.plot(x, y, color=color, linewidth=2.2, zorder=4 - rank / 10, clip_on=False)
        panel.mark(lines[at], given.classes[at], f" ({score} {area:.3f})")
    rest = len(found) - MOST_CURVES
    if rest > 0:
        panel.mark(Line2D([], [], **{**gray, "alpha": 0.7}), f"{rest:,} other class{'es' * (rest > 1)}")
    panel.ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    panel.note(f"{plural(len(given.codes), rows)}.")
    if len(found) > 1:
        mean = np.mean([area for area, _, _ in found])
        panel.note(f"Each class against all others; mean {score} {mean:.3f}.")
    if rest > 0:
        panel.note(f"In color, the {MOST_CURVES} with the smallest {score}.")
    if len(found) < len(wanted):
        missing = len(wanted) - len(found)
        panel.note(f"{missing:,} without a curve, since no row or every row is of that class.")
    areas = [area for area, _, _ in found[:MOST_CURVES]]
    # a perfect curve is the corner itself
    return lines, bool(lines) and float(np.mean(areas)) > CRAMMED and min(areas) < 1


def _zoom(panel: Panel, xlim: tuple[float, float], place: tuple[float, float, float, float]) -> None:
    """The corner of perfect predictions in an inset, if there is space for it."""
    if min(panel.width, panel.height) < 2 * panel.scale:
        return
    lines = list(panel.ax.lines)
    inset = panel.ax.inset_axes(place, xlim=xlim, ylim=(0.79, 1.01))
    style_axes(inset, panel.theme)
    inset.tick_params(labelsize=panel.small)
    inset.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    inset.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    for line in lines:
        inset.plot(
            *line.get_data(),
            color=line.get_color(),
            linewidth=line.get_linewidth(),
            linestyle=line.get_linestyle(),
            zorder=line.get_zorder(),
        )
    panel.ax.indicate_inset_zoom(inset, edgecolor=panel.theme.muted)


def roc_points(positive: npt.NDArray[np.bool_], scores: Numbers, weights: Numbers | None = None) -> Points:
    """False and true positive rates at every threshold, from none to all; equal scores have one threshold."""
    hits, false = _counts_above(positive, scores, weights)
    x, y = np.append(0, false / false[-1]), np.append(0, hits / hits[-1])
    turns = np.diff(x)[:-1] * np.diff(y)[1:] != np.diff(x)[1:] * np.diff(y)[:-1]
    corners = np.concatenate([[True], turns, [True]])
    return x[corners], y[corners]


def precision_recall_points(
    positive: npt.NDArray[np.bool_], scores: Numbers, weights: Numbers | None = None
) -> Points:
    """Recall, and the precision with which it is first reached, as steps."""
    hits, false = _counts_above(positive, scores, weights)
    more = np.diff(hits, prepend=0) > 0
    hits, false = hits[more], false[more]
    recall, precision = np.append(0, hits / hits[-1]), hits / (hits + false)
    return np.repeat(recall, 2)[1:-1], np.repeat(precision, 2)


def area_under(x: Numbers, y: Numbers) -> float:
    """By the trapezoidal rule: for the ROC curve :func:`glassnet.evaluation.area_under_roc`; for the steps of precision
    over recall the average precision."""
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def _counts_above(
    positive: npt.NDArray[np.bool_], scores: Numbers, weights: Numbers | None
) -> tuple[Numbers, Numbers]:
    """The numbers, or weights, of positives and of negatives that score at least each score, from the highest on."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    counted = np.ones(len(scores)) if weights is None else weights
    hits, false = (np.cumsum(np.where(own, counted, 0.0)[order])[last] for own in (positive, ~positive))
    return hits, false
