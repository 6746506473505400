"""Connections of ``glassnet serve``: slow clients are cut off, and rows alone are answered with the least overhead."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from glassnet.serve.http import BUSY, HOLD_SECONDS, SERVER
from glassnet.serve.shared import Connections, Flow, KnownHead

HEAD = 64_000  # bytes of the headers of a request at most
IDLE_SECONDS = 60.0  # that a connection may stay open without a request
LINGER_SECONDS = 0.3  # at the end, that a connection may bring a request which is on its way
END = b"\r\n\r\n"  # of a head
PIECE = 4096  # bytes of a body of unknown length that the parser gets before its end is looked for


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
        self._in_body = False  # whether the parser has got the headers of a request, but not all of its body
        self._left = 0  # bytes of that body, if its length was declared
        self._answering: RequestResponseCycle | None = None
        self._due = False  # the answer to a request that the parser has not got
        self._later = b""  # what arrived before an answer; no more is read until all of it is answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = Flow(transport, lambda: bool(self.pipeline or self._later))
        self._receiving = self.loop.time()
        if len(self.connections) > self._shared.limits.connections:
            transport.write(_refusal(b"503 Service Unavailable", b"retry-after: 1\r\n"))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disconnect()
        super().connection_lost(exc)
        self.cycle = self._answering = None  # type: ignore[assignment]  # so that no circle keeps this alive
        self.flow.end()  # type: ignore[attr-defined]

    def _disconnect(self) -> None:
        """Let the application know that nobody waits for its answer; uvicorn tells it of the last request alone."""
        self.pipeline.clear()
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def data_received(self, data: bytes) -> None:
        self._idle = None
        if self._due or self.pipeline:
            self._later += data
            self.flow.pause_reading()
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        if not self._answer_at_once(data):
            self._parse(data)

    def _continue(self) -> None:
        """After an answer, go on with the requests behind it."""
        later, self._later = self._later, b""
        if later:
            self._idle = None
            self._take(later)
        if not self._due and not self.pipeline:
            self.flow.resume_reading()

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
            known.batch.count(BUSY.status, HOLD_SECONDS)
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
            if not self.pipeline:
                self.flow.resume_reading()

    def _refuse(self) -> None:
        self._send(self._shared.busy)

    def _send(self, answer: bytes) -> None:
        self._due = False
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        self.server_state.total_requests += 1
        self._idle = self.loop.time()
        self._continue()

    def _remember(self, head: bytes) -> None:
        """Remember a head that the parser has got, if it is one of a request for a row alone."""
        names = [name for name, _ in self.headers]
        if (
            self._left <= self._shared.limits.body
            and self.cycle.keep_alive
            and self.scope["http_version"] == "1.1"
            and names.count(b"content-length") == 1
            and not {b"transfer-encoding", b"expect", b"upgrade"} & {*names}
            and (batch := self._shared.batch_for(self.scope)) is not None
        ):
            self._shared.remember(head, KnownHead(self._left, batch))

    # -- all other requests

    def _parse(self, data: bytes) -> None:
        """Give ``data`` to the parser, but of the requests behind one that is not answered only the first."""
        at = 0
        while at < len(data) and not self.transport.is_closing():
            if self.pipeline:
                self._later = data[at:]
                self.flow.pause_reading()
                return
            piece = data[at : self._end_of_piece(data, at)]
            is_head, at = self._parsed and piece.endswith(END), at + len(piece)
            self._head += len(piece)
            super().data_received(piece)
            if is_head and self._in_body and not self.cycle.body:  # a whole one, and nothing else
                self._remember(piece)
            if self._head > HEAD and not self.transport.is_closing():
                self.transport.write(_refusal(b"431 Request Header Fields Too Large"))
                self.transport.close()

    def _end_of_piece(self, data: bytes, start: int) -> int:
        """Up to where the parser gets ``data`` from ``start`` on: the end of a head or body, as far as it is known."""
        if self._left > 0:
            return start + self._left
        end = data.find(END, start + PIECE if self._in_body else start)
        return len(data) if end < 0 else end + len(END)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._parsed = False
        self._receiving = self.loop.time()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        declared = next((value for name, value in self.headers if name == b"content-length"), b"0")
        self._in_body, self._left = True, int(declared)
        if self._shared.ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._head = 0
        self._left -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._receiving, self._parsed, self._in_body, self._head, self._left = None, True, False, 0, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # `cut_off_if_slow` closes connections that are idle
        if self._is_between_requests:
            self._idle = self.loop.time()
            self.cycle = self.scope = self.headers = None  # type: ignore[assignment]  # their memory is free
        if not self.pipeline and not self.transport.is_closing():
            self._continue()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        if self._is_full:
            refuse = partial(super()._start_asgi_task, cycle, self._shared.refuse)
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
            self._disconnect()
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
