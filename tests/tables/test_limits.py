"""How large a table may become: unpacking stops at a limit, and what is endless is no table."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import socket
import tempfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from glassnet.errors import TableError
from glassnet.tables import read_table
from glassnet.tables.read.limit import ALWAYS, Limit

pytest.importorskip("pyarrow", minversion="20", reason="older versions cannot make these types")

ONE_MEGABYTE = b"1,2\n" * 2**18


def packed(how: str, data: bytes) -> bytes:
    if how == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("rows.csv", data)
        return held.getvalue()
    if how == "zst":
        return bytes(pa.compress(data, "zstd", asbytes=True))
    return gzip.compress(data) if how == "gz" else bz2.compress(data) if how == "bz2" else lzma.compress(data)


def refusal(data: bytes, **options: object) -> str:
    with pytest.raises(TableError) as caught:
        read_table(io.BytesIO(data), **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("how", ["gz", "bz2", "xz", "zst", "zip"])
def test_unpacking_stops_at_the_limit(how: str) -> None:
    data = packed(how, ONE_MEGABYTE)
    assert "larger than 512 KiB" in refusal(data, max_size="512K")
    assert read_table(io.BytesIO(data), max_size="2M").num_rows == 2**18
    twice = packed("gz", data)
    assert "larger than 512 KiB" in refusal(twice, max_size=2**19)


def test_the_limit_is_a_gibibyte_or_a_hundred_times_the_file() -> None:
    assert Limit.of("a", 10).size == ALWAYS == 2**30
    assert Limit.of("a", 2**30).size == 100 * 2**30
    assert Limit.of("a", 2**30, 5).size == 5
    with pytest.raises(TableError, match=r"1 GiB.*max_size='64G'"):
        Limit.of("a").check(ALWAYS + 1)


def test_a_file_that_is_not_packed_has_no_limit(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(ONE_MEGABYTE)
    assert read_table(tmp_path / "rows.csv", max_size=1000).num_rows == 2**18


@pytest.mark.parametrize("size", [0, -1, "much", "1.5G", True, ""])
def test_a_size_that_is_none_is_refused(size: object) -> None:
    assert "max_size" in refusal(b"a,b\n1,2\n", max_size=size)


def test_archives_within_archives_are_refused() -> None:
    data = b"a,b\n1,2\n"
    for _ in range(20):
        data = gzip.compress(data)
    assert "compressed more than 3 times over" in refusal(data)


def arrow(table: pa.Table, compression: str | None = None) -> bytes:
    held = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(held, table.schema, options=options) as writer:
        writer.write_table(table)
    return held.getvalue()


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_arrow_declares_its_size(compression: str) -> None:
    table = pa.table({"a": np.zeros(10**5), "b": np.ones(10**5)})
    assert "larger than 1 MiB" in refusal(arrow(table, compression), max_size="1M")
    assert read_table(io.BytesIO(arrow(table, compression)), max_size="2M").num_rows == 10**5


def parquet_bytes(table: pa.Table) -> bytes:
    held = io.BytesIO()
    parquet.write_table(table, held)
    return held.getvalue()


LONG = "x" * 10_000
REPEATED = {
    "dictionary": pa.DictionaryArray.from_arrays(pa.array(np.zeros(10**4, np.int8)), [LONG]),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array([10**4], pa.int32()), pa.array([LONG])),
    "rows": pa.nulls(2**31 - 1),
}


@pytest.mark.parametrize("kind", REPEATED)
def test_what_stands_for_many_rows_counts_as_written_out(kind: str) -> None:
    assert "larger than 1 MiB" in refusal(arrow(pa.table({"a": REPEATED[kind]})), max_size="1M")


def test_parquet_counts_as_written_out() -> None:
    assert "larger than 1 MiB" in refusal(parquet_bytes(pa.table({"a": np.zeros(10**6)})), max_size="1M")
    words = pa.table({"a": [LONG] * 10**4})
    assert "larger than 1 MiB" in refusal(parquet_bytes(words), max_size="1M")


@pytest.mark.parametrize("beside", [{}, {"a": [1.5, 2.5], "l.list": ["x", "y"]}])
def test_lists_of_parquet_which_no_table_uses_are_not_read(beside: dict[str, list[object]]) -> None:
    """A kilobyte can hold a list of any length."""
    zeros = pa.array(np.zeros(10**6, np.int8))
    lists = pa.ListArray.from_arrays([0, 10**6, 10**6], zeros)
    records = pa.array([{"u": 1}, {"u": 2}])
    stream = io.BytesIO()
    parquet.write_table(pa.table({"l": lists, **beside, "s": records}), stream)
    assert len(stream.getvalue()) < 10_000
    before = pa.total_allocated_bytes()
    table = read_table(io.BytesIO(stream.getvalue()), max_size="1K")
    assert pa.total_allocated_bytes() - before < 10**5
    assert table.column_names == ["l", *beside, "s"]
    assert {name: table.column(name).to_list() for name in beside} == beside
    for name, own in (("l", lists), ("s", records)):
        assert table.column(name).to_list() == [None, None]
        assert table.column(name).type == own.type


def test_records_with_keys_of_their_own_are_no_table() -> None:
    records = [{f"key {number}": number} for number in range(20_000)]
    assert "larger than 1 GiB" in refusal(json.dumps(records).encode())
    with pytest.raises(TableError, match="larger than 1 GiB"):
        read_table(records)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_devices_sockets_and_pipes_without_a_writer_are_refused(tmp_path: Path) -> None:
    for device in ("/dev/zero", "/dev/null"):
        with pytest.raises(TableError, match="is a device"):
            read_table(device)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TableError, match="no program writes"):
        read_table(tmp_path / "pipe")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as held:
        held.bind(short + "/s")
        with pytest.raises(TableError, match="is a socket"):
            read_table(short + "/s")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_a_pipe_is_read_up_to_the_limit() -> None:
    assert from_pipe("16M") == 2**18
    with pytest.raises(TableError, match="larger than 512 KiB"):
        from_pipe("512K")


def from_pipe(max_size: str) -> int:
    """How many rows are read from a pipe that a thread writes to."""
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb", buffering=0) as pipe, contextlib.suppress(BrokenPipeError):
            pipe.write(ONE_MEGABYTE)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return read_table(f"/dev/fd/{reading}", max_size=max_size).num_rows
    finally:
        os.close(reading)
        writer.join()


def workbook(cells: dict[str, object]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book, held = openpyxl.Workbook(), io.BytesIO()
    for place, value in cells.items():
        book.active[place] = value
    book.save(held)
    return held.getvalue()


def test_a_workbook_with_a_cell_far_away_is_refused() -> None:
    cells: dict[str, object] = {"A1": "a", "B1": "b", "A2": 1, "B2": 2}
    assert read_table(io.BytesIO(workbook(cells))).num_rows == 1
    assert "larger than 1 GiB" in refusal(workbook({**cells, "XFD1048576": 3}))
    assert "larger than 1 KiB" in refusal(workbook(cells), max_size="1K")


@pytest.mark.parametrize("writer", ["write_sav", "write_dta"])
def test_files_of_statistics_programs_declare_their_size(writer: str, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    pandas = pytest.importorskip("pandas")
    getattr(pyreadstat, writer)(pandas.DataFrame({"a": np.zeros(1000)}), str(tmp_path / "t"))
    with pytest.raises(TableError, match="larger than 1 KiB"):
        read_table(tmp_path / "t", max_size="1K")
    assert read_table(tmp_path / "t", max_size="1M").num_rows == 1000
