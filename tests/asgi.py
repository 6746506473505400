"""Requests to an ASGI application without a server, and servers in threads."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from effort import HANG


class Answer(NamedTuple):
    """What an application sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(application: Any, path: str, body: Any = None, method: str | None = None, **headers: str) -> Answer:
    """The answer to one request; a ``body`` that is not bytes is sent as JSON."""
    return asyncio.run(answer(application, path, body, method, **headers))


async def answer(
    application: Any, path: str, body: Any = None, method: str | None = None, **headers: str
) -> Answer:
    """As :func:`ask`, in a running event loop."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    own = {"content-length": str(len(data))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method or ("GET" if body is None else "POST"),
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in own.items()],
    }
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    fields = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], fields, b"".join(message.get("body", b"") for message in sent[1:]))


@contextmanager
def served(application: Any, limits: Any = None) -> Iterator[Any]:
    """The port of a server for an application, in a thread."""
    from glassnet.serve.limits import Limits
    from glassnet.serve.server import Server

    own = socket.socket()
    own.bind(("127.0.0.1", 0))
    server = Server(application, limits or Limits())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [own]})
    thread.start()
    try:
        end = time.monotonic() + HANG
        while not server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        yield own.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(HANG)
        assert not thread.is_alive()
