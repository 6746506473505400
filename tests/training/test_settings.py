"""Settings: defaults, refused values, rules as text, and that ``train`` has all of them."""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError, SettingsError
from glassnet.net import ACTIVATIONS, LOSSES, Adam, Cosine, Huber, Momentum, StepDecay, WarmUp
from glassnet.training.settings import SETTINGS, Settings


def test_train_has_the_settings_with_their_defaults() -> None:
    parameters = inspect.signature(glassnet.train).parameters
    defaults = {name: parameters[name].default for name in SETTINGS}
    assert defaults == {name: row.signature_default for name, row in SETTINGS.items()}
    keywords = [each for each in parameters.values() if each.kind is each.KEYWORD_ONLY]
    assert (
        len(keywords) == 41
    )  # 30, and strict, groups, time, recipe, members, bins, without_bins, clamp, checkpoint, memory, cache
    others = set(parameters) - set(SETTINGS)
    assert others == {"table", "target", "progress", "callbacks", "checkpoint"}


def test_defaults_are_valid_and_explained() -> None:
    settings = Settings()
    assert settings.hidden == (128, 64)
    for row in SETTINGS.values():
        assert row.help.endswith(".")
        assert row.reason or row.none, f"{row.name} gives no reason for its default"
        if row.default is not None:
            assert getattr(settings, row.name) == row.check(row.default)


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
        ("dropout", 1.0),
        ("dropout", (0.1, -0.1)),
        ("epochs", 0),
        ("epochs", 1.5),
        ("batch_size", 0),
        ("validation", 1.0),
        ("optimizer", None),
        ("optimizer", Cosine()),
        ("schedule", "cosine("),
        ("loss", 3),
        ("output_activation", "softmix"),
        ("seed", -1),
        ("scaling", "half"),
        ("dtype", "float16"),
        ("patience", 0),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(name: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of(**{name: value})
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
        Settings.of(**given)


def test_all_faults_of_a_call_come_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of(**{"hidden": 0, "learning_rate": -1, "loss": "mse", "validation": 0.5, "holdout": 0.6})
    assert len(caught.value.faults) == 4


def test_numbers_of_numpy_are_numbers() -> None:
    settings = Settings.of(
        **{"hidden": np.array([8, 4]), "learning_rate": np.float32(0.5), "epochs": np.int64(3)}
    )
    assert settings.hidden == (8, 4)
    assert type(settings.learning_rate) is float
    assert type(settings.epochs) is int


def test_a_list_for_each_layer_must_fit_the_layers() -> None:
    with pytest.raises(SettingsError, match="dropout has 3 entries, but hidden has 2"):
        Settings.of(**{"hidden": (8, 4), "dropout": (0.1, 0.2, 0.3)})


@pytest.mark.parametrize(
    ("setting", "text", "rule"),
    [
        ("optimizer", "adam", Adam()),
        ("optimizer", " adam( beta1 = 0.8, max_norm=1 ) ", Adam(beta1=0.8, max_norm=1)),
        ("optimizer", "adam(max_norm=None)", Adam()),
        ("optimizer", "momentum(momentum=0.5)", Momentum(momentum=0.5)),
        ("schedule", "step_decay(every=1e-1)", StepDecay(every=0.1)),
        ("schedule", "warm_up(share=0.1, then=cosine(final=0.2))", WarmUp(0.1, Cosine(0.2))),
        ("loss", "huber(delta=0.5)", Huber(0.5)),
        ("loss", "poisson", LOSSES["poisson"]),
    ],
)
def test_a_rule_may_be_text_or_an_object(setting: str, text: str, rule: Any) -> None:
    assert getattr(Settings.of(**{setting: text}), setting) == rule
    assert getattr(Settings.of(**{setting: rule}), setting) is rule
    assert getattr(Settings.of(**{setting: rule.text()}), setting) == rule


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        (
            "optimizer",
            "adam(momentum=0.8)",
            "adam has no constant 'momentum'; its constants are max_norm, beta1, ",
        ),
        ("optimizer", "adam(0.8)", "constants are given by name, such as 'adam"),
        (
            "optimizer",
            "adam(beta1=2)",
            "'adam(beta1=2)', but beta1 of adam is 2, but must be a number at least 0",
        ),
        ("optimizer", "adam(beta1='much')", "beta1 of adam is 'much'"),
        (
            "optimizer",
            "1 + 1",
            "must be a name, a name with constants such as 'adam(beta1=0.8)', or an object",
        ),
        ("loss", "poisson(delta=1)", "poisson has no constant 'delta'; it has no constants."),
        ("loss", "huber(delta=0)", "delta of huber is 0, but must be a number above 0."),
        ("schedule", "warm_up(then=cosin)", "'cosin', but must be one of"),
        ("schedule", "warm_up(then=2)", "then of warm_up is 2, but must be a schedule"),
    ],
)
def test_a_rule_that_is_no_such_is_refused(setting: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of(**{setting: text})
    assert caught.value.faults[0].startswith(setting)
    assert message in str(caught.value)


def test_all_faults_of_a_rule_come_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of(optimizer="adam(beta1=1, beta2=1)", schedule="step")
    assert len(caught.value.faults) == 3


def test_settings_as_a_dictionary_are_the_same_again() -> None:
    settings = Settings.of(
        hidden=[8, 4],
        activation=("tanh", "relu"),
        output_activation="softmax",
        dropout=(0.1, 0),
        loss=Huber(0.5),
        optimizer=Adam(beta1=0.8),
        schedule=WarmUp(0.1, Cosine(0.2)),
        column_types={"a": "number"},
        class_weight={1: 2, 2: 1},
        sample_weight="w",
    ).recorded()
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    with pytest.raises(SettingsError, match="there is no setting 'momentum'"):
        Settings.from_dict({**settings.to_dict(), "momentum": 0.9})


def test_arrays_and_functions_are_recorded_as_given() -> None:
    settings = Settings.of(init=np.zeros(3), metric=print, sample_weight=[1.0]).recorded()
    assert (settings.init, settings.metric, settings.sample_weight) == ("given",) * 3
    assert settings.learning_rate == 0.003


def test_rules_defined_elsewhere_cannot_be_saved() -> None:
    class Own(Adam):
        """A rule of a researcher."""

    settings = Settings.of(
        optimizer=Own(),
        schedule=WarmUp(0.1, dataclasses.replace(Cosine())),
        loss=dataclasses.replace(LOSSES["huber"], function=None),
        activation=dataclasses.replace(ACTIVATIONS["tanh"], name="own"),
    )
    with pytest.raises(InputError) as caught:
        settings.to_dict()
    assert len(caught.value.faults) == 3
    assert "the optimizer adam cannot be saved: it is not one of glassnet's own." in caught.value.faults


@pytest.mark.parametrize("setting", ["optimizer", "schedule", "loss"])
@pytest.mark.parametrize(
    "text",
    ["(" * 300, "adam(" * 190, "warm_up(then=" * 3000 + "cosine" + ")" * 3000, f"adam(beta1={'-' * 5000}1)", "\0",
     f"adam(beta1=1{'+1' * 3000})", f"adam(beta1={'9' * 5000})", "adam(beta1={[]: 1})", f"x{'()' * 500}", "x" * 100_000,
     "adam(beta1=1e999)", "huber(delta=10**10**10)", "(lambda: 1)()", "__import__('os')"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_any_text_that_is_no_rule_is_refused(setting: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.of(**{setting: text})
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["hidden", "epochs", "l2", "learning_rate", "max_time", "dropout"])
@pytest.mark.parametrize("value", [10**400, float("inf"), float("nan")], ids=["huge", "inf", "nan"])
def test_numbers_beyond_floats_are_no_foreign_error(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=f"{name} is"):
        Settings.of(**{name: value})
