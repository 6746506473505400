"""Booleans: yes or no as 1 or 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.column_values import ColumnValues
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
    TEXTS,
    TRUTHS,
    ColumnProgram,
    LookUp,
    Source,
    numbers_of,
)
from glassnet.tables.missing_tokens import NO_WORDS, YES_WORDS
from glassnet.tables.notes import Note
from glassnet.tables.schema import BOOLEAN, Column


@register
@dataclass(frozen=True)
class BooleanEncoder(ColumnEncoder):
    """1 for a word in ``yes``, 0 for one in ``no`` (lower case), ``fill`` (the share of yes) for a missing value."""

    type: ClassVar[str] = BOOLEAN
    no: tuple[str, ...]
    yes: tuple[str, ...]
    fill: float

    @classmethod
    def fit(
        cls, values: ColumnValues, described: Column, numbers: NumberOptions, weights: Weights | None = None
    ) -> Self:
        texts = sorted(described.examples, key=str.lower)
        no, yes = tuple(sorted(NO_WORDS)), tuple(sorted(YES_WORDS))
        if not all(text.lower() in NO_WORDS | YES_WORDS for text in texts):
            no, yes = (texts[0].lower(),), tuple(text.lower() for text in texts[1:])
        truth = cls(described.name, False, no, yes, 0.0)._truth(values)
        missing = np.isnan(truth)
        known = None if weights is None else weights[~missing]
        fill = 0.0 if missing.all() else float(np.average(truth[~missing], weights=known))
        return cls(described.name, bool(missing.any()), no, yes, fill)

    def value_names(self) -> tuple[str, ...]:
        return (self.column,)

    def value_formulas(self, missing: bool) -> tuple[str, ...]:
        return (f"missing, counts as {self.fill:.6g}" if missing else "1 for yes, 0 for no",)

    def write(self, values: ColumnValues, out: Array) -> tuple[NDArray[np.bool_], list[str], list[Note]]:
        truth = self._truth(values)
        missing = np.isnan(truth)
        out[:, 0] = np.where(missing, self.fill, truth)
        strange = [text for text in values.words.texts if text.lower() not in (*self.no, *self.yes)]
        expected = f"{self.no[0]!r} or {self.yes[0]!r}" if len(self.no) == 1 else "yes or no, true or false"
        return missing, [words_fault(self.column, strange, values, expected)] if strange else [], []

    def value_program(self, described: Column) -> ColumnProgram:
        words, kind, folded = (*self.no, *self.yes), TEXTS, True
        keys: tuple[Any, ...] = words
        truths = (0.0,) * len(self.no) + (1.0,) * len(self.yes)
        if not described.text:
            numbers = numbers_of(words)
            kind, keys, folded = (NUMBERS, numbers, False) if numbers else (TRUTHS, (0.0, 1.0), False)
            truths = truths if numbers else (0.0, 1.0)
        source = Source(self.column, kind, folded=folded)
        return ColumnProgram(source, (LookUp(keys, truths, self.fill, None),))

    def grid(self, described: Column, points: int, ends: Ends) -> Grid:
        inputs = np.zeros((2, len(self.input_names)))
        inputs[1, 0] = 1
        return Grid(np.array(["no", "yes"], object), inputs)

    def faults(self, described: Column) -> list[str]:
        if not (self.no and self.yes and described.examples) or {*self.no} & {*self.yes}:
            return ["lacks words for yes or no, or has one for both"]
        return [] if 0 <= self.fill <= 1 else [f"has the share {self.fill} of yes, which must be from 0 to 1"]

    def _truth(self, values: ColumnValues) -> NDArray[np.float64]:
        known = {**dict.fromkeys(self.no, 0.0), **dict.fromkeys(self.yes, 1.0)}
        truth = np.array([*(known.get(text.lower(), np.nan) for text in values.words.texts), np.nan])
        return truth[values.words.codes]
