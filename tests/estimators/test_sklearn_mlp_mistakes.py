"""The drop-ins with wrong input, interruptions and diverging training."""

from __future__ import annotations

import re
import signal
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import log_loss

from glassnet import MLPClassifier, MLPRegressor
from glassnet.estimators import descent, lbfgs
from scikit_learn import since
from sklearn_mlps import QUICK, X, Y, same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_training_that_leaves_the_finite_numbers_is_an_error() -> None:
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        MLPRegressor(activation="identity", solver="sgd", learning_rate_init=10, max_iter=50).fit(X, Y)


def test_where_nothing_converged_it_is_reported_as_by_scikit_learn() -> None:
    for cls in (MLPClassifier, theirs.MLPClassifier):
        with pytest.warns(
            ConvergenceWarning, match=re.escape("Maximum iterations (15) reached and the optim")
        ):
            cls(**QUICK).fit(X, Y)


def test_an_interruption_keeps_what_was_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = np.random.default_rng(0).normal(size=(2000, 20))
    model = MLPRegressor(max_iter=10**6, tol=0, n_iter_no_change=np.inf, random_state=0)
    train = descent.Descent._train

    def interrupted(course: descent.Descent, count: int) -> bool:
        if model.n_iter_ >= 20:
            signal.raise_signal(signal.SIGINT)
        return train(course, count)

    monkeypatch.setattr(descent.Descent, "_train", interrupted)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(inputs, inputs[:, 0])
    assert 0 < model.n_iter_ < 10**6
    assert model.score(inputs, inputs[:, 0]) > 0.5


@pytest.mark.parametrize(
    "options",
    [{}, {"early_stopping": True, "n_iter_no_change": 50}, {"solver": "lbfgs", "activation": "tanh"}],
)
def test_a_warning_that_is_an_error_leaves_what_was_learnt(options: dict[str, Any]) -> None:
    pair = [cls(**{**QUICK, **options}) for cls in (MLPClassifier, theirs.MLPClassifier)]
    for model in pair:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            with pytest.raises(ConvergenceWarning):
                model.fit(X, Y)
    same(pair[0], pair[1], rtol=1e-6)


def test_an_interruption_of_lbfgs_leaves_what_was_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, model = (MLPClassifier(solver="lbfgs", **{**QUICK, "max_iter": count}) for count in (1, 100))
    begun.fit(X, Y)
    calls, compute = iter(range(20)), lbfgs.FullBatch.__call__

    def interrupted(problem: Any, packed: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return compute(problem, packed)

    monkeypatch.setattr(lbfgs.FullBatch, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert log_loss(Y, model.predict_proba(X)) < log_loss(Y, begun.predict_proba(X)) / 2


@since("1.7")
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"activation": "rleu"}, "The 'activation' parameter of MLPRegressor must be a str among"),
        ({"alpha": -1}, "The 'alpha' parameter of MLPRegressor must be a float in the range"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be > 0"),
        ({"loss": "huber"}, "The 'loss' parameter of MLPRegressor"),
        ({"validation_fraction": 1.0}, "The 'validation_fraction' parameter"),
    ],
)
def test_mistakes_are_reported_as_they_tell_them(parameters: dict[str, Any], message: str) -> None:
    told = []
    for cls in (MLPRegressor, theirs.MLPRegressor):
        with pytest.raises(ValueError, match=message) as error:
            cls(**parameters).fit(X, Y)
        told.append((type(error.value), re.sub(r"\{.*\}", "", str(error.value))))
    assert told[0] == told[1]


def test_partial_fit_is_refused_where_there_are_no_epochs_or_unknown_classes() -> None:
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
    model = MLPClassifier(**QUICK)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, Y)
    model.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"`y` has classes not in"):
        model.partial_fit(X, Y + 1)
    with pytest.raises(NotFittedError):
        MLPClassifier().predict(X)


@pytest.mark.filterwarnings("error")
def test_a_filter_of_scikit_learns_warnings_filters_these_too() -> None:
    warnings.filterwarnings("ignore", category=ConvergenceWarning, module="sklearn")
    warnings.filterwarnings("ignore", message="Got `batch_size`", module="sklearn")
    for solver in ("adam", "lbfgs"):
        MLPClassifier(solver=solver, batch_size=10**4, **QUICK).fit(X, Y)


def test_parameters_are_validated_when_and_where_theirs_are() -> None:
    for cls in (MLPRegressor, theirs.MLPRegressor):
        with config_context(skip_parameter_validation=True):
            cls(**{**QUICK, "max_iter": 2, "tol": -1.0}).fit(X, Y)  # refused otherwise
        with pytest.raises(ValueError, match=r"test_size=0.0 should be either") as error:
            cls(early_stopping=True, validation_fraction=0.0).fit(X, Y)
        assert type(error.value) is ValueError


@since("1.7")
def test_validation_rows_with_weight_0_have_no_score() -> None:
    weights = np.where(np.arange(150) < 3, 1.0, 0.0)  # all of them trained on
    errors = []
    for cls in (MLPClassifier, theirs.MLPClassifier):
        with pytest.raises((ValueError, ZeroDivisionError)) as error:
            cls(early_stopping=True, **QUICK).fit(X, Y, sample_weight=weights)
        errors.append((type(error.value), str(error.value)))
    assert errors[0] == errors[1]


@pytest.mark.parametrize("targets", [Y.astype("M8[D]"), Y.astype(str), Y.astype("m8[s]")])
def test_a_regressor_takes_numbers_only(targets: np.ndarray) -> None:
    for cls in (MLPRegressor, theirs.MLPRegressor):
        with pytest.raises(TypeError):
            cls(**QUICK).fit(X, targets)
    with pytest.raises(TypeError, match=r"y holds .* values; convert them to numbers"):
        MLPRegressor(**QUICK).fit(X, targets)


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_a_target_that_is_missing_is_no_missing_value(solver: str) -> None:
    """Though the engines know gaps; scikit-learn's check of an array of objects does not find them."""
    y = np.where(np.arange(150) == 7, None, Y)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        MLPRegressor(solver=solver, **QUICK).fit(X, y)


@pytest.mark.parametrize("sizes", [(3.0,), (True,), ("5",)])
def test_layers_that_cannot_be_made_leave_nothing_to_go_on_with(sizes: Any) -> None:
    model = MLPClassifier(hidden_layer_sizes=sizes, warm_start=True)
    for _ in range(2):
        with pytest.raises(TypeError):
            model.fit(X, Y)
    assert len(model.set_params(**QUICK).fit(X, Y).coefs_) == 2


def test_rows_with_weight_0_change_nothing() -> None:
    """Not even where they are a whole batch, which makes scikit-learn divide by 0."""
    weights = np.where(np.arange(150) < 50, 0.0, 1.0)
    options = {"batch_size": 50, "shuffle": False, "alpha": 0.0, "solver": "sgd", "momentum": 0.0, **QUICK}
    y = X[:, 0]
    without = MLPRegressor(**options).fit(X[50:], y[50:])
    same(MLPRegressor(**options).fit(X, y, sample_weight=weights), without)


@since("1.7")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_poisson_loss_of_numbers_below_0_is_not_a_number(solver: str) -> None:
    y = X[:, 0] - X[:, 1]
    pair = [
        cls(loss="poisson", solver=solver, **{**QUICK, "max_iter": 3}).fit(X, y)
        for cls in (MLPRegressor, theirs.MLPRegressor)
    ]
    assert np.isnan([model.loss_ for model in pair]).all()
    if solver != "lbfgs":  # which a loss that is none leads astray
        assert np.isnan([model.loss_curve_ for model in pair]).all()
        same(pair[0], pair[1], rtol=1e-6)
