"""One picture: axes in a theme, with a heading above them, all fitted to the size of the axes.

Nothing here touches Matplotlib's global state: no pyplot, no style sheet, no changed default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection, PathCollection
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import Bbox

from glassnet.errors import InputTypeError
from glassnet.pictures.figure import SIZE, as_written, figure_of, new_axes, style_axes
from glassnet.pictures.heading import Heading
from glassnet.pictures.layout import PictureLayout
from glassnet.pictures.text_fit import drawable, number, shortened, text_width, wrapped
from glassnet.pictures.theme import BODY, DARK, LIGHT, SMALL, Theme, luminance, theme_named
from glassnet.pictures.ticks import is_horizontal, length, set_categories, set_dates

FULL_SIZE = (5.6, 4.2)  # inches: in smaller pictures text and lines are smaller, too
SMALLEST = 0.7  # their scale
MANY_MARKS = 20_000  # more lines or points than this go into an SVG or PDF as one image


class Style(TypedDict, total=False):
    """The keyword arguments of every picture.

    Attributes:
        title: the heading, in place of the picture's own.
        prefix: what stands before the picture's own heading, such as ``"Network 0 of 5"``.
        ax: axes to draw in; by default those of a new figure.
        theme: ``"light"``, ``"dark"`` or a :class:`~glassnet.pictures.Theme`; by default the one that suits the
            background of the figure of ``ax``.
    """

    title: str | None
    prefix: str
    ax: Axes | None
    theme: str | Theme | None


class Panel:
    """Axes to draw one picture in.

    A picture function makes one, draws into its ``ax``, describes what it draws by :meth:`note` and :meth:`mark`, and
    calls :meth:`finish`. An earlier picture in the same axes is removed; what else is in them stays.

    Args:
        default_title: the title, unless another is passed.
        size: of a new figure, in inches.
        title, prefix, ax, theme: see :class:`Style`.

    Attributes:
        categories: names of the places 0, 1, 2, ... along an axis.
        dates: axes of dates, in Matplotlib's days.
        scale: the factor of all font sizes and line widths, below 1 in small axes.
        width, height: the size of the axes in inches.
    """

    def __init__(
        self,
        default_title: str,
        size: tuple[float, float] = SIZE,
        *,
        title: str | None = None,
        prefix: str = "",
        ax: Axes | None = None,
        theme: str | Theme | None = None,
    ) -> None:
        if prefix:
            default_title = f"{prefix}: {default_title[0].lower()}{default_title[1:]}"
        if ax is None:
            ax = new_axes(theme, size)[0]
        elif not isinstance(ax, Axes):
            raise InputTypeError(f"ax is {ax!r:.80}, but must be Matplotlib axes, or None for a new figure.")
        if theme is None:
            self.theme = DARK if luminance(figure_of(ax).get_facecolor()) < 0.2 else LIGHT
        else:
            self.theme = theme_named(theme)
            figure_of(ax).set_facecolor(self.theme.background)
        self.ax = ax
        self.categories: dict[Axis, Sequence[str]] = {}
        self.dates: list[Axis] = []
        self.scale, (self.width, self.height) = 1.0, size
        self._draw: Callable[[Panel], None] | None = None
        self._drawn: list[Artist] = []
        self._notes: list[str] = []
        self._bars: list[Colorbar] = []
        self._strips: list[Axes] = []
        self._spec: SubplotSpec | None = None
        self._fitted = np.zeros(0)
        self._layout = PictureLayout.of(figure_of(ax))
        earlier = self._layout.pictures.pop(ax, None)
        if isinstance(earlier, Panel):
            earlier.remove()
        self._others = ax.get_children()
        self._heading = Heading(ax, self.theme, title or default_title)
        style_axes(ax, self.theme)

    @property
    def small(self) -> float:
        """The font size of most texts, in points."""
        return SMALL * self.scale

    # -- what a picture is made of

    def note(self, *sentences: str) -> None:
        """Sentences below the title, the most important first; those without space are left out."""
        self._heading.notes += sentences

    def mark(self, handle: Artist, label: str, value: str = "") -> None:
        """An entry of the legend; the ``value`` behind its label is never shortened."""
        self._heading.legend.append((handle, label, value))

    def text(
        self, x: float, y: float, text: str, size: float = SMALL, *, boxed: bool = False, **style: Any
    ) -> None:
        """Write into the axes, by default centered at (x, y); ``boxed`` texts can be read on lines and colors."""
        box = {"facecolor": self.theme.background, "edgecolor": "none", "pad": 0.8, "alpha": 0.8}
        given = {"ha": "center", "va": "center", "color": self.theme.ink, "zorder": 4, **style}
        self.ax.text(x, y, text, fontsize=size * self.scale, bbox=box if boxed else None, **given)

    def reference(self, x: Sequence[float], y: Sequence[float], label: str) -> None:
        """A dashed line to compare with."""
        (line,) = self.ax.plot(x, y, color=self.theme.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=2.5)
        self.mark(line, label)

    def color_bar(self, colors: ScalarMappable, label: str) -> None:
        """A bar beside the axes that shows what the ``colors`` mean."""
        bar = self.ax.figure.colorbar(
            colors, ax=self.ax, fraction=0.05, pad=0.02, aspect=30, use_gridspec=False
        )
        style_axes(bar.ax, self.theme)
        bar.ax.xaxis.set_major_locator(NullLocator())
        if isinstance(colors.norm, LogNorm):
            bar.ax.yaxis.set_major_locator(LogLocator())
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        bar.ax.grid(visible=False)
        bar.outline.set_visible(False)
        bar.set_label(label)
        self._bars.append(bar)

    def split(self, heights: Sequence[float]) -> list[Axes]:
        """Axes below those of the picture, of these heights in that of the first; all share the place of the first."""
        ax, figure = self.ax, self.ax.figure
        if not heights:
            return []
        spec = ax.get_subplotspec()
        if spec is None:
            x0, y0, x1, y1 = ax.get_position(original=True).extents
            spec = GridSpec(1, 1, figure, left=x0, bottom=y0, right=x1, top=y1)[0]  # type: ignore[arg-type]
            ax.set_in_layout(False)
        self._spec = spec
        grid = spec.subgridspec(1 + len(heights), 1, height_ratios=[1, *heights])
        ax.set_subplotspec(grid[0])
        self._strips = [figure.add_subplot(grid[at + 1], sharex=ax) for at in range(len(heights))]
        for strip in self._strips:
            strip.set_in_layout(ax.get_in_layout())
            style_axes(strip, self.theme)
        return self._strips

    def finish(self, draw: Callable[[Panel], None] | None = None) -> Axes:
        """Lay the picture out, now and whenever its size changes; returns its axes.

        Args:
            draw: draws what depends on the size of the axes; its artists and notes are removed before the next call.
        """
        self._draw, self._notes = draw, self._heading.notes
        self._place = self.ax.get_position(original=True)
        self._labels = {axis: drawable(axis.get_label_text()) for axis in self._axes()}
        for axis, label in self._labels.items():
            axis.set_label_text(label)
        own = [each for each in self.ax.get_children() if each not in self._others]
        own += [handle for handle, _, _ in self._heading.legend]
        own += [line for strip in self._strips for line in strip.lines]
        self._strokes = [stroke for artist in dict.fromkeys(own) for stroke in _strokes(artist)]
        self._layout.pictures[self.ax] = self
        self._layout.execute(figure_of(self.ax))
        return self.ax

    def is_drawn(self) -> bool:
        """Whether the axes have not been cleared or removed."""
        return self._heading.note in self.ax.texts and self.ax.figure is not None

    def remove(self) -> None:
        """Remove everything that was drawn."""
        own = [each for each in self.ax.get_children() if each not in self._others]
        artists: list[Any] = [*self._bars, *self._strips, *own]
        for artist in artists:
            artist.remove()
        if self._spec is not None:
            self.ax.set_subplotspec(self._spec)
        self.ax.set(xscale="linear", yscale="linear")
        self.ax.set_title("", loc="left")
        self.ax.set_axis_on()
        self.ax.relim()

    # -- fitting

    def fit(self) -> bool:
        """Adapt the text and what :meth:`finish` was given to draw to the current size of the axes."""
        cell, box, figure = self._cell(), self.ax.get_window_extent(), figure_of(self.ax)
        sizes = np.array([*cell.extents, box.width, box.height, figure.dpi])
        if len(self._fitted) and np.allclose(sizes, self._fitted, rtol=0, atol=0.5):
            return False
        self._fitted = sizes
        self.width, self.height = box.width / figure.dpi, box.height / figure.dpi
        self.scale = self._scale()
        for axis in self._axes():
            axis.set_tick_params(which="both", labelsize=self.small)
        for set_size, size, power in self._strokes:
            set_size(size * self.scale**power)
        if self._draw is not None:
            for artist in self._drawn:
                artist.remove()
            others, self._heading.notes = self.ax.get_children(), list(self._notes)
            self._draw(self)
            self._drawn = [each for each in self.ax.get_children() if each not in others]
            for artist in self._drawn:
                artist.set_in_layout(False)
        self._fit_axes(cell)
        height = self._heading.fit(cell, self.scale)
        if self.ax.get_axes_locator() is None and not (self._subplot() and self.ax.get_in_layout()):
            x, y, wide, high = self._place.bounds  # nothing else makes space for the heading
            self.ax.set_position((x, y, wide, high - min(height / 72 / figure.get_figheight(), high / 2)))
        as_written(*(text for ax in self._every() for text in ax.findobj(Text)))
        return True

    def _every(self) -> list[Axes]:
        return [self.ax, *(bar.ax for bar in self._bars), *self._strips]

    def _axes(self) -> list[Axis]:
        return [axis for ax in self._every() for axis in (ax.xaxis, ax.yaxis)]

    def _subplot(self) -> SubplotSpec | None:
        """The place of the picture in a grid."""
        return self._spec or self.ax.get_subplotspec()

    def _cell(self) -> Bbox:
        """The place that the axes and all around them take, in pixels."""
        placed = self.ax.get_position(original=True).transformed(self.ax.figure.transSubfigure)
        boxes = [ax.get_tightbbox(for_layout_only=True) for ax in self._every()]
        return Bbox.union([placed, *(box for box in boxes if box is not None)])

    def _scale(self) -> float:
        """By the size of the picture's place in the figure, which does not depend on what is drawn."""
        figure, spec = self.ax.figure, self._subplot()
        whole = figure.subplotpars
        share = self._place if spec is None else spec.get_position(figure)  # type: ignore[arg-type]
        width = share.width / (whole.right - whole.left) * figure.bbox.width / figure.dpi
        height = share.height / (whole.top - whole.bottom) * figure.bbox.height / figure.dpi
        return float(np.clip(min(width / FULL_SIZE[0], height / FULL_SIZE[1]), SMALLEST, 1))

    def _fit_axes(self, cell: Bbox) -> None:
        """The labels of the axes and of categories: broken into lines, or shortened, where they are too long."""
        dpi, size = figure_of(self.ax).dpi, self.small
        for axis, names in self.categories.items():
            upright, longest = False, min(0.36 * cell.width / dpi, 2.4)
            if is_horizontal(axis):
                longest = self.width / len(names) - 0.1
                upright = longest < min(max(text_width(name, size) for name in names), 5 * size / 72)
                longest = min(0.25 * cell.height / dpi, 2.4) if upright else longest
            set_categories(axis, [shortened(name, size, longest) for name in names], upright=upright)
            as_written(*axis.get_ticklabels())
        for axis, label in self._labels.items():
            common = set_dates(axis) if axis in self.dates else ""
            size = BODY * self.scale
            longest = max(length(axis), 3 * size / 72)
            if is_horizontal(axis):
                box = axis.axes.get_window_extent()
                middle = (box.x0 + box.x1) / 2
                longest = max(longest, 2 * min(middle - cell.x0, cell.x1 - middle) / dpi)
            text = f"{label}, {common}" if common else label
            axis.set_label_text("\n".join(wrapped(text, size, longest, most=2)), fontsize=size)


def _strokes(artist: Artist) -> list[tuple[Callable[..., None], Any, int]]:
    """How to set the widths and sizes of lines and marks, what they are, and how they grow with the scale."""
    if isinstance(artist, Line2D):
        width, size = artist.get_linewidth(), artist.get_markersize()
        return [(artist.set_linewidth, width, 1), (artist.set_markersize, size, 1)]
    if isinstance(artist, PathCollection):
        return [(artist.set_sizes, artist.get_sizes(), 2)]
    if isinstance(artist, Collection):
        return [(artist.set_linewidth, np.asarray(artist.get_linewidth()), 1)]
    return []
