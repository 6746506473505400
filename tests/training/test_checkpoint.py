"""Checkpoints: a training that goes on from any of them ends as one that nothing disturbed, to the bit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import CheckpointWarning, DivergenceError
from glassnet.tables import penguins_path
from glassnet.training import Checkpoint, StopToken, checkpoint, checkpoint_file, members

PENGUINS = pd.read_csv(penguins_path())
SETTINGS: dict[str, Any] = {"target": "species", "recipe": "single", "hidden": 4, "epochs": 4, "seed": 3}


def trained(**changes: Any) -> glassnet.Model:
    return glassnet.train(PENGUINS, **{**SETTINGS, **changes})


def content(model: glassnet.Model, path: Path) -> bytes:
    """The bytes of the model file, without times."""
    networks = tuple(replace(own, history=replace(own.history, seconds=0.0)) for own in model.members)
    replace(model, members=networks, provenance={**model.provenance, "created": ""}).save(path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.checkpoint"


@pytest.fixture
def files(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Copies of all checkpoints that are written."""
    copies: list[Path] = []
    write = checkpoint_file.write

    def copying(name: str, *what: Any) -> None:
        write(name, *what)
        copies.append(path.with_name(f"{len(copies)}.copy"))
        shutil.copy(name, copies[-1])

    monkeypatch.setattr(checkpoint, "write", copying)
    return copies


MANY = {"members": 3, "threads": 2}
TRAININGS: dict[str, dict[str, Any]] = {
    "one network": {},
    "reference": {"engine": "reference", "dropout": 0.3, "optimizer": "adamw", "dtype": "float64"},
    "native, float64": {"dropout": 0.3, "dtype": "float64", "optimizer": "momentum", "snapshots": 3},
    "no validation rows": {"validation": 0, "holdout": 0.2, "optimizer": "rmsprop", "schedule": "cosine"},
    "one step": {"batch_size": None, "optimizer": "gradient_descent", "schedule": "warm_up", "epochs": 9},
    "early stopping": {"learning_rate": 0.5, "patience": 2, "epochs": 9, "class_weight": "balanced"},
    "a metric": {"metric": "calibrated_log_loss", "optimizer": "nesterov", "l1": 0.01, "max_time": 1000.0},
    "clipped": {"optimizer": "adam(max_norm=0.1)", "engine": "reference", "validation": 0},
    "several networks": {**MANY, "dropout": 0.2, "schedule": "flat_cosine", "patience": 1, "learning_rate": 0.1},
    "several without validation": {**MANY, "validation": 0, "snapshots": 2},
    "numbers": {**MANY, "target": "body_mass_g", "metric": "rmse", "sample_weight": np.arange(1.0, 345)},
}  # fmt: skip


@pytest.mark.parametrize("name", TRAININGS)
def test_from_every_checkpoint_training_ends_with_the_same_bits(
    name: str, path: Path, files: list[Path], tmp_path: Path
) -> None:
    changes = TRAININGS[name]
    whole = content(trained(**changes), tmp_path / "whole")
    disturbed = trained(**changes, checkpoint=Checkpoint(path, seconds=0, keep=True))
    assert content(disturbed, tmp_path / "model") == whole
    assert len(files) > 1
    for file in [*files[:: len(files) // 4 + 1], files[-1]]:
        shutil.copy(file, path)
        with pytest.warns(CheckpointWarning, match="goes on from the checkpoint '.*', after .* epochs"):
            model = trained(**changes, checkpoint=path)
        assert content(model, tmp_path / "model") == whole
        assert not path.exists()


def test_networks_that_are_trained_one_after_another_go_on_too(
    path: Path, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = content(trained(**MANY), tmp_path / "whole")
    monkeypatch.setattr(members, "memory", lambda: 0)
    trained(**MANY, checkpoint=Checkpoint(path, seconds=0))
    for file in files[::3]:
        shutil.copy(file, path)
        with pytest.warns(CheckpointWarning):
            assert content(trained(**MANY, checkpoint=path), tmp_path / "model") == whole


class Accuracy:
    """A metric that does something when it is measured for the ``at``-th time."""

    def __init__(self, at: int, action: Callable[[], object]) -> None:
        self.left, self.action = at, action

    def __call__(self, actual: Any, predicted: Any) -> float:
        self.left -= 1
        if not self.left:
            self.action()
        return float((actual == predicted).mean())


def fail() -> None:
    raise MemoryError


@pytest.mark.parametrize("more", [{}, MANY])
def test_a_training_that_is_stopped_leaves_a_checkpoint_of_its_last_whole_epoch(
    more: dict[str, Any], path: Path, tmp_path: Path
) -> None:
    token = StopToken()
    stopping, never = Accuracy(3 * more.get("members", 1), token.stop), Accuracy(0, fail)
    stopped = trained(**more, metric=stopping, checkpoint=path, callbacks=token)
    assert "stop" in {own.history.ended_by for own in stopped.members}
    with pytest.warns(CheckpointWarning):
        model = trained(**more, metric=never, checkpoint=path)
    assert content(model, tmp_path / "model") == content(trained(**more, metric=never), tmp_path / "whole")
    assert not path.exists()


def test_an_error_leaves_a_checkpoint_and_divergence_none(path: Path, tmp_path: Path) -> None:
    failing, never = Accuracy(3, fail), Accuracy(0, fail)
    with pytest.raises(MemoryError):
        trained(metric=failing, checkpoint=path)
    with pytest.warns(CheckpointWarning, match="after 2 epochs"):
        model = trained(metric=never, checkpoint=path)
    assert content(model, tmp_path / "model") == content(trained(metric=never), tmp_path / "whole")
    with pytest.raises(DivergenceError):
        trained(learning_rate=1e30, optimizer="gradient_descent", validation=0, checkpoint=path)
    assert not path.exists()


def test_a_training_without_a_seed_goes_on_with_that_of_its_checkpoint(path: Path, tmp_path: Path) -> None:
    first = trained(seed=None, checkpoint=Checkpoint(path, keep=True))
    with pytest.warns(CheckpointWarning, match="after 4 epochs"):
        again = trained(seed=None, checkpoint=path)
    assert content(again, tmp_path / "again") == content(first, tmp_path / "first")


def test_the_time_of_earlier_runs_counts(path: Path, files: list[Path]) -> None:
    trained(epochs=2, max_time=1e-9, checkpoint=Checkpoint(path, seconds=0, keep=True))
    with pytest.warns(CheckpointWarning, match="after 1 epochs"):
        model = trained(epochs=2, max_time=1e-9, checkpoint=path)
    assert (model.history.epochs, model.history.ended_by) == (1, "max_time")
