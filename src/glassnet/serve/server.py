"""Serving with uvicorn: its server, with the limits of :class:`Limits` and an end that loses no request."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from types import FrameType
from typing import Any

import uvicorn

from glassnet.errors import InputError
from glassnet.serve.app import Source, app
from glassnet.serve.connection import Connection
from glassnet.serve.limits import Limits
from glassnet.serve.shared import Connections

GRACE_SECONDS = 3.0  # at the end, for the answers
SWEEP_TICKS = 5  # tenths of a second between looks for slow connections
BACKLOG = 2048
ACCEPTED = 8  # connections in a turn of the event loop at most


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
        self._shared = shared = Connections(application, limits)

        def protocol(**arguments: Any) -> Connection:
            return Connection(shared, **arguments)

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
                timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type]
            )
        )

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until the end. In a turn, uvloop accepts one connection of each socket: so it gets several."""
        own, more = sockets or [], ACCEPTED - 1 if find_spec("uvloop") else 0
        super().run([*own, *(each.dup() for each in own for _ in range(more))])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; the second Ctrl-C does not wait for answers."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        ends, now = await super().on_tick(counter), asyncio.get_running_loop().time()
        self._shared.use_headers(self.server_state.default_headers)
        self._shared.release(now)
        if counter % SWEEP_TICKS == 0:
            for connection in list(self.server_state.connections):
                connection.cut_off_if_slow(now)  # type: ignore[union-attr]
        return ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._shared.ending = True
        self._shared.release(asyncio.get_running_loop().time())
        await super().shutdown(sockets)
