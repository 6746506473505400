"""The table of settings: its defaults, what it refuses, and that ``train`` is written from it."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

import glassnet
from glassnet.errors import SettingsError
from glassnet.training.settings import SETTINGS, validate


def test_train_has_the_settings_with_their_defaults() -> None:
    parameters = inspect.signature(glassnet.train).parameters
    defaults = {name: parameters[name].default for name in SETTINGS}
    assert defaults == {name: row.default for name, row in SETTINGS.items()}
    others = set(parameters) - set(SETTINGS)
    assert others == {"table", "target", "progress", "callbacks", "stop"}


def test_defaults_are_valid_and_explained() -> None:
    settings = validate({})
    assert settings["hidden"] == (128, 64)
    for row in SETTINGS.values():
        assert row.help.endswith(".")
        assert row.why or row.none, f"{row.name} gives no reason for its default"
        if row.default is not None:
            assert settings[row.name] == row.check(row.default)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden", 0),
        ("hidden", (8, -3)),
        ("hidden", 2.5),
        ("hidden", True),
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("learning_rate", "fast"),
        ("momentum", 1),
        ("dropout", 1.0),
        ("dropout", (0.1, -0.1)),
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", 0),
        ("validation", 1.0),
        ("quantile", 0),
        ("quantile", 1),
        ("seed", -1),
        ("standardize", 1),
        ("dtype", "float16"),
        ("patience", 0),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(name: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        validate({name: value})
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(name)
    assert "must be" in caught.value.faults[0]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"activation": "rellu"}, "'relu'"),
        ({"optimizer": "Adam"}, "'adam'"),
        ({"loss": "squared"}, "'squared_error'"),
        ({"learning_rat": 0.1}, "'learning_rate'"),
    ],
)
def test_the_nearest_name_is_suggested(given: dict[str, object], meant: str) -> None:
    with pytest.raises(SettingsError, match=f"Did you mean {meant}"):
        validate(given)


def test_all_faults_of_a_call_come_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        validate({"hidden": 0, "learning_rate": -1, "loss": "mse", "validation": 0.5, "holdout": 0.6})
    assert len(caught.value.faults) == 4


def test_numbers_of_numpy_are_numbers() -> None:
    settings = validate({"hidden": np.array([8, 4]), "learning_rate": np.float32(0.5), "epochs": np.int64(3)})
    assert settings["hidden"] == (8, 4)
    assert type(settings["learning_rate"]) is float
    assert type(settings["epochs"]) is int


def test_a_list_for_each_layer_must_fit_the_layers() -> None:
    with pytest.raises(SettingsError, match="dropout has 3 entries, but hidden has 2"):
        validate({"hidden": (8, 4), "dropout": (0.1, 0.2, 0.3)})
