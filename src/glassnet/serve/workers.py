"""Work that takes longer than a row: it runs in threads, so that the event loop answers others meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from starlette.types import Receive

from glassnet.errors import InputError, InputTypeError
from glassnet.serve.http import ClientGone, Refusal
from glassnet.serve.limits import Limits
from glassnet.serve.served import TooManyRows

Found = TypeVar("Found")

THREADS = 2  # the engine uses further threads for large tables


class Workers:
    """Threads, and the number of requests that they may have at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="glassnet serve")
        self._taken, self._lock = 0, Lock()

    async def run(self, work: Callable[[], Found], receive: Receive) -> Found:
        """The result of ``work``, which a thread does. Work that has not begun is left out if the client is gone.

        Args:
            receive: of the request, whose body was received.

        Raises:
            Refusal: too many requests are being answered; it takes too long; or ``work`` raises an error of glassnet.
            ClientGone: the client closed the connection.
        """
        with self._lock:
            if self._taken >= self._limits.concurrency:
                raise Refusal(503, "the server has as many requests as it takes; try again later.")
            self._taken += 1
        submitted = self._pool.submit(work)
        # not when it is no longer waited for: a thread cannot be interrupted
        submitted.add_done_callback(self._release)
        future, gone = asyncio.wrap_future(submitted), asyncio.ensure_future(_gone(receive))
        first: set[asyncio.Future[Any]] = {future, gone}
        try:
            await asyncio.wait(first, timeout=self._limits.seconds, return_when=asyncio.FIRST_COMPLETED)
            if future.done():
                return future.result()
            if gone.done():
                raise ClientGone
            raise Refusal(
                503,
                f"the answer took longer than {self._limits.seconds:g} s; send fewer rows, or try again later.",
            )
        except TooManyRows as error:
            raise Refusal.of(413, error) from None
        except InputError as error:
            raise Refusal.of(422, error) from None
        except InputTypeError as error:
            raise Refusal(422, str(error)) from None
        finally:
            future.cancel()
            gone.cancel()
            # a future keeps the error that it raises, and the error this frame: without the circle, all that the work
            # used is free at once, such as its table and a model that was replaced
            del submitted, future, first

    def _release(self, _: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1

    def close(self) -> None:
        """End the threads; what has not begun is left out."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
