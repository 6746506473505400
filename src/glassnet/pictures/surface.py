"""The decision surface: predictions over any two columns, with typical values in all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from glassnet.errors import InputError
from glassnet.pictures.column_axes import ColumnAxis, column_axis, fixed_columns, strongest_columns
from glassnet.pictures.panel import Panel
from glassnet.pictures.prediction_data import position
from glassnet.pictures.regions import draw_borders, name_regions
from glassnet.pictures.text_fit import number, shortened
from glassnet.pictures.theme import SMALL, Theme
from glassnet.tables.encode.target_encoding import class_codes
from glassnet.trained import TrainedModel
from glassnet.training.encoded_rows import EncodedTable

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 2_000  # that are drawn
MOST_CLASSES = 6  # with a color of their own

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


def surface(
    model: TrainedModel,
    table: Any = None,
    *,
    x: str | None = None,
    y: str | None = None,
    at: Mapping[str, Any] | None = None,
    output: int | str = 0,
    title: str | None = None,
    ax: Axes | None = None,
    theme: str | Theme | None = None,
) -> Axes:
    """The prediction for any values of two columns, as color, with the rows of ``table`` as dots.

    The other columns have typical values: the median of numbers, the most frequent level of categories. Two classes
    show the probability of the second; several the name of the most probable one, paler where it is less probable.

    Args:
        table: rows to draw, which also give the ranges and the typical values; by default these are those of the
            training rows.
        x, y: two columns; by default the two with the largest weights.
        at: values of other columns.
        output: which of several targets, by position or name.

    Raises:
        InputError: the model has a single column (see :func:`glassnet.pictures.profile`), or no such column.
    """
    columns = _two_columns(model, x, y)
    encoded = None if table is None else model.encode(table)
    rows = None if encoded is None else encoded.table
    across, up = (column_axis(model, name, rows) for name in columns)
    fixed = fixed_columns(model, rows, at or {}, columns)
    target = model.target.columns[0]
    if model.target.classes is None:
        target = model.target.columns[position(output, model.target.columns, "output")]
    panel = Panel(ax, theme, title or f"Predicted {target}")
    drawing = _Surface(panel, model, across, up, _grid(across, up, fixed), encoded)
    if model.target.classes is None:
        drawing.numbers(model.target.columns.index(target))
    elif len(model.target.classes) == 2:
        drawing.two_classes()
    else:
        drawing.classes()
    panel.ax.grid(visible=False)
    across.label_axis(panel, panel.ax.xaxis)
    up.label_axis(panel, panel.ax.yaxis)
    panel.ax.set(xlim=across.limits, ylim=up.limits)
    if fixed:
        values = [f"{shortened(name, SMALL, 1.8)} {_written(value)}" for name, value in fixed.items()]
        panel.note(f"Other columns: {', '.join(values)}.")
        panel.note("The rows differ in these, too." if rows is not None else "")
    return panel.finish(drawing.name_regions)


def _two_columns(model: TrainedModel, x: str | None, y: str | None) -> tuple[str, str]:
    names = tuple(column.name for column in model.schema.inputs)
    if len(names) < 2:
        raise InputError(
            f"a surface needs two columns, but the model has only {names[0]!r}; draw its profile."
        )
    for name in (x, y):
        if name is not None:
            position(name, names, "column")
    free = [name for name in strongest_columns(model) if name not in (x, y)]
    across = x if x is not None else free.pop(0)
    up = y if y is not None else free.pop(0)
    if across == up:
        raise InputError(f"x and y are both {across!r}, but must be two different columns.")
    return across, up


def _grid(across: ColumnAxis, up: ColumnAxis, fixed: Mapping[str, Any]) -> pa.Table:
    """Every pair of places as a row, the first column running fastest."""
    import pyarrow as pa

    wide, high = len(across.places), len(up.places)
    columns = {name: pa.repeat(value, wide * high) for name, value in fixed.items()}
    columns[across.encoder.column] = pa.concat_arrays([across.values.values] * high)
    columns[up.encoder.column] = up.values.values.take(pa.array(np.repeat(np.arange(high), wide)))
    return pa.table(columns)


class _Surface:
    """Colors, lines and dots over two columns: the ``grid`` holds all pairs of their values."""

    def __init__(
        self,
        panel: Panel,
        model: TrainedModel,
        across: ColumnAxis,
        up: ColumnAxis,
        grid: pa.Table,
        encoded: EncodedTable | None,
    ) -> None:
        self.panel, self.ax, self.theme = panel, panel.ax, panel.theme
        self.model, self.across, self.up, self.grid = model, across, up, grid
        self.rows = None if encoded is None else encoded.table
        self.labeled = None if encoded is None else model.labeled(encoded)
        if self.labeled is not None and self.rows is not None:
            self.rows = self.rows.take(self.labeled.numbers)
        self.continuous = across.encoder.continuous and up.encoder.continuous
        self.winners: Codes | None = None
        self.actual: Codes | None = None
        if self.labeled is not None and model.target.classes is not None:
            self.actual = class_codes(self.labeled.rows.targets)

    def numbers(self, place: int) -> None:
        """A regression: the color is the prediction, and that of the dots the actual value."""
        name, colors = self.model.target.columns[place], self.theme.sequential
        values = self.model.predict(self.grid).reshape(len(self.grid), -1)[:, place]
        actual = np.empty(0)
        if self.labeled is not None:
            actual = self.labeled.actual.reshape(len(self.labeled), -1)[:, place]
        known = np.concatenate([values, actual[np.isfinite(actual)]])
        low, high = float(known.min()), float(known.max())
        norm = Normalize(low, high if high > low else low + 1)
        self._fill(colors(norm(values)))
        if np.ptp(values) > 0 and self.continuous:
            self._contour(values, 8, linewidths=0.6, alpha=0.5)
        self._dots(colors(norm(actual)) if len(actual) else None)
        self.panel.color_bar(ScalarMappable(norm, colors), name)

    def two_classes(self) -> None:
        """The color is the probability of the second class, with a line where it is 0.5."""
        theme, names = self.theme, [str(name) for name in self.model.classes]
        probability = self.model.predict_proba(self.grid)[:, 1]
        paler = ListedColormap(theme.diverging(np.linspace(0.2, 0.8, 256)))  # than the dots
        self._fill(paler(probability))
        if probability.min() < 0.5 < probability.max() and self.continuous:
            self._contour(probability, [0.5], linewidths=2)
            self.panel.mark(Line2D([], [], color=theme.ink, linewidth=2), "probability 0.5")
        colors = [theme.negative, theme.positive]
        self._dots(None if self.actual is None else np.array(colors)[self.actual])
        if self.actual is not None:
            for name, color in zip(names[::-1], colors[::-1], strict=True):
                dot = Line2D([], [], color=color, marker="o", markersize=7, linestyle="none")
                self.panel.mark(dot, name)
        label = f"probability of {shortened(names[1], SMALL, 2)}"
        self.panel.color_bar(ScalarMappable(Normalize(0, 1), paler), label)

    def classes(self) -> None:
        """The color is that of the most probable class, the paler the less probable."""
        theme, probabilities = self.theme, self.model.predict_proba(self.grid)
        winners, count = probabilities.argmax(axis=1), probabilities.shape[1]
        sizes = np.bincount(winners, minlength=count).astype(np.float64)
        if self.actual is not None:  # classes of the rows that win nowhere get a color, too
            sizes += np.bincount(self.actual, minlength=count) * 1e-6
        colored = [int(code) for code in np.argsort(-sizes, kind="stable")[:MOST_CLASSES] if sizes[code]]
        # Black and white, paler, would be the gray of the other classes.
        hues = [hue for hue in map(to_rgb, theme.series) if max(hue) - min(hue) > 0.1]
        palette = np.tile(to_rgb(theme.muted), (count, 1))
        palette[sorted(colored)] = hues[: len(colored)]
        certainty = (probabilities.max(axis=1, keepdims=True) - 1 / count) / (1 - 1 / count)
        strength = 0.4 + 0.4 * np.clip(certainty, 0, 1)
        self._fill(strength * palette[winners] + (1 - strength) * np.array(to_rgb(theme.background)))
        self._dots(None if self.actual is None else palette[self.actual])
        for code in sorted(colored):
            self.panel.mark(Patch(color=tuple(palette[code])), str(self.model.classes[code]))
        rest = int((sizes > 0).sum()) - len(colored)
        if rest:
            self.panel.mark(Patch(color=theme.muted), f"{rest:,} other class{'es' * (rest > 1)}")
        self.winners = winners.reshape(len(self.up.places), len(self.across.places))
        draw_borders(self.panel, self.winners)

    def name_regions(self, panel: Panel) -> None:
        if self.winners is not None:
            name_regions(panel, self.winners, dict(enumerate(map(str, self.model.classes))))

    def _fill(self, colors: npt.NDArray[Any]) -> None:
        """One color (red, green, blue; more is ignored) for each row of the grid."""
        self.ax.imshow(
            colors.reshape(len(self.up.places), len(self.across.places), -1)[..., :3],
            extent=(*self.across.limits, *self.up.limits),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            zorder=0,
        )

    def _contour(self, values: Numbers, levels: Any, **style: Any) -> None:
        """Lines where the values, one for each row of the grid, reach the levels."""
        places = self.across.places, self.up.places
        heights = values.reshape(len(self.up.places), -1)
        color = self.theme.ink
        self.ax.contour(
            *places, heights, levels=levels, colors=color, negative_linestyles="solid", zorder=1, **style
        )

    def _dots(self, colors: npt.NDArray[Any] | None) -> None:
        """The rows as dots; of many, an evenly spaced selection."""
        if self.rows is None:
            return
        count = self.rows.num_rows
        chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_ROWS)).round().astype(int))
        x, y = (axis.places_of(self.rows)[chosen] for axis in (self.across, self.up))
        shown = self.theme.neutral if colors is None else colors[chosen]
        self.ax.scatter(x, y, s=26, c=shown, edgecolors=self.theme.ink, linewidths=0.7, zorder=3)


def _written(value: Any) -> str:
    return number(value) if isinstance(value, float) else shortened(value, SMALL, 1.8)
