"""A model that is no better than a constant prediction says so; one that is better, or may be by chance, does not."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet import ResultWarning
from glassnet.evaluation import evaluate_classes, evaluate_numbers
from glassnet.gains import gain
from glassnet.net import Quantile
from glassnet.tables import penguins_path

RNG = np.random.default_rng(0)
COLUMNS = pd.DataFrame(RNG.normal(size=(400, 3)), columns=list("abc"))
NOISE: dict[str, Any] = {
    "classes": np.where(RNG.uniform(size=400) < 0.3, "yes", "no"),
    "numbers": RNG.normal(size=400),
}
RELATED: dict[str, Any] = {
    "classes": np.where(COLUMNS["a"] + 0.5 * RNG.normal(size=400) > 0, "yes", "no"),
    "rare": np.where(COLUMNS["a"] + 0.5 * RNG.normal(size=400) > 1.8, "yes", "no"),
    "numbers": COLUMNS["a"] + 0.5 * RNG.normal(size=400),
}


@pytest.mark.parametrize("holdout", [0.0, 0.3])
@pytest.mark.parametrize("name", NOISE)
def test_a_target_that_the_columns_do_not_explain(name: str, holdout: float) -> None:
    with pytest.warns(ResultWarning) as caught:
        model = glassnet.train(COLUMNS.assign(y=NOISE[name]), "y", seed=1, holdout=holdout, recipe="single")
    [warning] = [each for each in caught if each.category is ResultWarning]
    text = str(warning.message)
    assert warning.filename == __file__
    assert "no better than a constant prediction" in text
    evaluation = model.holdout or model.validation
    assert evaluation is not None
    metric = {"classes": "accuracy", "numbers": "rmse"}[name]
    for figure in (evaluation.metrics[metric], evaluation.baseline[metric]):
        assert f"{figure:.4g}" in text
    assert f"{len(evaluation)} {'held-out' if holdout else 'validation'} rows" in text
    [finding] = [each for each in model.doctor() if each.name == "no_better_than_baseline"]
    assert finding.severity == "serious"
    assert finding.title in text


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("classes", {}),
        ("numbers", {}),
        ("numbers", {"loss": "absolute_error"}),
        ("numbers", {"loss": Quantile(0.9)}),
        ("rare", {"class_weight": "balanced"}),
    ],
)
def test_a_model_that_learnt_something_gives_no_warning(name: str, settings: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResultWarning)
        model = glassnet.train(
            COLUMNS.assign(y=RELATED[name]), "y", seed=1, holdout=0.3, **settings, recipe="single"
        )
    assert "no_better_than_baseline" not in model.doctor().names


def test_the_error_of_a_gain_is_that_of_a_paired_comparison() -> None:
    constant, own = RNG.normal(size=(2, 500))
    found = gain(constant, own, None)
    assert found.mean == pytest.approx((constant - own).mean())
    assert found.error == pytest.approx((constant - own).std(ddof=1) / np.sqrt(500))
    weighted = gain(constant, own, np.repeat([3.0, 0.0], 250))
    assert weighted.mean == pytest.approx((constant - own)[:250].mean())
    assert not gain(constant[:1], own[:1] - 9, None).is_clear


def test_a_difference_within_the_noise_is_no_gain() -> None:
    codes = np.repeat([0, 1], [6, 4])
    probabilities = np.array([[0.55, 0.45]] * 9 + [[0.45, 0.55]])  # one row more is right
    lucky = evaluate_classes(codes, codes, probabilities, np.array([0, 1]), np.array([0.6, 0.4]))
    assert lucky.metrics["accuracy"] > lucky.baseline["accuracy"]
    assert not lucky.beats_baseline
    sure = np.where(codes[:, None] == [0, 1], 0.9, 0.1)
    assert evaluate_classes(codes, codes, sure, np.array([0, 1]), np.array([0.6, 0.4])).beats_baseline


def test_of_a_few_rows_nothing_is_said_while_the_model_is_better_on_them() -> None:
    actual = np.array([1.0, 2.0, 3.0])
    assert evaluate_numbers(actual, actual + 0.1, 5.0).beats_baseline
    assert not evaluate_numbers(actual, actual + 9, 5.0).beats_baseline


def test_several_targets_in_units_of_their_own() -> None:
    actual = RNG.normal(size=(100, 2)) * [1.0, 1e200]
    actual[3, 1] = np.nan
    near = np.nan_to_num(actual) + RNG.normal(size=(100, 2)) * [0.1, 1e199]
    assert evaluate_numbers(actual, near, [0.0, 0.0], ["a", "b"]).beats_baseline
    assert not evaluate_numbers(actual, 3 * near[::-1], [0.0, 0.0], ["a", "b"]).beats_baseline


def test_estimators_give_no_warnings() -> None:
    from glassnet.estimators import TableClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResultWarning)
        TableClassifier(members=2, random_state=1).fit(COLUMNS, NOISE["classes"])


def test_the_evaluations_are_the_same_after_loading(tmp_path: Any) -> None:
    weighted = {"class_weight": "balanced"}
    for target, settings in (
        ("species", weighted),
        ("body_mass_g", {"sample_weight": np.arange(344) % 3}),
        (["body_mass_g", "bill_depth_mm"], {}),
        ("sex", {}),
    ):
        model = glassnet.train(
            penguins_path(), target, seed=1, epochs=3, holdout=0.2, recipe="single", **settings
        )
        model.save(tmp_path / "m")
        again = glassnet.load(tmp_path / "m")
        for own, other in ((model.holdout, again.holdout), (model.validation, again.validation)):
            assert own is not None
            assert other is not None
            assert (own.metrics, own.baseline, own.gains) == (other.metrics, other.baseline, other.gains)
            for name in ("actual", "predicted", "rows", "probabilities", "weights"):
                first, second = getattr(own, name), getattr(other, name)
                assert (first is None) == (second is None)
                if first is not None:
                    np.testing.assert_array_equal(first, second)
                    assert first.dtype == second.dtype
