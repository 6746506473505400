"""Marks of quality and of footnotes beside numbers: left out with a note; codes that look alike stay words."""

from __future__ import annotations

import io

import pytest

from glassnet.tables import ReadTable, infer_schema, read_table

AMOUNTS = [f"{17 * at % 997}.{at % 10}" for at in range(60)]
NUMBERS = [float(text) for text in AMOUNTS]
GROUPED = [f"{7919 * at % 90_000 + 1000:,}" for at in range(60)]


def read(values: list[str]) -> ReadTable:
    rows = "".join(f"{value}\t{at}\n" for at, value in enumerate(values))
    return read_table(io.BytesIO(f"amount\ty\n{rows}".encode()))


def marked(values: list[str], *marks: str) -> list[str]:
    """Every fourth value with one of the marks behind it."""
    return [value + (marks[at // 4 % len(marks)] if at % 4 == 0 else "") for at, value in enumerate(values)]


@pytest.mark.parametrize(
    "marks",
    [
        (" e",), ("e", "p"), (" be", " ep"), ("*", "**"), (" (p)", "(r)"), ("r",), ("†", "‡"), ("[1]", "[note 2]"),
        (" 1)", " 2)"), ("¹", "²"), (" ± 0.5", " ± 1.25"), (" (1.2-3.4)", " (-1.5 to 2)"),
        (" [1.2, 3.4]",), ("E", " F", "*"), ("#",),
    ],
)  # fmt: skip
def test_marks_are_left_out_and_noted(marks: tuple[str, ...]) -> None:
    table = read(marked(AMOUNTS, *marks))
    assert table.column("amount").to_list() == NUMBERS
    [note] = table.notes
    assert (note.code, note.setting, note.is_assumption) == ("marks", "column_types", True)
    assert all(repr(mark.strip()) in note.text for mark in marks)


def test_whole_numbers_may_have_marks_where_they_are_written_as_amounts_are() -> None:
    for values in (marked(GROUPED, "r", "p"), marked([text.replace(",", "") for text in GROUPED], " e")):
        assert read(values).column("amount").to_list() == [int(text.replace(",", "")) for text in GROUPED]


def test_a_missing_value_may_have_a_mark() -> None:
    values = marked(AMOUNTS, " p")
    values[1::10] = [": c", ":", ":u", "..p", ":", ": z"]
    table = read(values)
    assert table.column("amount").missing == 6
    assert {note.code for note in table.notes} == {"words_as_missing", "marks"}


@pytest.mark.parametrize(
    "codes",
    [
        [f"{at}{'abc'[at % 3]}" if at % 5 == 0 else str(at) for at in range(1, 99)],  # house numbers
        ["1", "1a", "2", "2b", "3"] * 9,
        ["12 kg", "30 lb", "7"] * 9,
        ["20 C", "68 F", "21 C"] * 9,
        ["12.5 N", "13.5 S", "7.5"] * 9,
        ["C#", "F#", "A*"] * 9,
    ],
)
def test_codes_and_units_are_no_marks(codes: list[str]) -> None:
    assert read(codes).column("amount").is_text


def test_new_rows_are_read_as_the_rows_of_training() -> None:
    schema = infer_schema(read(marked(AMOUNTS, " e", "*")), "y")
    new = read_table([{"amount": "12.5 e"}, {"amount": "13.5 p"}, {"amount": "14.5*"}], like=schema)
    assert new.column("amount").numbers.tolist() == [12.5, 13.5, 14.5]
