"""``typed_table``: columns as a source has them become plain ones: numbers, truths, words, dates, or missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from glassnet.errors import Faults, TableError, plural, with_nearest
from glassnet.tables._arrow import pa
from glassnet.tables.calendar_periods import MONTHS_OR_NUMBERS
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.notes import Note
from glassnet.tables.number_parsing import NumberStyle
from glassnet.tables.read.column_names import refuse_duplicates
from glassnet.tables.read.dialect import Dialect
from glassnet.tables.read.missing_words import MissingWords, check_columns
from glassnet.tables.read.open_marks import file_decimal, notes_on_contradictions, notes_on_marks
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.read.plain_types import one_array, plain
from glassnet.tables.read.totals import notes_on_total
from glassnet.tables.schema import CATEGORY, Schema
from glassnet.tables.table import ReadTable
from glassnet.tables.text_columns import TypedText, as_text, has_missing_words, infer_text_type, one_chunk
from glassnet.tables.value_text import columns_named, quoted


class Request(NamedTuple):
    """What the caller of ``read_table`` asked for, and what is known from earlier rows of the same table."""

    columns: Sequence[str] | None
    options: ReadOptions
    decimal: str | None
    texts: frozenset[str]
    usual_decimal: str | None  # of earlier rows, where this source does not tell
    usual: ReadOptions  # of earlier rows
    known: frozenset[str]  # names of their columns
    units: Mapping[str, str]  # of their columns

    @classmethod
    def of(
        cls, options: ReadOptions, like: Schema | None = None, columns: Sequence[str] | None = None
    ) -> Request:
        """A request with ``options``; ``like`` is the schema of earlier rows."""
        described = (*like.columns, *like.target) if like else ()
        texts = frozenset(
            column.name for column in described if column.text or column.format in MONTHS_OR_NUMBERS
        )
        known = frozenset(column.name for column in described)
        usual, usual_decimal = (like.read_options, like.decimal) if like else (AS_FOUND, None)
        units = {column.name: column.unit for column in described if column.unit}
        return cls(columns, options, options.decimal_mark, texts, usual_decimal, usual, known, units)


def typed_table(
    table: pa.Table, request: Request, notes: list[Note], dialect: Dialect | None = None
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
    comma_likely = dialect is not None and dialect.separator == ";"
    decimal = request.decimal or file_decimal(texts.values(), request.usual_decimal, comma_likely)
    style = NumberStyle(decimal, comma_likely)
    notations: dict[str, list[str]] = {}
    for name, text in texts.items():
        kept = words[name].kept
        # what the caller settled is not looked at again
        source = text if not kept and has_missing_words(text) else None
        if name in request.texts:
            columns[name] = ColumnValues(as_text(text, kept), source_text=source)
            continue
        typed = infer_text_type(text, style._replace(unit=request.units.get(name, "")), kept=kept)
        if not pa.types.is_string(typed.values.type):
            source = text if dialect is None else None
        columns[name] = ColumnValues(
            words[name].out_of_values(typed.values),
            stray_words=typed.strays,
            source_text=source,
            unit=typed.unit,
        )
        notes = notes + _notes_on_words(name, typed)
        if typed.notation:
            notations.setdefault(typed.notation, []).append(name)
    notes = notes + [
        Note("number_notation", f"In {columns_named(names)}: {what}.") for what, names in notations.items()
    ]
    if decimal is None:
        notes = notes + notes_on_marks(texts, columns, style.comma_likely)
    notes = notes + notes_on_contradictions(texts, request.decimal if request.options.decimal_mark else None)
    notes = notes + notes_on_total(texts, columns)
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


def _notes_on_words(name: str, typed: TypedText) -> list[Note]:
    """What was taken as missing in a column of numbers, and which marks were left out beside them."""
    notes, change = [], {name: CATEGORY}
    if typed.strays:
        count = sum(stray.rows for stray in typed.strays.values())
        taken = f"{plural(count, 'word was', 'words were')} taken as missing"
        text = f"Column {name!r} holds numbers; {taken}: {quoted(typed.strays)}."
        notes.append(Note("words_as_missing", text, "column_types", change))
    if typed.marks:
        text = f"Column {name!r} holds numbers; marks beside them were left out: {quoted(typed.marks)}."
        notes.append(Note("marks", text, "column_types", change))
    return notes
