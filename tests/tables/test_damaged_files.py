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

from effort import HANG
from glassnet.errors import TableError
from glassnet.tables import read_table
from table_mutations import arrow, damaged, mutated, parquet_bytes, use, whole_files

pytest.importorskip("pyarrow", minversion="20", reason="older versions cannot cast views of strings")


def test_damaged_files_neither_end_the_process_nor_raise_foreign_errors() -> None:
    code = f"import sys; sys.path[:0] = {sys.path!r}; import tables.test_damaged_files as own; own.try_damaged_files()"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG, check=False
    )
    assert ran.returncode == 0, ran.stdout[-300:] + ran.stderr[-3000:]
    assert int(ran.stdout.split()[-1]) > 100, "hardly any file was refused"


def try_damaged_files() -> None:
    """240 damaged binary files, among them the kinds that ended the process, such as wrong offsets; and texts."""
    warnings.simplefilter("ignore")
    rng, refused = random.Random(5), 0
    for number, data in enumerate(whole_files() * 40):
        print(number, flush=True)
        refused += not use(damaged(data, rng))
    for number, (form, data) in enumerate(mutated(150, seed=0)):
        print(number, form, flush=True)
        use(data)
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
