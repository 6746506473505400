"""The option ``--processes``."""

from __future__ import annotations

import sys

import typer

from glassnet.distributed import find_place, start
from glassnet.distributed.calls import ENGINES
from glassnet.distributed.local import processes_of, run
from glassnet.errors import SettingsError


def rank_of(asked: str) -> int:
    """The number of this process among those that a launcher started; without a launcher, the command is run in each.

    Raises:
        SettingsError: ``asked`` is no number of processes, or not that of the launcher.
        typer.Exit: the processes were started here, and have ended.
    """
    count, place = processes_of(asked), find_place()
    if place is None:
        if count == 1:
            return 0
        raise typer.Exit(run([sys.executable, "-m", "glassnet", *sys.argv[1:]], count))
    if asked != "auto" and count != place.processes:
        raise SettingsError(
            f"processes is {count}, but {place.launcher} started {place.processes}; leave it out, or pass auto."
        )
    return place.rank


def check_engine(engine: str | None) -> None:
    """Refuse an engine that trains in one process only.

    Raises:
        SettingsError: it is such a one.
    """
    if engine is not None and engine not in ENGINES:
        raise SettingsError(
            f"the engine {engine!r} trains in one process; leave out --processes or --engine."
        )


def connect() -> None:
    """Connect this process with the others, if a launcher has started it."""
    if find_place() is not None:
        start()
