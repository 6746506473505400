"""Axes to draw in: their colors, their ticks, a color bar beside them, and how large they are.

Nothing here touches Matplotlib's global state: no pyplot, no style sheet, no changed default. A picture
without axes of its own gets a plain :class:`~matplotlib.figure.Figure`, which goes when nobody holds it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine, PlaceHolderLayoutEngine
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter
from matplotlib.transforms import Bbox

from glassnet.errors import InputTypeError
from glassnet.pictures.text_fit import font_families
from glassnet.pictures.theme import BODY, DARK, LIGHT, SMALL, Theme, luminance, theme_named

SIZE = (10.0, 6.25)  # inches: a slide is 13.3 wide, so that text grows by a third on it
DPI = 150
MARGIN = 0.14  # inches around everything
MANY_MARKS = 20_000  # beyond this, lines and points go into an SVG or PDF as one image


class PictureAxes(Axes):
    """Axes that a notebook shows as the picture itself."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.get_figure(root=True).savefig(buffer, format="png")  # type: ignore[union-attr]
        return buffer.getvalue()


class PlainNumbers(Formatter):
    """Ticks that say their numbers in full: Matplotlib writes a power of ten that they share into a corner, where it
    is overlooked, and in the way of a legend."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All with as many decimals as tell neighbors apart; very large and very small ones in powers of ten."""
        places = np.unique(values)
        largest = float(np.abs(places).max(initial=0.0))
        power = math.floor(math.log10(largest)) if largest and not 1e-4 <= largest < 1e7 else 0
        scaled = places / 10.0**power
        step = float(np.diff(scaled).min(initial=1.0))
        exact = (
            decimals for decimals in range(12) if np.allclose(scaled.round(decimals), scaled, 0, step / 50)
        )
        decimals = next(exact, 12)
        said = (f"{value / 10.0**power:,.{decimals}f}" for value in values)
        end = f"e{power}" if power else ""
        return [f"{text}{end}".replace("-", "−") if float(text.replace(",", "")) else "0" for text in said]


def figure_of(theme: str | Theme | None, size: tuple[float, float] = SIZE, *, panels: int = 1) -> list[Axes]:
    """The axes of a new figure: ``panels`` of them beside each other."""
    chosen = theme_named(theme or LIGHT)
    figure = Figure(figsize=size, dpi=DPI, layout=_layout(), facecolor=chosen.background)
    return [figure.add_subplot(1, panels, place + 1, axes_class=PictureAxes) for place in range(panels)]


def canvas(
    ax: Axes | None, theme: str | Theme | None, size: tuple[float, float] = SIZE
) -> tuple[Axes, Theme]:
    """Axes to draw in, dressed, and their theme.

    Without a ``theme``, axes that were given get the one that suits their figure's background; a
    ``theme`` that is asked for paints that background too.
    """
    if ax is None:
        chosen = theme_named(theme or LIGHT)
        ax = figure_of(chosen, size)[0]
    elif not isinstance(ax, Axes):
        raise InputTypeError(
            f"ax is {ax!r:.80}, but must be Matplotlib axes, or None for a figure of its own."
        )
    elif theme is None:
        chosen = DARK if luminance(ax.figure.get_facecolor()) < 0.2 else LIGHT
    else:
        chosen = theme_named(theme)
        ax.figure.set_facecolor(chosen.background)
    _dress(ax, chosen)
    return ax, chosen


def _dress(ax: Axes, theme: Theme) -> None:
    ax.set_facecolor(theme.background)
    ax.tick_params(which="both", colors=theme.ink, labelsize=SMALL, length=0)
    ax.tick_params(axis="x", which="both", pad=8)  # away from the lowest one of the other axis
    ax.grid(True, color=theme.grid, linewidth=0.8)
    ax.set_axisbelow(True)
    for side, spine in ax.spines.items():
        spine.set_color(theme.muted)
        spine.set_visible(side in ("left", "bottom"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=theme.ink, fontsize=BODY)
        plain(axis.label)
        axis.set_major_formatter(PlainNumbers())


def plain(*texts: Text) -> None:
    """Before a text is first measured: no ``$`` of a person's is taken for mathematics, which may even have faults;
    fonts have successors."""
    for text in texts:
        text.set_parse_math(False)
        text.set_fontfamily(list(dict.fromkeys([*text.get_fontfamily(), *font_families()])))


def finish(ax: Axes) -> Axes:
    """Last touches to every text."""
    plain(*(text for text in ax.findobj(Text) if isinstance(text, Text)))
    figure = ax.get_figure(root=True)
    assert figure is not None
    if _engine(figure) is None:
        inches(ax)
    return ax


def color_bar(ax: Axes, theme: Theme, colors: ScalarMappable, label: str) -> Axes:
    """A bar beside the axes that says what the ``colors`` mean; returns its axes."""
    bar = ax.figure.colorbar(
        colors, ax=ax, fraction=0.05, pad=0.02, aspect=30, format=PlainNumbers(), use_gridspec=False
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=theme.ink, labelsize=SMALL, length=0)
    bar.set_label(label, color=theme.ink, fontsize=SMALL)
    plain(bar.ax.xaxis.label, bar.ax.yaxis.label)
    return bar.ax


def inches(ax: Axes) -> tuple[float, float]:
    """The width and height of the axes, once a layout has made room for what is around them so far."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    if laid_out(ax):
        (_engine(figure) or _layout()).execute(figure)
    locator: Callable[..., Bbox] | None = ax.get_axes_locator()
    ax.apply_aspect(None if locator is None else locator(ax, None))
    box = ax.get_window_extent()
    return box.width / figure.dpi, box.height / figure.dpi


def redraw_when_resized(ax: Axes, draw: Callable[[Axes], object]) -> None:
    """Have ``draw`` called before the axes are drawn in a figure of another size than now; it takes the place of an
    earlier one."""
    if isinstance(ax.get_axes_locator(), (NoneType, _Redrawn)):
        ax.set_axes_locator(_Redrawn(ax, draw))


class _Redrawn:
    """Matplotlib asks a locator where the axes are, before it draws them and before a layout moves them."""

    def __init__(self, ax: Axes, draw: Callable[[Axes], object]) -> None:
        self.ax, self.draw, self.size = ax, draw, _size(ax)

    def __call__(self, ax: object, renderer: object) -> Bbox:
        if self.size != _size(self.ax):
            self.size = _size(self.ax)  # first, since drawing asks where the axes are
            self.draw(self.ax)
        return self.ax.get_position(original=True)

    def get_subplotspec(self) -> SubplotSpec | None:
        """Asked for by ``tight_layout``."""
        return self.ax.get_subplotspec()


def _size(ax: Axes) -> tuple[float, ...]:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return tuple(figure.get_size_inches().tolist())


def label_ticks(axis: Axis, places: Sequence[float], labels: Sequence[str], **style: Any) -> None:
    """Ticks that say words."""
    axis.set_ticks(places, labels, **style)
    plain(*axis.get_ticklabels())


def name_ticks(axis: Axis, names: Sequence[str], **style: Any) -> None:
    """Names at 0, 1, 2 and so on: lines of text beside an axis, or under it upright. Of more than have room at the
    moment of drawing, every second or third."""
    label_ticks(axis, range(len(names)), names, **style)
    axis.set_major_locator(_Lines(axis, len(names)))
    axis.set_major_formatter(FuncFormatter(lambda place, _: names[round(place)]))


class _Lines(FixedLocator):
    """As many places as have a line of text between them and the next."""

    def __init__(self, beside: Axis, count: int) -> None:
        super().__init__(range(count))
        self.beside = beside

    def __call__(self) -> Any:
        box, figure = self.beside.axes.get_window_extent(), self.beside.axes.figure
        along = box.width if self.beside.axis_name == "x" else box.height  # type: ignore[attr-defined]
        low, high = sorted(self.beside.get_view_interval())
        pitch = max(along / (high - low) / figure.dpi * 72, 1e-3)
        return np.asarray(super().__call__())[:: math.ceil(SMALL / pitch)]


def laid_out(ax: Axes) -> bool:
    """Whether a layout makes room around the axes: their figure's, or once, where it has none, ours."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return _engine(figure) is not None or ax.get_subplotspec() is not None


def _engine(figure: Figure) -> LayoutEngine | None:
    engine = figure.get_layout_engine()
    return None if isinstance(engine, PlaceHolderLayoutEngine) else engine


def _layout() -> ConstrainedLayoutEngine:
    return ConstrainedLayoutEngine(w_pad=MARGIN, h_pad=MARGIN)
