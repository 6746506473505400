"""The decision surface: what a model says over any two columns, all others held at typical values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from glassnet.errors import InputError
from glassnet.pictures import prediction_data
from glassnet.pictures.axes_style import canvas, color_bar, finish, label_ticks
from glassnet.pictures.column_axes import Ruler, held_columns, ruler, strongest_columns
from glassnet.pictures.regions import borders, name_regions
from glassnet.pictures.text_fit import number, shortened
from glassnet.pictures.theme import SMALL, Theme
from glassnet.pictures.titles import Key, heading
from glassnet.tables import Table
from glassnet.targets import class_codes
from glassnet.trained import TrainedModel
from glassnet.training.encoded_rows import EncodedTable

if TYPE_CHECKING:
    import pyarrow as pa

FINE = 120  # steps along a column of numbers
MOST_ROWS = 2_000  # dots
MOST_CLASSES = 6  # with a color of their own

Numbers = npt.NDArray[np.float64]


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
    """The model's answer wherever two columns go, as color, with the rows of ``table`` as dots on it.

    The other columns are held at typical values: the middle of numbers, the most frequent of words. Two
    classes show the chance of the second; several the most probable one, the paler the less sure, with its name.

    Args:
        table: rows to draw, to take the typical values from, and whose range to cover; without one, those
            of the training table.
        x, y: two columns as the table has them; by default the two with the largest weights.
        at: values to hold other columns at.
        output: which of several targets, by place or name.

    Raises:
        InputError: the model has a single column (see :func:`glassnet.pictures.profile`), or no such column.
    """
    across, up = _two_columns(model, x, y)
    encoded = None if table is None else model.encode(table)
    rows = None if encoded is None else encoded.table
    rulers = [ruler(model, name, rows, FINE) for name in (across, up)]
    held = held_columns(model, rows, dict(at or {}), (across, up))
    axes, chosen = canvas(ax, theme)
    ground = _Ground(axes, chosen, model, rulers[0], rulers[1], _grid(rulers, held), encoded)
    bars: list[Axes] = []
    winners: npt.NDArray[np.intp] | None = None
    if model.target.classes is None:
        key, bars = _numbers(ground, prediction_data.place_of(output, model.target.columns, "output"))
    elif len(model.target.classes) == 2:
        key, bars = _two(ground)
    else:
        key, winners = _several(ground)
    axes.grid(visible=False)
    for axis, own in ((axes.xaxis, rulers[0]), (axes.yaxis, rulers[1])):
        if own.ticks is not None:
            label_ticks(axis, *own.ticks)
        elif own.whole:
            axis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        axis.set_label_text(own.label or own.name)
    axes.set(xlim=rulers[0].ends, ylim=rulers[1].ends)
    others = [f"{shortened(name, SMALL, 1.8)} {_said(value)}" for name, value in held.items()]
    facts = ""
    if others:
        more = f" and {len(others) - 6:,} more" if len(others) > 6 else ""
        facts = f"Other columns held at: {', '.join(others[:6])}{more}."
        if rows is not None:
            known = model.target.classes is None and model.target.columns[0] in rows.column_names
            colored = ", colored by what really was" if known else ""
            facts += f" The dots are rows{colored}, which differ in those too."
    size = heading(axes, chosen, title or _title(model, output), facts, key=key, beside=bars)
    if winners is not None:
        name_regions(axes, chosen, size, winners, dict(enumerate(map(str, model.classes))))
    return finish(axes)


def _two_columns(model: TrainedModel, x: str | None, y: str | None) -> tuple[str, str]:
    names = tuple(column.name for column in model.schema.inputs)
    if len(names) < 2:
        raise InputError(
            f"a surface needs two columns, but the model has only {names[0]!r}; draw its profile."
        )
    for name in (x, y):
        if name is not None:
            prediction_data.place_of(name, names, "column")
    free = [name for name in strongest_columns(model) if name not in (x, y)]
    across = x if x is not None else free.pop(0)
    up = y if y is not None else free.pop(0)
    if across == up:
        raise InputError(f"x and y are both {across!r}, but must be two different columns.")
    return across, up


def _grid(rulers: list[Ruler], held: Mapping[str, Any]) -> pa.Table:
    """Every pair of places as a row, the first column running fastest."""
    import pyarrow as pa

    wide, high = (len(own.places) for own in rulers)
    columns = {name: pa.repeat(value, wide * high) for name, value in held.items()}
    columns[rulers[0].name] = pa.concat_arrays([rulers[0].values] * high)
    columns[rulers[1].name] = rulers[1].values.take(pa.array(np.repeat(np.arange(high), wide)))
    return pa.table(columns)


@dataclass(frozen=True)
class _Ground:
    """What is painted on: the axes and the columns along them, the ``grid`` of their pairs, and ``rows`` or none."""

    ax: Axes
    theme: Theme
    model: TrainedModel
    across: Ruler
    up: Ruler
    grid: pa.Table
    rows: EncodedTable | None

    def color(self, colors: npt.NDArray[Any]) -> None:
        """One color (red, green, blue, and more that is left out) for each row of the grid."""
        shape = (len(self.up.places), len(self.across.places), -1)
        self.ax.imshow(
            colors.reshape(shape)[..., :3],
            extent=(*self.across.ends, *self.up.ends),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            zorder=0,
        )

    @property
    def smooth(self) -> bool:
        """Whether there is anything between one row of the grid and the next: not so for words."""
        return self.across.ticks is None and self.up.ticks is None

    def lines(self, values: Numbers, levels: Any, **style: Any) -> None:
        """Where the values, one for each row of the grid, reach the levels."""
        heights = values.reshape(len(self.up.places), len(self.across.places))
        places = self.across.places, self.up.places
        self.ax.contour(
            *places, heights, levels=levels, colors=self.theme.ink, negative_linestyles="solid", **style
        )

    def dots(self, rows: Table | None, colors: Any) -> None:
        """The rows as dots; of many, an even selection."""
        if rows is None:
            return
        chosen = np.unique(
            np.linspace(0, rows.num_rows - 1, min(rows.num_rows, MOST_ROWS)).round().astype(int)
        )
        x, y = (own.place(rows)[chosen] for own in (self.across, self.up))
        shown = self.theme.neutral if colors is None else np.asarray(colors)[chosen]
        self.ax.scatter(x, y, s=26, c=shown, edgecolors=self.theme.ink, linewidths=0.7, zorder=3)

    def classes(self) -> tuple[Table | None, npt.NDArray[np.intp] | None]:
        """The rows to draw, and the place of each one's class, where the table has the target."""
        if self.rows is None:
            return None, None
        labeled = self.model.labeled(self.rows)
        if labeled is None:
            return self.rows.table, None
        return self.rows.table.take(labeled.numbers), class_codes(labeled.rows.targets)


def _numbers(ground: _Ground, place: int) -> tuple[Key, list[Axes]]:
    """A regression: color is the prediction, and the dots have the colors of what really was."""
    model, theme, encoded = ground.model, ground.theme, ground.rows
    name = model.target.columns[place]
    values = model.predict(ground.grid).reshape(len(ground.grid), -1)[:, place]
    actual, rows = None, None if encoded is None else encoded.table
    labeled = None if encoded is None else model.labeled(encoded)
    if encoded is not None and labeled is not None:
        rows = encoded.table.take(labeled.numbers)
        actual = labeled.actual.reshape(len(labeled), -1)[:, place]
    known = values if actual is None else np.concatenate([values, actual[np.isfinite(actual)]])
    low, high = float(known.min()), float(known.max())
    shade = Normalize(low, high if high > low else low + 1)
    ground.color(theme.sequential(shade(values)))
    if np.ptp(values) > 0 and ground.smooth:
        ground.lines(values, 8, linewidths=0.6, alpha=0.5)
    ground.dots(rows, None if actual is None else theme.sequential(shade(actual)))
    return [], [color_bar(ground.ax, theme, ScalarMappable(shade, theme.sequential), name)]


def _two(ground: _Ground) -> tuple[Key, list[Axes]]:
    """Two classes: color is the chance of the second, and a line parts them where it is a half."""
    theme, chance = ground.theme, ground.model.predict_proba(ground.grid)[:, 1]
    paler = ListedColormap(theme.diverging(np.linspace(0.2, 0.8, 256)))  # than the dots
    ground.color(paler(chance))
    key: list[tuple[Artist, str]] = []
    if chance.min() < 0.5 < chance.max() and ground.smooth:
        ground.lines(chance, [0.5], linewidths=2)
        key.append((Line2D([], [], color=theme.ink, linewidth=2), "as likely as not"))
    first, second = (shortened(name, SMALL, 2) for name in map(str, ground.model.classes))
    rows, codes = ground.classes()
    ground.dots(rows, None if codes is None else [(theme.negative, theme.positive)[code] for code in codes])
    bar = color_bar(ground.ax, theme, ScalarMappable(Normalize(0, 1), paler), f"chance of {second}")
    if codes is not None:
        key += [(_dot(theme.positive), second), (_dot(theme.negative), first)]
    return key, [bar]


def _several(ground: _Ground) -> tuple[Key, npt.NDArray[np.intp]]:
    """Several classes: the color of the most probable, the paler the less probable; and which that is, as a grid."""
    theme, chances = ground.theme, ground.model.predict_proba(ground.grid)
    winners, count = chances.argmax(axis=1), chances.shape[1]
    rows, codes = ground.classes()
    sizes = np.bincount(winners, minlength=count).astype(np.float64)
    if codes is not None:  # classes that the rows have, but win nowhere, still get a color of their own
        sizes += np.bincount(codes, minlength=count) * 1e-6
    named = [int(place) for place in np.argsort(-sizes, kind="stable")[:MOST_CLASSES] if sizes[place]]
    # Black and white, paler, would be the gray of the others.
    hues = [hue for hue in map(to_rgb, theme.series) if max(hue) - min(hue) > 0.1]
    palette = np.tile(to_rgb(theme.muted), (count, 1))
    palette[sorted(named)] = hues[: len(named)]
    sure = (chances.max(axis=1, keepdims=True) - 1 / count) / (1 - 1 / count)
    strength = 0.4 + 0.4 * np.clip(sure, 0, 1)
    ground.color(strength * palette[winners] + (1 - strength) * np.array(to_rgb(theme.background)))
    ground.dots(rows, None if codes is None else palette[codes])
    key: list[tuple[Artist, str]] = [
        (Patch(color=tuple(palette[place])), shortened(ground.model.classes[place], SMALL, 2))
        for place in sorted(named)
    ]
    rest = int((sizes > 0).sum()) - len(named)
    if rest:
        key.append((Patch(color=theme.muted), "1 other class" if rest == 1 else f"{rest:,} other classes"))
    grid = winners.reshape(len(ground.up.places), len(ground.across.places))
    borders(ground.ax, theme, grid)
    return key, grid


def _dot(color: str) -> Line2D:
    return Line2D([], [], color=color, marker="o", markersize=7, linestyle="none")


def _title(model: TrainedModel, output: int | str) -> str:
    if model.target.classes is None:
        return f"Predicted {model.target.columns[prediction_data.place_of(output, model.target.columns, 'output')]}"
    return f"Predicted {model.target.columns[0]}"


def _said(value: Any) -> str:
    return number(value) if isinstance(value, float) else shortened(value, SMALL, 1.8)
