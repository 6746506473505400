"""From a real-world table to arrays that a network is trained on. Targets: :mod:`glassnet.targets`.

The stages, in this order::

    read_table      any source      -> ReadTable: plain columns, with notes on what was assumed
    infer_schema    table, target   -> Schema: the type of each column and why, the task
    split_rows      number of rows  -> training, validation and held-out rows (also split_groups, split_times)
    fold_rows       number of rows  -> the fold of each row (also fold_groups)
    Encoder         table, schema   -> inputs (N, I), by one small encoder per column

Shapes: N rows, I inputs, O outputs, C classes. Rows are counted from 0, in messages as in arrays;
lines of a file from 1.
PyArrow and narwhals are loaded when a table is first read, not when this package is imported.
"""

from __future__ import annotations

from pathlib import Path

from glassnet.tables.encode.boolean import BooleanEncoder
from glassnet.tables.encode.category import CategoryEncoder
from glassnet.tables.encode.column_encoder import ColumnEncoder, NumberOptions, register
from glassnet.tables.encode.date import DateEncoder
from glassnet.tables.encode.encoder import Encoder
from glassnet.tables.encode.number import NumberEncoder
from glassnet.tables.fingerprint import fingerprint
from glassnet.tables.folds import fold_groups, fold_rows
from glassnet.tables.notes import Note
from glassnet.tables.read.read_table import read_table
from glassnet.tables.schema import Column, Schema
from glassnet.tables.split import Split, split_groups, split_rows, split_times
from glassnet.tables.table import ReadTable, Table
from glassnet.tables.understand.infer_schema import infer_schema

__all__ = [
    "BooleanEncoder",
    "CategoryEncoder",
    "Column",
    "ColumnEncoder",
    "DateEncoder",
    "Encoder",
    "Note",
    "NumberEncoder",
    "NumberOptions",
    "ReadTable",
    "Schema",
    "Split",
    "Table",
    "fingerprint",
    "fold_groups",
    "fold_rows",
    "infer_schema",
    "penguins_path",
    "read_table",
    "register",
    "split_groups",
    "split_rows",
    "split_times",
]


def penguins_path() -> Path:
    """The bundled Palmer penguins: 344 rows, 8 columns, with missing values (CC0; see ``data/README.md``)."""
    return Path(__file__).parent.parent / "data" / "penguins.csv"
