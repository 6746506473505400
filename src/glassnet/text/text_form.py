"""Blocks as plain text, in lines of a given width."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from glassnet.printable import one_line
from glassnet.text.blocks import Block, Code, Heading, Paragraph, Table
from glassnet.text.cells import display_width, padded, wrapped

WIDTH = 100
INDENT, GAP = "  ", "  "
NARROWEST, WORD = 16, 24  # a column of words is wrapped to no fewer characters, nor within words of up to 24

Style = Callable[[str], str]


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
