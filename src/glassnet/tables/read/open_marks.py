"""Columns of numbers whose only mark may be that of decimals or of thousands, as in 1,234."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.text_columns import sample

_ONE_MARK = re.compile(r"[^\d.,]*[1-9]\d{0,2}([.,])\d{3}[^\d.,]*")


def notes_on_marks(
    texts: Mapping[str, pa.Array], columns: Mapping[str, ColumnValues], comma_likely: bool
) -> list[Note]:
    """A note on each column of numbers that the file leaves open, and how it was read.

    Args:
        texts: the columns as they are written, dictionary-encoded.
        columns: the same as they were read.
        comma_likely: whether decimal commas are usual in such a file; where not, a point is a decimal point.
    """
    notes = []
    for name, text in texts.items():
        values = sample(text)
        found = [_ONE_MARK.fullmatch(value) for value in values]
        marks = {own[1] if own else "" for own in found}
        if len(marks) != 1 or columns[name].is_text:
            continue
        [mark] = marks
        if mark == "," or (mark == "." and comma_likely):
            thousands = np.nanmax(np.abs(columns[name].numbers)) >= 1000
            what, other = ("thousands", "decimals") if thousands else ("decimals", "thousands")
            line = (
                f"Column {name!r}: the {mark!r} in {values[0]!r}, as in all its numbers, was read as a mark of {what}, "
                f"not of {other}."
            )
            notes.append(
                Note("open_mark", line, "decimal", mark if thousands else {".": ",", ",": "."}[mark])
            )
    return notes
