"""The blocks of a text: headings, paragraphs, tables and code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A title ``text``. Levels 1 and 2 are underlined; level 3 stands directly above what follows it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text, wrapped to the width.

    With an ``indent``, in characters, it stands directly below what precedes it; otherwise after an empty line.
    """

    text: str
    indent: int = 0


@dataclass(frozen=True)
class Table:
    """A table of cells.

    Args:
        head: the titles of the columns; empty for a table without.
        rows: the cells, as many in each row as there are columns.
        align: ``<`` or ``>`` for each column; by default the first is left-aligned and all others right-aligned.
        rules: the numbers of the rows that have a line above them.
        keys: how many columns, from the left, are repeated where a table is too wide and its columns are printed in
            several tables, one below the other.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str = ""
    rules: Sequence[int] = ()
    keys: int = 1

    @property
    def sides(self) -> str:
        """``align``, or its default."""
        return self.align or "<".ljust(len([*self.head] or self.rows[0]), ">")

    @property
    def lines(self) -> list[Sequence[str]]:
        """The head, if there is one, and the rows."""
        return [self.head, *self.rows] if any(self.head) else list(self.rows)

    def columns(self, numbers: Sequence[int]) -> Table:
        """The table of these columns alone."""
        head, *rows = ([line[at] for at in numbers] for line in (self.head or self.rows[0], *self.rows))
        align = "".join(self.sides[at] for at in numbers)
        return Table(head if self.head else (), rows, align, self.rules, self.keys)


@dataclass(frozen=True)
class Code:
    """``lines`` that are printed as they are, such as commands to be copied."""

    lines: Sequence[str]


Block = Heading | Paragraph | Table | Code
