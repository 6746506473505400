"""Files of checkpoints: those of other trainings, damaged ones and those of strangers are refused, and stay."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import CheckpointError, GlassnetError, InputError, InputTypeError, ModelFileError
from glassnet.tables import penguins_path
from glassnet.training import Checkpoint, checkpoint, checkpoint_file
from model_mutations import mutated, put_together, taken_apart

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(60, 2))
TARGETS = INPUTS[:, 0] * 2 + 1
WEIGHTS = np.arange(1.0, 61)
SETTINGS: dict[str, Any] = {"recipe": "single", "hidden": 3, "epochs": 3, "seed": 1, "snapshots": 2}
KEY = checkpoint_file.CHECKPOINT.key


def trained(path: Any, inputs: Any = INPUTS, targets: Any = TARGETS, **changes: Any) -> glassnet.Model:
    return glassnet.train((inputs, targets), checkpoint=path, **{**SETTINGS, **changes})


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a checkpoint."""
    path = tmp_path_factory.mktemp("run") / "run.checkpoint"
    trained(Checkpoint(path, keep=True), members=2)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "run.checkpoint").write_bytes(content)
    return tmp_path / "run.checkpoint"


def test_a_checkpoint_of_another_training_is_refused_with_all_differences(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(CheckpointError) as caught:
        trained(
            path, INPUTS + 1, members=2, learning_rate=0.5, optimizer="momentum(momentum=0.5)", dropout=0.1
        )
    start = f"{str(path)!r} is a checkpoint of another training: "
    *faults, advice = caught.value.faults
    assert all(fault.startswith(start) for fault in faults)
    said = [fault.removeprefix(start) for fault in faults]
    assert said[:3] == [
        "it has dropout=0.0, but this training has dropout=0.1.",
        "it has optimizer='adam(max_norm=None, beta1=0.9, beta2=0.999, epsilon=1e-08)', but this training has "
        "optimizer='momentum(max_norm=None, momentum=0.5)'.",
        "it has learning_rate=0.003, but this training has learning_rate=0.5.",
    ]
    assert said[3].startswith("the digest of its table is ")
    assert len(said) == 4
    assert advice == "To begin this training, name another file, or remove that one; it was not changed."
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"targets": TARGETS + 1}, "the digest of its table is "),
        ({"seed": 2}, "it has seed=1, but this training has seed=2."),
        ({"epochs": 4}, "it has epochs=3, but this training has epochs=4."),
        ({"members": 1}, "it has members=2, but this training has members=1."),
        (
            {"sample_weight": WEIGHTS},
            "it has sample_weight=None, but this training has sample_weight='given'.",
        ),
        ({"engine": "reference"}, "it has engine='native', but this training has engine='reference'."),
        ({"dtype": "float64"}, "it has dtype='float32', but this training has dtype='float64'."),
        ({"max_time": 9.0}, "it has max_time=None, but this training has max_time=9.0."),
    ],
)
def test_each_difference_is_named(more: dict[str, Any], fault: str, path: Path) -> None:
    if "engine" in more and not glassnet.engines.available("native"):
        pytest.skip("there is no native engine here")
    with pytest.raises(CheckpointError) as caught:
        trained(path, **{"members": 2, **more})
    assert fault in caught.value.faults[0]
    assert len(caught.value.faults) == 2


def test_arrays_that_are_no_settings_are_compared(tmp_path: Path) -> None:
    path, start = tmp_path / "run", RNG.normal(size=13)
    own = {"sample_weight": WEIGHTS, "init": start, "validation": (INPUTS[:9], TARGETS[:9])}
    trained(Checkpoint(path, keep=True), **own)
    for name, other, said in (
        ("sample_weight", WEIGHTS[::-1], "the digest of its weights is"),
        ("init", start + 1, "the digest of its initial parameters is"),
        ("validation", (INPUTS[:8], TARGETS[:8]), "the digest of its validation rows is"),
    ):
        with pytest.raises(CheckpointError) as caught:
            trained(path, **{**own, name: other})
        assert said in caught.value.faults[0]
        assert len(caught.value.faults) == 2


def test_damage_anywhere_is_found(path: Path) -> None:
    whole = path.read_bytes()
    rng = random.Random(0)
    for _ in range(60):
        damaged = bytearray(whole)
        if rng.random() < 0.5:
            del damaged[rng.randrange(len(whole)) :]
        else:
            damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            trained(path, members=2)
        assert path.read_bytes() == damaged


def test_other_files_are_refused(path: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    trained(None).save(model)
    with pytest.raises(CheckpointError, match="not a checkpoint that glassnet saved"):
        trained(model)
    with pytest.raises(ModelFileError, match="not a model file that glassnet saved"):
        glassnet.load(path)
    (tmp_path / "text").write_text("a,b\n1,2\n")
    with pytest.raises(CheckpointError, match="not a whole checkpoint"):
        trained(tmp_path / "text")
    document, tensors = taken_apart(path, KEY)
    put_together(path, {**document, "format": 9}, tensors, KEY)
    with pytest.raises(CheckpointError, match="format 9, but this glassnet reads format 1"):
        trained(path)
    for wrong in (5, True, b"x"):
        with pytest.raises(InputTypeError, match="must be a path or a Checkpoint"):
            trained(wrong)
    for seconds in (-1, "x", float("nan"), True):
        with pytest.raises(InputError, match="seconds is"):
            Checkpoint("x", seconds=seconds)  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match="no checkpoint can have the name"):
        trained("a\0b")


@pytest.mark.parametrize("seed", range(4))
def test_files_of_strangers_are_refused_or_trained_on(seed: int, path: Path) -> None:
    document, tensors = taken_apart(path, KEY)
    rng = random.Random(seed)
    for _ in range(40):
        changed, own, said = mutated(document, tensors, rng)
        put_together(path, changed, own, KEY)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                trained(Checkpoint(path, keep=True), members=2)
            except GlassnetError:
                continue
            except Exception as error:
                pytest.fail(f"{type(error).__name__} after {said}: {error}")


def test_a_folder_that_cannot_be_written_to_is_an_error_before_the_table_is_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No such file or directory: '.*none/run'"):
        glassnet.train(tmp_path / "no table", "y", checkpoint=tmp_path / "none" / "run")
    with pytest.raises(CheckpointError, match="is a directory, but a checkpoint was expected"):
        glassnet.train(tmp_path / "no table", "y", checkpoint=tmp_path)


def test_a_full_disk_is_one_warning_and_the_last_file_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.unlink()
    write, count = checkpoint_file.write, 0

    def full(*what: Any) -> None:
        nonlocal count
        count += 1
        if count in (3, 4):
            raise OSError(28, "No space left on device")
        write(*what)

    monkeypatch.setattr(checkpoint, "write", full)
    with pytest.warns(glassnet.CheckpointWarning) as warned:
        model = trained(Checkpoint(path, seconds=0, keep=True), epochs=9)
    said = f"the checkpoint {str(path)!r} cannot be written: No space left on device. Training goes on without it."
    assert [str(one.message) for one in warned] == [said]
    assert count > 4
    with pytest.warns(glassnet.CheckpointWarning, match="after 9 epochs"):
        again = trained(path, epochs=9)
    np.testing.assert_array_equal(again.learnt.vector, model.learnt.vector)


KILLED = """
import os, signal, sys, threading, warnings
import glassnet
from glassnet.training import Checkpoint, TrainingStarted
warnings.simplefilter("ignore", glassnet.CheckpointWarning)

def kill_soon(event):
    if isinstance(event, TrainingStarted):
        threading.Timer(float(sys.argv[1]), os.kill, (os.getpid(), signal.SIGKILL)).start()

checkpoint = Checkpoint("run", seconds=0.01)
glassnet.train(glassnet.tables.penguins_path(), callbacks=kill_soon, checkpoint=checkpoint, **eval(sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_that_is_killed_again_and_again_gets_to_the_same_end(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"target": "species", "hidden": 8, "members": 3, "patience": None, "seed": 5}
    settings |= {"epochs": 200, "dropout": 0.1}
    codes = []
    for after in (0.03, 0.05):
        command = [sys.executable, "-c", KILLED, str(after), repr(settings)]
        codes.append(subprocess.run(command, cwd=tmp_path, capture_output=True).returncode)
    assert codes == [-signal.SIGKILL] * 2
    with pytest.warns(glassnet.CheckpointWarning, match="goes on from the checkpoint"):
        model = glassnet.train(penguins_path(), checkpoint=tmp_path / "run", **settings)
    whole = glassnet.train(penguins_path(), **settings)
    for own, its in zip(model.members, whole.members, strict=True):
        np.testing.assert_array_equal(own.learnt.vector, its.learnt.vector)
        np.testing.assert_array_equal(own.history.loss, its.history.loss)
        np.testing.assert_array_equal(own.history.validation_loss, its.history.validation_loss)
    assert model.target == whole.target
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_removed_is_a_warning_and_the_model_is_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.warns(
        glassnet.CheckpointWarning, match=r"cannot be removed: Permission denied\. Remove it before"
    ):
        Checkpoint(path).remove()
