"""The reference engine, with which all other engines are compared."""

import math
from typing import Any

import numpy as np
import pytest

from glassnet.engines import Rows, Run, available, get
from glassnet.engines.reference import PIECE_ROWS, ReferenceEngine
from glassnet.errors import SettingsError
from glassnet.net import (
    OPTIMIZERS,
    Network,
    Objective,
    Optimizer,
    Parameters,
    backward,
    dropout_masks,
    forward,
    initialize,
    mean_loss,
    penalty,
)
from glassnet.net.optimizers import Adam, GradientDescent

NETWORK = Network.of(3, (6, 5), 2, activation=("tanh", "silu"), dropout=(0.3, 0.0))
OBJECTIVE = Objective("huber", l1=1e-3, l2=1e-3)
ROWS, BATCH = 23, 8  # the last batch of an epoch has 7 rows
STEPS = 3


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def start(dtype: type[np.floating[Any]] = np.float64) -> Parameters:
    return initialize(NETWORK, rng(), "normal", dtype)


def some_rows(dtype: type[np.floating[Any]] = np.float64, weighted: bool = True) -> Rows:
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=(ROWS, 3)).astype(dtype)
    targets = generator.normal(size=(ROWS, 2)).astype(dtype)
    weights = generator.integers(0, 4, ROWS).astype(dtype)
    return Rows(inputs, targets, weights if weighted else None)


def some_orders(count: int) -> np.ndarray:
    generator = np.random.default_rng(2)
    return np.stack([generator.permutation(ROWS) for _ in range(count)])


def some_rates(count: int) -> np.ndarray:
    return np.linspace(0.05, 0.01, count * STEPS).reshape(count, STEPS)


def open_run(optimizer: Optimizer | None = None, dtype: type[np.floating[Any]] = np.float64) -> Run:
    return ReferenceEngine().open_run(NETWORK, start(dtype), OBJECTIVE, optimizer, dropout_seed=11)


def assert_same_place(left: Run, right: Run) -> None:
    a, b = left.snapshot(), right.snapshot()
    np.testing.assert_array_equal(a.parameters, b.parameters)
    assert a.state.step == b.state.step
    assert len(a.state.moments) == len(b.state.moments)
    for one, other in zip(a.state.moments, b.state.moments, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_available_by_name() -> None:
    assert "reference" in available()
    assert get("reference").name == "reference"
    assert get().name == available()[0]
    assert get("reference").describe()["engine"] == "reference"
    with pytest.raises(SettingsError, match=r"engine is 'referense', .* Did you mean 'reference'"):
        get("referense")


@pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_it_is_forward_backward_update_in_a_loop(rule: type[Optimizer]) -> None:
    rows, orders, rates, optimizer = some_rows(), some_orders(2), some_rates(2), rule(max_norm=0.5)
    run = open_run(optimizer)
    result = run.epochs(rows, BATCH, rates, orders)

    parameters = start()
    state = optimizer.init(parameters.vector)
    losses = []
    for order, epoch_rates in zip(orders, rates, strict=True):
        values, shares = [], []
        for number, rate in enumerate(epoch_rates):
            at = order[number * BATCH : (number + 1) * BATCH]
            assert rows.weights is not None
            x, y, w = rows.inputs[at], rows.targets[at], rows.weights[at]
            masks = dropout_masks(NETWORK, len(at), seed=11, step=state.step, dtype=np.float64)
            trace = forward(NETWORK, parameters, x, masks)
            values.append(mean_loss(NETWORK, trace, y, OBJECTIVE, w) + penalty(parameters, OBJECTIVE))
            shares.append(w.sum())
            gradient = backward(NETWORK, parameters, trace, y, OBJECTIVE, w).parameters.vector
            vector, state = optimizer.update(parameters.vector, gradient, state, float(rate))
            parameters = Parameters(NETWORK, vector)
        losses.append(np.average(values, weights=shares))

    np.testing.assert_array_equal(run.snapshot().parameters, parameters.vector)
    np.testing.assert_allclose(result.losses, losses, rtol=1e-13)
    assert result.diverged_at is None
    assert run.snapshot().state.step == 2 * STEPS


@pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_epochs_at_once_or_one_by_one_are_the_same_to_the_bit(
    rule: type[Optimizer], dtype: type[np.floating[Any]]
) -> None:
    rows, orders, rates = some_rows(dtype), some_orders(3), some_rates(3)
    together, apart = open_run(rule(), dtype), open_run(rule(), dtype)
    losses = together.epochs(rows, BATCH, rates, orders).losses
    singles = [apart.epochs(rows, BATCH, rates[e : e + 1], orders[e : e + 1]).losses[0] for e in range(3)]
    np.testing.assert_array_equal(losses, singles)
    assert_same_place(together, apart)
    assert together.snapshot().parameters.dtype == dtype


@pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_run_continues_from_a_snapshot(rule: type[Optimizer]) -> None:
    rows, orders, rates = some_rows(), some_orders(4), some_rates(4)
    whole = open_run(rule())
    whole.epochs(rows, BATCH, rates[:2], orders[:2])
    half = whole.snapshot()
    kept = half.parameters.copy(), tuple(moment.copy() for moment in half.state.moments)
    rest = whole.epochs(rows, BATCH, rates[2:], orders[2:]).losses

    np.testing.assert_array_equal(half.parameters, kept[0])
    for moment, copy in zip(half.state.moments, kept[1], strict=True):
        np.testing.assert_array_equal(moment, copy)

    other = open_run(rule())
    other.restore(half)
    np.testing.assert_array_equal(other.epochs(rows, BATCH, rates[2:], orders[2:]).losses, rest)
    assert_same_place(whole, other)

    whole.restore(half)  # and back
    np.testing.assert_array_equal(whole.epochs(rows, BATCH, rates[2:], orders[2:]).losses, rest)


def test_the_run_works_on_copies() -> None:
    parameters, rows = start(), some_rows()
    given = [array.copy() for array in (parameters.vector, rows.inputs, rows.targets)]
    run = ReferenceEngine().open_run(NETWORK, parameters)
    run.epochs(rows, BATCH, some_rates(1))
    snapshot = run.snapshot()
    snapshot.parameters[:] = 0
    assert run.snapshot().parameters.any()
    for array, copy in zip((parameters.vector, rows.inputs, rows.targets), given, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_without_orders_the_rows_are_taken_as_stored() -> None:
    rows, rates = some_rows(), some_rates(2)
    as_they_lie, ordered = open_run(), open_run()
    as_they_lie.epochs(rows, BATCH, rates)
    ordered.epochs(rows, BATCH, rates, np.stack([np.arange(ROWS)] * 2))
    assert_same_place(as_they_lie, ordered)


def test_an_order_is_the_same_as_rows_in_that_order() -> None:
    rows, order, rates = some_rows(), some_orders(1), some_rates(1)
    by_order, sorted_rows = open_run(), open_run()
    by_order.epochs(rows, BATCH, rates, order)
    assert rows.weights is not None
    moved = Rows(rows.inputs[order[0]], rows.targets[order[0]], rows.weights[order[0]])
    sorted_rows.epochs(moved, BATCH, rates)
    assert_same_place(by_order, sorted_rows)
    other = open_run()
    other.epochs(rows, BATCH, rates, order[:, ::-1])
    assert (other.snapshot().parameters != by_order.snapshot().parameters).any()


def test_a_batch_larger_than_the_rows_is_all_of_them() -> None:
    rows = some_rows()
    large, exact = open_run(), open_run()
    large.epochs(rows, 1000, np.array([[0.05]]))
    exact.epochs(rows, ROWS, np.array([[0.05]]))
    assert_same_place(large, exact)


def test_a_row_of_weight_zero_does_not_count() -> None:
    rows = some_rows()
    plain = Network.of(3, (4,), 2, activation="tanh")
    parameters = initialize(plain, rng())
    kept = slice(0, 15)
    weights = np.zeros(ROWS)
    weights[kept] = 2.0
    ends, losses = [], []
    for some in (Rows(rows.inputs, rows.targets, weights), Rows(rows.inputs[kept], rows.targets[kept])):
        run = ReferenceEngine().open_run(plain, parameters, Objective(), GradientDescent())
        losses.append(run.epochs(some, ROWS, np.full((5, 1), 0.1)).losses)
        ends.append(run.snapshot().parameters)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-12)
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-12)


def test_rates_of_zero_change_nothing_and_measure_the_start() -> None:
    network = Network.of(3, (4,), 2, activation="tanh")
    parameters = initialize(network, rng())
    run = ReferenceEngine().open_run(network, parameters, OBJECTIVE, GradientDescent())
    result = run.epochs(some_rows(), BATCH, np.zeros((2, STEPS)))
    np.testing.assert_array_equal(run.snapshot().parameters, parameters.vector)
    objective, _ = run.gradients(some_rows())
    np.testing.assert_allclose(result.losses, objective, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_divergence_is_reported_at_the_step_that_was_not_made(dtype: type[np.floating[Any]]) -> None:
    """θ ← θ - 1e12 θ is no longer finite after a few steps."""
    network = Network.of(1, (), 1)
    rows = Rows(np.ones((3, 1), dtype), np.zeros((3, 1), dtype))
    run = ReferenceEngine().open_run(
        network, Parameters(network, np.array([1, 0], dtype)), None, GradientDescent()
    )
    result = run.epochs(rows, 1, np.full((100, 3), 1e12))
    assert result.diverged_at is not None
    assert result.diverged_at > 1
    assert len(result.losses) == (result.diverged_at - 1) // 3
    assert np.isfinite(result.losses).all()
    snapshot = run.snapshot()
    assert snapshot.state.step == result.diverged_at - 1

    again = ReferenceEngine().open_run(
        network, Parameters(network, np.array([1, 0], dtype)), None, GradientDescent()
    )
    for step in range(1, result.diverged_at):
        assert again.epochs(rows, 3, np.array([[1e12]])).diverged_at is None, step
    np.testing.assert_allclose(again.snapshot().parameters, snapshot.parameters, rtol=1e-5)
    assert again.epochs(rows, 3, np.array([[1e12]])).diverged_at == result.diverged_at
    assert not math.isfinite(run.evaluate(rows))


def test_an_infinite_target_diverges_at_its_own_batch() -> None:
    rows = some_rows(weighted=False)
    rows.targets[9, 1] = np.inf
    run = open_run()
    result = run.epochs(rows, BATCH, some_rates(1))
    assert result.diverged_at == 2
    assert len(result.losses) == 0
    assert np.isfinite(run.snapshot().parameters).all()


def test_the_stop_flag_ends_training_before_the_next_step() -> None:
    run = open_run()
    result = run.epochs(some_rows(), BATCH, some_rates(2), stop=np.ones(1, np.uint8))
    assert result.losses.size == 0
    assert result.diverged_at is None
    assert run.snapshot().state.step == 0
    assert run.epochs(some_rows(), BATCH, some_rates(2), stop=np.zeros(1, np.uint8)).losses.size == 2


def test_the_stop_flag_is_checked_within_an_epoch() -> None:
    flag = np.zeros(1, np.uint8)

    class StopsItself(GradientDescent):
        def change(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            flag[0] = args[-1] == 4  # in the first step of the second epoch
            return super().change(*args, **kwargs)

    run = open_run(StopsItself())
    result = run.epochs(some_rows(), BATCH, some_rates(5), stop=flag)
    assert result.losses.size == 1
    assert run.snapshot().state.step == 4


@pytest.mark.parametrize("weighted", [False, True])
def test_evaluate_is_the_mean_over_any_parts(weighted: bool) -> None:
    count = 2 * PIECE_ROWS + 17
    generator = rng()
    inputs, targets = generator.normal(size=(count, 3)), generator.normal(size=(count, 2))
    weights = generator.uniform(size=count) if weighted else None
    run = open_run()
    expected = mean_loss(NETWORK, forward(NETWORK, start(), inputs), targets, OBJECTIVE, weights)
    assert run.evaluate(Rows(inputs, targets, weights)) == pytest.approx(expected, rel=1e-12)
    parts, shares = [], []
    for part in np.array_split(np.arange(count), 5):
        w = None if weights is None else weights[part]
        parts.append(run.evaluate(Rows(inputs[part], targets[part], w)))
        shares.append(len(part) if w is None else w.sum())
    assert np.average(parts, weights=shares) == pytest.approx(expected, rel=1e-12)


def test_predict_is_the_forward_pass_however_many_rows() -> None:
    inputs = rng().normal(size=(PIECE_ROWS + 3, 3))
    expected = forward(NETWORK, start(), inputs).outputs
    np.testing.assert_allclose(open_run().predict(inputs), expected, rtol=1e-12, atol=1e-14)
    assert open_run().predict(inputs[:0]).shape == (0, 2)


def test_gradients_are_those_of_the_objective_without_dropout() -> None:
    rows, run = some_rows(), open_run()
    value, gradient = run.gradients(rows)
    trace = forward(NETWORK, start(), rows.inputs)
    expected = backward(NETWORK, start(), trace, rows.targets, OBJECTIVE, rows.weights).parameters.vector
    np.testing.assert_array_equal(gradient, expected)
    assert value == pytest.approx(run.evaluate(rows) + penalty(start(), OBJECTIVE), rel=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_predictor_takes_one_row_or_many(dtype: type[np.floating[Any]]) -> None:
    parameters = start(dtype)
    predict = ReferenceEngine().predictor(NETWORK, parameters)
    x = rng().normal(size=(4, 3)).astype(dtype)
    many = predict(x)
    parameters.vector[:] = 0  # the predictor keeps its own
    assert many.shape == (4, 2)
    assert many.dtype == dtype
    assert predict(x[1]).shape == (2,)
    np.testing.assert_allclose(predict(x[1]), many[1], rtol=1e-5)
    assert predict(x).any()


def test_xor_is_learnt() -> None:
    network = Network.of(2, (4,), 1, activation="tanh", output="sigmoid")
    inputs = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = np.array([[0.0], [1.0], [1.0], [0.0]])
    run = ReferenceEngine().open_run(
        network, initialize(network, rng()), Objective("binary_log_loss"), Adam()
    )
    losses = run.epochs(Rows(inputs, targets), 4, np.full((500, 1), 0.05)).losses
    assert losses[0] > 0.5
    assert losses[-1] < 0.02
    np.testing.assert_allclose(run.predict(inputs), targets, atol=0.05)


def test_dropout_regularizes_only_training() -> None:
    run, other = open_run(), ReferenceEngine().open_run(NETWORK, start(), OBJECTIVE, dropout_seed=12)
    rows = some_rows()
    assert run.evaluate(rows) == other.evaluate(rows)
    run.epochs(rows, BATCH, some_rates(1))
    other.epochs(rows, BATCH, some_rates(1))
    assert (run.snapshot().parameters != other.snapshot().parameters).any()
