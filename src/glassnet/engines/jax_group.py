"""Several processes that train together: process 0 tells the others what to compute, and they do nothing else.

So the training loop runs in process 0 alone, and with it all that decides: early stopping, Ctrl-C, the time that is
left, callbacks and checkpoints. What it asks of the device is a command, which every process carries out at the same
time. Commands and rows are sent by JAX, as sums over all processes in which those of the others are zeros.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

import jax
import numpy as np
from jax.experimental.multihost_utils import broadcast_one_to_all

from glassnet.engines.jax_records import DEVICES

LEAST, MOST = 2**12, 2**24  # bytes that are sent at once; a power of 2, since each length is compiled
LENGTH = 8  # bytes of the number that begins a message

Command = tuple[int, str, tuple[Any, ...], list[int]]


class Group:
    """The devices that train a network together: those of this process, or of all.

    Args:
        leads: whether this process tells the others what to do.
    """

    def __init__(self, devices: list[jax.Device], *, leads: bool = False) -> None:
        self.mesh = jax.sharding.Mesh(np.array(devices), (DEVICES,))
        self.closed: list[int] = []  # the numbers of learners that are no longer needed
        self.numbers = count()
        self._leads, self._ended = leads, False
        self._lock = threading.RLock()  # two computations that wait for all devices must not be mixed

    @contextmanager
    def doing(self, number: int, name: str, arguments: tuple[Any, ...]) -> Iterator[None]:
        """Within, every process does the same with the learner of that number."""
        with self._lock:
            if self._ended:
                raise RuntimeError("the training of all processes has ended.")
            if self._leads:
                closed = [self.closed.pop() for _ in range(len(self.closed))]
                send((number, name, arguments, closed))
            yield

    def end(self, result: Any) -> None:
        """Let the other processes go on with ``result``; threads that still compute get an error."""
        # before: a model computes now what it has not yet computed
        content = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._ended = True
            send((-1, "end", (content,), []))


@lru_cache(maxsize=1)
def _of_this_process() -> Group:
    return Group(jax.local_devices())


_of_all: Group | None = None  # while this process leads


def group() -> Group | None:
    """The devices that a training uses which begins now; ``None`` for a single one."""
    if _of_all is not None:
        return _of_all
    return _of_this_process() if jax.local_device_count() > 1 else None


def leads() -> bool:
    """Whether this process trains for all processes at the moment."""
    return _of_all is not None


@contextmanager
def leading() -> Iterator[Callable[[Any], None]]:
    """Within, runs that are opened train on the devices of all processes, which call :func:`follow` meanwhile.

    Yields:
        what ends this: a function of the object that :func:`follow` returns.
    """
    global _of_all
    _of_all = Group(jax.devices(), leads=True)
    try:
        yield _of_all.end
    finally:
        _of_all = None


def follow(open_learner: Callable[..., Any]) -> Any:
    """Compute what process 0 asks for, until it has ended; returns what it ends with.

    Args:
        open_learner: makes a learner of a :class:`Group` and what process 0 made its own of.
    """
    own = Group(jax.devices())
    learners: dict[int, Any] = {}
    while True:
        number, name, arguments, closed = receive()
        for one in closed:
            learners.pop(one, None)
        if name == "end":
            return pickle.loads(arguments[0])
        if name == "open":
            learners[number] = open_learner(own, number, *arguments)
        else:
            getattr(learners[number], name)(*arguments)


def send(command: Command) -> None:
    """Send a command to the other processes."""
    content = pickle.dumps(command, pickle.HIGHEST_PROTOCOL)
    whole = len(content).to_bytes(LENGTH, "little") + content
    for start, size in _pieces(len(content)):
        broadcast_one_to_all(_filled(whole[start : start + size], size))


def receive() -> Command:
    """The next command of process 0."""
    first = bytes(broadcast_one_to_all(np.zeros(LEAST, np.uint8)))
    length = int.from_bytes(first[:LENGTH], "little")
    parts = [first]
    for _, size in list(_pieces(length))[1:]:
        parts.append(bytes(broadcast_one_to_all(np.zeros(size, np.uint8))))
    # from process 0 of the same program, which runs the same code
    command: Command = pickle.loads(b"".join(parts)[LENGTH : LENGTH + length])
    return command


def _pieces(length: int) -> Iterator[tuple[int, int]]:
    """The start and the size of each piece of a message whose content has that length."""
    yield 0, LEAST
    start, whole = LEAST, LENGTH + length
    while start < whole:
        size = min(MOST, 1 << (whole - start - 1).bit_length())
        yield start, max(LEAST, size)
        start += size


def _filled(content: bytes, size: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    whole = np.zeros(size, np.uint8)
    whole[: len(content)] = np.frombuffer(content, np.uint8)
    return whole
