"""Every engine gives the results of the reference engine, step by step, from the same start and order of rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from agreement import ENGINES, Case, agree, close, open_run, train
from glassnet import engines
from glassnet.engines import Rows
from glassnet.engines.protocol import EachRow
from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS, Network, Objective, Optimizer, Parameters
from glassnet.net.optimizers import Adam, AdamW, GradientDescent, Momentum, Nesterov, RMSprop

HIDDEN = [name for name, row in ACTIVATIONS.items() if not row.output_only]
PAIRS = [
    (loss, output) for loss in LOSSES for output in ACTIVATIONS if LOSSES[loss].accepts(ACTIVATIONS[output])
]
OTHERS = [name for name in ENGINES if name != "reference"]

pytestmark = pytest.mark.skipif(not OTHERS, reason="only the reference engine can be used here")


def covering() -> list[Case]:
    """Each pair of loss and output, with all other options in turn, so that many combinations occur."""
    options: Iterator[dict[str, Any]] = itertools.cycle(
        [
            {},
            {"weights": True, "l2": 0.3, "per_row": True},
            {"l1": 0.01, "l2": 0.02, "shuffle": True},
            {"dropout": 0.3, "l1": 0.2, "per_row": True},
            {"weights": True, "l2": 0.1, "dropout": 0.5, "shuffle": True},
            {"outputs": 1, "shuffle": True},
            {"widths": (17, 33), "batch": 100},
        ]
    )
    rules = itertools.cycle(
        [rule() for rule in OPTIMIZERS.values()] + [rule(max_norm=0.05) for rule in OPTIMIZERS.values()]
    )
    hidden = itertools.cycle(itertools.combinations(HIDDEN, 2))
    return [
        Case(loss, output, next(hidden), optimizer=next(rules))._replace(**next(options))
        for loss, output in PAIRS
    ]


GAPS = [
    Case(loss, output, gaps=True, weights=weights, optimizer=OPTIMIZERS["momentum"]())
    for loss, output, weights in [
        ("squared_error", "identity", False),
        ("squared_error", "softmax", False),
        ("absolute_error", "tanh", True),
        ("huber", "identity", False),
        ("quantile", "identity", True),
        ("poisson", "exponential", False),
        ("poisson", "softplus", True),
        ("binary_log_loss", "sigmoid", True),
        ("categorical_log_loss", "softmax", False),
    ]
]
EVERY_HIDDEN = [Case(hidden=(name, name), dropout=rate) for name in HIDDEN for rate in (0.0, 0.25)]
EVERY_RULE = [
    Case(optimizer=rule(max_norm=norm), l1=penalty, l2=penalty, shuffle=True)
    for rule in OPTIMIZERS.values()
    for norm in (None, 0.1)
    for penalty in (0.0, 0.05)
]
CONSTANTS = [
    Case("huber", parameter=0.3),
    Case("quantile", parameter=0.9),
    Case(optimizer=Adam(beta1=0.7, beta2=0.9, epsilon=1e-3)),
    Case(optimizer=AdamW(weight_decay=0.2)),
    Case(optimizer=Nesterov(momentum=0.5)),
    Case(optimizer=RMSprop(decay=0.5, epsilon=1e-4)),
    Case("poisson", "exponential", optimizer=Momentum(momentum=0.3)),
]
SHAPES = [
    Case(widths=(), hidden=()),
    Case(widths=(), hidden=(), outputs=70),
    Case(widths=(1,), hidden=("tanh",), inputs=1, outputs=1),
    Case(widths=(64, 128), rows=70, batch=32),
    Case(widths=(1100,), hidden=("tanh",), dropout=0.4, rows=9),
    Case(widths=(63, 65, 66), hidden=("relu", "tanh", "elu"), rows=40, batch=13),
    Case(
        widths=(300, 70),
        inputs=130,
        outputs=80,
        rows=130,
        batch=64,
        optimizer=OPTIMIZERS["gradient_descent"](),
    ),
    Case("categorical_log_loss", "softmax", widths=(20, 10), outputs=70),
    Case("squared_error", "softmax", widths=(20, 10), outputs=70, weights=True),
    Case(widths=(5, 4, 5, 4, 5), hidden=("tanh",) * 5, batch=1, rows=11),
]
# Widths around one and two vectors of every instruction set, for which the native engine has kernels of their own;
# with a batch whose last tile has 3, 2 or 1 rows, and beside a layer that is too wide for these kernels.
SMALL = [
    Case(
        *pair,
        hidden=(hidden, "tanh"),
        widths=(width, width + 1),
        outputs=outputs,
        inputs=inputs,
        batch=batch,
        optimizer=OPTIMIZERS[rule](),
        l1=penalty,
        l2=penalty,
        dropout=dropout,
        weights=True,
        gaps=pair[0] == "categorical_log_loss",
    )
    for width, outputs, inputs, batch, hidden, rule, penalty, dropout, pair in [
        (1, 1, 3, 23, "sigmoid", "gradient_descent", 0.0, 0.0, ("squared_error", "sigmoid")),
        (2, 2, 4, 7, "gelu", "momentum", 0.01, 0.0, ("categorical_log_loss", "softmax")),
        (3, 4, 7, 6, "relu", "adam", 0.0, 0.3, ("categorical_log_loss", "softmax")),
        (4, 5, 8, 5, "silu", "adamw", 0.01, 0.3, ("squared_error", "softmax")),
        (7, 8, 15, 4, "elu", "rmsprop", 0.0, 0.0, ("categorical_log_loss", "softmax")),
        (8, 9, 16, 3, "softplus", "nesterov", 0.01, 0.0, ("categorical_log_loss", "softmax")),
        (15, 16, 31, 11, "leaky_relu", "adam", 0.0, 0.0, ("categorical_log_loss", "softmax")),
        (16, 17, 33, 23, "tanh", "gradient_descent", 0.01, 0.3, ("categorical_log_loss", "softmax")),
        (31, 7, 64, 10, "sigmoid", "adam", 0.01, 0.0, ("huber", "identity")),
        (32, 33, 70, 9, "identity", "rmsprop", 0.0, 0.0, ("categorical_log_loss", "softmax")),
    ]
]


@pytest.mark.parametrize("engine", OTHERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "case", [*covering(), *EVERY_HIDDEN, *EVERY_RULE, *CONSTANTS, *SHAPES, *SMALL, *GAPS], ids=str
)
def test_agrees_with_the_reference(case: Case, dtype: type[np.floating[Any]], engine: str) -> None:
    agree(case, engine, dtype)


def test_the_cases_cover_the_tables() -> None:
    cases = [*covering(), *EVERY_HIDDEN, *EVERY_RULE]
    assert {name for case in cases for name in case.hidden} == set(HIDDEN)
    assert {case.optimizer.name for case in cases} == set(OPTIMIZERS)
    assert {(case.loss, case.output) for case in cases} == set(PAIRS)


@pytest.mark.parametrize("engine", OTHERS)
def test_a_snapshot_moves_between_engines(engine: str) -> None:
    case = Case(optimizer=Adam(), shuffle=True, dropout=0.2)
    whole, rows = open_run("reference", case, np.float64)
    train(whole, rows, case, 4, seed=1)
    wanted = train(whole, rows, case, 4, seed=2).losses

    for first, second in [(engine, "reference"), ("reference", engine), (engine, engine)]:
        begun, _ = open_run(first, case, np.float64)
        train(begun, rows, case, 4, seed=1)
        continued, _ = open_run(second, case, np.float64)
        continued.restore(begun.snapshot())
        close(train(continued, rows, case, 4, seed=2).losses, wanted, 1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restored_run_goes_on_to_the_same_bits(engine: str) -> None:
    case = Case(shuffle=True, dropout=0.2)
    run, rows = open_run(engine, case, np.float32)
    train(run, rows, case, 3, seed=1)
    middle = run.snapshot()
    losses = train(run, rows, case, 3, seed=2).losses
    end = run.snapshot()
    run.restore(middle)
    assert np.array_equal(train(run, rows, case, 3, seed=2).losses, losses)
    assert np.array_equal(run.snapshot().parameters, end.parameters)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergence_is_reported_at_its_step_which_is_not_made(engine: str) -> None:
    case = Case(optimizer=OPTIMIZERS["gradient_descent"](), hidden=("relu", "relu"), batch=23)
    run, rows = open_run(engine, case, np.float32)
    reference, _ = open_run("reference", case, np.float32)
    rates = np.full((400, 1), 1e6)
    got, wanted = run.epochs(rows, 23, rates), reference.epochs(rows, 23, rates)
    assert got.diverged_at is not None
    assert got.diverged_at == wanted.diverged_at
    assert len(got.losses) == len(wanted.losses) == got.diverged_at - 1
    assert run.snapshot().state.step == got.diverged_at - 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_nan_among_the_inputs_is_found_at_the_first_step(engine: str) -> None:
    for hidden in HIDDEN:
        run, rows = open_run(engine, Case(hidden=(hidden,), widths=(4,)), np.float64)
        if hidden == "step":
            continue  # a comparison with 0, which is false for NaN
        rows.inputs[2, 1] = np.nan
        before = run.snapshot().parameters
        assert run.epochs(rows, 23, np.full((3, 1), 0.01)).diverged_at == 1
        assert np.array_equal(run.snapshot().parameters, before)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_far_from_zero_nothing_overflows(engine: str, name: str, dtype: type[np.floating[Any]]) -> None:
    network = Network.of(1, (1,), 1, activation=name)
    parameters = Parameters.of(network, [([[1.0]], [0.0]), ([[1.0]], [0.0])], dtype)
    x = np.array([-1e4, -500, -90, -30, -1, -1e-3, 0, 1e-3, 1, 30, 90, 500, 1e4], dtype).reshape(-1, 1)
    run = engines.get(engine).open_run(network, parameters)
    wanted = engines.get("reference").open_run(network, parameters).predict(x)
    np.testing.assert_allclose(
        run.predict(x), wanted, rtol=1e-13 if dtype is np.float64 else 1e-6, atol=1e-36
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_far_from_zero_slopes_agree_with_the_reference(engine: str, name: str) -> None:
    network = Network.of(1, (1,), 1, activation=name)
    parameters = Parameters.of(network, [([[1.0]], [0.0]), ([[1e-20]], [0.0])], np.float32)
    for x in (-3e19, 3e19):
        rows = Rows(np.array([[x]], np.float32), np.zeros((1, 1), np.float32))
        got, wanted = (
            engines.get(who).open_run(network, parameters, Objective("absolute_error")).gradients(rows)[1]
            for who in (engine, "reference")
        )
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rule", [RMSprop, Adam, AdamW])
def test_no_epsilon_is_too_small_for_a_parameter_without_gradient(engine: str, rule: type[Adam]) -> None:
    run, rows = open_run(engine, Case(hidden=(), widths=(), optimizer=rule(epsilon=1e-60)), np.float32)
    rows.inputs[:, 0] = 0
    before = run.snapshot().parameters[:3]
    assert run.epochs(rows, 23, np.full((5, 1), 0.01)).diverged_at is None
    np.testing.assert_allclose(run.snapshot().parameters[:3], before, rtol=1e-3)  # AdamW also decays them


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("optimizer", [RMSprop(), Adam(), AdamW(), GradientDescent(max_norm=1.0)], ids=repr)
@pytest.mark.parametrize(
    ("dtype", "scale"), [(np.float32, 1e6), (np.float32, 1e12), (np.float64, 1e60), (np.float64, 1e90)]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_squared_gradients_overflow_the_steps_agree_with_the_reference(
    engine: str, optimizer: Optimizer, dtype: type[np.floating[Any]], scale: float
) -> None:
    case = Case(hidden=(), widths=(), optimizer=optimizer)
    got, rows = open_run(engine, case, dtype)
    wanted, _ = open_run("reference", case, dtype)
    rows.inputs[:, 1:] *= dtype(scale)
    for run in (got, wanted):
        run.epochs(rows, 23, np.full((3, 1), 0.01))
    np.testing.assert_allclose(
        got.snapshot().parameters, wanted.snapshot().parameters, rtol=1e-13 if dtype is np.float64 else 1e-6
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stop_flag_ends_training_before_the_next_step(engine: str) -> None:
    case = Case()
    run, rows = open_run(engine, case, np.float32)
    assert len(run.epochs(rows, 8, np.full((3, 3), 0.01), stop=np.ones(1, np.uint8)).losses) == 0
    assert run.snapshot().state.step == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_no_rows_at_all(engine: str) -> None:
    run, rows = open_run(engine, Case(), np.float32)
    none = Rows(rows.inputs[:0], rows.targets[:0])
    assert run.predict(none.inputs).shape == (0, 3)
    assert run.evaluate(none) == 0.0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rows", [1, 23, 300])
@pytest.mark.parametrize(
    ("loss", "output"),
    [("huber", "tanh"), ("binary_log_loss", "sigmoid"), ("categorical_log_loss", "softmax")],
)
def test_an_evaluation_can_give_the_outputs_and_the_loss_of_each_row(
    engine: str, rows: int, loss: str, output: str
) -> None:
    case = Case(loss, output, rows=rows, weights=True, gaps=loss == "huber")
    run, given = open_run(engine, case, np.float32)
    each = EachRow.of(given)
    mean = run.evaluate(given, None, each)
    assert mean == run.evaluate(given)
    np.testing.assert_array_equal(each.outputs, run.predict(given.inputs))
    assert np.average(each.losses, weights=given.weights) == pytest.approx(mean, rel=1e-6)
    for row in {0, rows - 1}:
        assert each.losses[row] == pytest.approx(run.evaluate(given.take(slice(row, row + 1))), rel=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_parameters_are_those_of_a_snapshot(engine: str) -> None:
    run, rows = open_run(engine, Case(), np.float32)
    train(run, rows, Case(), 2)
    found = run.parameters()
    np.testing.assert_array_equal(found, run.snapshot().parameters)
    found[:] = 0.0
    assert run.parameters().any()
