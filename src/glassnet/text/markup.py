"""Blocks as LaTeX and as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from glassnet.printable import one_line
from glassnet.text.blocks import Block, Code, Heading, Paragraph
from glassnet.text.latex import escaped


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
