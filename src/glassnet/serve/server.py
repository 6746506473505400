"""Serving with uvicorn: connections that are cut off when they are slow, and an end that loses no request."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from glassnet.errors import InputError
from glassnet.serve.app import Source, app
from glassnet.serve.http import SERVER, Refusal, refused, respond
from glassnet.serve.limits import Limits

HEAD = 64_000  # bytes of the headers of a request at most
IDLE_SECONDS = 60.0  # that a connection may stay open without a request
LINGER_SECONDS = 0.3  # at the end, that a connection may bring a request which is on its way
GRACE_SECONDS = 3.0  # at the end, for the answers
SWEEP_TICKS = 5  # tenths of a second between looks for slow connections
BACKLOG = 2048

logger = logging.getLogger("glassnet.serve")


def run(
    model: Source | Mapping[str, Source],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; requests that have arrived by then are answered.

    Args:
        model, token, limits: as for :func:`glassnet.serve.app`.
        host: the address that is listened at; the default is this computer alone.
        port: 0 takes a free one.

    Raises:
        InputError: the address cannot be used, or as :func:`glassnet.serve.app`.
        ModelFileError: as :func:`glassnet.serve.app`.
    """
    limits = limits or Limits()
    application = app(model, token=token, limits=limits)
    own = _bound(host, port)
    shown, number = own.getsockname()[:2]
    address = f"[{shown}]" if ":" in shown else shown
    print(f"Serving at http://{address}:{number}\nCtrl-C ends it.", flush=True)
    Server(application, limits).run(sockets=[own])


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens: what is asked before the server runs waits for it."""
    with ExitStack() as undone:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            own = undone.enter_context(socket.socket(family, socket.SOCK_STREAM))
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            own.bind(address)
            own.listen(BACKLOG)
        except OSError as error:
            raise InputError(
                f"{host}:{port} cannot be listened at ({error.strerror}); choose another."
            ) from None
        undone.pop_all()
    return own


class Server(uvicorn.Server):
    """uvicorn's server for an application, with its limits."""

    def __init__(self, application: Any, limits: Limits) -> None:
        def protocol(**arguments: Any) -> Connection:
            return Connection(limits, **arguments)

        super().__init__(
            uvicorn.Config(
                application,
                http=protocol,  # type: ignore[arg-type]
                ws="none",
                loop="auto",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=IDLE_SECONDS,  # type: ignore[arg-type]
                timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type]
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; the second Ctrl-C does not wait for answers."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        if counter % SWEEP_TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                connection.cut_off_if_slow(now)  # type: ignore[union-attr]
        return await super().on_tick(counter)


class Connection(HttpToolsProtocol):
    """A connection that is closed when its client is slower than the limits allow."""

    def __init__(self, limits: Limits, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.app_state = {**self.app_state, SERVER: True}
        self._limits = limits
        self._head = 0  # bytes of a request whose headers are not complete
        self._receiving: float | None = None  # since when a request is arriving
        self._sending: float | None = None  # since when the client has not taken all that was sent
        self._ending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._receiving = self.loop.time()
        if len(self.connections) > self._limits.connections:
            transport.write(_refusal(b"503 Service Unavailable", b"retry-after: 1\r\n"))
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._head > HEAD and self.parser is not None and not self.transport.is_closing():
            self.transport.write(_refusal(b"431 Request Header Fields Too Large"))
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving = self.loop.time()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._receiving, self._head = None, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._receiving is None and not self.pipeline:  # nothing more of this request: its memory is free
            self.cycle = self.scope = self.headers = None  # type: ignore[assignment]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        busy: Any = _busy
        super()._start_asgi_task(cycle, app if len(self.tasks) < self._limits.concurrency else busy)

    def cut_off_if_slow(self, now: float) -> None:
        """Close the connection if its client does not send or take what it should in time."""
        if not self.transport.get_write_buffer_size():
            self._sending = None
        elif self._sending is None:
            self._sending = now
        seconds = self._limits.seconds
        if self._sending is not None and now - self._sending > seconds:
            self.transport.abort()
        elif self._receiving is not None and now - self._receiving > seconds:
            self._receiving = now
            if self.cycle is not None and not self.cycle.response_started:
                self.transport.write(_refusal(b"408 Request Timeout"))
            self.transport.close()

    def shutdown(self) -> None:
        """Begin to end: answer what has arrived or is on its way, and close the connection then."""
        self._ending = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LINGER_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def _refusal(status: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\n%scontent-length: 0\r\nconnection: close\r\n\r\n" % (status, headers)


async def _busy(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(
        send, refused(Refusal(503, "the server has as many requests as it takes; try again later."))
    )
