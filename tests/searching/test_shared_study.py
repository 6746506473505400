"""Storages of studies: what is refused, and what makes a study that of another search."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError, SettingsError
from glassnet.net import OPTIMIZERS
from glassnet.tables import penguins_path, read_table

pytest.importorskip("optuna", reason="Optuna is not installed: the extra search of glassnet installs it")

from glassnet import searching
from glassnet.searching.shared_study import described

TABLE = read_table(penguins_path())
NONE: dict[str, Any] = dict.fromkeys(searching.SPACE)
OF_ALL: dict[str, Any] = {"recipe": "single", "epochs": 2, "seed": 1, "space": {**NONE, "dropout": [0.1]}}


def search(target: str = "species", **more: Any) -> searching.SearchResult:
    return glassnet.search(TABLE, target, **{"trials": 1, **OF_ALL, **more})


def smaller(actual: Any, predicted: Any) -> float:
    return -float(np.abs(actual - predicted).max())


def nearer(actual: Any, predicted: Any) -> float:
    return -float(np.abs(actual - predicted).mean())


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("metric", smaller, nearer),
        ("sample_weight", np.ones(344), np.arange(344.0)),
        ("groups", ["a"] * 344, ["b"] * 344),
        ("validation", {"species": ["Adelie"], "year": [2007]}, {"species": ["Adelie"], "year": [2008]}),
        ("validation", (np.array([[1.0]]), ["a"]), (np.array([[2.0]]), ["a"])),
        ("epochs", 3, 4),
        ("class_weight", {"a": 1.0}, {"a": 2.0}),
    ],
)
def test_other_values_are_recorded_as_others(name: str, one: Any, other: Any) -> None:
    def own(value: Any) -> Any:
        return described({name: value}, "species")[name]

    assert own(one) == own(one)
    assert own(one) != own(other)


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("hidden", [8, [8], (8,), np.int64(8), np.array([8])]),
        ("optimizer", ["adam", "adam()", OPTIMIZERS["adam"]()]),
        ("sample_weight", [np.ones(3), [1.0, 1.0, 1.0]]),
        ("validation", [0.2, np.float64(0.2)]),
    ],
)
def test_all_ways_to_write_a_value_are_recorded_alike(name: str, ways: list[Any]) -> None:
    assert len({str(described({name: value}, None)[name]) for value in ways}) == 1


def test_a_study_of_another_metric_is_refused(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'trials.db'}"
    search("year", storage=storage, hidden=8, metric=smaller)
    with pytest.raises(SettingsError, match="of another search"):
        search("year", storage=storage, hidden=8, metric=nearer, trials=2)
    assert len(search("year", storage=storage, hidden=(8,), metric=smaller).trials) == 1


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"storage": "trials.db"}, "must be a URL such as 'sqlite:///trials.db'"),
        ({"storage": Path("trials.db")}, "must be a URL such as 'sqlite:///trials.db'"),
        ({"study": "mine"}, "without a storage no study is kept"),
        ({"study": 5, "storage": "sqlite://"}, "study is 5, but must be the name"),
        ({"sampler": "tpe"}, "sampler is 'tpe'"),
        ({"pruner": "median"}, "pruner is 'median'"),
        ({"timeout": True}, "timeout is True"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_arguments_of_a_wrong_type_are_refused(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(SettingsError) as refused:
        search(**arguments)
    assert len(refused.value.faults) == 1
    assert fault in refused.value.faults[0]


def test_a_storage_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"not a database" * 100)
    for url in (f"sqlite:///{tmp_path / 'missing' / 'trials.db'}", f"sqlite:///{damaged}", "nothing://here"):
        with pytest.raises(InputError, match="cannot be used: "):
            search(storage=url)


def test_every_seed_of_a_training_is_one_of_a_search() -> None:
    assert search(seed=2**40).model.settings.seed == 2**40
    assert search(seed=None).model.settings.seed is not None


def test_what_the_recipe_chooses_is_tried_again_after_its_process_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.searching.shared_study.GRACE", 1)
    monkeypatch.setattr("glassnet.searching.shared_study.HEARTBEAT", 1)
    storage = f"sqlite:///{tmp_path / 'trials.db'}"

    def die(event: Any) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        search(storage=storage, callbacks=die)
    time.sleep(2.1)  # the storage counts whole seconds
    found = search(storage=storage, trials=3)
    assert [own.state for own in found.trials] == ["failed", "complete", "complete"]
    assert [len(own.settings) for own in found.trials] == [0, 0, 1]
