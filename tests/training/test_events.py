"""Callbacks: they are called, and cannot fail or delay a training."""

from __future__ import annotations

import numpy as np
import pytest

from effort import Clock
from glassnet.training.events import Callbacks, CurrentParameters, EpochsDone, Event, TrainingEnded
from glassnet.training.history import History
from glassnet.training.stop import StopToken

CURRENT = CurrentParameters(None)


def epochs_done(epoch: int) -> EpochsDone:
    return EpochsDone(StopToken(), CURRENT, 100, 1.0, History(loss=np.ones(epoch)))


def test_a_slow_callback_skips_epochs_but_never_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(tick=0.001)
    monkeypatch.setattr("glassnet.training.events.time.perf_counter", clock)
    seen: list[Event] = []

    def slow(event: Event) -> None:
        seen.append(event)
        clock.now += 0.005

    callbacks = Callbacks(slow)
    for epoch in range(1, 101):
        callbacks.send(epochs_done(epoch))
    callbacks.send(TrainingEnded(StopToken(), CURRENT, History()))
    epochs = [event.epoch for event in seen if isinstance(event, EpochsDone)]
    assert len(epochs) < 50
    assert epochs[-1] == 100
    assert isinstance(seen[-1], TrainingEnded)


def test_only_functions_can_watch() -> None:
    with pytest.raises(TypeError, match="'a string'"):
        Callbacks(["a string"])  # type: ignore[list-item]


def test_events_are_frozen() -> None:
    with pytest.raises(AttributeError):
        epochs_done(1).remaining = 0.0  # type: ignore[misc]
