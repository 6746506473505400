"""How much work a call is, without a clock: a busy machine gives the same answer as an idle one; and waiting."""

import sys
import time
from collections.abc import Callable
from types import FrameType

LONGEST_WAIT = 300  # seconds that a test waits for a condition which comes about within seconds
HANG = 900  # seconds after which a process is taken to hang; even on a busy machine no test comes near it


def python_calls(work: Callable[[], object]) -> int:
    """The number of functions, of Python and of C, that Python code calls during ``work()``.

    It shows whether Python code does something for each row, which is what makes code slow.
    """
    count = 0

    def count_call(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    previous = sys.getprofile()
    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(previous)
    return count


def wait_for(condition: Callable[[], bool]) -> None:
    """Until another thread has made ``condition`` true."""
    end = time.monotonic() + LONGEST_WAIT
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Clock:
    """Stands in for ``time.perf_counter``: its time goes on by ``tick`` seconds each time it is read."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now
