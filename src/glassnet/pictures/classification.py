"""How good the classes are: confusion matrix and reliability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from glassnet.inside.checks import whole_number
from glassnet.pictures import prediction_data
from glassnet.pictures.axes_style import canvas, finish, inches, label_ticks, name_ticks
from glassnet.pictures.prediction_data import Numbers
from glassnet.pictures.text_fit import counted, shortened, text_width
from glassnet.pictures.theme import SMALL, Theme, ink_on
from glassnet.pictures.titles import heading

MOST_CLASSES = 25  # rows and columns of a confusion matrix; further classes are drawn as one
COUNTS = (14.0, 12.0, SMALL, 9.0)  # points of the numbers in it
ABOVE = 0.6  # inches of a heading of two lines
ROOMY = 5.0  # inches of axes that let circles be as large as they get


def confusion(
    source: Any,
    other: Any = None,
    *,
    classes: npt.ArrayLike | None = None,
    title: str = "Confusion matrix",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """How many rows of each actual class (down) were given each predicted class (across).

    Color is the share of the actual class. Of more than 25 classes, those with the most mistakes are
    drawn, and all the others together as one.

    Args:
        source: a model, with a table as ``other`` (without one, its held-out rows); an evaluation; or the
            actual labels (N,), with the predicted ones as ``other``.
        classes: the labels in the order to draw them; by default a model's own order, or sorted.
    """
    actual, predicted, known = prediction_data.labels(source, other)
    names = list(map(str, np.asarray(classes).tolist())) if classes is not None else list(known or ())
    names += sorted({*actual, *predicted} - {*names})
    counts = _count(actual, predicted, names)
    right, total = int(np.trace(counts)), int(counts.sum())
    counts, names, lumped = _lumped(counts, names)

    axes, chosen = canvas(ax, theme, (8.5, 7.4) if len(names) > 8 else (8.5, 6.6))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap=chosen.sequential, vmin=0, vmax=1, aspect="equal", interpolation="nearest")
    axes.grid(visible=False)
    width, height = inches(axes)
    room = min(width, height) / len(names)
    upright = max(text_width(name, SMALL) for name in names) > room - 0.08
    across = [shortened(name, SMALL, min(1.2, 0.2 * height) if upright else room) for name in names]
    tall = max(text_width(name, SMALL) for name in across) if upright else 0.0
    beside = width - (height - ABOVE - tall)  # what a square leaves
    down = [shortened(name, SMALL, max(min(1.7, 0.25 * width), beside)) for name in names]
    if upright:
        name_ticks(axes.xaxis, across, rotation=90)
    else:
        label_ticks(axes.xaxis, range(len(names)), across)
    name_ticks(axes.yaxis, down)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    facts = [f"{counted(total, 'row')}, {right / total:.1%} right. Color: share of the actual class."]
    if lumped:
        facts.append(
            f"Of {lumped + len(names) - 1:,} classes, those with the most mistakes; the others together."
        )
    heading(axes, chosen, title, *facts)
    widest = f"{int(counts.max()):,}"
    needed = {size: max(text_width(widest, size) + 0.06, size / 60) for size in COUNTS}
    for (row, column), count in np.ndenumerate(counts):
        color = ink_on(chosen.sequential(shares[row, column])[:3])
        axes.add_artist(_Count(column, row, f"{count:,}", color, len(names), needed))
    return finish(axes)


class _Count(Text):
    """A number in a cell of a matrix, as large as all of them fit at the moment of drawing, and unseen where they do
    not: a layout makes the cells smaller when other pictures join. ``needed`` are the inches that sizes need."""

    def __init__(
        self, column: int, row: int, text: str, color: str, cells: int, needed: Mapping[float, float]
    ) -> None:
        self.cells, self.needed = cells, needed
        super().__init__(column, row, text, color=color, ha="center", va="center")

    def get_visible(self) -> bool:
        if self.axes is None:
            return True
        box, dpi = self.axes.get_window_extent(), self.axes.get_figure(root=True).dpi  # type: ignore[union-attr]
        room = min(box.width, box.height) / dpi / self.cells
        size = next((size for size, inches in self.needed.items() if inches < room), None)
        if size not in (None, self.get_fontsize()):
            self.set_fontsize(size)
        return size is not None


def _count(actual: list[str], predicted: list[str], names: list[str]) -> npt.NDArray[np.int64]:
    place = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), np.int64)
    np.add.at(counts, ([place[each] for each in actual], [place[each] for each in predicted]), 1)
    return counts


def _lumped(counts: npt.NDArray[np.int64], names: list[str]) -> tuple[npt.NDArray[np.int64], list[str], int]:
    """The classes with the most mistakes, and the ``lumped`` others as one, so that no row is lost."""
    if len(names) <= MOST_CLASSES:
        return counts, names, 0
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    kept = np.sort(np.argsort(-mistakes, kind="stable")[: MOST_CLASSES - 1])
    group = np.full(len(names), len(kept))
    group[kept] = np.arange(len(kept))
    small = np.zeros((len(kept) + 1,) * 2, np.int64)
    np.add.at(small, (group[:, None], group[None, :]), counts)
    lumped = len(names) - len(kept)
    return small, [*(names[at] for at in kept), f"{lumped:,} others"], lumped


def reliability(
    source: Any,
    other: Any = None,
    *,
    classes: npt.ArrayLike | None = None,
    bins: int = 10,
    title: str = "Reliability of the probabilities",
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """Of the rows that were given a probability, how many came true: on the diagonal, as many as were said.

    For two classes it is the probability of the second; for several, that of the predicted class. Bars
    reach over the 95 % interval (Wilson, 1927); a circle's area grows with its rows.

    Args:
        source: a model, with a table that has the target as ``other``; or the actual labels (N,), with
            the chances as ``other``: (N,) of the second of two classes, or (N, C) in the order of ``classes``.
        bins: how many bins of equal width.
    """
    whole_number("bins", bins)
    given = prediction_data.chances(source, other, classes)
    if len(given.classes) == 2:
        said, true, what = given.chances[:, 1], given.codes == 1, given.classes[1]
    else:
        said = given.chances.max(axis=1)
        true, what = given.chances.argmax(axis=1) == given.codes, "the predicted class"
    at = np.clip((said * bins).astype(int), 0, bins - 1)
    counts = np.bincount(at, minlength=bins)
    full = counts > 0
    means = np.bincount(at, said, bins)[full] / counts[full]
    shares = np.bincount(at, true, bins)[full] / counts[full]
    gap = float((np.abs(means - shares) * counts[full]).sum() / counts.sum())

    axes, chosen = canvas(ax, theme, (8.5, 7.4))
    axes.plot([0, 1], [0, 1], color=chosen.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=1)
    low, high = _wilson(shares, counts[full])
    axes.vlines(means, low, high, color=chosen.positive, linewidth=2, alpha=0.6, zorder=2)
    circles = axes.scatter(
        means,
        shares,
        color=chosen.positive,
        edgecolors=chosen.background,
        zorder=3,
        clip_on=False,
    )
    axes.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), aspect="equal")
    axes.set_xlabel(f"predicted probability of {what}")
    axes.set_ylabel("share that came true")
    facts = (
        f"{counted(int(counts.sum()), 'row')}; "
        f"on average {gap:.3f} between said and seen (expected calibration error). The larger a circle, the more rows."
    )
    key: list[tuple[Artist, str]] = [
        (
            Line2D([], [], color=chosen.positive, marker="o", markersize=8, linewidth=2),
            "seen, with 95 % interval",
        ),
        (Line2D([], [], color=chosen.muted, linewidth=1.5, linestyle=(0, (4, 3))), "as said"),
    ]
    room = min(heading(axes, chosen, title, facts, key=key))
    circles.set_sizes((30 + 370 * counts[full] / counts.max()) * min(1.0, room / ROOMY))
    return finish(axes)


def _wilson(shares: Numbers, counts: npt.NDArray[np.int64], z: float = 1.96) -> tuple[Numbers, Numbers]:
    """The interval for a share; Wilson, *Probable inference* (1927)."""
    spread = 1 + z**2 / counts
    center = (shares + z**2 / (2 * counts)) / spread
    half = z / spread * np.sqrt(shares * (1 - shares) / counts + z**2 / (4 * counts**2))
    return np.clip(center - half, 0, 1), np.clip(center + half, 0, 1)
