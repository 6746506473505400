"""Options of reading: what the caller settles holds, is stored with the model, and is checked against new files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import glassnet
from glassnet.errors import TableError
from glassnet.tables import ReadTable, infer_schema, read_table

ROWS = "".join(f"{at};{at * 0.5:.1f};{'red' if at % 2 else 'blue'}\n" for at in range(1, 41))


def read(text: str, **options: Any) -> ReadTable:
    return read_table(io.BytesIO(text.encode()), **options)


def fault(text: str, **options: Any) -> str:
    with pytest.raises(TableError) as caught:
        read(text, **options)
    return str(caught.value)


def test_a_header_is_taken_from_the_row_that_is_named() -> None:
    text = "made by a program\n2024;;\na;b;c\n" + ROWS
    table = read(text, header=2)
    assert (table.column_names, table.num_rows) == (["a", "b", "c"], 40)
    assert read(text, skip_rows=2, header=0).column_names == ["a", "b", "c"]
    assert read(text, skip_rows=2).num_rows == 40


def test_several_rows_of_names_are_joined() -> None:
    table = read("length;width;color\nmm;mm;\n" + ROWS, header=(0, 1))
    assert table.column_names == ["length mm", "width mm", "color"]
    assert table.num_rows == 40


def test_no_row_of_names() -> None:
    words = "red;small\nblue;large\nred;large\nblue;small\n" * 3
    assert read(words, header=None).column_names == ["x1", "x2"]
    assert read(words, header=None).num_rows == 12
    assert not [note for note in read(words, header=None).notes if note.code == "no_header"]
    table = read(words, header=["color", "size"])
    assert (table.column_names, table.num_rows) == (["color", "size"], 12)
    numbers = read("1;2\n3;4\n5;6\n", header=0)
    assert (numbers.column_names, numbers.num_rows) == (["1", "2"], 2)


def test_a_header_that_does_not_fit_is_refused() -> None:
    assert "header has 2 names, but the table has 3 columns" in fault(ROWS, header=["a", "b"])
    assert "header is 99, but the table has only 40 rows" in fault(ROWS, header=99)
    for wrong in ("first", -1, (), (1, 0), ("a", "a"), ("a", 1), 1.5):
        assert "header is" in fault(ROWS, header=wrong)


def test_a_delimiter() -> None:
    text = "a b;c d;e\n" + "".join(f"{at} {at};{at},1 5;2\n" for at in range(30))
    assert read(text, delimiter=";").column_names == ["a b", "c d", "e"]
    assert read("a  b\n1   2\n3 4\n", delimiter=" ").column("b").to_list() == [2, 4]
    assert read("a||b\n1||2\n3||4\n", delimiter="||").column("b").to_list() == [2, 4]
    assert "delimiter is '|', but no line of the table has it" in fault(text, delimiter="|")
    assert "delimiter is ''" in fault(text, delimiter="")


def test_the_mark_of_thousands_settles_the_decimal_mark() -> None:
    text = "a;b\n1.234;x\n2.345;y\n3.456;x\n"
    assert read(text).column("a").to_list() == [1.234, 2.345, 3.456]
    assert read(text, thousands=".").column("a").to_list() == [1234, 2345, 3456]
    assert read(text, decimal=",").column("a").to_list() == [1234, 2345, 3456]
    assert "decimal and thousands are both '.'" in fault(text, decimal=".", thousands=".")
    assert "thousands is 'x'" in fault(text, thousands="x")


def test_a_column_that_shows_another_decimal_mark_is_said() -> None:
    table = read("a;b\n1.5;1,234\n22.25;2,345\n", decimal=",")
    assert table.column("a").to_list() == [1.5, 22.25]
    assert [note.code for note in table.notes if note.setting == "decimal"] == ["decimal_mark"]
    assert "'a'" in str(table.notes)


def test_words_for_a_missing_value() -> None:
    text = "age;code\n-999;none\n31;A\n-999.0;NA\n45;B\n"
    table = read(text, missing=["-999", "none"])
    assert table.column("age").to_list() == [None, 31, None, 45]
    assert table.column("code").to_list() == [None, "A", None, "B"]
    own = read(text, missing={"code": ["none"]})
    assert own.column("age").to_list() == [-999, 31, -999, 45]
    assert own.column("code").to_list() == [None, "A", "NA", "B"]
    assert read(text, missing={"code": []}).column("code").to_list() == ["none", "A", "NA", "B"]
    assert "missing names the column 'cod', which is not in the table. Did you mean 'code'?" in fault(
        text, missing={"cod": []}
    )


def test_missing_numbers_of_a_frame() -> None:
    frame = pd.DataFrame(
        {"a": [1, -999, 3], "b": [0.5, -999.0, 1.5], "c": pd.Categorical(["x", "?", "nothing"])}
    )
    table = read_table(frame, missing=["-999", "nothing"])
    assert table.column("a").to_list() == [1, None, 3]
    assert table.column("b").to_list() == [0.5, None, 1.5]
    assert table.column("c").to_list() == ["x", "?", None]


def workbook(rows: list[list[Any]]) -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "notes"
    book.active["A1"] = "read me"
    sheet = book.create_sheet("data")
    for row in rows:
        sheet.append(row)
    book.save(held)
    return held.getvalue()


def test_rows_of_a_sheet() -> None:
    rows: list[list[Any]] = [["a report", None], ["length", "color"], ["mm", None], [1, "red"], [2, "blue"]]
    data = io.BytesIO(workbook(rows))
    table = read_table(data, sheet="data", header=(1, 2))
    assert {name: table.column(name).to_list() for name in table.column_names} == {
        "length mm": [1, 2], "color": ["red", "blue"]}  # fmt: skip
    data.seek(0)
    assert read_table(data, sheet=1, skip_rows=3, header=["l", "c"]).column("l").to_list() == [1, 2]
    data.seek(0)
    assert read_table(data, sheet=1, skip_rows=3, header=None).column_names == ["x1", "x2"]
    data.seek(0)
    with pytest.raises(TableError, match="has no rows"):
        read_table(data, sheet=1, skip_rows=9)


def file_like_training(rows: range, top: str = "a report\nof 2024\n") -> str:
    lines = [f"{at};{'?' if at % 9 == 4 else 'none' if at % 9 == 5 else at % 4},5;{at * 2},5" for at in rows]
    return top + "\n".join(["size;grade;price", *lines, ""])


def test_the_options_of_training_hold_at_prediction(tmp_path: Path) -> None:
    options = {"skip_rows": 2, "missing": {"grade": ["none", "?"]}, "delimiter": ";"}
    table = read(file_like_training(range(60)), **options)
    model = glassnet.train(table, "price", epochs=3, hidden=4, seed=1, progress=False, recipe="single")
    model.save(tmp_path / "m.glassnet")
    loaded = glassnet.load(tmp_path / "m.glassnet")
    assert loaded.schema.read_options == table.read_options
    new = io.BytesIO(file_like_training(range(60, 70)).encode())
    expected = loaded.predict(read(file_like_training(range(60, 70)), **options))
    np.testing.assert_array_equal(loaded.predict(new), expected)
    assert len(expected) == 10


def test_what_a_new_file_shows_is_not_overridden() -> None:
    schema = infer_schema(read(file_like_training(range(60)), skip_rows=2, delimiter=";"), "price")
    without = file_like_training(range(5), top="").replace(";", "\t")
    table = read(without, like=schema)
    assert (table.column_names, table.num_rows) == (["size", "grade", "price"], 5)
    headless = infer_schema(read(ROWS, header=["a", "b", "c"]), "c")
    assert read(ROWS, like=headless).num_rows == 40
    assert read("a;b;c\n" + ROWS, like=headless).num_rows == 40
    assert read("c;a;b\nred;1;0.5\n", like=headless).column("a").to_list() == [1]


def test_arrays_are_read_with_the_words_of_training() -> None:
    rows = np.array([[1.0, 2.0], [-999.0, 3.0], [4.0, 1.0], [2.0, 7.0]] * 10)
    table = read_table(rows, missing=["-999"])
    model = glassnet.train(table, "x2", epochs=2, hidden=2, seed=1, progress=False, recipe="single")
    new = np.array([[-999.0, 0.0], [1.0, 0.0]])
    frame = pd.DataFrame({"x1": [None, 1.0], "x2": [0.0, 0.0]})
    np.testing.assert_array_equal(model.predict(new), model.predict(frame))


def test_options_of_a_table_stay_with_its_parts() -> None:
    table = read(ROWS, header=["a", "b", "c"], encoding="utf-8", max_size="1G")
    assert table.read_options.header == ("a", "b", "c")
    assert table.read_options.encoding is None
    assert table.read_options.max_size is None
    assert table.take([1, 2]).read_options == table.read_options
    assert read_table(table, columns=["a"]).read_options == table.read_options
