"""``glassnet train`` and ``predict`` of tables in several files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import glassnet
from glassnet.tables.read import block_sources as reading
from tables_on_disk import a_table, write_parts

Run = Callable[..., Any]  # the fixture of conftest.py


@pytest.fixture
def model(run: Run, monkeypatch: pytest.MonkeyPatch) -> glassnet.Model:
    """A model of the files in the folder ``parts``, which are read in several blocks."""
    monkeypatch.setattr(reading, "ROWS", 300)
    write_parts(Path("parts"), a_table(2000))
    result = run(
        "train",
        "parts/*.parquet",
        "-t",
        "grade",
        "--recipe",
        "single",
        "--hidden",
        "4",
        "--epochs",
        "2",
        "-q",
    )
    assert result.code == 0
    return glassnet.load("model.glassnet")


@pytest.mark.parametrize("out", ["out.parquet", "out.csv"])
def test_the_predictions_of_all_files_are_written(run: Run, model: glassnet.Model, out: str) -> None:
    result = run("predict", "model.glassnet", "parts", "--out", out, "--proba", "--keep", "color")
    assert result.code == 0
    assert "2,000 predictions written to" in result.out
    reader = pyarrow.parquet.read_table if out.endswith("parquet") else pyarrow.csv.read_csv
    written, table = reader(out), a_table(2000)
    assert written.column("grade").to_pylist() == model.predict(table).tolist()
    assert written.column("color").to_pylist() == table.column("color").to_pylist()
    assert written.num_columns == 5


def test_csv_on_standard_output_has_its_names_once(run: Run, model: glassnet.Model) -> None:
    lines = run("predict", "model.glassnet", "parts/*.parquet").out.splitlines()
    assert len(lines) == 2001
    assert lines.count("grade") == 1


def test_a_fault_in_a_late_file_leaves_what_was_there(run: Run, model: glassnet.Model) -> None:
    Path("out.csv").write_text("earlier\n", encoding="utf-8")
    table = a_table(2000)
    write_parts(Path("csv"), table, form="csv")
    with Path("csv/part-2.csv").open("a", encoding="utf-8") as stream:
        stream.write('word,1,"red","low"\n')
    result = run("predict", "model.glassnet", "csv", "--out", "out.csv")
    assert result.code == 2
    assert "In rows 1,334 to 2,000 of 'csv'" in result.err
    assert Path("out.csv").read_text(encoding="utf-8") == "earlier\n"


def test_options_of_reading_hold_for_all_files(run: Run) -> None:
    table = a_table(400)
    Path("rows").mkdir()
    for number in range(2):
        rows = zip(*(own.to_pylist() for own in table.slice(200 * number, 200).columns), strict=True)
        lines = [f"{a or 'none'}|{b}|{color}|{grade}" for a, b, color, grade in rows]
        Path(f"rows/{number}.csv").write_text("\n".join(["a|b|color|grade", *lines, ""]), encoding="utf-8")
    options = ("--delimiter", "|", "--missing", "none", "--recipe", "single", "--epochs", "1")
    assert run("train", "rows", "-t", "grade", *options).code == 0
    assert glassnet.load("model.glassnet").schema["a"].missing == table.column("a").null_count


@pytest.mark.parametrize("verb", ["predict", "train"])
def test_no_file_of_the_table_is_replaced(run: Run, model: glassnet.Model, verb: str) -> None:
    before = Path("parts/part-1.parquet").read_bytes()
    arguments = ("model.glassnet", "parts") if verb == "predict" else ("parts/*.parquet", "-t", "grade")
    result = run(verb, *arguments, "--out", "parts/part-1.parquet")
    assert result.code == 2
    assert "that file is read" in result.err
    assert Path("parts/part-1.parquet").read_bytes() == before


def test_kept_columns_of_other_types_in_later_files(run: Run, model: glassnet.Model) -> None:
    Path("mixed").mkdir()
    for number, key in enumerate((1, 0.5)):
        table = a_table(10).append_column("key", pa.array([key] * 10))
        pyarrow.parquet.write_table(table, f"mixed/{number}.parquet")
    result = run("predict", "model.glassnet", "mixed", "--keep", "key", "--out", "out.parquet")
    assert result.code == 2
    assert "'key' (int64, then double) have other types in later rows" in result.err
    assert not Path("out.parquet").exists()
    assert run("predict", "model.glassnet", "mixed", "--keep", "key", "--out", "out.csv").code == 0
    assert run("predict", "model.glassnet", "mixed", "--keep", "key", "--json").code == 0
