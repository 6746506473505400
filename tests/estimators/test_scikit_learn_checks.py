"""scikit-learn's own checks of estimators."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import pytest
from sklearn import neural_network as theirs
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    parametrize_with_checks,
)

from glassnet.estimators import MLPClassifier, MLPRegressor, TableClassifier, TableRegressor
from scikit_learn import since

ROWS_OF_ITS_OWN = "rows are parted off at random to stop by, so repeated rows are not what weights are"
EXPECTED = {
    name: {"check_sample_weight_equivalence_on_dense_data": ROWS_OF_ITS_OWN}
    for name in ("TableClassifier", "TableRegressor")
}


def expected_failures(estimator: Any) -> dict[str, str]:
    return EXPECTED.get(type(estimator).__name__, {})


@parametrize_with_checks(
    [
        MLPClassifier(max_iter=100),
        MLPRegressor(max_iter=100),
        TableClassifier(
            epochs=60, dtype="float64", recipe="single"
        ),  # NumPy's float32 products depend on the number of rows
        TableRegressor(epochs=60, learning_rate=0.01, dtype="float64", recipe="single"),
    ],
    expected_failed_checks=expected_failures,
)
def test_it_is_an_estimator(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "estimator",
    [
        MLPClassifier(solver="lbfgs", max_iter=100),
        MLPRegressor(solver="sgd", tol=1e-2, random_state=42, max_iter=100),
    ],
)
def test_weights_are_repeated_rows_where_scikit_learn_says_so(estimator: Any) -> None:
    check_sample_weight_equivalence_on_dense_data(type(estimator).__name__, estimator)


@since("1.7")
@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_constructor_and_the_methods_are_theirs(name: str) -> None:
    ours, original = (
        {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}[name],
        getattr(theirs, name),
    )
    assert ours().get_params() == original().get_params()
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(original).parameters)
    for parameter in inspect.signature(original).parameters.values():
        own = inspect.signature(ours).parameters[parameter.name]
        assert (own.kind, own.default) == (parameter.kind, parameter.default)
    public = {method for method in dir(original(solver="adam")) if not method.startswith("_")}
    assert public <= set(dir(ours(solver="adam")))
    for method in ("fit", "partial_fit", "predict", "score"):
        wanted = list(inspect.signature(getattr(original(), method)).parameters)
        assert list(inspect.signature(getattr(ours(), method)).parameters) == wanted
    assert ours()._parameter_constraints.keys() == original()._parameter_constraints.keys()
