"""Tables in several parts: readers of record batches, datasets, lists and iterators of tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from pyarrow import parquet

import glassnet
from glassnet.errors import InputTypeError, TableError
from glassnet.tables import read_table

WHOLE = pa.table(
    {"size": [1.5 * at for at in range(40)], "color": ["red", "blue"] * 20, "y": ["u", "u", "v", "v"] * 10}
)
BATCHES = WHOLE.to_batches(max_chunksize=7)


class Stream:
    """A result of a database: an object that only exports an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return WHOLE.__arrow_c_stream__(requested_schema)


def in_files(folder: Path) -> Any:
    for number, batch in enumerate(BATCHES):
        parquet.write_table(pa.table(batch), folder / f"{number}.parquet")
    return ds.dataset(folder)


SOURCES: dict[str, Callable[[Path], Any]] = {
    "reader": lambda _: pa.RecordBatchReader.from_batches(WHOLE.schema, BATCHES),
    "dataset": in_files,
    "scanner": lambda folder: in_files(folder).scanner(),
    "list": lambda _: BATCHES,
    "generator": lambda _: (batch for batch in BATCHES),
    "tables": lambda _: (pa.table(batch) for batch in BATCHES),
    "frames": lambda _: [WHOLE.slice(0, 9).to_pandas(), WHOLE.slice(9).to_pandas()],
    "chunks": lambda _: pd.read_csv(io.StringIO(WHOLE.to_pandas().to_csv(index=False)), chunksize=7),
    "rows": lambda _: iter(WHOLE.to_pylist()),
    "stream": lambda _: Stream(),
}


@pytest.mark.parametrize("name", SOURCES)
def test_parts_are_read_as_the_whole(name: str, tmp_path: Path) -> None:
    assert read_table(SOURCES[name](tmp_path)).to_arrow().equals(read_table(WHOLE).to_arrow())


@pytest.mark.parametrize("name", ["reader", "dataset", "generator"])
def test_training_and_predicting_from_parts(name: str, tmp_path: Path) -> None:
    own = [
        glassnet.train(source, "y", epochs=2, seed=1, recipe="single")
        for source in (WHOLE, SOURCES[name](tmp_path))
    ]
    assert (own[0].learnt.vector == own[1].learnt.vector).all()
    expected = own[0].predict(WHOLE)
    assert (own[0].predict(SOURCES[name](tmp_path)) == expected).all()
    assert own[0].evaluate(SOURCES[name](tmp_path))["accuracy"] == own[0].evaluate(WHOLE)["accuracy"]


def test_columns_may_be_in_another_order_and_whole_numbers_may_become_decimals() -> None:
    parts = [pa.record_batch({"a": [1, 2], "b": ["x", "y"]}), pa.record_batch({"b": ["z"], "a": [0.5]})]
    assert read_table(parts).to_arrow().to_pydict() == {"a": [1.0, 2.0, 0.5], "b": ["x", "y", "z"]}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            [pa.record_batch({"a": [1]}), pa.record_batch({"b": [1]})],
            "Part 2 of the table has the columns 'b'",
        ),
        ([pa.record_batch({"a": [1]}), pa.record_batch({"a": ["x"]})], "different types"),
        (iter([]), "no rows"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: Any, said: str) -> None:
    with pytest.raises(TableError, match=said):
        read_table(parts)


@pytest.mark.parametrize("source", [[[1, 2], [3, 4]], iter([1, 2]), [1, pa.record_batch({"a": [1]})]])
def test_lists_of_other_things_are_no_tables(source: Any) -> None:
    with pytest.raises(InputTypeError):
        read_table(source)


def test_a_reader_that_fails_or_is_exhausted_is_refused() -> None:
    def failing() -> Any:
        yield BATCHES[0]
        raise OSError("the connection was lost")

    with pytest.raises(TableError, match="connection was lost"):
        read_table(pa.RecordBatchReader.from_batches(WHOLE.schema, failing()))
    reader = SOURCES["reader"](Path())
    reader.read_all()
    with pytest.raises(TableError, match="no rows"):
        read_table(reader)


def test_damaged_batches_are_refused() -> None:
    whole = pa.record_batch({"a": ["ab", "cd"]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_batch(whole)
    offsets = np.array([0, 2, 4], np.int32).tobytes()
    damaged = sink.getvalue().to_pybytes().replace(offsets, np.array([0, 2, 2**31 - 1], np.int32).tobytes())
    assert len(damaged) == sink.getvalue().size
    with pytest.raises(TableError, match="cannot be read"):
        read_table(pa.ipc.open_stream(damaged))
