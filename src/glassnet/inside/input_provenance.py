"""Where each of the network's inputs comes from: which column, which value, and how it was encoded."""

from __future__ import annotations

from typing import Any, NamedTuple

from glassnet.net.arrays import Array
from glassnet.tables import BooleanEncoder, CategoryEncoder, Encoder, NumberEncoder

PERIODS = {"season": "year", "weekday": "week", "hour": "day"}


class Origin(NamedTuple):
    """One input: its name, its column and the value there as text, the formula in words, the encoded number."""

    name: str
    column: str
    value: str
    formula: str
    encoded: float


def origins(encoder: Encoder, table: Any, encoded: Array) -> tuple[Origin, ...]:
    """One for each of the I inputs of the one row of ``table``."""
    found: list[Origin] = []
    for stage in encoder.encoders:
        value = table.column(stage.column)[0].as_py()
        gap = value is None or value != value
        for name in stage.input_names:
            formula = _formula(stage, name, gap)
            found.append(
                Origin(name, stage.column, "" if gap else str(value), formula, float(encoded[len(found)]))
            )
    return tuple(found)


def _formula(stage: Any, name: str, gap: bool) -> str:
    if stage.missing_flag and name == stage.input_names[-1]:
        return "1 if missing, else 0"
    if isinstance(stage, NumberEncoder):
        if gap:
            return f"missing, counts as {stage.fill:.6g}"
        if stage.mean == 0 and stage.scale == 1:
            return "as it is"
        return f"({stage.column} − {stage.mean!r}) / {stage.scale!r}"
    if isinstance(stage, BooleanEncoder):
        return f"missing, counts as {stage.fill:.6g}" if gap else "1 for yes, 0 for no"
    if isinstance(stage, CategoryEncoder):
        return "0, for it is missing" if gap else f"1 if {name}, else 0"
    return "0, for it is missing" if gap else _date(name, stage.column)


def _date(name: str, column: str) -> str:
    if name == column:
        return "time elapsed, shifted and scaled"
    wave = name.removeprefix(f"{column} ")
    cycle, _, function = wave.partition(" ")
    return f"{function} of the angle within the {PERIODS[cycle]}"
