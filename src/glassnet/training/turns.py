"""Several networks that are trained side by side: how they share the processors and the callbacks."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from glassnet.engines import Epochs, Rows, Run, Snapshot
from glassnet.engines.protocol import EachRow, Inputs, Order, Rates, StopFlag
from glassnet.net.arrays import Array
from glassnet.training.events import Callbacks, Event

WAIT_SECONDS = 0.1  # after which a thread that waits for callbacks looks whether anyone will still call them


class Slots:
    """Lets ``count`` threads compute at a time; the others follow in the order in which they came."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *error: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


def slots_of_process(count: int) -> Slots:
    """The slots of all trainings of this process that want ``count`` of them."""
    return _slots_of(os.getpid(), count)


@lru_cache
def _slots_of(process: int, count: int) -> Slots:
    """A forked process has another number, and so its own slots: threads that it does not have will not free others."""
    return Slots(count)


@dataclass(frozen=True, eq=False)
class RunInTurn:
    """A run whose computations each wait for a slot."""

    run: Run
    slots: Slots

    def epochs(
        self,
        rows: Rows,
        batch_size: int,
        rates: Rates,
        orders: Order | None = None,
        stop: StopFlag | None = None,
    ) -> Epochs:
        with self.slots:
            return self.run.epochs(rows, batch_size, rates, orders, stop)

    def predict(self, inputs: Inputs, stop: StopFlag | None = None) -> Array:
        with self.slots:
            return self.run.predict(inputs, stop)

    def evaluate(self, rows: Rows, stop: StopFlag | None = None, each: EachRow | None = None) -> float:
        with self.slots:
            return self.run.evaluate(rows, stop, each)

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        with self.slots:
            return self.run.gradients(rows)

    def parameters(self) -> Array:
        return self.run.parameters()

    def snapshot(self) -> Snapshot:
        return self.run.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        self.run.restore(snapshot)


class Relay(Callbacks):
    """Sends events to ``callbacks``, in the thread that calls :meth:`serve`, and waits until they have returned."""

    def __init__(self, callbacks: Callbacks) -> None:
        super().__init__()
        self._callbacks = callbacks
        self._events: queue.SimpleQueue[tuple[Event, threading.Event] | None] = queue.SimpleQueue()
        self._open = True

    def __bool__(self) -> bool:
        return bool(self._callbacks)

    def send(self, event: Event) -> bool:
        if not self._open:
            return True
        sent = threading.Event()
        self._events.put((event, sent))
        while self._open and not sent.wait(WAIT_SECONDS):
            pass
        return True

    def close(self) -> None:
        """Send no more events."""
        self._open = False

    def end(self) -> None:
        """One of the threads sends no more events."""
        self._events.put(None)

    def serve(self, threads: int) -> None:
        """Send what arrives, until so many threads have ended."""
        try:
            while threads:
                arrived = self._events.get()
                if arrived is None:
                    threads -= 1
                    continue
                event, sent = arrived
                if self._open:
                    self._callbacks.send(event)
                sent.set()
        finally:
            self.close()
