"""Requests whose head was parsed before: the same answers as through the parser and the application."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import socket
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httptools")

import glassnet
from asgi import served
from effort import HANG
from glassnet.serve import Limits, app
from glassnet.serve.batch import Batch, _uncounted
from glassnet.serve.connection import Connection

ROW = b'{"a": 0.5, "b": "x"}'


def request(body: bytes = ROW, *lines: bytes, path: bytes = b"/predict") -> bytes:
    head = [b"POST %s HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(body), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@cache
def model() -> glassnet.Model:
    table: dict[str, Any] = {"a": [0.1, 0.9, 0.2, 0.8] * 10, "b": ["x", "y"] * 20, "k": ["n", "y"] * 20}
    return glassnet.train(table, "k", epochs=1, progress=False)


class Own:
    """A connection to a server, and how many rows were added to a batch so far."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=HANG)
        self.read = self.socket.makefile("rb")

    def answer(self) -> tuple[list[bytes], bytes]:
        lines: list[bytes] = []
        while line := self.read.readline().strip():
            lines.append(line)
        lengths = [line for line in lines if line.startswith(b"content-length")]
        return lines, self.read.read(int(lengths[0].partition(b":")[2])) if lengths else b""

    def close(self) -> None:
        self.read.close()
        self.socket.close()

    def ask(self, sent: bytes) -> tuple[list[bytes], bytes]:
        self.socket.sendall(sent)
        return self.answer()


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that connections have added to batches themselves."""
    bodies: list[bytes] = []
    add = Batch.add

    def noted(self: Batch, body: bytes, reply: Any) -> bool:
        if self.count is not _uncounted:
            bodies.append(body)
        return add(self, body, reply)

    monkeypatch.setattr(Batch, "add", noted)
    return bodies


@contextmanager
def connected(limits: Limits | None = None, **options: Any) -> Iterator[Own]:
    limits = limits or Limits()
    with served(app(model(), limits=limits, **options), limits) as port:
        own = Own(port)
        try:
            yield own
        finally:
            own.close()


def undated(answer: tuple[list[bytes], bytes]) -> tuple[list[bytes], bytes]:
    lines, body = answer
    return [line for line in lines if not line.startswith(b"date")], body


def test_the_second_request_has_the_answer_of_the_first(added: list[bytes]) -> None:
    with connected() as own:
        first = own.ask(request())
        assert added == []
        second = own.ask(request())
        other = own.ask(request(b'{"a": 0.9, "b": "y"}'))
        assert added == [ROW, b'{"a": 0.9, "b": "y"}']
        assert undated(first) == undated(second)
        assert [line[:6] for line in first[0]] == [line[:6] for line in second[0]]  # a date, too
        assert json.loads(other[1])["prediction"] == model().predict({"a": 0.9, "b": "y"})[0]
        metrics = own.ask(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")[1]
        assert b'path="/predict",status="200"} 3.0' in metrics


def test_requests_one_behind_the_other_are_answered_in_order(added: list[bytes]) -> None:
    with connected() as own:
        expected = [own.ask(request(body))[1] for body in (ROW, b'{"a": 0.1, "b": "y"}', b'{"a": 1}')]
        bodies = [ROW, b'{"a": 0.1, "b": "y"}', b'{"a": 1}', ROW, ROW]
        own.socket.sendall(b"".join(map(request, bodies)) + request()[:30])
        found = [own.answer()[1] for _ in bodies]
        assert found == [expected[at] for at in (0, 1, 2, 0, 0)]
        assert own.ask(request()[30:])[1] == expected[0]
        assert len(added) > 2


def test_a_row_that_cannot_be_used_is_refused_with_its_faults(added: list[bytes]) -> None:
    wrong = [ROW.replace(b"0.5", b'"q"'), ROW.replace(b'"a"', b'"c"'), b"x" * len(ROW), b" " * len(ROW)]
    with connected() as own:
        own.ask(request())
        for body in wrong:
            lines, found = own.ask(request(body))
            assert lines[0].split()[1] in (b"400", b"422")
            assert json.loads(found)["faults"]
        assert len(added) >= len(wrong)
        assert own.ask(request())[0][0] == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("body", "lines", "path"),
    [
        (ROW, [b"accept: application/vnd.apache.arrow.stream"], b"/predict"),
        (ROW, [b"expect: 100-continue"], b"/predict"),
        (ROW, [], b"/predict?what=1"),
        (ROW, [], b"/explain"),
        (ROW, [b"x: " + b"y" * 3000], b"/predict"),
        (b"[" + ROW + b"]", [], b"/nowhere"),
    ],
)
def test_other_requests_are_parsed_each_time(
    added: list[bytes], body: bytes, lines: list[bytes], path: bytes
) -> None:
    with connected() as own:
        for _ in range(3):
            found = own.ask(request(body, *lines, path=path))
            if found[0][0].endswith(b"Continue"):
                own.answer()
    assert added == []


def test_a_body_with_the_end_of_a_head_is_no_head(added: list[bytes]) -> None:
    body = b'{"a": 0.5, \r\n\r\n"b": "x"}'
    with connected() as own:
        answers = [own.ask(request(body)) for _ in range(3)]
        assert [answer[0][0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 3
        assert own.ask(b"\r\n" + request())[0][0] == b"HTTP/1.1 200 OK"
        assert own.ask(request().replace(b"\r\n", b"\n"))[0][0] != b"HTTP/1.1 500"
    assert added == [body] * 2


def test_only_requests_with_the_token_are_remembered(added: list[bytes]) -> None:
    with connected(token="secret") as own:
        for _ in range(3):
            assert own.ask(request(ROW, b"authorization: Bearer wrong"))[0][0].split()[1] == b"401"
        assert added == []
        for _ in range(2):
            assert own.ask(request(ROW, b"authorization: Bearer secret"))[0][0].split()[1] == b"200"
        assert added == [ROW]
        assert own.ask(request())[0][0].split()[1] == b"401"


def test_too_many_at_once_are_refused_and_may_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.serve.shared.HOLD_SECONDS", 0.1)
    predict = Batch._predict

    def slowly(self: Batch) -> None:
        time.sleep(0.05)
        predict(self)

    with connected(Limits(concurrency=2)) as own:
        several = [own, *(Own(own.socket.getpeername()[1]) for _ in range(10))]
        for each in several:
            assert each.ask(request())[0][0] == b"HTTP/1.1 200 OK"
        monkeypatch.setattr(Batch, "_predict", slowly)
        for each in several:
            each.socket.sendall(request())
        answers = [each.answer() for each in several]
        found = [lines[0].split()[1] for lines, _ in answers]
        assert set(found) == {b"200", b"503"}
        refused, body = answers[found.index(b"503")]
        assert b"retry-after: 1" in refused
        assert "as many requests" in json.loads(body)["error"]
        again = several[found.index(b"503")]
        assert again.ask(request())[0][0] == b"HTTP/1.1 200 OK"  # the connection is kept
        metrics = again.ask(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")[1]
        assert b'path="/predict",status="503"} %d.0' % found.count(b"503") in metrics
        for each in several[1:]:
            each.close()


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
