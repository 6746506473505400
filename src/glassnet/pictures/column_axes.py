"""A model's columns as axes: the values that are drawn, where rows are among them, and which columns matter most."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axis import Axis
from matplotlib.dates import date2num

from glassnet.inside.grids import input_range, usual_range
from glassnet.inside.importances import importances
from glassnet.net.arrays import Array
from glassnet.pictures.panel import Panel
from glassnet.pictures.ticks import NumberLocator
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.trained import TrainedModel
from glassnet.training.encoded_rows import EncodedTable

MOST_LEVELS = 12  # of a category along an axis: the most frequent
STEPS = 120  # of numbers and dates
BEYOND = 0.15  # the middle 90 % of the training rows are extended by so much of their range, within the whole range
FEW_COLUMNS = 50  # so many can be shuffled to measure their importance

Places = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ColumnAxis:
    """One column along an axis.

    Attributes:
        values: (K,) in the units of the table: numbers, dates, or levels.
        inputs: (K, own inputs) encoded.
        own: where the inputs of the column are among all.
        integer: whether the column has integers.
    """

    encoder: ColumnEncoder
    values: npt.NDArray[np.generic]
    inputs: Array
    own: slice
    integer: bool

    @property
    def name(self) -> str:
        return self.encoder.column

    @property
    def is_date(self) -> bool:
        return self.values.dtype.kind == "M"

    @property
    def places(self) -> Places:
        """(K,) along the axis: numbers, days of Matplotlib, or 0, 1, 2, ... for levels."""
        if self.encoder.continuous:
            return date2num(self.values) if self.is_date else self.values.astype(np.float64)
        return np.arange(len(self.values), dtype=np.float64)

    @property
    def limits(self) -> tuple[float, float]:
        places = self.places
        half = (places[1] - places[0]) / 2 if len(places) > 1 else 0.5
        return float(places[0] - half), float(places[-1] + half)

    def places_of(self, rows: EncodedTable) -> Places:
        """(N,) where each row is; NaN where it has no value, or one that is not drawn."""
        if self.encoder.continuous:
            places = self.encoder.positions(rows.table.column(self.name))
            return places / 86_400 + date2num(np.datetime64(0, "s")) if self.is_date else places
        same = (rows.inputs[:, None, self.own] == self.inputs).all(axis=2)
        jitter = np.random.default_rng(zlib.crc32(self.name.encode())).random(len(same)) - 0.5
        return np.where(same.any(axis=1), same.argmax(axis=1) + 0.5 * jitter, np.nan)

    def cells(self) -> tuple[Places, npt.NDArray[np.intp]]:
        """Places for contours and the values there; a level has several, so that lines are along its sides."""
        fine = 1 if self.encoder.continuous else 20
        count = len(self.values)
        places = (np.arange(fine * count) + 0.5) / fine - 0.5 if fine > 1 else self.places
        return places, np.repeat(np.arange(count), fine)

    def label(self, panel: Panel, axis: Axis) -> None:
        axis.set_label_text(self.name)
        if not self.encoder.continuous:
            panel.categories[axis] = [str(level) for level in self.values.tolist()]
        elif self.is_date:
            panel.dates.append(axis)
        else:
            axis.set_major_locator(NumberLocator(integer=self.integer))


def column_axis(model: TrainedModel, name: str) -> ColumnAxis:
    """A column over its usual range in the training rows, or its most frequent levels."""
    encoder, described, own = model.encoder[name], model.schema[name], model.encoder.slices[name]
    low, high = usual_range(model, name)
    beyond = BEYOND * (high - low)
    first, last = np.clip((low - beyond, high + beyond), *input_range(model, name)).tolist()
    values, inputs = encoder.grid(described, STEPS, (first, last))
    if not encoder.continuous:
        frequent = encoder.levels_of(described)[:MOST_LEVELS]
        kept = [at for at, level in enumerate(values) if level in frequent or len(values) <= MOST_LEVELS]
        values, inputs = values[kept], inputs[kept]
    ends = (described.minimum or 0.5, described.maximum or 0.5)
    integer = all(float(end).is_integer() for end in ends)
    return ColumnAxis(encoder, values, inputs.astype(model.dtype), own, integer)


def ranked_columns(model: TrainedModel, rows: EncodedTable | None) -> list[str]:
    """All columns, the most important first: by permutation where the rows have a target, otherwise by the weights."""
    measurable = rows is not None and model.labeled(rows) is not None
    method = "permutation" if measurable and len(model.schema.inputs) <= FEW_COLUMNS else "olden"
    return importances(model, rows, method).ranking(method)
