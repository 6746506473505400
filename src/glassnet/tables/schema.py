"""What is known of a table: each column's type, why it is that type, the target and the task. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from glassnet.tables.value_text import shortened

NUMBER, BOOLEAN, CATEGORY, DATETIME, UNUSABLE = "number", "boolean", "category", "datetime", "unusable"
COLUMN_TYPES = (NUMBER, BOOLEAN, CATEGORY, DATETIME, UNUSABLE)
REGRESSION, BINARY, MULTICLASS = "regression", "binary", "multiclass"
TASKS = (REGRESSION, BINARY, MULTICLASS)
LEVELS = 64  # of a category that are kept


@dataclass(frozen=True)
class Column:
    """One column as it was understood.

    ``type`` is one of :data:`COLUMN_TYPES`; ``reason`` says in plain words why, where that is not obvious;
    ``missing`` counts the rows without a value; ``levels`` the different values (None where nobody
    counts them); ``examples`` are values as text, the most frequent first for words; ``minimum`` and
    ``maximum`` are for numbers; ``format`` is how dates are written (``%d/%m/%Y``); ``words`` are words
    that stand for a gap in a column of numbers; ``text`` says that a category was read as words.
    """

    name: str
    type: str
    reason: str = ""
    missing: int = 0
    levels: int | None = None
    examples: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    format: str | None = None
    words: tuple[str, ...] = ()
    text: bool = False

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold."""
        return {**asdict(self), "examples": list(self.examples), "words": list(self.words)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Column:
        """The column that :meth:`to_dict` wrote down."""
        return cls(**{**data, "examples": tuple(data["examples"]), "words": tuple(data["words"])})

    def said(self) -> str:
        """One line about the values, for people."""
        parts = [self.reason] if self.reason else []
        if self.type == NUMBER and self.minimum is not None and self.maximum is not None:
            parts.append(f"{self.minimum:.6g} to {self.maximum:.6g}")
        elif self.type in (CATEGORY, BOOLEAN):
            parts.append(f"{self.levels} levels: {_listed(self.examples, self.levels or 0)}")
        elif self.type == DATETIME:
            parts.append(" to ".join(self.examples))
        if self.missing and self.type != UNUSABLE:
            parts.append(f"{self.missing} missing")
        return "; ".join(parts)


@dataclass(frozen=True)
class Schema:
    """The columns of a table and what is to be learnt from them.

    ``columns`` are the inputs, unusable ones included; ``target`` the column(s) to predict; ``task``
    one of :data:`TASKS`; ``notes`` what a person should be told; ``decimal`` the decimal mark of the
    source, where it was told (``read_table(..., like=schema)`` uses it).
    """

    columns: tuple[Column, ...]
    target: tuple[Column, ...]
    task: str
    notes: tuple[str, ...] = ()
    decimal: str | None = None

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that a network can use."""
        return tuple(column for column in self.columns if column.type != UNUSABLE)

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold."""
        return {
            "columns": [column.to_dict() for column in self.columns],
            "target": [column.to_dict() for column in self.target],
            "task": self.task,
            "notes": list(self.notes),
            "decimal": self.decimal,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Schema:
        """The schema that :meth:`to_dict` wrote down."""
        return cls(
            tuple(map(Column.from_dict, data["columns"])),
            tuple(map(Column.from_dict, data["target"])),
            data["task"],
            tuple(data["notes"]),
            data["decimal"],
        )

    def describe(self) -> list[tuple[str, str, str]]:
        """Rows (name, type, description) for printing: the target first, then usable inputs, then the rest."""
        left_out = [column for column in self.columns if column.type == UNUSABLE]
        rows = [(column.name, f"target, {self.task}", column.said()) for column in self.target]
        rows += [(column.name, column.type, column.said()) for column in self.inputs]
        return rows + [(column.name, "left out", column.said()) for column in left_out]


def _listed(examples: tuple[str, ...], levels: int) -> str:
    shown = ", ".join(map(shortened, examples[:4]))
    return f"{shown}, …" if levels > min(len(examples), 4) else shown
