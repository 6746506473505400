"""``Batch``: the rows of requests that arrive at the same time, which are predicted together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

import msgspec

from glassnet.serve.http import from_json, to_json
from glassnet.serve.served import Served
from glassnet.serve.slot import Slot
from glassnet.tables.encode.row_encoder import EncodedRow

logger = logging.getLogger("glassnet.serve")

Reply: TypeAlias = "Callable[[bytes | None], None]"  # what takes an answer, or None


class _Waiting(NamedTuple):
    row: EncodedRow
    reply: Reply
    since: float


def _uncounted(status: int, seconds: float) -> None:
    """Answers that the application counts itself."""


class Batch:
    """Rows for one model. Those that are added in one turn of the event loop are predicted by one call at its end.

    A call takes about as long for twenty rows as for one. No row waits: a turn ends as soon as all requests that have
    arrived are read. The predictions are the same, to the bit, as those of each row alone.

    Args:
        slot: the model.
        count: called with the status of each answer, and the seconds that it took.
    """

    def __init__(self, slot: Slot, count: Callable[[int, float], None] | None = None) -> None:
        self._slot, self.count = slot, count or _uncounted
        self._served: Served | None = None  # the model of the rows that wait
        self._waiting: list[_Waiting] = []

    def add(self, body: bytes, reply: Reply) -> bool:
        """Predict the row of JSON in ``body``, and pass the body of the response to ``reply`` in this turn.

        ``reply`` gets ``None`` if the row must be predicted as a table. It is not called at all if this is known at
        once, or the body is none of JSON with a row: then ``False`` is returned.
        """
        since, served = perf_counter(), self._slot.served
        try:
            row: Any = from_json(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        encoded = served.encode_row(row) if type(row) is dict else None
        if encoded is None:
            return False
        if served is not self._served:  # a new file was put in
            self._predict()
            self._served = served
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._predict)
        self._waiting.append(_Waiting(encoded, reply, since))
        return True

    def _predict(self) -> None:
        waiting, served = self._waiting, self._served
        self._waiting, self._served = [], None
        if served is None:
            return
        found: list[dict[str, Any] | None]
        try:
            found = served.predict_rows([own.row for own in waiting])
        except Exception:
            logger.exception("%s: rows could not be predicted together", self._slot.name)
            found = [None] * len(waiting)
        for own, answer in zip(waiting, found, strict=True):
            try:
                own.reply(None if answer is None else to_json(answer))
            except Exception:  # which is the matter of one request alone
                logger.exception("%s: an answer could not be sent", self._slot.name)
            if answer is not None:
                self.count(200, perf_counter() - own.since)

    async def answer(self, body: bytes) -> bytes | None:
        """The body of the response to the row in ``body``; ``None`` if the row must be predicted as a table."""
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

        def reply(found: bytes | None) -> None:
            if not future.done():  # nor canceled
                future.set_result(found)

        return await future if self.add(body, reply) else None
