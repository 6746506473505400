"""Columns of every type of pandas, polars, NumPy and Arrow are read, left out with a reason, or named in an error."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet.errors import TableError
from glassnet.tables import infer_schema, read_table

pytest.importorskip("pyarrow", minversion="20", reason="older versions cannot make these types")

N = 60
COUNT = np.arange(N)
WORDS = ["a", "b", None] * (N // 3)


def coded(*chunks: list[Any]) -> pa.ChunkedArray:
    """Dictionary-encoded values, a chunk for each list, in whose dictionaries None stands."""
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(pa.array([0, 1, 0] * 10), pa.array(own)) for own in chunks]
    )


RUNS = pa.array([20, 50, N], pa.int32())
NUMBERS: dict[str, tuple[Any, list[Any]]] = {
    "timedelta64[ns]": (
        pd.Series(pd.to_timedelta(COUNT * 200, unit="D")).astype("timedelta64[ns]"),
        [0, 17280000],
    ),
    "timedelta64[D]": (COUNT.astype("timedelta64[D]"), [0, 86400]),
    "timedelta64[ps]": (COUNT.astype("timedelta64[ps]") * 10**12, [0, 1]),
    "duration[ns]": (pa.array(COUNT * 10**17).cast(pa.duration("ns")), [0, 1e8]),
    "timedelta": ([timedelta(days=200 * at) for at in range(N)], [0, 17280000]),
    "polars.Duration": (pl.Series([timedelta(days=300 * at) for at in range(N)]), [0, 25920000]),
    "decimal256": (pa.array([Decimal(at) for at in range(N)], pa.decimal256(60, 2)), [0, 1]),
    "uint64": (COUNT.astype(np.uint64) * 2**58, [0, 2**58]),
    "Sparse": (pd.Series(pd.arrays.SparseArray(COUNT * 1.0)), [0, 1]),
    "Int64": (pd.Series([1, None, 3] * (N // 3), dtype="Int64"), [1, None]),
    "run-end encoded": (pa.RunEndEncodedArray.from_arrays(RUNS, pa.array([5.0, None, 2.0])), [5, 5]),
    "big endian": (COUNT.astype(">i4"), [0, 1]),
}
OTHERS: dict[str, tuple[Any, list[Any]]] = {
    "Period": (pd.Series(pd.period_range("2000-01", periods=N, freq="M")), ["2000-01", "2000-02"]),
    "Interval": (pd.Series(pd.interval_range(0, N)), ["(0, 1]", "(1, 2]"]),
    "cut": (pd.Series(pd.cut(COUNT, 4)), ["(-0.059, 14.75]", "(-0.059, 14.75]"]),
    "mixed": (pd.Series([1, "a", None] * (N // 3), dtype=object), ["1", "a"]),
    "boolean with words": (pd.Series([True, "x", None] * (N // 3), dtype=object), ["True", "x"]),
    "NA": (pd.Series([True, False, pd.NA] * (N // 3), dtype=object), [True, False]),
    "Categorical of numbers": (pd.Series(pd.Categorical([1, np.nan, 3] * (N // 3))), [1, None]),
    "nulls in two dictionaries": (coded(["a", None], [None, "b"]), ["a", None]),
    "nulls in two dictionaries of numbers": (coded([1.5, None], [None, 2.5]), [1.5, None]),
    "dictionary of views": (
        pa.DictionaryArray.from_arrays(pa.array([0, 1] * (N // 2)), pa.array(["a", "b"], pa.string_view())),
        ["a", "b"]),
    "run-end encoded words": (pa.RunEndEncodedArray.from_arrays(RUNS, pa.array(["a", None, "b"])), ["a", "a"]),
    "string_view": (pa.array(WORDS, pa.string_view()), ["a", "b"]),
    "bool8": (pa.ExtensionArray.from_storage(pa.bool8(), pa.array([0, 1, None] * (N // 3), pa.int8())), [False, True]),
    "json": (pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}", "[]", "1"] * (N // 3))), ["{}", "[]"]),
    "polars.Categorical": (pl.Series(WORDS, dtype=pl.Categorical), ["a", "b"]),
}  # fmt: skip
LEFT_OUT: dict[str, Any] = {
    "lists": pd.Series([[1, 2]] * N), "dicts": pd.Series([{"a": 1}] * N), "sets": pd.Series([{1}] * N),
    "arrays": pd.Series([np.arange(3)] * N), "bytes": [b"a", b"\xff", None] * (N // 3),
    "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes([at] * 16) for at in range(N)], pa.binary(16))),
    "polars.Array": pl.Series([[1, 2]] * N, dtype=pl.Array(pl.Int64, 2)),
    "polars.Struct": pl.Series([{"a": 1}] * N), "intervals of months": pa.array([pa.MonthDayNano([1, 1, 0])] * N),
}  # fmt: skip


def frames(column: Any) -> list[Any]:
    """The column in a dict, and in a table of its own library."""
    found: list[Any] = [{"c": column, "y": COUNT % 7}]
    if isinstance(column, pd.Series):
        found.append(pd.DataFrame(found[0]))
    if isinstance(column, pl.Series):
        found.append(pl.DataFrame(found[0]))
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        found.append(pa.table(found[0]))
    return found


@pytest.mark.parametrize("name", [*NUMBERS, *OTHERS])
def test_columns_of_this_type_are_read(name: str) -> None:
    column, expected = {**NUMBERS, **OTHERS}[name]
    for frame in frames(column):
        table = read_table(frame)
        assert table.column("c").to_list()[:2] == expected
        assert len(table.column("c").words.codes) == N
        if name in NUMBERS:
            assert infer_schema(table, "y").columns[0].type == "number"


@pytest.mark.parametrize("name", LEFT_OUT)
def test_columns_of_this_type_are_left_out(name: str) -> None:
    for frame in frames(LEFT_OUT[name]):
        table = read_table(frame).with_columns(read_table({"x": COUNT % 5}))
        own = infer_schema(table, "y").columns[0]
        assert own.type == "unusable"
        assert "not numbers, words or dates" in str(own.reason)


FAULTY: dict[str, Any] = {
    "complex": COUNT + 1j,
    "timestamp[s]": pa.array(COUNT * 10**14).cast(pa.timestamp("s")),
    "datetime64[s]": (COUNT * 10**15).astype("datetime64[s]"),
    "date32": pa.array((COUNT * 3 * 10**7).astype(np.int32)).cast(pa.date32()),
    "other length": [1, 2],
}


@pytest.mark.parametrize("name", FAULTY)
def test_an_error_names_the_column(name: str) -> None:
    with pytest.raises(TableError, match="'c'"):
        read_table({"c": FAULTY[name], "y": COUNT})


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns"])
def test_dates_of_every_unit_are_dates(unit: str) -> None:
    days = np.array(["2001-01-01", "2004-01-01"], f"datetime64[{unit}]")
    assert [str(day)[:4] for day in read_table({"day": days}).column("day").to_list()] == [
        str(day)[:4] for day in days
    ]
    assert read_table({"day": days}).column("day").is_timestamp


def test_days_of_all_years_are_read() -> None:
    days = [date(1, 1, 1), date(9999, 12, 31)]
    assert [day.date() for day in read_table({"day": days, "y": [1, 2]}).column("day").to_list()] == days


TEXT = ("a,b,c\n" + "".join(f"{at},{at * 7 % 13},w{at % 5}\n" for at in range(300))).encode()


def archive(method: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as own:
        own.writestr("rows.csv", TEXT)
    return held.getvalue()


PACKED: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(TEXT), "bz2": lambda: bz2.compress(TEXT), "xz": lambda: lzma.compress(TEXT),
    "zstd": lambda: pa.compress(TEXT, "zstd", asbytes=True), "zip": lambda: archive(zipfile.ZIP_DEFLATED),
    "zip of bz2": lambda: archive(zipfile.ZIP_BZIP2), "zip of xz": lambda: archive(zipfile.ZIP_LZMA),
}  # fmt: skip


@pytest.mark.parametrize("how", PACKED)
def test_damaged_archives_are_refused(how: str) -> None:
    rng, data, refused = random.Random(how), PACKED[how](), 0
    for _ in range(60):
        at, length = rng.randrange(len(data)), rng.choice([0, 1, 1, 4])
        damaged = data[:at] + rng.randbytes(length) + data[at + length :] if length else data[:at]
        try:
            read_table(io.BytesIO(damaged))
        except TableError:
            refused += 1
    assert refused > 20


def test_a_field_longer_than_a_block_is_read() -> None:
    long = "x" * 9_000_000
    table = read_table(io.BytesIO(f"a,b\n1,{long}\n2,y\n".encode()))
    assert table.column("b").to_list() == [long, "y"]
