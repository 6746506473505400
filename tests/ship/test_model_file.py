"""The model file: the same model again, and whole files only."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import glassnet
from effort import python_calls
from glassnet.errors import InputError, InputTypeError
from glassnet.net import LOSSES, OPTIMIZERS, Activation, Adam
from glassnet.tables import penguins_path
from glassnet.training import rules
from glassnet.training.history import History

PENGUINS = penguins_path()


@pytest.fixture(scope="module")
def models() -> dict[str, glassnet.Model]:
    return {
        "classes": glassnet.train(
            PENGUINS, "species", epochs=3, holdout=0.2, dropout=(0.1, 0.0), seed=1, recipe="single"
        ),
        "numbers": glassnet.train(
            PENGUINS, "body_mass_g", epochs=3, dtype="float64", hidden=(), seed=1, recipe="single"
        ),
        "two": glassnet.train(PENGUINS, "sex", epochs=3, validation=0, seed=1, recipe="single"),
        "several": glassnet.train(
            PENGUINS, ["body_mass_g", "bill_depth_mm"], epochs=3, holdout=0.1, seed=1, recipe="single"
        ),
    }


@pytest.mark.parametrize("name", ["classes", "numbers", "two", "several"])
def test_a_loaded_model_is_the_saved_one_to_the_bit(
    models: dict[str, glassnet.Model], name: str, tmp_path: Path
) -> None:
    model = models[name]
    path = tmp_path / "model.glassnet"
    model.save(path)
    again = glassnet.load(path)
    np.testing.assert_array_equal(again.predict(PENGUINS), model.predict(PENGUINS))
    for attribute in (
        "schema",
        "encoder",
        "target",
        "network",
        "settings",
        "engine_name",
        "baseline",
        "provenance",
    ):
        assert getattr(again, attribute) == getattr(model, attribute), attribute
    for parameters in ("initial", "learnt"):
        own, other = getattr(model, parameters).vector, getattr(again, parameters).vector
        assert own.dtype == other.dtype
        np.testing.assert_array_equal(own, other)
    for curve in ("loss", "validation_loss", "rate"):
        np.testing.assert_array_equal(getattr(again.history, curve), getattr(model.history, curve))
    assert repr(again) == repr(model)
    again.save(path)
    assert glassnet.load(path).predict(PENGUINS).tolist() == model.predict(PENGUINS).tolist()


def test_anybody_can_read_the_tensors(models: dict[str, glassnet.Model], tmp_path: Path) -> None:
    models["classes"].save(tmp_path / "m")
    tensors = load_file(tmp_path / "m")
    np.testing.assert_array_equal(tensors["members.0.learnt.1.weights"], models["classes"].learnt[0].weights)
    assert tensors["members.0.initial.3.biases"].shape == (3,)


def test_a_failing_save_leaves_the_old_file_and_no_litter(
    models: dict[str, glassnet.Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.glassnet"
    models["two"].save(path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        models["classes"].save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_os_error(models: dict[str, glassnet.Model], tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "model"
    with pytest.raises(FileNotFoundError) as caught:
        models["two"].save(path)
    assert caught.value.filename == str(path)  # not that of the temporary file
    with pytest.raises(IsADirectoryError) as told:
        models["two"].save(tmp_path)
    assert told.value.filename == str(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_what_is_no_model_is_reported(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "no model"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no model"):
        glassnet.load(path)


def test_other_safetensors_files_missing_ones_and_folders_are_reported(tmp_path: Path) -> None:
    save_file({"a": np.zeros(3)}, tmp_path / "other")
    with pytest.raises(InputError, match="not a model file that glassnet saved"):
        glassnet.load(tmp_path / "other")
    save_file({"a": np.zeros(3, np.float16)}, tmp_path / "other")
    data = (tmp_path / "other").read_bytes()
    (tmp_path / "other").write_bytes(data.replace(b'"F16"', b'"BF16"').replace(b"}} ", b"}}"))  # not NumPy's
    with pytest.raises(InputError, match="not a model file that glassnet saved"):
        glassnet.load(tmp_path / "other")
    with pytest.raises(InputError, match=r"There is no file '.*missing'"):
        glassnet.load(tmp_path / "missing")
    with pytest.raises(InputError, match=r"There is no file 'a\\x00b'"):
        glassnet.load("a\0b")
    with pytest.raises(InputError, match="directory"):
        glassnet.load(tmp_path)
    with pytest.raises(InputTypeError, match="path is 3, but must be that of a model file"):
        glassnet.load(3)  # type: ignore[arg-type]


def test_a_file_that_may_not_be_written_to_is_not_replaced(
    models: dict[str, glassnet.Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"kept")
    monkeypatch.setattr("glassnet.files.os.access", lambda *_: False)  # root may write to any
    with pytest.raises(PermissionError):
        models["two"].save(path)
    assert path.read_bytes() == b"kept"


def test_a_file_cut_short_anywhere_is_reported(models: dict[str, glassnet.Model], tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    models["two"].save(whole)
    data = whole.read_bytes()
    for size in np.linspace(0, len(data) - 1, 12).astype(int):
        part.write_bytes(data[:size])
        with pytest.raises(InputError):
            glassnet.load(part)


def test_a_bit_that_flipped_anywhere_is_reported(models: dict[str, glassnet.Model], tmp_path: Path) -> None:
    """In a weight, in a setting, in a column's mean: no number that nobody saved is ever predicted with."""
    path = tmp_path / "m"
    models["two"].save(path)
    data = path.read_bytes()
    rng = np.random.default_rng(1)
    name = data.index(b'"digest"')
    for at in [*range(name, name + 12), *rng.choice(len(data), 150, replace=False)]:
        flipped = bytearray(data)
        flipped[at] ^= 1 << rng.integers(8)
        path.write_bytes(flipped)
        with pytest.raises(InputError, match="m' "):
            glassnet.load(path)


def test_the_same_model_gives_the_same_bytes(models: dict[str, glassnet.Model], tmp_path: Path) -> None:
    for model in models.values():
        contents = set()
        for number in range(4):
            model.save(tmp_path / f"{number}")
            contents.add((tmp_path / f"{number}").read_bytes())
        glassnet.load(tmp_path / "0").save(tmp_path / "again")
        assert contents == {(tmp_path / "again").read_bytes()}


def test_a_model_as_it_stood_after_any_epoch_can_be_saved(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"hidden": 4, "epochs": 25, "snapshots": 4, "learning_rate": 0.1}
    model = glassnet.train(PENGUINS, "species", seed=1, **settings, recipe="single")
    assert model.history.snapshots is not None
    assert model.history.best_epoch not in model.history.snapshots  # an epoch between the snapshots was kept
    for epoch in model.kept:
        model.at(epoch).save(tmp_path / "m")
        again = glassnet.load(tmp_path / "m")
        np.testing.assert_array_equal(again.learnt.vector, model.kept[epoch])
        assert repr(again.doctor()) == repr(model.at(epoch).doctor())


def test_other_processes_give_the_same_bytes(models: dict[str, glassnet.Model], tmp_path: Path) -> None:
    path = tmp_path / "model"
    models["several"].save(path)
    before = path.read_bytes()
    code = "import glassnet, sys; glassnet.load(sys.argv[1]).save(sys.argv[1])"
    for seed in ("1", "2"):  # of hashes, on which the order of sets depends
        run = [sys.executable, "-c", code, str(path)]
        subprocess.run(run, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)
        assert path.read_bytes() == before


@pytest.mark.parametrize("document", ["[]", "3", '{"format": "1"}', '{"format": 1}', "{}"])
def test_a_header_of_another_form_is_reported(document: str, tmp_path: Path) -> None:
    save_file({"a": np.zeros(3)}, tmp_path / "m", {"glassnet": document})
    with pytest.raises(InputError, match="m' is "):
        glassnet.load(tmp_path / "m")


def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "m").touch()
    monkeypatch.setattr("builtins.open", refuse)  # root may read any
    with pytest.raises(InputError, match=r"m' cannot be read: Permission denied\."):
        glassnet.load(tmp_path / "m")


def test_a_later_format_is_reported(
    models: dict[str, glassnet.Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("glassnet.ship.document.FORMAT", 99)
        models["two"].save(tmp_path / "future")
    with pytest.raises(InputError, match=r"format 99.*newer glassnet"):
        glassnet.load(tmp_path / "future")


def test_an_empty_history_can_be_kept(models: dict[str, glassnet.Model]) -> None:
    assert repr(History()) == "History(no epochs)"


def test_rules_and_activations_defined_elsewhere_train_but_are_not_saved(tmp_path: Path) -> None:
    square = Activation(
        "square", lambda z: z * z, lambda z, a: 2 * z, "z²", "2z", (0, np.inf), "normal", "here"
    )
    twice = dataclasses.replace(LOSSES["squared_error"], name="twice", function=lambda a, y, p: (a - y) ** 2)

    class Own(Adam):
        """A rule of a researcher."""

    for own, message in (
        ({"activation": square}, "the activation square cannot be saved"),
        ({"loss": twice}, "the loss twice cannot be saved"),
        ({"optimizer": Own()}, "the optimizer adam cannot be saved"),
    ):
        model = glassnet.train(PENGUINS, "body_mass_g", hidden=4, epochs=2, seed=1, **own, recipe="single")
        assert model.engine_name == "reference"
        assert np.isfinite(model.predict(PENGUINS)).all()
        with pytest.raises(InputError, match=f"{message}: it is not one of glassnet's own"):
            model.save(tmp_path / "model.glassnet")
        assert not (tmp_path / "model.glassnet").exists()


def test_names_that_this_version_does_not_have_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.glassnet"
    glassnet.train(PENGUINS, "species", hidden=4, epochs=1, seed=1, optimizer="adamw", recipe="single").save(
        path
    )
    monkeypatch.delitem(OPTIMIZERS, "adamw")
    rules._from_text.cache_clear()
    with pytest.raises(InputError, match=r"cannot be loaded: optimizer is 'adamw', but must be one of"):
        glassnet.load(path)


def test_the_time_is_in_proportion_to_the_columns(tmp_path: Path) -> None:
    def work(columns: int) -> int:
        inputs = np.random.default_rng(0).normal(size=(40, columns))
        model = glassnet.train((inputs, inputs[:, 0]), hidden=2, epochs=1, seed=1, recipe="single")
        model.save(tmp_path / "m")  # computes the statistics
        return python_calls(lambda: model.save(tmp_path / "m")) + python_calls(
            lambda: glassnet.load(tmp_path / "m")
        )

    work(10)
    assert work(400) < 5 * work(100)
