"""Output files: checked before the computation starts, and written completely or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from glassnet.cli.csv_text import write_csv
from glassnet.errors import Faults, TableError
from glassnet.files import naming, replacing
from glassnet.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa


OTHER_FORMS = (
    ".tsv",
    ".xlsx",
    ".xls",
    ".ods",
    ".json",
    ".jsonl",
    ".arrow",
    ".feather",
    ".html",
    ".gz",
    ".zip",
)


def check_out(out: Path, faults: Faults, *sources: str | Path | None, option: str = "--out") -> None:
    """Add to ``faults`` why ``out`` cannot be written, or would replace one of its ``sources``."""
    given, folder = f"{option} is {str(out)!r}, but", out.parent
    if out.is_dir():
        faults.add(f"{given} that is a directory; name a file.")
    elif not folder.is_dir():
        faults.add(f"{given} there is no folder {str(folder)!r}; make it, or name another.")
    elif out.exists() and any(out.samefile(file) for source in sources for file in _files(source)):
        faults.add(f"{given} that file is read; name another one.")
    elif out.is_file() and not os.access(out, os.W_OK):
        faults.add(f"{given} that file cannot be written; name another one.")
    elif out.is_file() or not out.exists():  # a temporary file is written beside it
        try:
            tempfile.TemporaryFile(dir=out.resolve().parent).close()
        except OSError as error:
            faults.add(f"{given} the folder {str(folder)!r} cannot be written to ({error.strerror}).")


def _files(source: str | Path | None) -> list[Path]:
    """The files that are read: the source itself, or those of a folder or a pattern."""
    from glassnet.tables.read.blocks import files_of, stands_for_files

    if not source:
        return []
    if Path(source).is_file() or not stands_for_files(source):
        return [Path(source)] if Path(source).exists() else []
    try:
        return files_of(str(source)) or []
    except TableError:  # which reading it will tell of
        return []


def check_model_out(out: Path, faults: Faults, *sources: str | Path | None, option: str = "--out") -> None:
    """As :func:`check_out`, for a model or a checkpoint, which is written to a regular file only."""
    if out.exists() and not out.is_dir() and not out.is_file():
        faults.add(f"{option} is {str(out)!r}, but that is not a file.")
    else:
        check_out(out, faults, *sources, option=option)


def check_table_out(out: Path, faults: Faults, *sources: str | Path | None, option: str = "--out") -> None:
    """As :func:`check_out`, for a table, which is written as CSV or as Parquet."""
    if out.suffix.lower() in OTHER_FORMS:
        faults.add(
            f"{option} is {str(out)!r}, but a table is written as CSV or Parquet; let the name end in .csv or .parquet."
        )
    check_out(out, faults, *sources, option=option)


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """A stream whose bytes replace the file ``out`` at once; ``None`` is standard output."""
    if out is not None:
        with replacing(out) as stream:
            yield stream
        return
    with naming("standard output"):
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


def write_table(table: pa.Table, out: Path | None, *, raw_text: bool) -> None:
    """As :func:`write_tables`, for a single table."""
    write_tables([table], out, raw_text=raw_text)


def write_tables(tables: Iterable[pa.Table], out: Path | None, *, raw_text: bool) -> int:
    """Write tables of the same columns one below the other, and return the number of rows.

    They are written as Parquet, if the name says so, else as CSV; for ``raw_text`` see :func:`write_csv`.
    """
    from glassnet.training.progress import is_terminal

    count = 0
    with _opened(out) as stream, ExitStack() as opened:
        shown = out is None and is_terminal(sys.stdout)
        writer: Any = None
        for table in tables:
            if out is None or out.suffix.lower() != ".parquet":
                write_csv(table, stream, raw_text=raw_text, to_terminal=shown, with_names=not count)
            else:
                from pyarrow import parquet

                writer = writer or opened.enter_context(parquet.ParquetWriter(stream, table.schema))
                writer.write_table(_as(table, writer.schema))
            count += table.num_rows
    return count


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with the types of those that were written before.

    Raises:
        TableError: a value that has none of them.
    """
    try:
        return table.cast(schema)
    except Exception as error:  # Arrow's, which is not imported here
        kinds = [
            f"{new.name!r} ({old.type}, then {new.type})"
            for old, new in zip(schema, table.schema, strict=True)
            if old.type != new.type
        ]
        raise TableError(
            f"The columns {', '.join(kinds)} have other types in later rows, which a Parquet file cannot have; write "
            "a .csv file, or leave these columns out."
        ) from error


def write_text(text: str, out: Path | None) -> None:
    """Write ``text`` as UTF-8; on standard output in the encoding of the terminal."""
    if out is None:
        sys.stdout.write(text)
        return
    with _opened(out) as stream:
        stream.write(text.encode())


def write_json(verb: str, **content: Any) -> None:
    """The document that ``--json`` prints, alone on standard output: ``content`` with the version and the verb."""
    from glassnet.text import to_json

    print(to_json({"glassnet": VERSION, "verb": verb, **content}))
