"""Dates and times: the time elapsed, and the cycles that it runs through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import as_timestamps
from glassnet.tables.date_parsing import ISO, TIME_ONLY
from glassnet.tables.encode.column_encoder import Array, ColumnEncoder, words_fault
from glassnet.tables.encode.scaling import LIMIT, mean_and_scale
from glassnet.tables.schema import Column

_CYCLES = {"season": 365.2425 * 86400, "weekday": 7 * 86400.0, "hour": 86400.0}


@dataclass(frozen=True)
class DateEncoder(ColumnEncoder):
    """Seconds since 1970 (UTC) as ``(t - mean) / scale``, and sine and cosine of each cycle in ``cycles``.

    ``format`` is how text is written (None for a true timestamp); ``elapsed`` is false for times of day.
    The cycles are "season" (a year), "weekday" (a week) and "hour" (a day), those that the training rows
    differ in. A gap is 0 everywhere.
    """

    type: ClassVar[str] = "datetime"
    format: str | None
    elapsed: bool
    mean: float
    scale: float
    cycles: tuple[str, ...]

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> DateEncoder:
        seconds = as_timestamps(column, described.format)
        gaps = np.isnan(seconds)
        present = seconds[~gaps]
        mean, scale = mean_and_scale(present)
        if not (present != mean).any():
            scale = LIMIT  # one moment says nothing of others, and a second would be no measure for them
        elapsed = described.format != TIME_ONLY
        cycles = [name for name in _CYCLES if name == "hour" or elapsed]
        varied = tuple(name for name in cycles if _runs_through(present, name))
        return cls(described.name, bool(gaps.any()), described.format, elapsed, mean, scale, varied)

    def _value_names(self) -> tuple[str, ...]:
        waves = tuple(f"{self.column} {cycle} {wave}" for cycle in self.cycles for wave in ("sin", "cos"))
        return (self.column, *waves) if self.elapsed else waves

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        seconds = as_timestamps(column, self.format)
        gaps = np.isnan(seconds)
        known = np.where(gaps, self.mean, seconds)
        at = 0
        if self.elapsed:
            out[:, 0] = np.clip((known - self.mean) / self.scale, -LIMIT, LIMIT)
            at = 1
        for cycle in self.cycles:
            angle = known * (2 * np.pi / _CYCLES[cycle])
            out[:, at] = np.where(gaps, 0, np.sin(angle))
            out[:, at + 1] = np.where(gaps, 0, np.cos(angle))
            at += 2
        return gaps

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        unread = np.isnan(as_timestamps(column, self.format)) & ~column.is_null().to_numpy()
        strays: dict[str, list[int]] = {}
        for row in np.flatnonzero(unread)[:100].tolist():
            strays.setdefault(str(column[row].as_py()), []).append(row + 1)
        return (
            [words_fault(self.column, strays, f"dates written {self.format or ISO}")] if strays else []
        ), []


def _runs_through(seconds: NDArray[np.float64], cycle: str) -> bool:
    """Whether the moments differ in their place in the cycle, seen with the eye of a calendar."""
    if not len(seconds):
        return False
    grain = {"season": 28 * 86400.0, "weekday": 86400.0, "hour": 1.0}[cycle]
    places = (seconds % _CYCLES[cycle]) // grain
    return bool((places != places[0]).any())
