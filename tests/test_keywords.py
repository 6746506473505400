"""Arguments by the names of other libraries: what to write instead."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import glassnet
from glassnet import MLPClassifier, TableClassifier, TableRegressor
from glassnet.errors import InputTypeError
from glassnet.keywords import ELSEWHERE
from glassnet.tables import penguins_path


def train(**settings: Any) -> Any:
    return glassnet.train(penguins_path(), "species", **settings, recipe="single")


@pytest.mark.parametrize("make", [train, TableClassifier, TableRegressor])
def test_all_of_them_are_named_at_once(make: Callable[..., Any]) -> None:
    with pytest.raises(TypeError) as raised:
        make(hidden_layer_sizes=(8,), max_iter=5, verbose=True, hiden=3, wholly_else=1)
    what = make.__name__
    assert str(raised.value).splitlines() == [
        f"{what} has no argument 'hidden_layer_sizes'. Write hidden= instead.",
        f"{what} has no argument 'max_iter'. Write epochs= instead.",
        f"{what} has no argument 'verbose'. Write progress= instead.",
        f"{what} has no argument 'hiden'. Did you mean 'hidden'?",
        f"{what} has no argument 'wholly_else'.",
    ]


def test_each_class_names_its_own_arguments() -> None:
    cases: list[tuple[Callable[..., Any], str, str]] = [
        (TableClassifier, "seed", "random_state"),
        (TableClassifier, "metric", "scoring"),
        (train, "random_state", "seed"),
        (MLPClassifier, "hidden", "hidden_layer_sizes"),
        (MLPClassifier, "epochs", "max_iter"),
    ]
    for make, given, said in cases:
        with pytest.raises(InputTypeError, match=f"Write {said}= instead"):
            make(**{given: 1})


def test_what_is_advised_exists() -> None:
    known = {
        name
        for each in (glassnet.train, TableClassifier, MLPClassifier)
        for name in inspect.signature(each).parameters
    }
    assert {name for names in ELSEWHERE.values() for name in names} <= known


def test_the_signature_of_train_stays() -> None:
    assert list(inspect.signature(glassnet.train).parameters)[:4] == ["table", "target", "recipe", "hidden"]


def test_a_setting_of_a_continued_training() -> None:
    model = train(hidden=2, epochs=1)
    with pytest.raises(ValueError, match=r"there is no setting 'max_iter'\. Write epochs= instead"):
        glassnet.train_more(model, penguins_path(), max_iter=3)
