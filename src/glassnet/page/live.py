"""The live page's server: Starlette on uvicorn, for this computer alone.

Every request needs the token of the page's address, comes to the host that the server is bound to, and from its own
pages. What the browser sends is data: a table's bytes go to :mod:`glassnet.tables`, and no name of it is ever a path.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from glassnet.errors import GlassnetError, InputError
from glassnet.page.downloads import FILES
from glassnet.page.guard import Guard, fault
from glassnet.page.html import page
from glassnet.page.session import Session
from glassnet.page.sources import read_upload

HOST = "127.0.0.1"
PORT = 8765
UPLOAD_LIMIT = 64_000_000  # bytes
UPDATES_PER_SECOND = 20
SHARE = 0.005  # of a core that serving may take from a training that runs as fast as it can
LONGEST_PAUSE = 2.0  # seconds between its events at most
HEARTBEAT_SECONDS = 10.0
MOST_JSON = 1_000_000  # bytes of a request that is not a table


Handler = Callable[[Request], Awaitable[Response]]


def build(
    session: Session, token: str, hosts: tuple[str, ...], upload_limit: int, closing: Callable[[], bool]
) -> ASGIApp:
    """The application that serves ``session`` to whoever has the ``token``; ``closing`` ends its streams."""

    async def index(request: Request) -> Response:
        return HTMLResponse(page("glassnet", None))

    async def state(request: Request) -> Response:
        def told() -> bytes:
            whole = session.state()
            whole["workshop"]["uploadLimit"] = upload_limit
            return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

        return Response(await run_in_threadpool(told), media_type="application/json")

    async def events(request: Request) -> Response:
        cursor = int(request.query_params.get("from", 0))
        run_id = request.query_params.get("run", "")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(
            _stream(session, request, run_id, cursor, closing),
            media_type="text/event-stream",
            headers=headers,
        )

    async def parameters(request: Request) -> Response:
        data = session.parameters(request.query_params.get("run", ""))
        return Response(data, media_type="application/octet-stream")

    async def step(request: Request) -> Response:
        data = await run_in_threadpool(session.step, request.query_params.get("run", ""))
        return Response(data, media_type="application/octet-stream")

    async def moments(request: Request) -> Response:
        data = await run_in_threadpool(session.moments, request.query_params.get("run", ""))
        return Response(data, media_type="application/octet-stream")

    async def control(request: Request) -> Response:
        asked = await _json(request)
        await run_in_threadpool(session.control, str(asked.get("action")), asked.get("speed"))
        return JSONResponse({})

    async def start(request: Request) -> Response:
        await run_in_threadpool(session.start, await _json(request))
        return JSONResponse({})

    async def upload(request: Request) -> Response:
        data = await _body(request, upload_limit)
        name = request.query_params.get("name", "table")[:200]
        session.upload = await run_in_threadpool(read_upload, data, name)
        return JSONResponse(session.upload.about)

    async def examine(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(session.examine))

    async def download(request: Request) -> Response:
        what = request.path_params["what"]
        if what not in FILES:
            raise InputError(f"there is nothing {what!r:.40} to download.")
        if session.run.model is None:
            raise InputError("the training has not ended yet: press finish or stop first.")
        name, media_type, make = FILES[what]
        data = await run_in_threadpool(make, session.run)
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type=media_type, headers=headers)

    # the page itself is compressed; on this computer, compressing numbers would cost more time than it saves
    compressed = [Middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)]
    routes = [
        Route("/", index, middleware=compressed),
        Route("/state", state),
        Route("/events", events),
        Route("/parameters", parameters),
        Route("/step", step),
        Route("/moments", moments),
        Route("/control", control, methods=["POST"]),
        Route("/start", start, methods=["POST"]),
        Route("/upload", upload, methods=["POST"]),
        Route("/examine", examine, methods=["POST"]),
        Route("/download/{what}", download),
    ]
    middleware = [Middleware(Guard, token=token, hosts=hosts)]
    handlers: dict[Any, Any] = {GlassnetError: _told, TooLarge: _too_large}
    return Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)


async def _told(request: Request, error: Exception) -> Response:
    """A message of glassnet is shown unchanged."""
    return fault(400, str(error))


class TooLarge(Exception):
    """A request has more bytes than are taken."""


async def _too_large(request: Request, error: Exception) -> Response:
    return fault(413, str(error))


async def _body(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(_limit_text(limit))
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise TooLarge(_limit_text(limit))
    return bytes(data)


def _limit_text(limit: int) -> str:
    return (
        f"the file is too large: at most {limit / 1e6:g} MB are taken here. Train on larger tables with "
        "glassnet train or glassnet watch FILE."
    )


async def _json(request: Request) -> dict[str, Any]:
    try:
        asked = json.loads(await _body(request, MOST_JSON))
    except ValueError:
        raise InputError("the request is not JSON.") from None
    if not isinstance(asked, dict):
        raise InputError("the request is not a JSON object.")
    return asked


async def _stream(
    session: Session, request: Request, run_id: str, cursor: int, closing: Callable[[], bool]
) -> AsyncIterator[str]:
    """Events with sequence numbers: what changed since the cursor, at most 20 times a second.

    While a training runs as fast as it can, they are sent only so often that serving takes a small share of a core.
    A slow reader gets fewer of them, each with all that happened meanwhile: nothing waits for it.
    """
    seen: tuple[str, int] | None = None
    last = ""  # the state that was told last
    told_at = beaten_at = told_cpu = -math.inf
    sequence = 0
    for turn in itertools.count():
        # asked about once a second, because it costs more than everything else here
        if closing() or (turn % UPDATES_PER_SECOND == 0 and await request.is_disconnected()):
            return
        run = session.run
        version, state, now = (run.id, run.version), run.state, time.monotonic()
        # this thread serves everything, so that its time includes what the page asked for after the last event
        pause = 0.0
        if run.pace.unlimited and state == last:
            pause = min((time.thread_time() - told_cpu) / SHARE, LONGEST_PAUSE)
        if version != seen and now - told_at >= pause:
            seen, last, told_at, told_cpu = version, state, now, time.thread_time()
            if run.id != run_id:
                run_id, cursor = run.id, 0
            told = session.told(run, cursor)
            cursor = told["epoch"]
            sequence += 1
            yield f"id: {sequence}\ndata: {json.dumps({**told, 'sequence': sequence})}\n\n"
        elif now - max(told_at, beaten_at) >= HEARTBEAT_SECONDS:
            beaten_at = now
            yield ": still here\n\n"
        await asyncio.sleep((4 if pause else 1) / UPDATES_PER_SECOND)


class Server:
    """A live page that is being served; :attr:`url` is its address, :meth:`close` ends it."""

    def __init__(
        self,
        session: Session,
        *,
        port: int | None = None,
        upload_limit: int = UPLOAD_LIMIT,
        token: str | None = None,
    ) -> None:
        self.session = session
        self.token = token or secrets.token_urlsafe(24)
        self._socket = _bound(port)
        self.port = self._socket.getsockname()[1]
        hosts = (f"{HOST}:{self.port}", f"localhost:{self.port}")
        app = build(session, self.token, hosts, upload_limit, lambda: self._server.should_exit)
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        )
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/?token={self.token}"

    @property
    def model(self) -> Any:
        """The model of the training on the page, ``None`` while it has not ended."""
        return self.session.run.model

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self.serve, name="glassnet page", daemon=True)
        self._thread.start()

    def serve(self) -> None:
        """Serve until :meth:`close`, or Ctrl-C."""
        self._server.run(sockets=[self._socket])

    def close(self) -> None:
        """End the server and the training."""
        self.session.run.end("the page was closed")
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(5)
        self._socket.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<glassnet page at {self.url}>"

    def _repr_html_(self) -> str:
        return f'<a href="{self.url}" target="_blank" rel="noreferrer">Open the page</a>'


def _bound(port: int | None) -> socket.socket:
    """A socket at ``port``; without one, at 8765 or else any that is free."""
    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for candidate in (PORT, 0) if port is None else (port,):
        try:
            own.bind((HOST, candidate))
        except OSError as error:
            if candidate == 0 or port is not None:
                own.close()
                raise InputError(
                    f"the port {candidate} cannot be used ({error.strerror}); choose another."
                ) from None
        else:
            own.listen(128)  # what is asked before the server runs waits for it
            return own
    raise AssertionError
