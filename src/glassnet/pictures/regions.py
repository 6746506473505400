"""Regions of a grid, one for each class that is predicted somewhere: their borders and names.

Seven pale colors cannot be told apart by everybody; borders and names can be read without them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection

from glassnet.pictures.panel import Panel
from glassnet.pictures.text_fit import shortened, text_width

Classes = npt.NDArray[np.intp]
LONGEST = 2.0  # inches of a name


def draw_borders(panel: Panel, classes: Classes) -> None:
    """Lines between the cells of ``classes`` (rows, columns) that differ, over the whole axes."""
    rows, columns = classes.shape
    beside = np.argwhere(classes[:, 1:] != classes[:, :-1])
    above = np.argwhere(classes[1:] != classes[:-1])
    vertical = [((x + 1, y), (x + 1, y + 1)) for y, x in beside]
    horizontal = [((x, y + 1), (x + 1, y + 1)) for y, x in above]
    lines = np.array([*vertical, *horizontal], np.float64).reshape(-1, 2, 2) / (columns, rows)
    collection = LineCollection(
        list(lines), colors=panel.theme.ink, linewidths=0.8, transform=panel.ax.transAxes, zorder=1
    )
    panel.ax.add_collection(collection, autolim=False)


def name_regions(panel: Panel, classes: Classes, names: Mapping[int, str]) -> None:
    """Write each name once within the cells of its class, if there is space for it."""
    rows, columns = classes.shape
    size = panel.small
    for code, name in names.items():
        text = shortened(name, size, LONGEST)
        wide = int(np.ceil((text_width(text, size) + 0.1) / panel.width * columns))
        high = int(np.ceil((1.4 * size / 72) / panel.height * rows))
        place = _within(classes == code, high, wide)
        if place is not None:
            x, y = (place[1] + wide / 2) / columns, (place[0] + high / 2) / rows
            panel.text(x, y, text, outlined=True, transform=panel.ax.transAxes)


def _within(inside: npt.NDArray[np.bool_], high: int, wide: int) -> tuple[int, int] | None:
    """The lowest row and column of a rectangle of this size whose cells are all ``inside``: of those in the largest
    such rectangle of this shape, so that it keeps away from the borders."""
    sums = np.pad(inside.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    for factor in (3.0, 2.0, 1.5, 1.2, 1.0):
        h, w = int(high * factor), int(wide * factor)
        if h > inside.shape[0] or w > inside.shape[1]:
            continue
        full = sums[h:, w:] - sums[:-h, w:] - sums[h:, :-w] + sums[:-h, :-w] == h * w
        found = np.argwhere(full)
        if len(found):
            middle = found[np.abs(found - found.mean(axis=0)).sum(axis=1).argmin()]
            return int(middle[0] + (h - high) // 2), int(middle[1] + (w - wide) // 2)
    return None
