"""The origin of each encoded input: its column, the value there, and the formula of the encoding."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.net.arrays import Array
from glassnet.tables import Encoder, Table


class Origin(NamedTuple):
    """One input: its name, its column and the value there as text, the formula in words, the encoded number."""

    name: str
    column: str
    value: str
    formula: str
    encoded: float


def origins(encoder: Encoder, table: Table, encoded: Array) -> tuple[Origin, ...]:
    """One for each of the I inputs of the one row of ``table``."""
    found: list[Origin] = []
    for own in encoder.encoders:
        value = table.column(own.column).to_list()[0]
        missing = value is None or value != value
        shown = "" if missing else str(value)
        for name, formula in zip(own.input_names, own.formulas(missing), strict=True):
            found.append(Origin(name, own.column, shown, formula, float(encoded[len(found)])))
    return tuple(found)
