"""The heading of a picture: its title, notes and legend, as wide as the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox, ScaledTranslation, Transform, blended_transform_factory

from glassnet.pictures.figure import as_written, figure_of
from glassnet.pictures.text_fit import shortened, text_width, wrapped
from glassnet.pictures.theme import SMALL, TITLE, Theme

SHARE = 0.42  # of the height of a picture, at most
GAP = 8.0  # points below the heading
LINE, ENTRY = 1.25, 1.4  # heights of a line of text and of one of the legend, in font sizes
MOST_ROWS = 5  # of a legend
COLUMN = 1.7  # inches: columns of a legend are not made narrower than this to keep it low


@dataclass
class Heading:
    """Title, notes and legend of the picture in ``ax``, in this order from top to bottom.

    Attributes:
        notes: sentences below the title, the most important first; those without space are left out.
        legend: marks and what they mean; the third, such as a score, is never shortened.
    """

    ax: Axes
    theme: Theme
    title: str
    notes: list[str] = field(default_factory=list)
    legend: list[tuple[Artist, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.note = self.ax.text(0, 1, "", va="bottom", color=self.theme.muted, linespacing=LINE, gid="notes")
        self.note.set_in_layout(False)

    def fit(self, cell: Bbox, scale: float) -> float:
        """Write everything above the axes, as wide as ``cell`` (pixels); returns the height in points."""
        dpi, small = figure_of(self.ax).dpi, SMALL * scale
        width, left = cell.width / dpi, SHARE * cell.height / dpi * 72
        title = wrapped(self.title, TITLE * scale, width, "bold", most=2 if left > 7 * small else 1)
        left -= len(title) * TITLE * scale * LINE
        height = self._fit_legend(cell, small, int(np.clip(left / small / ENTRY - 1, 2, MOST_ROWS)))
        height += GAP * scale * (1.6 if height else 1)
        lines = max(int((left - height) / small / LINE), 1)
        self.note.set(text="\n".join(self._fit_notes(width, small, lines)), fontsize=small)
        self.note.set_transform(self._above(cell, height))
        as_written(self.note)
        if self.note.get_text():  # measured, since letters such as Ǻ make their line higher
            height += self.note.get_window_extent().height / dpi * 72 + 0.3 * small
        text = self.ax.set_title(
            "\n".join(title) or " ",
            loc="left",
            color=self.theme.ink,
            fontsize=TITLE * scale,
            fontweight="bold",
            va="bottom",
        )
        as_written(text)
        text.set_transform(
            self._above(cell, height)
        )  # layouts make space for a title, and so for all below it
        return height + len(title) * TITLE * scale * LINE

    def _above(self, cell: Bbox, height: float) -> Transform:
        """Coordinates from the left edge of the picture, and so many points above the axes (1)."""
        figure = figure_of(self.ax)
        left = ScaledTranslation(cell.x0 / figure.dpi, 0, figure.dpi_scale_trans)
        up = ScaledTranslation(0, height / 72, figure.dpi_scale_trans)
        return blended_transform_factory(left, self.ax.transAxes + up)

    def _fit_notes(self, width: float, size: float, most: int) -> list[str]:
        """As many whole sentences as there are lines for, and the start of the first in any case."""
        notes = list(filter(None, self.notes))
        for count in range(len(notes), 0, -1):
            lines = wrapped(" ".join(notes[:count]), size, width)
            if len(lines) <= most:
                return lines
        return wrapped(notes[0], size, width, most=most) if notes else []

    def _fit_legend(self, cell: Bbox, size: float, most: int) -> float:
        """A legend of at most so many lines, and the number of the marks that it leaves out; returns its height."""
        entries, dpi = list(self.legend), figure_of(self.ax).dpi
        if not entries:
            return 0.0
        width, inch = cell.width / dpi, size / 72
        mark, between = 2.3 * inch, 1.2 * inch  # the mark of an entry, and the space to the next
        widest = max(text_width(label + value, size) for _, label, value in entries)
        columns = int((width + between) / (widest + mark + between))
        columns = max(columns, min(math.ceil(len(entries) / most), int(width / COLUMN / (size / SMALL))), 1)
        if len(entries) > columns * most:
            kept = columns * most - 1
            rest = f"+ {len(entries) - kept} more"
            entries = [*entries[:kept], (Line2D([], [], linestyle="none"), rest, "")]
        columns = math.ceil(len(entries) / math.ceil(len(entries) / columns))
        longest = (width + between) / columns - mark - between
        legend = self.ax.legend(
            [handle for handle, _, _ in entries],
            ["-"] * len(entries),  # some versions leave out labels that start with "_"
            loc="lower left",
            bbox_to_anchor=(0, 1),
            bbox_transform=self._above(cell, GAP * size / SMALL),
            ncols=columns,
            fontsize=size,
            labelcolor=self.theme.ink,
            frameon=False,
            borderaxespad=0,
            borderpad=0,
            handlelength=1.5,
            columnspacing=1.2,
            labelspacing=ENTRY - 1,
        )
        legend.set_in_layout(False)
        for text, (_, label, value) in zip(legend.get_texts(), entries, strict=True):
            text.set_text(shortened(label, size, longest - text_width(value, size)) + value)
            as_written(text)
        return legend.get_window_extent().height / dpi * 72
