"""Watchers: told, protected from, and never waited for."""

from __future__ import annotations

import time

import pytest

from glassnet.training.events import EpochsDone, Event, TrainingEnded, Watchers
from glassnet.training.history import History
from glassnet.training.stop import StopToken


def epochs_done(epoch: int) -> EpochsDone:
    return EpochsDone(StopToken(), epoch, 100, 1.0, None, epoch, 0.1, 1.0, 1.0, History())


def test_a_slow_watcher_skips_epochs_but_never_the_end() -> None:
    seen: list[Event] = []

    def slow(event: Event) -> None:
        seen.append(event)
        time.sleep(0.005)

    watchers = Watchers(slow)
    for epoch in range(1, 101):
        watchers.tell(epochs_done(epoch))
    watchers.tell(TrainingEnded(StopToken(), "done", History()))
    epochs = [event.epoch for event in seen if isinstance(event, EpochsDone)]
    assert len(epochs) < 50
    assert epochs[-1] == 100
    assert isinstance(seen[-1], TrainingEnded)


def test_only_functions_can_watch() -> None:
    with pytest.raises(TypeError, match="'a string'"):
        Watchers(["a string"])  # type: ignore[list-item]


def test_events_are_frozen() -> None:
    with pytest.raises(AttributeError):
        epochs_done(1).loss = 0.0  # type: ignore[misc]
