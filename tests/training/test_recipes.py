"""Recipes: their choices are valid, yield to what is set, and make the model that the same settings make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import SettingsError
from glassnet.training.recipes import CONDITIONS, DECIDED, RECIPES, Facts, Steps, choices_of
from glassnet.training.settings import SETTINGS, Settings

TASKS = ("regression", "binary", "multiclass", "multilabel")
RNG = np.random.default_rng(5)
TABLE = {"a": RNG.normal(size=120), "b": RNG.normal(size=120)}
NUMBERS = {**TABLE, "y": TABLE["a"] * 2 - TABLE["b"]}
CLASSES = {**TABLE, "y": np.where(TABLE["a"] > TABLE["b"], "yes", "no")}


def given_values(recipe: str, facts: Facts) -> dict[str, Any]:
    return {name: choice.value for name, choice in choices_of(recipe, facts).items()}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("rows", [1, 50, 10_000, 10**7])
def test_choices_are_values_that_train_takes(recipe: str, task: str, rows: int) -> None:
    for name, value in given_values(recipe, Facts(task, rows)).items():
        if isinstance(value, Steps):
            assert name == "epochs"
            value = value.epochs(rows, 32)
        assert SETTINGS[name].check(value) is not None or SETTINGS[name].optional


def test_every_choice_has_a_condition_and_a_reason() -> None:
    for choices in RECIPES.values():
        for choice in choices:
            assert choice.when in CONDITIONS
            assert choice.reason
            assert choice.setting in SETTINGS


def test_the_default_is_balanced_and_single_has_the_defaults_of_the_settings() -> None:
    assert Settings().recipe == "balanced"
    assert not RECIPES["single"]
    model = glassnet.train(CLASSES, "y", recipe="single", epochs=1, seed=1)
    assert model.settings.with_checked(recipe="balanced").changed.keys() <= {"epochs", "output_activation"}
    assert not model.settings.chosen


@pytest.mark.parametrize("table", [NUMBERS, CLASSES], ids=["numbers", "classes"])
def test_a_recipe_makes_the_model_of_the_settings_that_it_chose(table: dict[str, Any]) -> None:
    model = glassnet.train(table, "y", recipe="balanced", epochs=2, seed=1)
    used = {name: getattr(model.settings, name) for name in DECIDED}
    again = glassnet.train(table, "y", seed=1, **used)
    assert model.settings.members == (10 if table is NUMBERS else 5)
    assert len(model.members) == len(again.members)
    for own, other in zip(model.members, again.members, strict=True):
        assert np.array_equal(own.learnt.vector, other.learnt.vector)
    task = model.schema.task
    for name, value in given_values("balanced", Facts(task, 120)).items():
        assert name == "epochs" or getattr(model.settings, name) == SETTINGS[name].check(value)


@pytest.mark.parametrize("name", sorted(DECIDED))
def test_what_is_set_is_not_changed(name: str) -> None:
    default = {"epochs": 3, "patience": 7, "learning_rate": 0.02}.get(name, SETTINGS[name].default)
    given = {"hidden": (4,), "epochs": 2, name: default}
    model = glassnet.train(CLASSES, "y", recipe="balanced", seed=1, **given)
    assert getattr(model.settings, name) == SETTINGS[name].check(default)


def test_auto_is_the_same_as_nothing() -> None:
    open_settings = dict.fromkeys(DECIDED, "auto")
    assert Settings.of(**open_settings) == Settings()
    assert Settings.of(**open_settings).left_open == Settings.of().left_open == DECIDED
    assert Settings.of(hidden=4).left_open == DECIDED - {"hidden"}


def test_a_choice_that_contradicts_what_is_set_is_refused() -> None:
    with pytest.raises(SettingsError, match="dropout has 3 entries, but hidden has 2"):
        glassnet.train(CLASSES, "y", recipe="balanced", dropout=(0.1, 0.1, 0.1), epochs=1)


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs"),
    [(1000, 100, 50), (1000, None, 60), (100_000, 100, 20), (10, 100, 60), (1500, 100, 33)],
)
def test_a_number_of_steps_becomes_epochs(rows: int, batch_size: int | None, epochs: int) -> None:
    assert Steps(500, 20, 60).epochs(rows, batch_size) == epochs


def test_an_unknown_recipe_is_named_with_the_known() -> None:
    with pytest.raises(SettingsError, match="must be one of single, balanced"):
        glassnet.train(CLASSES, "y", recipe="balance")


@pytest.mark.parametrize("rows", [2, 4, 9, 10])
def test_a_table_of_few_rows_is_trained_on(rows: int) -> None:
    model = glassnet.train(
        {"a": np.arange(rows), "y": np.arange(rows) * 0.7}, "y", recipe="balanced", epochs=1
    )
    assert model.settings.members == (10 if rows == 10 else 1)
    assert len(model.members) in ({5, 10} if rows == 10 else {1})  # with bins, without, or all
