"""Headings, paragraphs and tables as plain text, Markdown, LaTeX or HTML, records as JSON: the only writer of these."""

from glassnet.text.blocks import Block, Code, Heading, Paragraph, Table
from glassnet.text.markdown import to_markdown
from glassnet.text.markup import to_html, to_latex
from glassnet.text.numbers import MISSING, number
from glassnet.text.plain import fields_of, plain, to_json
from glassnet.text.printable_record import Printable
from glassnet.text.text_form import WIDTH, to_text

__all__ = [
    "MISSING",
    "WIDTH",
    "Block",
    "Code",
    "Heading",
    "Paragraph",
    "Printable",
    "Table",
    "fields_of",
    "number",
    "plain",
    "to_html",
    "to_json",
    "to_latex",
    "to_markdown",
    "to_text",
]
