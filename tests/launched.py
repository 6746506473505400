"""Processes that train together, by real ones on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LAUNCHED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "XLA_FLAGS")


def environment(**variables: str) -> dict[str, str]:
    """The variables of a process, of which no launcher has set any."""
    return {name: value for name, value in os.environ.items() if name not in LAUNCHED} | variables


@contextmanager
def processes(code: str, count: int = 2) -> Iterator[list[subprocess.Popen[str]]]:
    """So many processes that run ``code`` as a launcher would start them; none is left at the end."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        port = own.getsockname()[1]
    place = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment(RANK=str(rank), **place),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()
