"""``ReadOptions``: what the caller settles of how a table is read, as one record."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glassnet.errors import Faults, TableError, called

_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


@dataclass(frozen=True)
class ReadOptions:
    """How a table is read; None leaves it to the file. See :func:`glassnet.tables.read_table` for each.

    Raises:
        TableError: a value that no table can be read with; one message names all of them.
    """

    encoding: str | None = None
    sheet: str | int | None = None
    max_size: int | str | None = None

    def __post_init__(self) -> None:
        faults = Faults(TableError)
        if self.max_size is not None and not _bytes(self.max_size):
            faults.add(
                f"{called('max_size')} is {self.max_size!r}, but must be a number of bytes above 0, such as 8_000_000 "
                "or '8G'."
            )
        faults.raise_if_any()

    @property
    def max_bytes(self) -> int | None:
        """``max_size`` as a number."""
        return None if self.max_size is None else _bytes(self.max_size)


def _bytes(size: int | str) -> int:
    """A size in bytes, 0 where it is none: 1000, "64M", "8 GB" (of 1024 bytes the K)."""
    if not isinstance(size, str):
        return max(size, 0) if isinstance(size, int) and size is not True else 0
    found = re.fullmatch(r"(\d{1,18}) ?([kmgt]?)(?:i?b)?", size.strip().lower())
    return int(found[1]) * _UNITS[found[2]] if found else 0


AS_FOUND = ReadOptions()
