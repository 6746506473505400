"""Backpropagation, the objective that it differentiates, and the weights of rows."""

from typing import Any

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import (
    LOSSES,
    Huber,
    Network,
    Objective,
    Parameters,
    backward,
    dropout_masks,
    forward,
    initialize,
    mean_loss,
    penalty,
    total_weight,
)
from glassnet.net.backward_pass import row_shares

NETWORK = Network.of(3, (5, 4), 2, activation=("tanh", "softplus"))


def case(
    rows: int = 6, dtype: type[np.floating[Any]] = np.float64
) -> tuple[Parameters, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    parameters = initialize(NETWORK, rng, "normal", dtype)
    return parameters, rng.normal(size=(rows, 3)).astype(dtype), rng.normal(size=(rows, 2)).astype(dtype)


def test_a_network_small_enough_to_do_by_hand() -> None:
    network = Network.of(1, (1,), 1)
    parameters = Parameters.of(network, [([[2]], [1]), ([[3]], [-1])])
    trace = forward(network, parameters, np.array([[1.0]]))  # z = 3, a = 3; output 8
    result = backward(network, parameters, trace, np.array([[6.0]]), Objective())
    assert result.deltas[1].tolist() == [[2.0]]  # 8 - 6
    assert result.deltas[0].tolist() == [[6.0]]  # 2 · 3 through a slope of 1
    assert result.parameters.vector.tolist() == [6.0, 6.0, 6.0, 2.0]


def test_deltas_are_the_gradient_of_the_pre_activations() -> None:
    """Shifting a layer's sums by a delta is the same as shifting its biases row by row."""
    parameters, x, y = case()
    result = backward(NETWORK, parameters, forward(NETWORK, parameters, x), y, Objective())
    assert [delta.shape for delta in result.deltas] == [(6, 5), (6, 4), (6, 2)]
    for delta, layer in zip(result.deltas, result.parameters, strict=True):
        np.testing.assert_allclose(delta.sum(axis=0), layer.biases, rtol=1e-13)
    for row in range(6):
        alone = backward(
            NETWORK,
            parameters,
            forward(NETWORK, parameters, x[row : row + 1]),
            y[row : row + 1],
            Objective(),
        )
        for delta, own in zip(result.deltas, alone.deltas, strict=True):
            np.testing.assert_allclose(6 * delta[row : row + 1], own, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_sums_over_outputs_and_averages_over_rows(loss: str) -> None:
    output = LOSSES[loss].link or "identity"
    network = Network.of(2, (), 3, output=output)
    parameters = initialize(network, np.random.default_rng(0), "normal")
    x = np.random.default_rng(1).normal(size=(4, 2))
    y = np.eye(3)[[0, 1, 2, 0]]
    objective = Objective(loss)
    trace = forward(network, parameters, x)
    rows = [
        mean_loss(network, forward(network, parameters, x[row : row + 1]), y[row : row + 1], objective)
        for row in range(4)
    ]
    assert mean_loss(network, trace, y, objective) == pytest.approx(np.mean(rows), rel=1e-13)
    z, a = trace.pre_activations[-1], trace.outputs
    elements = objective.loss.elements(network.output.activation, z, a, y)
    assert mean_loss(network, trace, y, objective) == pytest.approx(elements.sum() / 4, rel=1e-13)


def test_weights_are_repeated_rows() -> None:
    parameters, x, y = case()
    counts = np.array([1, 3, 0, 2, 1, 5])
    objective = Objective(l2=0.1)
    repeated = x.repeat(counts, axis=0), y.repeat(counts, axis=0)
    trace, long_trace = forward(NETWORK, parameters, x), forward(NETWORK, parameters, repeated[0])
    weights = counts.astype(float)
    assert mean_loss(NETWORK, trace, y, objective, weights) == pytest.approx(
        mean_loss(NETWORK, long_trace, repeated[1], objective), rel=1e-13
    )
    weighted = backward(NETWORK, parameters, trace, y, objective, weights).parameters.vector
    long = backward(NETWORK, parameters, long_trace, repeated[1], objective).parameters.vector
    np.testing.assert_allclose(weighted, long, rtol=1e-12, atol=1e-15)


def test_only_the_ratio_of_weights_matters() -> None:
    parameters, x, y = case()
    trace = forward(NETWORK, parameters, x)
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    objective = Objective()
    once = backward(NETWORK, parameters, trace, y, objective, weights).parameters.vector
    scaled = backward(NETWORK, parameters, trace, y, objective, 1e-3 * weights).parameters.vector
    np.testing.assert_allclose(once, scaled, rtol=1e-12)
    assert mean_loss(NETWORK, trace, y, objective, weights) == pytest.approx(
        mean_loss(NETWORK, trace, y, objective, 1e-3 * weights), rel=1e-14
    )


def test_weights_that_are_all_zero_give_zero_and_not_nan() -> None:
    parameters, x, y = case()
    trace = forward(NETWORK, parameters, x)
    nothing = np.zeros(6)
    assert mean_loss(NETWORK, trace, y, Objective(), nothing) == 0.0
    assert not backward(NETWORK, parameters, trace, y, Objective(), nothing).parameters.vector.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_sum_to_one(dtype: type[np.floating[Any]]) -> None:
    for weights in (None, np.array([0.5, 0.0, 7.0], dtype)):
        shares = row_shares(3, weights, np.dtype(dtype))
        assert shares.shape == (3, 1)
        assert shares.dtype == dtype
        assert shares.sum() == pytest.approx(1, rel=1e-6)


def test_penalty_is_the_formula_and_leaves_biases_alone() -> None:
    parameters, _, _ = case()
    weights = np.concatenate([layer.weights.ravel() for layer in parameters])
    objective = Objective(l1=0.1, l2=0.01)
    assert penalty(parameters, objective) == pytest.approx(
        0.1 * np.abs(weights).sum() + 0.005 * (weights**2).sum(), rel=1e-13
    )
    for layer in parameters:
        layer.biases[...] += 100
    assert penalty(parameters, Objective(l1=0.1)) == pytest.approx(0.1 * np.abs(weights).sum(), rel=1e-13)
    assert penalty(parameters, Objective()) == 0.0


@pytest.mark.parametrize(("weights", "rows"), [(None, 6.0), (np.array([1.0, 0, 3, 0.5, 0, 0]), 4.5)])
def test_a_penalty_per_row_is_divided_by_the_weight_of_the_rows(
    weights: np.ndarray | None, rows: float
) -> None:
    parameters, x, y = case()
    whole, shared = Objective(l1=0.1, l2=0.01), Objective(l1=0.1, l2=0.01, penalty_per_row=True)
    assert total_weight(6, weights) == rows
    assert penalty(parameters, shared, rows) == pytest.approx(penalty(parameters, whole) / rows, rel=1e-14)
    trace = forward(NETWORK, parameters, x)
    bare, full, part = (
        backward(NETWORK, parameters, trace, y, objective, weights).parameters.vector
        for objective in (Objective(), whole, shared)
    )
    np.testing.assert_allclose(part - bare, (full - bare) / rows, rtol=1e-9, atol=1e-15)


def test_a_missing_target_has_loss_and_gradient_0() -> None:
    parameters, x, y = case()
    y[2] = np.nan
    y[4, 0] = np.nan
    trace = forward(NETWORK, parameters, x)
    result = backward(NETWORK, parameters, trace, y, Objective())
    known = np.array([0, 1, 3, 4, 5])
    error = np.where(np.isnan(y), 0, trace.outputs - y)
    assert mean_loss(NETWORK, trace, y, Objective()) == pytest.approx((error**2).sum() / 2 / 6, rel=1e-13)
    np.testing.assert_allclose(result.deltas[-1], error / 6, rtol=1e-13)
    without = backward(NETWORK, parameters, forward(NETWORK, parameters, x[known]), y[known], Objective())
    np.testing.assert_allclose(
        6 * result.parameters.vector, 5 * without.parameters.vector, rtol=1e-12, atol=1e-15
    )


def test_penalties_add_their_own_slope_to_the_weights() -> None:
    parameters, x, y = case()
    trace = forward(NETWORK, parameters, x)
    plain = backward(NETWORK, parameters, trace, y, Objective()).parameters
    for objective in (Objective(l1=0.1), Objective(l2=0.01), Objective(l1=0.1, l2=0.01)):
        penalized = backward(NETWORK, parameters, trace, y, objective).parameters
        for own, bare, layer in zip(penalized, plain, parameters, strict=True):
            np.testing.assert_array_equal(own.biases, bare.biases)
            slope = objective.l1 * np.sign(layer.weights) + objective.l2 * layer.weights
            np.testing.assert_allclose(own.weights - bare.weights, slope, rtol=1e-10)


def test_dropped_neurons_learn_nothing_from_the_row() -> None:
    network = Network.of(3, (40,), 2, activation="tanh", dropout=0.5)
    rng = np.random.default_rng(0)
    parameters = initialize(network, rng, "normal")
    x, y = rng.normal(size=(1, 3)), rng.normal(size=(1, 2))
    masks = dropout_masks(network, 1, seed=1, step=0, dtype=np.float64)
    trace = forward(network, parameters, x, masks)
    gradient = backward(network, parameters, trace, y, Objective()).parameters
    assert masks[0] is not None
    dropped = masks[0][0] == 0
    assert 5 < dropped.sum() < 35
    assert not gradient[0].weights[:, dropped].any()
    assert not gradient[1].weights[dropped].any()
    assert gradient[0].weights[:, ~dropped].all()


def test_the_gradient_through_a_mask_is_the_slope_of_the_masked_loss() -> None:
    network = Network.of(3, (6, 5), 2, activation="tanh", dropout=0.4)
    rng = np.random.default_rng(0)
    parameters = initialize(network, rng, "normal")
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    masks = dropout_masks(network, 4, seed=5, step=9, dtype=np.float64)
    analytic = backward(network, parameters, forward(network, parameters, x, masks), y, Objective())
    direction = rng.normal(size=network.parameter_count)

    def loss(distance: float) -> float:
        at = Parameters(network, parameters.vector + distance * direction)
        return mean_loss(network, forward(network, at, x, masks), y, Objective())

    numeric = (loss(1e-6) - loss(-1e-6)) / 2e-6
    assert analytic.parameters.vector @ direction == pytest.approx(numeric, rel=1e-7)


def test_float32_stays_float32_and_near_float64() -> None:
    parameters, x, y = case(dtype=np.float32)
    weights = np.arange(1, 7, dtype=np.float32)
    objective = Objective("huber", l1=0.01, l2=0.01)
    result = backward(NETWORK, parameters, forward(NETWORK, parameters, x), y, objective, weights)
    assert {array.dtype for array in (*result.deltas, result.parameters.vector)} == {np.dtype(np.float32)}
    exact = Parameters(NETWORK, parameters.vector.astype(np.float64))
    reference = backward(
        NETWORK,
        exact,
        forward(NETWORK, exact, x.astype(np.float64)),
        y.astype(np.float64),
        objective,
        weights.astype(np.float64),
    )
    np.testing.assert_allclose(result.parameters.vector, reference.parameters.vector, rtol=2e-5, atol=2e-6)


def test_an_unknown_loss_is_refused_with_a_suggestion() -> None:
    with pytest.raises(
        InputError, match=r"loss is 'squared', but must be one of .* Did you mean 'squared_error'"
    ):
        Objective("squared")


def test_a_loss_may_be_named_or_given() -> None:
    assert Objective("huber").loss is LOSSES["huber"]
    assert Objective("huber").loss.parameter == 1.0
    assert Objective(Huber(0.25)).loss.parameter == 0.25
    assert Objective("huber") == Objective(Huber(1.0)) != Objective(Huber(0.25))


def test_targets_of_another_shape_are_refused_and_not_broadcast() -> None:
    network = Network.of(3, (), 1)
    parameters = Parameters.zeros(network)
    trace = forward(network, parameters, np.ones((4, 3)))
    for call in (
        lambda: mean_loss(network, trace, np.ones(4), Objective()),
        lambda: backward(network, parameters, trace, np.ones(4), Objective()),
    ):
        with pytest.raises(InputError, match=r"targets have the shape \(4,\), but the outputs have \(4, 1\)"):
            call()
