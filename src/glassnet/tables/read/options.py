"""``ReadOptions``: what the caller settles of how a table is read, as one record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from glassnet.errors import Faults, TableError, called

INFER = "infer"
THOUSANDS = {".": ",", ",": ".", " ": None, "'": None}  # each mark, and the decimal mark that it leaves
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


@dataclass(frozen=True)
class ReadOptions:
    """How a table is read, where the caller settles it. See :func:`glassnet.tables.read_table` for each option.

    Raises:
        TableError: a value that no table can be read with; one message names all of them.
    """

    delimiter: str | None = None
    header: int | str | tuple[int | str, ...] | None = INFER
    skip_rows: int | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] | dict[str, tuple[str, ...]] = ()
    sheet: int | str | None = None
    encoding: str | None = None
    max_size: int | str | None = None

    def __post_init__(self) -> None:
        faults = Faults(TableError)
        for name, plain in (("header", _header(self.header)), ("missing", _missing(self.missing))):
            if plain is None and getattr(self, name) is not None:
                faults.add(f"{called(name)} is {getattr(self, name)!r:.80}, but must be {_EXPECTED[name]}.")
            object.__setattr__(self, name, plain)
        valid = {
            "delimiter": self.delimiter is None or (isinstance(self.delimiter, str) and self.delimiter != ""),
            "skip_rows": self.skip_rows is None or _is_count(self.skip_rows),
            "decimal": self.decimal in (None, ".", ","),
            "thousands": self.thousands is None or self.thousands in [*THOUSANDS],
            "max_size": self.max_size is None or bytes_of(self.max_size) > 0,
        }
        for name, is_valid in valid.items():
            if not is_valid:
                faults.add(f"{called(name)} is {getattr(self, name)!r:.80}, but must be {_EXPECTED[name]}.")
        if self.thousands is not None and self.thousands == self.decimal:
            faults.add(f"{called('decimal')} and {called('thousands')} are both {self.decimal!r}.")
        faults.raise_if_any()

    @property
    def decimal_mark(self) -> str | None:
        """The decimal mark, given or left by that of thousands."""
        return self.decimal or (THOUSANDS[self.thousands] if self.thousands else None)

    @property
    def top_rows(self) -> int:
        """How many rows are above the data, as far as the options tell."""
        rows = self.header if isinstance(self.header, tuple) else (self.header,)
        return (self.skip_rows or 0) + max((row + 1 for row in rows if isinstance(row, int)), default=0)

    @property
    def max_bytes(self) -> int | None:
        """``max_size`` as a number."""
        return None if self.max_size is None else bytes_of(self.max_size)

    def lasting(self) -> ReadOptions:
        """The options that further files of the same kind are read with: all but those of a single file."""
        return replace(self, encoding=None, max_size=None)

    def or_else(self, others: ReadOptions) -> ReadOptions:
        """These options, and ``others`` where these leave something to the file."""
        found = {own.name: getattr(self, own.name) for own in fields(self)}
        return ReadOptions(
            **{
                name: getattr(others, name) if value == getattr(AS_FOUND, name) else value
                for name, value in found.items()
            }
        )


_EXPECTED = {
    "header": "'infer', None for no header, the number of a row from 0, several such numbers, or the names",
    "missing": "words that stand for a missing value, or such words by column",
    "delimiter": "the text between two fields",
    "skip_rows": "the number of lines before the table, at least 0",
    "decimal": "'.' or ','",
    "thousands": "',', '.', ' ' or \"'\"",
    "max_size": "a number of bytes above 0, such as 8_000_000 or '8G'",
}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _header(given: Any) -> int | str | tuple[int | str, ...] | None:
    """``header`` as the record holds it; None also for what is none."""
    if given == INFER or _is_count(given):
        return given
    if given is None or isinstance(given, str) or not isinstance(given, Iterable):
        return None
    rows = tuple(given)
    names = all(isinstance(own, str) for own in rows) and len(set(rows)) == len(rows)
    ascending = all(map(_is_count, rows)) and [*rows] == sorted(set(rows))
    return rows if rows and (names or ascending) else None


def _missing(given: Any) -> tuple[str, ...] | dict[str, tuple[str, ...]] | None:
    """``missing`` as the record holds it; None for what is none."""
    if isinstance(given, Mapping):
        by_column = {str(name): _words(words) for name, words in given.items()}
        return None if None in by_column.values() else by_column  # type: ignore[return-value]
    return _words(given)


def _words(given: Any) -> tuple[str, ...] | None:
    if isinstance(given, (str, int, float)):
        return (str(given),)
    if given is None or not isinstance(given, Iterable):
        return None
    return tuple(map(str, given))


def bytes_of(size: Any) -> int:
    """A size in bytes, 0 where it is none: 1000, "64M", "8 GB" (of 1024 bytes the K)."""
    if not isinstance(size, str):
        return size if _is_count(size) else 0
    found = re.fullmatch(r"(\d{1,18}) ?([kmgt]?)(?:i?b)?", size.strip().lower())
    return int(found[1]) * _UNITS[found[2]] if found else 0


AS_FOUND = ReadOptions()
