"""The dialects of SQL: how each spells what a model needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How a database spells it.

    Attributes:
        name: of the database.
        least, greatest: of two numbers.
        text: the type of texts.
        double: that of numbers in double precision.
        most: columns that a result may have.
        longest: bytes that a name may have; 0 for any number.
        folds: whether names that differ in case alone are the same.
    """

    name: str
    least: str
    greatest: str
    text: str
    double: str
    most: int
    longest: int
    folds: bool

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite, which has no types of its own for dates, and no regular expressions."""
        return self.name == "SQLite"

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL, in which overflow and underflow are errors."""
        return self.name == "PostgreSQL"


SQLITE = Dialect("SQLite", "MIN", "MAX", "TEXT", "REAL", 1900, 0, True)
DUCKDB = Dialect("DuckDB", "LEAST", "GREATEST", "VARCHAR", "DOUBLE", 100_000, 0, True)
POSTGRESQL = Dialect("PostgreSQL", "LEAST", "GREATEST", "TEXT", "DOUBLE PRECISION", 1600, 63, False)

BLANKS = " || ".join(["' '", *(f"CHR({code})" for code in range(9, 14))])
BLANKS_OF_SQLITE = "' ' || CHAR(9, 10, 11, 12, 13)"


def number(value: float) -> str:
    """A number in double precision: with an exponent, without which DuckDB takes it for a decimal."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A name of a column."""
    return '"' + text.replace('"', '""') + '"'


def added(terms: Sequence[str]) -> str:
    """The sum of many terms, added in pairs: a database bounds how deep an expression may be."""
    return paired(terms, "{} + {}") if terms else "0e0"


def paired(terms: Sequence[str], form: str) -> str:
    """``form`` of each two neighbors, and again of what that gives."""
    while len(terms) > 1:
        terms = [
            f"({form.format(*terms[at : at + 2])})" if at + 1 < len(terms) else terms[at]
            for at in range(0, len(terms), 2)
        ]
    return terms[0]
