"""Drawing a :class:`~glassnet.pictures.diagram.Diagram`. The axes' data coordinates are inches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize, to_rgba_array
from matplotlib.lines import Line2D

from glassnet.net.arrays import Array
from glassnet.pictures.axes_style import MANY_MARKS, SIZE, finish, inches, redraw_when_resized
from glassnet.pictures.captions import LABELED, ONE_LINE, Row, captions, headers
from glassnet.pictures.diagram import Column, Diagram, columns
from glassnet.pictures.text_fit import number, shortened, text_width
from glassnet.pictures.theme import SMALL, Theme, ink_on
from glassnet.pictures.titles import heading

PITCH = 0.27  # inches between neurons, if there may be as many as there is room for
ALL = 24  # layers up to this width are drawn whole, and make the figure higher
AROUND = 3.1  # inches of a figure's height that are not for neurons
CLOSEST = 0.2  # the same, if a person said how many
FEW = 4  # rather than draw fewer, less is written
INSIDE = 9.0  # points: numbers in circles


def figure_size(diagram: Diagram, most: int | None) -> tuple[float, float]:
    """Wider for many layers, and higher where that lets all neurons be drawn, or as many as a person asks for."""
    width, height = SIZE
    widest = max(diagram.widths)
    if most is not None:
        height = max(height, AROUND + CLOSEST * min(most, widest))
    elif widest <= ALL:
        height = max(height, AROUND + PITCH * widest)
    return max(width, 3 + 1.4 * len(diagram.links)), min(height, 60.0)


def paint(diagram: Diagram, ax: Axes, theme: Theme, title: str, most: int | None) -> Axes:
    """Draw ``diagram`` into ``ax``, which is given over to it, for the size that the axes have: anew for another."""
    before = ax.get_children()
    _paint(diagram, ax, theme, title, most)
    own = [each for each in ax.get_children() if each not in before]

    def again(ax: Axes) -> None:
        for each in own:
            each.remove()
        paint(diagram, ax, theme, title, most)

    redraw_when_resized(ax, again)
    return finish(ax)


def _paint(diagram: Diagram, ax: Axes, theme: Theme, title: str, most: int | None) -> None:
    ax.set_axis_off()
    width, height = _heading(diagram, ax, theme, title)
    ax.set(xlim=(0, width), ylim=(0, height))

    widest = max(diagram.widths)
    for_names = min(0.22 * width, (width - 0.8 - 0.5 * len(diagram.links)) / 2)
    slots = most or min(widest, int(height / CLOSEST))
    high = max(0.3 * height, 0.45)  # texts, at most
    while True:  # the fewer are drawn, the more is written about it
        chosen = diagram.strongest(slots)
        margins = [
            min(max(text_width(names[at], SMALL) for at in own), for_names) + 0.1 if for_names > 0.3 else 0.0
            for names, own in ((diagram.inputs, chosen[0]), (diagram.outputs, chosen[-1]))
        ]
        left, right = max(margins[0] + 0.3, 0.6), width - max(margins[1] + 0.3, 0.6)
        apart = (right - left) / len(diagram.links)
        above = Row(headers(diagram), apart, high)
        below = Row(captions(diagram, [len(own) for own in chosen]), apart, high)
        room = height - above.height - below.height - 0.2
        fit = max(int(room / (CLOSEST if slots >= widest else PITCH)), 2)
        if most or slots <= fit:
            break
        if fit < min(widest, FEW) and high > ONE_LINE:
            high = ONE_LINE
        else:
            slots = min(fit, max(int(room / PITCH), 2))
    drawn = columns(
        chosen,
        diagram.widths,
        left=left,
        right=right,
        bottom=below.height + 0.1,
        top=height - above.height - 0.1,
    )
    above.write(ax, theme, [column.x for column in drawn], 1)
    below.write(ax, theme, [(one.x + two.x) / 2 for one, two in pairwise(drawn)], 0)
    _links(diagram, drawn, ax, theme)
    _neurons(diagram, drawn, ax, theme)
    for column, names, side, margin in (
        (drawn[0], diagram.inputs, -1, margins[0]),
        (drawn[-1], diagram.outputs, 1, margins[1]),
    ):
        _labels(column, names, side, margin, ax, theme)


def _heading(diagram: Diagram, ax: Axes, theme: Theme, title: str) -> tuple[float, float]:
    largest = max(float(np.abs(link).max()) for link in diagram.links)
    values = [own for own in diagram.neurons if own is not None]
    low, high = min(float(own.min()) for own in values), max(float(own.max()) for own in values)
    signs = (("positive", theme.positive), ("negative", theme.negative))
    key = [
        (_mark(color, line=what == diagram.link, circle=what == diagram.neuron), f"{sign} {what}")
        for what in (diagram.link, diagram.neuron)
        for sign, color in signs
    ]
    if sum(text_width(label, SMALL) + 0.5 for _, label in key) > inches(ax)[0]:
        key = [(_mark(color, line=True, circle=True), sign) for sign, color in signs]
    return heading(
        ax,
        theme,
        title,
        f"Lines: {diagram.link}, up to {number(largest)} in size. "
        f"Circles: {diagram.neuron}, {f'all {number(low)}' if low == high else f'{number(low)} to {number(high)}'}. "
        f"{sum(diagram.network.connections):,} connections, {diagram.network.parameter_count:,} parameters.",
        key=key,
    )


def _mark(color: str, *, line: bool, circle: bool) -> Line2D:
    """What the legend shows for a link, a neuron, or both."""
    return Line2D(
        [],
        [],
        color=color,
        linewidth=4,
        linestyle="-" if line else "none",
        marker="o" if circle else "none",
        markersize=9,
    )


def _links(diagram: Diagram, drawn: Sequence[Column], ax: Axes, theme: Theme) -> None:
    """One collection of lines for each pair of layers, the strongest on top."""
    shown = [
        np.nan_to_num(np.asarray(link, np.float64)[np.ix_(one.chosen, two.chosen)])
        for link, (one, two) in zip(diagram.links, pairwise(drawn), strict=True)
    ]
    count = sum(link.size for link in shown)
    largest = max(float(np.abs(link).max()) for link in shown) or 1.0
    least, widest, steep = (
        (0.8, 5.0, 1.0) if count <= 150 else (0.4, 3.5, 1.5) if count <= 800 else (0.4, 2.0, 2.5)
    )
    palette = to_rgba_array([theme.negative, theme.muted, theme.positive])
    for place, (link, (one, two)) in enumerate(zip(shown, pairwise(drawn), strict=True), start=1):
        values = link.ravel()
        order = np.argsort(np.abs(values), kind="stable")
        share = np.abs(values[order]) / largest
        starts = np.repeat(np.column_stack([np.full(len(one.at), one.x), one.at]), len(two.at), axis=0)
        ends = np.tile(np.column_stack([np.full(len(two.at), two.x), two.at]), (len(one.at), 1))
        colors = palette[np.sign(values[order]).astype(int) + 1]
        colors[:, 3] = 0.45 / steep + (0.95 - 0.45 / steep) * share**steep
        lines = LineCollection(
            list(np.stack([starts, ends], axis=1)[order]),
            colors=colors,
            linewidths=least + (widest - least) * share**steep,
            capstyle="butt",
            zorder=1,
        )
        lines.set_gid(f"links {place}")
        lines.set_rasterized(count > MANY_MARKS)
        ax.add_collection(lines, autolim=False)


def _neurons(diagram: Diagram, drawn: Sequence[Column], ax: Axes, theme: Theme) -> None:
    """Circles, colored by their numbers, which are written in them where they fit; and notes on the rest."""
    values = [None if own is None else own[c.chosen] for own, c in zip(diagram.neurons, drawn, strict=True)]
    largest = max((float(np.abs(own).max()) for own in values if own is not None), default=0.0) or 1.0
    shade = Normalize(-largest, largest)
    for place, (column, own) in enumerate(zip(drawn, values, strict=True)):
        diameter = column.diameter
        colors = to_rgba_array(theme.neutral) if own is None else theme.diverging(shade(own))
        circles = ax.scatter(
            np.full(len(column.at), column.x),
            column.at,
            s=(diameter * 72) ** 2,
            c=colors,
            edgecolors=theme.muted,
            linewidths=min(1.0, 4 * diameter),
            zorder=2,
        )
        circles.set_gid(f"neurons {place}")
        if own is not None and _fit_inside(own, diameter):
            for y, value, color in zip(column.at, own, colors, strict=True):
                ax.text(
                    column.x,
                    y,
                    _inside(value),
                    ha="center",
                    va="center",
                    fontsize=INSIDE,
                    color=ink_on(color[:3]),
                    zorder=3,
                )
        if column.hidden:
            _note(column, ax, theme, (drawn[1].x - drawn[0].x) - 0.1)


def _inside(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _fit_inside(values: Array, diameter: float) -> bool:
    """Whether two decimals say something of the values, and fit into a circle."""
    largest = float(np.abs(values).max())
    return (
        not 0 < largest < 0.1
        and max(text_width(_inside(value), INSIDE) for value in values) < diameter - 0.06
    )


def _note(column: Column, ax: Axes, theme: Theme, room: float) -> None:
    """How many neurons of a column are not drawn."""
    for text in (f"{column.hidden:,} not drawn", f"+{column.hidden:,}"):
        if text_width(text, SMALL) <= room:
            break
    ax.text(
        column.x,
        column.rest,
        text,
        ha="center",
        va="center",
        fontsize=SMALL,
        color=theme.ink,
        zorder=4,
        bbox={"facecolor": theme.background, "edgecolor": "none", "pad": 1.5},
    )


def _labels(column: Column, names: Sequence[str], side: int, room: float, ax: Axes, theme: Theme) -> None:
    """The names beside the first or the last neurons, where there is room between them."""
    if column.pitch < LABELED or not room:
        return
    away = column.diameter / 2 + 0.08
    for y, at in zip(column.at, column.chosen, strict=True):
        ax.text(
            column.x + side * away,
            y,
            shortened(names[at], SMALL, room),
            ha="right" if side < 0 else "left",
            va="center",
            fontsize=SMALL,
            color=theme.ink,
            zorder=3,
        )
