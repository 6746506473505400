"""Predictions of a regression are kept within the range of the training targets where that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.targets import TargetEncoding

X = np.linspace(-1, 1, 80)
TABLE: dict[str, Any] = {"x": X, "y": 10 + 3 * X}
FAR = {"x": [-50.0, 0.0, 50.0]}


def trained(target: Any = "y", **more: Any) -> glassnet.Model:
    given = {"hidden": (), "epochs": 200, "validation": 0, "seed": 1, "learning_rate": 0.05, **more}
    return glassnet.train(
        {**TABLE, "z": -TABLE["y"]} if target != "y" else TABLE, target, **given, recipe="single"
    )


def range_of(model: glassnet.Model) -> tuple[tuple[float, ...], tuple[float, ...]]:
    assert isinstance(model.target, TargetEncoding)
    return model.target.lowest, model.target.highest


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    return trained(clamp=True)


def test_predictions_end_at_the_ends_of_the_training_targets(model: glassnet.Model) -> None:
    low, middle, high = model.predict(FAR)
    assert (low, high) == (7, 13)
    assert 7 < middle < 13


def test_without_it_they_are_the_output(model: glassnet.Model) -> None:
    free = trained()
    assert np.array_equal(free.learnt.vector, model.learnt.vector)
    assert free.predict(FAR)[2] > 100
    assert range_of(free) == ((), ())


def test_several_targets_have_a_range_each() -> None:
    assert trained(["y", "z"], clamp=True).predict(FAR)[[0, 2]].tolist() == [[7, -7], [13, -13]]


def test_the_true_values_of_other_rows_are_not_changed(model: glassnet.Model) -> None:
    found = model.evaluate({"x": [0.0, 50.0, -50.0], "y": [10.0, 160.0, -140.0]})
    assert found.metrics["mae"] == pytest.approx((147 + 147) / 3, rel=0.02)


def test_profiles_are_of_predictions(model: glassnet.Model) -> None:
    partial = model.profile("x", {"x": [0.0]}).partial
    assert partial is not None
    assert partial.max() <= 13


def test_an_explanation_says_what_was_changed(model: glassnet.Model) -> None:
    changed = model.explain({"x": [50.0]})
    assert changed.prediction == 13
    for digits in (4, "all"):
        text = " ".join(changed.to_text(digits=digits).split())
        assert "The training targets of y are from 7 to 13, so its prediction is 13 in place of" in text
        assert "training targets" not in model.explain({"x": [0.0]}).to_text(digits=digits)


def test_the_mean_of_several_networks_is_kept_within_the_range() -> None:
    model = trained(clamp=True, members=2, validation=0.2)
    assert model.predict(FAR)[2] == 13
    for digits in (4, "all"):
        text = " ".join(model.explain({"x": [50.0]}).to_text(digits=digits).split())
        assert "The training targets of y are from 7 to 13, so its prediction is 13 in place of" in text


def test_more_training_widens_the_range(model: glassnet.Model) -> None:
    more = glassnet.train_more(model, {"x": 2 * X, "y": 10 + 6 * X}, epochs=20)
    low, _, high = more.predict(FAR)
    assert (low, high) == (4, 16)
    same = glassnet.train_more(model, {"x": X / 2, "y": 10 + X}, epochs=5)
    assert range_of(same) == ((7.0,), (13.0,))


def test_it_is_saved(model: glassnet.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m.glassnet")
    assert glassnet.load(tmp_path / "m.glassnet").predict(FAR).tolist() == model.predict(FAR).tolist()


def test_classes_have_no_range() -> None:
    labels = np.where(X > 0, "u", "v").tolist()
    model = glassnet.train({"x": X, "y": labels}, "y", clamp=True, hidden=(), epochs=2, recipe="single")
    assert range_of(model) == ((), ())
