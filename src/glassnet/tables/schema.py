"""What is known of a table: each column's type and the reason for it, the target and the task. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.tables.notes import Note
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.value_text import shortened
from glassnet.text import Block, Heading, Paragraph, Printable, Table

NUMBER, BOOLEAN, CATEGORY, DATETIME, UNUSABLE = "number", "boolean", "category", "datetime", "unusable"
COLUMN_TYPES = [NUMBER, BOOLEAN, CATEGORY, DATETIME, UNUSABLE]
REGRESSION, BINARY, MULTICLASS = "regression", "binary", "multiclass"
MULTILABEL = "multilabel"  # several targets of classes, each of two or more
TASKS = (REGRESSION, BINARY, MULTICLASS, MULTILABEL)
LEVELS = 64  # of a category that are kept
COLUMNS_SHOWN = 40


def add_column_type(name: str) -> None:
    """Let columns be declared of one more type."""
    if name not in COLUMN_TYPES:
        COLUMN_TYPES.append(name)


@dataclass(frozen=True)
class Column:
    """What is known of one column.

    Attributes:
        name: its name.
        type: one of :data:`COLUMN_TYPES`.
        reason: why it has that type, where that is not obvious.
        missing: how many rows have no value.
        levels: how many different values there are; None where they are not counted.
        examples: values as text, the most frequent first for words.
        minimum: of numbers.
        maximum: of numbers.
        format: how dates are written, as in ``%d/%m/%Y``.
        missing_words: words that stand for a missing value in a column of numbers or dates.
        text: whether a category was read as words.
        unit: the currency or unit that was read away from every number.
        kept_words: labels of a target that would stand for a missing value elsewhere, as ``-`` beside ``+``.
        folded: whether labels count as one that differ only in case, or all mean yes or no.
        sentinels: numbers, or seconds since 1970, that stand for a missing value.
    """

    name: str
    type: str
    reason: Note | None = None
    missing: int = 0
    levels: int | None = None
    examples: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    format: str | None = None
    missing_words: tuple[str, ...] = ()
    text: bool = False
    unit: str = ""
    sentinels: tuple[float, ...] = ()
    kept_words: tuple[str, ...] = ()
    folded: bool = False

    def describe(self) -> str:
        """One line about the values."""
        parts = [str(self.reason)] if self.reason else []
        if self.type == NUMBER and self.minimum is not None and self.maximum is not None:
            parts.append(f"{self.minimum:.6g} to {self.maximum:.6g}")
        elif self.type in (CATEGORY, BOOLEAN):
            parts.append(f"{self.levels} levels: {_listed(self.examples, self.levels or 0)}")
        elif self.type == DATETIME:
            parts.append(" to ".join(self.examples))
        if self.missing and self.type != UNUSABLE:
            parts.append(f"{self.missing} missing")
        return "; ".join(parts)


@dataclass(frozen=True, repr=False)
class Schema(Printable):
    """The columns of a table and what is to be predicted from them.

    Attributes:
        columns: the inputs, unusable ones included.
        target: the column(s) to predict.
        task: one of :data:`TASKS`.
        notes: what was assumed or left out.
        decimal: the decimal mark of the source, if it could be determined (``read_table(..., like=schema)`` uses it).
        read_options: the options with which the table was read, but for those of a single file.
        rows: the number of rows in which missing values were counted; 0 where it is not known.
    """

    columns: tuple[Column, ...]
    target: tuple[Column, ...]
    task: str
    notes: tuple[Note, ...] = ()
    decimal: str | None = None
    read_options: ReadOptions = AS_FOUND
    rows: int = 0

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that a network can use."""
        return tuple(column for column in self.columns if column.type != UNUSABLE)

    def __getitem__(self, name: str) -> Column:
        """The input of that name."""
        return next(column for column in self.columns if column.name == name)

    def blocks(self) -> list[Block]:
        """One line for each column: its name, its type, and a description of its values."""
        rows = [(shortened(name), *described) for name, *described in self.describe()]
        shown = rows if len(rows) <= COLUMNS_SHOWN else rows[: COLUMNS_SHOWN - 1]
        more = f"… and {len(rows) - len(shown)} more columns"
        return [
            Heading("Columns", 3),
            Table((), shown, "<<<"),
            *([Paragraph(more, 2)] if len(shown) < len(rows) else []),
        ]

    def describe(self) -> list[tuple[str, str, str]]:
        """(name, type, description) of each column, for printing: the target first, unusable columns last."""
        left_out = [column for column in self.columns if column.type == UNUSABLE]
        rows = [(column.name, f"target, {self.task}", column.describe()) for column in self.target]
        rows += [(column.name, column.type, column.describe()) for column in self.inputs]
        return rows + [(column.name, "left out", column.describe()) for column in left_out]


def _listed(examples: tuple[str, ...], levels: int) -> str:
    shown = ", ".join(map(shortened, examples[:4]))
    return f"{shown}, …" if levels > min(len(examples), 4) else shown
