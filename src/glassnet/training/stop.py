"""The stop token, by which a training is ended from outside."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol
from weakref import WeakSet

import numpy as np

from glassnet.engines.protocol import StopFlag


class HasStop(Protocol):
    """An event (see :mod:`glassnet.training.events`)."""

    @property
    def stop(self) -> StopToken: ...


class StopToken:
    """Call :meth:`stop` from any thread, and training ends before its next step, keeping the best so far.

    A training has a token of its own, which its events carry. A token among the ``callbacks`` of several trainings
    links theirs: what stops one of them stops all.
    """

    def __init__(self) -> None:
        self.flag: StopFlag = np.zeros(1, np.uint8)  # engines look at this byte between steps
        self.reason = ""
        self._linked: WeakSet[StopToken] = WeakSet()

    def stop(self, reason: str = "asked to stop") -> None:
        """End the training before its next step. ``reason`` becomes ``History.stop_reason``."""
        if self.stopped:
            return
        self.reason = reason
        self.flag[0] = 1
        for token in list(self._linked):
            token.stop(self.reason)

    def __call__(self, event: HasStop) -> None:
        """As a callback: link this token with that of the training that sends ``event``."""
        self._linked.add(event.stop)
        event.stop._linked.add(self)
        if self.stopped:
            event.stop.stop(self.reason)

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return bool(self.flag[0])


@contextmanager
def stop_on_interrupt(token: StopToken) -> Iterator[None]:
    """Within, Ctrl-C stops ``token``; a second Ctrl-C interrupts as usual.

    Only the main thread gets signals; in others this has no effect.
    """
    previous = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or previous is not signal.default_int_handler:  # another handler stays in place
        yield
        return

    def handle(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, previous)
        token.stop("interrupted")

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
