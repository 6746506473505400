"""Several processes on this machine that run one command, over loopback."""

from __future__ import annotations

import glob
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import IO

from glassnet.distributed.places import LOCAL, LOST, PARENT
from glassnet.engines.threads import processors
from glassnet.errors import SettingsError

POLL_SECONDS = 0.05
GRACE_SECONDS = 3.0  # for the others to end after one has
TAIL = 4096  # of what a process other than the first wrote to standard error before it failed


def processes_of(text: str) -> int:
    """The number of processes that ``--processes`` asks for: ``auto`` is one for each GPU, else for each processor.

    Raises:
        SettingsError: it is no number above 0.
    """
    if text == "auto":
        return len(_gpus()) or processors()
    if not text.isdecimal() or not int(text):
        raise SettingsError(f"processes is {text!r}, but must be a number above 0, or auto.")
    return int(text)


def run(command: Sequence[str], processes: int) -> int:
    """Run the command in so many processes, and return the exit code of process 0.

    Only what process 0 writes is seen, and it alone gets Ctrl-C and SIGTERM. When a process fails, all others are
    ended: the message says which one, and the exit code is 75 unless it was process 0. Each process has its own GPU,
    or its own share of the processors.
    """
    with ExitStack() as stack:
        running, messages = [], []
        for rank, variables in enumerate(_variables(processes)):
            message = stack.enter_context(tempfile.TemporaryFile())
            messages.append(message)
            process = subprocess.Popen(
                command,
                env=os.environ | variables,
                stdin=subprocess.DEVNULL if rank else None,
                stdout=subprocess.DEVNULL if rank else None,
                stderr=message if rank else None,
                start_new_session=True,  # so that a terminal's Ctrl-C does not reach it
            )
            stack.callback(_end, process)
            running.append(process)
            _limit(process, rank, processes)
        with _signals_to(running[0]):
            return _wait(running, messages)


def _wait(running: list[subprocess.Popen[bytes]], messages: Sequence[IO[bytes]]) -> int:
    """Wait until all have ended, or one has failed."""
    while True:
        codes = [process.poll() for process in running]
        failed = [rank for rank, code in enumerate(codes) if code]
        if failed:
            break
        if None not in codes:
            return 0
        time.sleep(POLL_SECONDS)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(process.poll() is None for process in running):
        time.sleep(POLL_SECONDS)
    code = running[0].poll()
    if code is not None and 0 < code != LOST:
        return code  # process 0 has said why
    first = failed[0]
    content = messages[first]
    content.seek(max(0, content.seek(0, os.SEEK_END) - TAIL))
    sys.stderr.write(content.read().decode(errors="replace"))
    how = (
        f"was killed by signal {-code}"
        if (code := running[first].returncode) < 0
        else f"ended with code {code}"
    )
    sys.stderr.write(
        f"glassnet: process {first} of {len(running)} {how}; all were ended. Run the command again: "
        "with a checkpoint, training goes on.\n"
    )
    return LOST


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _variables(processes: int) -> Iterator[dict[str, str]]:
    """What each process finds its place by."""
    with socket.socket() as own:
        own.bind((LOCAL, 0))
        port = own.getsockname()[1]
    gpus = _gpus()
    for rank in range(processes):
        yield {
            "RANK": str(rank),
            "WORLD_SIZE": str(processes),
            "MASTER_ADDR": LOCAL,
            "MASTER_PORT": str(port),
            PARENT: str(os.getpid()),
            **({"CUDA_VISIBLE_DEVICES": gpus[rank]} if len(gpus) >= processes else {}),
        }


def _gpus() -> list[str]:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [one for one in visible.split(",") if one and one != "-1"]
    return sorted(path.removeprefix("/dev/nvidia") for path in glob.glob("/dev/nvidia[0-9]*"))


def _limit(process: subprocess.Popen[bytes], rank: int, processes: int) -> None:
    """Let the process use its own share of the processors; XLA would use all in each."""
    if hasattr(os, "sched_setaffinity"):
        own = sorted(os.sched_getaffinity(0))[rank::processes]
        if own:
            os.sched_setaffinity(process.pid, own)


@contextmanager
def _signals_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Within, Ctrl-C and SIGTERM go to this process."""

    def forward(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    before: dict[signal.Signals, Callable[..., object] | int | None] = {}
    for own in (signal.SIGINT, signal.SIGTERM):
        before[own] = signal.signal(own, forward)
    try:
        yield
    finally:
        for own, handler in before.items():
            signal.signal(own, handler)
