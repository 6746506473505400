"""Connections of ``glassnet serve``: slow clients are cut off, and rows alone are answered with the least overhead."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from glassnet.serve.batch import Batch
from glassnet.serve.http import JSON, SERVER, Refusal, refused, respond
from glassnet.serve.limits import Limits

HEAD = 64_000  # bytes of the headers of a request at most
IDLE_SECONDS = 60.0  # that a connection may stay open without a request
LINGER_SECONDS = 0.3  # at the end, that a connection may bring a request which is on its way
HOLD_SECONDS = (
    0.5  # that a refusal is held back, so that clients who try again at once take no time from others
)
END = b"\r\n\r\n"  # of a head
KNOWN = 1024  # heads that are remembered,
LONGEST = 2048  # and their bytes at most
BUSY = refused(Refusal(503, "the server has as many requests as it takes; try again later."))


class KnownHead(NamedTuple):
    """What the head of a request for one row says: the length of its body, and where the row belongs."""

    length: int
    batch: Batch


class Connections:
    """What the connections of a server have in common.

    Attributes:
        heads: the heads of requests that were parsed before, as they are sent: clients send the same ones again.
        waiting: how many requests wait for the end of a turn of the event loop.
        start: the beginning of the head of each answer to a row alone.
    """

    def __init__(self, application: Any, limits: Limits) -> None:
        self.limits, self.ending = limits, False
        self.heads: dict[bytes, KnownHead] = {}
        self.waiting = 0
        self.batch_for: Callable[[Any], Batch | None] = getattr(application, "batch_for", lambda scope: None)
        self._held: deque[tuple[float, Callable[[], None]]] = deque()
        self.use_headers([])

    def use_headers(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Answer with these headers, such as the date."""
        own = [*headers, (b"content-type", JSON)]
        lines = b"".join(b"%s: %s\r\n" % each for each in own)
        self.start = b"HTTP/1.1 200 OK\r\n%scontent-length: " % lines
        self.busy = (
            b"HTTP/1.1 503 Service Unavailable\r\n%sretry-after: %s\r\ncontent-length: %d\r\n\r\n%s"
            % (
                lines,
                dict(BUSY.headers)[b"retry-after"],
                len(BUSY.body),
                BUSY.body,
            )
        )

    def hold(self, refuse: Callable[[], None], now: float) -> None:
        """Call ``refuse`` some time later."""
        self._held.append((now + HOLD_SECONDS, refuse))

    def release(self, now: float) -> None:
        """Call what was held back long enough, or all if the server ends."""
        while self._held and (self.ending or self._held[0][0] <= now):
            self._held.popleft()[1]()


class Connection(HttpToolsProtocol):
    """A connection that is closed when its client is slower than the limits allow.

    Requests are parsed by httptools and answered by the ASGI application, as uvicorn does it. A request for the
    prediction of one row whose head is remembered needs neither: its row is added to a :class:`Batch`.
    """

    def __init__(self, shared: Connections, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.app_state = {**self.app_state, SERVER: True}
        self._shared = shared
        self._head = 0  # bytes of a request whose headers are not complete
        self._receiving: float | None = None  # since when a request is arriving
        self._sending: float | None = None  # since when the client has not taken all that was sent
        self._idle: float | None = None  # since when the last request is answered
        self._parsed = True  # all that the parser has got: it expects the next request
        self._first = b""  # what the parser got at once, beginning with a request
        self._due = False  # the answer to a request that the parser has not got
        self._later = b""  # what arrived before that answer; no more is read until all of it is answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._receiving = self.loop.time()
        if len(self.connections) > self._shared.limits.connections:
            transport.write(_refusal(b"503 Service Unavailable", b"retry-after: 1\r\n"))
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._idle = None
        if self._due:
            self._later += data
            self.flow.pause_reading()
        elif not self._answer_at_once(data):
            self._parse(data)

    # -- rows alone

    def _answer_at_once(self, data: bytes) -> bool:
        """Whether ``data`` begins with a whole request whose head is known, and which will be answered."""
        end = data.find(END) + len(END)
        known = self._shared.heads.get(data[:end])
        if known is None or not self._is_between_requests or self._shared.ending or self.flow.write_paused:
            return False
        end += known.length
        if len(data) < end:
            return False
        whole, later = (data, b"") if len(data) == end else (data[:end], data[end:])
        if self._is_full:
            self._shared.hold(self._refuse, self.loop.time())
        elif self._is_added(known, whole):
            self._shared.waiting += 1
        else:
            return False
        self._due, self._later, self._receiving = True, later, None
        return True

    def _is_added(self, known: KnownHead, request: bytes) -> bool:
        try:
            return known.batch.add(request[len(request) - known.length :], partial(self._reply, request))
        except Exception:
            return False  # the application meets the same error, and logs it

    @property
    def _is_between_requests(self) -> bool:
        return self._parsed and not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    @property
    def _is_full(self) -> bool:
        return len(self.tasks) + self._shared.waiting >= self._shared.limits.concurrency

    def _reply(self, request: bytes, body: bytes | None) -> None:
        """Send the answer of the batch; without one, leave the request to the application."""
        self._shared.waiting -= 1
        if body is not None:
            self._send(b"%s%d\r\n\r\n%s" % (self._shared.start, len(body), body))
            return
        self._due, later = False, self._later
        self._later = b""
        if not self.transport.is_closing():
            self._parse(request + later)

    def _refuse(self) -> None:
        self._send(self._shared.busy)

    def _send(self, answer: bytes) -> None:
        self._due, later = False, self._later
        self._later = b""
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        self.server_state.total_requests += 1
        self._idle = self.loop.time()
        if later:
            self._idle = None
            if self._answer_at_once(later):
                return
        self.flow.resume_reading()
        if later:
            self._parse(later)

    def _remember(self) -> None:
        """Remember the head of the request that the parser has got, if it is one for a row alone."""
        first, body, headers = self._first, self.cycle.body, [name for name, _ in self.headers]
        end, heads = len(first) - len(body), self._shared.heads
        if (
            first.find(END) + len(END) == end  # all that was got, and nothing else
            and first[end:] == body
            and end <= LONGEST
            and len(body) <= self._shared.limits.body
            and self.cycle.keep_alive
            and self.scope["http_version"] == "1.1"
            and headers.count(b"content-length") == 1
            and not {b"transfer-encoding", b"expect", b"upgrade"} & {*headers}
            and (batch := self._shared.batch_for(self.scope)) is not None
        ):
            if len(heads) >= KNOWN:
                heads.clear()
            heads[first[:end]] = KnownHead(len(body), batch)

    # -- all other requests

    def _parse(self, data: bytes) -> None:
        self._head += len(data)
        self._first = data if self._parsed else b""
        super().data_received(data)
        self._first = b""
        if self._head > HEAD and self.parser is not None and not self.transport.is_closing():
            self.transport.write(_refusal(b"431 Request Header Fields Too Large"))
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._parsed = False
        self._receiving = self.loop.time()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self._shared.ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._receiving, self._head, self._parsed = None, 0, True
        if self._first and not self.cycle.response_complete:
            self._remember()
        self._first = b""
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # `cut_off_if_slow` closes connections that are idle
        self._idle = self.loop.time()
        if self._receiving is None and not self.pipeline:  # nothing more of this request: its memory is free
            self.cycle = self.scope = self.headers = None  # type: ignore[assignment]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._is_full:
            busy: Any = _busy
            refuse = partial(super()._start_asgi_task, cycle, busy)
            self._shared.hold(refuse, self.loop.time())
        else:
            super()._start_asgi_task(cycle, app)

    # -- the end

    def cut_off_if_slow(self, now: float) -> None:
        """Close the connection if its client does not send or take what it should in time."""
        if not self.transport.get_write_buffer_size():
            self._sending = None
        elif self._sending is None:
            self._sending = now
        seconds = self._shared.limits.seconds
        if self._sending is not None and now - self._sending > seconds:
            self.transport.abort()
        elif self._receiving is not None and now - self._receiving > seconds:
            self._receiving = now
            if self.cycle is not None and not self.cycle.response_started:
                self.transport.write(_refusal(b"408 Request Timeout"))
            self.transport.close()
        elif self._idle is not None and now - self._idle > IDLE_SECONDS:
            self.transport.close()

    def shutdown(self) -> None:
        """Begin to end: answer what has arrived or is on its way, and close the connection then."""
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
    await respond(send, BUSY)
