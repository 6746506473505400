"""What the connections of a server have in common."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.flow_control import FlowControl

from glassnet.serve.batch import Batch
from glassnet.serve.http import BUSY, HOLD_SECONDS, JSON, respond
from glassnet.serve.limits import Limits

logger = logging.getLogger("glassnet.serve")

KNOWN = 1024  # heads that are remembered,
LONGEST = 2048  # and their bytes at most


class KnownHead(NamedTuple):
    """What the head of a request for one row says: the length of its body, and where the row belongs."""

    length: int
    batch: Batch


class Connections:
    """What the connections of a server have in common.

    Args:
        application: it may have the methods ``batch_for`` and ``refuse`` of :func:`glassnet.serve.app`'s.

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
        self.refuse: Any = getattr(application, "refuse", _refuse)
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

    def remember(self, head: bytes, known: KnownHead) -> None:
        """Remember a head, if it is not too long; those that are rare are forgotten with all others now and then."""
        if len(head) <= LONGEST:
            if len(self.heads) >= KNOWN:
                self.heads.clear()
            self.heads[head] = known

    def hold(self, refuse: Callable[[], None], now: float) -> None:
        """Call ``refuse`` some time later, or at once if the server ends."""
        if self.ending:
            refuse()
        else:
            self._held.append((now + HOLD_SECONDS, refuse))

    def release(self, now: float) -> None:
        """Call what was held back long enough, or all if the server ends."""
        while self._held and (self.ending or self._held[0][0] <= now):
            try:
                self._held.popleft()[1]()
            except Exception:
                logger.exception("a request could not be refused")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, BUSY)


class Flow(FlowControl):
    """Flow control that reads no more while ``is_behind()``: each request could bring many others."""

    def __init__(self, transport: asyncio.Transport, is_behind: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._is_behind = is_behind

    def end(self) -> None:
        """Forget the connection, which is closed."""
        self._is_behind = bool

    def resume_reading(self) -> None:
        if self.read_paused and not self._is_behind():
            super().resume_reading()
