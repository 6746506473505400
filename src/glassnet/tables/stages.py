"""The encoder's stages: one small record a column, which can be written down in any language.

Each says the names of the inputs that it makes, writes them into an array, and checks a column that it
is about to meet. Numbers become ``(x - mean) / scale`` with gaps at ``fill``; booleans 0 or 1; categories
one input a level; dates the time elapsed and the sine and cosine of the cycles that they run through.
A gap is marked by an input of its own where the training rows had gaps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.dates import ISO, TIME_ONLY
from glassnet.tables.kinds import LEVELS
from glassnet.tables.scaling import LIMIT, encode_numbers, mean_and_scale, means_and_scales
from glassnet.tables.schema import Column
from glassnet.tables.values import as_moments, as_numbers, as_words, is_moment, is_plain
from glassnet.tables.words import NO_WORDS, YES_WORDS, quoted, shortened

Array = NDArray[Any]


@dataclass(frozen=True)
class Stage:
    """What every stage has: the column that it reads, and whether it marks gaps."""

    kind: ClassVar[str]
    column: str
    missing_flag: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its inputs, the mark of a gap last."""
        return (*self._value_names(), f"{self.column} missing") if self.missing_flag else self._value_names()

    def write(self, column: pa.ChunkedArray, out: Array) -> None:
        """Fill ``out`` (N, number of names), which is all zeros, from ``column`` (N,)."""
        gaps = self._write(column, out)
        if self.missing_flag:
            out[:, -1] = gaps

    def check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        """(faults, notes) of a column that is to be encoded."""
        if not is_plain(column):
            return [f"Column {self.column!r} holds {column.type} values, not numbers, words or dates."], []
        faults, notes = self._check(column)
        if column.null_count and not self.missing_flag:
            notes.append(
                f"Column {self.column!r} has {column.null_count} gap(s), though it had none in training;"
                " they are taken as the average."
            )
        return faults, notes

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold; floats keep every bit."""
        plain = {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }
        return {"kind": self.kind, **plain}

    def _value_names(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        raise NotImplementedError

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        raise NotImplementedError


@dataclass(frozen=True)
class NumberEncoding(Stage):
    """``(x - mean) / scale``, a gap counting as ``fill``; ``words`` stood for gaps in training."""

    kind: ClassVar[str] = "number"
    fill: float
    mean: float
    scale: float
    words: tuple[str, ...] = ()

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> NumberEncoding:
        return cls.fit_all([described], as_numbers(column).values[None], standardize)[0]

    @classmethod
    def fit_all(cls, described: Sequence[Column], numbers: Array, standardize: bool) -> list[NumberEncoding]:
        """One for each row of ``numbers`` (C, N), NaN for a gap."""
        whole = numbers.astype(np.float64, copy=False)
        means, scales = means_and_scales(whole)
        stages = []
        for column, row, fill, scale in zip(described, whole, means.tolist(), scales.tolist(), strict=True):
            gaps = math.isnan(fill)
            if gaps:
                fill, scale = mean_and_scale(row[~np.isnan(row)])
            mean, scale = (fill, scale) if standardize else (0.0, 1.0)
            stages.append(cls(column.name, gaps, fill, mean, scale, column.words))
        return stages

    def _value_names(self) -> tuple[str, ...]:
        return (self.column,)

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        values = as_numbers(column).values
        out[:, 0] = encode_numbers(values, self.fill, self.mean, self.scale)
        return np.isnan(values)

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        if is_moment(column) and column.null_count < len(column):
            return [f"Column {self.column!r} must hold numbers, but holds dates and times."], []
        parsed = as_numbers(column)
        faults = []
        strays = {word: rows for word, rows in parsed.strays.items() if word not in self.words}
        if strays:
            faults.append(words_fault(self.column, strays))
        rows = np.flatnonzero(np.isinf(parsed.values))
        if len(rows):
            shown = ", ".join(f"row {row + 1}: {parsed.values[row]}" for row in rows[:3])
            faults.append(f"Column {self.column!r} holds {len(rows)} infinite value(s) ({shown}).")
        return faults, []


@dataclass(frozen=True)
class BooleanEncoding(Stage):
    """1 for a word in ``yes``, 0 for one in ``no`` (lower case), ``fill`` (the share of yes) for a gap."""

    kind: ClassVar[str] = "boolean"
    no: tuple[str, ...]
    yes: tuple[str, ...]
    fill: float

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> BooleanEncoding:
        texts = sorted(described.examples, key=str.lower)
        no, yes = tuple(sorted(NO_WORDS)), tuple(sorted(YES_WORDS))
        if not all(text.lower() in NO_WORDS | YES_WORDS for text in texts):
            no, yes = (texts[0].lower(),), tuple(text.lower() for text in texts[1:])
        truth = cls(described.name, False, no, yes, 0.0)._truth(column)
        gaps = np.isnan(truth)
        fill = float(truth[~gaps].mean()) if not gaps.all() else 0.0
        return cls(described.name, bool(gaps.any()), no, yes, fill)

    def _truth(self, column: pa.ChunkedArray) -> NDArray[np.float64]:
        words = as_words(column)
        table = {**dict.fromkeys(self.no, 0.0), **dict.fromkeys(self.yes, 1.0)}
        values = np.array([*(table.get(text.lower(), np.nan) for text in words.texts), np.nan])
        return values[words.codes]

    def _value_names(self) -> tuple[str, ...]:
        return (self.column,)

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        truth = self._truth(column)
        gaps = np.isnan(truth)
        out[:, 0] = np.where(gaps, self.fill, truth)
        return gaps

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        words = as_words(column)
        strange = {
            text: (np.flatnonzero(words.codes == at)[:5] + 1).tolist()
            for at, text in enumerate(words.texts)
            if text.lower() not in (*self.no, *self.yes)
        }
        expected = f"{self.no[0]!r} or {self.yes[0]!r}" if len(self.no) == 1 else "yes or no, true or false"
        return ([words_fault(self.column, strange, expected)] if strange else []), []


@dataclass(frozen=True)
class CategoryEncoding(Stage):
    """One input a level, 1 where the row has it. ``other``: one more for levels that are not listed.

    A level that training never saw goes to ``other`` when there is one, and is no level at all otherwise.
    """

    kind: ClassVar[str] = "category"
    levels: tuple[str, ...]
    other: bool

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> CategoryEncoding:
        words = as_words(column)
        counts = words.counts()
        seen = [at for at in np.argsort(-counts, kind="stable") if counts[at]]
        levels = tuple(sorted(words.texts[at] for at in seen[:LEVELS]))
        return cls(described.name, bool((words.codes < 0).any()), levels, len(seen) > LEVELS)

    def _value_names(self) -> tuple[str, ...]:
        names = tuple(f"{self.column}={level}" for level in self.levels)
        return (*names, f"{self.column} other") if self.other else names

    def _places(self, texts: list[str]) -> NDArray[np.int64]:
        """The input of each text, -1 for none; one more entry stands for a gap."""
        place = {level: at for at, level in enumerate(self.levels)}
        unseen = len(self.levels) if self.other else -1
        return np.array([*(place.get(text, unseen) for text in texts), -1], dtype=np.int64)

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        words = as_words(column)
        places = self._places(words.texts)[words.codes]
        rows = np.flatnonzero(places >= 0)
        out[rows, places[rows]] = 1
        return words.codes < 0

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        words = as_words(column)
        unseen = [at for at, text in enumerate(words.texts) if text not in self.levels]
        if not unseen or self.other:
            return [], []
        count = int(words.counts()[unseen].sum())
        shown = quoted([words.texts[at] for at in unseen])
        return [], [
            f"Column {self.column!r}: {count} row(s) have levels unseen in training ({shown}); taken as none."
        ]


_CYCLES = {"season": 365.2425 * 86400, "weekday": 7 * 86400.0, "hour": 86400.0}


@dataclass(frozen=True)
class DateEncoding(Stage):
    """Seconds since 1970 (UTC) as ``(t - mean) / scale``, and sine and cosine of each cycle in ``cycles``.

    ``format`` is how text is written (None for a true timestamp); ``elapsed`` is false for times of day.
    The cycles are "season" (a year), "weekday" (a week) and "hour" (a day), those that the training rows
    differ in. A gap is 0 everywhere.
    """

    kind: ClassVar[str] = "datetime"
    format: str | None
    elapsed: bool
    mean: float
    scale: float
    cycles: tuple[str, ...]

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> DateEncoding:
        seconds = as_moments(column, described.format)
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
        seconds = as_moments(column, self.format)
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
        unread = np.isnan(as_moments(column, self.format)) & ~column.is_null().to_numpy()
        strays: dict[str, list[int]] = {}
        for row in np.flatnonzero(unread)[:100].tolist():
            strays.setdefault(str(column[row].as_py()), []).append(row + 1)
        return (
            [words_fault(self.column, strays, f"dates written {self.format or ISO}")] if strays else []
        ), []


STAGES: dict[str, type[NumberEncoding | BooleanEncoding | CategoryEncoding | DateEncoding]] = {
    stage.kind: stage for stage in (NumberEncoding, BooleanEncoding, CategoryEncoding, DateEncoding)
}


def words_fault(column: str, strays: dict[str, list[int]], expected: str = "numbers") -> str:
    """The message for words where ``expected`` should stand, with the rows that they stand in."""
    shown = "; ".join(
        f"{shortened(word)!r} in row {', '.join(map(str, rows[:3]))}"
        for word, rows in list(strays.items())[:3]
    )
    more = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
    return f"Column {column!r} must hold {expected}, but has {shown}{more}; correct them or leave them empty."


def _runs_through(seconds: NDArray[np.float64], cycle: str) -> bool:
    """Whether the moments differ in their place in the cycle, seen with the eye of a calendar."""
    if not len(seconds):
        return False
    grain = {"season": 28 * 86400.0, "weekday": 86400.0, "hour": 1.0}[cycle]
    places = (seconds % _CYCLES[cycle]) // grain
    return bool((places != places[0]).any())
