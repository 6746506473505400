"""A model's columns as axes: their range, their values along it, and typical values."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.dates import date2num

from glassnet.inside.grids import CYCLES, skipped_cycle
from glassnet.pictures.prediction_data import position
from glassnet.tables import BooleanEncoder, CategoryEncoder, Column, DateEncoder, NumberEncoder
from glassnet.tables.column_values import as_numbers, as_timestamps, as_words
from glassnet.trained import TrainedModel

if TYPE_CHECKING:
    import pyarrow as pa

MOST_LEVELS = 12  # of a category along an axis: the most frequent
MARGIN = 0.05  # beyond the smallest and the largest value, as a share of the range
DAY = 86_400.0

Places = npt.NDArray[np.float64]
AnyEncoder = NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder


@dataclass(frozen=True)
class ColumnAxis:
    """One column along an axis.

    Attributes:
        places: (K,) along the axis: numbers, days of Matplotlib, or 0, 1, 2, ... for levels.
        values: the column's own values there.
        limits: of the axis.
        levels: of a category or boolean.
        integer: whether the ends of the range are integers.
        label: the name, and what all dates have in common.
    """

    name: str
    places: Places
    values: pa.Array
    limits: tuple[float, float]
    encoder: AnyEncoder
    label: str
    levels: tuple[str, ...] = ()
    integer: bool = False

    @property
    def is_date(self) -> bool:
        return isinstance(self.encoder, DateEncoder)

    def place(self, rows: pa.Table) -> Places:
        """(N,) where each row is along the axis; NaN where it has no value, or one that is not drawn."""
        column = rows.column(self.name)
        if isinstance(self.encoder, NumberEncoder):
            return as_numbers(column).values
        if isinstance(self.encoder, DateEncoder):
            return _days(as_timestamps(column, self.encoder.format))
        words = as_words(column)
        known = {level.lower(): float(at) for at, level in enumerate(self.levels)}
        places = np.array([*(known.get(text.lower(), np.nan) for text in words.texts), np.nan])
        jitter = np.random.default_rng(zlib.crc32(self.name.encode())).random(len(column)) - 0.5
        return places[words.codes] + 0.5 * jitter


def column_axis(model: TrainedModel, name: str, rows: pa.Table | None, count: int) -> ColumnAxis:
    """A column over the range of ``rows``, or of the training table, in ``count`` steps."""
    import pyarrow as pa

    column, encoder = _column(model, name), _encoder(model, name)
    if isinstance(encoder, (BooleanEncoder, CategoryEncoder)):
        levels = _levels(column, encoder)
        limits = (-0.5, len(levels) - 0.5)
        return ColumnAxis(
            name, np.arange(len(levels), dtype=np.float64), pa.array(levels), limits, encoder, name, levels
        )
    low, high = _range(column, encoder, rows)
    margin = MARGIN * (high - low) if high > low else 0.5 * encoder.scale
    limits = (low - margin, high + margin)
    places = np.linspace(*limits, count)
    if isinstance(encoder, NumberEncoder):
        integer = low.is_integer() and high.is_integer()
        return ColumnAxis(name, places, pa.array(places), limits, encoder, name, integer=integer)
    label = name
    cycle = skipped_cycle(encoder, float(places[1] - places[0]))
    if cycle:  # otherwise neighbors would differ by their weekday or hour
        step = cycle * np.ceil((places[1] - places[0]) / cycle)
        places = low + step * np.arange(-np.ceil(margin / step), np.ceil((high + margin - low) / step) + 1)
        limits = (float(places[0] - step / 2), float(places[-1] + step / 2))
        weekday = [f"{_date(low):%A}s"] if cycle == CYCLES["weekday"] else []
        label = f"{name} ({', '.join([*weekday, *([f'{_date(low):%H:%M}'] if 'hour' in encoder.cycles else [])])})"
    first, last = _days(np.array(limits)).tolist()
    return ColumnAxis(name, _days(places), _dates(places, encoder), (first, last), encoder, label)


def fixed_columns(
    model: TrainedModel, rows: pa.Table | None, given: dict[str, Any], free: tuple[str, ...]
) -> dict[str, Any]:
    """A value for every column that is not ``free``: the one ``given``, or one that is typical of ``rows``, or of the
    training rows."""
    names = tuple(column.name for column in model.schema.inputs)
    for name in given:
        position(name, names, "column")
    return {
        name: given[name] if name in given else _typical(model, name, rows)
        for name in names
        if name not in free
    }


def strongest_columns(model: TrainedModel) -> list[str]:
    """All columns: numbers and dates first, and of either those with the largest weights in the first layer."""
    squares = (np.asarray(model.learnt[0].weights, np.float64) ** 2).sum(axis=1)
    ranked, start = [], 0
    for encoder in model.encoder.encoders:
        end = start + len(encoder.input_names)
        levels = isinstance(encoder, (BooleanEncoder, CategoryEncoder))
        ranked.append((levels, -float(squares[start:end].sum()), encoder.column))
        start = end
    return [name for _, _, name in sorted(ranked)]


def _typical(model: TrainedModel, name: str, rows: pa.Table | None) -> Any:
    """The median of numbers, the mean of dates, the most frequent level."""
    column, encoder = _column(model, name), _encoder(model, name)
    if isinstance(encoder, NumberEncoder):
        values = np.empty(0) if rows is None else as_numbers(rows.column(name)).values
        return float(np.nanmedian(values)) if np.isfinite(values).any() else encoder.fill
    if isinstance(encoder, DateEncoder):
        return _dates(np.array([encoder.mean]), encoder)[0]
    if rows is not None:
        words = as_words(rows.column(name))
        if words.texts:
            return words.texts[int(words.counts().argmax())]
    return _levels(column, encoder)[0]


def _range(
    column: Column, encoder: NumberEncoder | DateEncoder, rows: pa.Table | None
) -> tuple[float, float]:
    if rows is not None:
        own = rows.column(column.name)
        number = isinstance(encoder, NumberEncoder)
        values = as_numbers(own).values if number else as_timestamps(own, encoder.format)  # type: ignore[union-attr]
        values = values[np.isfinite(values)]
        if len(values):
            return float(values.min()), float(values.max())
    if column.minimum is not None and column.maximum is not None:
        return column.minimum, column.maximum
    return encoder.mean - 2 * encoder.scale, encoder.mean + 2 * encoder.scale


def _levels(column: Column, encoder: BooleanEncoder | CategoryEncoder) -> tuple[str, ...]:
    """The levels of a column, the most frequent first, as far as that is known."""
    known = encoder.levels if isinstance(encoder, CategoryEncoder) else tuple(column.examples)
    first = [level for level in column.examples if level in known]
    return (*first, *(level for level in known if level not in first))[:MOST_LEVELS]


def _days(seconds: Places) -> Places:
    """Matplotlib's days for seconds since 1970."""
    return seconds / DAY + float(date2num(np.datetime64(0, "s")))


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _dates(seconds: Places, encoder: DateEncoder) -> pa.Array:
    """Dates in the form of the column: text in its format, or timestamps."""
    import pyarrow as pa

    if encoder.format is None:
        return pa.array((seconds * 1e6).astype(np.int64)).cast(pa.timestamp("us"))
    return pa.array([_date(each).strftime(encoder.format) for each in seconds])


def _column(model: TrainedModel, name: str) -> Column:
    return next(column for column in model.schema.inputs if column.name == name)


def _encoder(model: TrainedModel, name: str) -> AnyEncoder:
    found = next(encoder for encoder in model.encoder.encoders if encoder.column == name)
    assert isinstance(found, AnyEncoder)
    return found
