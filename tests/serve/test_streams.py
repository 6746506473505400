"""Streams of requests, and clients that harm: answers stay in order, and memory is bounded and freed."""

from __future__ import annotations

import asyncio
import gc
import random
import time
import weakref
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httptools")

from asgi import served
from effort import HANG
from glassnet.serve.batch import Batch
from glassnet.serve.connection import Connection
from row_client import ROW, Own, connected, request, undated


async def delayed(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the path, which is the time that it takes."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        body = scope["path"].encode()
        await asyncio.sleep(float(scope["path"][1:]))
        head = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


def test_slow_requests_one_behind_the_other_are_answered_in_order() -> None:
    paths = [b"/0.1", b"/0.02", b"/0.05", b"/0.01", b"/0"]
    with served(delayed) as port:
        own = Own(port)
        for path in paths:
            own.socket.sendall(request(path=path))
            time.sleep(0.02)
        own.socket.sendall(b"".join(request(path=path) for path in paths))
        assert [own.answer()[1] for _ in range(10)] == paths * 2
        own.close()


@pytest.mark.parametrize(
    "line", [b"a: b", b"expect: nothing"]
)  # of which no head with the latter is remembered
def test_a_client_that_sends_without_reading_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    held: list[int] = []
    go_on = Connection._continue

    def noted(self: Connection) -> None:
        held.append(len(self._later))
        assert len(self.pipeline) < 2
        go_on(self)

    monkeypatch.setattr(Connection, "_continue", noted)
    with connected() as own:
        own.ask(request(ROW, line))
        own.socket.setblocking(False)
        many, sent, end = request(ROW, line) * 1000, 0, time.monotonic() + HANG
        while time.monotonic() < end and len(held) < 1000:
            try:
                sent += own.socket.send(many[sent % len(many) :])
            except BlockingIOError:
                time.sleep(0.01)
    assert len(held) >= 1000
    assert max(held) < 600_000  # two reads of uvloop


def test_how_a_stream_is_divided_does_not_matter() -> None:
    chunks = b"7\r\n" + ROW[:7] + b"\r\n%x\r\n" % len(ROW[7:]) + ROW[7:] + b"\r\n0\r\n\r\n"
    kinds = [
        request(), request(b'{"a": 0.9, "b": "y"}'), request(b'{"a": 1}'), request(b'{"a": 0.5, \r\n\r\n"b": "x"}'),
        b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + chunks,
        b"GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n", request(b"[%s]" % b",".join([ROW] * 100)),
        request(path=b"/explain"), request(b"\r\n\r\n" * 2000), request(path=b"/nowhere"),
    ]  # fmt: skip
    draw = random.Random(0)
    with connected() as own:
        expected = [undated(own.ask(kind)) for kind in kinds]
        for longest in [1, 30, 300, 3000, 100_000] * 4:
            sent = [draw.choice([0, draw.randrange(len(kinds))]) for _ in range(12)]
            stream, at = b"".join(kinds[kind] for kind in sent), 0
            while at < len(stream):
                size = draw.randint(1, longest) if at < 5000 else len(stream)
                own.socket.sendall(stream[at : at + size])
                at += size
            assert [undated(own.answer()) for _ in sent] == [expected[kind] for kind in sent]


def test_several_new_connections_are_accepted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    predict = Batch._predict

    def noted(self: Batch) -> None:
        sizes.append(len(self._waiting))
        time.sleep(0.1)
        predict(self)

    with connected() as own:
        own.ask(request())
        monkeypatch.setattr(Batch, "_predict", noted)
        own.socket.sendall(request())
        time.sleep(0.02)  # the event loop is busy
        several = [Own(own.socket.getpeername()[1]) for _ in range(16)]
        for each in several:
            each.socket.sendall(request())
        for each in several:
            assert each.answer()[0][0] == b"HTTP/1.1 200 OK"
            each.close()
    assert sum(sizes) == 17
    assert len(sizes) < 9, sizes


def test_closed_connections_leave_nothing_to_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    alive: weakref.WeakSet[Connection] = weakref.WeakSet()
    made = Connection.connection_made

    def noted(self: Connection, transport: Any) -> None:
        alive.add(self)
        made(self, transport)

    monkeypatch.setattr(Connection, "connection_made", noted)
    gc.disable()
    try:
        with connected() as own:
            for sent in (
                request(),
                request(),
                b"GET /models HTTP/1.1\r\nhost: x\r\n\r\n",
                request()[:40],
                b"",
            ):
                other = Own(own.socket.getpeername()[1])
                other.socket.sendall(sent)
                if sent.endswith((b"}", b"\n\r\n")):
                    other.answer()
                other.close()
            own.ask(request())
            end = time.monotonic() + HANG
            while len(alive) > 1 and time.monotonic() < end:
                time.sleep(0.05)
            assert len(alive) == 1
    finally:
        gc.enable()
