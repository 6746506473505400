"""Single rows of plain values, such as JSON objects, encoded in microseconds: for programs that predict row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from glassnet.errors import GlassnetError
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.encode.encoder import Encoder
from glassnet.tables.notes import Note
from glassnet.tables.read.read_table import read_table
from glassnet.tables.schema import Schema

REMEMBERED = 4096  # values of a column
AT_ONCE = (
    4  # values that are encoded for the first time in one row: each takes as long as hundreds that are known
)
OTHERS = 20  # columns of a row that the encoder does not use
LONGEST = 200  # characters of a text that is remembered
LARGEST = 2**63 - 1  # of the integers that PyArrow takes as such
MARKS = (".", ",")


class EncodedRow(NamedTuple):
    """The inputs of one row, the encoder's notes on it, and those on its reading."""

    inputs: list[float]
    notes: list[Note]
    reading: list[Note]


class _Column(NamedTuple):
    """A column, the function that encodes its numbers with their notes, and the values that were encoded already."""

    encoder: ColumnEncoder
    of_number: Callable[[float], list[float] | None] | None
    number_notes: list[Note]
    known: dict[Any, EncodedRow]


class RowEncoder:
    """Encodes rows one by one, to the bit as :meth:`Encoder.encode` encodes a table of that row.

    Numbers are computed. Every other value is read and encoded as a table of one cell when it first occurs, and
    remembered. So this is fast for columns of numbers and of few different words. Where the reading of a cell may
    depend on other cells of the row, the row has to be read as a table.
    """

    def __init__(self, encoder: Encoder, schema: Schema, dtype: DTypeLike) -> None:
        self._encoder, self._schema, self._dtype = encoder, schema, dtype
        self._columns = {own.column: self._column(own) for own in encoder.encoders}
        self._width = len(self._columns)

    def _column(self, encoder: ColumnEncoder) -> _Column:
        # words for missing values that the caller named may be numbers
        of_number = None if self._schema.read_options.missing else encoder.encoder_of_number()
        notes = encoder.encode(ColumnValues(np.zeros(1))).notes if of_number else []
        return _Column(encoder, of_number, notes, {})

    def encode(self, row: Mapping[str, Any]) -> EncodedRow | None:
        """The inputs of ``row``; ``None`` if it has to be read as a table, or cannot be used."""
        inputs: list[float] = []
        notes: list[Note] = []
        reading: list[Note] = []
        learnt = 0
        try:
            for name, column in self._columns.items():
                value = row[name]
                kind = type(value)
                of_number = column.of_number
                if of_number is not None and (
                    kind is float or (kind is int and -LARGEST <= value <= LARGEST)
                ):
                    own = of_number(value)
                    if own is not None:
                        inputs += own
                        if column.number_notes:
                            notes += column.number_notes
                        continue
                # True, 1 and 1.0 are equal, but are different words
                found = column.known.get(value if kind is str else (kind, value))
                if found is None:
                    learnt += 1
                    found = self._learn(column, name, value) if learnt <= AT_ONCE else None
                if found is None:
                    return None
                inputs += found.inputs
                if found.notes:
                    notes += found.notes
                if found.reading:
                    if reading:  # which may become one note on both columns
                        return None
                    reading = found.reading
            if len(row) != self._width:
                others = [name for name in row if name not in self._columns]
                if len(others) > OTHERS or any(
                    name != name.strip() or _needs_reading(row[name]) for name in others
                ):
                    return None
                notes += self._encoder.notes_on_others(others)
        except (KeyError, TypeError):  # a missing column, or a value that is a list
            return None
        return EncodedRow(inputs, notes, reading)

    def _learn(self, column: _Column, name: str, value: Any) -> EncodedRow | None:
        """Encode the table of this cell; ``None`` if it cannot be used, or depends on what else is in its table.

        What other cells of a row can change is the decimal mark by which this one is read.
        """
        first = self._encode_cell(column.encoder, name, value)
        if first is None:
            return None
        marked = isinstance(value, str) and any(mark in value for mark in MARKS)
        if marked and any(self._encode_cell(column.encoder, name, value, mark) != first for mark in MARKS):
            return None
        if len(column.known) >= REMEMBERED:
            column.known.clear()
        if not isinstance(value, str):
            column.known[type(value), value] = first
        elif len(value) <= LONGEST:
            column.known[value] = first
        return first

    def _encode_cell(
        self, encoder: ColumnEncoder, name: str, value: Any, decimal: str | None = None
    ) -> EncodedRow | None:
        try:
            table = read_table([{name: value}], like=self._schema, decimal=decimal)
        except GlassnetError:
            return None
        # a cell that is read in the same way in spite of the mark needs no note
        reading = [note for note in table.notes if note.code != "decimal_mark"]
        inputs = np.zeros((1, len(encoder.input_names)), self._dtype)
        encoded = encoder.encode(table.column(name), inputs)
        return None if encoded.faults else EncodedRow(inputs[0].tolist(), encoded.notes, reading)


def _needs_reading(value: Any) -> bool:
    """Whether it is a text with digits, on whose reading there may be a note, or no single value."""
    if isinstance(value, str):
        return any(character.isdigit() for character in value)
    return isinstance(value, (list, dict))
