"""What a training tells those who watch it.

Watchers are functions of one event. They get frozen records and can answer only through the event's
stop token. A watcher that fails is detached with a warning; one that is slow is called less often.
Training never waits for one.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from glassnet.errors import InputTypeError
from glassnet.net import Network
from glassnet.training.history import History
from glassnet.training.stop import StopToken

LOOKS_A_SECOND = 20
SLOW_SHARE = 0.1  # a watcher gets at most this share of the time


@dataclass(frozen=True)
class Event:
    """Something happened. ``stop`` is how a watcher ends the training."""

    stop: StopToken = field(repr=False)


@dataclass(frozen=True)
class TrainingStarted(Event):
    """``rows`` and ``validation_rows`` are counts; ``schema`` is that of the table, if there was one."""

    network: Network
    engine: str
    rows: int
    validation_rows: int
    epochs: int
    schema: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class EpochsDone(Event):
    """``epoch`` of at most ``epochs`` are done; ``remaining`` seconds, if all of them are run.

    ``history`` is the record so far: read it, do not write it.
    """

    epoch: int
    epochs: int
    loss: float
    validation_loss: float | None
    best_epoch: int
    rate: float
    elapsed: float
    remaining: float
    history: History = field(repr=False)


@dataclass(frozen=True)
class TrainingEnded(Event):
    """``reason`` says in words why it ended; ``history`` is the whole record."""

    reason: str
    history: History


Watcher = Callable[[Event], object]


def watchers_of(given: Watcher | Iterable[Watcher] | None) -> list[Watcher]:
    """One watcher, several or none as a list. Raises ``InputTypeError`` for what is no function."""
    watchers: list[Any]
    if given is None:
        watchers = []
    elif callable(given) or not isinstance(given, Iterable):
        watchers = [given]
    else:
        watchers = list(given)
    for watcher in watchers:
        if not callable(watcher):
            raise InputTypeError(f"callbacks takes functions of one event, but got {watcher!r}.")
    return watchers


class Watchers:
    """Hands events on to every watcher, and keeps training safe from them."""

    def __init__(self, watchers: Watcher | Iterable[Watcher] | None) -> None:
        self._resting_until = dict.fromkeys(watchers_of(watchers), 0.0)

    def __bool__(self) -> bool:
        return bool(self._resting_until)

    def tell(self, event: Event) -> None:
        skippable = isinstance(event, EpochsDone) and event.epoch < event.epochs
        for watcher, resting_until in list(self._resting_until.items()):
            started = time.perf_counter()
            if skippable and started < resting_until:
                continue
            try:
                watcher(event)
            except Exception as error:
                del self._resting_until[watcher]
                warnings.warn(
                    f"{watcher!r} failed and watches no longer: {type(error).__name__}: {error}",
                    RuntimeWarning,
                    stacklevel=2,
                )
                continue
            ended = time.perf_counter()
            self._resting_until[watcher] = ended + (ended - started) / SLOW_SHARE
