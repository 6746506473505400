"""Drawing a :class:`~glassnet.pictures.diagram.Diagram`. The data coordinates of its axes are inches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize, to_rgba_array
from matplotlib.lines import Line2D

from glassnet.errors import plural
from glassnet.net.arrays import Array
from glassnet.pictures.diagram import Diagram, Labels, Positions
from glassnet.pictures.figure import SIZE
from glassnet.pictures.heading import LINE
from glassnet.pictures.panel import MANY_MARKS, Panel
from glassnet.pictures.text_fit import number, shortened, text_width
from glassnet.pictures.theme import SMALL, ink_on

DRAWN_WHOLE = 24  # layers up to this width are drawn whole in a figure of their own, which gets higher
AROUND = 2.6  # inches of a figure's height that are not for neurons
PITCH = 1.5 * SMALL / 72, 0.85  # inches from neuron to neuron, at least and at most
DIAMETER = 0.56  # inches of a circle, at most
SMALLEST = 7.0
NAMED = 4  # columns in the note on inputs that are not drawn
DIGITS = 8.5  # font size of the numbers in circles and below them


def figure_size(diagram: Diagram, max_display: int | None) -> tuple[float, float]:
    """Wider for many layers, and higher so that the neurons of a layer can be drawn, or as many as were asked for."""
    widest = max(diagram.widths)
    drawn = min(max_display, widest) if max_display else widest if widest <= DRAWN_WHOLE else 0
    width = max(SIZE[0], 3 + 1.4 * len(diagram.links))
    return width, min(max(SIZE[1], AROUND + 1.2 * PITCH[0] * drawn), 60.0)


def draw_diagram(panel: Panel, diagram: Diagram, max_display: int | None) -> Axes:
    """Draw ``diagram`` into the axes of ``panel``, and again whenever their size changes."""
    theme = panel.theme
    panel.ax.set_axis_off()
    samples = {"linewidth": 5}, {"linestyle": "none", "marker": "o", "markersize": 9}
    for name, limit, sample in zip((diagram.link, diagram.neuron), diagram.limits, samples, strict=True):
        for sign, color in (("+", theme.positive), ("−", theme.negative)):
            value = f" {sign}{number(limit)}" if limit else " 0"
            panel.mark(Line2D([], [], color=color, **sample), name, value)  # type: ignore[arg-type]
    connections, parameters = sum(diagram.network.connections), diagram.network.parameter_count
    counts = f"{plural(connections, 'connection')}, {plural(parameters, 'parameter')}."
    return panel.finish(lambda panel: _Drawing(panel, diagram, max_display, counts).draw())


@dataclass(frozen=True)
class Column:
    """The drawn neurons of a layer, from top to bottom; all measures are in inches.

    Attributes:
        chosen: their positions in the layer.
        y: (K,) their heights, and one more for a note if some are hidden.
        pitch: the distance from one to the next.
        hidden: how many neurons of the layer are not drawn.
    """

    x: float
    chosen: Positions
    y: Array
    pitch: float
    diameter: float
    hidden: int


def columns(
    chosen: Sequence[Positions], widths: Sequence[int], x: Array, bottom: float, top: float
) -> list[Column]:
    """The chosen neurons of each layer at ``x`` (L + 1,), centered between ``bottom`` and ``top``."""
    found = []
    for place, own, width in zip(x.tolist(), chosen, widths, strict=True):
        hidden = width - len(own)
        count = len(own) + (hidden > 0)
        pitch = min(PITCH[1], (top - bottom) / count)
        y = (top + bottom) / 2 + pitch * ((count - 1) / 2 - np.arange(count))
        diameter = min(0.62 * pitch, DIAMETER, 0.2 * (top - bottom), 0.6 * float(np.ptp(x)) / (len(x) - 1))
        found.append(Column(place, own, y, pitch, diameter, hidden))
    return found


class _Drawing:
    """One drawing of a diagram, for the current size of its axes."""

    def __init__(self, panel: Panel, diagram: Diagram, max_display: int | None, counts: str) -> None:
        self.panel, self.diagram, self.max_display, self.counts = panel, diagram, max_display, counts
        self.ax, self.theme, self.text, self.size = panel.ax, panel.theme, panel.text, panel.small
        self.line = panel.small * LINE / 72

    def draw(self) -> None:
        panel, diagram = self.panel, self.diagram
        self.ax.set(xlim=(0, panel.width), ylim=(0, panel.height))
        sides = diagram.inputs, diagram.outputs
        layers = len(diagram.links)
        longest = min(0.26 * panel.width, (panel.width - 0.45 * panel.scale * layers) / 2 - 0.25)
        radius = min(DIAMETER, 0.2 * panel.height) / 2
        margins = [min(self._widest(own), longest) + radius + 0.1 for own in sides]
        x = np.linspace(margins[0], panel.width - margins[1], layers + 1)
        space = float(x[1] - x[0])
        count = self.max_display or max(diagram.widths)
        while True:
            chosen = diagram.strongest(count)
            above = self._first_that_fits(_layer_texts(diagram), space)
            below = self._first_that_fits(_connection_texts(diagram, [*map(len, chosen)]), space)
            top = panel.height - self.line * (max(text.count("\n") for text in above) + 1) - 0.1
            bottom = self.line * (max(text.count("\n") for text in below) + 1) + 0.1
            fitting = max(int((top - bottom) / (PITCH[0] * panel.scale)), 2)
            if self.max_display or count <= fitting:
                break
            count = fitting
        drawn = columns(chosen, diagram.widths, x, bottom, top)
        for column, text in zip(drawn, above, strict=True):
            self.text(column.x, panel.height, text, va="top")
        for (one, two), text in zip(pairwise(drawn), below, strict=True):
            self.text((one.x + two.x) / 2, 0, text, va="bottom")
        self._draw_links(drawn)
        self._draw_neurons(drawn, space)
        for column, labels, side, margin in zip((drawn[0], drawn[-1]), sides, (-1, 1), margins, strict=True):
            self._draw_names(column, labels, side, margin)
        self._note_hidden(drawn[0])

    def _widest(self, labels: Labels) -> float:
        values = labels.values or [""] * len(labels.names)
        return max(
            text_width(f"{name} {value}", self.size) for name, value in zip(labels.names, values, strict=True)
        )

    def _first_that_fits(self, forms: Sequence[Sequence[str]], space: float) -> Sequence[str]:
        """The first of several forms of the same texts that fit beside each other; nothing, if none does."""
        lines = max(int(0.25 * self.panel.height / self.line), 1)
        for form in forms:
            if max(text.count("\n") for text in form) < lines and (
                max(text_width(text, self.size) for text in form) < space - 0.05
            ):
                return form
        return [""] * len(forms[0])

    def _draw_links(self, drawn: Sequence[Column]) -> None:
        """One collection of lines for each pair of layers, the strongest on top."""
        pairs = list(pairwise(drawn))
        count = sum(len(one.chosen) * len(two.chosen) for one, two in pairs)
        thin, thick, steepness = (
            (0.8, 5.0, 1.0) if count <= 150 else (0.4, 3.5, 1.5) if count <= 800 else (0.4, 2.0, 2.5)
        )
        palette = to_rgba_array([self.theme.negative, self.theme.muted, self.theme.positive])
        for place, (link, (one, two)) in enumerate(zip(self.diagram.links, pairs, strict=True), start=1):
            shown = np.nan_to_num(np.asarray(link, np.float64)[np.ix_(one.chosen, two.chosen)])
            rows, ends = np.unravel_index(np.argsort(np.abs(shown), axis=None, kind="stable"), shown.shape)
            values = shown[rows, ends]
            share = (np.abs(values) / (self.diagram.limits[0] or 1.0)) ** steepness
            colors = palette[np.sign(values).astype(int) + 1]
            colors[:, 3] = 0.45 / steepness + (0.95 - 0.45 / steepness) * share
            starts = np.column_stack([np.full(len(rows), one.x), one.y[rows]])
            lines = LineCollection(
                list(np.stack([starts, np.column_stack([np.full(len(ends), two.x), two.y[ends]])], axis=1)),
                colors=colors,
                linewidths=(thin + (thick - thin) * share) * self.panel.scale,
                capstyle="butt",
                zorder=1,
                gid=f"links {place}",
                rasterized=count > MANY_MARKS,
            )
            self.ax.add_collection(lines, autolim=False)

    def _draw_neurons(self, drawn: Sequence[Column], space: float) -> None:
        """Circles, colored by their values, which are written below; a hidden neuron has its number in it."""
        limit = self.diagram.limits[1] or 1.0
        shade, size = Normalize(-limit, limit), max(DIGITS * self.panel.scale, SMALLEST)
        for place, (column, values) in enumerate(zip(drawn, self.diagram.neurons, strict=True)):
            count = len(column.chosen)
            colors = np.tile(to_rgba_array(self.theme.neutral), (count, 1))
            if values is not None:
                colors = self.theme.diverging(shade(values[column.chosen]))
            self.ax.scatter(
                np.full(count, column.x),
                column.y[:count],
                s=(column.diameter * 72) ** 2,
                c=colors,
                edgecolors=self.theme.muted,
                linewidths=min(1.0, 4 * column.diameter),
                zorder=2,
                gid=f"neurons {place}",
            )
            widest = max(text_width(f"{column.chosen[-1] + 1}", size), size / 72)
            inside = 0 < place < len(drawn) - 1 and widest < 0.9 * column.diameter
            below = values is not None and column.pitch - column.diameter > 1.1 * size / 72
            for y, at, color in zip(column.y, column.chosen, colors, strict=False):
                if inside:
                    self.text(column.x, y, f"{at + 1}", size / self.panel.scale, color=ink_on(color[:3]))
                if below and values is not None:
                    value = float(values[at])
                    text = number(value, 2) if limit >= 0.1 else number(float(f"{value:.2g}"))
                    self.text(column.x, y - column.pitch / 2, text, size / self.panel.scale, boxed=True)
            if column.hidden:
                long = f"{column.hidden:,} not drawn"
                text = long if text_width(long, self.size) < space - 0.1 else f"+{column.hidden:,}"
                self.text(column.x, column.y[-1], text, boxed=True)

    def _draw_names(self, column: Column, labels: Labels, side: int, margin: float) -> None:
        """The names beside the inputs or outputs, where there is space between them; inputs of one column have a line
        beside them."""
        away = column.diameter / 2 + 0.06
        if column.pitch < 0.95 * self.line:
            return
        for y, at in zip(column.y, column.chosen, strict=False):
            value = f"  {labels.values[at]}" if labels.values and labels.values[at] else ""
            name = shortened(labels.names[at], self.size, margin - away - text_width(value, self.size))
            self.text(column.x + side * away, y, name + value, ha="right" if side < 0 else "left")
        column_of = labels.columns or labels.names
        for _, group in groupby(range(len(column.chosen)), lambda at: column_of[column.chosen[at]]):
            first, *others = group
            if others:
                x = column.x + side * (away - 0.03)
                ends = column.y[[first, others[-1]]] + np.array([0.3, -0.3]) * column.pitch
                self.ax.plot([x, x], ends, color=self.theme.muted, linewidth=1.2, zorder=1)

    def _note_hidden(self, inputs: Column) -> None:
        """Which inputs are not drawn."""
        if inputs.hidden:
            labels = self.diagram.inputs
            missing = sorted({*range(len(labels.names))} - {*inputs.chosen.tolist()})
            names = list(dict.fromkeys((labels.columns or labels.names)[at] for at in missing))
            listed = [shortened(name, SMALL, 1.5) for name in names[:NAMED]]
            rest = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
            self.panel.note(f"Not drawn: {plural(len(missing), 'input')} of {', '.join([*listed, *rest])}.")
        self.panel.note(self.counts)


def _layer_texts(diagram: Diagram) -> list[list[str]]:
    """For the inputs and each layer the text above it, in several forms from long to short."""
    layers = diagram.network.layers
    hidden = [f"hidden {at + 1}" if len(layers) > 2 else "hidden" for at in range(len(layers) - 1)]
    names = ["inputs", *hidden, "output" if diagram.network.outputs == 1 else "outputs"]
    kinds = [f" {layer.activation.name}" for layer in layers]
    rates = [f", dropout {layer.dropout:g}" if layer.dropout else "" for layer in layers]
    texts = [f"{width:,}{kind}" for width, kind in zip(diagram.widths, ["", *kinds], strict=True)]
    middle = [f"{name}\n{text}" for name, text in zip(names, texts, strict=True)]
    long = [f"{text}{rate}" for text, rate in zip(middle, ["", *rates], strict=True)]
    return [long, middle, texts, [f"{width:,}" for width in diagram.widths]]


def _connection_texts(diagram: Diagram, drawn: Sequence[int]) -> list[list[str]]:
    """For each pair of layers, how many connections there are and how many are drawn, from long to short."""
    forms = []
    for (i, o), (shown_i, shown_o) in zip(diagram.network.shapes, pairwise(drawn), strict=True):
        count, shown = f"{i:,} × {o:,} = {i * o:,}", shown_i * shown_o
        note = f"\n{shown:,} drawn" if shown < i * o else ""
        noun = "connection" if i * o == 1 else "connections"
        forms.append((f"{count} {noun}{note}", f"{count}{note}", count, f"{i * o:,}"))
    return [list(form) for form in zip(*forms, strict=True)]
