"""Tables of programs: Parquet and Arrow, sheets of Excel and ODS, SPSS, Stata and SAS, ARFF of Weka."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet.errors import TableError, called, plural, to_install, unknown
from glassnet.tables._arrow import pa
from glassnet.tables.notes import Note
from glassnet.tables.read.column_names import array_names, distinct
from glassnet.tables.read.columnar import read_arrow, read_parquet
from glassnet.tables.read.content import ARROW_FILE, PARQUET, SHEETS, STATISTICS, Content
from glassnet.tables.read.header import given_header
from glassnet.tables.read.in_memory import from_columns
from glassnet.tables.read.limit import CELL
from glassnet.tables.read.options import INFER, ReadOptions
from glassnet.tables.read.unpack import check_workbook, is_workbook
from glassnet.tables.value_text import shortened

ARFF = rb"(?i)(?:[ \t\r]*(?:%[^\n]*)?\n)*[ \t]*@relation\b"  # how a table in Weka's format begins
EXTRA = to_install("formats")


def read_format(content: Content, options: ReadOptions, usual: ReadOptions) -> tuple[pa.Table, list[Note]]:
    """The table of a file that is no text, types as they are, and what had to be assumed.

    ``usual`` are the options of earlier rows of the same table.

    Raises:
        TableError: it is damaged, or its reader is not installed.
    """
    try:
        if content.form == SHEETS:
            return _sheet(content, options, usual)
        if content.form in STATISTICS:
            return _statistics(content), []
        return _arrow_table(content), []
    except ImportError as error:
        raise TableError(
            f"{content.name!r} is a file of {content.form}; to read it, install {error.name}: {EXTRA}."
        ) from None
    except (TableError, MemoryError):
        raise
    except Exception as error:  # of readers with errors of their own
        raise TableError(f"{content.name!r} is a damaged {content.form} file: {_one_line(error)}.") from None


def _one_line(error: Exception) -> str:
    return shortened(str(error), 200).rstrip(".") or type(error).__name__


def _arrow_table(content: Content) -> pa.Table:
    if content.form == PARQUET:
        return read_parquet(content.data, content.limit)
    return read_arrow(content.data, content.limit, is_file=content.form == ARROW_FILE)


def _sheet(content: Content, options: ReadOptions, usual: ReadOptions) -> tuple[pa.Table, list[Note]]:
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    if is_workbook(content.data):
        check_workbook(content.data, content.limit)
    else:
        _try_legacy_workbook(content)
    book = CalamineWorkbook.from_filelike(BytesIO(content.data))
    names, notes = book.sheet_names, []
    filled = [name for name in names if book.get_sheet_by_name(name).total_height]
    if not filled:
        raise TableError(f"{content.name!r} has no sheet with a value.")
    sheet = options.sheet
    if sheet is None and usual.sheet is not None and _named(usual.sheet, names) in names:
        sheet = usual.sheet
    chosen = filled[0] if sheet is None else _named(sheet, names)
    if chosen not in names:
        raise TableError(unknown(called("sheet"), sheet, names))
    if sheet is None and len(filled) > 1:
        others = ", ".join(map(repr, filled[1:6]))
        text = f"The sheet {chosen!r} was read; there are also {others}."
        notes.append(Note("sheet", text, "sheet", filled[1]))
    layout = options.or_else(usual)
    rows = book.get_sheet_by_name(str(chosen)).to_python(skip_empty_area=layout.skip_rows is None)
    rows = rows[layout.skip_rows or 0 :]
    if not rows:
        raise TableError(f"The sheet {chosen!r} of {content.name!r} has no rows.")
    header, records = _title_cut(rows, notes) if layout.header == INFER else _header_cut(rows, layout)
    kept = [at for at, name in enumerate(header) if name != "" or any(row[at] != "" for row in records)]
    names = distinct([str(header[at]).strip() or f"column {at + 1}" for at in kept], notes)
    columns = {
        name: [None if row[at] == "" else row[at] for row in records]
        for name, at in zip(names, kept, strict=True)
    }
    return from_columns(columns), notes


_TRIAL = """
import io, sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""


def _try_legacy_workbook(content: Content) -> None:
    """Read an .xls file in a process of its own first: where it is damaged, its reader may end the process.

    Raises:
        TableError: the reader failed.
    """
    trial = subprocess.run(
        [sys.executable, "-c", _TRIAL], input=content.data, capture_output=True, check=False
    )
    if trial.returncode:
        raise TableError(f"{content.name!r} is a damaged {content.form} file: its reader failed.")


def _named(sheet: str | int, names: list[str]) -> str | int:
    """The name of the sheet of that name or number; a number may be text, as on the command line."""
    if isinstance(sheet, str) and sheet not in names and sheet.isdecimal():
        sheet = int(sheet)
    return names[sheet] if isinstance(sheet, int) and 0 <= sheet < len(names) else sheet


def _title_cut(rows: list[list[Any]], notes: list[Note]) -> tuple[Sequence[Any], list[list[Any]]]:
    """The names and the records of a sheet that may begin with a title."""
    width = max(map(len, rows))
    title = next(
        (at for at, row in enumerate(rows[:20]) if width < 3 or sum(cell != "" for cell in row) > 1), 0
    )
    if title:
        text = f"The first {plural(title, 'row is', 'rows are')} not part of the table; skipped."
        notes.append(Note("skipped_lines", text, "skip_rows", 0))
    return rows[title], rows[title + 1 :]


def _header_cut(rows: list[list[Any]], options: ReadOptions) -> tuple[Sequence[Any], list[list[Any]]]:
    """The names and the records of a sheet as the option ``header`` says."""
    width = max(map(len, rows))
    numbered = [([str(cell) for cell in row], at) for at, row in enumerate(rows[: options.top_rows], 1)]
    skipped, taken, names = given_header(numbered, width, options.header)
    return names or array_names(width), rows[skipped + taken :]


def _statistics(content: Content) -> pa.Table:
    import pyreadstat

    reader: Any = getattr(pyreadstat, STATISTICS[content.form])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(content.data)
        _, described = reader(str(path), metadataonly=True)
        content.limit.check((described.number_rows or 0) * described.number_columns * CELL)
        columns, known = reader(str(path), output_format="dict")
    for name, labels in known.variable_value_labels.items():
        values = list(columns[name])
        if all(value is None or value != value or value in labels for value in values):
            columns[name] = [labels.get(value) for value in values]
    return from_columns(columns)


_ATTRIBUTE = re.compile(r"(?i)\s*@attribute\s+('[^']*'|\"[^\"]*\"|\S+)\s+(.*)")


def arff_as_text(data: bytes, name: str) -> bytes:
    """The rows of a table in Weka's format as comma-separated text with a header.

    Raises:
        TableError: it names no columns, or has no rows.
    """
    parts = re.split(r"(?im)^[ \t]*@data[^\n]*\n", data.decode(), maxsplit=1)
    names = [match[1].strip("'\"") for match in map(_ATTRIBUTE.match, parts[0].splitlines()) if match]
    if len(parts) < 2 or not names:
        raise TableError(f"{name!r} is an ARFF file without columns or rows.")
    rows = [line for line in parts[1].splitlines() if line.strip() and not line.lstrip().startswith("%")]
    if rows and rows[0].lstrip().startswith("{"):
        raise TableError(f"{name!r} is a sparse ARFF file; write it as a dense one.")
    quoted = [re.sub(r"'((?:[^'\\]|\\.)*)(?:'|$)", lambda match: _quoted(match[1]), row) for row in rows]
    header = ",".join(map(_quoted, names))
    return "\n".join([header, *quoted, ""]).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
