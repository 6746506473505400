"""``read_table``: whatever holds a table, as a :class:`ReadTable` of plain columns.

Columns come out as int64 (or uint64, where numbers go beyond it), double, bool, string, timestamp[us] or null (all
missing); other types are kept as they are, and the schema leaves them out. NaN is a missing value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.errors import TableError
from glassnet.tables.array_table import ArrayTable, plain_numbers
from glassnet.tables.read.blocks import TableBlocks, stands_for_files
from glassnet.tables.read.column_names import array_names
from glassnet.tables.read.column_typing import Request, typed_table
from glassnet.tables.read.content import TEXT, Content, read_content
from glassnet.tables.read.delimited import parse_text
from glassnet.tables.read.formats import ARFF, arff_as_text, read_format
from glassnet.tables.read.in_memory import from_memory
from glassnet.tables.read.json_tables import json_table
from glassnet.tables.read.limit import Limit
from glassnet.tables.read.options import AS_FOUND, INFER, ReadOptions
from glassnet.tables.schema import Schema
from glassnet.tables.table import ReadTable, Table


def read_table(
    source: Any,
    *,
    columns: Sequence[str] | None = None,
    delimiter: str | None = None,
    header: int | Sequence[int] | Sequence[str] | None = INFER,
    skip_rows: int | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    missing: str | Sequence[str] | Mapping[str, Sequence[str]] = (),
    sheet: str | int | None = None,
    encoding: str | None = None,
    max_size: int | str | None = None,
    like: Schema | None = None,
) -> ReadTable:
    """Read a table of N rows from ``source``.

    Args:
        source: a path, a folder or a pattern such as ``"folder/*.parquet"`` whose files are one table, or a binary
            stream, of delimited text, JSON, Parquet, Arrow/Feather, ARFF, and with the extra
            ``formats`` Excel, ODS, SPSS, Stata and SAS, compressed or not
            (gzip, bz2, xz, zstd, zip with one member); a pandas, polars or other DataFrame that narwhals knows; a
            PyArrow table, record batch, reader of record batches or dataset; several of these one below the other, as
            a list or an iterator; a NumPy array, (N, I) or structured; a list of dicts; a dict of columns.
            Columns of a plain array are named x1 to xI, and what is masked in it is a missing value.
        columns: the columns to read; None, the default, reads all.
        delimiter: the text between two fields; ``" "`` is any number of blanks. None, the default, finds it.
        header: which row of a text or a sheet has the names, from 0 below ``skip_rows``; several rows, whose names are
            joined; the names themselves, where no row has them; None, where no row has them and the columns are to be
            x1, x2, … The default, ``"infer"``, finds out.
        skip_rows: how many lines of a text, or rows of a sheet, stand above the table. None, the default, skips
            comments and titles.
        decimal: ``"."`` or ``","``: the decimal mark to assume where the values leave open what "1,234" or "1.234"
            means; a note names the columns that show another one. None, the default, decides from the other columns
            and the delimiter.
        thousands: the mark between groups of digits, which settles the decimal mark if it is ``","`` or ``"."``.
        missing: words, or numbers, that stand for a missing value, besides the usual words; or by column the words that
            do so there, in place of the usual words.
        sheet: of a workbook, by name or number from 0; None, the default, takes the first that has a value.
        encoding: of a text, as Python names it; None, the default, finds it.
        max_size: how many bytes the table may have when it is unpacked, as 8_000_000_000 or "8G". None, the default, is
            1 GiB, or 100 times the size of the file if that is more: a damaged or malicious file of a few kilobytes can
            unpack to any size. A file that is not compressed is read whatever its size.
        like: the schema of earlier rows of the same table: give it when reading rows to predict. What those rows
            settled then holds where this source does not tell: the options with which they were read (but for
            ``encoding`` and ``max_size``), the decimal mark, and that a category of words stays words even where only
            words such as "1" or "true" are left of it.

    Returns:
        The table; what was assumed (encoding, a missing header, words taken as missing, ...) is in its ``notes``.

    Raises:
        TableError: an option that no table can be read with, no such file, a directory, an empty file, not a table, a
            header without rows, names that occur twice, rows with too many or too few fields, unknown ``columns``.
        InputTypeError: ``source`` is none of the above.
    """
    names: Any = header  # which the record takes in all these forms
    words: Any = missing
    options = ReadOptions(delimiter, names, skip_rows, decimal, thousands, words, sheet, encoding, max_size)
    if isinstance(source, (ReadTable, ArrayTable)):
        options, source = options.or_else(source.read_options), source.to_arrow()
    return _read(source, columns, like, options)


def as_table(source: Any, like: Schema | None = None, *, or_row: bool = False) -> Table:
    """``source`` itself where it was read already, an array of numbers as it is, all else as :func:`read_table`.

    With ``or_row``, a single row is a table of one: a dict, a named tuple or a Series of values, a list or an array
    (I,) of them.
    """
    source = _with_rows(source) if or_row else source
    if isinstance(source, (ReadTable, ArrayTable)):
        return source
    if (
        plain_numbers(source)
        and source.ndim == 2
        and source.size
        and not (like and like.read_options.missing)
    ):
        return ArrayTable(tuple(array_names(source.shape[1])), (source,))
    return _read(source, None, like)


def _with_rows(source: Any) -> Any:
    """``source`` as a list of one dict or an array (1, I), where it is a single row."""
    if is_named_row(source):
        source = source._asdict() if hasattr(source, "_asdict") else source.to_dict()
    if isinstance(source, Mapping):
        return [dict(source)] if source and all(map(_is_value, source.values())) else source
    if isinstance(source, (list, tuple)) and source and all(map(_is_value, source)):
        source = np.array(source, dtype=object)
    if isinstance(source, np.ndarray) and source.ndim == 1 and not source.dtype.names:
        return source[None, :]
    return source


def is_named_row(source: Any) -> bool:
    """Whether it is a named tuple, or a Series of pandas that is a row: its index has the names of columns."""
    a_series = hasattr(source, "to_dict") and hasattr(source, "index") and not hasattr(source, "columns")
    return hasattr(source, "_asdict") or (a_series and all(isinstance(name, str) for name in source.index))


def _is_value(item: Any) -> bool:
    """Whether ``item`` is a single value: no column, row or dict."""
    return isinstance(item, (str, bytes)) or not (
        hasattr(item, "__len__") or hasattr(item, "__arrow_c_stream__")
    )


def as_columns(columns: Mapping[str, Any], like: Schema | None = None) -> Table:
    """Columns by name as a table; arrays of numbers as they are."""
    if all(plain_numbers(column) and column.ndim == 1 and column.size for column in columns.values()):
        return ArrayTable(tuple(columns), tuple(column[:, None] for column in columns.values()))
    return read_table(columns, like=like)


def _read(
    source: Any,
    columns: Sequence[str] | None,
    like: Schema | None,
    options: ReadOptions = AS_FOUND,
) -> ReadTable:
    if isinstance(source, TableBlocks):
        options = options.or_else(source.options)
        if source.file is None:
            return source.whole(like, columns)
        source = source.file
    is_path = isinstance(source, (str, os.PathLike))
    if is_path and stands_for_files(source):
        found = TableBlocks.of(source, options)
        if found is None:
            raise TableError(
                f"{source!r} has files in a format that cannot be put together; pass one of them."
            )
        return found.whole(like, columns)
    request = Request.of(options, like, columns)
    if is_path or _is_stream(source):
        return _from_content(read_content(source, options), request)
    return typed_table(from_memory(source, Limit.of("the table", 0, options.max_bytes)), request, [])


def _is_stream(source: Any) -> bool:
    """Whether bytes can be read from it, not frames, as from pandas' reader of chunks, nor a column named "read"."""
    chunks = isinstance(source, Iterator) and not hasattr(source, "readline")
    return callable(getattr(source, "read", None)) and not chunks


def _from_content(content: Content, request: Request) -> ReadTable:
    if content.form == TEXT:
        data, notes = content.data, [*content.notes]
        if data.lstrip()[:1] in (b"{", b"["):
            records = json_table(data, content.limit)
            if records is not None:
                return typed_table(records, request, notes)
        if re.match(ARFF, data):
            data = arff_as_text(data, content.name)
        table, dialect, noted = parse_text(
            data, content.name, request.columns, request.known, request.options, request.usual
        )
        if dialect.separator == "," and dialect.quote and dialect.quote.encode() not in data:
            request = request._replace(decimal=request.decimal or ".")
        return typed_table(table, request, notes + noted, dialect)
    table, noted = read_format(content, request.options, request.usual)
    if not table.num_rows:
        raise TableError(f"{content.name!r} has columns but no rows.")
    return typed_table(table, request, noted)
