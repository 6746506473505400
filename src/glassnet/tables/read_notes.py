"""What was learnt of a table while it was read: kept with it, as PyArrow's metadata of the table and its columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from glassnet.tables._arrow import pa
from glassnet.tables.array_table import ArrayTable

NOTES, DECIMAL, WORDS, CATEGORY, TEXT_SOURCE = (
    b"glassnet.notes",
    b"glassnet.decimal",
    b"glassnet.words",
    b"glassnet.category",
    b"glassnet.text",
)


def notes_of(table: pa.Table | ArrayTable) -> list[str]:
    """What :func:`read_table` assumed while it read ``table``; empty for other tables."""
    told = _told(table)
    return list(json.loads(told[NOTES])) if NOTES in told else []


def decimal_of(table: pa.Table | ArrayTable) -> str | None:
    """The decimal mark that the source of ``table`` was found to use, if that could be told."""
    return _told(table).get(DECIMAL, b"").decode() or None


def words_of(table: pa.Table | ArrayTable, column: str) -> dict[str, tuple[int, list[int]]]:
    """Words that were taken as missing in a column of numbers: their count and first rows (from 1)."""
    told = _told_of(table, column)
    if WORDS not in told:
        return {}
    return {word: (count, rows) for word, (count, rows) in json.loads(told[WORDS]).items()}


def was_text(table: pa.Table | ArrayTable, column: str) -> bool:
    """Whether a source with types of its own held the column as text, though it reads as numbers or truths."""
    return TEXT_SOURCE in _told_of(table, column)


def declared_category(table: pa.Table | ArrayTable, column: str) -> bool:
    """Whether the source itself called the column a category (a pandas or polars categorical)."""
    return CATEGORY in _told_of(table, column)


def was_read(table: pa.Table) -> bool:
    """Whether it was read here, and so has nothing but plain columns."""
    return NOTES in _told(table)


def _told(table: pa.Table | ArrayTable) -> Mapping[bytes, bytes]:
    """What reading attached to the table; nothing is assumed of an array."""
    return {} if isinstance(table, ArrayTable) else table.schema.metadata or {}


def _told_of(table: pa.Table | ArrayTable, column: str) -> Mapping[bytes, bytes]:
    """What reading attached to a column."""
    if isinstance(table, ArrayTable):
        if table.others is None or column in table.names:
            return {}
        table = table.others
    return table.schema.field(column).metadata or {}


def about(notes: Sequence[str], decimal: str | None) -> dict[bytes, bytes]:
    """What is attached to a table that was read."""
    return {NOTES: json.dumps(notes).encode(), DECIMAL: (decimal or "").encode()}
