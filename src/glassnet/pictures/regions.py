"""Regions of a grid, one for each class that wins somewhere: their borders, and a place for each one's name.

Seven pale colors cannot be told apart by everybody; borders and names can be read without them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke

from glassnet.pictures.text_fit import shortened, text_width
from glassnet.pictures.theme import SMALL, Theme

Winners = npt.NDArray[np.intp]
MOST = 2.0  # inches of a name


def borders(ax: Axes, theme: Theme, winners: Winners) -> None:
    """Lines between the cells of ``winners`` (rows, columns) that differ, over the whole axes."""
    rows, columns = winners.shape
    beside = np.argwhere(winners[:, 1:] != winners[:, :-1])
    above = np.argwhere(winners[1:] != winners[:-1])
    upright = [((x + 1, y), (x + 1, y + 1)) for y, x in beside]
    level = [((x, y + 1), (x + 1, y + 1)) for y, x in above]
    lines = np.array([*upright, *level], np.float64).reshape(-1, 2, 2) / (columns, rows)
    ax.add_collection(
        LineCollection(list(lines), colors=theme.ink, linewidths=0.8, transform=ax.transAxes, zorder=1),
        autolim=False,
    )


def name_regions(
    ax: Axes, theme: Theme, size: tuple[float, float], winners: Winners, names: dict[int, str]
) -> None:
    """Each name once within the cells of its number, where they have room for it in axes of such a size (inches)."""
    rows, columns = winners.shape
    width, height = size
    for number, name in names.items():
        text = shortened(name, SMALL, MOST)
        wide = int(np.ceil((text_width(text, SMALL) + 0.1) / width * columns))
        high = int(np.ceil((1.4 * SMALL / 72) / height * rows))
        place = _within(winners == number, high, wide)
        if place is not None:
            ax.text(
                (place[1] + wide / 2) / columns,
                (place[0] + high / 2) / rows,
                text,
                transform=ax.transAxes,
                ha="center",
                va="center",
                fontsize=SMALL,
                color=theme.ink,
                zorder=4,
                path_effects=[withStroke(linewidth=3, foreground=theme.background)],
            )


def _within(inside: npt.NDArray[np.bool_], high: int, wide: int) -> tuple[int, int] | None:
    """The lowest row and column of a rectangle of such a size whose cells are all ``inside``: of those in the largest
    such rectangle of this shape, so that it keeps away from the borders."""
    sums = np.pad(inside.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    for more in (3.0, 2.0, 1.5, 1.2, 1.0):
        h, w = int(high * more), int(wide * more)
        if h > inside.shape[0] or w > inside.shape[1]:
            continue
        full = sums[h:, w:] - sums[:-h, w:] - sums[h:, :-w] + sums[:-h, :-w] == h * w
        found = np.argwhere(full)
        if len(found):
            middle = found[np.abs(found - found.mean(axis=0)).sum(axis=1).argmin()]
            return int(middle[0] + (h - high) // 2), int(middle[1] + (w - wide) // 2)
    return None
