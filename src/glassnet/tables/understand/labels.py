"""Words that usually stand for a missing value, as labels of a target: ``-`` beside ``+``, ``NA`` beside ``EU``."""

from __future__ import annotations

import unicodedata

from glassnet.tables.column_values import ColumnValues
from glassnet.tables.missing_tokens import MISSING

POSSIBLE = frozenset(("-", "--", "—", "–", ".", "NA", "na", "N.A.", "n.a."))
MOST_LABELS = 20


def label_values(values: ColumnValues) -> tuple[ColumnValues, tuple[str, ...]]:
    """A column of words as labels, and the words that are kept as such in place of being missing."""
    if not values.is_text or values.source_text is None:
        return values, ()
    written = values.as_text(POSSIBLE)
    kept = {text for text in written.words.texts if text in POSSIBLE}
    others = {_shape(text) for text in written.words.texts if text not in kept}
    few = len(written.words.texts) <= MOST_LABELS
    found = tuple(
        sorted(text for text in kept if few and (len(values.words.texts) == 1 or others == {_shape(text)}))
    )
    return (values.as_text(found), found) if found else (values, ())


def missing_labels(values: ColumnValues) -> tuple[str, ...]:
    """The words of a column of labels that are taken as missing."""
    if not values.is_text or values.source_text is None:
        return ()
    absent = frozenset(MISSING) - set(values.words.texts) - {""}
    return tuple(text for text in values.as_text(absent).words.texts if text in absent)


def _shape(text: str) -> str:
    return "".join(
        "x" if unicodedata.category(mark)[0] in "PS" else unicodedata.category(mark) for mark in text
    )
