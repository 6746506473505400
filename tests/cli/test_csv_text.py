"""CSV files that we write: every reader finds the same rows and texts, and no spreadsheet computes a text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv
from pyarrow import parquet

import glassnet
from glassnet.cli.csv_text import write_csv

Run = Callable[..., Any]  # the fixture of conftest.py
Rows = list[list[str | None]]

HOSTILE = [
    "a\rb", "a\nb", "a\r\nb", "\r", "\n", "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "a\x0cb", "a\x1cb", 'a"b', '"',
    '"a"', "a,b", "a;b", "a\tb", "a|b", "'a'", " a", "a ", "\xa0a", "#a", "\\", "\\n", "é", "列", "\x1b[31m", "-1",
    "+", "NaN", "null", "=1+1", "@a",
]  # fmt: skip
FORMULAS = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1+1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    "-a",
]
HARMLESS = ["-5", "+3.2", "-1e-5", "-1,5", "-.5", "+", "-", "a=b", "1-2", "", "'=1", "–5"]


def written(table: pa.Table, **options: bool) -> bytes:
    stream = io.BytesIO()
    write_csv(table, stream, **options)
    return stream.getvalue()


def by_csv(content: bytes) -> Rows:
    """Empty texts and missing values are the same to it."""
    return [[cell or None for cell in row] for row in csv.reader(io.StringIO(content.decode(), newline=""))]


def by_pandas(content: bytes) -> Rows:
    frame = pd.read_csv(
        io.BytesIO(content),
        header=None,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
    )
    return [[None if cell is np.nan else cell for cell in row] for row in frame.to_numpy().tolist()]


def by_arrow(content: bytes) -> Rows:
    """It alone tells an empty text from a missing value."""
    names = ["0", "1"]
    table = arrow_csv.read_csv(
        io.BytesIO(content),
        arrow_csv.ReadOptions(column_names=names),
        arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return [list(row.values()) for row in table.to_pylist()]


READERS = {"csv": by_csv, "pandas": by_pandas, "arrow": by_arrow}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_every_reader_finds_the_text_in_its_row(reader: str, text: str) -> None:
    table = pa.table({"first": [text, "y", None], "second": ["x", text, "z"]})
    rows = [["first", "second"], [text, "x"], ["y", text], [None, "z"]]
    assert READERS[reader](written(table, raw_text=True)) == rows


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_every_reader_finds_the_header(reader: str, text: str) -> None:
    assert READERS[reader](written(pa.table({"a": ["x"], text: ["y"]}), raw_text=True)) == [
        ["a", text],
        ["x", "y"],
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_any_text_reads_back(texts: list[str]) -> None:
    content = written(pa.table({"a": texts, "b": texts}), raw_text=True)
    for reader in (by_csv, by_arrow):  # pandas ends a text at NUL
        assert reader(content)[1:] == [[text, text] for text in texts]


def test_pandas_ends_a_text_at_nul_but_stays_in_step() -> None:
    content = written(pa.table({"a": ["b\0\r\nc", "d"], "e": ["f", "\0"]}), raw_text=True)
    assert by_csv(content) == [["a", "e"], ["b\0\r\nc", "f"], ["d", "\0"]]
    assert by_arrow(content) == by_csv(content)
    assert len(by_pandas(content)) == 3


def test_an_empty_text_is_not_a_missing_value() -> None:
    content = written(pa.table({"a": ["", None], "b": [1.5, None]}))
    assert content == b'a,b\n"",1.5\n,\n'
    assert by_arrow(content)[1:] == [["", "1.5"], [None, None]]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_texts(text: str) -> None:
    found = by_csv(written(pa.table({text: [text], "b": ["x"]})))
    assert found == [[f"'{text}", "b"], [f"'{text}", "x"]]
    assert by_csv(written(pa.table({text: [text], "b": ["x"]}), raw_text=True))[1][0] == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay(text: str) -> None:
    assert by_csv(written(pa.table({"a": [text], "b": ["x"]})))[1] == [text or None, "x"]


def test_numbers_are_not_touched() -> None:
    table = pa.table({"a": [-1.5, -1e-300, float("-inf")], "b": [-1, -2, -3], "c": [True, False, None]})
    assert written(table) == b"a,b,c\n-1.5,-1,True\n-1e-300,-2,False\n-inf,-3,\n"


def test_durations_and_dates_are_not_touched() -> None:
    table = pa.table({"took": [timedelta(days=-1, hours=3)], "day": [date(2020, 1, 2)]})
    assert by_csv(written(table))[1] == ["-1 day, 3:00:00", "2020-01-02"]


def test_predictions_stay_in_step_with_the_table(run: Run, tmp_path: Path) -> None:
    """Labels and kept values with line breaks and formulas, from the table to a file and back."""
    labels = ["=1+1\rb", "c\nd"]
    size = np.random.default_rng(0).normal(size=80)
    classes = np.where(size > 0, *labels).tolist()
    kept = [f"k\r{row}" for row in range(80)]
    parquet.write_table(pa.table({"size": size, "y": classes, "-kept": kept}), "t.parquet")
    glassnet.train(
        "t.parquet", "y", column_types={"-kept": "ignore"}, epochs=40, seed=1, recipe="single"
    ).save("m")
    arguments = ("predict", "m", "t.parquet", "--keep", "-kept", "--out", "p.csv")
    for option, mark in (("--proba", "'"), ("--raw-text", "")):
        result = run(*arguments, option)
        assert result.code == 0
        frame = pd.read_csv("p.csv")
        assert frame[f"{mark}-kept"].tolist() == kept
        assert set(frame["y"]) == {f"{mark}=1+1\rb", "c\nd"}
        assert (frame["y"] == [f"{mark}{each}" if "=" in each else each for each in classes]).mean() > 0.9


def test_explanations_name_every_column(run: Run, tmp_path: Path) -> None:
    """Names that look like a missing value or a number are names."""
    rng = np.random.default_rng(0)
    names = ["NA", "-", "1.5", "yes", "=x"]
    parquet.write_table(
        pa.table({**{name: rng.normal(size=60) for name in names}, "y": rng.normal(size=60)}), "t.parquet"
    )
    glassnet.train("t.parquet", "y", hidden=3, epochs=2, seed=1, recipe="single").save("m")
    for arguments in (["--importances"], ["--importances", "--raw-text"]):
        assert run("explain", "m", "t.parquet", *arguments, "--form", "csv", "--out", "i.csv").code == 0
        found = [row[0] for row in by_csv(Path("i.csv").read_bytes())]
        assert found == ["column", *names[:-1], "=x" if "--raw-text" in arguments else "'=x"]
    assert run("compare", "m", "--weights", "w.csv").code == 0
    sources = {row[1] for row in by_csv(Path("w.csv").read_bytes())}
    assert {*names[:-1], "'=x"} <= sources
