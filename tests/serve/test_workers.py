"""Work in threads: what it used is free when it is done, also where it failed."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httptools")

from asgi import served
from glassnet.serve import Limits, app
from glassnet.serve.slot import Slot
from row_client import ROW, Own, model, request

ARROW = b"content-type: application/vnd.apache.arrow.stream"
WRONG = ROW.replace(b"0.5", b'"never"')
REQUESTS = {
    "many rows": (200, request(b"[" + b",".join([ROW] * 50) + b"]")),
    "explained": (200, request(path=b"/explain")),
    "a missing column": (422, request(b'{"b": "x"}')),
    "a wrong value": (422, request(WRONG)),
    "explained, wrong": (422, request(WRONG, path=b"/explain")),
    "too many rows": (413, request(b'{"a": [%s1]}' % (b"1," * 200))),
    "no Arrow": (422, request(b"\xff\xff\xff\xff" + bytes(40), ARROW)),
    "inference, wrong": (400, request(b'{"inputs": []}', path=b"/v2/models/m/infer")),
}


def asked(port: int, sent: bytes) -> int:
    """The status of the answer, on a connection of its own."""
    own = Own(port)
    try:
        return int(own.ask(sent)[0][0].split()[1])
    finally:
        own.close()


@pytest.mark.parametrize("kind", REQUESTS)
def test_requests_leave_nothing_to_the_garbage_collector(kind: str) -> None:
    status, sent = REQUESTS[kind]
    limits, count = Limits(rows=100), 10
    with served(app({"m": model()}, limits=limits), limits) as port:
        found = []
        gc.disable()
        try:
            for _ in range(3):  # not all collect what something else left once
                assert [asked(port, sent) for _ in range(count)] == [status] * count
                found.append(gc.collect())
            assert min(found) < count
        finally:
            gc.enable()


def test_a_model_that_was_replaced_is_free_though_requests_to_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.serve.slot.LOOK_SECONDS", 3600)
    slots: list[Slot] = []
    made = Slot.__init__

    def noted(self: Slot, *given: object) -> None:
        made(self, *given)  # type: ignore[arg-type]
        slots.append(self)

    monkeypatch.setattr(Slot, "__init__", noted)
    path = tmp_path / "m.glassnet"
    model().save(path)
    with served(app(path)) as port:
        first = weakref.ref(slots[0].served)
        gc.disable()
        try:
            for _, sent in REQUESTS.values():
                asked(port, sent)
            model().save(path)
            slots[0].look()
            slots[0].look()
            assert slots[0].replaced == 1
            for _ in range(2):  # which the new model answers
                asked(port, request())
            assert first() is None
        finally:
            gc.enable()
