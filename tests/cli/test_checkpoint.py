"""``glassnet train --checkpoint``: what it says, and when the file stays."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet
from cli.conftest import Run
from glassnet.cli import train as verb
from glassnet.training import Checkpoint, checkpoint
from glassnet.training.loop_state import LoopState

TRAIN = ["train", "--recipe", "single", "--hidden", "4", "--epochs", "4", "--checkpoint", "run.checkpoint"]


def test_the_file_is_removed_once_the_model_is_saved(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = []
    save = verb._save

    def saving(model: glassnet.Model, out: Path) -> None:
        there.append((tmp_path / "run.checkpoint").exists())
        save(model, out)

    monkeypatch.setattr(verb, "_save", saving)
    done = run(*TRAIN)
    assert (done.code, there) == (0, [True]), done.err
    assert [path.name for path in tmp_path.iterdir()] == ["model.glassnet"]


def test_training_goes_on_with_one_note_and_the_seed_of_the_checkpoint(run: Run, tmp_path: Path) -> None:
    def fail(event: object) -> None:
        raise KeyboardInterrupt

    assert run(*TRAIN, "--seed", "7").code == 0
    whole = glassnet.load(tmp_path / "model.glassnet")
    (tmp_path / "model.glassnet").unlink()
    glassnet.train(
        glassnet.tables.penguins_path(), "species", recipe="single", hidden=4, epochs=4, holdout=0.2, seed=7,
        checkpoint=Checkpoint(tmp_path / "run.checkpoint", keep=True),
    )  # fmt: skip
    done = run(*TRAIN)
    assert done.err.count("Training goes on") == 1
    assert "note: Training goes on from the checkpoint 'run.checkpoint', after 4 epochs.\n" in done.err
    model = glassnet.load(tmp_path / "model.glassnet")
    assert model.settings.seed == 7
    np.testing.assert_array_equal(model.learnt.vector, whole.learnt.vector)


def test_differences_are_spelled_as_options(run: Run, tmp_path: Path) -> None:
    glassnet.train(
        glassnet.tables.penguins_path(), "species", recipe="single", hidden=4, epochs=4, holdout=0.2, seed=7,
        checkpoint=Checkpoint(tmp_path / "run.checkpoint", keep=True),
    )  # fmt: skip
    done = run(*TRAIN, "--hidden", "5", "--dropout", "0.1")
    assert done.code == 2
    start = "error: 'run.checkpoint' is a checkpoint of another training: it has"
    assert done.err.splitlines() == [
        f"{start} --hidden 4, but this training has --hidden 5.",
        f"{start} --dropout 0, but this training has --dropout 0.1.",
        "error: To begin this training, name another file, or remove that one; it was not changed.",
    ]
    assert not (tmp_path / "model.glassnet").exists()


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("none/run", "there is no folder 'none'"),
        (".", "that is a directory"),
    ],
)
def test_paths_that_cannot_be_used_are_faults_of_the_call(run: Run, name: str, fault: str) -> None:
    done = run("train", "--checkpoint", name, "--epochs", "0")
    assert done.code == 2
    assert f"error: --checkpoint is {name!r}, but {fault}" in done.err
    assert "--epochs" in done.err


def test_the_model_and_its_checkpoint_are_two_files(run: Run, tmp_path: Path) -> None:
    done = run("train", "--checkpoint", "./model.glassnet")
    assert done.code == 2
    assert (
        "error: --checkpoint and --out are both 'model.glassnet'; name another file for one of them.\n"
        in done.err
    )
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")
def test_after_ctrl_c_the_model_is_saved_and_the_file_stays(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = checkpoint.OpenCheckpoint.keep

    def interrupting(self: checkpoint.OpenCheckpoint, number: int, state: LoopState) -> None:
        keep(self, number, state)
        if state.history.epochs == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(checkpoint.OpenCheckpoint, "keep", interrupting)
    done = run(*TRAIN, "--seed", "7")
    assert done.code == 0, done.err
    assert (
        "note: the checkpoint 'run.checkpoint' stays: the same command goes on with the training.\n"
        in done.err
    )
    assert glassnet.load(tmp_path / "model.glassnet").history.epochs == 2
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert "after 2 epochs" in run(*TRAIN).err
    assert not (tmp_path / "run.checkpoint").exists()


def test_a_model_that_is_trained_further_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    assert run("train", "--recipe", "single", "--hidden", "4", "--epochs", "2").code == 0
    before = (tmp_path / "model.glassnet").read_bytes()
    done = run("train", "--init", "model.glassnet", "--epochs", "2", "--checkpoint", "run.checkpoint")
    assert done.code == 2
    assert "--init and --out are both 'model.glassnet'" in done.err
    assert (tmp_path / "model.glassnet").read_bytes() == before
    assert not (tmp_path / "run.checkpoint").exists()
