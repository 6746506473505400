"""A note on a last row that holds the sums of the rows above it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.value_text import columns_named

LEAST_ROWS = 4
WORDS = frozenset(
    ("total", "sum", "gesamt", "summe", "somme", "ensemble", "totale", "totaal", "all", "alle", "合计", "合計", "итого")
)  # fmt: skip


def notes_on_total(texts: Mapping[str, pa.Array], columns: Mapping[str, ColumnValues]) -> list[Note]:
    """A note if the last row looks like the sum of all others.

    It does if two columns hold their sums there, or one does and a word such as "Total" stands beside it.

    Args:
        texts: the columns as they are written, dictionary-encoded.
        columns: the same as they were read.
    """
    sums = [name for name in texts if not columns[name].is_text and _is_sum(columns[name].numbers)]
    words = [str(text[-1]).casefold() for name, text in texts.items() if sums and columns[name].is_text]
    named = any(not WORDS.isdisjoint(word.strip(" :.*").split()[-1:]) for word in words)
    if not sums or not (named or len(sums) > 1):
        return []
    text = (
        f"The last row has the sums of {columns_named(sums)}: it looks like a total, but was read as a row; "
        "delete it if it is one."
    )
    return [Note("total", text)]


def _is_sum(numbers: np.ndarray) -> bool:
    """Whether the last of ``numbers`` (N,) is the sum of the others, at least three of which are not 0."""
    others = numbers[:-1][np.isfinite(numbers[:-1])]
    if len(numbers) < LEAST_ROWS or np.count_nonzero(others) < LEAST_ROWS - 1:
        return False
    return bool(np.isclose(numbers[-1], others.sum(), rtol=1e-9, atol=0))
