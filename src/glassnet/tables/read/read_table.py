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
from glassnet.tables._arrow import pa, pc
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
    whole = {name: one_chunk(table.column(name)) for name in table.column_names}
    texts = {
        name: coded for name, column in whole.items() if (coded := _coded_text(column, dialect)) is not None
    }
    decimal = wishes.decimal or _file_decimal(texts.values()) or wishes.usual_decimal
    style = NumberStyle(decimal, comma_likely=dialect is not None and dialect.separator == ";")
    columns: dict[str, ColumnValues] = {}
    notations: dict[str, list[str]] = {}
    for name, data in whole.items():
        if name not in texts:
            columns[name] = ColumnValues(_plain(data), is_categorical=pa.types.is_dictionary(data.type))
        elif name in wishes.texts:
            source = texts[name] if has_missing_words(texts[name]) else None
            columns[name] = ColumnValues(as_text(texts[name]), source_text=source)
        else:
            typed = infer_text_type(texts[name], style)
            words = pa.types.is_string(typed.values.type)
            kept = has_missing_words(texts[name]) if words else dialect is None
            columns[name] = ColumnValues(
                typed.values,
                stray_words=typed.strays,
                source_text=texts[name] if kept else None,
                unit=typed.unit,
            )
            notes = notes + ([_stray_note(name, typed.strays)] if typed.strays else [])
            if typed.notation:
                notations.setdefault(typed.notation, []).append(name)
    notes = notes + [
        Note("number_notation", f"Column(s) {quoted(names)}: {what}.") for what, names in notations.items()
    ]
    return ReadTable(columns, tuple(notes), decimal)


def _select(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    faults = Faults(TableError)
    names = table.column_names
    known = set(names)
    for name, hint in with_nearest((name for name in columns if name not in known), names):
        faults.add(f"There is no column {name!r} in the table.{hint}")
    faults.raise_if_any()
    return table.select(list(dict.fromkeys(columns)))


def _coded_text(column: pa.Array, dialect: Dialect | None) -> pa.Array | None:
    """Text, dictionary-encoded; None for other types and for what the source declared a category."""
    own = column.type
    if pa.types.is_dictionary(own):
        return column if dialect else None
    if pa.types.is_string(own) or pa.types.is_large_string(own) or "string_view" in str(own):
        return column.cast(pa.string()).dictionary_encode()
    return None


def _plain(column: pa.Array) -> pa.Array:
    """``column`` in one of the plain types."""
    own, types = column.type, pa.types
    if types.is_dictionary(own):
        return _plain(column.dictionary_decode())
    if types.is_string(own) or types.is_large_string(own) or "string_view" in str(own):
        return column.cast(pa.string())
    if own == pa.int64():
        return column
    if types.is_integer(own):
        huge = types.is_uint64(own) and (pc.max(column).as_py() or 0) >= 2**63
        return column if huge else column.cast(pa.int64())
    if types.is_floating(own) or types.is_decimal(own):
        values = column if own == pa.float64() else column.cast(pa.float64())
        nan = pc.is_nan(values)
        return pc.if_else(nan, None, values) if pc.any(nan).as_py() else values
    if types.is_timestamp(own) or types.is_date(own):
        zoned = column.cast(pa.timestamp("us", getattr(own, "tz", None)), safe=False)
        return zoned.cast(pa.timestamp("us"))
    if types.is_time(own) or types.is_duration(own):
        ticks = column.cast(pa.int32() if own.bit_width == 32 else pa.int64()).cast(pa.float64())
        return pc.divide(ticks, {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[own.unit])
    return column


def _file_decimal(texts: Iterable[pa.Array]) -> str | None:
    marks = [mark for column in texts if (mark := decimal_mark(sample(column)))]
    if not marks:
        return None
    return "," if marks.count(",") >= marks.count(".") else "."


def _stray_note(name: str, strays: Mapping[str, StrayWord]) -> Note:
    count = sum(stray.rows for stray in strays.values())
    text = f"Column {name!r} holds numbers; {count} value(s) that are words were taken as missing: {quoted(strays)}."
    return Note("words_as_missing", text, "column_types", {name: CATEGORY})
