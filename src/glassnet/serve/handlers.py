"""What is computed with a model, besides ``/predict``: inference in the V2 protocol, and explanations."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope

from glassnet.errors import InputError
from glassnet.serve.http import Answer, Handler, Refusal, header, query, read_body
from glassnet.serve.limits import Limits
from glassnet.serve.open_inference import interval_of, read_request, write_response
from glassnet.serve.predict import parsed
from glassnet.serve.served import Served
from glassnet.serve.slot import Slot
from glassnet.serve.workers import Workers
from glassnet.text import to_json

LENGTH = b"inference-header-content-length"


def infer(slot: Slot, limits: Limits, workers: Workers) -> Handler:
    """The handler of inference requests of the V2 protocol."""

    async def handle(scope: Scope, receive: Receive) -> Answer:
        body, length = await read_body(scope, receive, limits), header(scope, LENGTH)
        served = slot.served

        def work() -> tuple[bytes, int]:
            request, columns = read_request(body, length, [*served.model.encoder.slices])
            found, notes = served.predict_columns(columns, rows=limits.rows, interval=interval_of(request))
            return write_response(served, request, found, notes)

        content, text = await workers.run(work, receive)
        if not text:
            return Answer(content)
        return Answer(content, content_type=b"application/octet-stream", headers=[(LENGTH, b"%d" % text)])

    return handle


def explain(slot: Slot, limits: Limits, workers: Workers) -> Handler:
    """The handler that explains the prediction of one row.

    By default with the contribution of each column, with ``?what=arithmetic`` by every product, sum and activation.
    ``target`` names one of several targets of classes, ``output`` one of several numbers, or a class.
    """

    async def handle(scope: Scope, receive: Receive) -> Answer:
        body = await read_body(scope, receive, limits)
        row, served = parsed(body), slot.served
        asked = query(scope, ("what", "target", "output"))
        if asked.get("what", "contributions") not in ("contributions", "arithmetic"):
            raise Refusal(422, f"what is {asked['what']!r:.80}, but must be contributions or arithmetic.")
        return Answer(await workers.run(lambda: _explained(served, row, asked), receive))

    return handle


def _explained(served: Served, row: Any, asked: dict[str, str]) -> bytes:
    model = served.model.for_target(asked["target"]) if "target" in asked else served.model
    encoded = served.encode(row, 1, model)
    if asked.get("what") == "arithmetic":
        return to_json({"arithmetic": model.explain(encoded)}).encode()
    if model.stats is None:
        raise InputError("this model has no statistics of its training rows, from which contributions start.")
    return to_json({"contributions": model.attributions(encoded, output=asked.get("output"))}).encode()
