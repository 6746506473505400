"""A real server: clients that are slow are cut off, too many are refused, and an end loses no request."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httptools")

import glassnet
from asgi import served
from effort import HANG
from glassnet.cli import main
from glassnet.serve import Limits

ROW = {"a": 0.5, "b": "x"}
BODY = json.dumps(ROW).encode()
REQUEST = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("served") / "k.glassnet"
    table: dict[str, Any] = {"a": [0.1, 0.9, 0.2, 0.8] * 10, "b": ["x", "y"] * 20, "k": ["n", "y"] * 20}
    glassnet.train(table, "k", epochs=1, progress=False).save(own)
    return own


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=HANG)


def all_of(own: socket.socket) -> bytes:
    """What a connection receives until it is closed."""
    found = b""
    try:
        while part := own.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    own.close()
    return found


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /pre", REQUEST[:-5], b"POST /predict HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
)
def test_a_client_that_does_not_finish_its_request_is_cut_off(path: Path, sent: bytes) -> None:
    limits = Limits(seconds=0.2)
    with served(glassnet.serve.app(path, limits=limits), limits) as port:
        own = connected(port)
        own.sendall(sent)
        assert all_of(own)[:12] in (b"", b"HTTP/1.1 408")


def test_a_client_that_sends_drop_by_drop_is_cut_off(path: Path) -> None:
    limits = Limits(seconds=0.3)
    with served(glassnet.serve.app(path, limits=limits), limits) as port:
        own, start = connected(port), time.monotonic()
        with pytest.raises(OSError):
            for _ in range(HANG * 20):
                own.sendall(b"G")
                time.sleep(0.05)
        assert time.monotonic() - start < HANG
        own.close()


async def large(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        body = bytes(50_000_000)
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"50000000")]}
        )
        await send({"type": "http.response.body", "body": body})


def test_a_client_that_does_not_read_its_answer_is_cut_off() -> None:
    with served(large, Limits(seconds=0.3)) as port:
        own = connected(port)
        own.sendall(REQUEST)
        time.sleep(1.5)
        assert len(all_of(own)) < 50_000_000
        assert len(all_of_answer(port)) == 50_000_000


def all_of_answer(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)
    connection.request("POST", "/", b"")
    found = connection.getresponse().read()
    connection.close()
    return found


def test_headers_without_an_end_are_refused(path: Path) -> None:
    with served(glassnet.serve.app(path)) as port:
        own = connected(port)
        own.sendall(b"GET /models HTTP/1.1\r\n" + b"x-a: b\r\n" * 20_000)
        assert all_of(own).startswith(b"HTTP/1.1 431")


def test_what_is_no_http_is_refused(path: Path) -> None:
    with served(glassnet.serve.app(path)) as port:
        own = connected(port)
        own.sendall(bytes(range(256)) * 4)
        assert all_of(own).startswith(b"HTTP/1.1 400")


async def waits(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await asyncio.sleep(0.5)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def test_what_is_too_much_gets_503() -> None:
    with served(waits, Limits(concurrency=1)) as port:
        several = [connected(port) for _ in range(3)]
        for own in several:
            own.sendall(REQUEST)
        answers = sorted(own.recv(65536) for own in several)
        for own in several:
            own.close()
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200", b"HTTP/1.1 503", b"HTTP/1.1 503"]
    assert b"retry-after: 1\r\n" in answers[1]


def test_at_the_end_refusals_are_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.serve.connection.LINGER_SECONDS", 1.0)
    with served(waits, Limits(concurrency=1)) as port:
        several = [connected(port) for _ in range(3)]
        several[0].sendall(REQUEST)
        several[1].sendall(REQUEST)
        time.sleep(0.1)
        threading.Timer(0.2, several[2].sendall, [REQUEST]).start()  # when the server is about to end
    answers = [all_of(own)[:12] for own in several]
    assert answers[:2] == [b"HTTP/1.1 200", b"HTTP/1.1 503"]
    assert answers[2] in (b"HTTP/1.1 503", b"HTTP/1.1 200")  # the latter if the first was answered before


def test_connections_are_limited(path: Path) -> None:
    limits = Limits(connections=2)
    with served(glassnet.serve.app(path, limits=limits), limits) as port:
        several = [connected(port) for _ in range(2)]
        for own in several:
            own.sendall(REQUEST)
            assert own.recv(65536).startswith(b"HTTP/1.1 200")
        assert all_of(connected(port)).startswith(b"HTTP/1.1 503")
        several[0].close()
        time.sleep(0.2)
        again = connected(port)
        again.sendall(REQUEST)
        assert again.recv(65536).startswith(b"HTTP/1.1 200")
        for own in (*several, again):
            own.close()


class Client(threading.Thread):
    """Sends one request after the other; what had no answer is lost."""

    def __init__(self, port: int, ends: threading.Event) -> None:
        super().__init__()
        self.port, self.ends, self.answered, self.lost = port, ends, 0, 0

    def run(self) -> None:
        own = connected(self.port)
        while not self.ends.is_set():
            own.sendall(REQUEST)
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                part = own.recv(65536)
                if not part:
                    self.lost += 1
                    return
                answer += part
            assert answer.startswith(b"HTTP/1.1 200")
            self.answered += 1
            if b"connection: close" in answer:
                break
        own.close()


@pytest.fixture
def process(path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "glassnet", "serve", str(path), "--port", "0"]
    own = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert own.stdout is not None
    first = own.stdout.readline()
    yield own, int(first.rpartition(":")[2])
    own.kill()
    own.communicate()


def test_an_end_under_load_loses_no_request(process: tuple[subprocess.Popen[str], int]) -> None:
    own, port = process
    ends = threading.Event()
    clients = [Client(port, ends) for _ in range(8)]
    for client in clients:
        client.start()
    while not all(client.answered > 20 for client in clients):
        time.sleep(0.01)
    own.send_signal(signal.SIGTERM)
    assert own.wait(HANG) == 0
    for client in clients:
        client.join(HANG)
    assert [client.lost for client in clients] == [0] * 8
    assert own.stderr is not None
    assert own.stderr.read() == ""


def test_a_request_on_its_way_at_the_end_is_answered(path: Path) -> None:
    with served(glassnet.serve.app(path)) as port:
        own = connected(port)
        own.sendall(REQUEST)
        answer = b""
        while not answer.endswith(b"}"):
            answer += own.recv(65536)
        own.sendall(REQUEST)
    answer = all_of(own)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"}")


def test_the_command_says_what_is_wrong(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(glassnet.serve.app(path)) as port:
        assert main(["serve", str(path), "--port", str(port)]) != 0
    assert f"127.0.0.1:{port} cannot be listened at" in capsys.readouterr().err
    assert main(["serve", str(path), str(path)]) != 0
    assert "two models have the name 'k'" in capsys.readouterr().err
    assert main(["serve", "nowhere.glassnet"]) != 0
    assert main(["serve", str(path), "--max-rows", "0"]) != 0
    assert "rows is 0" in capsys.readouterr().err
