"""Compares the results of an engine with those of the reference engine; for the tests of the engines.

In float64 the relative difference may be 1e-9. Results in float32 are compared with the same training in float64: their
error may be :data:`SLACK` times that of the reference engine in float32, plus a few units in the last place. A fixed
tolerance would be too loose for one step or too tight for a hundred, because optimizers that divide by the root of a
running mean of squares amplify rounding errors where a gradient is almost 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from glassnet import engines
from glassnet.engines import Engine, Rows, Run
from glassnet.net import LOSSES, OPTIMIZERS, Network, Objective, Optimizer, Parameters, initialize

# Those that are tested on every case. JAX compiles for each, so tests/engines/test_jax.py has a few for it.
ENGINES = engines.available("native", "reference")
DROPOUT_SEED = 2**63 + 12345
SLACK = 20
FLOOR = 2e-6  # some 30 units in the last place of float32, for sums of as many terms

TARGETS = {"binary_log_loss": "shares", "categorical_log_loss": "shares", "poisson": "counts"}


class Case(NamedTuple):
    loss: str = "squared_error"
    output: str = "identity"
    hidden: tuple[str, ...] = ("tanh", "relu")
    widths: tuple[int, ...] = (9, 6)
    optimizer: Optimizer = OPTIMIZERS["adam"]()
    weights: bool = False
    shuffle: bool = False
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    rows: int = 23
    batch: int = 8
    inputs: int = 5
    outputs: int = 3
    parameter: float | None = None
    per_row: bool = False
    gaps: bool = False

    def __str__(self) -> str:
        return "-".join(str(part) for part in (self.loss, self.output, *self.hidden, self.optimizer.name))


def problem(
    case: Case, dtype: type[np.floating[Any]], seed: int = 3
) -> tuple[Network, Parameters, Objective, Rows]:
    rng = np.random.default_rng(seed)
    dropout = (case.dropout,) * len(case.widths)
    network = Network.of(
        case.inputs, case.widths, case.outputs, activation=case.hidden, output=case.output, dropout=dropout
    )
    parameters = initialize(network, np.random.default_rng(seed), dtype=dtype)
    inputs = rng.standard_normal((case.rows, case.inputs))
    targets = rng.standard_normal((case.rows, case.outputs))
    if TARGETS.get(case.loss) == "shares":
        targets = np.exp(targets) / np.exp(targets).sum(axis=1, keepdims=True)
    elif TARGETS.get(case.loss) == "counts":
        targets = rng.poisson(2.0, targets.shape).astype(float)
    if case.gaps:
        targets[rng.random(targets.shape) < 0.3] = np.nan
    weights = rng.uniform(0, 2, case.rows).astype(dtype) if case.weights else None
    loss = LOSSES[case.loss]
    if case.parameter is not None:
        loss = loss.with_parameter(case.parameter)
    objective = Objective(loss, l1=case.l1, l2=case.l2, penalty_per_row=case.per_row)
    return network, parameters, objective, Rows(inputs.astype(dtype), targets.astype(dtype), weights)


def open_run(
    engine: str | Engine, case: Case, dtype: type[np.floating[Any]], threads: int | None = None
) -> tuple[Run, Rows]:
    network, parameters, objective, rows = problem(case, dtype)
    opened = engines.get(engine) if isinstance(engine, str) else engine
    run = opened.open_run(
        network, parameters, objective, case.optimizer, dropout_seed=DROPOUT_SEED, threads=threads
    )
    return run, rows


def train(run: Run, rows: Rows, case: Case, epochs: int, seed: int = 5) -> engines.Epochs:
    rng = np.random.default_rng(seed)
    steps = -(-case.rows // case.batch)
    rates = rng.uniform(0.002, 0.01, (epochs, steps))
    orders = np.array([rng.permutation(case.rows) for _ in range(epochs)]) if case.shuffle else None
    return run.epochs(rows, case.batch, rates, orders)


def close(got: np.ndarray, wanted: np.ndarray, tolerance: float) -> None:
    scale = np.abs(wanted).max(initial=0.0) or 1.0
    worst = np.abs(got - wanted).max(initial=0.0)
    assert worst <= tolerance * scale, f"differs by {worst:.3g} on a scale of {scale:.3g}"


class Record(NamedTuple):
    """The results of a run before training, after 1 step and after 100 steps."""

    outputs: np.ndarray
    loss: np.ndarray
    objective: np.ndarray
    gradient: np.ndarray
    first_loss: np.ndarray
    first_parameters: np.ndarray
    losses: np.ndarray
    penalties: np.ndarray
    parameters: np.ndarray
    moments: np.ndarray


def record(run: Run, rows: Rows, case: Case) -> Record:
    outputs, loss, (objective, gradient) = run.predict(rows.inputs), run.evaluate(rows), run.gradients(rows)
    first = train(run, rows, case._replace(batch=case.rows, shuffle=False), 1)
    first_parameters = run.snapshot().parameters
    rest = train(run, rows, case, -(-100 // -(-case.rows // case.batch)))
    assert first.diverged_at is rest.diverged_at is None
    assert rest.penalties is not None
    end = run.snapshot()
    assert end.state.step >= 100
    return Record(
        outputs,
        np.array(loss),
        np.array(objective),
        gradient,
        first.losses,
        first_parameters,
        rest.losses,
        rest.penalties,
        end.parameters,
        np.array(end.state.moments),
    )


def agree(case: Case, engine: str | Engine, dtype: type[np.floating[Any]], threads: int | None = 1) -> None:
    wanted, got = (record(*open_run(name, case, dtype, threads), case) for name in ("reference", engine))
    if dtype is np.float64:
        for ours, theirs in zip(got, wanted, strict=True):
            close(ours, theirs, 1e-9)
        return
    network, parameters, objective, rows = problem(case, dtype)
    weights = None if rows.weights is None else rows.weights.astype(np.float64)
    exact_rows = Rows(rows.inputs.astype(np.float64), rows.targets.astype(np.float64), weights)
    exact_run = engines.get("reference").open_run(
        network,
        Parameters(network, parameters.vector.astype(np.float64)),
        objective,
        case.optimizer,
        dropout_seed=DROPOUT_SEED,
    )
    for field, ours, theirs, exact in zip(
        Record._fields, got, wanted, record(exact_run, exact_rows, case), strict=True
    ):
        scale = np.abs(exact).max(initial=0.0) or 1.0
        allowed = SLACK * np.abs(theirs - exact).max(initial=0.0) + FLOOR * scale
        assert np.abs(ours - exact).max(initial=0.0) <= allowed, field
