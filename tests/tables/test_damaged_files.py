"""A damaged Parquet or Arrow file is refused; it does not end the process, which is why it is read in another one."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import warnings

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from effort import HANG
from glassnet.errors import GlassnetError, TableError
from glassnet.tables import Encoder, infer_schema, read_table

pytest.importorskip("pyarrow", minversion="20", reason="older versions cannot cast views of strings")

ROWS = 120


def table() -> pa.Table:
    rng = np.random.default_rng(0)
    words = [["red", "green", "blue", None][at] for at in rng.integers(0, 4, ROWS)]
    return pa.table({
        "number": rng.normal(size=ROWS), "count": rng.integers(0, 9, ROWS), "word": words,
        "category": pa.array(words).dictionary_encode(),
        "day": pa.array(rng.integers(0, 9, ROWS), pa.int32()).cast(pa.date32()),
        "truth": rng.random(ROWS) > 0.5, "lists": [[1, 2]] * ROWS, "view": pa.array(words, pa.string_view()),
        "parts": [{"x": 1, "y": "q"}] * ROWS, "large": pa.array(words, pa.large_string()),
    })  # fmt: skip


def arrow(source: pa.Table, *, file: bool = True, compression: str | None = None) -> bytes:
    held = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with (pa.ipc.new_file if file else pa.ipc.new_stream)(held, source.schema, options=options) as writer:
        writer.write_table(source, max_chunksize=70)
    return held.getvalue()


def parquet_bytes(source: pa.Table, **options: object) -> bytes:
    held = io.BytesIO()
    parquet.write_table(source, held, **options)
    return held.getvalue()


def whole_files() -> list[bytes]:
    own = table()
    plain = own.drop(["view"])
    return [
        arrow(own), arrow(own, file=False), arrow(own, compression="zstd"), arrow(own, file=False, compression="lz4"),
        parquet_bytes(plain), parquet_bytes(plain, use_dictionary=False, compression="none", data_page_version="2.0"),
    ]  # fmt: skip


def damaged(data: bytes, rng: random.Random) -> bytes:
    """``data`` with a bit flipped, a number replaced, bytes missing or put in; at its ends more often than within."""
    where = rng.choice([range(2000), range(len(data) - 2000, len(data) - 8), range(len(data) - 8)])
    at = rng.choice([*where])
    how = rng.randrange(5)
    if how == 0:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if how == 1:
        number = rng.choice([-1, 0, -5, 2**31 - 1, 2**62]).to_bytes(8, "little", signed=True)
        length = rng.choice([4, 8])
        return data[:at] + number[:length] + data[at + length :]
    if how == 2:
        return data[:at]
    if how == 3:
        return data[:at] + data[at + rng.randrange(1, 40) :]
    return data[:at] + rng.randbytes(5) + data[at:]


def use(data: bytes) -> bool:
    """Read and encode; whether the file could be read."""
    try:
        found = read_table(io.BytesIO(data))
        for name in found.column_names:
            if found.column(name).is_usable:
                _ = found.column(name).words, found.column(name).numbers
        schema = infer_schema(found, found.column_names[0])
        Encoder.fit(found, schema).encode(found)
    except GlassnetError:
        return False
    return True


def test_damaged_files_neither_end_the_process_nor_raise_foreign_errors() -> None:
    code = f"import sys; sys.path[:0] = {sys.path!r}; import tables.test_damaged_files as own; own.try_damaged_files()"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG, check=False
    )
    assert ran.returncode == 0, ran.stdout[-300:] + ran.stderr[-3000:]
    assert int(ran.stdout.split()[-1]) > 100, "hardly any file was refused"


def try_damaged_files() -> None:
    """240 damaged files, among them the kinds that ended the process: wrong indices, offsets and lengths."""
    warnings.simplefilter("ignore")
    rng, refused = random.Random(5), 0
    for number, data in enumerate(whole_files() * 40):
        print(number, flush=True)
        refused += not use(damaged(data, rng))
    print("refused", refused)


def test_whole_files_are_read() -> None:
    assert all(map(use, whole_files()))


@pytest.mark.parametrize("index", [3, 100_000_000, -1])
@pytest.mark.parametrize("file", [True, False])
def test_an_index_beyond_the_dictionary_is_refused(index: int, file: bool) -> None:
    indices = pa.array([0, 1, 2, index], pa.int32())
    own = pa.table({"word": pa.DictionaryArray.from_arrays(indices, ["a", "b", "c"], safe=False)})
    with pytest.raises(TableError, match="damaged Arrow"):
        read_table(io.BytesIO(arrow(own, file=file)))


def test_offsets_beyond_the_text_are_refused() -> None:
    offsets = pa.py_buffer(np.array([0, 1, 10**8, 3], np.int32))
    own = pa.table({"word": pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"abc")])})
    with pytest.raises(TableError, match="damaged Arrow"):
        read_table(io.BytesIO(arrow(own, file=False)))


def test_a_file_whose_list_of_batches_is_wrong_is_refused() -> None:
    whole = arrow(pa.table({"a": [1, 2, 3]}))
    end = whole.rindex(b"\xff\xff\xff\xff\0\0\0\0")
    other = arrow(pa.table({"a": np.arange(200)}))  # two batches, and a list of two
    start = other.rindex(b"\xff\xff\xff\xff\0\0\0\0")
    with pytest.raises(TableError, match="damaged Arrow"):
        read_table(io.BytesIO(whole[:end] + other[start:]))


def test_parquet_pages_are_checked_where_they_have_a_checksum() -> None:
    numbers = np.arange(500.0)
    data = parquet_bytes(
        pa.table({"a": numbers}), write_page_checksum=True, compression="none", use_dictionary=False
    )
    place = data.index(numbers[100:102].tobytes())
    with pytest.raises(TableError, match="damaged Parquet"):
        read_table(io.BytesIO(data[:place] + b"\x01" + data[place + 1 :]))
