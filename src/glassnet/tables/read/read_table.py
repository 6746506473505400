"""``read_table``: whatever holds a table, as a PyArrow table of plain columns.

Columns come out as int64 (or uint64, where numbers go beyond it), double, bool, string, timestamp[us] or
null (all missing); other types are kept as they are, and the schema leaves them out. NaN is a gap. What was
assumed on the way is kept with the table as notes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from glassnet.errors import Faults, TableError, nearest
from glassnet.tables._arrow import pa, pc
from glassnet.tables.array_table import ArrayTable, plain_numbers
from glassnet.tables.number_parsing import NumberStyle, decimal_mark
from glassnet.tables.read.content import ARROW_FILE, PARQUET, TEXT, Content, decode, identify, read_content
from glassnet.tables.read.delimited import parse_text, refuse_duplicates
from glassnet.tables.read.dialect import Dialect
from glassnet.tables.read.in_memory import array_names, from_memory
from glassnet.tables.read.json_tables import json_table
from glassnet.tables.read_notes import CATEGORY, TEXT_SOURCE, WORDS, about, was_read
from glassnet.tables.schema import Schema
from glassnet.tables.text_columns import as_text, one_chunk, sample, type_column
from glassnet.tables.value_text import quoted


class _Wishes(NamedTuple):
    """What the caller of ``read_table`` asked for."""

    columns: Sequence[str] | None
    decimal: str | None
    texts: frozenset[str]


def read_table(
    source: Any,
    *,
    columns: Sequence[str] | None = None,
    decimal: str | None = None,
    like: Schema | None = None,
) -> pa.Table:
    """Read a table of N rows from ``source``.

    Parameters
    ----------
    source
        A path (or a binary stream) of delimited text, JSON, Parquet or Arrow/Feather, compressed or not
        (gzip, bz2, xz, zstd, zip with one member); a pandas, polars or other DataFrame that narwhals
        knows; a PyArrow table or record batch; a NumPy array, (N, I) or structured; a list of dicts;
        a dict of columns. Columns of a plain array are named x1 to xI, and what is masked in it is a gap.
    columns
        The columns to read; None, the default, reads all.
    decimal
        ``"."`` or ``","``: the decimal mark to assume where the file leaves open what "1,234" or "1.234"
        means. None, the default, decides from the other columns and the separator.
    like
        The schema of earlier rows of the same table: give it when reading rows to predict. What those rows
        settled then holds for a file that is too short to tell: the decimal mark, and that a category
        of words stays words even where only words such as "1" or "true" are left of it.

    Raises
    ------
    TableError
        No such file, a directory, an empty file, not a table, a header without rows, names that occur
        twice, rows with too many or too few fields, unknown ``columns``.
    InputTypeError
        ``source`` is none of the above.

    What was assumed (encoding, a missing header, words taken as missing, …) is in :func:`notes_of`.
    """
    if decimal not in (None, ".", ","):
        raise TableError(f"decimal is {decimal!r}, but must be '.', ',' or None.")
    texts = (
        frozenset(column.name for column in (*like.columns, *like.target) if column.text)
        if like
        else frozenset()
    )
    wishes = _Wishes(columns, decimal or (like.decimal if like else None), texts)
    if isinstance(source, (str, os.PathLike)):
        return _from_content(read_content(source), wishes)
    if callable(getattr(source, "read", None)):  # a DataFrame may have a column of that name
        name = str(getattr(source, "name", "the stream"))
        data = source.read()
        return _from_content(identify(data.encode() if isinstance(data, str) else data, name), wishes)
    return _finish(from_memory(source), wishes, [])


def as_table(source: Any, like: Schema | None = None) -> pa.Table | ArrayTable:
    """As :func:`read_table`, but a plain array of numbers stays the array that it is."""
    if isinstance(source, ArrayTable):
        return source
    if plain_numbers(source) and source.ndim == 2 and source.size:
        return ArrayTable(tuple(array_names(source.shape[1])), (source,))
    return read_table(source, like=like)


def as_arrow(table: pa.Table | ArrayTable) -> pa.Table:
    """``table`` as :func:`read_table` would have read it."""
    if not isinstance(table, ArrayTable):
        return table
    columns = [table.column(name) for name in table.column_names]
    known = {} if table.others is None else {field.name: field for field in table.others.schema}
    fields = [
        known.get(name) or pa.field(name, column.type)
        for name, column in zip(table.column_names, columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=about([], None)))


def as_read(table: pa.Table | ArrayTable) -> pa.Table | ArrayTable:
    """``table`` itself when this module made it, otherwise what :func:`read_table` makes of it."""
    if isinstance(table, ArrayTable) or (isinstance(table, pa.Table) and was_read(table)):
        return table
    return read_table(table)


def _from_content(content: Content, wishes: _Wishes) -> pa.Table:
    if content.form == TEXT:
        data, notes = decode(content.data, content.name)
        if data.lstrip()[:1] in (b"{", b"["):
            records = json_table(data, content.name)
            if records is not None:
                return _finish(records, wishes, notes)
        table, dialect, said = parse_text(data, content.name, wishes.columns)
        if dialect.separator == "," and dialect.quote and dialect.quote.encode() not in data:
            wishes = wishes._replace(decimal=wishes.decimal or ".")
        return _finish(table, wishes, notes + said, dialect)
    try:
        table = _arrow_table(content)
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{content.name!r} is a damaged {content.form} file: {error}.") from None
    refuse_duplicates(table.column_names, content.name)
    if not table.num_rows:
        raise TableError(f"{content.name!r} has columns but no rows.")
    return _finish(table, wishes, [])


def _arrow_table(content: Content) -> pa.Table:
    buffer = pa.BufferReader(content.data)
    if content.form == PARQUET:
        from pyarrow import parquet

        return parquet.read_table(buffer)
    opener = pa.ipc.open_file if content.form == ARROW_FILE else pa.ipc.open_stream
    return opener(buffer).read_all()


def _finish(table: pa.Table, wishes: _Wishes, notes: list[str], dialect: Dialect | None = None) -> pa.Table:
    """Choose the columns, find their types, and attach what was said. ``dialect``: of a delimited text."""
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
    decimal = wishes.decimal or _file_decimal(texts.values())
    style = NumberStyle(decimal, comma_likely=dialect is not None and dialect.separator == ";")
    said: dict[str, list[str]] = {}
    fields, arrays = [], []
    for name, column in whole.items():
        metadata: dict[bytes, bytes] = dict(table.schema.field(name).metadata or {})
        if name in texts:
            typed = as_text(texts[name]) if name in wishes.texts else type_column(texts[name], style)
            array = typed.values
            if dialect is None and not pa.types.is_string(array.type):
                metadata[TEXT_SOURCE] = b"1"
            if typed.words:
                metadata[WORDS] = json.dumps(typed.words).encode()
                notes = [*notes, _words_note(name, typed.words)]
            if typed.said:
                said.setdefault(typed.said, []).append(name)
        else:
            array, category = _plain(column)
            if category:
                metadata[CATEGORY] = b"1"
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=metadata or None))
    notes = notes + [f"Column(s) {quoted(names)}: {what}." for what, names in said.items()]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about(notes, decimal)))


def _select(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    faults = Faults(TableError)
    for name in columns:
        if name not in table.column_names:
            faults.add(f"There is no column {name!r} in the table.{nearest(name, table.column_names)}")
    faults.raise_if_any()
    return table.select(list(dict.fromkeys(columns)))


def _coded_text(column: pa.Array, dialect: Dialect | None) -> pa.Array | None:
    """Text, dictionary-encoded; None for other types and for what the source declared a category."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column if dialect else None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or "string_view" in str(kind):
        return column.cast(pa.string()).dictionary_encode()
    return None


def _plain(column: pa.Array) -> tuple[pa.Array, bool]:
    """``column`` in one of the plain types, and whether the source declared it a category."""
    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        values, _ = _plain(column.dictionary_decode())
        return values, True
    if types.is_string(kind) or types.is_large_string(kind) or "string_view" in str(kind):
        return column.cast(pa.string()), False
    if kind == pa.int64():
        return column, False
    if types.is_integer(kind):
        big = types.is_uint64(kind) and (pc.max(column).as_py() or 0) >= 2**63
        return (column if big else column.cast(pa.int64())), False
    if types.is_floating(kind) or types.is_decimal(kind):
        values = column if kind == pa.float64() else column.cast(pa.float64())
        nan = pc.is_nan(values)
        return (pc.if_else(nan, None, values) if pc.any(nan).as_py() else values), False
    if types.is_timestamp(kind) or types.is_date(kind):
        return column.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False).cast(
            pa.timestamp("us")
        ), False
    if types.is_time(kind) or types.is_duration(kind):
        ticks = column.cast(pa.int32() if kind.bit_width == 32 else pa.int64()).cast(pa.float64())
        return pc.divide(ticks, {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]), False
    return column, False


def _file_decimal(texts: Iterable[pa.Array]) -> str | None:
    marks = [mark for column in texts if (mark := decimal_mark(sample(column)))]
    if not marks:
        return None
    return "," if marks.count(",") >= marks.count(".") else "."


def _words_note(name: str, words: Mapping[str, tuple[int, list[int]]]) -> str:
    count = sum(times for times, _ in words.values())
    return f"Column {name!r} holds numbers; {count} value(s) that are words were taken as missing: {quoted(words)}."
