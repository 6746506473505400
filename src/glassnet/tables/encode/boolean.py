"""Booleans: yes or no as 1 or 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import as_words
from glassnet.tables.encode.column_encoder import Array, ColumnEncoder, words_fault
from glassnet.tables.missing_tokens import NO_WORDS, YES_WORDS
from glassnet.tables.schema import Column


@dataclass(frozen=True)
class BooleanEncoder(ColumnEncoder):
    """1 for a word in ``yes``, 0 for one in ``no`` (lower case), ``fill`` (the share of yes) for a gap."""

    type: ClassVar[str] = "boolean"
    no: tuple[str, ...]
    yes: tuple[str, ...]
    fill: float

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> BooleanEncoder:
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
