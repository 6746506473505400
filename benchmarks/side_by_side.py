"""What the benchmarks share: contenders timed in turns, one table, one JSON file.

The machine is rarely quiet, so contenders take turns round after round and their medians are compared; the
shortest round is shown too, as what the machine can do when it is left alone. Between turns is a pause, because
the idle threads of some libraries keep a processor busy for a while after their work.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

PAUSE = 0.2  # seconds

Work = Callable[[], int]
"""Does a piece of work and returns how many units (steps, calls, rows) it was."""


class Timing(NamedTuple):
    """Seconds a unit, over the rounds."""

    median: float
    least: float


def hold_threads(count: int) -> None:
    """Limits every library to so many threads; to be called before any of them is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GLASSNET_THREADS"):
        os.environ[name] = str(count)


def present(module: str) -> Any | None:
    """The module, or ``None`` and a word about it where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"left out: {module} ({error})", file=sys.stderr)
        return None


def in_turns(contenders: dict[str, Work], rounds: int) -> dict[str, Timing]:
    """Every contender once a round, after a round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, work in contenders.items():
            time.sleep(PAUSE)
            start = time.perf_counter()
            units = work()
            if number:
                seconds[name].append((time.perf_counter() - start) / units)
    return {name: Timing(statistics.median(times), min(times)) for name, times in seconds.items()}


def table(title: str, header: list[str], rows: list[list[str]]) -> None:
    """Prints rows under a header, the first column to the left and the others to the right."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    print(f"\n{title}")
    for row in [header, *rows]:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def save(results: dict[str, Any], path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(results, indent=2) + "\n")
