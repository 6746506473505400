"""Categories: one input per level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import plural
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.encode.column_encoder import (
    Array,
    ColumnEncoder,
    Ends,
    Grid,
    NumberOptions,
    Weights,
    register,
)
from glassnet.tables.encode.program import (
    NUMBERS,
    TEXTS,
    TRUTHS,
    ColumnProgram,
    Source,
    numbers_of,
    one_hot,
)
from glassnet.tables.missing_tokens import TRUE_FALSE
from glassnet.tables.notes import Note
from glassnet.tables.schema import CATEGORY, LEVELS, Column
from glassnet.tables.value_text import quoted


@register
@dataclass(frozen=True)
class CategoryEncoder(ColumnEncoder):
    """One input per level, 1 where the row has it. ``other``: one more for levels that are not listed.

    A level that training never saw goes to ``other`` when there is one, and is no level at all otherwise.
    """

    type: ClassVar[str] = CATEGORY
    levels: tuple[str, ...]
    other: bool

    @classmethod
    def fit(
        cls, values: ColumnValues, described: Column, numbers: NumberOptions, weights: Weights | None = None
    ) -> Self:
        words = values.words
        frequent = np.argsort(-words.counts(weights), kind="stable")[:LEVELS]
        levels = tuple(sorted(words.texts[at] for at in frequent))
        return cls(described.name, bool((words.codes < 0).any()), levels, len(words.texts) > LEVELS)

    def value_names(self) -> tuple[str, ...]:
        names = tuple(f"{self.column}={level}" for level in self.levels)
        return (*names, f"{self.column} other") if self.other else names

    def value_formulas(self, missing: bool) -> tuple[str, ...]:
        return tuple(
            "0, for it is missing" if missing else f"1 if {name}, else 0" for name in self.value_names()
        )

    def write(self, values: ColumnValues, out: Array) -> tuple[NDArray[np.bool_], list[str], list[Note]]:
        words = values.words
        place = {level: at for at, level in enumerate(self.levels)}
        unseen = len(self.levels) if self.other else -1
        places = np.array([*(place.get(text, unseen) for text in words.texts), -1], np.int64)
        own = places[words.codes]
        rows = np.flatnonzero(own >= 0)
        out[rows, own[rows]] = 1
        strange = [] if self.other else [at for at, text in enumerate(words.texts) if text not in place]
        return words.codes < 0, [], [self._unseen_note(values, strange)] if strange else []

    def value_program(self, described: Column) -> ColumnProgram:
        keys: tuple[Any, ...] = self.levels
        kind = TEXTS
        if not described.text:
            truths = {*self.levels} <= TRUE_FALSE
            numbers = (float(level == "true") for level in self.levels) if truths else None
            found = tuple(numbers) if numbers else numbers_of(self.levels)
            kind, keys = (TRUTHS if truths else NUMBERS, found) if found else (kind, keys)
        return ColumnProgram(Source(self.column, kind), one_hot(keys, self.other))

    def _unseen_note(self, values: ColumnValues, unseen: list[int]) -> Note:
        count, shown = (
            int(values.words.counts()[unseen].sum()),
            quoted([values.words.texts[at] for at in unseen]),
        )
        rows = plural(count, "row")
        text = f"Column {self.column!r}: {rows} with levels unseen in training ({shown}); taken as none."
        return Note("unseen_levels", text)

    @property
    def missing_as(self) -> str:
        return "none of the levels"

    def levels_of(self, described: Column) -> tuple[str, ...]:
        first = [level for level in described.examples if level in self.levels]
        return (*first, *(level for level in self.levels if level not in first))

    def grid(self, described: Column, points: int, ends: Ends) -> Grid:
        shown = np.array([*self.levels, *(["other"] if self.other else [])], object)
        return Grid(shown, np.eye(len(shown), len(self.input_names)))

    def variances(self, factors: Array, means: Array, deviations: Array) -> Array:
        shares: Array = means  # exactly one of the inputs is 1
        return shares @ factors**2 - (shares @ factors) ** 2

    def typical_statistics(self) -> tuple[Array, Array]:
        width = len(self.input_names)
        return np.full(width, 1 / width), np.ones(width)

    def faults(self, described: Column) -> list[str]:
        ascending = list(self.levels) == sorted({*self.levels})
        return [] if self.levels and ascending else ["has no levels, or not each once in ascending order"]

    def unusual(
        self, inputs: Array, described: Column, ends: Ends, missing: NDArray[np.bool_] | None
    ) -> Array:
        if self.other:
            return np.zeros(len(inputs), np.bool_)
        none = np.logical_not(inputs.any(axis=1))
        return none if missing is None or self.missing_flag else none & ~missing
