"""From a table as people have it to arrays that a network can learn from, and back.

The way through this room::

    read_table      any source           -> PyArrow table of plain columns, with notes on what was assumed
    infer_schema    table, target        -> Schema: the kind of each column and why, the task
    split_rows      number of rows       -> training, validation and held-out rows
    Encoder         table, schema        -> inputs (N, I), by one small record a column
    TargetEncoding  table, schema        -> targets (N, O), and the outputs back in the target's own values

Shapes: N rows, I inputs, O outputs, C classes. Rows are counted from 1 in messages and from 0 in arrays.
PyArrow and narwhals are loaded when a table is first touched, not when this package is imported.
"""

from __future__ import annotations

from pathlib import Path

from glassnet.tables.encode import BooleanEncoder, CategoryEncoder, DateEncoder, NumberEncoder
from glassnet.tables.encode.encoder import Encoder
from glassnet.tables.encode.target_encoding import TargetEncoding
from glassnet.tables.fingerprint import fingerprint
from glassnet.tables.read.read_table import read_table
from glassnet.tables.read_notes import notes_of, was_text
from glassnet.tables.schema import Column, Schema
from glassnet.tables.split import Split, split_rows
from glassnet.tables.understand.infer_schema import infer_schema

__all__ = [
    "BooleanEncoder",
    "CategoryEncoder",
    "Column",
    "DateEncoder",
    "Encoder",
    "NumberEncoder",
    "Schema",
    "Split",
    "TargetEncoding",
    "fingerprint",
    "infer_schema",
    "notes_of",
    "penguins_path",
    "read_table",
    "split_rows",
    "was_text",
]


def penguins_path() -> Path:
    """The bundled Palmer penguins: 344 rows, 8 columns, with gaps (CC0; see ``data/README.md``)."""
    return Path(__file__).parent.parent / "data" / "penguins.csv"
