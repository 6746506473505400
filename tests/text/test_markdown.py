"""Blocks as Markdown, read back by a parser."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from glassnet.text import Code, Heading, Paragraph, Table, to_markdown

PARSER = MarkdownIt("commonmark").enable("table")
STRANGE = ["*a*", "a_b_c", "a|b", "<b>x</b>", "&amp; &lt;", "`x`", "[x](y)", "![x](y)", "# x", "- x", "1. x", "a\\|b",
           "~~x~~", "$x$", "=", "+ x", "    x", "> x"]  # fmt: skip


def shown(markdown: str) -> str:
    """The text that a reader sees."""
    return html.unescape(re.sub(r"<[^>]+>", "", PARSER.render(markdown)))


@pytest.mark.parametrize("text", STRANGE)
def test_text_stays_text_whatever_it_holds(text: str) -> None:
    assert shown(to_markdown([Paragraph(text)])).strip() == text.strip()
    assert shown(to_markdown([Heading(text, 2)])).strip() == text.strip()
    rendered = PARSER.render(to_markdown([Table((text, "b"), [(text, "1")])]))
    assert [html.unescape(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", rendered)] == [
        text.strip(), "b", text.strip(), "1",
    ]  # fmt: skip


def test_tables_have_sides_and_need_no_head() -> None:
    rendered = PARSER.render(to_markdown([Table((), [("a", "1"), ("b", "2")])]))
    assert rendered.count("<tr>") == 3
    assert rendered.count("text-align:right") == 3


def test_code_is_left_as_it_is() -> None:
    lines = ["x = '```'", "*y*"]
    assert shown(to_markdown([Code(lines)])).rstrip() == "\n".join(lines)


def test_headings_have_their_levels() -> None:
    assert to_markdown([Heading("a"), Heading("b", 3), Paragraph("c")]) == "# a\n\n### b\n\nc\n"
