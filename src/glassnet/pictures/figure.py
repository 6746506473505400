"""Figures and axes: new ones, and their style."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from glassnet.pictures.text_fit import font_families
from glassnet.pictures.theme import BODY, LIGHT, SMALL, Theme, theme_named
from glassnet.pictures.ticks import NumberFormatter, NumberLocator

SIZE = (10.0, 6.25)  # inches: a slide is 13.3 wide, so that text grows by a third on it
DPI = 150


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


def dot(color: str, **style: Any) -> Line2D:
    """What a legend shows for dots of this color."""
    return Line2D([], [], color=color, marker="o", markersize=7, linestyle="none", **style)


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def style_axes(ax: Axes, theme: Theme) -> None:
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
        as_written(axis.label)
        axis.set_major_formatter(NumberFormatter())
        axis.set_major_locator(NumberLocator())


def as_written(*texts: Text) -> None:
    """Write ``$`` as it is instead of starting mathematics, and use other fonts for characters that the first lacks."""
    for text in texts:
        text.set_parse_math(False)
        text.set_fontfamily(list(dict.fromkeys([*text.get_fontfamily(), *font_families()])))
