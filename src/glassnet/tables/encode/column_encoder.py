"""What every column encoder has: the column that it reads, the inputs that it makes, and their checks.

Numbers become ``(x - mean) / scale`` with missing values at ``fill``; booleans 0 or 1; categories one input a level;
dates the time elapsed and the sine and cosine of the cycles that they run through. A missing value is marked by an
input of its own where the training rows had missing values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import is_plain
from glassnet.tables.value_text import shortened

Array = NDArray[Any]


@dataclass(frozen=True)
class ColumnEncoder:
    """What every stage has: the column that it reads, and whether it marks gaps."""

    type: ClassVar[str]
    column: str
    missing_flag: bool

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of its inputs, the mark of a gap last."""
        return (*self._value_names(), f"{self.column} missing") if self.missing_flag else self._value_names()

    def write(self, column: pa.ChunkedArray, out: Array) -> None:
        """Fill ``out`` (N, number of names), which is all zeros, from ``column`` (N,)."""
        gaps = self._write(column, out)
        if self.missing_flag:
            out[:, -1] = gaps

    def check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        """(faults, notes) of a column that is to be encoded."""
        if not is_plain(column):
            return [f"Column {self.column!r} holds {column.type} values, not numbers, words or dates."], []
        faults, notes = self._check(column)
        if column.null_count and not self.missing_flag:
            notes.append(
                f"Column {self.column!r} has {column.null_count} gap(s), though it had none in training;"
                " they are taken as the average."
            )
        return faults, notes

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold; floats keep every bit."""
        plain = {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }
        return {"type": self.type, **plain}

    def _value_names(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        raise NotImplementedError

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        raise NotImplementedError


def words_fault(column: str, strays: dict[str, list[int]], expected: str = "numbers") -> str:
    """The message for words where ``expected`` should stand, with the rows that they stand in."""
    shown = "; ".join(
        f"{shortened(word)!r} in row {', '.join(map(str, rows[:3]))}"
        for word, rows in list(strays.items())[:3]
    )
    more = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
    return f"Column {column!r} must hold {expected}, but has {shown}{more}; correct them or leave them empty."
