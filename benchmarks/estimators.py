"""The time of fits of the drop-in estimators, compared with scikit-learn's own classes with the same seeds.

    python benchmarks/estimators.py [--repeats 3] [--threads N] [--only WORD] [--search] [--json FILE]

More than twenty combinations of data, network and options, each fitted by both in turn. Prints the medians of the wall
times, their ratio, and the difference of the two networks, which shows that both did the same work. There is a pause
before each fit: the threads of scikit-learn's BLAS spin for about 0.1 s after their last work, and would take a core.

``--threads`` limits the threads of both (those of scikit-learn are of its BLAS); without it each uses its default.
``--search`` adds a cross-validation of 10 folds × 20 settings with joblib on two cores. Needs ``glassnet[sklearn]``;
``--threads`` needs threadpoolctl, which is installed with scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn import neural_network as theirs
from sklearn.datasets import load_breast_cancer, make_classification, make_regression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from glassnet import engines
from glassnet import estimators as ours


class Shape(NamedTuple):
    """``rows`` × ``columns`` → ``outputs``: the classes of a classifier or the targets of a regressor."""

    name: str
    estimator: str
    rows: int
    columns: int
    outputs: int
    hidden: tuple[int, ...]
    options: dict[str, Any]


PAUSE = 0.3  # seconds, after which waiting threads sleep

C, R = "MLPClassifier", "MLPRegressor"
SHAPES = (
    Shape("adam, iris-like", C, 150, 4, 3, (100,), {}),
    Shape("adam, two classes, small", C, 569, 30, 2, (100,), {}),
    Shape("adam, ten classes", C, 1797, 64, 10, (100,), {"max_iter": 50}),
    Shape("adam, a number", R, 442, 10, 1, (100,), {}),
    Shape("adam, three numbers", R, 1000, 20, 3, (100,), {"max_iter": 100}),
    Shape("adam, counts", R, 1000, 20, 1, (50,), {"loss": "poisson", "max_iter": 100}),
    Shape("adam, two layers", C, 1000, 20, 2, (100, 50), {"max_iter": 100}),
    Shape("adam, batches of 32", C, 1000, 20, 2, (64, 32), {"batch_size": 32, "max_iter": 50}),
    Shape("adam, float32", C, 1797, 64, 10, (100,), {"max_iter": 50, "dtype": np.float32}),
    Shape("adam, stopping early", C, 2000, 20, 2, (100,), {"early_stopping": True, "max_iter": 100}),
    Shape("adam, weighted rows", C, 1000, 20, 2, (100,), {"weighted": True, "max_iter": 100}),
    Shape("adam, sparse", C, 1000, 300, 2, (50,), {"sparse": True, "max_iter": 30}),
    Shape("adam, medium", C, 10_000, 30, 2, (100,), {"max_iter": 20}),
    Shape("adam, medium, three layers", C, 10_000, 50, 5, (128, 64, 32), {"max_iter": 10}),
    Shape("adam, wide", R, 5000, 100, 1, (512,), {"max_iter": 10}),
    Shape("adam, large", C, 50_000, 100, 10, (256, 128), {"max_iter": 3}),
    Shape("sgd", C, 1000, 20, 2, (100,), {"solver": "sgd", "max_iter": 100}),
    Shape("sgd, adaptive", C, 1000, 20, 2, (100,), {"solver": "sgd", "learning_rate": "adaptive", "max_iter": 100}),
    Shape("sgd, tanh, invscaling", R, 2000, 20, 1, (50, 50),
          {"solver": "sgd", "activation": "tanh", "learning_rate": "invscaling", "max_iter": 50}),
    Shape("sgd, all rows at once", C, 2000, 20, 2, (50,), {"solver": "sgd", "batch_size": 2000, "max_iter": 200}),
    Shape("lbfgs, small", C, 150, 4, 3, (100,), {"solver": "lbfgs"}),
    Shape("lbfgs, a number", R, 442, 10, 1, (50,), {"solver": "lbfgs"}),
    Shape("lbfgs, two layers", C, 2000, 40, 5, (64, 64), {"solver": "lbfgs", "activation": "tanh", "max_iter": 60}),
    Shape("lbfgs, medium", C, 10_000, 30, 2, (100,), {"solver": "lbfgs", "max_iter": 30}),
)  # fmt: skip


def data(shape: Shape) -> tuple[Any, Any, dict[str, Any]]:
    """X, y and the keyword arguments of ``fit``."""
    if shape.estimator == C:
        X, y = make_classification(
            shape.rows, shape.columns, n_informative=max(3, shape.columns // 2), n_redundant=0, n_repeated=0,
            n_classes=shape.outputs, flip_y=0.1, random_state=0,
        )  # fmt: skip
    else:
        X, y = make_regression(shape.rows, shape.columns, n_targets=shape.outputs, noise=10, random_state=0)
        y = (y - y.mean(axis=0)) / y.std(axis=0)
        if shape.options.get("loss") == "poisson":
            y = np.random.default_rng(0).poisson(np.exp(y / 2))
    X = X.astype(shape.options.get("dtype", np.float64))
    if shape.options.get("sparse"):
        X = sparse.csr_array(np.where(np.random.default_rng(0).random(X.shape) < 0.05, X, 0))
    weights = {"sample_weight": np.random.default_rng(1).uniform(0.5, 2, shape.rows)}
    return X, y, weights if shape.options.get("weighted") else {}


def compare(shape: Shape, repeats: int) -> dict[str, Any]:
    X, y, more = data(shape)
    options = {
        name: value for name, value in shape.options.items() if name not in ("dtype", "sparse", "weighted")
    }
    seconds: dict[str, list[float]] = {"scikit-learn": [], "glassnet": []}
    fitted = {}
    for _ in range(repeats):
        for name, module in (("scikit-learn", theirs), ("glassnet", ours)):
            model = (
                getattr(module, shape.estimator)(shape.hidden, random_state=0, **options)
                if shape.estimator == C
                else getattr(module, shape.estimator)(
                    hidden_layer_sizes=shape.hidden, random_state=0, **options
                )
            )
            seconds[name].append(timed(lambda model=model: model.fit(X, y, **more)))
            fitted[name] = model
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    pair = [fitted["glassnet"].coefs_[0], fitted["scikit-learn"].coefs_[0]]
    return {
        "shape": shape.name,
        "data": f"{shape.rows}×{shape.columns}→{shape.outputs}",
        "hidden": list(shape.hidden),
        "epochs": int(fitted["scikit-learn"].n_iter_),
        **medians,
        "ratio": medians["scikit-learn"] / medians["glassnet"],
        "difference": float(np.abs(pair[0] - pair[1]).max() / np.abs(pair[1]).max()),
    }


def search(jobs: int) -> dict[str, Any]:
    """10 folds × 20 settings of a pipeline, on two cores."""
    X, y = load_breast_cancer(return_X_y=True)
    grid = {
        "{}__alpha": [1e-5, 1e-4, 1e-3, 1e-2, 0.1],
        "{}__hidden_layer_sizes": [(20,), (50,), (100,), (50, 25)],
    }
    result: dict[str, Any] = {"shape": f"10 folds × 20 settings, {jobs} jobs", "data": "569×30→2"}
    for name, module in (("scikit-learn", theirs), ("glassnet", ours)):
        pipeline = make_pipeline(StandardScaler(), module.MLPClassifier(random_state=0))
        own = {key.format("mlpclassifier"): values for key, values in grid.items()}
        searching = GridSearchCV(pipeline, own, cv=10, n_jobs=jobs)
        result[name] = timed(lambda searching=searching: searching.fit(X, y))
        result[f"{name} best"] = searching.best_score_
    return {**result, "ratio": result["scikit-learn"] / result["glassnet"]}


def timed(work: Callable[[], object]) -> float:
    time.sleep(PAUSE)
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def line(row: dict[str, Any]) -> str:
    difference = f"{row['difference']:9.0e}" if "difference" in row else ""
    return (
        f"{row['shape']:32} {row['data']:>14} {row.get('epochs', ''):>5} {row['scikit-learn']:9.3f} s "
        f"{row['glassnet']:9.3f} s {row['ratio']:7.1f} × {difference}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--only", default="", help="only shapes whose name contains this")
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--json", type=argparse.FileType("w"))
    given = parser.parse_args()
    os.environ["PYTHONWARNINGS"] = "ignore"  # in joblib's processes too
    warnings.simplefilter("ignore")
    if given.threads:
        os.environ["GLASSNET_THREADS"] = str(given.threads)
    print(engines.get().describe())
    print(
        f"{'':32} {'data':>14} {'epochs':>5} {'scikit-learn':>11} {'glassnet':>11} {'ratio':>9} {'difference':>11}"
    )
    rows = []
    with threadpool_limits(given.threads):
        for shape in SHAPES:
            if given.only in shape.name:
                rows.append(compare(shape, given.repeats))
                print(line(rows[-1]), flush=True)
    if given.search:
        rows.append(search(jobs=2))
        print(line(rows[-1]))
    if given.json:
        json.dump(rows, given.json, indent=1)


if __name__ == "__main__":
    main()
