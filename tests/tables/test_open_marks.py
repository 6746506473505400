"""A mark before three digits that may be that of decimals or of thousands is said to be open."""

from __future__ import annotations

import io

import pytest

from glassnet.tables import Note, ReadTable, read_table


def table(separator: str, numbers: list[str], **options: str) -> ReadTable:
    lines = [f"a{separator}b", *(f'"{number}"{separator}x{at}' for at, number in enumerate(numbers))]
    return read_table(io.BytesIO("\n".join(lines).encode()), **options)  # type: ignore[arg-type]


def open_marks(own: ReadTable) -> list[Note]:
    return [note for note in own.notes if note.code == "open_mark"]


@pytest.mark.parametrize(
    ("separator", "mark", "first", "other"),
    [(";", ".", 1.1, ","), (";", ",", 1.1, "."), (",", ",", 1100, ","), ("\t", ",", 1100, ",")],
)
def test_an_open_mark_is_an_assumption_and_its_option_changes_it(
    separator: str, mark: str, first: float, other: str
) -> None:
    numbers = [f"{at // 1000}{mark}{at % 1000:03}" for at in range(1100, 1160)]
    own = table(separator, numbers)
    assert own.column("a").to_list()[0] == first
    [note] = open_marks(own)
    assert note.is_assumption
    assert (note.setting, note.value) == ("decimal", other)
    assert f"read_table(…, decimal={other!r})" in str(note)
    changed = table(separator, numbers, decimal=other)
    assert changed.column("a").to_list()[0] == {1.1: 1100, 1100: 1.1}[first]
    assert not open_marks(changed)


@pytest.mark.parametrize(
    "numbers",
    [
        ["1,100", "2,5", "3,123"],  # 2,5 has no thousands
        ["1,100", "1,234,567", "3,123"],  # a number has one decimal mark
        ["1,100", "999", "12"],  # no decimals without a mark
        ["1,100.50", "2,200.25"],
    ],
)
def test_other_values_settle_it(numbers: list[str]) -> None:
    assert not open_marks(table(";", numbers * 5))


def test_another_column_settles_it() -> None:
    lines = ["a;b", *(f"1,{at};{at},5" for at in range(100, 160))]
    assert not open_marks(read_table(io.BytesIO("\n".join(lines).encode())))


def test_words_and_a_usual_decimal_point_are_not_open() -> None:
    assert not open_marks(table(",", [f"1.{at}" for at in range(100, 160)]))
    assert not open_marks(table(";", [f"A1,{at}x{at}" for at in range(100, 160)]))
