"""read_table: any source gives the same table; dirty text is read; what cannot be read says why."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import feather, parquet

from effort import python_calls
from glassnet.errors import InputTypeError, TableError
from glassnet.tables import Encoder, fingerprint, infer_schema, penguins_path, read_table


def read(text: str | bytes, **options: object) -> pa.Table:
    return read_table(io.BytesIO(text if isinstance(text, bytes) else text.encode()), **options)  # type: ignore[arg-type]


def fault(text: str | bytes) -> str:
    with pytest.raises(TableError) as caught:
        read(text)
    return str(caught.value)


SMALL = "name,size,born\nada,1.5,1815\n,NA,1912\ngrace,2.5,1906\n"
SMALL_COLUMNS = {"name": ["ada", None, "grace"], "size": [1.5, None, 2.5], "born": [1815, 1912, 1906]}


# --- sources


def test_penguins_from_every_source_give_the_same_table_and_encoding(tmp_path: Path) -> None:
    frame = pd.read_csv(penguins_path())
    arrow = pa.Table.from_pandas(frame)
    parquet.write_table(arrow, tmp_path / "p.parquet")
    feather.write_feather(arrow, tmp_path / "p.feather")
    rows = [{k: None if v != v else v for k, v in row.items()} for row in frame.to_dict("records")]
    sources = {
        "csv": penguins_path(), "text path": str(penguins_path()), "pandas": frame,
        "polars": pl.read_csv(penguins_path(), null_values="NA"),
        "lazy": pl.scan_csv(penguins_path(), null_values="NA"),
        "arrow": arrow, "rows": rows, "columns": {name: frame[name] for name in frame},
        "records": frame.to_records(index=False), "parquet": tmp_path / "p.parquet", "feather": tmp_path / "p.feather",
        "categorical": frame.astype({"sex": "category", "island": "category"}),
    }  # fmt: skip
    tables = {name: read_table(source) for name, source in sources.items()}
    expected = tables["csv"]
    schema = infer_schema(expected, "species")
    encoder = Encoder.fit(expected, schema)
    inputs = encoder.encode(expected)[0]
    for name, table in tables.items():
        assert table.to_arrow().to_pydict() == expected.to_arrow().to_pydict(), name
        assert fingerprint(table) == fingerprint(expected), name
        assert infer_schema(table, "species").task == "multiclass"
        np.testing.assert_array_equal(Encoder.fit(table, schema).encode(table)[0], inputs, err_msg=name)


@pytest.mark.parametrize("pack", ["plain", "gz", "bz2", "xz", "zst", "zip"])
def test_compressed_files(tmp_path: Path, pack: str) -> None:
    data = SMALL.encode()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inside/small.csv", data)
    packed = {
        "plain": data, "gz": gzip.compress(data), "bz2": bz2.compress(data), "xz": lzma.compress(data),
        "zst": pa.compress(data, "zstd", asbytes=True), "zip": held.getvalue(),
    }[pack]  # fmt: skip
    path = tmp_path / "table.unknown"
    path.write_bytes(packed)
    assert read_table(path).to_arrow().to_pydict() == SMALL_COLUMNS


def test_arrays_and_json() -> None:
    assert read_table(np.array([[1.0, np.nan], [2.0, 3.0]])).to_arrow().to_pydict() == {
        "x1": [1, 2],
        "x2": [None, 3],
    }
    structured = np.array([(1, "a"), (2, "b")], dtype=[("n", "i4"), ("w", "U1")])
    assert read_table(structured).to_arrow().to_pydict() == {"n": [1, 2], "w": ["a", "b"]}
    assert read('[{"a": 1, "b": "x"}, {"a": 2}]').to_arrow().to_pydict() == {"a": [1, 2], "b": ["x", None]}
    assert read('{"a": 1}\n{"a": 2}\n').to_arrow().to_pydict() == {"a": [1, 2]}
    assert read('{"a": [1, 2], "b": ["x", null]}').to_arrow().to_pydict() == {"a": [1, 2], "b": ["x", None]}
    assert read('{"a": 1}').to_arrow().to_pydict() == {"a": [1]}
    assert read("[a],b\n1,2\n").to_arrow().to_pydict() == {"[a]": [1], "b": [2]}


def test_odd_types_of_dataframes() -> None:
    frame = pd.DataFrame(
        {
            "mixed": [1, "word", None],
            "moment": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "span": pd.to_timedelta([1, 2, 3], unit="s"),
            "grade": pd.Categorical([1, 2, 1]),
        },
        index=[7, 8, 9],
    )
    table = read_table(frame)
    assert table.column("mixed").to_list() == ["1", "word", None]
    assert table.column("whole").to_list() == [1, None, 3]
    assert table.column("span").to_list() == [1.0, 2.0, 3.0]
    assert str(table.column("moment").type) == "timestamp[us]"
    assert infer_schema(table, "span").columns[-1].type == "category"
    assert read_table(pd.DataFrame([[1, 2], [3, 4]])).column_names == ["0", "1"]


@pytest.mark.parametrize("source", [3, None, pd.Series([1, 2]), [1, 2], object()])
def test_what_is_no_table_is_a_type_error(source: object) -> None:
    with pytest.raises(InputTypeError, match="pass a path"):
        read_table(source)


@pytest.mark.parametrize("source", [[], {}, pd.DataFrame(), np.arange(3), {"a": [1], "b": [1, 2]}])
def test_tables_in_memory_with_nothing_in_them(source: object) -> None:
    with pytest.raises(TableError):
        read_table(source)


def test_a_dict_whose_columns_are_no_columns_is_reported_for_each() -> None:
    row = {"name": "ada", "size": 1.5, "born": np.array(1815), "all": np.zeros((2, 2)), "fine": [1]}
    with pytest.raises(TableError) as caught:
        read_table(row)
    assert len(caught.value.faults) == 4
    assert "Column 'size' is 1.5, but must be a list with a value for every row" in str(caught.value)
    assert "[row]" in str(caught.value)
    assert "Column 'all' has shape (2, 2)" in str(caught.value)


def test_a_masked_value_is_a_gap() -> None:
    table = read_table(np.ma.masked_greater(np.array([[1.0, 2.0], [3.0, 4.0]]), 2.5))
    assert table.to_arrow().to_pydict() == {"x1": [1.0, None], "x2": [2.0, None]}


def test_whole_numbers_beyond_64_bits_are_read_from_every_source() -> None:
    values = [10**30, 5, 7]
    for source in ({"x": values}, [{"x": value} for value in values], pd.DataFrame({"x": values})):
        assert read_table(source).num_rows == 3


@pytest.mark.parametrize("values", [np.array([1j, 2.0]), [2.0, 1j], np.array([1j, 2], np.complex64)])
def test_complex_numbers_are_called_so(values: object) -> None:
    for source in ({"x": values}, pd.DataFrame({"x": values}), np.array(values)[:, None]):
        with pytest.raises(TableError, match=r"complex numbers, such as .*j.*real and the imaginary parts"):
            read_table(source)


def test_half_characters_are_reported() -> None:
    half = "x\ud800"
    sources = (
        {"a": [half, "y"]},
        [{half: 1}, {half: 2}],
        pd.DataFrame({"a": [half, 3]}),
        np.array([[half, "y"]]),
    )
    for source in sources:
        with pytest.raises(TableError, match=r"the text 'x\\ud800', which holds half of a character"):
            read_table(source)
    with pytest.raises(TableError, match="half of a character"):
        read('[{"a": "x\\ud800"}, {"a": "y"}]')


def test_columns_are_chosen_by_name() -> None:
    assert read(SMALL, columns=["born", "name"]).column_names == ["born", "name"]
    with pytest.raises(TableError, match=r"no column 'sise'.*Did you mean 'size'"):
        read(SMALL, columns=["sise"])


# --- real-world text


@settings(max_examples=60, deadline=None)
@given(
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from(["minimal", "all"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"]),
    decimal=st.sampled_from([".", ","]),
    ending=st.sampled_from(["\n", "\r\n"]),
    rows=st.lists(
        st.tuples(
            st.text("abzäéß ,;|'\n", min_size=1, max_size=8).filter(lambda s: s.strip() == s),
            st.decimals(-9999, 9999, places=2).map(float),
            st.integers(-(10**6), 10**6),
        ),
        min_size=5,
        max_size=30,
    ),
)
def test_what_is_written_is_read_back(
    separator: str, quoting: str, encoding: str, decimal: str, ending: str, rows: list[tuple[str, float, int]]
) -> None:
    def field(value: object) -> str:
        text = f"{value:.2f}".replace(".", decimal) if isinstance(value, float) else str(value)
        must = any(mark in text for mark in (separator, "\n", '"', "'")) or quoting == "all"
        return f'"{text}"' if must else text

    lines = [("wörd", "amount", "count"), *(("w" + word, amount, count) for word, amount, count in rows)]
    text = ending.join(separator.join(map(field, line)) for line in lines) + ending
    table = read(text.encode(encoding))
    assert table.column_names == ["wörd", "amount", "count"]
    assert table.column("amount").to_list() == [amount for _, amount, _ in rows]
    assert table.column("count").to_list() == [count for _, _, count in rows]
    assert table.column("wörd").to_list() == ["w" + word for word, _, _ in rows]


DIRTY = {
    "german excel": (
        "\ufeffName;Preis;Menge\r\nÄpfel;1.234,50;3\r\n\"Kirschen; süß\";0,5;\r\n",
        {"Name": ["Äpfel", "Kirschen; süß"], "Preis": [1234.5, 0.5], "Menge": [3, None]},
    ),
    "thousands by points beside a decimal comma": ("a;b\n1.234;5,5\n2.345;6,5\n", {"a": [1234, 2345], "b": [5.5, 6.5]}),
    "three decimals are no thousands": ("a;b\n1.234;x\n2.345;y\n", {"a": [1.234, 2.345], "b": ["x", "y"]}),
    "commas for thousands": ('a,b\n"1,234",x\n"12",y\n', {"a": [1234, 12], "b": ["x", "y"]}),
    "currency, percent, parentheses": (
        'p,q\n"$1,234.50",12%\n-$2.00,0%\n($3.50),1.5%\n', {"p": [1234.5, -2, -3.5], "q": [12, 0, 1.5]},
    ),
    "blanks for thousands": ("a;b\n1 234,5;2\n12\u00a0345,6;3\n", {"a": [1234.5, 12345.6], "b": [2, 3]}),
    "apostrophes": ("a;b\n1'234.50;2\n12'345;3\n", {"a": [1234.5, 12345], "b": [2, 3]}),
    "units": ("e,p\n1248 CC,74 bhp\n998 CC,\n", {"e": [1248, 998], "p": [74, None]}),
    "codes stay text": (
        "zip,id\n00123,1234567890123456789\n04567,1234567890123456788\n",
        {"zip": ["00123", "04567"], "id": ["1234567890123456789", "1234567890123456788"]},
    ),
    "not numbers": ("p,v\n10.0.0.1,1.2.3\n10.0.0.2,1.2.4\n", {"p": ["10.0.0.1", "10.0.0.2"], "v": ["1.2.3", "1.2.4"]}),
    "sep= line": ("sep=;\r\na;b\r\n1;2\r\n", {"a": [1], "b": [2]}),
    "comments": ("# made by me\n#\n\na,b\n1,x\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}),
    "a header behind #": ("# a b c\n1 2 3\n4 5 6\n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]}),
    "title lines": ("Sales\n\nr,q1,q2\nn,1,2\ns,3,4\n", {"r": ["n", "s"], "q1": [1, 3], "q2": [2, 4]}),
    "footer": ("r,q1,q2\nn,1,2\ns,3,4\n(2 rows affected)\n", {"r": ["n", "s"], "q1": [1, 3], "q2": [2, 4]}),
    "empty rows": ("a,b\n1,2\n,\n,\n", {"a": [1], "b": [2]}),
    "trailing separators": ("a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    "trailing separators below only": ("a,b\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    "row names": ("a,b\nr1,1,2\nr2,3,4\n", {"row": ["r1", "r2"], "a": [1, 3], "b": [2, 4]}),
    "no name": (",a\n0,1\n1,3\n", {"column 1": [0, 1], "a": [1, 3]}),
    "another mark within quotes": ("a,b,c\n" + '8,"x|2",9\n' * 60, {"a": [8] * 60, "b": ["x|2"] * 60, "c": [9] * 60}),
    "only the last has a name": (",,a\n1,2,x\n3,4,y\n", {"column 1": [1, 3], "column 2": [2, 4], "a": ["x", "y"]}),
    "no header": ("1,2.5\n4,5\n", {"x1": [1, 4], "x2": [2.5, 5]}),
    "blanks, tabs, quotes, no header": (
        '18.0   8   307.0  70  1\t"chevrolet chevelle"\n15.0   8   ?      70  1\t"buick skylark"\n',
        {"x1": [18, 15], "x2": [8, 8], "x3": [307, None], "x4": [70, 70], "x5": [1, 1],
         "x6": ["chevrolet chevelle", "buick skylark"]},
    ),
    "blanks around": (" a , b c \n 1 , x y \n 2 , z \n", {"a": [1, 2], "b c": ["x y", "z"]}),
    "a blank before a quote": ('a, b, c\n1, "x, y", 2\n', {"a": [1], "b": ["x, y"], "c": [2]}),
    "backslash": ('a,b\n"say \\"hi\\", ok",1\n', {"a": ['say "hi", ok'], "b": [1]}),
    "single quotes": ("a,b\n'x, y',1\n'z',2\n", {"a": ["x, y", "z"], "b": [1, 2]}),
    "inches": ('a,b\n5" pipe,1\n6" pipe,2\n', {"a": ['5" pipe', '6" pipe'], "b": [1, 2]}),
    "CR": ("a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}),
    "two colons": ("a::b\n1::2\n3::4\n", {"a": [1, 3], "b": [2, 4]}),
    "booleans": ("a,b\nTRUE,yes\nFalse,no\n", {"a": [True, False], "b": ["yes", "no"]}),
    "None among words is a level, among numbers a gap": ("d,e\n1,None\nNone,y\n", {"d": [1, None], "e": ["None", "y"]}),
    "gaps": ("a,b\nNA,x\n?,n/a\n,#N/A\n-,NULL\n1,\n", {"a": [None] * 4 + [1], "b": ["x"] + [None] * 4}),
    "minus sign and exponents": ("a,b\n−1.5,1e5\n+2,2E-3\n", {"a": [-1.5, 2], "b": [1e5, 2e-3]}),
    "one column": ("a\n1\n\n3\n", {"a": [1, None, 3]}),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_dirty_text(name: str) -> None:
    text, columns = DIRTY[name]
    assert read(text).to_arrow().to_pydict() == columns


def test_stray_words_in_a_column_of_numbers_are_gaps_and_noted() -> None:
    table = read("age\n" + "\n".join(map(str, range(60))) + "\nsee note\nunknown\n")
    assert table.column("age").missing == 2
    assert "'see note', 'unknown'" in table.notes[0].text
    codes = read("diagnosis\n" + "\n".join(map(str, range(60))) + "\nV27\n")
    assert codes.column("diagnosis").is_text, "words with digits in them are codes"


def test_like_an_earlier_schema() -> None:
    many = read("kind;size;y\ntrue;1.234;1,5\nTrue;2.345;2,5\nmaybe;3.456;2,0\nmaybe;1.000;1,0\n")
    schema = infer_schema(many, "y")
    few = read("kind;size\ntrue;9.876\n", like=schema)
    assert few.to_arrow().to_pydict() == {"kind": ["true"], "size": [9876]}


def test_units_without_a_number_are_words() -> None:
    assert read("x,y\n1,.%\n2,%\n").column("y").to_list() == [".%", "%"]


# --- what cannot be read


def test_faults_of_paths(tmp_path: Path) -> None:
    (tmp_path / "sales_2024.csv").write_text(SMALL)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(TableError, match=r"no file .*Did you mean 'sales_2024.csv'"):
        read_table(tmp_path / "sales_2023.csv")
    with pytest.raises(TableError, match="cannot be read: File name too long"):
        read_table("a,b\n1,2\n" * 1000)  # the table itself
    with pytest.raises(TableError, match="cannot be read: embedded null byte"):
        read_table("a\0b")
    with pytest.raises(TableError, match=r"is a directory without tables; it must have files"):
        read_table(empty)
    with pytest.raises(TableError, match="no folder"):
        read_table(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(TableError, match="path of the table is empty"):
        read_table("")
    with pytest.raises(TableError, match="web address"):
        read_table("https://example.org/x.csv")


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a":', '{"a": 1}\n{"a"', "[" * 100_000])
def test_a_file_that_is_called_json_is_no_csv(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(TableError, match=r"t\.json' is not whole JSON: "):
        read_table(tmp_path / "t.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("a,b,c\n", "header but no rows"),
        (b"\x89PNG\r\n\x1a\n\0", "PNG picture"),
        (bytes(range(256)) * 9, "binary data"),
        ("<!DOCTYPE html><html>", "web page"),
        ('a,b\n1,"x\n2,y\n3,z\n', "line 2: a quotation mark is opened"),
        ('"\n', "cannot be cut into rows and fields"),
        (",:a.;1{\n\r\nNA\n,,\t\n", "cannot be cut into rows and fields"),
        (gzip.compress(SMALL.encode(), mtime=0)[:-9], "cannot be unpacked"),
        (b"PAR1 and nothing more", "damaged Parquet file"),
        (b"ARROW1 and nothing more", "damaged Arrow file:"),
        ("[1, 2, 3]", "no table: array of numbers"),
        ('{"a": {"0": 1}, "b": null}', "no table: object of nulls and objects"),
        (b"PK\x03\x04 broken", "zip archive"),
    ],
)
def test_faults_of_contents(text: str | bytes, message: str) -> None:
    assert message in fault(text)


def test_rows_of_wrong_length_are_named_by_their_line() -> None:
    message = fault('a,b\n1,2\n"x\ny",2\n3,4,5\n6,7\n8\n9,9\n9,9\n')
    assert "line 5: too many fields: 3 where 2 are expected" in message
    assert "line 7: too few fields: 1 where 2 are expected" in message


# --- cost


def test_importing_loads_no_arrow() -> None:
    code = "import sys, glassnet.tables; sys.exit('pyarrow' in sys.modules or 'narwhals' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_python_code_runs_for_each_of_twenty_thousand_rows() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{i}": rng.normal(size=20_000).round(3) for i in range(7)})
    for i in range(8):
        frame[f"c{i}"] = rng.choice(["red", "green", "blue", "NA"], 20_000)
    data = frame.to_csv(index=False).encode()
    table = read(data)
    assert python_calls(lambda: read(data)) < 20_000 / 2
    assert (table.num_rows, len(table.columns)) == (20_000, 15)
