"""How networks that are trained at once share the processors."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.engines import Epochs
from glassnet.engines.reference import ReferenceRun
from glassnet.tables import penguins_path


def trained() -> glassnet.Model:
    return glassnet.train(
        penguins_path(), "species", hidden=6, epochs=3, seed=3, members=5, engine="reference"
    )


def test_trainings_in_several_threads_share_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    epochs, lock, now, most = ReferenceRun.epochs, threading.Lock(), [0], [0]

    def counted(*args: Any) -> Epochs:
        with lock:
            now[0] += 1
            most[0] = max(now[0], most[0])
        time.sleep(0.01)  # without sharing, all four would be here
        try:
            return epochs(*args)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(ReferenceRun, "epochs", counted)
    monkeypatch.setenv("GLASSNET_THREADS", "2")
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(trained) for _ in range(2)]
        one, other = (own.result() for own in both)
    assert most[0] == 2
    for own, its in zip(one.members, other.members, strict=True):
        np.testing.assert_array_equal(own.learnt.vector, its.learnt.vector)
