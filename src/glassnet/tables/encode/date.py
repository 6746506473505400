"""Dates and times: the time elapsed, and the cycles that it runs through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues, without
from glassnet.tables.date_parsing import ISO, TIME_ONLY, is_date_format
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
    TEXTS,
    TIMES,
    Clip,
    ColumnProgram,
    Cosine,
    Divide,
    Filled,
    Multiply,
    Sine,
    Source,
    Subtract,
    Value,
)
from glassnet.tables.encode.scaling import LIMIT, mean_and_scale
from glassnet.tables.notes import Note
from glassnet.tables.schema import DATETIME, Column

DAY = 86400.0
EARLIEST, LATEST = -62135596800.0, 253402300799.0  # the first and the last second that a datetime holds


class Cycle(NamedTuple):
    """A cycle of the calendar: its length and the steps in which it is seen, in seconds, and what it is called."""

    length: float
    grain: float
    within: str


CYCLES = {
    "season": Cycle(365.2425 * DAY, 28 * DAY, "year"),
    "weekday": Cycle(7 * DAY, DAY, "week"),
    "hour": Cycle(DAY, 1.0, "day"),
}


@register
@dataclass(frozen=True)
class DateEncoder(ColumnEncoder):
    """Seconds since 1970 (UTC) as ``(t - mean) / scale``, and sine and cosine of each cycle in ``cycles``.

    ``format`` is how text is written (None for a true timestamp); ``elapsed`` is false for times of day. The cycles
    are "season" (a year), "weekday" (a week) and "hour" (a day), those that the training rows differ in. A missing
    value is 0 everywhere, as ``words`` were in training and ``sentinels`` (seconds) are.
    """

    type: ClassVar[str] = DATETIME
    continuous: ClassVar[bool] = True
    format: str | None
    elapsed: bool
    mean: float
    scale: float
    cycles: tuple[str, ...]
    words: tuple[str, ...] = ()
    sentinels: tuple[float, ...] = ()

    @classmethod
    def fit(
        cls, values: ColumnValues, described: Column, numbers: NumberOptions, weights: Weights | None = None
    ) -> Self:
        seconds = without(values.seconds(described.format), described.sentinels)
        missing = np.isnan(seconds)
        present = seconds[~missing]
        mean, scale = mean_and_scale(present, None if weights is None else weights[~missing])
        if not (present != mean).any():
            scale = LIMIT  # a single time tells nothing of others, and a second would be no measure for them
        elapsed = described.format != TIME_ONLY
        cycles = [name for name in CYCLES if name == "hour" or elapsed]
        varied = tuple(name for name in cycles if _varies(present, CYCLES[name]))
        return cls(
            described.name, bool(missing.any()), described.format, elapsed, mean, scale, varied,
            described.missing_words, described.sentinels,
        )  # fmt: skip

    def value_names(self) -> tuple[str, ...]:
        waves = tuple(f"{self.column} {cycle} {wave}" for cycle in self.cycles for wave in ("sin", "cos"))
        return (self.column, *waves) if self.elapsed else waves

    def value_formulas(self, missing: bool) -> tuple[str, ...]:
        if missing:
            return ("0, for it is missing",) * len(self.value_names())
        angles = [f"of the angle within the {CYCLES[name].within}" for name in self.cycles]
        waves = [f"{wave} {angle}" for angle in angles for wave in ("sin", "cos")]
        return (*(["time elapsed, shifted and scaled"] if self.elapsed else []), *waves)

    def write(self, values: ColumnValues, out: Array) -> tuple[NDArray[np.bool_], list[str], list[Note]]:
        seconds = without(values.seconds(self.format), self.sentinels)
        missing = np.isnan(seconds)
        known = np.where(missing, self.mean, seconds)
        if self.elapsed:
            out[:, 0] = np.clip((known - self.mean) / self.scale, -LIMIT, LIMIT)
        for at, cycle in enumerate(self.cycles):
            angle = known * (2 * np.pi / CYCLES[cycle].length)
            first = self.elapsed + 2 * at
            out[:, first] = np.where(missing, 0, np.sin(angle))
            out[:, first + 1] = np.where(missing, 0, np.cos(angle))
        strays = [word for word in values.unread_dates(self.format) if word not in self.words]
        expected = f"dates written {self.format or ISO}"
        return missing, [words_fault(self.column, strays, values, expected)] if strays else [], []

    def value_program(self, described: Column) -> ColumnProgram:
        elapsed = Filled(Clip(Divide(Subtract(Value(), self.mean), self.scale), -LIMIT, LIMIT), 0.0)
        angles = [Multiply(Value(), 2 * math.pi / CYCLES[cycle].length) for cycle in self.cycles]
        waves = [Filled(wave(angle), 0.0) for angle in angles for wave in (Sine, Cosine)]
        kind = TIMES if self.format is None else TEXTS
        source = Source(self.column, kind, self.words, self.sentinels, self.format)
        return ColumnProgram(source, (elapsed, *waves) if self.elapsed else (*waves,))

    def grid(self, described: Column, points: int, ends: Ends) -> Grid:
        """Even steps; those that would jump about in the weekdays or hours are rounded up to whole weeks or days.

        So neighbors differ by the time elapsed, and there are fewer of them.
        """
        seconds = np.linspace(0, DAY, points)
        if self.elapsed:
            first, last = (end * self.scale + self.mean for end in ends)
            seconds = self._in_whole_cycles(first, last, points)
        shown = (seconds.round() * 1e6).astype("datetime64[us]")
        return Grid(shown, self.encode(ColumnValues(pa.array(shown))).array)

    def positions(self, values: ColumnValues) -> NDArray[np.float64]:
        return without(values.seconds(self.format), self.sentinels)

    def typical(self, described: Column, rows: ColumnValues | None) -> Any:
        if self.format is None:
            return np.datetime64(int(self.mean), "s")
        return datetime.fromtimestamp(self.mean, UTC).strftime(self.format.partition(" from ")[0])

    def faults(self, described: Column) -> list[str]:
        faults = []
        if not (self.scale > 0 and EARLIEST <= self.mean <= LATEST):
            faults.append("has a scale that is not above 0, or a mean beyond the years 1 to 9999")
        if list(self.cycles) != [name for name in CYCLES if name in self.cycles]:
            faults.append(
                f"has the cycles {self.cycles!r:.80}, but must have some of {', '.join(CYCLES)}, in this order"
            )
        if self.elapsed == (self.format == TIME_ONLY) or not is_date_format(self.format):
            faults.append(f"has the format {self.format!r:.80}, by which no dates can be read")
        own, known = (self.format, self.words, self.sentinels), described
        if own != (known.format, known.missing_words, known.sentinels):
            faults.append("has another format or other missing values than the schema")
        return faults

    def _skipped_cycle(self, step: float) -> float:
        """The longest cycle, of weekdays or hours, that steps of so many seconds would jump about in; 0 for none."""
        lengths = [CYCLES[name].length for name in self.cycles if name != "season"]
        return max((length for length in lengths if step > length / 4), default=0.0)

    def _in_whole_cycles(self, first: float, last: float, points: int) -> Array:
        step = (last - first) / (points - 1)
        cycle = self._skipped_cycle(step)
        whole = cycle * np.ceil(step / cycle) if cycle else 0.0
        if not 0 < whole <= last - first:
            return np.linspace(first, last, points)
        return first + whole * np.arange((last - first) // whole + 1)


def _varies(seconds: Array, cycle: Cycle) -> bool:
    """Whether the times differ in their place in the cycle, as a calendar shows it."""
    places = (seconds % cycle.length) // cycle.grain
    return bool(len(places) and (places != places[0]).any())
