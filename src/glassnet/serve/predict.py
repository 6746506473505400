"""``/predict``: from the bytes of a request to those of its answer, on ASGI itself."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pyarrow as pa
from starlette.types import Receive, Scope, Send

from glassnet.serve.http import ARROW, Refusal, from_json, header, read_body, respond, to_json
from glassnet.serve.limits import Limits
from glassnet.serve.slot import Slot
from glassnet.serve.workers import Workers

ARROW_TYPES = b"application/vnd.apache.arrow"  # with .stream or .file behind it


class Predict:
    """The ASGI application that answers requests to predict with one model."""

    def __init__(self, slot: Slot, limits: Limits, workers: Workers) -> None:
        self._slot, self._limits, self._workers = slot, limits, workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(scope, receive, self._limits)
        served, rows = self._slot.served, self._limits.rows
        arrow = header(scope, b"content-type").startswith(ARROW_TYPES)
        wanted = header(scope, b"accept")
        table = io.BytesIO(body) if arrow else parsed(body)
        if ARROW_TYPES in wanted or (arrow and b"json" not in wanted):
            content = await self._workers.run(lambda: arrow_stream(*served.predict_columns(table, rows=rows)))
            await respond(send, 200, content, ARROW)
            return
        if type(table) is dict:
            found = served.predict_row(table)
            if found is not None:
                await respond(send, 200, to_json(found))
                return
        if isinstance(table, list) and len(table) > rows:
            raise Refusal(
                413, f"the request has {len(table):,} rows, but at most {rows:,} are taken; send several."
            )
        single = isinstance(table, dict)
        content = await self._workers.run(lambda: to_json(served.predict(table, rows=rows, single=single)))
        await respond(send, 200, content)


def parsed(body: bytes) -> Any:
    """The JSON of a request.

    Raises:
        Refusal: it is none.
    """
    try:
        return from_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            400,
            f"the request is not JSON: {error}. Send an object with the columns of a row, an array of such objects, or "
            "Arrow with its content type, application/vnd.apache.arrow.stream.",
        ) from None


def arrow_stream(columns: dict[str, Any], notes: list[str]) -> bytes:
    """Columns as an Arrow stream, with the notes as JSON in the metadata of its schema."""
    table = pa.table(columns, metadata={"notes": to_json(notes)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    found: bytes = sink.getvalue().to_pybytes()
    return found
