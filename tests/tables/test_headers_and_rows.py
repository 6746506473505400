"""Which rows are names, which are data, and that none is lost or gained."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from effort import python_calls
from glassnet.errors import TableError
from glassnet.tables import ReadTable, infer_schema, read_table
from glassnet.tables.read.column_names import distinct

RNG = np.random.default_rng(0)


def read(text: str, **options: Any) -> ReadTable:
    return read_table(io.BytesIO(text.encode()), **options)


def codes(table: ReadTable) -> list[str]:
    return [note.code for note in table.notes]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_header_may_be_longer_than_any_sample(separator: str) -> None:
    names = separator.join(f"feature number {at}" for at in range(5000))
    rows = "".join(separator.join(map(str, RNG.integers(0, 9, 5000))) + "\n" for _ in range(3))
    table = read(f"{names}\n{rows}")
    assert (table.num_rows, len(table.columns)) == (3, 5000)


def test_a_second_row_of_names_is_left_out_and_noted() -> None:
    rows = "".join(f"{at},{at % 5},{'ab'[at % 2]}\n" for at in range(100))
    table = read(f"X1,X2,X3\nAGE_1,PAY_0,SEX\n{rows}")
    assert (table.num_rows, codes(table)) == (100, ["second_header"])
    assert table.column("X3").words.texts == ["a", "b"]


def test_numbers_in_quotes_above_numbers_without_are_names() -> None:
    rows = "".join(f'"{name}",{at},{2 * at + 5},{at % 3}\n' for at, name in enumerate("abcdefgh"))
    table = read(f'"","1940","1945","1950"\n{rows}')
    assert (table.num_rows, table.column_names[1:]) == (8, ["1940", "1945", "1950"])


def test_a_first_row_in_quotes_is_data_if_the_others_are_in_quotes_too() -> None:
    rows = "".join(f'"{at}","{2 * at + 5}"\n' for at in range(9))
    assert codes(read(rows)) == ["no_header"]


def test_colons_within_values_are_no_separator_that_the_header_lacks() -> None:
    rows = "".join(f"1950:{at}, {at}.5{',' * (at % 3 + 2)}\n" for at in range(1, 30))
    with pytest.raises(TableError, match="fields"):
        read(f"date, cpi, low, high\n{rows}")


def test_headers_among_the_rows_are_left_out_and_noted() -> None:
    part = "size,color\n" + "".join(f"{at},{'rg'[at % 2]}\n" for at in range(20))
    table = read(part * 2 + part.replace("size,color", "Size,COLOR"))
    assert (table.num_rows, codes(table)) == (60, ["repeated_header"])
    assert str(table.column("size").type) == "int64"


def test_words_without_a_header_are_data() -> None:
    rows = [["ab"[at % 2], ["left", "right"][at // 2 % 2], ["yes", "no"][at // 3 % 2]] for at in range(40)]
    table = read("".join(",".join(row) + "\n" for row in rows))
    assert (table.num_rows, table.column_names, codes(table)) == (40, ["x1", "x2", "x3"], ["no_header"])
    named = read("hand,side,won\n" + "".join(",".join(row) + "\n" for row in rows))
    assert named.column_names == ["hand", "side", "won"]


def test_rows_to_predict_without_a_header_are_all_data() -> None:
    schema = infer_schema(read("".join(f"{at}.5,{at % 7},{'ab'[at % 2]}\n" for at in range(40))), "x1")
    table = read("1.5,3,a\n", like=schema)
    assert (table.num_rows, table.column_names) == (1, ["x1", "x2", "x3"])
    assert read("x2,x3\n3,a\n", like=schema).num_rows == 1


def test_rows_to_predict_may_have_no_value() -> None:
    text = "a,b,y\n" + "".join(f"{at % 6},{at % 5},{at % 3}.5\n" for at in range(30))
    model = glassnet.train(io.BytesIO(text.encode()), "y", hidden=2, epochs=1, seed=1, recipe="single")
    assert len(model.predict(io.BytesIO(b"a,b\n1,2\n,\n3,4\n"))) == 3
    assert read("a,b\n1,2\n,\n3,4\n").num_rows == 2


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\x1c"])
@pytest.mark.parametrize("footer", ["", "Total\n"])
def test_what_unicode_calls_a_line_stays_within_its_value(mark: str, footer: str) -> None:
    rows = "".join(f"{at},one{mark}two {at},z\n" for at in range(30))
    table = read(f"n,text,c\n{rows}{footer}")
    assert table.num_rows == 30
    assert table.column("text").to_list()[3] == f"one{mark}two 3"


def test_names_are_the_same_in_a_file_and_in_a_frame_of_it() -> None:
    text = " BMI ,Life expectancy ,c\n" + "".join(f"{at % 9},{at % 5}.5,{'ab'[at % 2]}\n" for at in range(40))
    frame = pd.read_csv(io.StringIO(text))
    assert read_table(frame).column_names == read(text).column_names == ["BMI", "Life expectancy", "c"]
    model = glassnet.train(frame, "Life expectancy ", hidden=2, epochs=1, seed=1, recipe="single")
    assert len(model.predict(frame)) == len(model.predict(io.BytesIO(text.encode()))) == 40


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["p", '"p"'])
def test_a_single_column_may_have_separators_in_quotes(separator: str, name: str) -> None:
    table = read(f'{name}\n"a{separator}b"\n"c{separator}""d"""\nplain\n')
    assert table.to_arrow().to_pydict() == {"p": [f"a{separator}b", f'c{separator}"d"', "plain"]}


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("Total,145,10", True),
        (",145,10", True),
        ("Grand total,145,3", True),
        ("small,145,3", False),
        ("Total,140,3", False),
    ],
)
def test_a_last_row_of_sums_is_said(last: str, said: bool) -> None:
    rows = "".join(f"{'north' if at % 2 else 'south'},{10 + at},1\n" for at in range(10))
    table = read(f"region,sales,units\n{rows}{last}\n")
    assert table.num_rows == 11
    assert any("it looks like a total" in str(note) for note in table.notes) == said


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b,a", ["a", "b", "a (2)"]),
        ("a,a,a", ["a", "a (2)", "a (3)"]),
        ("a (2),a,a", ["a (2)", "a", "a (3)"]),
        ("a,a,a (2)", ["a", "a (3)", "a (2)"]),
    ],
)
def test_columns_of_one_name_are_told_apart_and_noted(header: str, names: list[str]) -> None:
    table = read(f"{header}\n1,2,3\n4,5,7\n")
    assert (table.column_names, codes(table)) == (names, ["duplicate_names"])
    assert [table.column(name).to_list() for name in names] == [[1, 4], [2, 5], [3, 7]]


def test_columns_of_one_name_in_a_sheet(tmp_path: Path) -> None:
    pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]).to_excel(tmp_path / "t.xlsx", index=False)
    table = read_table(tmp_path / "t.xlsx")
    assert (table.column_names, codes(table)) == (["a", "a (2)"], ["duplicate_names"])


def test_a_model_knows_columns_of_one_name_again() -> None:
    rows = "".join(f"{at % 7},{at % 5},{'uv'[at % 5 > 2]}\n" for at in range(60))
    with pytest.warns(glassnet.AssumptionWarning, match="several columns named 'a'"):
        model = glassnet.train(io.BytesIO(f"a,a,y\n{rows}".encode()), "y", epochs=2, recipe="single", seed=0)
    assert [each.name for each in model.schema.columns] == ["a", "a (2)"]
    again = io.BytesIO(f"a,a\n{rows.replace(',u', '').replace(',v', '')}".encode())
    with pytest.warns(glassnet.AssumptionWarning, match="several columns named 'a'"):
        assert len(model.predict(again)) == 60


def test_many_columns_of_one_name_take_time_in_proportion() -> None:
    def calls(count: int) -> int:
        return python_calls(lambda: distinct(["a"] * count, []))

    assert calls(4000) < 5 * calls(1000)


@pytest.mark.parametrize(
    "title", ["Sales report\n", "Sales report\nGenerated 2024-01-01\n\n", '"Sales by region"\n\n']
)
def test_a_table_of_two_columns_may_have_a_title(title: str) -> None:
    rows = "".join(f"r{at},{at}.5\n" for at in range(20))
    table = read_table(io.BytesIO(f"{title}region,sales\n{rows}".encode()))
    assert table.column_names == ["region", "sales"]
    assert table.num_rows == 20
    assert [note.code for note in table.notes] == ["skipped_lines"]


def test_a_header_without_a_name_for_the_row_numbers_is_no_title() -> None:
    rows = "".join(f"{at},{at}.5\n" for at in range(1, 20))
    assert read_table(io.BytesIO(f"sales\n{rows}".encode())).column_names == ["row", "sales"]
