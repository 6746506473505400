"""Axes to draw in, and what every picture has around it: heading, legend, colour bar.

Nothing here touches Matplotlib's global state: no pyplot, no style sheet, no changed default. A picture
without axes of its own gets a plain :class:`~matplotlib.figure.Figure`, which goes when nobody holds it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.transforms import offset_copy

from glassnet.errors import InputTypeError
from glassnet.pictures.lettering import font_families, shortened, text_width, wrapped
from glassnet.pictures.theme import BODY, DARK, LIGHT, SMALL, TITLE, Theme, luminance, theme_named

SIZE = (10.0, 6.25)  # inches: a slide is 13.3 wide, so that text grows by a third on it
DPI = 150
MARGIN = 0.14  # inches around everything
GAP, LINE = 8.0, 1.25  # points between parts of a heading; the height of a line in font sizes
MANY_MARKS = 20_000  # beyond this, lines and points go into an SVG or PDF as one image

Key = Sequence[tuple[Artist, str]]  # what a legend explains: a mark, and what it means


class PictureAxes(Axes):
    """Axes that a notebook shows as the picture itself."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.get_figure(root=True).savefig(buffer, format="png")  # type: ignore[union-attr]
        return buffer.getvalue()


def figure_of(theme: str | Theme | None, size: tuple[float, float] = SIZE, *, panels: int = 1) -> list[Axes]:
    """The axes of a new figure: ``panels`` of them beside each other."""
    chosen = theme_named(theme or LIGHT)
    layout = ConstrainedLayoutEngine(w_pad=MARGIN, h_pad=MARGIN)
    figure = Figure(figsize=size, dpi=DPI, layout=layout, facecolor=chosen.background)
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
    ax.grid(True, color=theme.grid, linewidth=0.8)
    ax.set_axisbelow(True)
    for side, spine in ax.spines.items():
        spine.set_color(theme.muted)
        spine.set_visible(side in ("left", "bottom"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=theme.ink, fontsize=BODY)
        axis.get_offset_text().set(color=theme.ink, fontsize=SMALL)


def heading(ax: Axes, theme: Theme, title: str, *facts: str, key: Key = ()) -> None:
    """Above the axes: the title; smaller, the ``facts`` beside the picture; and the ``key`` to its marks.

    To be called when the axes have their labels, which take some of the width that there is.
    """
    width = inches(ax)[0]
    height = GAP + (_legend(ax, theme, key, width) if key else 0.0)
    lines = [line for fact in facts if fact for line in wrapped(fact, SMALL, width)]
    if lines:
        ax.annotate(
            "\n".join(lines),
            (0, 1),
            (0, height),
            xycoords="axes fraction",
            textcoords="offset points",
            va="bottom",
            color=theme.muted,
            fontsize=SMALL,
            linespacing=LINE,
            annotation_clip=False,
        )
        height += len(lines) * SMALL * LINE + GAP / 2
    titles = wrapped(title, TITLE, width, "bold")
    _make_room(ax, height + len(titles) * TITLE * LINE)
    ax.set_title(
        "\n".join(titles), loc="left", pad=height, color=theme.ink, fontsize=TITLE, fontweight="bold"
    )


def _make_room(ax: Axes, height: float) -> None:
    """Where no layout will, lower the axes by the ``height`` (points) of their heading, at most by half."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    if figure.get_layout_engine() is None and ax.get_axes_locator() is None:
        box = ax.get_position(original=True)
        taken = min(height / 72 / figure.get_figheight(), box.height / 2)
        ax.set_position((box.x0, box.y0, box.width, box.height - taken))


def _legend(ax: Axes, theme: Theme, key: Key, width: float) -> float:
    """A legend over the axes in as many columns as fit; returns its height in points."""
    labels = [shortened(label, SMALL, max(width - 0.5, 0.5)) for _, label in key]
    # A label that starts with "_" would be left out.
    labels = [f" {label}" if label.startswith("_") else label for label in labels]
    column = max(text_width(label, SMALL) for label in labels) + 4.3 * SMALL / 72
    rows = math.ceil(len(labels) / max(1, min(len(labels), int(width / column))))
    figure = ax.get_figure(root=True)
    ax.legend(
        [mark for mark, _ in key],
        labels,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=offset_copy(ax.transAxes, figure, y=GAP, units="points"),
        ncols=math.ceil(len(labels) / rows),
        fontsize=SMALL,
        labelcolor=theme.ink,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.8,
        columnspacing=1.5,
        labelspacing=0.4,
    )
    return rows * 1.6 * SMALL + GAP / 2


def finish(ax: Axes) -> Axes:
    """Last touches to every text: no ``$`` of a person's is taken for mathematics; fonts have successors."""
    families = font_families()
    for text in ax.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        if families:
            text.set_fontfamily([*text.get_fontfamily(), *families])
    return ax


def colour_bar(ax: Axes, theme: Theme, colours: ScalarMappable, label: str) -> None:
    """A bar beside the axes that says what the ``colours`` mean."""
    bar = ax.figure.colorbar(colours, ax=ax, fraction=0.05, pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=theme.ink, labelsize=SMALL, length=0)
    bar.set_label(label, color=theme.ink, fontsize=SMALL)


def inches(ax: Axes) -> tuple[float, float]:
    """The width and height of the axes, once the layout has made room for what is there so far."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    if ax.get_axes_locator() is None:
        ax.apply_aspect()
    box = ax.get_window_extent()
    return box.width / figure.dpi, box.height / figure.dpi
