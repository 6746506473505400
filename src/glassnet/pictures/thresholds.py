"""How good the classes are at every threshold: ROC, and precision against recall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.pictures import prediction_data
from glassnet.pictures.axes_style import canvas, finish
from glassnet.pictures.prediction_data import Chances, Numbers
from glassnet.pictures.text_fit import counted, shortened
from glassnet.pictures.theme import SMALL, Theme
from glassnet.pictures.titles import heading

MOST_CURVES = 6  # curves with a color and a name of their own


def roc(
    source: Any,
    other: Any = None,
    *,
    classes: npt.ArrayLike | None = None,
    title: str = "ROC curve",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """How many of a class are found, against how many others are taken for it, at every threshold.

    Two classes give one curve, for the second; several one each against the rest. The hardest six have
    colors, the others are drawn in gray. ``source`` and ``other`` as in :func:`~glassnet.pictures.reliability`.
    """
    given = prediction_data.chances(source, other, classes)
    axes, chosen = canvas(ax, theme, (8.5, 7.4))
    (guessing,) = axes.plot(
        [0, 1], [0, 1], color=chosen.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=1
    )
    axes.set_xlabel("share of the others taken for it (false positives)")
    axes.set_ylabel("share found (true positives)")
    _curves(axes, chosen, given, title, "area", roc_points, (guessing, "guessing"))
    return finish(axes)


def precision_recall(
    source: Any,
    other: Any = None,
    *,
    classes: npt.ArrayLike | None = None,
    title: str = "Precision and recall",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """How many of those taken for a class are of it, against how many of it are found, at every threshold.

    Dots mark each class's share of the rows, the precision of guessing. Otherwise as :func:`roc`.
    """
    given = prediction_data.chances(source, other, classes)
    axes, chosen = canvas(ax, theme, (8.5, 7.4))
    axes.set_xlabel("share of the class that is found (recall)")
    axes.set_ylabel("share right (precision)")
    dot = Line2D([], [], color=chosen.muted, marker="o", markersize=6, linestyle="none")
    guessing = (dot, "guessing: the class's share of the rows")
    _curves(axes, chosen, given, title, "average", precision_recall_points, guessing)
    return finish(axes)


Points = tuple[Numbers, Numbers]


def _curves(
    ax: Axes,
    theme: Theme,
    given: Chances,
    title: str,
    figure: str,
    points: Callable[..., Points],
    guessing: tuple[Artist, str],
) -> None:
    """The curves of all classes; those of the smallest area in color, on top and with names."""
    wanted = [1] if len(given.classes) == 2 else range(len(given.classes))
    found: list[tuple[float, int, Points]] = []
    for at in wanted:
        positive = given.codes == at
        if positive.any() and not positive.all():
            curve = points(positive, given.chances[:, at])
            found.append((area_under(*curve), at, curve))
    found.sort(key=lambda each: each[:2])
    key: list[tuple[Artist, str]] = []
    for rank, (size, at, (across, up)) in reversed(list(enumerate(found))):
        if rank >= MOST_CURVES:
            ax.plot(across, up, color=theme.muted, linewidth=0.8, alpha=0.4, rasterized=len(found) > 200)
            continue
        color = theme.series[rank % len(theme.series)]
        (line,) = ax.plot(across, up, color=color, linewidth=2.2, zorder=3, clip_on=False)
        if figure == "average":
            share = float((given.codes == at).mean())
            ax.plot(
                [1],
                [share],
                marker="o",
                color=color,
                markersize=6,
                zorder=4,
                clip_on=False,
                linestyle="none",
            )
        key.insert(0, (line, f"{shortened(given.classes[at], SMALL, 2)}: {figure} {size:.3f}"))
    rest = len(found) - MOST_CURVES
    if rest > 0:
        faint = Line2D([], [], color=theme.muted, alpha=0.6)
        key.append((faint, "1 other class" if rest == 1 else f"{rest:,} other classes"))
    if found:
        key.append(guessing)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    facts = [f"{counted(len(given.codes), 'row')}."]
    if len(found) > 1:
        facts.append(
            f"Each class against the rest; mean {figure} {np.mean([each[0] for each in found]):.3f}."
        )
    if rest > 0:
        facts.append(f"In color, the {MOST_CURVES} of the smallest {figure}.")
    if len(found) < len(wanted):
        facts.append(
            f"{len(wanted) - len(found):,} without a curve, since no row or every row is of that class."
        )
    heading(ax, theme, title, " ".join(facts), key=key)


def roc_points(positive: npt.NDArray[np.bool_], scores: Numbers) -> Points:
    """False and true positive rates at every threshold, from none to all; equal scores are passed at once."""
    hits, falses = _passed(positive, scores)
    across, up = np.append(0, falses / falses[-1]), np.append(0, hits / hits[-1])
    turns = np.diff(across)[:-1] * np.diff(up)[1:] != np.diff(across)[1:] * np.diff(up)[:-1]
    corners = np.concatenate([[True], turns, [True]])
    return across[corners], up[corners]


def precision_recall_points(positive: npt.NDArray[np.bool_], scores: Numbers) -> Points:
    """Recall, and the precision with which it is first reached, as steps: precision holds for what it added."""
    hits, falses = _passed(positive, scores)
    more = np.diff(hits, prepend=0) > 0
    hits, falses = hits[more], falses[more]
    recall, precision = np.append(0, hits / hits[-1]), hits / (hits + falses)
    return np.repeat(recall, 2)[1:-1], np.repeat(precision, 2)


def area_under(x: Numbers, y: Numbers) -> float:
    """By trapezia: for the ROC curve what :func:`glassnet.evaluation.area_under_roc` counts, ties half; for
    the steps of precision and recall the average precision."""
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def _passed(positive: npt.NDArray[np.bool_], scores: Numbers) -> tuple[Numbers, Numbers]:
    """How many positives and negatives score at least each of the scores, from the highest on."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    hits = np.cumsum(positive[order])[last].astype(np.float64)
    return hits, np.flatnonzero(last) + 1 - hits
