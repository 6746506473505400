"""A model's columns as axes: where their values lie, and what is typical of them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.inside.grids import CYCLES, skipped_cycle
from glassnet.pictures.prediction_data import place_of
from glassnet.pictures.text_fit import shortened
from glassnet.pictures.theme import SMALL
from glassnet.tables import BooleanEncoder, CategoryEncoder, Column, DateEncoder, NumberEncoder, Table
from glassnet.trained import TrainedModel

if TYPE_CHECKING:
    import pyarrow as pa

MOST_LEVELS = 12  # of a category along an axis: the most frequent
ROOM = 0.05  # beyond the outermost values, as a share of their distance

Places = npt.NDArray[np.float64]
Stage = NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder


@dataclass(frozen=True)
class Ruler:
    """One column as an axis: ``places`` along it, and the column's own ``values`` there.

    ``ticks`` are places and words, where numbers would say nothing; ``whole`` is true of whole numbers. ``label`` is
    what to write beside it, if that is more than its name.
    """

    name: str
    places: Places
    values: pa.Array
    ends: tuple[float, float]
    ticks: tuple[list[float], list[str]] | None
    stage: Stage
    levels: tuple[str, ...] = ()
    whole: bool = False
    label: str = ""

    def place(self, rows: Table) -> Places:
        """Where each row lies along the axis; NaN where it has no value, or one without a place."""
        column = rows.column(self.name)
        if isinstance(self.stage, NumberEncoder):
            return column.numbers
        if isinstance(self.stage, DateEncoder):
            return column.seconds(self.stage.format)
        words = column.words
        known = {level.lower(): float(at) for at, level in enumerate(self.levels)}
        seed = zlib.crc32(self.name.encode())
        spread = 0.5 * (
            np.random.default_rng(seed).random(len(column)) - 0.5
        )  # so that dots lie side by side
        return (
            np.array([*(known.get(text.lower(), np.nan) for text in words.texts), np.nan])[words.codes]
            + spread
        )


def ruler(model: TrainedModel, name: str, rows: Table | None, fine: int) -> Ruler:
    """The axis of a column, over the range of ``rows``, or of the training table."""
    import pyarrow as pa

    column, stage = _column(model, name), _stage(model, name)
    if isinstance(stage, (BooleanEncoder, CategoryEncoder)):
        levels = _levels(column, stage)
        places = np.arange(len(levels), dtype=np.float64)
        ticks = ([float(at) for at in places], [shortened(level, SMALL, 1.2) for level in levels])
        return Ruler(name, places, pa.array(levels), (-0.5, len(levels) - 0.5), ticks, stage, levels)
    low, high = _range(column, stage, rows)
    room = ROOM * (high - low) if high > low else 0.5 * stage.scale
    ends = (low - room, high + room)
    places = np.linspace(*ends, fine)
    if isinstance(stage, NumberEncoder):
        whole = low.is_integer() and high.is_integer()
        return Ruler(name, places, pa.array(places), ends, None, stage, whole=whole)
    cycle = skipped_cycle(stage, float(places[1] - places[0]))
    label = name
    if cycle:  # else neighbors would differ by the weekday or the hour that they happen to have
        step = cycle * np.ceil((places[1] - places[0]) / cycle)
        places = low + step * np.arange(-np.ceil(room / step), np.ceil((high + room - low) / step) + 1)
        ends = (float(places[0] - step / 2), float(places[-1] + step / 2))
        label = f"{name} ({_always(low, stage, cycle)})"
    shown = np.linspace(low, high, 4)
    form = "%H:%M" if stage.format == "%H:%M:%S" else "%Y-%m-%d"
    ticks = ([float(at) for at in shown], [_moment(at).strftime(form) for at in shown])
    return Ruler(name, places, _moments(places, stage), ends, ticks, stage, label=label)


def _always(first: float, stage: DateEncoder, cycle: float) -> str:
    """What all moments have in common that are whole cycles after the first."""
    said = [f"{_moment(first):%A}s"] if cycle == CYCLES["weekday"] else []
    return ", ".join([*said, *([f"{_moment(first):%H:%M}"] if "hour" in stage.cycles else [])])


def held_columns(
    model: TrainedModel, rows: Table | None, given: dict[str, Any], free: tuple[str, ...]
) -> dict[str, Any]:
    """A value for every column that is not ``free``: as ``given``, else what is typical of ``rows`` or of training."""
    names = tuple(column.name for column in model.schema.inputs)
    for name in given:
        place_of(name, names, "column")
    return {name: given.get(name, _typical(model, name, rows)) for name in names if name not in free}


def strongest_columns(model: TrainedModel) -> list[str]:
    """All columns: numbers and dates first, and of either those with the largest weights in the first layer."""
    squares = (np.asarray(model.learnt[0].weights, np.float64) ** 2).sum(axis=1)
    ranked, at = [], 0
    for stage in model.encoder.encoders:
        words = isinstance(stage, (BooleanEncoder, CategoryEncoder))
        ranked.append((words, -float(squares[at : at + len(stage.input_names)].sum()), stage.column))
        at += len(stage.input_names)
    return [name for _, _, name in sorted(ranked)]


def _typical(model: TrainedModel, name: str, rows: Table | None) -> Any:
    """The middle of numbers and dates, the most frequent of words."""
    column, stage = _column(model, name), _stage(model, name)
    if isinstance(stage, NumberEncoder):
        values = np.empty(0) if rows is None else rows.column(name).numbers
        return float(np.nanmedian(values)) if np.isfinite(values).any() else stage.fill
    if isinstance(stage, DateEncoder):
        return _moments(np.array([stage.mean]), stage)[0]
    if rows is not None:
        words = rows.column(name).words
        if words.texts:
            return words.texts[int(words.counts().argmax())]
    return _levels(column, stage)[0]


def _range(column: Column, stage: NumberEncoder | DateEncoder, rows: Table | None) -> tuple[float, float]:
    values: Places = np.empty(0)
    if rows is not None:
        own = rows.column(column.name)
        values = own.numbers if isinstance(stage, NumberEncoder) else own.seconds(stage.format)
        values = values[np.isfinite(values)]
    if len(values):
        return float(values.min()), float(values.max())
    if column.minimum is not None and column.maximum is not None:
        return column.minimum, column.maximum
    return stage.mean - 2 * stage.scale, stage.mean + 2 * stage.scale


def _levels(column: Column, stage: BooleanEncoder | CategoryEncoder) -> tuple[str, ...]:
    """The levels of a column, the most frequent first, as far as that is known."""
    known = stage.levels if isinstance(stage, CategoryEncoder) else tuple(column.examples)
    first = [level for level in column.examples if level in known]
    return (*first, *(level for level in known if level not in first))[:MOST_LEVELS]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _moments(seconds: Places, stage: DateEncoder) -> pa.Array:
    """Moments as the column has them: text of its format, or timestamps."""
    import pyarrow as pa

    if stage.format is None:
        return pa.array((seconds * 1e6).astype(np.int64)).cast(pa.timestamp("us"))
    return pa.array([_moment(at).strftime(stage.format) for at in seconds])


def _column(model: TrainedModel, name: str) -> Column:
    return next(column for column in model.schema.inputs if column.name == name)


def _stage(model: TrainedModel, name: str) -> Stage:
    found = next(stage for stage in model.encoder.encoders if stage.column == name)
    assert isinstance(found, Stage)
    return found
