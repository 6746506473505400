"""Rows that a command takes: a whole table, or one row of it by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet.cli.table_source import source_of

if TYPE_CHECKING:
    from glassnet.model import Model
    from glassnet.tables import ReadTable, Schema
    from glassnet.tables.read.blocks import TableBlocks

Result = TypeVar("Result")


def read_rows(table: str, model: Model, reading: Mapping[str, Any]) -> ReadTable:
    """The table, read as the model's training table was but for the options ``reading``; ``-`` is standard input."""
    from glassnet.cli.process import forgo_pandas

    forgo_pandas()
    return read_source(table, reading, model.schema)


def read_source(table: str, reading: Mapping[str, Any], like: Schema | None = None) -> ReadTable:
    """The table, read with the options ``reading``."""
    from glassnet.cli.reading import read_keywords
    from glassnet.cli.settings_options import as_options
    from glassnet.errors import spelled
    from glassnet.tables import read_table

    with spelled(as_options):
        return read_table(source_of(table), like=like, **read_keywords(reading))


def in_blocks(
    table: str, model: Model, reading: Mapping[str, Any], work: Callable[[ReadTable], Result]
) -> Iterator[Result]:
    """What ``work`` returns for the table as :func:`read_rows` reads it; for each block if it is in files or large."""
    from glassnet.streaming.prediction import each_block
    from glassnet.streaming.prediction import in_blocks as several

    blocks = several(blocks_of(table, reading))
    if blocks is None:
        yield work(read_rows(table, model, reading))
    else:
        yield from each_block(blocks, model.schema, work)


def blocks_of(table: str, reading: Mapping[str, Any]) -> TableBlocks | None:
    """The table, to be read with the options ``reading``; ``None`` if it cannot be read in blocks."""
    from glassnet.cli.reading import read_keywords
    from glassnet.cli.settings_options import as_options
    from glassnet.errors import spelled
    from glassnet.tables.read.blocks import TableBlocks
    from glassnet.tables.read.options import ReadOptions

    with spelled(as_options):
        return TableBlocks.of(source_of(table), ReadOptions(**read_keywords(reading)))


def one_row(rows: ReadTable, number: int) -> ReadTable:
    """Row ``number``, counted from 0, as a table.

    Raises:
        InputError: there is no such row.
    """
    from glassnet.errors import InputError

    if not 0 <= number < rows.num_rows:
        raise InputError(f"--row is {number}, but the table has rows 0 to {rows.num_rows - 1}.")
    return rows.take([number])


def load_for(path: str, target: str | None, member: int | None = None) -> Model:
    """The model of a file; of several targets of classes, the one that ``--for-target`` names; of several networks, the
    one that ``--member`` names.

    Raises:
        ModelFileError: as :func:`glassnet.load`.
        InputError: no such target or network.
    """
    from glassnet.model import load

    model = load(path)
    model = model if target is None else model.for_target(target)
    return model.of_member(member)
