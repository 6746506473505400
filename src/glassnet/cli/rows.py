"""Rows that a command takes: a whole table, or one row of it by its number."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.model import Model
    from glassnet.tables import ReadTable


PENGUINS = "penguins"  # names the bundled table, where there is no file of that name


def source_of(table: str) -> Any:
    """What to read: a path, or for ``-`` standard input."""
    from glassnet.tables import penguins_path

    if table == "-":
        return sys.stdin.buffer
    return penguins_path() if table == PENGUINS and not Path(table).exists() else table


def read_rows(table: str, model: Model) -> ReadTable:
    """The table, read as the model's training table was; ``-`` is standard input."""
    from glassnet.cli.process import forgo_pandas
    from glassnet.tables import read_table

    forgo_pandas()
    return read_table(source_of(table), like=model.schema)


def one_row(rows: ReadTable, number: int) -> ReadTable:
    """Row ``number``, counted from 0, as a table.

    Raises:
        InputError: there is no such row.
    """
    from glassnet.errors import InputError

    if not 0 <= number < rows.num_rows:
        raise InputError(f"--row is {number}, but the table has rows 0 to {rows.num_rows - 1}.")
    return rows.take([number])


def load_for(path: str, target: str | None) -> Model:
    """The model of a file; of several targets of classes, the one that ``--for-target`` names.

    Raises:
        ModelFileError: as :func:`glassnet.load`.
        InputError: no such target.
    """
    from glassnet.model import load

    model = load(path)
    return model if target is None else model.for_target(target)
