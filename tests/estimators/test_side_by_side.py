"""Random calls, right and wrong, of these classes and scikit-learn's, which must do the same."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import neural_network as theirs

from glassnet import estimators as ours
from scikit_learn import since

pytestmark = since("1.9")
PARAMETERS: dict[str, tuple[Any, ...]] = {
    "hidden_layer_sizes": ((5,), (4, 3), 6, [3], (), np.array([4, 2]), 0, "ab"),
    "activation": ("relu", "tanh", "logistic", "identity"),
    "solver": ("sgd", "adam"),
    "max_iter": (1, 4, 9),
    "alpha": (0, 1e-4, 1.0, 100.0),
    "batch_size": ("auto", 1, 7, 10_000),
    "learning_rate": ("constant", "invscaling", "adaptive"),
    "learning_rate_init": (1e-3, 0.01, 0.1),
    "power_t": (0.0, 0.5, 2),
    "shuffle": (True, False),
    "tol": (0.0, 1e-4, 0.1, 10.0),
    "warm_start": (True, False),
    "momentum": (0.0, 0.9, 1.0),
    "nesterovs_momentum": (True, False),
    "early_stopping": (True, False),
    "validation_fraction": (0.1, 0.3, 0.0),
    "beta_1": (0.0, 0.5, 0.9),
    "n_iter_no_change": (1, 2, np.inf, 2.5),
}
INPUTS: dict[str, Callable[..., Any]] = {
    "array": lambda x: x,
    "float32": lambda x: x.astype(np.float32),
    "whole": lambda x: (x * 3).astype(int),
    "by rows": sparse.csr_array,
    "by columns": sparse.csc_matrix,
    "frame": lambda x: pd.DataFrame(x, columns=[f"c{number}" for number in range(x.shape[1])]),
    "NaN": lambda x: np.where(x == x.max(), np.nan, x),
    "infinite": lambda x: np.where(x == x.max(), np.inf, x),
    "one dimension": lambda x: x[:, 0],
    "no rows": lambda x: x[:0],
}
LABELS: dict[str, Callable[..., Any]] = {
    "two": lambda z, c: (c > 0).astype(int),
    "three": lambda z, c: c,
    "words": lambda z, c: np.array(["x", "yy", "z"])[c],
    "series": lambda z, c: pd.Series(np.array(["x", "yy", "z"])[c]).astype("category"),
    "several": lambda z, c: np.stack([c > 0, z > 0, z > 1], axis=1).astype(int),
    "one": lambda z, c: np.ones(len(c)),
    "rare": lambda z, c: (np.arange(len(c)) == 0).astype(int),
    "column": lambda z, c: c[:, None],
    "numbers": lambda z, c: z,
    "pairs": lambda z, c: np.stack([c, c], axis=1),
    "nothing": lambda z, c: None,
}
NUMBERS: dict[str, Callable[..., Any]] = {
    "numbers": lambda z, c: z,
    "positive": lambda z, c: np.abs(z),
    "whole": lambda z, c: c,
    "three": lambda z, c: np.stack([z, -z, np.ones(len(z))], axis=1),
    "column": lambda z, c: z[:, None],
    "constant": lambda z, c: np.ones(len(z)),
    "too many dimensions": lambda z, c: z[:, None, None],
    "nothing": lambda z, c: None,
}
WEIGHTS: dict[str, Callable[..., Any]] = {
    "none": lambda z: None,
    "some": lambda z: np.abs(z) + 0.1,
    "too few": lambda z: np.ones(len(z) - 1),
    "zeros": lambda z: np.zeros(len(z)),
}


def happens(module: Any, case: int) -> tuple[str, list[Any]]:
    """What the calls of a case do: errors, warnings, attributes and predictions, one entry a call."""
    rng = np.random.default_rng(case)

    def one_of(table: Any, usual: int) -> Any:
        """Mostly one of the first ``usual``."""
        keys = list(table)
        return keys[rng.integers(usual if rng.random() < 0.85 else len(keys))]

    name = ("MLPClassifier", "MLPRegressor")[case % 2]
    count = int(rng.choice([2, 12, 40, 40, 90]))
    x, z, codes = rng.normal(size=(count, 4)), rng.normal(size=count), rng.integers(0, 3, count)
    targets = LABELS if name == "MLPClassifier" else NUMBERS
    form, kind, weighted = one_of(INPUTS, 6), one_of(targets, 6), one_of(WEIGHTS, 2)
    data, y, weights = INPUTS[form](x), targets[kind](z, codes), WEIGHTS[weighted](z)
    parameters = {
        key: values[rng.integers(len(values) if rng.random() < 0.1 else min(4, len(values)))]
        for key, values in PARAMETERS.items()
        if rng.random() < 0.4
    }
    parameters |= {"random_state": case, "hidden_layer_sizes": parameters.get("hidden_layer_sizes", 5)}
    if name == "MLPRegressor" and case % 3 == 0:
        parameters["loss"] = "poisson"
    estimator = getattr(module, name)(**parameters)
    given = {} if weights is None else {"sample_weight": weights}
    steps = {
        "fit": lambda: estimator.fit(data, y, **given) and None,
        "partial_fit": lambda: estimator.partial_fit(data, y, **given) and None,
        "score": lambda: estimator.score(data, y),
        "predict": lambda: estimator.predict(data),
        "predict other columns": lambda: estimator.predict(x[:, :3]),
        "go on": lambda: estimator.set_params(max_iter=3, learning_rate_init=0.05).fit(data, y) and None,
    }
    if name == "MLPClassifier":
        steps["predict_proba"] = lambda: estimator.predict_proba(data)
        steps["partial_fit"] = lambda: (
            estimator.partial_fit(data, y, classes=np.unique(y) if np.ndim(y) == 1 else [0, 1, 2], **given)
            and None
        )
    chosen = [("fit", "partial_fit")[int(rng.random() < 0.3)], *rng.permutation(list(steps))[:4]]
    told = [one_call(steps[step], estimator) for step in chosen]
    return f"{name}({parameters}) on {form}, {kind}, weights {weighted}: {chosen}", told


def one_call(call: Any, estimator: Any) -> dict[str, Any]:
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            result, error = call(), None
        except Exception as fault:
            result, error = None, (type(fault), str(fault)[:40])
    attributes = {key: copy.deepcopy(value) for key, value in vars(estimator).items() if key.endswith("_")}
    told = {(w.category, str(w.message)[:60]) for w in caught if not issubclass(w.category, RuntimeWarning)}
    return {"result": result, "error": error, "warnings": told, **attributes}


def same(got: Any, wanted: Any, rtol: float, where: str) -> None:
    assert type(got) is type(wanted), f"{where}: {got!r} is no {type(wanted)}"
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], np.ndarray):
        assert len(got) == len(wanted), where
        for number, pair in enumerate(zip(got, wanted, strict=True)):
            same(*pair, rtol, f"{where}[{number}]")
        return
    numbers = np.asarray(wanted)
    assert np.asarray(got).dtype == numbers.dtype, where
    if numbers.dtype.kind == "f":
        largest = np.abs(numbers[np.isfinite(numbers)]).max(initial=0)
        np.testing.assert_allclose(got, wanted, rtol=rtol, atol=rtol * largest + 1e-12, err_msg=where)
    else:
        np.testing.assert_array_equal(got, wanted, err_msg=where)


@pytest.mark.parametrize("case", range(80))
def test_the_same_happens(case: int) -> None:
    what, told = happens(ours, case)
    _, told_by_theirs = happens(theirs, case)
    rtol = 1e-3 if "on float32" in what else 1e-6
    for call, (got, wanted) in enumerate(zip(told, told_by_theirs, strict=True)):
        where = f"{what}, call {call}"
        assert got.keys() == wanted.keys(), where
        assert (got.pop("error"), got.pop("warnings")) == (wanted.pop("error"), wanted.pop("warnings")), where
        for key, value in wanted.items():
            same(got[key], value, rtol, f"{where}, {key}")
