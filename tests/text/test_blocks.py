"""Blocks as text: whatever names people give to columns, every row is a line, and columns stand below each other."""

from __future__ import annotations

import html.parser

import pytest

from glassnet.text import Heading, Paragraph, Table, to_html, to_text

ROWS = [
    ("a", "1"),
    ("new\nline", "22"),
    ("tab\there\r", "3"),
    ("列の名前", "4"),
    ("e\u0301te\u0301", "5"),
    ("été", "6"),
]


def test_every_row_is_a_line_with_its_numbers_below_each_other() -> None:
    lines = to_text([Table(("name", "number"), ROWS, "<>")]).split("\n")
    assert len(lines) == 1 + len(ROWS)
    ends = {len(line) + sum(char in "列の名前" for char in line) - line.count("\u0301") for line in lines}
    assert len(ends) == 1


@pytest.mark.parametrize("text", ["one\ntwo", "列"])
def test_a_heading_is_underlined_in_full(text: str) -> None:
    line, rule = to_text([Heading(text)]).split("\n")
    assert line == text.replace("\n", " ")
    assert len(rule) == (7 if "\n" in text else 2)


def test_html_is_escaped_and_closes_what_it_opens() -> None:
    open_tags: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    page = to_html([Heading("<script>"), Paragraph("a & b"), Table(("<i>", '"'), [("<b>", "1")], "<>")])
    Reader().feed(page)
    assert not open_tags
    for raw in ("<script>", "<i>", "<b>", " & "):
        assert raw not in page
