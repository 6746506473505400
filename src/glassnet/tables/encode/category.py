"""Categories: one input a level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import as_words
from glassnet.tables.encode.column_encoder import Array, ColumnEncoder
from glassnet.tables.schema import LEVELS, Column
from glassnet.tables.value_text import quoted


@dataclass(frozen=True)
class CategoryEncoder(ColumnEncoder):
    """One input a level, 1 where the row has it. ``other``: one more for levels that are not listed.

    A level that training never saw goes to ``other`` when there is one, and is no level at all otherwise.
    """

    type: ClassVar[str] = "category"
    levels: tuple[str, ...]
    other: bool

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> CategoryEncoder:
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
