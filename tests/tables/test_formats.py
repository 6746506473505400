"""Files of other programs: workbooks, statistics packages, Weka."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from glassnet.errors import TableError
from glassnet.tables import read_table

FRAME = pd.DataFrame(
    {
        "size": [1.5, 2.5, 4.0],
        "count": [1, 2, 3],
        "color": ["red", "blue", "red"],
        "seen": pd.to_datetime(["2024-01-05"] * 3),
    }
)


def test_a_sheet_of_a_workbook_is_read(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    pytest.importorskip("openpyxl")
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        FRAME.to_excel(writer, sheet_name="first", index=False, startrow=2)
        FRAME.head(1).to_excel(writer, sheet_name="second", index=False)
        writer.sheets["first"].cell(1, 1, "A title")
    table = read_table(path)
    assert table.column_names == list(FRAME.columns)
    assert table.column("size").to_list() == [1.5, 2.5, 4.0]
    assert str(table.column("seen").type) == "timestamp[us]"
    assert [note.code for note in table.notes] == ["sheet", "skipped_lines"]
    assert read_table(path, sheet="second").num_rows == read_table(path, sheet=1).num_rows == 1
    with pytest.raises(TableError, match="sheet is 'thrid', but must be one of first, second"):
        read_table(path, sheet="thrid")


@pytest.mark.parametrize("writer", ["write_sav", "write_dta", "write_xport"])
def test_files_of_statistics_packages_are_read(tmp_path: Path, writer: str) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "t.dat"
    getattr(pyreadstat, writer)(FRAME[["size", "count", "color"]], str(path))
    table = read_table(path)
    assert [name.lower() for name in table.column_names] == ["size", "count", "color"]
    assert table.column(table.column_names[0]).to_list() == [1.5, 2.5, 4.0]
    assert table.column(table.column_names[2]).to_list() == ["red", "blue", "red"]


def test_labelled_codes_are_their_labels(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    labels = {"count": {1: "one", 2: "two", 3: "many"}}
    pyreadstat.write_sav(FRAME[["size", "count"]], str(tmp_path / "t.sav"), variable_value_labels=labels)
    assert read_table(tmp_path / "t.sav").column("count").to_list() == ["one", "two", "many"]


ARFF = """% a comment
@RELATION weather
@attribute 'out look' {sunny, rainy}
@attribute temp numeric
@attribute play {yes,no}
@data
sunny,85,no
'rainy', ?, yes
% another
sunny,70,yes
"""


def test_arff_is_read(tmp_path: Path) -> None:
    (tmp_path / "w.arff").write_text(ARFF)
    table = read_table(tmp_path / "w.arff")
    expected: dict[str, list[Any]] = {
        "out look": ["sunny", "rainy", "sunny"],
        "temp": [85, None, 70],
        "play": ["no", "yes", "yes"],
    }
    assert table.to_arrow().to_pydict() == expected
    (tmp_path / "s.arff").write_text(ARFF.partition("sunny,85")[0] + "{1 2, 2 yes}\n")
    with pytest.raises(TableError, match="is a sparse ARFF file"):
        read_table(tmp_path / "s.arff")


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"MATLAB 5.0 MAT-file" + bytes(99), "a MATLAB file"), (b"\x80\x04\x95" + bytes(99), "a pickle")],
)
def test_other_files_are_named(tmp_path: Path, data: bytes, text: str) -> None:
    (tmp_path / "t").write_bytes(data)
    with pytest.raises(TableError, match=f"is not a table but {text}"):
        read_table(tmp_path / "t")


def test_a_refusal_within_a_compressed_file_is_given_alone(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "t.gz").write_bytes(gzip.compress(b"%PDF-1.4 ..."))
    with pytest.raises(TableError, match=r"t\.gz' is not a table but a PDF document\.$"):
        read_table(tmp_path / "t.gz")
    (tmp_path / "d.gz").write_bytes(gzip.compress(b"a,b\n" * 999)[:-20])
    with pytest.raises(TableError, match="is compressed, but cannot be unpacked"):
        read_table(tmp_path / "d.gz")
