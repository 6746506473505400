"""The encoder of numbers: scaled, and in bins, with a missing value replaced."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import plural
from glassnet.tables.column_values import ColumnValues, without
from glassnet.tables.encode.bins import (
    bin_covariances,
    bin_edges,
    bin_formulas,
    bin_names,
    write_bins,
)
from glassnet.tables.encode.column_encoder import (
    Array,
    ColumnEncoder,
    Ends,
    Grid,
    NumberOptions,
    Weights,
    register,
    words_fault,
)
from glassnet.tables.encode.program import (
    NUMBERS,
    Clip,
    ColumnProgram,
    Divide,
    Expression,
    Filled,
    SoftClip,
    Source,
    Subtract,
    Value,
)
from glassnet.tables.encode.scaling import (
    CLIPPED,
    LIMIT,
    encode_numbers,
    mean_and_scale,
    means_and_scales,
    median_and_scale,
    smoothly_clipped,
    smoothly_clipped_inverse,
)
from glassnet.tables.notes import Note
from glassnet.tables.number_parsing import same_unit
from glassnet.tables.schema import NUMBER, Column

BEYOND = 0.5  # of the training rows' range, to both sides: what lies farther out is unusual


@register
@dataclass(frozen=True)
class NumberEncoder(ColumnEncoder):
    """``z = (x - center) / scale``; if ``smooth``, ``z / sqrt(1 + (z / 3)²)``, which is between -3 and 3.

    ``edges`` are those of the bins (:func:`~glassnet.tables.encode.bins.bin_edges`), each of which is one more input.
    A missing value counts as ``fill``, and so do ``words``, which stood for one in training, and ``sentinels``, which
    are numbers. ``unit`` is the unit that the numbers had in training. ``filled`` says that the training rows had
    missing values which no input marks, as another library may fill them.
    """

    type: ClassVar[str] = NUMBER
    continuous: ClassVar[bool] = True
    fill: float
    center: float
    scale: float
    smooth: bool = False
    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    unit: str = ""
    sentinels: tuple[float, ...] = ()
    filled: bool = False

    @classmethod
    def fit(
        cls, values: ColumnValues, described: Column, numbers: NumberOptions, weights: Weights | None = None
    ) -> Self:
        row = without(values.numbers, described.sentinels)[None]
        return cls.fit_all([described], row, numbers, weights)[0]

    @classmethod
    def fit_all(
        cls,
        described: Sequence[Column],
        rows: Array,
        numbers: NumberOptions,
        weights: Weights | None = None,
    ) -> list[Self]:
        """One for each row of ``rows`` (C, N), NaN for a missing value."""
        whole = rows.astype(np.float64, copy=False)
        means, scales = means_and_scales(whole, weights)
        smooth = numbers.scaling == "robust"
        encoders = []
        for column, row, fill, scale in zip(described, whole, means.tolist(), scales.tolist(), strict=True):
            missing = math.isnan(fill)
            present, own = row, weights
            if missing:
                known = ~np.isnan(row)
                present, own = row[known], None if weights is None else weights[known]
            if smooth or missing:
                fill, scale = (median_and_scale if smooth else mean_and_scale)(present, own)
            center, scale = (0.0, 1.0) if numbers.scaling == "none" else (fill, scale)
            encoders.append(
                cls(
                    column.name,
                    missing,
                    fill,
                    center,
                    scale,
                    smooth,
                    bin_edges(present, numbers.bins, own),
                    column.missing_words,
                    column.unit,
                    column.sentinels,
                )
            )
        return encoders

    @property
    def constants(self) -> tuple[float, float, float, bool]:
        """What :func:`~glassnet.tables.encode.scaling.encode_numbers` takes."""
        return self.fill, self.center, self.scale, self.smooth

    def value_names(self) -> tuple[str, ...]:
        return (self.column, *bin_names(self.column, self.edges))

    def value_formulas(self, missing: bool) -> tuple[str, ...]:
        if missing:
            return (f"missing, counts as {self.fill:.6g}",) * len(self.value_names())
        scaled = f"({self.column} − {self.center!r}) / {self.scale!r}"
        if self.smooth:
            scaled = f"z / √(1 + (z / 3)²), z = {scaled}"
        return ("as it is" if self.is_unscaled else scaled, *bin_formulas(self.column, self.edges))

    def write(self, values: ColumnValues, out: Array) -> tuple[NDArray[np.bool_], list[str], list[Note]]:
        numbers, faults = without(values.numbers, self.sentinels), []
        out[:, 0] = encode_numbers(numbers, *self.constants)
        if self.edges:
            self.write_bins(numbers, out)
        if values.is_timestamp and values.missing < len(values):
            faults.append(f"Column {self.column!r} must hold numbers, but holds dates and times.")
        if strays := [word for word in values.strays if word not in self.words]:
            faults.append(words_fault(self.column, strays, values))
        if len(rows := np.flatnonzero(np.isinf(numbers))):
            shown = ", ".join(f"row {row}: {numbers[row]}" for row in rows[:3])
            faults.append(f"Column {self.column!r} holds {plural(len(rows), 'infinite value')} ({shown}).")
        if same_unit(values.unit, self.unit):
            return np.isnan(numbers), faults, []
        if values.unit and self.unit:
            units = f"has the unit {values.unit!r}, but had {self.unit!r} in training"
            return np.isnan(numbers), [*faults, f"Column {self.column!r} {units}; convert it."], []
        here, then = (repr(unit) if unit else "no unit" for unit in (values.unit, self.unit))
        text = f"Column {self.column!r} has {here}, but had {then} in training; its numbers are taken as in training."
        return np.isnan(numbers), faults, [Note("unit", text)]

    def value_program(self, described: Column) -> ColumnProgram:
        scaled: Expression = Clip(Divide(Subtract(Value(), self.center), self.scale), -LIMIT, LIMIT)
        scaled = Filled(scaled, (self.fill - self.center) / self.scale)
        known = Filled(Value(), self.fill)
        bins = [
            Clip(Divide(Subtract(known, low), high - low), 0.0, 1.0) for low, high in pairwise(self.edges)
        ]
        source = Source(self.column, NUMBERS, self.words, self.sentinels)
        return ColumnProgram(source, (SoftClip(scaled, CLIPPED) if self.smooth else scaled, *bins))

    def write_bins(self, numbers: Array, out: Array) -> None:
        """Write the bins of ``numbers`` (N,), NaN for a missing value, behind the first of the column's inputs."""
        known = numbers.astype(np.float64)
        known[np.isnan(known)] = self.fill
        write_bins(known, self.edges, out[:, 1 : len(self.edges)])

    def encoder_of_number(self) -> Callable[[float], list[float] | None]:
        center, scale, smooth, sentinels = self.center, self.scale, self.smooth, {*self.sentinels}
        unmarked = [0.0] if self.missing_flag else []
        lows = self.edges[:-1]
        # the bins before a value are 1, to the bit, and those behind it are 0
        bins = [
            ([1.0] * at, low, high - low, [0.0] * (len(lows) - at - 1) + unmarked)
            for at, (low, high) in enumerate(pairwise(self.edges))
        ]
        below = [0.0] * len(lows) + unmarked

        def encode(value: float) -> list[float] | None:
            scaled = (value - center) / scale
            if not -LIMIT <= scaled <= LIMIT or value in sentinels:
                return None
            if smooth:
                share = scaled / CLIPPED
                scaled = scaled / math.sqrt(1 + share * share)
            place = bisect_right(lows, value)
            if not place:
                return [scaled, *below]
            before, low, width, behind = bins[place - 1]
            share = (value - low) / width
            return [scaled, *before, share if share < 1.0 else 1.0, *behind]

        return encode

    @property
    def bin_count(self) -> int:
        return len(bin_names(self.column, self.edges))

    @property
    def is_unscaled(self) -> bool:
        return self.center == 0 and self.scale == 1 and not self.smooth

    def grid(self, described: Column, points: int, ends: Ends) -> Grid:
        steps = np.linspace(*ends, points)
        inputs = np.zeros((points, len(self.input_names)))
        inputs[:, 0] = smoothly_clipped(steps) if self.smooth else steps
        values = steps * self.scale + self.center
        if self.edges:
            self.write_bins(values, inputs)
        return Grid(values, inputs)

    def even(self, inputs: Array, described: Column) -> Array:
        if not self.smooth:
            return inputs
        low, high = self._scaled_range(described, (-np.inf, np.inf))
        return smoothly_clipped_inverse(inputs).clip(low, high)

    def positions(self, values: ColumnValues) -> NDArray[np.float64]:
        return without(values.numbers, self.sentinels)

    def typical(self, described: Column, rows: ColumnValues | None) -> float:
        values = np.empty(0) if rows is None else self.positions(rows)
        return float(np.nanmedian(values)) if np.isfinite(values).any() else self.fill

    def unusual(
        self, inputs: Array, described: Column, ends: Ends, missing: NDArray[np.bool_] | None
    ) -> Array:
        low, high = self._scaled_range(described, ends)
        margin = BEYOND * (high - low) or 1.0
        values = inputs[:, 0].astype(np.float64)
        values = smoothly_clipped_inverse(values) if self.smooth else values
        return (values < low - margin) | (values > high + margin)

    def variances(self, factors: Array, means: Array, deviations: Array) -> Array:
        if not self.edges:
            return super().variances(factors, means, deviations)
        bins = slice(1, len(self.edges))
        covariances = np.diag(
            deviations**2
        )  # of a mark of missing values, which counts as uncorrelated, and of all
        covariances[bins, bins] = bin_covariances(means[bins], deviations[bins])
        # between two edges the scaled number is about a straight line, and so it is a sum of the bins
        rises = np.diff(encode_numbers(np.array(self.edges), *self.constants))
        covariances[0, bins] = covariances[bins, 0] = covariances[bins, bins] @ rises
        found: Array = (factors * (covariances @ factors)).sum(axis=0)
        return found

    def typical_statistics(self) -> tuple[Array, Array]:
        means, deviations = super().typical_statistics()
        count = len(self.edges) - 1
        if count > 0:  # as many rows in each bin
            before = (np.arange(count) + 0.5) / count
            means[1 : count + 1] = 1 - before
            squares = 1 - before - 1 / (6 * count)
            deviations[1 : count + 1] = np.sqrt(squares - (1 - before) ** 2)
        return means, deviations

    def missing_note(self, values: ColumnValues) -> list[Note]:
        return [] if self.filled else super().missing_note(values)

    @property
    def missing_as(self) -> str:
        return f"{self.fill:.6g}"

    def faults(self, described: Column) -> list[str]:
        faults = [] if self.scale > 0 else [f"has the scale {self.scale}, which must be above 0"]
        if self.edges and not _are_edges(self.edges):
            faults.append("has edges of bins that are fewer than two, not ascending or too far apart")
        own, known = (self.words, self.unit, self.sentinels), described
        if own != (known.missing_words, known.unit, known.sentinels):
            faults.append("has another unit or other missing values than the schema")
        return faults

    def _scaled_range(self, described: Column, ends: Ends) -> Ends:
        """The range of the table that was trained on, shifted and scaled."""
        if described.minimum is None or described.maximum is None:
            return ends
        return (described.minimum - self.center) / self.scale, (described.maximum - self.center) / self.scale


def _are_edges(edges: tuple[float, ...]) -> bool:
    ascending = all(low < high for low, high in pairwise(edges))
    return len(edges) > 1 and ascending and math.isfinite(edges[-1] - edges[0])
