"""One picture: axes in a theme, with a title, notes and a legend above them, all fitted to the size of the axes.

Nothing here touches Matplotlib's global state: no pyplot, no style sheet, no changed default.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Bbox, ScaledTranslation, Transform, blended_transform_factory

from glassnet.errors import InputTypeError
from glassnet.pictures.layout import PictureLayout
from glassnet.pictures.text_fit import drawable, font_families, shortened, text_width, wrapped
from glassnet.pictures.theme import BODY, DARK, LIGHT, SMALL, TITLE, Theme, luminance, theme_named
from glassnet.pictures.ticks import (
    NumberFormatter,
    NumberLocator,
    is_horizontal,
    length,
    set_categories,
    set_dates,
)

SIZE = (10.0, 6.25)  # inches: a slide is 13.3 wide, so that text grows by a third on it
DPI = 150
FULL_SIZE = (5.6, 4.2)  # inches: in smaller pictures the text is smaller, too
SMALLEST = 0.7  # scale of the text
GAP = 8.0  # points between the axes and the heading
LINE, ENTRY = 1.25, 1.4  # heights of a line of text and of one of the legend, in font sizes
COLUMN = 1.7  # inches: columns of a legend are not made narrower than this to keep it low
MANY_MARKS = 20_000  # more lines or points than this go into an SVG or PDF as one image


class PictureAxes(Axes):
    """Axes that a notebook shows as the picture itself."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        figure_of(self).savefig(buffer, format="png")
        return buffer.getvalue()


def new_axes(theme: str | Theme | None, size: tuple[float, float] = SIZE, columns: int = 1) -> list[Axes]:
    """The axes of a new figure, beside each other."""
    background = theme_named(theme or LIGHT).background
    figure = Figure(figsize=size, dpi=DPI, facecolor=background)
    return [figure.add_subplot(1, columns, at + 1, axes_class=PictureAxes) for at in range(columns)]


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


class Panel:
    """Axes to draw one picture in.

    A picture function makes one, draws into its ``ax``, adds to its ``notes`` and ``legend``, and calls :meth:`finish`.
    An earlier picture in the same axes is removed; what else is in them stays.

    Args:
        ax: axes to draw in; by default those of a new figure of the ``size`` (inches).
        theme: by default the one that suits the background of the figure of ``ax``.
        title: the heading.

    Attributes:
        notes: sentences below the title, the most important first; those without space are left out.
        legend: marks and what they mean; the third, such as a score, is never shortened.
        categories: names of the places 0, 1, 2, ... along an axis.
        dates: axes of dates, in Matplotlib's days.
        beside: other axes of the picture, such as a color bar.
        scale: the factor of all font sizes, below 1 in small axes.
        width, height: the size of the axes in inches.
    """

    def __init__(
        self, ax: Axes | None, theme: str | Theme | None, title: str, size: tuple[float, float] = SIZE
    ) -> None:
        if ax is None:
            ax = new_axes(theme, size)[0]
        elif not isinstance(ax, Axes):
            raise InputTypeError(f"ax is {ax!r:.80}, but must be Matplotlib axes, or None for a new figure.")
        if theme is None:
            self.theme = DARK if luminance(figure_of(ax).get_facecolor()) < 0.2 else LIGHT
        else:
            self.theme = theme_named(theme)
            figure_of(ax).set_facecolor(self.theme.background)
        self.ax, self.title = ax, title
        self.notes: list[str] = []
        self.legend: list[tuple[Artist, str, str]] = []
        self.categories: dict[Axis, Sequence[str]] = {}
        self.dates: list[Axis] = []
        self.beside: list[Axes] = []
        self.scale, (self.width, self.height) = 1.0, size
        self._draw: Callable[[Panel], None] | None = None
        self._drawn: list[Artist] = []
        self._sentences: list[str] = []
        self._bars: list[Colorbar] = []
        self._strips: list[Axes] = []
        self._spec: SubplotSpec | None = None
        self._labels: dict[Axis, str] = {}
        self._fitted = np.zeros(0)
        self._layout = PictureLayout.of(figure_of(ax))
        earlier = self._layout.pictures.pop(ax, None)
        if isinstance(earlier, Panel):
            earlier.remove()
        self._others = ax.get_children()
        self._note = ax.text(0, 1, "", va="bottom", color=self.theme.muted, linespacing=LINE)
        self._note.set_in_layout(False)
        self._style(ax)

    @property
    def small(self) -> float:
        """The font size of most texts, in points."""
        return SMALL * self.scale

    # -- what a picture is made of

    def mark(self, handle: Artist, label: str, value: str = "") -> None:
        """Add an entry to the legend."""
        self.legend.append((handle, label, value))

    def text(
        self, x: float, y: float, text: str, size: float = SMALL, *, outlined: bool = False, **style: Any
    ) -> None:
        """Write into the axes, by default centered at (x, y); ``outlined`` texts can be read on lines and colors."""
        outline = withStroke(linewidth=3 * self.scale, foreground=self.theme.background)
        given = {"ha": "center", "va": "center", "color": self.theme.ink, "zorder": 4, **style}
        self.ax.text(
            x, y, text, fontsize=size * self.scale, path_effects=[outline] if outlined else [], **given
        )

    def color_bar(self, colors: ScalarMappable, label: str) -> None:
        """A bar beside the axes that shows what the ``colors`` mean."""
        bar = self.ax.figure.colorbar(
            colors, ax=self.ax, fraction=0.05, pad=0.02, aspect=30, use_gridspec=False
        )
        self._style(bar.ax)
        bar.ax.xaxis.set_major_locator(NullLocator())
        bar.ax.grid(visible=False)
        bar.outline.set_visible(False)
        bar.set_label(label)
        self.beside.append(bar.ax)
        self._bars.append(bar)

    def split(self, heights: Sequence[float]) -> list[Axes]:
        """Axes below those of the picture, of these heights in that of the first; all share the place of the first."""
        ax, figure = self.ax, self.ax.figure
        spec = ax.get_subplotspec()
        if spec is None and heights:
            x0, y0, x1, y1 = ax.get_position(original=True).extents
            spec = GridSpec(1, 1, figure, left=x0, bottom=y0, right=x1, top=y1)[0]  # type: ignore[arg-type]
            ax.set_in_layout(False)
        if spec is not None and heights:
            self._spec = spec
            grid = spec.subgridspec(1 + len(heights), 1, height_ratios=[1, *heights])
            ax.set_subplotspec(grid[0])
            self._strips = [figure.add_subplot(grid[at + 1], sharex=ax) for at in range(len(heights))]
        for strip in self._strips:
            strip.set_in_layout(ax.get_in_layout())
            self._style(strip)
        self.beside += self._strips
        return self._strips

    def finish(self, draw: Callable[[Panel], None] | None = None) -> Axes:
        """Lay the picture out, now and whenever its size changes; returns its axes.

        Args:
            draw: draws what depends on the size of the axes; its artists are removed before it is called again.
        """
        self._draw, self._sentences = draw, self.notes
        self._place = self.ax.get_position(original=True)
        self._labels = {axis: axis.get_label_text() for axis in self._axes()}
        self._layout.pictures[self.ax] = self
        self._layout.execute(figure_of(self.ax))
        return self.ax

    def is_drawn(self) -> bool:
        """Whether nobody has cleared or removed the axes."""
        return self._note in self.ax.texts and self.ax.figure is not None

    def remove(self) -> None:
        """Remove everything that was drawn."""
        own = [each for each in self.ax.get_children() if each not in self._others]
        for each in (*self._bars, *self._strips, *own):
            each.remove()
        if self._spec is not None:
            self.ax.set_subplotspec(self._spec)
        self.ax.set(xscale="linear", yscale="linear")
        self.ax.set_title("", loc="left")
        self.ax.set_axis_on()
        self.ax.relim()

    # -- fitting

    def fit(self) -> bool:
        """Adapt the text and what :meth:`finish` was given to draw to the current size of the axes."""
        cell, box, dpi = self._cell(), self.ax.get_window_extent(), figure_of(self.ax).dpi
        sizes = np.array([*cell.extents, box.width, box.height, dpi])
        if len(self._fitted) and np.allclose(sizes, self._fitted, rtol=0, atol=0.5):
            return False
        self._fitted = sizes
        self.width, self.height = box.width / dpi, box.height / dpi
        shares = cell.width / dpi / FULL_SIZE[0], cell.height / dpi / FULL_SIZE[1]
        self.scale = float(np.clip(min(shares), SMALLEST, 1))
        for axis in self._axes():
            axis.set_tick_params(which="both", labelsize=self.small)
        if self._draw is not None:
            for artist in self._drawn:
                artist.remove()
            others, self.notes = self.ax.get_children(), list(self._sentences)
            self._draw(self)
            self._drawn = [each for each in self.ax.get_children() if each not in others]
            for artist in self._drawn:
                artist.set_in_layout(False)
        self._fit_axes(cell)
        self._fit_heading(cell)
        texts = [text for ax in (self.ax, *self.beside) for text in ax.findobj(Text)]
        as_written(*(text for text in texts if isinstance(text, Text)))
        return True

    def _axes(self) -> list[Axis]:
        return [axis for ax in (self.ax, *self.beside) for axis in (ax.xaxis, ax.yaxis)]

    def _cell(self) -> Bbox:
        """The place that the axes and all around them may take, in pixels."""
        placed = self.ax.get_position(original=True).transformed(self.ax.figure.transSubfigure)
        boxes = [each.get_tightbbox(for_layout_only=True) for each in (self.ax, *self.beside)]
        return Bbox.union([placed, *(box for box in boxes if box is not None)])

    def _fit_axes(self, cell: Bbox) -> None:
        """The labels of the axes and of categories: broken into lines, or shortened, where they are too long."""
        dpi = figure_of(self.ax).dpi
        size = self.small
        for axis, names in self.categories.items():
            if is_horizontal(axis):
                longest = self.width / len(names) - 0.1
                upright = max(text_width(name, size) for name in names) > longest
                longest = 0.25 * cell.height / dpi if upright else longest
            else:
                upright, longest = False, max(0.36 * cell.width, cell.width - cell.height) / dpi
            longest = min(longest, 2.4)
            set_categories(axis, [shortened(name, size, longest) for name in names], upright=upright)
            as_written(*axis.get_ticklabels())
        for axis in self._axes():
            label = self._labels[axis]
            if axis in self.dates and (common := set_dates(axis)):
                label = f"{label} ({common})"
            size = BODY * self.scale
            box = axis.axes.get_window_extent()
            longest = length(axis)
            if is_horizontal(axis):
                middle = (box.x0 + box.x1) / 2
                longest = max(longest, 2 * min(middle - cell.x0, cell.x1 - middle) / dpi)
            axis.set_label_text("\n".join(wrapped(label, size, longest, most=2)), fontsize=size)

    def _fit_heading(self, cell: Bbox) -> None:
        """Title, notes and legend, above each other and as wide as the whole picture."""
        dpi = figure_of(self.ax).dpi
        width, small = cell.width / dpi, self.small
        lines = int(0.42 * cell.height / dpi * 72 / small / ENTRY)  # so many at most
        title = wrapped(self.title, TITLE * self.scale, width, "bold", most=2 if lines > 4 else 1)
        lines -= 2 * len(title)
        entries = self._fit_legend(cell, max(lines - 1, 1))
        height = GAP * self.scale + entries * ENTRY * small
        self._note.set(
            text="\n".join(self._fit_notes(width, max(lines - entries, 0))),
            fontsize=small,
            transform=self._above(cell, height),
        )
        as_written(self._note)
        # Measured, since letters such as Ǻ make their line higher.
        height += self._note.get_window_extent().height / dpi * 72 if self._note.get_text() else 0
        text = self.ax.set_title(
            "\n".join(title) or " ",
            loc="left",
            color=self.theme.ink,
            fontsize=TITLE * self.scale,
            fontweight="bold",
            va="bottom",
        )
        # Layouts make space for a title, and so for all that is below it.
        text.set_transform(self._above(cell, height + 0.3 * small))
        if not self._is_placed():
            taken = (
                (height + len(title) * TITLE * self.scale * LINE) / 72 / figure_of(self.ax).get_figheight()
            )
            x, y, wide, high = self._place.bounds
            self.ax.set_position((x, y, wide, high - min(taken, high / 2)))

    def _is_placed(self) -> bool:
        """Whether a layout or another locator places the axes."""
        if self.ax.get_axes_locator() is not None:
            return True
        return self.ax.get_subplotspec() is not None and self.ax.get_in_layout()

    def _above(self, cell: Bbox, height: float) -> Transform:
        """Coordinates from the left edge of the picture, and so many points above the axes (1)."""
        figure = figure_of(self.ax)
        left = ScaledTranslation(cell.x0 / figure.dpi, 0, figure.dpi_scale_trans)
        up = ScaledTranslation(0, height / 72, figure.dpi_scale_trans)
        return blended_transform_factory(left, self.ax.transAxes + up)

    def _fit_notes(self, width: float, most: int) -> list[str]:
        """As many whole sentences as there are lines for."""
        size = self.small
        for count in range(len(self.notes), 0, -1):
            lines = wrapped(" ".join(filter(None, self.notes[:count])), size, width)
            if len(lines) <= most:
                return lines
        return wrapped(self.notes[0], size, width, most=most) if self.notes and most else []

    def _fit_legend(self, cell: Bbox, most: int) -> int:
        """A legend above the axes, of at most so many lines; returns how many it has."""
        if not self.legend:
            return 0
        size, entries = self.small, list(self.legend)
        width = cell.width / figure_of(self.ax).dpi
        inch = size / 72
        around, between = 3.5 * inch, 1.2 * inch  # of an entry: its mark and what parts it from the next
        widest = max(text_width(label + value, size) for _, label, value in entries)
        columns = int((width + between) / (widest + around))
        columns = max(columns, min(math.ceil(len(entries) / most), int(width / COLUMN / self.scale)), 1)
        if len(entries) > columns * most:
            kept = columns * most - 1
            rest = f"+ {len(entries) - kept} more"
            entries = [*entries[:kept], (Line2D([], [], linestyle="none"), rest, "")]
        rows = math.ceil(len(entries) / columns)
        columns = math.ceil(len(entries) / rows)
        longest = (width + between) / columns - around
        legend = self.ax.legend(
            [handle for handle, _, _ in entries],
            ["-"] * len(entries),  # some versions leave out labels that start with "_"
            loc="lower left",
            bbox_to_anchor=(0, 1),
            bbox_transform=self._above(cell, GAP * self.scale),
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
        return rows

    def _style(self, ax: Axes) -> None:
        theme = self.theme
        ax.set_facecolor(theme.background)
        ax.tick_params(which="both", colors=theme.ink, labelsize=SMALL, length=0)
        ax.tick_params(axis="x", which="both", pad=7)  # away from the lowest label of the other axis
        ax.grid(True, color=theme.grid, linewidth=0.8)
        ax.set_axisbelow(True)
        for side, spine in ax.spines.items():
            spine.set_color(theme.muted)
            spine.set_visible(side in ("left", "bottom"))
        for axis in (ax.xaxis, ax.yaxis):
            axis.label.set(color=theme.ink, fontsize=BODY)
            axis.set_major_formatter(NumberFormatter())
            axis.set_major_locator(NumberLocator())


def as_written(*texts: Text) -> None:
    """No ``$`` of a user's text is taken for mathematics; other fonts have the characters that the first lacks."""
    for text in texts:
        text.set_parse_math(False)
        text.set_fontfamily(list(dict.fromkeys([*text.get_fontfamily(), *font_families()])))
