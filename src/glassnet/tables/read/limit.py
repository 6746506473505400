"""How large a table may become in memory. A file of a few kilobytes can unpack to gigabytes."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.errors import TableError, called

ALWAYS = 2**30  # bytes that every table may have
TIMES = 100  # as large as its file that a larger table may be
CELL = 8  # bytes of a number, or of the code of a word


class Limit(NamedTuple):
    """``size`` is how many bytes the table that ``name`` holds may have, unpacked."""

    name: str
    size: int

    @classmethod
    def of(cls, name: str, packed: int = 0, given: int | None = None) -> Limit:
        """The limit for a source of ``packed`` bytes: ``given``; 1 GiB, or 100 times ``packed`` if that is more."""
        return cls(name, given or max(ALWAYS, TIMES * packed))

    def check(self, size: int) -> None:
        """Refuse a table that has, or would have, more bytes.

        Raises:
            TableError: it is too large.
        """
        if size > self.size:
            raise TableError(
                f"{self.name!r} holds more data than it may: unpacked it is larger than {_shown(self.size)}, the limit "
                f"for a source of its size. If you trust it, raise the limit, as with {called('max_size', '64G')}."
            )


def _shown(size: int) -> str:
    power = min((max(size, 1).bit_length() - 1) // 10, 3)
    return f"{size / 2 ** (10 * power):.4g} {('bytes', 'KiB', 'MiB', 'GiB')[power]}"
