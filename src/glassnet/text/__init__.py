"""Headings, paragraphs and tables as plain text, LaTeX or HTML: the only writer of text tables in the package."""

from glassnet.text.blocks import (
    WIDTH,
    Block,
    Code,
    Heading,
    Paragraph,
    Printable,
    Table,
    to_html,
    to_latex,
    to_text,
)
from glassnet.text.numbers import MISSING, number

__all__ = [
    "MISSING",
    "WIDTH",
    "Block",
    "Code",
    "Heading",
    "Paragraph",
    "Printable",
    "Table",
    "number",
    "to_html",
    "to_latex",
    "to_text",
]
