"""A few blocks, headings, paragraphs and tables, and how they look as text, LaTeX and HTML."""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.inside.latex import escaped

WIDTH = 90


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Grid:
    """A table of cells. ``align`` has ``<`` or ``>`` for every column; ``rules``: rows with a line above them."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    align: str
    rules: Sequence[int] = ()


Block = Heading | Paragraph | Grid


# -- text


def to_text(blocks: Iterable[Block]) -> str:
    return "\n".join(line for block in blocks for line in _TEXT[type(block)](block)).strip("\n")


def _text_heading(block: Heading) -> list[str]:
    line = _one_line(block.text)
    return ["", line, "=" * _width(line)] if block.level == 1 else ["", line]


def _text_paragraph(block: Paragraph) -> list[str]:
    return ["", *textwrap.wrap(block.text, WIDTH, break_long_words=False, break_on_hyphens=False)]


def _text_grid(block: Grid) -> list[str]:
    lines = [list(map(_one_line, line)) for line in (block.head, *block.rows)]
    widths = [max(map(_width, cells)) for cells in zip(*lines, strict=True)]
    drawn = ["  " + "  ".join(map(_padded, line, widths, block.align)).rstrip() for line in lines]
    rule = "  " + "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [
        part for at, line in enumerate(drawn[1:]) for part in ([rule, line] if at in block.rules else [line])
    ]
    return ["", drawn[0], *body] if any(block.head) else ["", *body]


def _one_line(text: str) -> str:
    """``text`` with spaces for line breaks, tabs and their kin: names in a table's head may have them."""
    return _BREAKS.sub(" ", text)


_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _width(text: str) -> int:
    """How many places a terminal gives ``text``: two to a wide letter such as 列, none to an accent of its own."""
    if text.isascii():
        return len(text)
    return sum(
        2
        if unicodedata.east_asian_width(char) in "WF"
        else unicodedata.category(char) not in ("Mn", "Me", "Cf")
        for char in text
    )


def _padded(text: str, width: int, side: str) -> str:
    room = " " * (width - _width(text))
    return text + room if side == "<" else room + text


# -- LaTeX


def to_latex(blocks: Iterable[Block]) -> str:
    """To be put into a document; it needs no package beyond LaTeX's own, and no other engine than pdfLaTeX."""
    return "\n".join(_LATEX[type(block)](block) for block in blocks)


_NUMBER = re.compile(r"(?P<lead>= )?(?P<mantissa>-?\d+(\.\d+)?)(e(?P<power>-?\d+))?$")


def _latex_cell(cell: str) -> str:
    """Numbers as mathematics, words as words."""
    number = _NUMBER.match(cell)
    if number is None:
        return escaped(cell)
    power = rf" \cdot 10^{{{number['power']}}}" if number["power"] else ""
    return f"${number['lead'] or ''}{number['mantissa']}{power}$"


def _latex_heading(block: Heading) -> str:
    command = "section*" if block.level == 1 else "paragraph"
    return f"\n\\{command}{{{_latex_cell(block.text)}}}"


def _latex_paragraph(block: Paragraph) -> str:
    return f"\n{escaped(block.text)}\n"


def _latex_grid(block: Grid) -> str:
    sides = "".join("r" if side == ">" else "l" for side in block.align)
    lines = [" & ".join(map(_latex_cell, row)) + r" \\" for row in block.rows]
    for at in sorted(block.rules, reverse=True):
        lines.insert(at, r"\hline")
    if any(block.head):
        lines = [" & ".join(map(_latex_cell, block.head)) + r" \\", r"\hline", *lines]
    return "\n".join([r"\noindent\begin{tabular}{" + sides + "}", *lines, r"\end{tabular}\par\smallskip"])


# -- HTML


STYLE = (
    ".glassnet table{border-collapse:collapse;margin:.3em 0 1em}"
    ".glassnet td,.glassnet th{padding:.1em .6em;text-align:left;font-weight:normal;font-variant-numeric:tabular-nums}"
    ".glassnet .n{text-align:right;font-family:ui-monospace,monospace}"
    ".glassnet th{border-bottom:1px solid;opacity:.75}.glassnet .r td{border-top:1px solid}"
)


def to_html(blocks: Iterable[Block]) -> str:
    """A fragment that takes the page's own colors, and so is readable on dark and light."""
    body = "\n".join(_HTML[type(block)](block) for block in blocks)
    return f'<div class="glassnet">\n<style>{STYLE}</style>\n{body}\n</div>'


def _html_heading(block: Heading) -> str:
    return f"<h{block.level + 2}>{html.escape(block.text)}</h{block.level + 2}>"


def _html_paragraph(block: Paragraph) -> str:
    return f"<p>{html.escape(block.text)}</p>"


def _html_grid(block: Grid) -> str:
    def line(cells: Sequence[str], tag: str, ruled: bool = False) -> str:
        marks = [' class="n"' if side == ">" else "" for side in block.align]
        inner = "".join(
            f"<{tag}{mark}>{html.escape(cell)}</{tag}>" for cell, mark in zip(cells, marks, strict=True)
        )
        mark = ' class="r"' if ruled else ""
        return f"<tr{mark}>{inner}</tr>"

    head = [line(block.head, "th")] if any(block.head) else []
    body = [line(row, "td", at in block.rules) for at, row in enumerate(block.rows)]
    return "\n".join(["<table>", *head, *body, "</table>"])


_TEXT: dict[type, Callable[[Any], list[str]]] = {
    Heading: _text_heading,
    Paragraph: _text_paragraph,
    Grid: _text_grid,
}
_LATEX: dict[type, Callable[[Any], str]] = {
    Heading: _latex_heading,
    Paragraph: _latex_paragraph,
    Grid: _latex_grid,
}
_HTML: dict[type, Callable[[Any], str]] = {
    Heading: _html_heading,
    Paragraph: _html_paragraph,
    Grid: _html_grid,
}
