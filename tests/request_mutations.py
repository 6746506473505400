"""Requests that are damaged in many ways, and what an application may answer to them."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from asgi import answer
from effort import HANG

ALLOWED = {200, 400, 404, 413, 422}
ARROW = "application/vnd.apache.arrow.stream"
VALUES: list[Any] = [
    {"binary_data_size": 3},
    None, True, 0, -1, 1.5, 1e308, -(2**63), 2**64, 10**40, "", " ", "NaN", "-inf", "1,234.5", "2024-02-30", "x" * 300,
    "\x00", "\u202e", "💥", [], [1], [[]], {}, {"a": 1}, [None] * 3, "true", "0x10", "١٢",
]  # fmt: skip
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"null",
    b"1e999",
    b"-",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"NaN",
]


class Sent(NamedTuple):
    """A request."""

    path: str
    body: bytes
    headers: dict[str, str]


def mutated(rows: list[dict[str, Any]], count: int, seed: int) -> Iterator[Sent]:
    """Requests for predictions, inference and explanations of some of ``rows``, each damaged in one to three ways."""
    draw = random.Random(seed)
    for _ in range(count):
        few = [dict(draw.choice(rows)) for _ in range(draw.randint(1, 3))]
        for _ in range(draw.randint(0, 2)):
            _change_cell(draw, few)
        form = draw.choice(["row", "rows", "columns", "infer", "arrow", "explain"])
        path, headers = "/predict", {}
        content: Any = few[0]
        if form == "rows":
            content = few
        elif form == "columns":
            content = {name: [row.get(name) for row in few] for name in few[0]}
        elif form == "infer":
            path, content = "/v2/models/model/infer", _infer(draw, few)
        elif form == "explain" and draw.random() < 0.1:
            path = "/explain"
        body = json.dumps(content).encode()
        if form == "arrow":
            body, headers = _arrow(draw, few), {"content_type": ARROW}
        if path == "/predict" and draw.random() < 0.1:
            path += (
                f"?interval={draw.choice(['0.5', '0.9', '', 'x', '-1', 'nan', '1e9', '0.5&interval=0.5'])}"
            )
        for _ in range(draw.choice([0, 0, 1, 2])):
            body = damaged_text(draw, body)
        yield Sent(path, body, headers)


def _change_cell(draw: random.Random, rows: list[dict[str, Any]]) -> None:
    row = draw.choice(rows)
    name = draw.choice([*row, "extra", " ", ""])
    if draw.random() < 0.2:
        row.pop(name, None)
    else:
        row[name] = draw.choice(VALUES)


def _infer(draw: random.Random, rows: list[dict[str, Any]]) -> dict[str, Any]:
    tensors = []
    for name in rows[0]:
        values = [row.get(name) for row in rows]
        tensor = {
            "name": name,
            "shape": [len(values)],
            "datatype": draw.choice(["BYTES", "FP64", "INT8"]),
            "data": values,
        }
        if draw.random() < 0.1:
            tensor[draw.choice([*tensor, "parameters"])] = draw.choice(VALUES)
        tensors.append(tensor)
    return {"inputs": tensors}


def _arrow(draw: random.Random, rows: list[dict[str, Any]]) -> bytes:
    try:
        table = pa.Table.from_pylist(rows)
    except (pa.ArrowException, OverflowError):
        table = pa.table({"a": [1]})
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type) and draw.random() < 0.5:
            table = table.set_column(at, field.name, table.column(at).dictionary_encode())
    options = pa.ipc.IpcWriteOptions(compression=draw.choice([None, "lz4", "zstd"]))
    sink = pa.BufferOutputStream()
    kind = draw.choice([pa.ipc.new_stream, pa.ipc.new_file])
    with kind(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=draw.choice([1, None]))
    found: bytes = sink.getvalue().to_pybytes()
    return found


def damaged_text(draw: random.Random, body: bytes) -> bytes:
    """``body`` with bytes missing, changed, put in or repeated."""
    at = draw.randrange(len(body) + 1)
    match draw.randrange(5):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes([draw.randrange(256)]) + body[at + 1 :]
        case 2:
            return body[:at] + draw.choice(TOKENS) + body[at:]
        case 3:
            return body[:at] + body[at + draw.randrange(1, 9) :]
        case _:
            return body[:at] + body[draw.randrange(len(body) + 1) :]


async def statuses(application: Any, requests: Iterable[Sent]) -> Counter[int]:
    """How many requests got which status.

    Raises:
        AssertionError: one got another than those in ``ALLOWED``.
    """
    found: Counter[int] = Counter()
    for sent in requests:
        async with asyncio.timeout(HANG):
            got = await answer(application, sent.path, sent.body, **sent.headers)
        assert got.status in ALLOWED, (got, sent)
        found[got.status] += 1
    return found
