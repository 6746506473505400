"""The pace of a training: when its epochs are run; never what they compute."""

import threading
import time
from typing import Any

import numpy as np
import pytest

import glassnet
from effort import HANG
from glassnet.training import EpochsDone, Pace, StopToken

TABLE = {"x": np.linspace(-1, 1, 60).tolist(), "y": (np.linspace(-1, 1, 60) ** 2).tolist()}
SETTINGS: dict[str, Any] = {"hidden": (4,), "epochs": 12, "seed": 1, "progress": False, "validation": 0.0}


def test_a_paced_training_computes_the_same() -> None:
    pace = Pace()
    epochs: list[int] = []
    pace.allow(3)

    def on_event(event: object) -> None:
        if isinstance(event, EpochsDone):
            epochs.append(event.epoch)
            if event.epoch == 3:
                pace.allow(2)
            elif event.epoch == 5:
                pace.release()

    paced = glassnet.train(TABLE, "y", callbacks=[pace, on_event], **SETTINGS)
    whole = glassnet.train(TABLE, "y", **SETTINGS)
    assert (paced.learnt.vector == whole.learnt.vector).all()
    assert (paced.history.loss == whole.history.loss).all()
    assert {3, 5, 12} <= set(epochs)


def test_it_starts_paused_and_a_stop_ends_the_wait() -> None:
    pace, token = Pace(), StopToken()
    found: list[glassnet.Model] = []

    def train() -> None:
        with pytest.warns(RuntimeWarning, match="stopped before its first epoch was complete"):
            found.append(glassnet.train(TABLE, "y", callbacks=[pace, token], **SETTINGS))

    thread = threading.Thread(target=train)
    thread.start()
    while thread.is_alive() and not pace.waits:
        time.sleep(0.01)
    assert pace.waits
    assert not found
    token.stop("enough")
    thread.join(HANG)
    assert found[0].history.epochs == 0
    assert found[0].history.stop_reason == "enough"


def test_the_speed_is_a_number_of_epochs_per_second() -> None:
    pace = Pace(speed=50)
    pace.play()
    started = time.perf_counter()
    glassnet.train(TABLE, "y", callbacks=pace, **SETTINGS)
    assert time.perf_counter() - started >= 11 / 50
