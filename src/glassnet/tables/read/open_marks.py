"""The decimal mark of a file, and notes where it is open, as in 1,234, or not the one that the caller named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.number_parsing import decimal_mark
from glassnet.tables.text_columns import sample
from glassnet.tables.value_text import columns_named

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
        mark = "" if columns[name].is_text else _open_mark(values)
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


def _open_mark(values: list[str]) -> str:
    """The mark in each of ``values``, before three digits, so that it may part thousands or decimals; or nothing."""
    found = [_ONE_MARK.fullmatch(value) for value in values]
    marks = {own[1] if own else "" for own in found}
    return marks.pop() if len(marks) == 1 else ""


def file_decimal(texts: Iterable[pa.Array], usual: str | None, comma_likely: bool) -> str | None:
    """The decimal mark that most columns need.

    If none does, it is the ``usual`` one, of earlier rows; but ``None`` where these had a point and the file,
    in which commas are likely, has commas that would then part thousands.
    """
    columns = [sample(column) for column in texts]
    marks = [mark for values in columns if (mark := decimal_mark(values))]
    if not marks:
        other = usual == "." and comma_likely and any(_open_mark(values) == "," for values in columns)
        return None if other else usual
    return "," if marks.count(",") >= marks.count(".") else "."


def notes_on_contradictions(texts: Mapping[str, pa.Array], decimal: str | None) -> list[Note]:
    """A note on columns that are written with another decimal mark than the caller named."""
    if decimal is None:
        return []
    others = [name for name, text in texts.items() if decimal_mark(sample(text)) not in (None, decimal)]
    if not others:
        return []
    mark = "," if decimal == "." else "."
    text = f"In {columns_named(others)}, {mark!r} was read as the decimal mark, though {decimal!r} was given."
    return [Note("decimal_mark", text, "decimal", mark)]
