"""``/predict``: from the bytes of a request to those of its answer, on ASGI itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
from starlette.types import Receive, Scope

from glassnet.serve.batch import Batch
from glassnet.serve.http import ARROW, Answer, Handler, Refusal, from_json, query, read_body, to_json
from glassnet.serve.limits import Limits
from glassnet.serve.slot import Slot
from glassnet.serve.workers import Workers

ARROW_TYPES = b"application/vnd.apache.arrow"  # with .stream or .file behind it
MAGIC = (b"ARROW1", b"\xff\xff\xff\xff")  # of a file, and of a stream


def predict(slot: Slot, limits: Limits, workers: Workers) -> Handler:
    """The handler of requests to predict with one model."""
    rows, batch = limits.rows, Batch(slot)

    async def handle(scope: Scope, receive: Receive) -> Answer:
        body, served = await read_body(scope, receive, limits), slot.served
        interval = wanted_interval(scope) if scope["query_string"] else None
        if interval is None and not mentions_arrow(scope) and (found := await batch.answer(body)) is not None:
            return Answer(found)
        given = wanted = b""
        for name, value in scope["headers"]:
            if name == b"content-type":
                given = value
            elif name == b"accept":
                wanted = value
        arrow = given.startswith(ARROW_TYPES)
        if arrow or ARROW_TYPES in wanted:
            if arrow and not body.startswith(MAGIC):
                raise Refusal(400, "the request is no Arrow file or stream, though its content type says so.")
            table = body if arrow else parsed(body)
            if ARROW_TYPES in wanted or b"json" not in wanted:

                def columns() -> bytes:
                    return arrow_stream(*served.predict_columns(table, rows=rows, interval=interval))

                return Answer(await workers.run(columns, receive), content_type=ARROW)
        else:
            table = parsed(body)
        if isinstance(table, list) and len(table) > rows:
            raise Refusal(
                413, f"the request has {len(table):,} rows, but at most {rows:,} are taken; send several."
            )
        single = isinstance(table, dict) and not any(isinstance(own, list) for own in table.values())

        def predictions() -> bytes:
            return to_json(served.predict(table, rows=rows, single=single, interval=interval))

        return Answer(await workers.run(predictions, receive))

    return handle


def wanted_interval(scope: Scope) -> float | None:
    """The parameter ``interval`` of a request.

    Raises:
        Refusal: it is no number, or there is another parameter.
    """
    text = query(scope, ["interval"]).get("interval")
    try:
        return None if text is None else float(text)
    except ValueError:
        raise Refusal(422, f"interval is {text!r:.80}, but must be a number such as 0.9.") from None


def mentions_arrow(scope: Scope) -> bool:
    """Whether the request may be Arrow, or ask for it."""
    return any(
        ARROW_TYPES in value for name, value in scope["headers"] if name in (b"content-type", b"accept")
    )


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
