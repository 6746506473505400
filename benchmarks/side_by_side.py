"""Shared by the benchmarks: timing of several programs in turns, tables, JSON files.

Other programs may run at the same time, so the contenders take turns, and the medians of all rounds are compared. The
shortest round is also shown: it is closest to the time on an idle machine. There is a pause between turns, because the
idle threads of some libraries keep a processor busy for a while after their work.
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
"""Does some work and returns its number of units (steps, calls, rows)."""


class Timing(NamedTuple):
    """Seconds per unit, over all rounds."""

    median: float
    least: float


def limit_threads(count: int) -> None:
    """Limit the threads of every library; call it before any of them is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GLASSNET_THREADS"):
        os.environ[name] = str(count)


def present(module: str) -> Any | None:
    """The module, or ``None`` and a printed line if it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"not compared: {module} ({error})", file=sys.stderr)
        return None


def in_turns(contenders: dict[str, Work], rounds: int) -> dict[str, Timing]:
    """The times of every contender, once per round, after one round that is not counted."""
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
    """Print rows under a header, the first column left-aligned and the others right-aligned."""
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
