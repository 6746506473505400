"""Tables in several files: read as one table, or in blocks."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
import pytest

from glassnet.errors import TableError
from glassnet.tables import infer_schema, read_table
from glassnet.tables.read import text_blocks
from glassnet.tables.read.block_sources import ROWS
from glassnet.tables.read.blocks import TableBlocks

TABLE = pa.table(
    {
        "number": np.arange(5000) / 7,
        "count": np.arange(5000) % 90,
        "word": [f"word {at % 13}, or\nnot" if at % 5 else 'a "quoted" one' for at in range(5000)],
        "gap": [None if at % 11 == 0 else at + 0.5 for at in range(5000)],
        "flag": [at % 3 == 0 for at in range(5000)],
    }
)


def write(path: Path, table: pa.Table) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=700)
    elif path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=900)
    elif path.suffix == ".feather":
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)
    else:
        pyarrow.csv.write_csv(table, path)
    return path


@pytest.fixture(params=["parquet", "arrow", "feather", "csv"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for number in range(3):
        write(tmp_path / f"{number}.{request.param}", TABLE.slice(number * 2000, 2000))
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden.csv").write_text("other\n1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("pattern", ["", "*.*", "[0-9].*"])
def test_a_folder_or_a_pattern_is_the_table_of_its_files(folder: Path, pattern: str) -> None:
    read = read_table(folder / pattern)
    assert read.to_arrow().equals(read_table(TABLE).to_arrow())


def test_blocks_are_the_table_in_pieces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "PIECE", 5000)
    blocks = TableBlocks.of(folder)
    assert blocks is not None
    found = [*blocks.raw()]
    assert len(found) > 2
    assert all(0 < len(block) <= ROWS for block in found)
    assert [len(block) for block in found] == [len(block) for block in blocks.raw()]
    together = read_table([blocks.typed(block).to_arrow() for block in found])
    assert together.to_arrow().equals(read_table(TABLE).to_arrow())
    assert blocks.rows in (5000, None)


def test_blocks_of_a_text_are_its_rows_at_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "table.csv", TABLE.slice(0, 500))
    for size in (1500, 2000, 2**20):
        monkeypatch.setattr(text_blocks, "PIECE", size)
        blocks = TableBlocks.of(path)
        assert blocks is not None
        assert blocks.whole().to_arrow().equals(read_table(path).to_arrow())


def test_a_compressed_text_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "PIECE", 5000)
    path = write(tmp_path / "table.csv", TABLE)
    packed = tmp_path / "table.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    blocks = TableBlocks.of(packed)
    assert blocks is not None
    assert blocks.whole().to_arrow().equals(read_table(path).to_arrow())


def test_a_text_in_another_encoding_is_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "PIECE", 300)
    path = tmp_path / "orte.csv"
    rows = [f"{at},Köln am Rhein,Straße {at},größer" for at in range(100)]
    path.write_bytes("\n".join(["x,Ort,Straße,Maß", *rows, ""]).encode("cp1252"))
    blocks = TableBlocks.of(path)
    assert blocks is not None
    assert blocks.whole().to_arrow().equals(read_table(path).to_arrow())


def test_a_dataset_keeps_its_filter(folder: Path) -> None:
    if any(folder.glob("*.feather")):
        pytest.skip("PyArrow's datasets read Arrow files, but no streams")
    form = {".parquet": "parquet", ".arrow": "ipc", ".csv": "csv"}[next(folder.glob("0.*")).suffix]
    files = [str(path) for path in sorted(folder.glob("[0-9].*"))]
    dataset = pyarrow.dataset.dataset(files, format=form).filter(pyarrow.dataset.field("count") < 10)
    blocks = TableBlocks.of(dataset)
    assert blocks is not None
    assert sum(len(block) for block in blocks.raw()) == blocks.rows == sum(at % 90 < 10 for at in range(5000))


def test_files_of_other_columns_are_refused(folder: Path) -> None:
    suffix = next(folder.glob("0.*")).suffix
    write(folder / f"9{suffix}", TABLE.select(["number", "word"]))
    with pytest.raises(TableError, match=r"File 4 of .* has the columns 'number', 'word', but the first has"):
        read_table(folder)


def test_columns_in_another_order_are_put_in_that_of_the_first_file(folder: Path) -> None:
    suffix = next(folder.glob("0.*")).suffix
    write(folder / f"9{suffix}", TABLE.select(TABLE.column_names[::-1]).slice(0, 10))
    assert read_table(folder).column_names == TABLE.column_names


def test_whole_numbers_in_one_file_and_decimals_in_another_are_numbers(tmp_path: Path) -> None:
    for number, values in enumerate(([1, 2, 3], [0.5, 1.5, None])):
        write(tmp_path / f"{number}.parquet", pa.table({"x": values, "y": ["a", "b", "c"]}))
    assert read_table(tmp_path).column("x").numbers.tolist()[:5] == [1, 2, 3, 0.5, 1.5]


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_damaged_file_is_named(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / f"0.{form}", TABLE)
    shutil.copy(path, tmp_path / f"1.{form}")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    (tmp_path / f"1.{form}").write_bytes(data[: middle + 500])
    with pytest.raises(TableError, match=rf"1\.{form}' is damaged"):
        read_table(tmp_path)


def test_no_file_and_no_table_are_said(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"No file fits the pattern '.*\*\.parquet'"):
        read_table(tmp_path / "*.parquet")
    with pytest.raises(TableError, match="is a directory without tables"):
        read_table(tmp_path)


def test_a_quotation_mark_that_is_never_closed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "PIECE", 100)
    path = tmp_path / "open.csv"
    path.write_text('a,b\n1,2\n3,"4\n' + "5,6\n" * 1000, encoding="utf-8")
    blocks = TableBlocks.of(path)
    assert blocks is not None
    with pytest.raises(TableError, match=r"never(?: be)? closed"):
        blocks.whole()


def test_what_is_in_memory_has_no_blocks() -> None:
    assert TableBlocks.of(TABLE) is None
    assert TableBlocks.of(TABLE.to_reader()) is None
    assert TableBlocks.of({"x": [1, 2]}) is None


@pytest.mark.parametrize(
    "line",
    ["{0},{1},", '{0}, "a, {1}"', "{0};{1},5", "{0},{1} Stück", "{0},,"],
    ids=["trailing separators", "blanks before quotes", "decimal comma", "late encoding", "empty column"],
)
def test_later_pieces_are_read_as_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(text_blocks, "PIECE", 3000)
    ends = "," if line.endswith(",") else ""
    lines = [f"x{';' if ';' in line else ','}y" + ends]
    lines += [
        line.format(at, at % 7).replace("Stück", "Stück" if at > 800 else "piece") for at in range(1000)
    ]
    path = tmp_path / "table.csv"
    path.write_bytes("\n".join([*lines, ""]).encode("cp1252"))
    blocks = TableBlocks.of(path)
    assert blocks is not None
    assert blocks.whole().to_arrow().equals(read_table(path).to_arrow())


def test_rows_without_values_stay_where_rows_are_predicted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n,\n3,4\n,\n", encoding="utf-8")
    schema = infer_schema(read_table({"a": [1, 2, 3], "b": [0.5, 1, 2]}), "b")
    blocks = TableBlocks.of(path)
    assert blocks is not None
    assert [block.num_rows for block in blocks.expecting(schema).raw()] == [4]
    assert read_table(path, like=schema).num_rows == 4


def test_other_separators_are_refused(tmp_path: Path) -> None:
    (tmp_path / "0.csv").write_text("a;b\n1,5;2\n2,5;3\n", encoding="utf-8")
    (tmp_path / "1.csv").write_text("a,b\n1.5,2\n2.5,3\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"1\.csv' has fields separated by ',', but .*0\.csv' by ';'"):
        read_table(tmp_path)


def test_parts_that_are_none(tmp_path: Path) -> None:
    write(tmp_path / "0.parquet", TABLE)
    for name in ("_temporary", ".hidden"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "1.parquet", TABLE)
    assert read_table(tmp_path).num_rows == 5000
    (tmp_path / "year=2024").mkdir()
    write(tmp_path / "year=2024" / "1.parquet", TABLE)
    with pytest.raises(
        TableError, match="has folders such as 'year=2024', whose names are values of a column"
    ):
        read_table(tmp_path)


def test_a_file_with_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "0.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (tmp_path / "1.csv").write_text("a,b\n", encoding="utf-8")
    assert read_table(tmp_path).num_rows == 2
