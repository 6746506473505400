"""Early stopping by metrics and on rows of another table, class weights, and missing targets, through ``train``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

import glassnet
from glassnet.errors import SettingsError, TableError
from glassnet.evaluation import log_loss
from glassnet.tables import Encoder, penguins_path, read_table
from glassnet.targets.encoding import tempered
from glassnet.training.validation_metric import calibrated_log_loss

PENGUINS = read_table(penguins_path()).to_arrow()
HALVES = PENGUINS.take(np.arange(0, 344, 2)), PENGUINS.take(np.arange(1, 344, 2))


@pytest.mark.parametrize(
    ("target", "metric", "best"),
    [
        ("species", "accuracy", np.argmax),
        ("species", "log_loss", np.argmin),
        ("sex", "auc", np.argmax),
        ("body_mass_g", "rmse", np.argmin),
        ("body_mass_g", "mae", np.argmin),
        ("body_mass_g", "r2", np.argmax),
    ],
)
def test_a_metric_ends_training_and_chooses_the_epoch(target: str, metric: str, best: object) -> None:
    train, held = HALVES
    model = glassnet.train(
        train,
        target,
        metric=metric,
        validation=held,
        learning_rate=0.01,
        patience=6,
        seed=1,
        progress=False,
        recipe="single",
    )
    history = model.history
    assert history.metric == metric
    assert len(history.validation_score) == len(history.validation_loss) == history.epochs
    assert history.best_epoch == int(best(history.validation_score)) + 1  # type: ignore[operator]
    assert model.evaluate(held)[metric] == pytest.approx(
        history.validation_score[history.best_epoch - 1], rel=1e-6
    )
    assert history.stop_reason in (f"no better validation {metric} for 6 epochs", "all epochs done")
    assert f"validation_{metric}" in history.curves
    assert metric in repr(history)


def test_a_function_of_actual_and_predicted_values(tmp_path: Path) -> None:
    seen = []

    def most_wrong(actual: np.ndarray, predicted: np.ndarray) -> float:
        seen.append((actual, predicted))
        return -float(np.abs(actual - predicted).max())

    train, held = HALVES
    model = glassnet.train(
        train,
        "body_mass_g",
        metric=most_wrong,
        validation=held,
        epochs=8,
        seed=1,
        progress=False,
        recipe="single",
    )
    assert model.history.best_epoch == int(model.history.validation_score.argmax()) + 1
    known = held.filter(held["body_mass_g"].is_valid())
    np.testing.assert_array_equal(seen[0][0], known["body_mass_g"].to_numpy())
    np.testing.assert_allclose(seen[model.history.best_epoch - 1][1], model.predict(known), rtol=1e-6)
    model.save(tmp_path / "model.glassnet")
    again = glassnet.load(tmp_path / "model.glassnet")
    assert again.history.metric == "most_wrong"
    np.testing.assert_array_equal(again.history.validation_score, model.history.validation_score)


@pytest.mark.parametrize("target", ["species", "sex"])
def test_a_function_of_classes_may_take_probabilities(target: str) -> None:
    seen = []

    def sure(actual: np.ndarray, predicted: np.ndarray, probabilities: np.ndarray) -> float:
        seen.append((actual, predicted, probabilities))
        return float(probabilities.max(axis=1).mean())

    train, held = HALVES
    known = held.filter(held[target].is_valid())
    model = glassnet.train(
        train, target, metric=sure, validation=known, epochs=3, seed=1, progress=False, recipe="single"
    )
    actual, predicted, probabilities = seen[model.history.best_epoch - 1]
    np.testing.assert_array_equal(actual, known[target].to_pylist())
    np.testing.assert_array_equal(predicted, model.predict(known))
    np.testing.assert_allclose(probabilities, model.predict_proba(known), rtol=1e-6)


@pytest.mark.parametrize(
    ("target", "metric", "sign"),
    [("species", metrics.accuracy_score, 1), ("body_mass_g", metrics.root_mean_squared_error, -1)],
)
def test_metrics_of_scikit_learn_can_be_given(target: str, metric: Any, sign: int) -> None:
    model = glassnet.train(PENGUINS, target, metric=metric, epochs=5, seed=1, progress=False, recipe="single")
    named = glassnet.train(
        PENGUINS,
        target,
        metric="accuracy" if sign > 0 else "rmse",
        epochs=5,
        seed=1,
        progress=False,
        recipe="single",
    )
    np.testing.assert_allclose(model.history.validation_score, named.history.validation_score, rtol=1e-6)


@pytest.mark.parametrize("metric", ["accuracy", "auc", "r2", "function"])
def test_a_metric_encodes_no_row_a_second_time(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    encode = Encoder.encode

    def counted(self: Encoder, table: Any, *more: Any) -> Any:
        encoded.append(table.num_rows)
        return encode(self, table, *more)

    monkeypatch.setattr(Encoder, "encode", counted)
    target = {"auc": "sex", "r2": "body_mass_g"}.get(metric, "species")
    judge = metrics.accuracy_score if metric == "function" else metric
    glassnet.train(PENGUINS, target, metric=judge, epochs=6, seed=1, progress=False, recipe="single")
    assert len(encoded) == 2


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "function"])
def test_a_metric_weights_the_rows_as_the_loss_does(metric: str) -> None:
    """Rows of weight 0 do not change the metric that ends the training."""
    train, held = HALVES
    counts = np.where(np.arange(172) % 3, 1.0, 0.0)

    def weighed(actual: np.ndarray, predicted: np.ndarray, sample_weight: np.ndarray) -> float:
        return float(np.average(actual == predicted, weights=sample_weight))

    def run(validation: Any, weights: Any) -> glassnet.Model:
        judge = weighed if metric == "function" else metric
        return glassnet.train(
            train.append_column("w", [np.ones(172)]),
            "species",
            validation=validation,
            sample_weight=weights,
            metric=judge,
            epochs=5,
            seed=1,
            recipe="single",
        )

    some = run(held.append_column("w", [counts]), "w")
    alone = run(held.append_column("w", [np.ones(172)]).take(np.flatnonzero(counts)), "w")
    every = run(held.append_column("w", [np.ones(172)]), "w")
    np.testing.assert_allclose(some.history.validation_score, alone.history.validation_score, rtol=1e-6)
    np.testing.assert_allclose(some.history.validation_loss, alone.history.validation_loss, rtol=1e-5)
    assert not np.allclose(some.history.validation_score, every.history.validation_score)


def test_validation_rows_that_all_have_weight_0_are_refused() -> None:
    train, held = HALVES
    gentoos = held.filter([name == "Gentoo" for name in held["species"].to_pylist()])
    with pytest.raises(SettingsError, match="validation needs rows with a weight"):
        glassnet.train(train, "species", validation=gentoos, class_weight={"Gentoo": 0}, recipe="single")


@pytest.mark.parametrize(
    ("metric", "validation"), [("auc", 0.2), ("rmse", 0.2), ("acuracy", 0.2), ("accuracy", 0.0)]
)
def test_a_metric_that_cannot_be_measured_is_refused(metric: str, validation: float) -> None:
    with pytest.raises(SettingsError, match="metric"):
        glassnet.train(
            PENGUINS, "species", metric=metric, validation=validation, progress=False, recipe="single"
        )


def test_auc_is_offered_for_two_classes_only() -> None:
    with pytest.raises(SettingsError, match=r"must be one of accuracy, log_loss, calibrated_log_loss\.$"):
        glassnet.train(PENGUINS, "species", metric="auc", progress=False, recipe="single")


def test_validation_rows_may_be_a_file_or_a_pair() -> None:
    train, held = HALVES
    frame = held.to_pandas()
    pair = frame.drop(columns="species"), frame["species"]
    models = [
        glassnet.train(train, "species", validation=rows, epochs=3, seed=1, progress=False, recipe="single")
        for rows in (held, frame, pair)
    ]
    for model in models[1:]:
        np.testing.assert_array_equal(model.history.validation_loss, models[0].history.validation_loss)
    assert models[0].provenance["rows"] == {"train": 172, "validation": 172, "holdout": 0}
    assert models[0].settings.validation == 0
    with pytest.raises(TableError, match="island"):
        glassnet.train(
            train, "species", validation=held.drop_columns("island"), progress=False, recipe="single"
        )
    named = glassnet.train(
        train,
        "species",
        validation=held,
        sample_weight="year",
        epochs=1,
        seed=1,
        progress=False,
        recipe="single",
    )
    assert named.history.validation_loss[0] != models[0].history.validation_loss[0]


def test_balanced_classes_have_equal_total_weight() -> None:
    complete = PENGUINS.filter(PENGUINS.column("bill_length_mm").is_valid())
    counts = {"Adelie": 151, "Chinstrap": 68, "Gentoo": 123}
    common: dict[str, Any] = {
        "epochs": 3,
        "seed": 1,
        "validation": 0.0,
        "progress": False,
        "batch_size": None,
        "dtype": "float64",
        "scaling": "none",  # weights of rows count in means and scales, those of classes do not
        "learning_rate": 1e-5,
        "column_types": {"sex": "ignore"},
    }
    balanced = glassnet.train(complete, "species", class_weight="balanced", **common, recipe="single")
    by_hand = {name: 342 / 3 / count for name, count in counts.items()}
    same = glassnet.train(complete, "species", class_weight=by_hand, **common, recipe="single")
    rows = [by_hand[name] for name in complete.column("species").to_pylist()]
    weighted = glassnet.train(complete, "species", sample_weight=rows, **common, recipe="single")
    np.testing.assert_allclose(same.learnt.vector, balanced.learnt.vector, rtol=1e-9)
    np.testing.assert_allclose(weighted.learnt.vector, balanced.learnt.vector, rtol=1e-9)
    assert same.settings.class_weight == by_hand
    with pytest.raises(SettingsError, match="use sample_weight"):
        glassnet.train(PENGUINS, "body_mass_g", class_weight="balanced", progress=False, recipe="single")


def test_a_target_without_missing_values_learns_the_same_beside_one_with() -> None:
    """Two outputs that share no hidden layer are two regressions; gaps in one leave the other as it was."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 3))
    y = x @ rng.normal(size=(3, 2)) + rng.normal(scale=0.1, size=(100, 2))
    holed = y.copy()
    holed[rng.random(100) < 0.4, 1] = np.nan
    common: dict[str, Any] = {
        "hidden": (),
        "epochs": 5,
        "seed": 1,
        "validation": 0.0,
        "progress": False,
        "dtype": "float64",
    }
    whole, gaps = (glassnet.train((x, values), **common, recipe="single") for values in (y, holed))
    np.testing.assert_allclose(gaps.learnt[0].weights[:, 0], whole.learnt[0].weights[:, 0], rtol=1e-9)
    assert np.abs(gaps.learnt[0].weights[:, 1] - whole.learnt[0].weights[:, 1]).max() > 1e-6
    evaluation = gaps.evaluate((x, holed))
    error = np.nanmean(np.abs(gaps.predict(x) - holed), axis=0)
    assert [evaluation["mae y1"], evaluation["mae y2"]] == pytest.approx(error)


def test_the_calibrated_log_loss_is_that_with_the_best_temperature() -> None:
    rng = np.random.default_rng(2)
    shares = rng.dirichlet(np.full(3, 0.7), 2000)
    codes = np.minimum((shares.cumsum(axis=1) < rng.random((2000, 1))).sum(axis=1), 2)
    found = calibrated_log_loss(codes, shares)
    for wrong in (0.5, 2.0):  # too certain or not certain enough: it is the same after the temperature
        assert calibrated_log_loss(codes, tempered(shares, wrong)) == pytest.approx(found, rel=1e-3)
    assert found == pytest.approx(log_loss(codes, shares), rel=0.01)


@pytest.mark.parametrize("target", ["species", ["species", "sex"]])
def test_it_decides_which_epoch_is_kept(target: Any) -> None:
    model = glassnet.train(
        PENGUINS, target, metric="calibrated_log_loss", epochs=30, patience=None, seed=1, recipe="single"
    )
    scores = model.history.validation_score
    assert model.history.best_epoch == int(scores.argmin()) + 1
