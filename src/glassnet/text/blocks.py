"""Blocks of text, and how they look as plain text, LaTeX and HTML."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.printable import one_line
from glassnet.text.cells import display_width, padded, wrapped
from glassnet.text.latex import escaped
from glassnet.text.plain import fields_of, to_json

WIDTH = 100
INDENT, GAP = "  ", "  "
SCREEN = 30  # lines
NARROWEST, WORD = 16, 24  # a column of words is wrapped to no fewer characters, nor within words of up to 24


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
Style = Callable[[str], str]


class Printable:
    """A record that is shown as blocks, and so can be printed as text, LaTeX and HTML, also by notebooks."""

    def blocks(self, *args: Any, **options: Any) -> list[Block]:
        """What is shown."""
        raise NotImplementedError

    def to_text(self, *, width: int = WIDTH, **options: Any) -> str:
        """Plain text; tables and paragraphs fit into ``width`` characters. For the options see :meth:`blocks`."""
        return to_text(self.blocks(**options), width)

    def to_latex(self, **options: Any) -> str:
        """LaTeX, to be put into a document. For the options see :meth:`blocks`."""
        return to_latex(self.blocks(**options))

    def to_html(self, **options: Any) -> str:
        """A fragment of HTML. For the options see :meth:`blocks`."""
        return to_html(self.blocks(**options))

    def to_dict(self) -> dict[str, Any]:
        """All figures, as JSON can hold them: arrays as lists, numbers that are not finite as ``None``."""
        return fields_of(self)

    def to_json(self) -> str:
        """One line of JSON with what :meth:`to_dict` returns."""
        return to_json(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        """The text, or where it is longer than a screen the first lines of it."""
        lines = self.to_text().split("\n")
        if len(lines) <= SCREEN:
            return "\n".join(lines)
        left = len(lines) - SCREEN + 2
        return "\n".join([*lines[:-left], "", f"… and {left} more lines, which print() shows"])

    def _repr_html_(self) -> str:
        return self.to_html()


# -- text


def to_text(blocks: Iterable[Block], width: int = WIDTH, title: Style = str) -> str:
    """The ``blocks`` as plain text in lines of at most ``width`` characters where possible; numbers are never broken.

    ``title`` is applied to the text of every heading, say to make it bold.
    """
    lines: list[str] = []
    attached = True
    for block in blocks:
        if isinstance(block, Heading):
            own = _text_heading(block, width, title)
        elif isinstance(block, Paragraph):
            own = textwrap.wrap(
                one_line(block.text),
                width,
                initial_indent=" " * block.indent,
                subsequent_indent=" " * block.indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        elif isinstance(block, Code):
            own = [INDENT + one_line(line) for line in block.lines]
        else:
            own = _text_table(block, width)
        attached = attached or (isinstance(block, Paragraph) and bool(block.indent))
        lines += own if attached else ["", *own]
        attached = isinstance(block, Heading) and block.level > 2
    return "\n".join(lines)


def _text_heading(block: Heading, width: int, title: Style) -> list[str]:
    lines = textwrap.wrap(one_line(block.text), width, break_long_words=False, break_on_hyphens=False) or [""]
    under = ("=", "-")[block.level - 1] if block.level < 3 else ""
    rule = under * max(map(display_width, lines))
    return [*map(title, lines), *([rule] if rule else [])]


def _text_table(table: Table, width: int) -> list[str]:
    if not table.rows:
        return []
    natural = [max(map(display_width, cells)) for cells in zip(*map(_cells, table.lines), strict=True)]
    least = [max(map(_longest_word, cells)) for cells in zip(*map(_cells, table.lines), strict=True)]
    widths = _narrowed(natural, least, table.sides, width)
    if _total(widths) <= width or len(widths) <= table.keys + 1:
        return _drawn(table, widths)
    keys, rest = list(range(table.keys)), list(range(table.keys, len(widths)))
    lines: list[str] = []
    while rest:
        count = 1
        while count < len(rest) and _total([widths[at] for at in [*keys, *rest[: count + 1]]]) <= width:
            count += 1
        part = table.columns([*keys, *rest[:count]])
        lines += [*([""] if lines else []), *_text_table(part, width)]
        rest = rest[count:]
    return lines


def _total(widths: Sequence[int]) -> int:
    return len(INDENT) + sum(widths) + len(GAP) * (len(widths) - 1)


def _longest_word(cell: str) -> int:
    return max((min(display_width(word), WORD) for word in cell.split()), default=0)


def _narrowed(widths: Sequence[int], least: Sequence[int], sides: str, width: int) -> list[int]:
    """The widths of the columns where those of words, the widest first, give way as far as they may."""
    found = list(widths)
    for at in sorted(range(len(found)), key=lambda at: -found[at]):
        if sides[at] == "<":
            found[at] = max(min(found[at], NARROWEST), least[at], found[at] - max(_total(found) - width, 0))
    return found


def _drawn(table: Table, widths: Sequence[int]) -> list[str]:
    rule = INDENT + "-" * (_total(widths) - len(INDENT))
    head = len(table.lines) - len(table.rows)
    lines = []
    for number, cells in enumerate(map(_cells, table.lines)):
        if number - head in table.rules:
            lines.append(rule)
        parts_of = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
        for at in range(max(map(len, parts_of))):
            parts = [own[at] if at < len(own) else "" for own in parts_of]
            lines.append((INDENT + GAP.join(map(padded, parts, widths, table.sides))).rstrip())
    return lines


def _cells(line: Sequence[str]) -> list[str]:
    return [one_line(cell) for cell in line]


# -- LaTeX


def to_latex(blocks: Iterable[Block]) -> str:
    """The ``blocks`` as LaTeX for use in a document; pdfLaTeX can set it without further packages."""
    return "\n".join(map(_latex, blocks))


_NUMBER = re.compile(r"(?P<lead>= )?(?P<mantissa>-?\d+(\.\d+)?)(e(?P<power>-?\d+))?$")


def _latex(block: Block) -> str:
    if isinstance(block, Heading):
        command = ("section*", "subsection*", "paragraph")[block.level - 1]
        return f"\n\\{command}{{{_latex_cell(block.text)}}}"
    if isinstance(block, Paragraph):
        return f"\n{escaped(block.text)}\n"
    if isinstance(block, Code):
        code = "\n".join(map(one_line, block.lines))
        code = code.replace(r"\end{", r"\end {")  # which would end the block
        return f"\n\\begin{{verbatim}}\n{code}\n\\end{{verbatim}}\n"
    sides = "".join("r" if side == ">" else "l" for side in block.sides)
    lines = [" & ".join(map(_latex_cell, row)) + r" \\" for row in block.rows]
    for at in sorted(block.rules, reverse=True):
        lines.insert(at, r"\hline")
    if any(block.head):
        lines = [" & ".join(map(_latex_cell, block.head)) + r" \\", r"\hline", *lines]
    return "\n".join([r"\noindent\begin{tabular}{" + sides + "}", *lines, r"\end{tabular}\par\smallskip"])


def _latex_cell(cell: str) -> str:
    """Numbers as mathematics, words as words."""
    number = _NUMBER.match(cell)
    if number is None:
        return escaped(cell)
    power = rf" \cdot 10^{{{number['power']}}}" if number["power"] else ""
    return f"${number['lead'] or ''}{number['mantissa']}{power}$"


# -- HTML


STYLE = (
    ".glassnet table{border-collapse:collapse;margin:.3em 0 1em}"
    ".glassnet.glassnet table td,.glassnet.glassnet table th{padding:.1em .6em;text-align:left;font-weight:normal;"
    "font-variant-numeric:tabular-nums}"  # twice, or Jupyter's own style takes precedence
    ".glassnet.glassnet table .n{text-align:right;font-family:ui-monospace,monospace}"
    ".glassnet th{border-bottom:1px solid;opacity:.75}.glassnet .r td{border-top:1px solid}"
)


def to_html(blocks: Iterable[Block]) -> str:
    """The ``blocks`` as a fragment of HTML in the colors of the page, so that it is readable on dark and light."""
    body = "\n".join(map(_html, blocks))
    return f'<div class="glassnet">\n<style>{STYLE}</style>\n{body}\n</div>'


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level + 2}>{_escaped(block.text)}</h{block.level + 2}>"
    if isinstance(block, Paragraph):
        return f"<p>{_escaped(block.text)}</p>"
    if isinstance(block, Code):
        return "<pre>" + "\n".join(map(_escaped, block.lines)) + "</pre>"
    marks = [' class="n"' if side == ">" else "" for side in block.sides]

    def line(cells: Sequence[str], tag: str, ruled: bool = False) -> str:
        pairs = zip(cells, marks, strict=True)
        inner = "".join(f"<{tag}{mark}>{_escaped(cell)}</{tag}>" for cell, mark in pairs)
        mark = ' class="r"' if ruled else ""
        return f"<tr{mark}>{inner}</tr>"

    head = [line(block.head, "th")] if any(block.head) else []
    body = [line(row, "td", at in block.rules) for at, row in enumerate(block.rows)]
    return "\n".join(["<table>", *head, *body, "</table>"])


def _escaped(text: str) -> str:
    return html.escape(one_line(text))
