"""What happens when a process is lost: the others say which one, and end, instead of waiting for it forever."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

import jax
import numpy as np
from jax._src import distributed  # the only way to the store of keys and values of jax.distributed
from jax.experimental.multihost_utils import live_devices, process_allgather

from glassnet.distributed.places import LOST, PARENT

SECONDS = 1.0  # between two looks at the others
NAME_BYTES = 128
ENDED = "glassnet/ended"


class Peers:
    """The processes that train together, as one of them sees the others.

    Args:
        names: of all, by their ranks.
        rank: of this one.
        heartbeat: the seconds after which a process that gives no sign of life counts as lost.
    """

    def __init__(self, names: list[str], rank: int, heartbeat: float) -> None:
        self.names, self.rank, self.heartbeat = names, rank, heartbeat
        self.lost = ""  # which process, once one is lost
        self.training = 0  # how many trainings need the others
        self._noticed = threading.Event()
        self._ending = False

    @classmethod
    def of_all(cls, heartbeat: float) -> Peers:
        """All processes that JAX connects; each calls this."""
        own = f"process {jax.process_index()} ({socket.gethostname()}, pid {os.getpid()})".encode()
        field = np.zeros(NAME_BYTES, np.uint8)
        field[: len(own[:NAME_BYTES])] = np.frombuffer(own[:NAME_BYTES], np.uint8)
        names = [bytes(one).rstrip(b"\0").decode(errors="replace") for one in process_allgather(field)]
        return cls(names, jax.process_index(), heartbeat)

    @contextmanager
    def needed(self) -> Iterator[None]:
        """Within, this process ends if another one is lost."""
        self.training += 1
        try:
            if self.lost:
                leave(self.lost)
            yield
        except jax.errors.JaxRuntimeError:  # such as a connection that was closed
            if self._noticed.wait(1.5 * self.heartbeat):
                time.sleep(60)  # the thread that noticed it ends this process
            raise
        finally:
            self.training -= 1

    def look(self) -> None:
        """Look at the others, until one is lost or all have ended."""
        devices = jax.devices()
        parent = os.environ.get(PARENT)
        while not self._ending:
            if parent is not None and os.getppid() != int(parent):
                leave("the process that started all others was lost")
            if lost := self._lost(devices):
                break
            time.sleep(SECONDS)
        else:
            return
        self.lost = lost
        self._noticed.set()
        while not self._ending:
            if self.training:
                time.sleep(SECONDS if self.rank else 2 * SECONDS)  # process 0 last: it tells the others
                leave(self.lost)
            time.sleep(SECONDS / 10)

    def _lost(self, devices: list[Any]) -> str:
        try:
            with live_devices(devices) as alive:
                there = {device.process_index for device in alive}
        except jax.errors.JaxRuntimeError:  # the service of process 0 does not answer
            return "" if self._ending else f"{self.names[0]} was lost"
        except Exception:  # of one that was lost meanwhile; the next look tells which
            return ""
        gone = [name for rank, name in enumerate(self.names) if rank not in there]
        if gone:
            return f"{', '.join(gone)} was lost"
        ended = [self.names[int(key.rpartition("/")[2])] for key, _ in _store().key_value_dir_get(ENDED)]
        return f"{', '.join(ended)} has ended while others train" if ended and self.training else ""

    def end(self) -> None:
        """Wait until all processes have ended their work, so that none takes the end of another for a loss."""
        client = _store()
        if self.lost or client is None:
            return
        with suppress(jax.errors.JaxRuntimeError):
            client.key_value_set(f"{ENDED}/{self.rank}", "")
            arrived = threading.Event()

            def wait() -> None:
                with suppress(jax.errors.JaxRuntimeError):
                    client.wait_at_barrier("glassnet", 2**31 - 1)
                arrived.set()

            threading.Thread(target=wait, daemon=True).start()
            while not arrived.wait(SECONDS / 10) and not self.lost:
                pass
        self._ending = True
        if self.rank:
            jax.distributed.shutdown()
            return
        until = time.monotonic() + self.heartbeat
        while time.monotonic() < until and not self.lost:  # process 0 last: it serves the others
            with suppress(Exception), live_devices(jax.devices()) as alive:
                if {device.process_index for device in alive} == {0}:
                    break


_peers: Peers | None = None


def peers() -> Peers | None:
    """The processes that :func:`watch` watches."""
    return _peers


def watch(own: Peers) -> None:
    """From now on, look at the other processes; once for a process."""
    global _peers
    if _peers is not None:
        return
    _peers = own
    threading.Thread(target=own.look, name="glassnet peers", daemon=True).start()
    sys.excepthook = _failed(sys.excepthook)
    atexit.register(own.end)
    _keep_exit_code()


def leave(message: str) -> None:
    """End this process at once, with the exit code :data:`LOST`: a usual end would wait for the others."""
    lost = f"glassnet: {message}; this process ends. Start all again: training goes on from its checkpoint.\n"
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os.write(2, lost.encode())
    os._exit(LOST)


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


def _failed(before: Hook) -> Hook:
    """What handles an exception that nobody catches: this process ends, so that the others notice."""

    def end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(130 if issubclass(kind, KeyboardInterrupt) else 1)

    return end


def _store() -> Any:
    return distributed.global_state.client


@ctypes.CFUNCTYPE(None, ctypes.c_int)  # type: ignore[untyped-decorator]
def _aborted(_: int) -> None:
    """JAX aborts a process whose connection with process 0 is lost."""
    lost = _peers.lost or f"{_peers.names[0]} was lost" if _peers is not None else "JAX has ended it"
    leave(lost)


def _keep_exit_code() -> None:
    """Let an abort by JAX end the process as :func:`leave` does."""
    libc = ctypes.CDLL(None)
    libc.signal(int(signal.SIGABRT), _aborted)
