"""Plain text in paragraphs and columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 80


def paragraph(text: str, width: int = WIDTH) -> list[str]:
    """The words of ``text`` in lines of at most ``width`` characters."""
    return textwrap.wrap(" ".join(text.split()), width, break_long_words=False, break_on_hyphens=False)


def columns(rows: Sequence[Sequence[str]], indent: str = "  ", gap: str = "   ") -> list[str]:
    """Lines in which the cells of ``rows`` stand under one another.

    The first column is flush left, the others flush right, as numbers want to be. All rows have the
    same number of cells.
    """
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        cells[0] = row[0].ljust(widths[0])
        lines.append((indent + gap.join(cells)).rstrip())
    return lines
