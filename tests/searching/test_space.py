"""What a space can be, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import SettingsError
from glassnet.tables import penguins_path, read_table

pytest.importorskip("optuna", reason="Optuna is not installed: the extra search of glassnet installs it")

from glassnet import searching

TABLE = read_table(penguins_path())
NONE: dict[str, Any] = dict.fromkeys(searching.SPACE)
OF_ALL: dict[str, Any] = {"recipe": "single", "epochs": 2, "seed": 1}


@pytest.mark.parametrize(
    ("space", "fault"),
    [
        ({1: [2]}, "the space has the name 1, but names of settings are text"),
        ({"batch_size": (16, 64, 0.5)}, "its step must be an integer"),
        ({"batch_size": (16, 64, 1.5)}, "its step must be an integer"),
        ({"batch_size": (16, 20, 8)}, "its step must divide the range"),
        ({"dropout": (0.0, 0.4, 0.3)}, "its step must divide the range"),
        ({"dropout": {0.1, 0.2}}, "choices are a list"),
        ({"dropout": np.array([0.1, 0.2])}, "choices are a list"),
        ({"batch_size": range(16, 64)}, "choices are a list"),
        ({"optimizer.max_norm": [None, -1.0], "optimizer": ["adam"]}, "'optimizer.max_norm' is -1.0"),
        ({"optimizer": None, "optimizer.weight_decay": (0.001, 0.1)}, "has no effect"),
        ({"optimizer": ["nesterov", "momentum"], "optimizer.weight_decay": (0.001, 0.1)}, "has no effect"),
    ],
)
def test_what_a_space_cannot_be_is_refused(space: dict[Any, Any], fault: str) -> None:
    with pytest.raises(SettingsError) as refused:
        glassnet.search(TABLE, "species", space={**NONE, **space}, trials=1, **OF_ALL)
    assert len(refused.value.faults) == 1
    assert fault in refused.value.faults[0]


def test_a_constant_of_no_optimizer_of_all_trials_is_refused() -> None:
    space = {**NONE, "optimizer.weight_decay": (0.001, 0.1)}
    with pytest.raises(SettingsError, match="has no effect"):
        glassnet.search(TABLE, "species", space=space, optimizer="nesterov", trials=1, **OF_ALL)
    found = glassnet.search(TABLE, "species", space=space, optimizer="adamw", trials=2, **OF_ALL)
    assert set(found.trials[1].settings) == {"optimizer.weight_decay"}


def test_none_is_a_value_of_a_constant_whose_default_it_is() -> None:
    space = {**NONE, "optimizer": ["adam"], "optimizer.max_norm": [None, 1.0], "dropout": (0.0, 0.3, 0.1)}
    found = glassnet.search(TABLE, "species", space=space, trials=6, **OF_ALL)
    assert {own.settings["optimizer.max_norm"] for own in found.trials[1:]} == {None, 1.0}
    assert {round(own.settings["dropout"], 6) for own in found.trials[1:]} <= {0.0, 0.1, 0.2, 0.3}


def test_a_value_that_is_written_twice_is_one_choice() -> None:
    space = {
        **NONE,
        "hidden": [8, (8,), [8]],
        "batch_size": [np.int64(32), 32],
        "optimizer": ["adam", "adam()"],
    }
    found = glassnet.search(TABLE, "species", space=space, trials=1, **OF_ALL)
    assert found.study.user_attrs["glassnet"]["space"] == {
        name: f"CategoricalDistribution(choices=({value!r},))"
        for name, value in (("hidden", 8), ("batch_size", 32), ("optimizer", "adam"))
    }


def test_equal_settings_are_trained_once() -> None:
    begun = []
    found = glassnet.search(
        TABLE,
        "species",
        space={**NONE, "dropout": [0.1]},
        trials=5,
        callbacks=lambda event: begun.append(event.stop),
        **OF_ALL,
    )
    assert len(set(map(id, begun))) == 2
    assert len({own.score for own in found.trials[1:]}) == 1
    assert found.model.validation is not None
    assert found.best.score == found.model.validation["log_loss"]
