"""Plain text in paragraphs and columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 80


def paragraph(text: str, width: int = WIDTH) -> list[str]:
    """The words of ``text`` in lines of at most ``width`` characters."""
    return textwrap.wrap(" ".join(text.split()), width, break_long_words=False, break_on_hyphens=False)


def columns(
    rows: Sequence[Sequence[str]], align: str = "", *, indent: str = "  ", gap: str = "   "
) -> list[str]:
    """Lines in which the cells of ``rows`` stand under one another; all rows have as many cells.

    ``align`` has ``<`` (flush left) or ``>`` (flush right) for each column; without it the first column
    is flush left and all others right, as numbers want to be.
    """
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    align = align or "<".ljust(len(widths), ">")
    forms = [f"{{:{side}{width}}}" for side, width in zip(align, widths, strict=True)]
    return [
        (indent + gap.join(form.format(cell) for form, cell in zip(forms, row, strict=True))).rstrip()
        for row in rows
    ]
