"""The decision surface: predictions over any two columns, with typical values in all others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from glassnet.errors import InputError
from glassnet.net.arrays import Array
from glassnet.pictures.column_axes import ColumnAxis, column_axis, ranked_columns
from glassnet.pictures.figure import SIZE, dot
from glassnet.pictures.panel import Panel, Style
from glassnet.pictures.prediction_data import position
from glassnet.pictures.text_fit import number, shortened, text_width
from glassnet.pictures.theme import SMALL
from glassnet.targets import class_codes
from glassnet.trained import TrainedModel
from glassnet.training.encoded_rows import EncodedTable

MOST_ROWS = 2_000  # that are drawn
MOST_CLASSES = 6  # with a color of their own
LONGEST_NAME = 2.0  # inches of the name of a class
SIMILAR = 1.6  # ranges of numbers that differ by less than this factor are drawn to the same scale

Numbers = npt.NDArray[np.float64]


def surface(
    model: TrainedModel,
    table: Any = None,
    *,
    x: str | None = None,
    y: str | None = None,
    at: Mapping[str, Any] | None = None,
    output: int | str = 0,
    **style: Unpack[Style],
) -> Axes:
    """The prediction for any values of two columns, as color, with the rows of ``table`` as dots.

    The other columns have typical values: the median of numbers, the most frequent level of categories. Two classes
    show the probability of the second; several the name of the most probable one, paler where it is less probable.
    Numbers and dates have the middle 90 % of the training rows and a margin around them. Two columns of numbers of the
    same unit with similar ranges have the same scale.

    Args:
        table: rows to draw, which also give the typical values; by default these are those of the training rows.
        x, y: two columns; by default the two most important ones.
        at: values of other columns.
        output: which of several targets, by position or name.

    Raises:
        InputError: the model has a single column (see :func:`glassnet.pictures.profile`), or no such column.
    """
    encoded = None if table is None else model.encode(table)
    labeled = None if encoded is None else model.labeled(encoded)
    across, up = (column_axis(model, name) for name in _two_columns(model, encoded, x, y))
    typical = _typical_values(model, encoded, at or {})
    names, classes = model.target.columns, model.target.classes
    place = 0 if classes is not None else position(output, names, "output")
    equal = _have_one_scale(model, across, up)
    panel = Panel(f"Predicted {names[place]}", (8.5, 7.4) if equal else SIZE, **style)
    outputs = model.outputs(_grid(model, across, up, typical))
    if encoded is not None and labeled is not None:
        rows = encoded.table.take(labeled.numbers)
        encoded = EncodedTable(labeled.rows.inputs, encoded.notes, rows)
    drawing = _Surface(panel, model, across, up, outputs, encoded)
    codes = None if classes is None or labeled is None else class_codes(labeled.rows.targets)
    if classes is None:
        actual = np.empty(0) if labeled is None else labeled.actual.reshape(len(labeled), -1)[:, place]
        drawing.draw_numbers(place, actual)
    elif len(classes) == 2:
        drawing.draw_two_classes(codes)
    else:
        drawing.draw_classes(codes)
    panel.ax.grid(visible=False)
    across.label(panel, panel.ax.xaxis)
    up.label(panel, panel.ax.yaxis)
    panel.ax.set(xlim=across.limits, ylim=up.limits, aspect="equal" if equal else "auto")
    others = {name: value for name, value in typical.items() if name not in (across.name, up.name)}
    if others:
        values = [f"{shortened(name, SMALL, 1.8)} {_written(value)}" for name, value in others.items()]
        panel.note(f"Other columns: {', '.join(values)}.")
        panel.note("The rows differ in these, too." if encoded is not None else "")
    return panel.finish(drawing.name_regions)


def _two_columns(
    model: TrainedModel, rows: EncodedTable | None, x: str | None, y: str | None
) -> tuple[str, str]:
    names = tuple(model.encoder.slices)
    if len(names) < 2:
        raise InputError(
            f"a surface needs two columns, but the model has only {names[0]!r}; draw its profile."
        )
    for name in (x, y):
        if name is not None:
            position(name, names, "column")
    if x is None or y is None:
        free = [name for name in ranked_columns(model, rows) if name not in (x, y)]
        free = sorted(free[: (x, y).count(None)], key=names.index)
        x, y = x or free.pop(0), y or free.pop(0)
    if x == y:
        raise InputError(f"x and y are both {x!r}, but must be two different columns.")
    return x, y


def _typical_values(
    model: TrainedModel, rows: EncodedTable | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """A value for every column: the one ``given``, or one that is typical of the rows, or of the training rows."""
    names = tuple(model.encoder.slices)
    for name in given:
        position(name, names, "column")
    found = {}
    for name in names:
        own = None if rows is None else rows.table.column(name)
        found[name] = given[name] if name in given else model.encoder[name].typical(model.schema[name], own)
    return found


def _grid(model: TrainedModel, across: ColumnAxis, up: ColumnAxis, typical: Mapping[str, Any]) -> Array:
    """(R * C, I): the inputs of every pair of values, the first column running fastest."""
    import pyarrow as pa

    row = model.encode(pa.table({name: pa.repeat(value, 1) for name, value in typical.items()})).inputs
    inputs = np.repeat(row, len(across.values) * len(up.values), axis=0)
    inputs[:, across.own] = np.tile(across.inputs, (len(up.values), 1))
    inputs[:, up.own] = np.repeat(up.inputs, len(across.values), axis=0)
    return inputs


def _have_one_scale(model: TrainedModel, across: ColumnAxis, up: ColumnAxis) -> bool:
    """Whether two columns of numbers have similar ranges, and the same unit at the end of their names or no others."""
    numbers = all(own.encoder.continuous and not own.is_date for own in (across, up))
    words = [re.findall(r"[^\W_]+", own.name) for own in (across, up)]
    one_unit = min(map(len, words)) > 1 and words[0][-1] == words[1][-1]
    one, two = (own.limits[1] - own.limits[0] for own in (across, up))
    alike = max(one, two) < SIMILAR * min(one, two)
    return numbers and alike and (one_unit or len(model.schema.inputs) == 2)


@dataclass
class _Surface:
    """Colors, lines and dots over two columns: ``outputs`` (R * C, O) are those for all pairs of their values."""

    panel: Panel
    model: TrainedModel
    across: ColumnAxis
    up: ColumnAxis
    outputs: Array
    rows: EncodedTable | None
    winners: npt.NDArray[np.intp] | None = None  # the most probable class of each cell of the grid

    def draw_numbers(self, place: int, actual: Numbers) -> None:
        """A regression: the color is the prediction, and that of the dots the actual value."""
        colors = self.panel.theme.sequential
        values = self.model.target.decode(self.outputs).reshape(len(self.outputs), -1)[:, place]
        known = np.concatenate([values, actual[np.isfinite(actual)]])
        low, high = float(known.min()), float(known.max())
        norm = Normalize(low, high if high > low else low + 1)
        self._fill(colors(norm(values)))
        if np.ptp(values) > 0:
            self._contour(values, 8, linewidths=0.6, alpha=0.5)
        self._draw_rows(colors(norm(actual)) if len(actual) else None)
        self.panel.color_bar(ScalarMappable(norm, colors), self.model.target.columns[place])

    def draw_two_classes(self, codes: npt.NDArray[np.intp] | None) -> None:
        """The color is the probability of the second class, with a line where it is 0.5."""
        theme, names = self.panel.theme, [str(name) for name in self.model.classes]
        probability = self.model.target.probabilities(self.outputs)[:, 1]
        paler = ListedColormap(theme.diverging(np.linspace(0.2, 0.8, 256)))  # than the dots
        self._fill(paler(probability))
        if probability.min() < 0.5 < probability.max():
            self._contour(probability, [0.5], linewidths=2)
            self.panel.mark(Line2D([], [], color=theme.ink, linewidth=2), "probability 0.5")
        colors = np.array([theme.negative, theme.positive])
        self._draw_rows(None if codes is None else colors[codes])
        for name, color in zip(names, colors.tolist(), strict=True):
            if codes is not None:
                self.panel.mark(dot(color), name)
        label = f"probability of {shortened(names[1], SMALL, LONGEST_NAME)}"
        self.panel.color_bar(ScalarMappable(Normalize(0, 1), paler), label)

    def draw_classes(self, codes: npt.NDArray[np.intp] | None) -> None:
        """The color is that of the most probable class, the paler the less probable."""
        theme, probabilities = self.panel.theme, self.model.target.probabilities(self.outputs)
        winners, count = probabilities.argmax(axis=1), probabilities.shape[1]
        sizes = np.bincount(winners, minlength=count).astype(np.float64)
        if codes is not None:  # classes of the rows that win nowhere get a color, too
            sizes += np.bincount(codes, minlength=count) * 1e-6
        colored = [int(code) for code in np.argsort(-sizes, kind="stable")[:MOST_CLASSES] if sizes[code]]
        # Black and white, paler, would be the gray of the other classes.
        hues = [hue for hue in map(to_rgb, theme.series) if max(hue) - min(hue) > 0.1]
        palette = np.tile(to_rgb(theme.muted), (count, 1))
        palette[sorted(colored)] = hues[: len(colored)]
        certainty = (probabilities.max(axis=1, keepdims=True) - 1 / count) / (1 - 1 / count)
        strength = 0.4 + 0.4 * np.clip(certainty, 0, 1)
        self._fill(strength * palette[winners] + (1 - strength) * np.array(to_rgb(theme.background)))
        for code in np.unique(winners):  # where its probability equals the largest of the others
            others = np.delete(probabilities, code, axis=1).max(axis=1)
            self._contour(probabilities[:, code] - others, [0], linewidths=0.8)
        self._draw_rows(None if codes is None else palette[codes])
        for code in sorted(colored):
            self.panel.mark(Patch(color=tuple(palette[code])), str(self.model.classes[code]))
        rest = int((sizes > 0).sum()) - len(colored)
        if rest:
            self.panel.mark(Patch(color=theme.muted), f"{rest:,} other class{'es' * (rest > 1)}")
        self.winners = winners.reshape(len(self.up.places), len(self.across.places))

    def name_regions(self, panel: Panel) -> None:
        """Write each class once within its region, where there is space: pale colors are hard to tell apart."""
        if self.winners is None:
            return
        rows, columns = self.winners.shape
        for code, name in enumerate(map(str, self.model.classes)):
            text = shortened(name, panel.small, LONGEST_NAME)
            wide = int(np.ceil((text_width(text, panel.small) + 0.1) / panel.width * columns))
            high = int(np.ceil(1.4 * panel.small / 72 / panel.height * rows))
            place = place_within(self.winners == code, high, wide)
            if place is not None:
                x, y = (place[1] + wide / 2) / columns, (place[0] + high / 2) / rows
                panel.text(x, y, text, boxed=True, transform=panel.ax.transAxes)

    def _fill(self, colors: npt.NDArray[Any]) -> None:
        """One color (red, green, blue; more is ignored) for each row of the grid."""
        self.panel.ax.imshow(
            colors.reshape(len(self.up.places), len(self.across.places), -1)[..., :3],
            extent=(*self.across.limits, *self.up.limits),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            zorder=0,
        )

    def _contour(self, values: Numbers, levels: Any, **style: Any) -> None:
        """Lines where the values, one for each row of the grid, reach the levels."""
        (x, columns), (y, rows) = self.across.cells(), self.up.cells()
        heights = values.reshape(len(self.up.places), -1)[np.ix_(rows, columns)]
        if min(heights.shape) > 1 and heights.min() < np.max(levels) and np.min(levels) < heights.max():
            self.panel.ax.contour(
                x,
                y,
                heights,
                levels,
                colors=self.panel.theme.ink,
                negative_linestyles="solid",
                zorder=1,
                **style,
            )

    def _draw_rows(self, colors: npt.NDArray[Any] | None) -> None:
        """The rows as dots; of many, an evenly spaced selection."""
        if self.rows is None:
            return
        theme, count = self.panel.theme, len(self.rows)
        chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_ROWS)).round().astype(int))
        if count > MOST_ROWS:
            self.panel.note(f"Dots: {MOST_ROWS:,} of {count:,} rows.")
        x, y = (axis.places_of(self.rows)[chosen] for axis in (self.across, self.up))
        shown = theme.neutral if colors is None else colors[chosen]
        self.panel.ax.scatter(x, y, s=26, c=shown, edgecolors=theme.ink, linewidths=0.7, zorder=3)


def place_within(inside: npt.NDArray[np.bool_], high: int, wide: int) -> tuple[int, int] | None:
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


def _written(value: Any) -> str:
    return number(value) if isinstance(value, float) else shortened(value, SMALL, 1.8)
