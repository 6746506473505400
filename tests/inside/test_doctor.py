"""The doctor: every finding is provoked once, and healthy models are left in peace."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import called_changes
from glassnet.inside import Diagnosis
from glassnet.inside.doctor import CHECKS
from glassnet.inside.doctor.label_checks import contradicted
from glassnet.tables import penguins_path
from glassnet.training.settings import Settings

FRAME = pd.read_csv(penguins_path())


def synthetic(rows: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    y = 2 * x[:, 0] + np.sin(x[:, 1]) + 0.3 * rng.normal(size=rows)
    return pd.DataFrame(x, columns=list("abcd")).assign(y=y)


HEALTHY: dict[str, tuple[pd.DataFrame, str, dict[str, Any]]] = {
    "penguins": (FRAME, "species", {}),
    "body mass": (FRAME, "body_mass_g", {}),
    "synthetic": (synthetic(), "y", {}),
    "tanh by momentum": (FRAME, "species", {"activation": "tanh", "optimizer": "momentum", "epochs": 100}),
    "float64 gelu": (FRAME, "body_mass_g", {"activation": "gelu", "dtype": "float64"}),
}


@cache
def healthy(name: str) -> tuple[glassnet.Model, pd.DataFrame]:
    table, target, settings = HEALTHY[name]
    return glassnet.train(table, target, seed=1, **settings, recipe="single"), table


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("with_table", [False, True], ids=["alone", "with rows"])
@pytest.mark.parametrize("check", [check.name for check in CHECKS])
def test_every_check_is_silent_on_healthy_models(name: str, with_table: bool, check: str) -> None:
    silent = check != "trained_on" or not with_table  # the table is the one that was trained on
    assert (check not in diagnosis(name, with_table).names) == silent


@cache
def diagnosis(name: str, with_table: bool) -> Diagnosis:
    model, table = healthy(name)
    return model.doctor(table) if with_table else model.doctor()


def test_every_check_is_made_where_it_can_be() -> None:
    model, table = healthy("penguins")
    assert set(model.doctor(table).checked) == {check.name for check in CHECKS}
    alone = model.doctor()
    assert set(alone.checked) | set(alone.skipped) == {check.name for check in CHECKS}
    assert set(alone.skipped) == {"wrong_labels", "trained_on", "unlike_training"}
    assert "No problems found" in repr(alone)
    assert "it needs rows" in repr(alone)


# -- provoking


def train(table: pd.DataFrame, target: str, **settings: Any) -> glassnet.Model:
    return glassnet.train(
        table, target, **{"seed": 1, "epochs": 30, "hidden": (16,), **settings}, recipe="single"
    )


def found(diagnosis: Diagnosis, name: str) -> Any:
    own = [finding for finding in diagnosis if finding.name == name]
    assert own, f"{name} is not among {diagnosis.names}"
    for finding in own:
        assert finding.title
        assert finding.evidence.endswith((".", ")"))
        assert finding.remedy
        assert finding.title in " ".join(repr(diagnosis).split())
        Settings.of(**finding.change)
        if name != "target_leakage":  # which names one column, whereas the change keeps the other types
            assert called_changes(finding.change) in finding.remedy
    return own[0]


def test_unscaled_column() -> None:
    table = synthetic()
    table["a"] = table["a"] * 30_000 + 52_000
    finding = found(train(table, "y", scaling="none", epochs=3).doctor(), "unscaled_column")
    assert finding.about == ("a",)
    assert "unscaled_column" not in train(table, "y", epochs=3).doctor().names


def test_constant_column() -> None:
    table = synthetic().assign(planet="Earth")
    finding = found(train(table, "y", epochs=3).doctor(), "constant_column")
    assert finding.severity == "note"
    assert finding.about == ("planet",)
    model = train(synthetic(), "y", epochs=3)
    finding = found(model.doctor(synthetic().assign(c=1.0)), "constant_column")
    assert finding.about == ("c",)


def test_a_column_that_varies_in_few_rows_is_not_called_constant() -> None:
    table = pd.concat([synthetic()] * 8, ignore_index=True)
    table["utility"] = "all"
    table.loc[[7, 2001], "utility"] = "none"  # neither is among the thousand that are looked at
    model = train(table, "y", epochs=2)
    for finding in (found(model.doctor(), "constant_column"), found(model.doctor(table), "constant_column")):
        assert finding.severity == "note"
        assert "almost constant: utility" in finding.title
    still = found(model.doctor(table.assign(utility="all")), "constant_column")
    assert still.severity == "warning"
    assert "are constant: utility" in still.title


def test_duplicated_column() -> None:
    table = synthetic()
    table["b_in_inches"] = 7 - table["b"] / 2.54
    finding = found(train(table, "y", epochs=3).doctor(), "duplicated_column")
    assert set(finding.about) == {"b", "b_in_inches"}
    words = FRAME.assign(place=FRAME["island"].str.upper())
    assert set(found(train(words, "species", epochs=3).doctor(), "duplicated_column").about) == {
        "island",
        "place",
    }


@pytest.mark.parametrize("kind", ["number", "words", "curve"])
def test_target_leakage(kind: str) -> None:
    if kind == "number":
        table, target = synthetic().assign(price=lambda t: 3 * t["y"] + 1), "y"
    elif kind == "words":
        table, target = FRAME.assign(price=FRAME["species"].str[:2]), "species"
    else:
        table, target = synthetic().assign(price=lambda t: np.exp(t["y"] / 2)), "y"
    finding = found(train(table, target, epochs=3).doctor(), "target_leakage")
    assert finding.about == ("price",)
    assert finding.severity == "serious"


def test_imbalanced_target() -> None:
    table = synthetic(2000)
    table["y"] = np.where(table["a"] > 2.3, "rare", "usual")
    finding = found(train(table, "y", epochs=3).doctor(), "imbalanced_target")
    assert finding.about == ("rare",)
    weighted = train(table, "y", epochs=3, class_weight="balanced").doctor()
    assert found(weighted, "imbalanced_target").severity == "note"


def test_dead_neurons() -> None:
    model = train(
        synthetic(),
        "y",
        learning_rate=3.0,
        optimizer="gradient_descent(max_norm=50)",
        epochs=10,
    )
    finding = found(model.doctor(), "dead_neurons")
    assert finding.about == ("layer 1",)


def test_saturated_neurons() -> None:
    table = synthetic()
    table[list("abcd")] *= 500
    model = train(table, "y", activation="tanh", scaling="none", epochs=5)
    assert found(model.doctor(), "saturated_neurons").about == ("layer 1",)


def test_vanishing_gradients() -> None:
    model = train(synthetic(), "y", hidden=(8,) * 10, activation="sigmoid", epochs=3)
    assert "layer 1" in found(model.doctor(), "vanishing_gradients").about


def test_a_penalty_does_not_hide_a_vanishing_gradient() -> None:
    """The penalty's part of the gradient reaches every layer whole."""
    model = train(synthetic(), "y", hidden=(8,) * 12, activation="sigmoid", epochs=3, l2=0.1)
    assert "layer 1" in found(model.doctor(), "vanishing_gradients").about


def test_exploding_gradients() -> None:
    model = train(
        synthetic(),
        "y",
        hidden=(64,) * 6,
        init="normal",
        epochs=2,
        learning_rate=1e-12,
        optimizer="adam(max_norm=1)",
    )
    assert "layer 1" in found(model.doctor(), "exploding_gradients").about


def test_rate_too_high() -> None:
    model = train(FRAME, "species", learning_rate=2.0, optimizer="adam", patience=None)
    assert "oscillates" in found(model.doctor(), "rate_too_high").evidence


def with_history(model: glassnet.Model, **changes: Any) -> glassnet.Model:
    member = replace(model.members[0], history=replace(model.history, **changes))
    return replace(model, members=(member,), stats=None)


def test_rate_too_high_that_diverged() -> None:
    model = healthy("synthetic")[0]
    diverged = with_history(model, stop_reason="diverged at step 7", ended_by="divergence")
    assert "finite number" in found(diverged.doctor(), "rate_too_high").evidence


def test_rate_too_low() -> None:
    diagnosis = train(synthetic(), "y", learning_rate=1e-5).doctor()
    assert "straight line" in found(diagnosis, "rate_too_low").evidence


def test_not_converged() -> None:
    model = train(synthetic(), "y", epochs=12, learning_rate=0.001)
    assert "epochs=36" in found(model.doctor(), "not_converged").remedy


def test_overfitting() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(80, 30)), columns=[f"x{at}" for at in range(30)])
    table["y"] = table["x0"] + rng.normal(size=80)
    model = train(table, "y", hidden=(256,), epochs=300, patience=None, l2=0.0)
    at_the_end = with_history(model, best_epoch=300)  # as if nobody had stopped
    found(at_the_end.doctor(), "overfitting")


def test_overfitting_is_seen_although_an_early_epoch_was_kept() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(120, 30)), columns=[f"x{at}" for at in range(30)])
    table["y"] = np.where(table["x0"] + 3 * rng.normal(size=120) > 0, "yes", "no")
    diagnosis = train(table, "y", hidden=(128,), epochs=200).doctor()
    assert "memorizes" in found(diagnosis, "overfitting").title
    assert "underfitting" not in diagnosis.names  # a larger network would be the wrong remedy


def test_underfitting() -> None:
    table = synthetic()
    table["y"] = np.random.default_rng(5).permutation(table["y"])
    found(train(table, "y").doctor(), "underfitting")


def test_wrong_labels_of_classes() -> None:
    model = healthy("penguins")[0]
    spoilt = FRAME.copy()
    spoilt.loc[[10, 200, 300], "species"] = ["Gentoo", "Adelie", "Adelie"]
    finding = found(model.doctor(spoilt), "wrong_labels")
    assert {"10", "200", "300"} <= set(finding.about)
    assert len(finding.about) <= 5


def kinds(rows: int, distance: float, seed: int) -> pd.DataFrame:
    """Three kinds around three centers: far apart they are told apart, near together they overlap."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, rows)
    x = rng.normal(size=(rows, 4))
    x[np.arange(rows), codes] += distance
    return pd.DataFrame(x, columns=list("abcd")).assign(kind=np.array(["red", "green", "blue"])[codes])


MEMORIZING = {"epochs": 150, "patience": None, "validation": 0, "hidden": (128, 64)}


@pytest.mark.parametrize("settings", [{}, MEMORIZING], ids=["stopped in time", "learnt by heart"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_wrong_labels_that_were_trained_on(settings: dict[str, Any], seed: int) -> None:
    table = kinds(2000, 4.0, seed)
    flipped = np.random.default_rng(seed + 1).choice(2000, 60, replace=False)
    table.loc[flipped, "kind"] = table.loc[flipped, "kind"].map(
        {"red": "green", "green": "blue", "blue": "red"}
    )
    model = glassnet.train(table, "kind", seed=seed, **settings, recipe="single")
    named = {int(row) for row in found(model.doctor(table), "wrong_labels").about}
    right = len(named & set(flipped.tolist()))
    assert right >= 0.8 * len(named)
    assert right >= 0.5 * len(flipped)


@pytest.mark.parametrize("settings", [{}, MEMORIZING], ids=["stopped in time", "learnt by heart"])
@pytest.mark.parametrize("distance", [1.5, 2.5, 4.0])
def test_labels_that_overlap_by_nature_are_not_wrong(settings: dict[str, Any], distance: float) -> None:
    table = kinds(1500, distance, seed=0)
    diagnosis = glassnet.train(table, "kind", seed=0, **settings, recipe="single").doctor(table)
    assert "wrong_labels" not in diagnosis.names


def test_a_model_that_is_too_sure_of_itself_is_not_believed() -> None:
    """Three contradictions among two thousand rows that the network calls certain to twelve digits."""
    own, largest = np.full(2000, 1 - 1e-12), np.full(2000, 1 - 1e-12)
    own[:3] = 1e-12
    assert not len(contradicted(own, largest)[0])
    own[:30] = 1e-12
    assert contradicted(own, largest)[0].tolist() == list(range(30))


def test_wrong_labels_of_numbers() -> None:
    model, table = healthy("synthetic")
    spoilt = table.copy()
    spoilt.loc[17, "y"] *= 100
    finding = found(model.doctor(spoilt), "wrong_labels")
    assert finding.about == ("17",)
    assert finding.title.startswith("1 of 600 rows has")
    assert finding.severity == "warning"
    many = found(model.doctor(pd.concat([spoilt] + [table] * 3)), "wrong_labels")
    assert many.severity == "note"  # one row of thousands is no fault of the table


def test_rows_unlike_the_training_rows() -> None:
    model = healthy("penguins")[0]
    strange = FRAME.drop(columns="species").iloc[:30].copy()
    strange.loc[4, "bill_length_mm"] = 4_000.0
    strange.loc[7, "island"] = "Atlantis"
    finding = found(model.doctor(strange), "unlike_training")
    assert finding.about == ("4", "7")
    assert "bill_length_mm" in finding.evidence
    assert "island" in finding.evidence


# -- the diagnosis itself


def test_the_diagnosis_is_a_sequence_the_most_serious_first() -> None:
    table = synthetic().assign(price=lambda t: 3 * t["y"] + 1, planet="Earth")
    diagnosis = train(table, "y", epochs=3).doctor()
    severities = [finding.severity for finding in diagnosis]
    assert severities == sorted(severities, key=["serious", "warning", "note"].index)
    assert diagnosis[0].name == "target_leakage"
    assert not diagnosis.healthy
    frame = pd.DataFrame(diagnosis.to_frame())
    assert list(frame["name"]) == list(diagnosis.names)
    assert healthy("penguins")[0].doctor().healthy


def test_a_loaded_model_says_the_same(tmp_path: Any) -> None:
    model = train(synthetic().assign(price=lambda t: 3 * t["y"] + 1), "y", epochs=3)
    model.save(tmp_path / "m.glassnet")
    assert repr(glassnet.load(tmp_path / "m.glassnet").doctor()) == repr(model.doctor())
