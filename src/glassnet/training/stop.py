"""The stop token, by which a training is ended from outside."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, TypeGuard
from weakref import WeakSet

import numpy as np

from glassnet.engines.protocol import StopFlag


class HasStop(Protocol):
    """An event (see :mod:`glassnet.training.events`)."""

    @property
    def stop(self) -> StopToken: ...


class StopToken:
    """Call :meth:`stop` from any thread, and training ends at once, keeping the best so far.

    The step that is being computed is not made, and an epoch that is not complete does not count.

    A training has a token of its own, which its events carry. A token among the ``callbacks`` of several trainings
    links theirs: what stops one of them stops all.
    """

    def __init__(self) -> None:
        self.flag: StopFlag = np.zeros(1, np.uint8)  # engines look at this byte all the time
        self.reason = ""
        self._linked: WeakSet[StopToken] = WeakSet()

    def stop(self, reason: str = "asked to stop") -> None:
        """End the training before its next step. ``reason`` becomes ``History.stop_reason``."""
        if self.stopped:
            return
        self.stop_alone(reason)
        for token in list(self._linked):
            token.stop(self.reason)

    def stop_alone(self, reason: str) -> None:
        """As :meth:`stop`, without the trainings that other tokens belong to."""
        self.reason = reason
        self.flag[0] = 1

    def __call__(self, event: HasStop) -> None:
        """As a callback: link this token with that of the training that sends ``event``."""
        known = event.stop in self._linked
        self._linked.add(event.stop)
        event.stop._linked.add(self)
        if self.stopped:
            event.stop.stop(self.reason)
        elif (
            event.stop.stopped and not known
        ):  # a training that was stopped alone does not stop the others later
            self.stop(event.stop.reason)

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return bool(self.flag[0])


Handler = Callable[[int, FrameType | None], Any]
INTERRUPTED = "interrupted"  # the reason, after Ctrl-C
_UNTRAINED = "training was stopped before its first epoch was complete"
UNTRAINED = f"{_UNTRAINED}, so there is no model to keep"
PATIENCE = 2.0  # seconds after Ctrl-C in which training is left to end


@contextmanager
def stop_on_interrupt(token: StopToken) -> Iterator[None]:
    """Within, Ctrl-C stops ``token``, and so does SIGTERM where it means the same, as on the command line.

    Training then ends by itself, so more of them change nothing. If something hangs, such as a callback, one that comes
    more than :data:`PATIENCE` seconds later interrupts as usual. Only the main thread gets signals; in others this has
    no effect.
    """
    handlers: dict[signal.Signals, Handler] = {}
    for own in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(own)
        if _is_interrupt(handler):
            handlers[own] = handler
    if threading.current_thread() is not threading.main_thread() or not handlers:
        yield
        return
    since: float | None = None

    def handle(signum: int, frame: FrameType | None) -> None:
        nonlocal since
        if since is not None and time.monotonic() - since > PATIENCE:
            handlers[signal.Signals(signum)](signum, frame)
        since = since or time.monotonic()
        token.stop(INTERRUPTED)

    for own in handlers:
        signal.signal(own, handle)
    try:
        yield
    finally:
        for own, handler in handlers.items():
            signal.signal(own, handler)


def _is_interrupt(handler: Any) -> TypeGuard[Handler]:
    """Whether a handler raises KeyboardInterrupt; one of somebody else stays in place."""
    return handler is signal.default_int_handler or getattr(handler, "is_interrupt", False)


def report_untrained(token: StopToken) -> None:
    """Say that ``token`` stopped a training before there was anything to keep.

    Raises:
        KeyboardInterrupt: it was stopped by Ctrl-C.
    """
    if token.reason == INTERRUPTED:
        raise KeyboardInterrupt(UNTRAINED)
    warnings.warn(
        f"{_UNTRAINED}: the model is not trained, and its history is empty.", RuntimeWarning, stacklevel=4
    )
