"""The drop-ins with other tools, with sparse rows, and in training that continues."""

from __future__ import annotations

import pickle
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from scipy import sparse
from sklearn import neural_network as theirs
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils import estimator_html_repr

import glassnet
from glassnet import MLPClassifier, MLPRegressor
from glassnet.estimators import arithmetic
from scikit_learn import since
from sklearn_mlps import QUICK, X, Y, same

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_cross_validation_in_processes_and_threads(backend: str) -> None:
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**QUICK))
    alone = cross_val_score(pipeline, X, Y, cv=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        together = Parallel(n_jobs=2, backend=backend)(
            delayed(cross_val_score)(pipeline, X, Y, cv=3) for _ in range(2)
        )
    for scores in together:
        np.testing.assert_array_equal(scores, alone)


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_within_a_worker_a_run_has_the_threads_of_the_worker(backend: str) -> None:
    assert arithmetic.threads() is None
    own = None if backend == "loky" else 1  # loky says by OMP_NUM_THREADS how many there are
    assert Parallel(n_jobs=2, backend=backend)(delayed(arithmetic.threads)() for _ in range(2)) == [own, own]


def test_a_grid_finds_what_theirs_finds() -> None:
    grid = {"alpha": [1e-4, 10.0], "hidden_layer_sizes": [(3,), (10,)]}
    found = [
        GridSearchCV(cls(**QUICK), grid, cv=3).fit(X, Y) for cls in (MLPClassifier, theirs.MLPClassifier)
    ]
    assert found[0].best_params_ == found[1].best_params_
    np.testing.assert_allclose(
        found[0].cv_results_["mean_test_score"], found[1].cv_results_["mean_test_score"]
    )


def test_a_clone_and_a_pickle_predict_and_learn_on() -> None:
    first = MLPClassifier(**QUICK).fit(X, Y)
    copied = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(copied.predict_proba(X), first.predict_proba(X))
    same(copied.partial_fit(X, Y), first.partial_fit(X, Y), rtol=0)
    assert not hasattr(clone(first), "coefs_")
    assert "MLPClassifier" in estimator_html_repr(first)


def test_feature_names_are_kept_and_compared() -> None:
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = MLPRegressor(**QUICK).fit(frame, Y)
    assert model.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"a": "z"}))


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_sparse_rows_give_what_dense_ones_give(
    solver: str, form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they are few enough to be made dense, or not."""
    inputs, y = load_breast_cancer(return_X_y=True)
    inputs = np.maximum(scale(inputs), 0)
    dense = MLPClassifier(solver=solver, **QUICK).fit(inputs, y)
    for limit in (2**27, 30 * 8 * 100):
        monkeypatch.setattr(arithmetic, "DENSE_BYTES", limit)
        model = MLPClassifier(solver=solver, **QUICK).fit(form(inputs), y)
        same(model, dense, rtol=1e-7)
        np.testing.assert_allclose(model.predict_proba(form(inputs)), dense.predict_proba(inputs), rtol=1e-6)


def test_many_sparse_columns_are_never_made_dense() -> None:
    rows = sparse.random_array((2000, 50_000), density=0.0002, format="csr", rng=np.random.default_rng(0))
    y = rows[:, :25_000].sum(axis=1) > rows[:, 25_000:].sum(axis=1)
    tracemalloc.start()
    for solver in ("adam", "lbfgs"):
        model = MLPClassifier((4,), solver=solver, max_iter=3, random_state=0).fit(rows, y)
        model.predict(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < rows.shape[0] * rows.shape[1] * 8 / 5


def test_what_is_printed_is_what_they_print(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for cls in (MLPClassifier, theirs.MLPClassifier):
        for options in (
            {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 2, "max_iter": 30},
            {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 100, "tol": 0.1},
        ):
            cls(**{**QUICK, **options}, verbose=True).fit(X, Y)
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert "Setting learning rate to" in said[0]
    assert "Stopping." in said[0]


def test_random_states_are_drawn_from_one_after_the_other() -> None:
    inputs, y = load_diabetes(return_X_y=True)
    pair = []
    for cls in (MLPRegressor, theirs.MLPRegressor):
        state = np.random.RandomState(5)
        pair.append(
            [cls(hidden_layer_sizes=5, max_iter=3, random_state=state).fit(inputs, y) for _ in range(2)]
        )
    for one, other in zip(*pair, strict=True):
        same(one, other)
    np.random.seed(3)  # noqa: NPY002  # what random_state=None stands for
    first = MLPRegressor(hidden_layer_sizes=5, max_iter=3).fit(inputs, y)
    np.random.seed(3)  # noqa: NPY002
    same(first, theirs.MLPRegressor(hidden_layer_sizes=5, max_iter=3).fit(inputs, y))


def test_one_class_is_always_right() -> None:
    pair = [
        cls(early_stopping=True, **{**QUICK, "hidden_layer_sizes": 6, "random_state": 3}).fit(X[:50], Y[:50])
        for cls in (MLPClassifier, theirs.MLPClassifier)
    ]
    assert pair[0].validation_scores_ == pair[1].validation_scores_


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csr_matrix, sparse.coo_array])
@pytest.mark.parametrize("outputs", [1, 3])
def test_numbers_to_predict_may_be_sparse(solver: str, form: Any, outputs: int) -> None:
    y = np.maximum(X[:, :outputs], 0)
    options = {"solver": solver, "early_stopping": True, **QUICK}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A column-vector y")
        same(MLPRegressor(**options).fit(X, form(y)), MLPRegressor(**options).fit(X, y), rtol=0)


@pytest.mark.parametrize("kind", ["float16", "bool", "uint8", "int64", "float32", "float64", "M8[s]"])
def test_predictions_have_the_type_that_theirs_have(kind: str) -> None:
    pair = [cls(**QUICK).fit(X.astype("f"), Y) for cls in (MLPRegressor, theirs.MLPRegressor)]
    if kind == "M8[s]":
        for model in pair:
            with pytest.raises(TypeError):
                model.predict(X.astype(kind))
    else:
        ours, others = (model.predict(np.abs(X).astype(kind)) for model in pair)
        assert ours.dtype == others.dtype
        np.testing.assert_allclose(ours, others, rtol=1e-4)


@since("1.7")
@pytest.mark.parametrize("weights", [None, "float32", "float64"])
@pytest.mark.parametrize("options", [{}, {"batch_size": 20}, {"solver": "lbfgs"}], ids=str)
@pytest.mark.parametrize("targets", ["float32", "float64", "uint8", "int64", "bool"])
def test_losses_have_the_type_that_theirs_have(targets: str, options: dict[str, Any], weights: Any) -> None:
    y, own = Y.astype(targets), None if weights is None else np.ones(len(Y), weights)
    for inputs in (X, X.astype("f")):
        for name, more in (
            ("MLPRegressor", {}),
            ("MLPRegressor", {"loss": "poisson"}),
            ("MLPClassifier", {}),
        ):
            models = [
                getattr(module, name)(**{**QUICK, "max_iter": 3, "warm_start": True, **more, **options})
                for module in (glassnet, theirs)
            ]
            for _ in range(2):  # L-BFGS leaves weights in float64, from which the second fit starts
                ours, other = (model.fit(inputs, y, own) for model in models)
                assert type(ours.loss_) is type(other.loss_)
                assert type(getattr(ours, "best_loss_", None)) is type(getattr(other, "best_loss_", None))


def test_a_warm_start_after_early_stopping_ends_where_theirs_does() -> None:
    """They step in the very arrays that hold the best, so what is no better replaces it."""
    options = {
        "solver": "sgd",
        "early_stopping": True,
        "warm_start": True,
        "learning_rate_init": 0.3,
        **QUICK,
    }
    pair = [cls(**options).fit(X, Y).fit(X, Y).fit(X, Y) for cls in (MLPClassifier, theirs.MLPClassifier)]
    assert pair[0].validation_scores_ == pair[1].validation_scores_
    same(pair[0], pair[1], rtol=1e-6)


def test_training_continues_from_weights_that_the_user_has_set() -> None:
    pair = []
    for cls in (MLPRegressor, theirs.MLPRegressor):
        model = cls(solver="sgd", **QUICK)
        model.coefs_ = [np.full((4, 10), 0.1), np.full((10, 1), -0.2)]
        model.intercepts_ = [np.zeros(10), np.ones(1)]
        model.n_layers_, model.n_features_in_, model.out_activation_ = 3, 4, "identity"
        model.t_, model.best_loss_, model.loss_curve_, model._no_improvement_count = 0, np.inf, [], 0
        pair.append(model.partial_fit(X, Y))
    same(pair[0], pair[1])


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_what_continues_keeps_its_layers(solver: str) -> None:
    y = np.stack([Y, X[:, 0]], axis=1)
    model = MLPRegressor(solver=solver, warm_start=True, **QUICK).fit(X, y)
    with pytest.raises(ValueError, match=r"y has 1 outputs, but training continues with a network of 2;"):
        model.fit(X, Y)
    model.set_params(hidden_layer_sizes=(10, 5))
    with pytest.raises(ValueError, match=r"hidden_layer_sizes is \[10, 5\], but training continues with a"):
        model.fit(X, y)
    assert len(model.set_params(warm_start=False).fit(X, y).coefs_) == 3


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_what_the_private_forward_pass(activation: str) -> None:
    """Private to scikit-learn, and yet the way that people have found to the activations of hidden layers."""
    pair = [cls(activation=activation, **QUICK).fit(X, Y) for cls in (MLPClassifier, theirs.MLPClassifier)]
    for inputs in (X, sparse.csr_array(X)):
        seen = [model._forward_pass([inputs] + [None] * (model.n_layers_ - 1)) for model in pair]
        assert len(seen[0]) == len(seen[1]) == 3
        assert seen[0][0] is inputs
        for got, wanted in zip(seen[0][1:], seen[1][1:], strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(
        pair[0]._forward_pass_fast(X, check_input=False), pair[1]._forward_pass_fast(X), rtol=1e-7
    )
