"""Blocks as text: whatever names people give to columns, every row is a line, and columns stand below each other."""

from __future__ import annotations

import html.parser

import pytest

from glassnet.text import Code, Heading, Paragraph, Table, number, to_html, to_latex, to_text

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


def test_a_table_that_is_too_wide_continues_below_with_its_keys() -> None:
    names = [f"column_{number}" for number in range(8)]
    table = Table(
        ("layer", "part", *names), [("1", "weights", *(f"{0.123456 * at:.6f}" for at in range(8)))], keys=2
    )
    for width in (40, 60, 80, 120):
        text = to_text([table], width)
        assert max(map(len, text.splitlines())) <= width
        assert text.split().count("layer") == text.split().count("1") == text.count("weights")
        for name, figure in zip(names, table.rows[0][2:], strict=True):
            assert text.split().count(name) == text.split().count(figure) == 1


def test_words_are_wrapped_before_a_table_is_divided() -> None:
    words = "one or two words that go on and on until they need more than a single line"
    lines = to_text(
        [Table((), [("name", "number", words), ("other", "category", "few")], "<<<")], 60
    ).splitlines()
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(line[19:].split()) for line in lines[:-1]) == words
    assert lines[-1].split() == ["other", "category", "few"]


def test_a_small_heading_and_an_indented_paragraph_are_not_set_apart() -> None:
    text = to_text([Heading("Columns", 3), Table((), [("a", "1")]), Paragraph("note", 2), Paragraph("end")])
    assert text == "Columns\n  a  1\n  note\n\nend"


def test_code_is_never_wrapped() -> None:
    command = "glassnet train " + "--hidden 1 " * 40
    assert to_text([Code([command])], 40) == f"  {command}"
    assert command in to_html([Code([command])])
    assert command in to_latex([Code([command])])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.0, "0"),
        (float("nan"), "–"),
        (0.00001234567, "1.235e-05"),
        (12345.6, "12,346"),
        (-2.5, "-2.5"),
        (1e20, "1e+20"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text
