"""Options of the objective on every engine: penalties per row and loss caps as in scikit-learn, NaN targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agreement import ENGINES
from glassnet import engines
from glassnet.engines import Rows
from glassnet.net import Network, Objective, check_gradients, initialize
from glassnet.net.optimizers import Adam, GradientDescent

OUTPUTS = {
    "squared_error": ("identity", "tanh", "softmax"),
    "absolute_error": ("identity",),
    "huber": ("identity",),
    "quantile": ("identity",),
    "poisson": ("exponential", "softplus"),
    "binary_log_loss": ("sigmoid",),
    "categorical_log_loss": ("softmax",),
}
PAIRS = [(loss, output) for loss, outputs in OUTPUTS.items() for output in outputs]
RNG = np.random.default_rng(0)
INPUTS, TARGETS, WEIGHTS = RNG.normal(size=(50, 4)), RNG.integers(0, 2, (50, 3)), RNG.uniform(0, 2, 50)


def rows(dtype: type[np.floating[Any]], *, weighted: bool = False, gaps: bool = False) -> Rows:
    targets = TARGETS.astype(dtype)
    if gaps:
        targets[3, 1] = targets[7] = targets[10:20, 2] = np.nan
    return Rows(INPUTS.astype(dtype), targets, WEIGHTS.astype(dtype) if weighted else None)


def network(output: str) -> Network:
    return Network.of(4, (7, 5), 3, activation="tanh", output=output)


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "reference"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_engines_agree(
    engine: str, loss: str, output: str, dtype: type[np.floating[Any]], weighted: bool
) -> None:
    objective = Objective(loss, l1=0.01, l2=0.3, penalty_per_row=True, loss_cap=0.9)
    own = rows(dtype, weighted=weighted, gaps=True)
    start = initialize(network(output), np.random.default_rng(1), dtype=dtype)
    results = []
    for name in (engine, "reference"):
        run = engines.get(name).open_run(network(output), start, objective, Adam())
        value, gradient = run.gradients(own)
        done = run.epochs(own, 16, np.full((5, 4), 0.01))
        results.append(
            (value, gradient, done.losses, done.penalties, run.evaluate(own), run.snapshot().parameters)
        )
    tolerance = 1e-10 if dtype is np.float64 else 2e-4
    for got, wanted in zip(*results, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_the_gradient_with_gaps_and_shared_penalties_is_the_gradient(
    loss: str, output: str, weighted: bool
) -> None:
    own = rows(np.float64, weighted=weighted, gaps=True)
    if loss == "categorical_log_loss":  # a row has all its targets or none
        own.targets[:] = np.where(
            np.isnan(own.targets).any(axis=1, keepdims=True), np.nan, np.eye(3)[np.arange(50) % 3]
        )
    start = initialize(network(output), np.random.default_rng(1))
    objective = Objective(loss, l1=0.01, l2=0.3, penalty_per_row=True)
    assert (
        check_gradients(
            network(output), start, own.inputs, own.targets, objective, own.weights
        ).relative_error
        < 1e-6
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_target_is_as_if_its_output_were_right(engine: str) -> None:
    start = initialize(network("identity"), np.random.default_rng(1))
    run = engines.get(engine).open_run(network("identity"), start)
    gaps = rows(np.float64, gaps=True)
    right = np.where(np.isnan(gaps.targets), run.predict(gaps.inputs), gaps.targets)
    value, gradient = run.gradients(gaps)
    wanted_value, wanted = run.gradients(Rows(gaps.inputs, right))
    assert value == pytest.approx(wanted_value, rel=1e-12)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("weighted", [False, True])
def test_penalties_per_row_are_penalties_over_the_batchs_weight(engine: str, weighted: bool) -> None:
    own = rows(np.float64, weighted=weighted)
    total = WEIGHTS.sum() if weighted else len(own)
    start = initialize(network("identity"), np.random.default_rng(1))
    pair = []
    for objective in (
        Objective(l1=0.1, l2=3.0, penalty_per_row=True),
        Objective(l1=0.1 / total, l2=3.0 / total),
    ):
        run = engines.get(engine).open_run(network("identity"), start, objective, GradientDescent())
        done = run.epochs(own, 50, np.full((3, 1), 0.1))
        pair.append((done.losses, done.penalties, run.snapshot().parameters))
    for got, wanted in zip(*pair, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cap_changes_the_reported_loss_and_no_gradient(engine: str) -> None:
    start = initialize(network("identity"), np.random.default_rng(1))
    runs = [
        engines.get(engine).open_run(network("identity"), start, Objective(loss_cap=cap))
        for cap in (0.1, np.inf)
    ]
    (low, gradient), (high, wanted) = (run.gradients(rows(np.float64)) for run in runs)
    np.testing.assert_array_equal(gradient, wanted)
    assert 0 < low <= 0.3 < high
