"""Metrics, compared with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from glassnet.evaluation import area_under_roc, evaluate_classes, evaluate_numbers

RNG = np.random.default_rng(0)


def test_numbers() -> None:
    actual, predicted = RNG.normal(size=50), RNG.normal(size=50)
    result = evaluate_numbers(actual, predicted, actual.mean())
    assert result["rmse"] == pytest.approx(metrics.root_mean_squared_error(actual, predicted))
    assert result["mae"] == pytest.approx(metrics.mean_absolute_error(actual, predicted))
    assert result["r2"] == pytest.approx(metrics.r2_score(actual, predicted))
    assert result.baseline["r2"] == pytest.approx(0)


def test_several_targets_are_measured_each_in_its_own_units() -> None:
    actual = RNG.normal(size=(50, 2)) * [1, 1000]
    actual[3, 0] = np.nan
    predicted = actual + RNG.normal(size=(50, 2)) * [0.1, 100]
    predicted[3, 0] = 0.0
    result = evaluate_numbers(actual, predicted, np.nanmean(actual, axis=0), ("length", "mass"))
    known = ~np.isnan(actual[:, 0])
    alone = evaluate_numbers(actual[known, 0], predicted[known, 0], np.nanmean(actual[:, 0]))
    mass = evaluate_numbers(actual[:, 1], predicted[:, 1], actual[:, 1].mean())
    assert result["rmse length"] == pytest.approx(alone["rmse"])
    assert result["mae mass"] == pytest.approx(mass["mae"])
    assert result["r2"] == pytest.approx((alone["r2"] + mass["r2"]) / 2)
    assert result.metrics.keys() == result.baseline.keys() == {
        "r2", "rmse length", "rmse mass", "mae length", "mae mass"
    }  # fmt: skip


@pytest.mark.parametrize("count", [2, 4])
def test_rows_may_have_weights(count: int) -> None:
    weights = RNG.uniform(0, 2, 80) * (RNG.uniform(size=80) > 0.2)
    codes = RNG.integers(0, count, 80)
    chances = RNG.dirichlet(np.ones(count), 80).round(1) + 0.1 / count  # with ties
    chances /= chances.sum(axis=1, keepdims=True)
    classes = np.arange(count)
    result = evaluate_classes(classes[codes], codes, chances, classes, np.full(count, 1 / count), weights)
    assert result["accuracy"] == pytest.approx(
        metrics.accuracy_score(codes, chances.argmax(axis=1), sample_weight=weights)
    )
    assert result["log_loss"] == pytest.approx(metrics.log_loss(codes, chances, sample_weight=weights))
    if count == 2:
        assert result["auc"] == pytest.approx(
            metrics.roc_auc_score(codes, chances[:, 1], sample_weight=weights)
        )
    actual, predicted = RNG.normal(size=(2, 80, 2))
    actual[:5, 0] = np.nan
    result = evaluate_numbers(actual, predicted, np.zeros(2), ("length", "mass"), weights)
    counted = weights[5:]
    assert result["mae length"] == pytest.approx(
        metrics.mean_absolute_error(actual[5:, 0], predicted[5:, 0], sample_weight=counted)
    )
    assert result["rmse mass"] == pytest.approx(
        metrics.root_mean_squared_error(actual[:, 1], predicted[:, 1], sample_weight=weights)
    )
    r2 = [
        metrics.r2_score(actual[5:, 0], predicted[5:, 0], sample_weight=counted),
        metrics.r2_score(actual[:, 1], predicted[:, 1], sample_weight=weights),
    ]
    assert result["r2"] == pytest.approx(np.mean(r2))


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_numbers_of_any_size(size: float) -> None:
    actual, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    plain = evaluate_numbers(actual, predicted, 2.0).metrics
    scaled = evaluate_numbers(actual * size, predicted * size, 2.0 * size).metrics
    assert scaled == pytest.approx(
        {"rmse": plain["rmse"] * size, "mae": plain["mae"] * size, "r2": plain["r2"]}, rel=1e-12
    )


def test_r2_of_a_constant_target_is_not_a_number() -> None:
    assert np.isnan(evaluate_numbers(np.ones(5), RNG.normal(size=5), 1.0)["r2"])


@pytest.mark.parametrize("count", [2, 4])
def test_classes(count: int) -> None:
    codes = RNG.integers(0, count, 80)
    chances = RNG.dirichlet(np.ones(count), 80)
    classes = np.array(list("abcd"[:count]))
    result = evaluate_classes(classes[codes], codes, chances, classes, np.full(count, 1 / count))
    assert result["accuracy"] == metrics.accuracy_score(codes, chances.argmax(axis=1))
    assert result["log_loss"] == pytest.approx(metrics.log_loss(codes, chances))
    assert result.baseline["log_loss"] == pytest.approx(np.log(count))
    assert ("auc" in result.metrics) == (count == 2)


def test_area_under_roc_with_ties() -> None:
    positive = RNG.integers(0, 2, 200).astype(bool)
    scores = RNG.integers(0, 5, 200).astype(float)
    assert area_under_roc(positive, scores) == pytest.approx(metrics.roc_auc_score(positive, scores))
    assert np.isnan(area_under_roc(np.ones(3, bool), np.arange(3.0)))


def test_a_certain_mistake_costs_much_but_not_infinity() -> None:
    result = evaluate_classes(
        np.array(["a"]), np.array([0]), np.array([[0.0, 1.0]]), np.array(["a", "b"]), np.array([0.5, 0.5])
    )
    assert 30 < result["log_loss"] < 40
