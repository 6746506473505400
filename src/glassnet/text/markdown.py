"""Blocks as Markdown, with the tables of GitHub Flavored Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from glassnet.printable import one_line
from glassnet.text.blocks import Block, Code, Heading, Paragraph

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$])")
_START = re.compile(r"^(\s*\d*)(#|[-+](?=\s)|(?<=\d)[.)](?=\s)|=)")  # of a heading, a list or an underline


def to_markdown(blocks: Iterable[Block]) -> str:
    """The ``blocks`` as Markdown, in which names and labels are text whatever they hold."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_escaped(block.text)}"
    if isinstance(block, Paragraph):
        return _START.sub(r"\1\\\2", _escaped(block.text))
    if isinstance(block, Code):
        lines = [one_line(line) for line in block.lines]
        longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
        fence = "`" * max(3, longest + 1)
        return "\n".join([fence, *lines, fence])
    head = block.head if any(block.head) else [""] * len(block.sides)
    rules = ["---:" if side == ">" else "---" for side in block.sides]
    return "\n".join([_line(head), f"| {' | '.join(rules)} |", *map(_line, block.rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text)).replace("&", "&amp;")
