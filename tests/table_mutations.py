"""Files of tables that are damaged in many ways, and what reading may make of them."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from glassnet.errors import GlassnetError
from glassnet.tables import Encoder, infer_schema, read_table
from request_mutations import VALUES, damaged_text

COLUMNS = ["number", "count", "word", "day", "truth", "amount"]
MARKS = [
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"|",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"#",
    b" ",
]
MOST = 50_000_000  # bytes that a table may have
ROWS = 120  # of binary files


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


def mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Files by the name of their form: CSV and JSON of a few rows, some of them packed; Parquet and Arrow."""
    rng, binary = random.Random(seed), whole_files()
    forms: dict[str, Callable[[], bytes]] = {
        "csv": lambda: _delimited(rng),
        "json": lambda: _json(rng),
        "binary": lambda: damaged(rng.choice(binary), rng),
    }
    for _ in range(count):
        form = rng.choice([*forms])
        content = forms[form]()
        if form != "binary" and rng.random() < 0.05:
            form, content = f"{form}.gz", gzip.compress(content, 1)
            content = content if rng.random() < 0.5 else damaged_text(rng, content)
        yield form, content


def _rows(rng: random.Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"number": at * 1.25, "count": at, "word": "abc"[at % 3], "day": f"2024-03-{at + 1:02}", "truth": at % 2 == 0,
         "amount": f"{at},{at:03} EUR"} for at in range(rng.choice([1, 3, 12, 28]))
    ]  # fmt: skip
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        row, name = rng.choice(found), rng.choice([*COLUMNS, "extra", "", " "])
        if rng.random() < 0.2:
            row.pop(name, None)
        else:
            row[name] = rng.choice(VALUES)
    return found


def _delimited(rng: random.Random) -> bytes:
    rows, mark = _rows(rng), rng.choice([",", ",", ";", "\t", "|"])
    lines = [mark.join(COLUMNS)] if rng.random() < 0.9 else []
    for row in rows:
        cells = [str(row.get(name, "")) for name in (COLUMNS if rng.random() < 0.97 else row)]
        quoted = rng.random() < 0.5
        lines.append(mark.join(f'"{cell}"' if quoted or mark in cell else cell for cell in cells))
    encoding = rng.choice(["utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "cp1252", "utf-8-sig"])
    content = rng.choice(["\n", "\n", "\r\n", "\r"]).join(lines).encode(encoding, "replace")
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        at = rng.randrange(len(content) + 1)
        if rng.random() < 0.5:
            content = content[:at] + rng.choice(MARKS) * rng.choice([1, 1, 2, 9]) + content[at:]
        else:
            content = damaged_text(rng, content)
    return content


def _json(rng: random.Random) -> bytes:
    rows = _rows(rng)
    forms: list[Callable[[], Any]] = [
        lambda: rows,
        lambda: {name: [row.get(name) for row in rows] for name in COLUMNS},
        lambda: {"data": rows},
        lambda: [[*row.values()] for row in rows],
    ]
    content = json.dumps(rng.choice(forms)(), ensure_ascii=rng.random() < 0.5).encode("utf-8", "replace")
    if rng.random() < 0.3:
        content = b"\n".join(json.dumps(row).encode() for row in rows)
    for _ in range(rng.choice([0, 0, 1, 2])):
        content = damaged_text(rng, content)
    return content


def use(data: bytes) -> bool:
    """Read and encode; whether the file could be read."""
    try:
        found = read_table(io.BytesIO(data), max_size=MOST)
        for name in found.column_names:
            if found.column(name).is_usable:
                _ = found.column(name).words, found.column(name).numbers
        schema = infer_schema(found, found.column_names[0])
        Encoder.fit(found, schema).encode(found)
    except GlassnetError:
        return False
    return True
