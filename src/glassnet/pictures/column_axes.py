"""A model's columns as axes, and typical values of the columns that are not drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axis import Axis
from matplotlib.dates import date2num

from glassnet.pictures.panel import Panel
from glassnet.pictures.prediction_data import position
from glassnet.pictures.ticks import NumberLocator
from glassnet.tables import Table
from glassnet.tables.encode.column_encoder import Axis as Values
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.trained import TrainedModel

MOST_LEVELS = 12  # of a category along an axis: the most frequent
MARGIN = 0.05  # beyond the smallest and the largest value, as a share of the range
STEPS = 120  # of numbers and dates

Places = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ColumnAxis:
    """One column along an axis: its ``values`` there, and what they have in common is in the ``label``."""

    encoder: ColumnEncoder
    values: Values

    @property
    def label(self) -> str:
        common = self.values.common
        return f"{self.encoder.column} ({common})" if common else self.encoder.column

    @property
    def places(self) -> Places:
        """(P,) where the values are along the axis."""
        return self._drawn(self.values.positions)

    @property
    def limits(self) -> tuple[float, float]:
        low, high = self._drawn(np.array(self.values.ends)).tolist()
        return low, high

    def places_of(self, rows: Table) -> Places:
        """(N,) where each row is; NaN where it has no value, or one that is not drawn."""
        return self._drawn(self.encoder.positions(rows.column(self.encoder.column), self.values.levels))

    def cells(self) -> tuple[Places, npt.NDArray[np.intp]]:
        """Places for contours and the values there; a level has several, so that lines are along its sides."""
        fine = 1 if self.encoder.continuous else 20
        count = len(self.places)
        places = (np.arange(fine * count) + 0.5) / fine - 0.5 if fine > 1 else self.places
        return places, np.repeat(np.arange(count), fine)

    def is_similar(self, other: ColumnAxis, factor: float) -> bool:
        """Whether both have numbers, over ranges that differ by less than the factor."""
        numbers = all(own.encoder.continuous and not own.values.dates for own in (self, other))
        one, two = (own.limits[1] - own.limits[0] for own in (self, other))
        return numbers and max(one, two) < factor * min(one, two)

    def label_axis(self, panel: Panel, axis: Axis) -> None:
        if self.values.levels:
            panel.categories[axis] = self.values.levels
        elif self.values.dates:
            panel.dates.append(axis)
        else:
            axis.set_major_locator(NumberLocator(integer=self.values.integers))
        axis.set_label_text(self.label)

    def _drawn(self, positions: Places) -> Places:
        """Seconds since 1970 as Matplotlib's days."""
        return positions / 86_400 + date2num(np.datetime64(0, "s")) if self.values.dates else positions


def column_axis(model: TrainedModel, name: str, rows: Table | None) -> ColumnAxis:
    """A column over the range of ``rows``, or of the training table."""
    encoder, own = model.encoder[name], None if rows is None else rows.column(name)
    return ColumnAxis(encoder, encoder.axis(model.schema[name], own, STEPS, MARGIN, MOST_LEVELS))


def fixed_columns(
    model: TrainedModel, rows: Table | None, given: Mapping[str, Any], free: tuple[str, ...]
) -> dict[str, Any]:
    """A value for every column that is not ``free``: the one ``given``, or one that is typical of ``rows``, or of the
    training rows."""
    names, found = tuple(model.encoder.slices), {}
    for name in given:
        position(name, names, "column")
    for name in names:
        if name in given:
            found[name] = given[name]
        else:
            own = None if rows is None else rows.column(name)
            found[name] = model.encoder[name].typical(model.schema[name], own)
    return {name: found[name] for name in names if name not in free}


def strongest_columns(model: TrainedModel) -> list[str]:
    """All columns: numbers and dates first, and of either those with the largest weights in the first layer."""
    squares = (np.asarray(model.learnt[0].weights, np.float64) ** 2).sum(axis=1)
    sizes = {name: -float(squares[own].sum()) for name, own in model.encoder.slices.items()}
    return sorted(sizes, key=lambda name: (not model.encoder[name].continuous, sizes[name], name))
