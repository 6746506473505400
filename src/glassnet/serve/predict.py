"""``/predict``: from the bytes of a request to those of its answer, on ASGI itself."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pyarrow as pa
from starlette.types import Receive, Scope, Send

from glassnet.serve.http import ARROW, JSON, Refusal, from_json, header, read_body, respond, to_json
from glassnet.serve.limits import Limits
from glassnet.serve.served import Served
from glassnet.serve.workers import Workers


class Predict:
    """The ASGI application that answers requests to predict with one model."""

    def __init__(self, served: Served, limits: Limits, workers: Workers) -> None:
        self.served, self._limits, self._workers = served, limits, workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(scope, receive, self._limits.body, self._limits.seconds)
        served = self.served
        arrow = header(scope, b"content-type").startswith(b"application/vnd.apache.arrow")
        wanted = header(scope, b"accept")
        as_arrow = b"vnd.apache.arrow" in wanted or (arrow and b"json" not in wanted)
        table = io.BytesIO(body) if arrow else parsed(body)
        if as_arrow:
            content = await self._workers.run(
                lambda: _stream(served.predict_table(table, rows=self._limits.rows))
            )
            await respond(send, 200, content, ARROW)
            return
        if type(table) is dict:
            found = served.predict_row(table)
            if found is not None:
                await respond(send, 200, to_json(found))
                return
        rows = self._limits.rows
        if isinstance(table, list) and len(table) > rows:
            raise Refusal(
                413, f"the request has {len(table):,} rows, but at most {rows:,} are taken; send several."
            )
        single = isinstance(table, dict)
        content = await self._workers.run(lambda: to_json(served.predict(table, rows=rows, single=single)))
        await respond(send, 200, content, JSON)


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


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    found: bytes = sink.getvalue().to_pybytes()
    return found
