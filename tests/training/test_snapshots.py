"""Snapshots: evenly spaced, within their bound, and without effect on the training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet
from glassnet.errors import InputError
from glassnet.tables import penguins_path
from glassnet.training.snapshots import Snapshots

FRAME = pd.read_csv(penguins_path())


@given(st.integers(1, 40), st.integers(1, 2000))
def test_they_are_evenly_kept_and_within_the_bound(most: int, epochs: int) -> None:
    snapshots = Snapshots(most)
    epoch = 0
    while epoch < epochs:
        epoch += snapshots.epochs_until_due(epoch)
        if epoch <= epochs:
            snapshots.add(epoch, np.array([epoch], np.float64))
        assert len(snapshots) <= most
    kept = snapshots.epochs
    assert set(np.diff([0, *kept])) <= {snapshots.stride}
    assert len(kept) >= min(epochs, most) // 2
    np.testing.assert_array_equal(snapshots.parameters[:, 0] if len(kept) else [], kept)


@pytest.mark.parametrize("validation", [0.0, 0.2])
def test_they_change_nothing_and_are_the_parameters_of_their_epochs(validation: float) -> None:
    settings: dict[str, Any] = {
        "target": "species",
        "seed": 1,
        "validation": validation,
        "patience": None,
        "hidden": 8,
    }
    watched = glassnet.train(FRAME, epochs=40, snapshots=8, **settings, recipe="single")
    plain = glassnet.train(FRAME, epochs=40, **settings, recipe="single")
    np.testing.assert_array_equal(watched.learnt.vector, plain.learnt.vector)
    np.testing.assert_array_equal(watched.history.loss, plain.history.loss)
    assert plain.history.snapshots is None
    kept = watched.history.snapshots
    assert kept is not None
    assert kept.epochs.tolist() == [8, 16, 24, 32, 40]
    if not validation:
        shorter = glassnet.train(FRAME, epochs=16, **settings, recipe="single")
        np.testing.assert_array_equal(kept[16], shorter.learnt.vector)


def test_a_model_can_be_taken_back(tmp_path: Path) -> None:
    model = glassnet.train(
        FRAME, "species", seed=1, epochs=40, snapshots=8, validation=0, hidden=8, recipe="single"
    )
    model.save(tmp_path / "m.glassnet")
    for own in (model, glassnet.load(tmp_path / "m.glassnet")):
        assert own.history.snapshots is not None
        np.testing.assert_array_equal(own.at(0).learnt.vector, model.initial.vector)
        np.testing.assert_array_equal(own.at(16).learnt.vector, own.history.snapshots[16])
        np.testing.assert_array_equal(own.at(40).learnt.vector, model.learnt.vector)
        assert own.at(16).evaluate(FRAME)["log_loss"] > own.evaluate(FRAME)["log_loss"]
        with pytest.raises(InputError, match="it must be one of 0, 8, 16, 24, 32, 40"):
            own.at(17)


def test_without_snapshots_there_are_still_start_and_end() -> None:
    model = glassnet.train(FRAME, "species", seed=1, epochs=5, hidden=4, recipe="single")
    path = model.weight_history(1, 1, 1)
    assert path.epochs.tolist() == [0, model.history.best_epoch]
    assert path.values.tolist() == [model.initial[0].weights[0, 0], model.learnt[0].weights[0, 0]]
    with pytest.raises(InputError, match="snapshots=32"):
        model.at(1000)


def test_the_memory_is_reported() -> None:
    snapshots = Snapshots(4)
    snapshots.add(1, np.zeros(250_000, np.float32))
    assert "1 of at most 4" in repr(snapshots)
    assert "1 MB" in repr(snapshots)
