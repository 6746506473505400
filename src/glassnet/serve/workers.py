"""Work that takes longer than a row: it runs in threads, so that the event loop answers others meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from glassnet.errors import InputError, InputTypeError
from glassnet.serve.http import Refusal
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

    async def run(self, work: Callable[[], Found]) -> Found:
        """The result of ``work``, which a thread does.

        Raises:
            Refusal: too many requests are being answered; it takes too long; or ``work`` raises an error of glassnet.
        """
        with self._lock:
            if self._taken >= self._limits.concurrency:
                raise Refusal(503, "the server has as many requests as it takes; try again later.")
            self._taken += 1
        future = self._pool.submit(work)
        # not when it is no longer waited for: a thread cannot be interrupted
        future.add_done_callback(self._release)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise Refusal(
                503,
                f"the answer took longer than {self._limits.seconds:g} s; send fewer rows, or try again later.",
            ) from None
        except TooManyRows as error:
            raise Refusal.of(413, error) from None
        except InputError as error:
            raise Refusal.of(422, error) from None
        except InputTypeError as error:
            raise Refusal(422, str(error)) from None

    def _release(self, _: Future[Any]) -> None:
        with self._lock:
            self._taken -= 1

    def close(self) -> None:
        """End the threads; what has not begun is left out."""
        self._pool.shutdown(wait=False, cancel_futures=True)
