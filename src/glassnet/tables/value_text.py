"""How messages and lists show values."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 40  # characters of a value that is shown


def shortened(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line, and only its beginning where it is too long for a message or a list."""
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def columns_named(names: Sequence[str]) -> str:
    """``column 'a'`` or ``columns 'a', 'b'``."""
    return f"{'column' if len(names) == 1 else 'columns'} {quoted(names)}"


def quoted(words: object, limit: int = 5) -> str:
    """``'a', 'b', 'c' and 4 more``: the way that messages list values."""
    items = [*words]  # type: ignore[misc]
    shown = len(items) if len(items) <= limit + 1 else limit
    listed = ", ".join(repr(shortened(item) if isinstance(item, str) else item) for item in items[:shown])
    return listed if shown == len(items) else f"{listed} and {len(items) - limit} more"
