"""How fast a training may proceed: played, paused, epoch by epoch, or with a number of epochs per second."""

from __future__ import annotations

import threading
import time

from glassnet.training.stop import StopToken

WAIT_SECONDS = 0.1  # after which a paused training looks whether it has been stopped


class Pace:
    """Given among the ``callbacks`` of a training, it decides when the next epochs are run; it starts paused.

    Its methods may be called from any thread. What is computed does not depend on it.

    Args:
        speed: epochs per second while it plays; 0 for as many as the engine can do.
    """

    def __init__(self, speed: float = 0.0) -> None:
        self.speed = speed
        self._condition = threading.Condition()
        self._playing = False
        self._free = False
        self._allowed = 0
        self._since = time.perf_counter()

    def __call__(self, event: object) -> None:
        """Does nothing: a pace is passed among the callbacks, but ignores events."""

    @property
    def playing(self) -> bool:
        """Whether epochs are run without waiting for :meth:`allow`."""
        return self._playing or self._free

    @property
    def waits(self) -> bool:
        """Whether no epoch may be run at the moment."""
        return not self.playing and not self._allowed

    def play(self) -> None:
        """Run epochs at the speed that is set."""
        self._set(playing=True)

    def pause(self) -> None:
        """Stop before the next epochs."""
        self._set(playing=False)

    def allow(self, epochs: int) -> None:
        """Run so many epochs, then pause."""
        self._set(playing=False, allowed=epochs)

    def release(self) -> None:
        """Run all remaining epochs, as fast as possible."""
        self._set(playing=False, free=True)

    def take(self, wanted: int, stop: StopToken) -> int:
        """Wait until epochs may be run; returns how many, at most ``wanted``, or 0 if ``stop`` was set meanwhile."""
        with self._condition:
            while not stop.stopped:
                if self._free:
                    return wanted
                if self._allowed:
                    granted = min(wanted, self._allowed)
                    self._allowed -= granted
                    return granted
                if self._playing:
                    if not self.speed:
                        return wanted
                    now = time.perf_counter()
                    due = int((now - self._since) * self.speed)
                    if due:
                        self._since = now if due > wanted else self._since + due / self.speed
                        return min(due, wanted)
                    self._condition.wait(min(1 / self.speed, WAIT_SECONDS))
                else:
                    self._condition.wait(WAIT_SECONDS)
        return 0

    def _set(self, *, playing: bool, allowed: int = 0, free: bool = False) -> None:
        with self._condition:
            if playing and not self._playing:
                self._since = time.perf_counter()
            self._playing, self._allowed, self._free = playing, allowed, free
            self._condition.notify_all()
