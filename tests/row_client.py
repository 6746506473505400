"""A client of a real server that sends rows, and reads one answer after the other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import glassnet
from asgi import served
from effort import HANG

ROW = b'{"a": 0.5, "b": "x"}'


def request(body: bytes = ROW, *lines: bytes, path: bytes = b"/predict") -> bytes:
    head = [b"POST %s HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(body), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@cache
def model() -> glassnet.Model:
    table: dict[str, Any] = {"a": [0.1, 0.9, 0.2, 0.8] * 10, "b": ["x", "y"] * 20, "k": ["n", "y"] * 20}
    return glassnet.train(table, "k", epochs=1, progress=False)


class Own:
    """A connection to a server."""

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


@contextmanager
def connected(limits: Any = None, **options: Any) -> Iterator[Own]:
    from glassnet.serve import Limits, app

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
