"""How fast a training may proceed: played, paused, epoch by epoch, step by step, or so many epochs per second."""

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
        self.by_step = False  # whether the epoch that was granted last is run step by step
        self.waited = 0.0  # seconds that the training has waited so far
        self._condition = threading.Condition()
        self._playing = False
        self._free = False
        self._allowed = 0
        self._steps = 0
        self._rest = False  # whether the rest of an epoch that was begun step by step may be run
        self._since = time.perf_counter()

    def __call__(self, event: object) -> None:
        """Does nothing: a pace is passed among the callbacks, but ignores events."""

    @property
    def playing(self) -> bool:
        """Whether epochs are run without waiting for :meth:`allow`."""
        return self._playing or self._free

    @property
    def unlimited(self) -> bool:
        """Whether epochs are run as fast as the engine can."""
        return self._free or (self._playing and not self.speed)

    @property
    def waits(self) -> bool:
        """Whether no epoch may be run at the moment."""
        return not self.playing and not self._allowed and not self._steps

    def play(self) -> None:
        """Run epochs at the speed that is set."""
        self._set(playing=True)

    def pause(self) -> None:
        """Stop before the next epochs."""
        self._set(playing=False)

    def allow(self, epochs: int) -> None:
        """Run so many epochs, then pause; the rest of an epoch that was begun step by step counts as one."""
        self._set(playing=False, allowed=epochs)

    def step(self) -> None:
        """Run one step of the optimizer, then pause: each epoch that begins so sends a ``StepDone`` for each step."""
        self._set(playing=False, steps=1)

    def release(self) -> None:
        """Run all remaining epochs, as fast as possible."""
        self._set(playing=False, free=True)

    def take(self, wanted: int, stop: StopToken, *, untold: bool = False) -> int:
        """Wait until epochs may be run; returns how many, at most ``wanted``, or 0 if ``stop`` was set meanwhile.

        Args:
            untold: whether the callbacks were not told of the last epochs; then 0 is returned when training is paused.
        """
        with self._condition:
            self.by_step = self._rest = False
            while not stop.stopped:
                if self._free:
                    return wanted
                if self._steps:
                    self.by_step = True
                    return 1
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
                    self._wait(min(1 / self.speed, WAIT_SECONDS))
                elif untold:
                    return 0
                else:
                    self._wait(WAIT_SECONDS)
        return 0

    def take_step(self, stop: StopToken) -> bool:
        """Wait until more of an epoch may be run that is run step by step; whether that is one step, or the rest."""
        with self._condition:
            while not stop.stopped:
                if self._steps:
                    self._steps -= 1
                    return True
                if self._allowed:
                    self._allowed -= 1
                    self._rest = True
                if self.playing or self._rest:
                    return False
                self._wait(WAIT_SECONDS)
        return False

    def _wait(self, seconds: float) -> None:
        before = time.perf_counter()
        self._condition.wait(seconds)
        self.waited += time.perf_counter() - before

    def _set(self, *, playing: bool, allowed: int = 0, free: bool = False, steps: int = 0) -> None:
        with self._condition:
            if playing and not self._playing:
                self._since = time.perf_counter()
            self._playing, self._allowed, self._free, self._steps = playing, allowed, free, steps
            self._condition.notify_all()
