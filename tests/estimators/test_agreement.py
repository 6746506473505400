"""The drop-ins give scikit-learn's own numbers, on real data, for every solver and option."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn import neural_network as theirs
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_linnerud
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from glassnet import estimators as ours
from scikit_learn import since

pytestmark = since("1.7")
RELATIVE = 1e-6
COMMON = {
    "hidden_layer_sizes": (20, 10),
    "max_iter": 20,
    "n_iter_no_change": 3,
    "tol": 1e-3,
    "random_state": 3,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "adam": {},
    "adam, stopping early": {"early_stopping": True, "activation": "tanh"},
    "adam, other constants": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4, "alpha": 0.1},
    "adam, rows in order": {"shuffle": False, "batch_size": 64},
    "sgd": {"solver": "sgd"},
    "sgd, plain momentum": {"solver": "sgd", "nesterovs_momentum": False, "activation": "logistic"},
    "sgd, no momentum": {"solver": "sgd", "momentum": 0, "activation": "tanh"},
    "sgd, invscaling": {"solver": "sgd", "learning_rate": "invscaling"},
    "sgd, adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01},
    "sgd, adaptive, stopping early": {
        "solver": "sgd", "learning_rate": "adaptive", "early_stopping": True, "activation": "identity",
    },
    "sgd, all rows at once": {"solver": "sgd", "batch_size": 10_000, "learning_rate_init": 0.1},
    "lbfgs": {"solver": "lbfgs", "activation": "tanh"},
}  # fmt: skip
SETS = (
    "cancer: two classes",
    "digits: several",
    "digits: labels",
    "diabetes: a number",
    "diabetes: counts",
    "linnerud: three numbers",
)


@cache
def data(name: str) -> tuple[str, dict[str, Any], np.ndarray, np.ndarray]:
    """The class, its own parameters, X and y."""
    kind, _, what = name.partition(": ")
    if kind == "cancer":
        X, y = load_breast_cancer(return_X_y=True)
        return "MLPClassifier", {}, scale(X), y
    if kind == "digits":
        X, y = load_digits(return_X_y=True)
        X, y = scale(X)[:600], y[:600]
        if what == "labels":
            y = np.stack([y % 2 == 0, y > 4, y == 3], axis=1).astype(int)
        return "MLPClassifier", {}, X, y
    if kind == "linnerud":
        X, y = load_linnerud(return_X_y=True)
        return "MLPRegressor", {}, scale(X), scale(y)
    X, y = load_diabetes(return_X_y=True)
    if what == "counts":
        return "MLPRegressor", {"loss": "poisson"}, scale(X), y // 50
    return "MLPRegressor", {}, scale(X), scale(y)


def fit(module: Any, name: str, options: dict[str, Any], weights: np.ndarray | None = None) -> Any:
    kind, own, X, y = data(name)
    estimator = getattr(module, kind)(**{**COMMON, "learning_rate_init": 0.01, **own, **options})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size`")
        return estimator.fit(X, y, sample_weight=weights)


def agree(one: Any, other: Any, X: np.ndarray) -> None:
    for got, wanted in zip((*one.coefs_, *one.intercepts_), (*other.coefs_, *other.intercepts_), strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=0, atol=RELATIVE * np.abs(wanted).max())
    for name in ("loss_", "best_loss_", "best_validation_score_", "loss_curve_", "validation_scores_"):
        if getattr(other, name, None) is None:
            assert getattr(one, name, None) is None
        else:
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=RELATIVE, err_msg=name)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(one, name) == getattr(other, name), name
    for method in ("predict", "predict_proba", "predict_log_proba"):
        if hasattr(other, method):
            got, wanted = getattr(one, method)(X), getattr(other, method)(X)
            assert got.dtype == wanted.dtype
            np.testing.assert_allclose(got, wanted, rtol=RELATIVE, atol=RELATIVE * np.abs(wanted).max())


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("name", SETS)
def test_a_fit_gives_the_same_network(name: str, options: dict[str, Any]) -> None:
    agree(fit(ours, name, options), fit(theirs, name, options), data(name)[2])


@pytest.mark.parametrize("option", ["adam", "adam, stopping early", "sgd, adaptive", "lbfgs"])
@pytest.mark.parametrize("name", SETS)
def test_a_weighted_fit_gives_the_same_network(name: str, option: str) -> None:
    weights = np.random.default_rng(0).uniform(0.1, 3, len(data(name)[2]))
    one, other = (fit(module, name, OPTIONS[option], weights) for module in (ours, theirs))
    agree(one, other, data(name)[2])


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("name", ["digits: several", "linnerud: three numbers"])
def test_a_warm_start_continues_as_theirs_does(name: str, solver: str) -> None:
    kind, own, X, y = data(name)
    pair = []
    for module in (ours, theirs):
        estimator = getattr(module, kind)(
            **{**COMMON, **own, "solver": solver, "warm_start": True, "max_iter": 7}
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            pair.append(estimator.fit(X, y).fit(X, y))
    agree(pair[0], pair[1], X)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("name", SETS)
def test_partial_fit_gives_the_same_network_batch_by_batch(name: str, solver: str) -> None:
    kind, own, X, y = data(name)
    pair = []
    for module in (ours, theirs):
        estimator = getattr(module, kind)(
            **{**COMMON, **own, "solver": solver, "learning_rate": "invscaling", "batch_size": 5}
        )
        more = {"classes": np.unique(y) if y.ndim == 1 else np.arange(3)} if kind == "MLPClassifier" else {}
        for part in np.array_split(np.arange(len(X)), 4):
            estimator.partial_fit(X[part], y[part], **more)
        pair.append(estimator)
    agree(pair[0], pair[1], X)
    for name in ("velocities",) if solver == "sgd" else ("ms", "vs"):
        for got, wanted in zip(
            getattr(pair[0]._optimizer, name), getattr(pair[1]._optimizer, name), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=0, atol=RELATIVE * np.abs(wanted).max())
    np.testing.assert_allclose(pair[0]._optimizer.learning_rate, pair[1]._optimizer.learning_rate, rtol=1e-12)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_float32_stays_float32_and_close(solver: str) -> None:
    kind, _, X, y = data("digits: several")
    pair = []
    for module in (ours, theirs):
        estimator = getattr(module, kind)(**{**COMMON, "solver": solver, "max_iter": 5})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            pair.append(estimator.fit(X.astype(np.float32), y))
    assert {values.dtype for values in pair[0].coefs_} == {np.dtype(np.float32)}
    assert pair[0].predict_proba(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(pair[0].predict_proba(X), pair[1].predict_proba(X), atol=1e-4)


def test_the_gradient_of_several_outputs_is_theirs() -> None:
    """scikit-learn reports the mean of the squared error over outputs, and steps along the gradient of its sum."""
    _, _, X, y = data("linnerud: three numbers")
    one, other = (fit(module, "linnerud: three numbers", OPTIONS["lbfgs"]) for module in (ours, theirs))
    packed = np.concatenate([values.ravel() for values in (*other.coefs_, *other.intercepts_)])
    scratch = [X, None, None, None], [None] * 3, [np.empty_like(w) for w in other.coefs_], [None] * 3
    wanted_loss, wanted = other._loss_grad_lbfgs(packed, X, y, None, *scratch)
    loss, gradient = one._loss_grad_lbfgs(packed, X, y, None, *scratch)
    assert loss == pytest.approx(wanted_loss, rel=1e-12)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-9, atol=1e-12)
