"""The columns of a table as it was found, with their types: text becomes numbers where it holds numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from glassnet.errors import Faults, TableError, with_nearest
from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.notes import Note
from glassnet.tables.number_parsing import NumberStyle, decimal_mark
from glassnet.tables.read.column_names import refuse_duplicates
from glassnet.tables.read.dialect import Dialect
from glassnet.tables.read.missing_words import MissingWords, check_columns
from glassnet.tables.read.open_marks import notes_on_marks
from glassnet.tables.read.options import ReadOptions
from glassnet.tables.read.plain_types import one_array, plain
from glassnet.tables.schema import CATEGORY
from glassnet.tables.table import ReadTable
from glassnet.tables.text_columns import (
    StrayWord,
    as_text,
    has_missing_words,
    infer_text_type,
    one_chunk,
    sample,
)
from glassnet.tables.value_text import quoted


class ReadRequest(NamedTuple):
    """What the caller of ``read_table`` asked for, and what is known from earlier rows of the same table."""

    columns: Sequence[str] | None
    options: ReadOptions
    decimal: str | None
    texts: frozenset[str]
    usual_decimal: str | None  # of earlier rows, where this source does not tell
    usual: ReadOptions  # of earlier rows
    known: frozenset[str]  # names of their columns


def typed_table(
    table: pa.Table, request: ReadRequest, notes: list[Note], dialect: Dialect | None = None
) -> ReadTable:
    """Choose the columns and find their types. ``dialect``: that of a delimited text."""
    trimmed = [name.strip() for name in table.column_names]
    if len(set(trimmed)) == len(trimmed):  # one rule for files and frames
        table = table.rename_columns(trimmed)
    refuse_duplicates(table.column_names, "the table")
    if not table.num_columns:
        raise TableError("The table has no columns.")
    if not table.num_rows:
        raise TableError("The table has no rows.")
    options = request.options.or_else(request.usual)
    check_columns(request.options, table.column_names)
    if request.columns is not None:
        table = _select(table, request.columns)
    columns: dict[str, ColumnValues] = {}
    texts: dict[str, pa.Array] = {}
    words: dict[str, MissingWords] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        words[name] = MissingWords(options, name)
        if dialect is not None:
            texts[name] = words[name].out_of_text(one_chunk(column))
            continue
        is_category = pa.types.is_dictionary(column.type)
        data = one_array(name, column)
        if pa.types.is_string(data.type) and not is_category:
            texts[name] = words[name].out_of_text(data.dictionary_encode())
        else:
            if is_category and words[name].words and pa.types.is_string(data.type):
                coded = words[name].out_of_text(data.dictionary_encode())
                data = as_text(coded, MISSING[1:])
            values = words[name].out_of_values(plain(name, data))
            columns[name] = ColumnValues(values, is_categorical=is_category)
    decimal = request.decimal or _file_decimal(texts.values()) or request.usual_decimal
    style = NumberStyle(decimal, comma_likely=dialect is not None and dialect.separator == ";")
    notations: dict[str, list[str]] = {}
    for name, text in texts.items():
        kept = words[name].kept
        # what the caller settled is not looked at again
        source = text if not kept and has_missing_words(text) else None
        if name in request.texts:
            columns[name] = ColumnValues(as_text(text, kept), source_text=source)
            continue
        typed = infer_text_type(text, style, kept=kept)
        if not pa.types.is_string(typed.values.type):
            source = text if dialect is None else None
        columns[name] = ColumnValues(
            words[name].out_of_values(typed.values),
            stray_words=typed.strays,
            source_text=source,
            unit=typed.unit,
        )
        notes = notes + ([_stray_note(name, typed.strays)] if typed.strays else [])
        if typed.notation:
            notations.setdefault(typed.notation, []).append(name)
    notes = notes + [
        Note("number_notation", f"Column(s) {quoted(names)}: {what}.") for what, names in notations.items()
    ]
    if decimal is None:
        notes = notes + notes_on_marks(texts, columns, style.comma_likely)
    notes = notes + _contradictions(texts, request.decimal if request.options.decimal_mark else None)
    ordered = {name: columns[name] for name in table.column_names}
    return ReadTable(ordered, tuple(notes), decimal, options.lasting())


def _select(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    faults = Faults(TableError)
    names = table.column_names
    known = set(names)
    for name, hint in with_nearest((name for name in columns if name not in known), names):
        faults.add(f"There is no column {name!r} in the table.{hint}")
    faults.raise_if_any()
    return table.select(list(dict.fromkeys(columns)))


def _file_decimal(texts: Iterable[pa.Array]) -> str | None:
    marks = [mark for column in texts if (mark := decimal_mark(sample(column)))]
    if not marks:
        return None
    return "," if marks.count(",") >= marks.count(".") else "."


def _contradictions(texts: Mapping[str, pa.Array], decimal: str | None) -> list[Note]:
    """What is said of columns that are written with another decimal mark than the caller named."""
    if decimal is None:
        return []
    others = [name for name, text in texts.items() if decimal_mark(sample(text)) not in (None, decimal)]
    if not others:
        return []
    mark = "," if decimal == "." else "."
    text = f"Column(s) {quoted(others)}: {mark!r} was read as the decimal mark, though {decimal!r} was given."
    return [Note("decimal_mark", text, "decimal", mark)]


def _stray_note(name: str, strays: Mapping[str, StrayWord]) -> Note:
    count = sum(stray.rows for stray in strays.values())
    text = f"Column {name!r} holds numbers; {count} value(s) that are words were taken as missing: {quoted(strays)}."
    return Note("words_as_missing", text, "column_types", {name: CATEGORY})
