"""Drawing a :class:`~glassnet.pictures.diagram.Diagram`. The data coordinates of its axes are inches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize, to_rgba_array
from matplotlib.lines import Line2D

from glassnet.pictures.diagram import Column, Diagram, columns
from glassnet.pictures.figure import SIZE
from glassnet.pictures.heading import LINE
from glassnet.pictures.panel import MANY_MARKS, Panel
from glassnet.pictures.text_fit import number, plural, shortened, text_width
from glassnet.pictures.theme import SMALL, ink_on

DRAWN_WHOLE = 24  # layers up to this width are drawn whole in a figure of their own, which gets higher
AROUND = 2.6  # inches of a figure's height that are not for neurons
PITCH = 1.5 * SMALL / 72  # inches between neurons at least, where their number is free
DIGITS = 0.8  # font size of the numbers in circles, in that of the names


def figure_size(diagram: Diagram, max_display: int | None) -> tuple[float, float]:
    """Wider for many layers, and higher so that the neurons of a layer can be drawn, or as many as were asked for."""
    widest = max(diagram.widths)
    drawn = min(max_display, widest) if max_display else widest if widest <= DRAWN_WHOLE else 0
    width = max(SIZE[0], 3 + 1.4 * len(diagram.links))
    return width, min(max(SIZE[1], AROUND + 1.2 * PITCH * drawn), 60.0)


def draw_diagram(panel: Panel, diagram: Diagram, max_display: int | None) -> Axes:
    """Draw ``diagram`` into the axes of ``panel``, and again whenever their size changes."""
    theme = panel.theme
    panel.ax.set_axis_off()
    for name, limit, line in (
        (diagram.link, _limits(diagram)[0], True),
        (diagram.neuron, _limits(diagram)[1], False),
    ):
        for sign, color in (("+", theme.positive), ("−", theme.negative)):
            panel.mark(_sample(color, line=line), name, f" {sign}{number(limit)}" if limit else " 0")
    connections, parameters = sum(diagram.network.connections), diagram.network.parameter_count
    panel.note(f"{plural(connections, 'connection')}, {plural(parameters, 'parameter')}.")
    return panel.finish(lambda panel: _Drawing(panel, diagram, max_display).draw())


def _limits(diagram: Diagram) -> tuple[float, float]:
    largest = diagram.largest
    return max(diagram.limits[0], largest[0]), max(diagram.limits[1], largest[1])


def _sample(color: str, *, line: bool) -> Line2D:
    """What the legend shows for a connection or a neuron."""
    if line:
        return Line2D([], [], color=color, linewidth=5)
    return Line2D([], [], color=color, linestyle="none", marker="o", markersize=9)


class _Drawing:
    """One drawing of a diagram, for the current size of its axes."""

    def __init__(self, panel: Panel, diagram: Diagram, max_display: int | None) -> None:
        self.ax, self.theme, self.text, self.diagram = panel.ax, panel.theme, panel.text, diagram
        self.width, self.height, self.scale = panel.width, panel.height, panel.scale
        self.size = SMALL * panel.scale
        self.line = self.size * LINE / 72
        self.max_display = max_display

    def draw(self) -> None:
        self.ax.set(xlim=(0, self.width), ylim=(0, self.height))
        names = self.diagram.inputs, self.diagram.outputs
        widest = max(self.diagram.widths)
        margins = [
            min(max(text_width(each, self.size) for each in own), 0.25 * self.width) + 0.4 * self.scale
            for own in names
        ]
        left, right = max(margins[0], 0.3), self.width - max(margins[1], 0.3)
        space = (right - left) / len(self.diagram.links)
        count = self.max_display or widest
        while True:
            chosen = self.diagram.strongest(count)
            above = self._first_that_fits(_layer_texts(self.diagram), space)
            below = self._first_that_fits(_connection_texts(self.diagram, [*map(len, chosen)]), space)
            top = self.height - self.line * (max(text.count("\n") for text in above) + 1) - 0.1
            bottom = self.line * (max(text.count("\n") for text in below) + 1) + 0.1
            fitting = max(int((top - bottom) / (PITCH * self.scale)), 2)
            if self.max_display or count <= fitting:
                break
            count = fitting
        drawn = columns(chosen, self.diagram.widths, left=left, right=right, bottom=bottom, top=top)
        for column, text in zip(drawn, above, strict=True):
            self.text(column.x, self.height, text, va="top")
        for (one, two), text in zip(pairwise(drawn), below, strict=True):
            self.text((one.x + two.x) / 2, 0, text, va="bottom")
        self._links(drawn)
        self._neurons(drawn, space)
        for column, own, side, margin in zip(
            (drawn[0], drawn[-1]), names, (-1, 1), (left, self.width - right), strict=True
        ):
            self._names(column, own, side, margin)

    def _first_that_fits(self, forms: Sequence[Sequence[str]], space: float) -> Sequence[str]:
        """The first of several forms of the same texts that fit beside each other; nothing, if none does."""
        for form in forms:
            high = self.line * (max(text.count("\n") for text in form) + 1) < max(
                0.2 * self.height, self.line
            )
            if high and max(text_width(text, self.size) for text in form) < space - 0.05:
                return form
        return [""] * len(forms[0])

    def _links(self, drawn: Sequence[Column]) -> None:
        """One collection of lines for each pair of layers, the strongest on top."""
        theme = self.theme
        shown = [
            np.nan_to_num(np.asarray(link, np.float64)[np.ix_(one.chosen, two.chosen)])
            for link, (one, two) in zip(self.diagram.links, pairwise(drawn), strict=True)
        ]
        count = sum(link.size for link in shown)
        limit = _limits(self.diagram)[0] or 1.0
        thin, thick, steepness = (
            (0.8, 5.0, 1.0) if count <= 150 else (0.4, 3.5, 1.5) if count <= 800 else (0.4, 2.0, 2.5)
        )
        palette = to_rgba_array([theme.negative, theme.muted, theme.positive])
        for place, (link, (one, two)) in enumerate(zip(shown, pairwise(drawn), strict=True), start=1):
            order = np.argsort(np.abs(link), axis=None, kind="stable")
            rows, ends = np.unravel_index(order, link.shape)
            values = link[rows, ends]
            share = np.abs(values) / limit
            segments = np.empty((len(order), 2, 2))
            segments[:, 0, 0], segments[:, 0, 1] = one.x, one.y[rows]
            segments[:, 1, 0], segments[:, 1, 1] = two.x, two.y[ends]
            colors = palette[np.sign(values).astype(int) + 1]
            colors[:, 3] = 0.45 / steepness + (0.95 - 0.45 / steepness) * share**steepness
            lines = LineCollection(
                list(segments),
                colors=colors,
                linewidths=(thin + (thick - thin) * share**steepness) * self.scale,
                capstyle="butt",
                zorder=1,
                gid=f"links {place}",
                rasterized=count > MANY_MARKS,
            )
            self.ax.add_collection(lines, autolim=False)

    def _neurons(self, drawn: Sequence[Column], space: float) -> None:
        """Circles, colored by their values, which are written below; a hidden neuron has its number in it."""
        theme, limit = self.theme, _limits(self.diagram)[1] or 1.0
        shade = Normalize(-limit, limit)
        for place, (column, values) in enumerate(zip(drawn, self.diagram.neurons, strict=True)):
            colors = np.tile(to_rgba_array(theme.neutral), (len(column.y), 1))
            if values is not None:
                colors = theme.diverging(shade(values[column.chosen]))
            self.ax.scatter(
                np.full(len(column.y), column.x),
                column.y,
                s=(column.diameter * 72) ** 2,
                c=colors,
                edgecolors=theme.muted,
                linewidths=min(1.0, 4 * column.diameter),
                zorder=2,
                gid=f"neurons {place}",
            )
            size = DIGITS * self.size
            hidden_layer = 0 < place < len(drawn) - 1
            inside = hidden_layer and text_width(f"{column.chosen[-1] + 1}", size) < 0.8 * column.diameter
            below = values is not None and column.pitch - column.diameter > 1.1 * size / 72
            for y, at, color in zip(column.y, column.chosen, colors, strict=True):
                if inside and size / 72 < column.diameter:
                    self.text(column.x, y, f"{at + 1}", DIGITS * SMALL, color=ink_on(color[:3]))
                if below and values is not None:
                    text = number(float(values[at]), 2 if limit >= 0.1 else None)
                    self.text(column.x, y - column.pitch / 2, text, DIGITS * SMALL, outlined=True)
            if column.hidden:
                texts = f"{column.hidden:,} not drawn", f"+{column.hidden:,}"
                fits = text_width(texts[0], self.size) < space - 0.1
                self.text(column.x, column.y_note, texts[0 if fits else 1], outlined=True)

    def _names(self, column: Column, names: Sequence[str], side: int, margin: float) -> None:
        """The names beside the inputs or outputs, where there is space between them."""
        if column.pitch < 0.95 * self.size * LINE / 72:
            return
        away = column.diameter / 2 + 0.06
        for y, at in zip(column.y, column.chosen, strict=True):
            name = shortened(names[at], self.size, margin - away)
            self.text(column.x + side * away, y, name, ha="right" if side < 0 else "left")


def _layer_texts(diagram: Diagram) -> list[list[str]]:
    """For the inputs and each layer the text above it, in several forms from long to short."""
    hidden = len(diagram.links) - 1
    names = [f"hidden {at + 1}" if hidden > 1 else "hidden" for at in range(hidden)]
    names.append("output" if diagram.network.outputs == 1 else "outputs")
    layers = diagram.network.layers
    texts = [f"{layer.width:,} {layer.activation.name}" for layer in layers]
    rates = [f", dropout {layer.dropout:g}" if layer.dropout else "" for layer in layers]
    inputs = f"{diagram.widths[0]:,}"
    long = [f"{name}\n{text}{rate}" for name, text, rate in zip(names, texts, rates, strict=True)]
    middle = [f"{name}\n{text}" for name, text in zip(names, texts, strict=True)]
    return [
        [f"inputs\n{inputs}", *long],
        [f"inputs\n{inputs}", *middle],
        [inputs, *texts],
        [f"{width:,}" for width in diagram.widths],
    ]


def _connection_texts(diagram: Diagram, drawn: Sequence[int]) -> list[list[str]]:
    """For each pair of layers, how many connections there are and how many are drawn, from long to short."""
    shapes = diagram.network.shapes
    counts = [f"{i:,} × {o:,} = {i * o:,}" for i, o in shapes]
    notes = [
        f"\n{a * b:,} drawn" if a * b < i * o else ""
        for (a, b), (i, o) in zip(pairwise(drawn), shapes, strict=True)
    ]
    nouns = ["connection" if i * o == 1 else "connections" for i, o in shapes]
    return [
        [f"{count} {noun}{note}" for count, noun, note in zip(counts, nouns, notes, strict=True)],
        [f"{count}{note}" for count, note in zip(counts, notes, strict=True)],
        counts,
        [f"{i * o:,}" for i, o in shapes],
    ]
