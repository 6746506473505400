"""A table in several files, or larger than memory, as blocks of rows that are read one after the other.

A block has its columns as the source has them: what follows finds their types, of some rows or of all. The blocks are
the same, in the same order, whenever they are read.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from glassnet.errors import TableError
from glassnet.tables._arrow import pa
from glassnet.tables.read.block_sources import (
    ArrowBlocks,
    DatasetBlocks,
    MemoryBlocks,
    ParquetBlocks,
    Source,
    remote_dataset,
)
from glassnet.tables.read.column_names import refuse_duplicates
from glassnet.tables.read.column_typing import Request, typed_table
from glassnet.tables.read.columnar import written_out
from glassnet.tables.read.in_memory import from_memory
from glassnet.tables.read.limit import Limit
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.read.text_blocks import CODECS, PACKED, TextBlocks
from glassnet.tables.schema import Schema
from glassnet.tables.table import ReadTable
from glassnet.tables.value_text import quoted

PARTS = (".parquet", ".arrow", ".feather", ".csv", ".tsv")  # and these, compressed
_URI = re.compile(r"(?:s3|gs|gcs|abfss?|hdfs)://")  # what PyArrow has file systems for


class TableBlocks:
    """A table that is read block by block, as often as it is needed.

    Attributes:
        name: how messages name it.
        size: the bytes of its files, 0 where they are not known.
        options: how it is read.
    """

    def __init__(
        self, name: str, sources: Sequence[Source], size: int, options: ReadOptions = AS_FOUND
    ) -> None:
        self.name, self.size, self.options = name, size, options
        self._sources = sources

    @classmethod
    def of(cls, source: Any, options: ReadOptions = AS_FOUND) -> TableBlocks | None:
        """The blocks of a path, a folder, a pattern such as ``"folder/*.parquet"``, or a dataset of PyArrow.

        ``None`` for all else: for what is in memory, or can be read only once, and for files in other formats.

        Raises:
            TableError: no file fits the pattern, or the folder has no table.
        """
        if isinstance(source, TableBlocks):
            return source
        if isinstance(source, (str, os.PathLike)):
            return cls._of_path(os.fspath(source), options)
        if callable(getattr(source, "to_batches", None)) and callable(getattr(source, "count_rows", None)):
            return cls("the dataset", [DatasetBlocks(source)], 0, options)
        return None

    @classmethod
    def of_memory(cls, source: Any) -> TableBlocks | None:
        """The blocks of a DataFrame, of a PyArrow table or of a table that was read; ``None`` for all else."""
        options = AS_FOUND
        if isinstance(source, ReadTable):
            options, source = source.read_options, source.to_arrow()
        if not isinstance(source, pa.Table) and not hasattr(source, "columns"):
            return None
        table = from_memory(source, Limit.of("the table"))
        return cls("the table", [MemoryBlocks(table)], table.nbytes, options)

    @classmethod
    def _of_path(cls, path: Any, options: ReadOptions) -> TableBlocks | None:
        name = os.fsdecode(path)
        if _URI.match(name):
            return cls(name, [DatasetBlocks(remote_dataset(name))], 0, options)
        files = files_of(name)
        sources = [_source_of(file, options) for file in files or ()]
        known = [own for own in sources if own is not None]
        if not known or len(known) < len(sources):
            return None
        size = sum(file.stat().st_size for file in files or ())
        if isinstance(known[0], TextBlocks):  # what the first shows of compression holds for all, about
            size = int(size * known[0].unpacked / max(known[0].path.stat().st_size, 1))
        return cls(name, known, size, options)

    def expecting(self, schema: Schema) -> TableBlocks:
        """The same table, read as that of which ``schema`` is: with its options, where these leave something open."""
        options = self.options.or_else(schema.read_options)
        names = frozenset(column.name for column in (*schema.columns, *schema.target))
        sources = [
            TextBlocks(own.path, options, names) if isinstance(own, TextBlocks) else own
            for own in self._sources
        ]
        return TableBlocks(self.name, sources, self.size, options)

    @property
    def stamp(self) -> list[tuple[int, int]]:
        """The size of each file and when it was changed; empty where that is not known."""
        path = None if self.name == "the dataset" or _URI.match(self.name) else files_of(self.name)
        return [(own.stat().st_size, own.stat().st_mtime_ns) for own in path or ()]

    @property
    def file(self) -> str | None:
        """The path, if it is one file."""
        return self.name if Path(self.name).expanduser().is_file() else None

    @property
    def rows(self) -> int | None:
        """The number of rows, where it is known before they are read."""
        known = [own.rows for own in self._sources]
        return None if None in known else sum(own or 0 for own in known)

    def raw(self) -> Iterator[pa.Table]:
        """The blocks, types as they are, columns in the order of the first file.

        Raises:
            TableError: a file that is damaged, or that has other columns than the first.
        """
        names: list[str] = []
        for number, own in enumerate(self._sources, 1):
            if isinstance(own, TextBlocks):
                self._refuse_separator(own)
            for block in own.blocks():
                if not names:
                    refuse_duplicates(block.column_names, self.name)
                    names = block.column_names
                elif block.column_names != names:
                    if sorted(block.column_names) != sorted(names):
                        raise TableError(
                            f"File {number} of {self.name!r} has the columns {quoted(block.column_names)}, but the "
                            f"first has {quoted(names)}; all must have the same."
                        )
                    block = block.select(names)
                if block.num_rows:
                    yield block

    def _refuse_separator(self, own: TextBlocks) -> None:
        """Refuse a text with another separator than the first has: its numbers may be written otherwise as well."""
        first = self._first_text
        if first and own.dialect and first.dialect and own.dialect.separator != first.dialect.separator:
            raise TableError(
                f"{str(own.path)!r} has fields separated by {own.dialect.separator!r}, but {str(first.path)!r} by "
                f"{first.dialect.separator!r}; write them alike."
            )

    @property
    def _first_text(self) -> TextBlocks | None:
        """The first text that has rows."""
        texts = (own for own in self._sources if isinstance(own, TextBlocks))
        return next((own for own in texts if own.dialect), None)

    def typed(
        self, raw: pa.Table, like: Schema | None = None, columns: Sequence[str] | None = None
    ) -> ReadTable:
        """Rows of :meth:`raw` with the types that their values have; ``like``, ``columns``: as for ``read_table``."""
        first = self._first_text
        dialect = first.dialect if first else None
        request = Request.of(self.options, like, columns)
        if first and dialect and dialect.separator == "," and not first.has_quotes:
            request = request._replace(decimal=request.decimal or ".")
        texts = (own for own in self._sources if isinstance(own, TextBlocks))
        notes = {note.text: note for own in texts for note in own.notes}
        return typed_table(raw, request, [*notes.values()], dialect)

    def whole(self, like: Schema | None = None, columns: Sequence[str] | None = None) -> ReadTable:
        """All rows in memory.

        Raises:
            TableError: they are more than the limit of unpacked bytes, or none.
        """
        limit = Limit.of(self.name, self.size, self.options.max_bytes)
        held, size = [], 0
        for block in self.raw():
            size += written_out(block)
            limit.check(size)
            held.append(block)
        return self.typed(concatenated(held, self.name), like, columns)


def stands_for_files(source: str | os.PathLike[str]) -> bool:
    """Whether a path is a folder, a pattern that files fit, or the address of a file system."""
    name = os.fsdecode(source)
    if _URI.match(name):
        return True
    path = Path(name).expanduser()
    try:
        return bool(name) and (path.is_dir() or (not path.exists() and glob.has_magic(name)))
    except (ValueError, OSError):  # a NUL in the name, or too long a name
        return False


def concatenated(blocks: Sequence[pa.Table], name: str) -> pa.Table:
    """Blocks one below the other; numbers of different types become those that hold all.

    Raises:
        TableError: no rows, or types that have nothing in common.
    """
    if not blocks:
        raise TableError(f"{name!r} has no rows.")
    try:
        return pa.concat_tables(blocks, promote_options="permissive")
    except pa.ArrowException as error:
        raise TableError(f"The files of {name!r} have columns of different types: {error}.") from None


def files_of(name: str) -> list[Path] | None:
    """The files that a pattern or a folder stands for, by name; ``[file]`` of a file; ``None`` if there is none.

    Raises:
        TableError: no file fits the pattern, or the folder has no table.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        found = sorted(own for own in path.rglob("*") if own.is_file() and _is_part(own.relative_to(path)))
        _refuse_partitions(name, [own.relative_to(path) for own in found])
        if not found:
            raise TableError(
                f"{name!r} is a directory without tables; it must have files whose names end with one of "
                f"{', '.join(PARTS)}, or pass the path of one table."
            )
        return found
    if not glob.has_magic(name):
        return None
    found = sorted(own for own in map(Path, glob.glob(str(path), recursive=True)) if own.is_file())
    if not found:
        raise TableError(f"No file fits the pattern {name!r}.")
    return found


def _refuse_partitions(name: str, files: Sequence[Path]) -> None:
    """Refuse folders such as ``year=2024``, whose names have values that the files do not have."""
    for file in files:
        for part in file.parts[:-1]:
            if "=" in part:
                raise TableError(
                    f"{name!r} has folders such as {part!r}, whose names are values of a column; pass "
                    f"pyarrow.dataset.dataset({name!r}, partitioning='hive')."
                )


def _is_part(file: Path) -> bool:
    """Whether a file in a folder is a part of a table: not hidden, and not a mark that Spark or Hadoop left."""
    if any(part.startswith((".", "_")) for part in file.parts):
        return False
    return _plain_name(file).endswith(PARTS)


def _source_of(file: Path, options: ReadOptions) -> Source | None:
    """How a file is read in blocks; ``None`` if its format cannot be."""
    with file.open("rb") as opened:
        head = opened.read(8)
    if head.startswith(b"PAR1"):
        return ParquetBlocks(file)
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return ArrowBlocks(file, is_file=head.startswith(b"ARROW1"))
    compressed = head.startswith(PACKED)
    if compressed != (file.suffix.lower() in CODECS) or _plain_name(file).endswith(".json"):
        return None  # PyArrow finds out by the name what is compressed
    return TextBlocks(file, options) if compressed or TextBlocks.can_read(head, options) else None


def _plain_name(file: Path) -> str:
    """Its name in lower case, without what says that it is compressed."""
    return file.with_suffix("").name.lower() if file.suffix.lower() in CODECS else file.name.lower()
