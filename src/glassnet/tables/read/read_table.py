"""``read_table``: whatever holds a table, as a :class:`ReadTable` of plain columns.

Columns come out as int64 (or uint64, where numbers go beyond it), double, bool, string, timestamp[us] or null (all
missing); other types are kept as they are, and the schema leaves them out. NaN is a missing value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from glassnet.errors import Faults, TableError, with_nearest
from glassnet.tables._arrow import pa
from glassnet.tables.array_table import ArrayTable, plain_numbers
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.number_parsing import NumberStyle, decimal_mark
from glassnet.tables.read.column_names import array_names, refuse_duplicates
from glassnet.tables.read.content import TEXT, Content, read_content
from glassnet.tables.read.delimited import parse_text
from glassnet.tables.read.dialect import Dialect
from glassnet.tables.read.formats import ARFF, arff_as_text, read_format
from glassnet.tables.read.in_memory import from_memory
from glassnet.tables.read.json_tables import json_table
from glassnet.tables.read.limit import Limit
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.read.plain_types import one_array, plain
from glassnet.tables.schema import CATEGORY, Schema
from glassnet.tables.table import ReadTable, Table
from glassnet.tables.text_columns import (
    StrayWord,
    as_text,
    has_missing_words,
    infer_text_type,
    one_chunk,
    sample,
)
from glassnet.tables.value_text import quoted


class _Wishes(NamedTuple):
    """What the caller of ``read_table`` asked for."""

    columns: Sequence[str] | None
    decimal: str | None
    texts: frozenset[str]
    usual_decimal: str | None  # of earlier rows, where this source does not tell
    known: frozenset[str]  # names of the columns of earlier rows
    options: ReadOptions


def read_table(
    source: Any,
    *,
    columns: Sequence[str] | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    max_size: int | str | None = None,
    like: Schema | None = None,
) -> ReadTable:
    """Read a table of N rows from ``source``.

    Args:
        source: a path (or a binary stream) of delimited text, JSON, Parquet, Arrow/Feather, ARFF, and with the extra
            ``formats`` Excel, ODS, SPSS, Stata and SAS, compressed or not
            (gzip, bz2, xz, zstd, zip with one member); a pandas, polars or other DataFrame that narwhals knows; a
            PyArrow table, record batch, reader of record batches or dataset; several of these one below the other, as
            a list or an iterator; a NumPy array, (N, I) or structured; a list of dicts; a dict of columns.
            Columns of a plain array are named x1 to xI, and what is masked in it is a missing value.
        columns: the columns to read; None, the default, reads all.
        decimal: ``"."`` or ``","``: the decimal mark to assume where the file leaves open what "1,234" or "1.234"
            means. None, the default, decides from the other columns and the separator.
        encoding: of a text, as Python names it; None, the default, finds it.
        sheet: of a workbook, by name or number from 0; None, the default, takes the first that has a value.
        max_size: how many bytes the table may have when it is unpacked, as 8_000_000_000 or "8G". None, the default, is
            1 GiB, or 100 times the size of the file if that is more: a damaged or malicious file of a few kilobytes can
            unpack to any size. A file that is not compressed is read whatever its size.
        like: the schema of earlier rows of the same table: give it when reading rows to predict. What those rows
            settled then holds where this source does not tell: the decimal mark, and that a category of words stays
            words even where only words such as "1" or "true" are left of it.

    Returns:
        The table; what was assumed (encoding, a missing header, words taken as missing, ...) is in its ``notes``.

    Raises:
        TableError: no such file, a directory, an empty file, not a table, a header without rows, names that occur
            twice, rows with too many or too few fields, unknown ``columns``.
        InputTypeError: ``source`` is none of the above.
    """
    if decimal not in (None, ".", ","):
        raise TableError(f"decimal is {decimal!r}, but must be '.', ',' or None.")
    if isinstance(source, (ReadTable, ArrayTable)):
        source = source.to_arrow()
    return _read(source, columns, decimal, like, ReadOptions(encoding, sheet, max_size))


def as_table(source: Any, like: Schema | None = None) -> Table:
    """``source`` itself where it was read already, an array of numbers as it is, all else as :func:`read_table`."""
    if isinstance(source, (ReadTable, ArrayTable)):
        return source
    if plain_numbers(source) and source.ndim == 2 and source.size:
        return ArrayTable(tuple(array_names(source.shape[1])), (source,))
    return _read(source, None, None, like)


def as_columns(columns: Mapping[str, Any], like: Schema | None = None) -> Table:
    """Columns by name as a table; arrays of numbers as they are."""
    if all(plain_numbers(column) and column.ndim == 1 and column.size for column in columns.values()):
        return ArrayTable(tuple(columns), tuple(column[:, None] for column in columns.values()))
    return read_table(columns, like=like)


def _read(
    source: Any,
    columns: Sequence[str] | None,
    decimal: str | None,
    like: Schema | None,
    options: ReadOptions = AS_FOUND,
) -> ReadTable:
    described = (*like.columns, *like.target) if like else ()
    texts = frozenset(column.name for column in described if column.text)
    known = frozenset(column.name for column in described)
    wishes = _Wishes(columns, decimal, texts, like.decimal if like else None, known, options)
    is_path = isinstance(source, (str, os.PathLike))
    if is_path or _is_stream(source):
        return _from_content(read_content(source, options), wishes)
    return _typed(from_memory(source, Limit.of("the table", 0, options.max_bytes)), wishes, [])


def _is_stream(source: Any) -> bool:
    """Whether bytes can be read from it, not frames, as from pandas' reader of chunks, nor a column named "read"."""
    chunks = isinstance(source, Iterator) and not hasattr(source, "readline")
    return callable(getattr(source, "read", None)) and not chunks


def _from_content(content: Content, wishes: _Wishes) -> ReadTable:
    if content.form == TEXT:
        data, notes = content.data, [*content.notes]
        if data.lstrip()[:1] in (b"{", b"["):
            records = json_table(data, content.limit)
            if records is not None:
                return _typed(records, wishes, notes)
        if re.match(ARFF, data):
            data = arff_as_text(data, content.name)
        table, dialect, noted = parse_text(data, content.name, wishes.columns, wishes.known)
        if dialect.separator == "," and dialect.quote and dialect.quote.encode() not in data:
            wishes = wishes._replace(decimal=wishes.decimal or ".")
        return _typed(table, wishes, notes + noted, dialect)
    table, noted = read_format(content, wishes.options.sheet)
    if not table.num_rows:
        raise TableError(f"{content.name!r} has columns but no rows.")
    return _typed(table, wishes, noted)


def _typed(table: pa.Table, wishes: _Wishes, notes: list[Note], dialect: Dialect | None = None) -> ReadTable:
    """Choose the columns and find their types. ``dialect``: that of a delimited text."""
    trimmed = [name.strip() for name in table.column_names]
    if len(set(trimmed)) == len(trimmed):  # one rule for files and frames
        table = table.rename_columns(trimmed)
    refuse_duplicates(table.column_names, "the table")
    if not table.num_columns:
        raise TableError("The table has no columns.")
    if not table.num_rows:
        raise TableError("The table has no rows.")
    if wishes.columns is not None:
        table = _select(table, wishes.columns)
    columns: dict[str, ColumnValues] = {}
    texts: dict[str, pa.Array] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if dialect is not None:
            texts[name] = one_chunk(column)
            continue
        is_category = pa.types.is_dictionary(column.type)
        data = one_array(name, column)
        if pa.types.is_string(data.type) and not is_category:
            texts[name] = data.dictionary_encode()
        else:
            columns[name] = ColumnValues(plain(name, data), is_categorical=is_category)
    decimal = wishes.decimal or _file_decimal(texts.values()) or wishes.usual_decimal
    style = NumberStyle(decimal, comma_likely=dialect is not None and dialect.separator == ";")
    notations: dict[str, list[str]] = {}
    for name, text in texts.items():
        if name in wishes.texts:
            source = text if has_missing_words(text) else None
            columns[name] = ColumnValues(as_text(text), source_text=source)
        else:
            typed = infer_text_type(text, style)
            words = pa.types.is_string(typed.values.type)
            kept = has_missing_words(text) if words else dialect is None
            columns[name] = ColumnValues(
                typed.values,
                stray_words=typed.strays,
                source_text=text if kept else None,
                unit=typed.unit,
            )
            notes = notes + ([_stray_note(name, typed.strays)] if typed.strays else [])
            if typed.notation:
                notations.setdefault(typed.notation, []).append(name)
    notes = notes + [
        Note("number_notation", f"Column(s) {quoted(names)}: {what}.") for what, names in notations.items()
    ]
    return ReadTable({name: columns[name] for name in table.column_names}, tuple(notes), decimal)


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


def _stray_note(name: str, strays: Mapping[str, StrayWord]) -> Note:
    count = sum(stray.rows for stray in strays.values())
    text = f"Column {name!r} holds numbers; {count} value(s) that are words were taken as missing: {quoted(strays)}."
    return Note("words_as_missing", text, "column_types", {name: CATEGORY})
