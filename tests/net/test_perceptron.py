"""The perceptron: its rule, its limits, and that its threshold is a negative bias."""

from typing import Any

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import Perceptron, forward, learn

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]


@pytest.mark.parametrize("targets", [AND, OR, [1, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
def test_it_learns_what_a_line_separates(targets: list[int]) -> None:
    perceptron, mistakes = learn(Perceptron(np.zeros(2)), CORNERS, targets)
    assert perceptron.fires(CORNERS).tolist() == targets
    assert mistakes[-1] == 0
    assert 0 not in mistakes[:-1]
    assert len(mistakes) < 100


def test_it_never_learns_xor() -> None:
    perceptron, mistakes = learn(Perceptron(np.zeros(2)), CORNERS, XOR, epochs=1000)
    assert len(mistakes) == 1000
    assert min(mistakes) > 0
    assert perceptron.fires(CORNERS).tolist() != XOR


def test_the_rule_step_by_step() -> None:
    start = Perceptron(np.array([0.5, -0.5]), 0.25)
    perceptron, mistakes = learn(start, [[1.0, 2.0]], [1], learning_rate=0.5, epochs=1)
    assert perceptron.weights.tolist() == [1.0, 0.5]  # w + η (1 - 0) x
    assert perceptron.threshold == -0.25  # t - η (1 - 0)
    assert mistakes == [1]
    assert start.weights.tolist() == [0.5, -0.5]


def test_margin_bounds_the_mistakes() -> None:
    """Novikoff: from zero, at most (R / γ)² mistakes, for rows within R with a margin of γ."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    direction = np.array([0.6, -0.64, 0.48])
    distance = x @ direction
    x = x[np.abs(distance) > 0.2]
    y = (x @ direction > 0).astype(float)
    learning = learn(Perceptron(np.zeros(3)), x, y, epochs=10_000)
    extended = np.column_stack([x, np.ones(len(x))])
    bound = (extended**2).sum(axis=1).max() / 0.2**2
    assert learning.mistakes[-1] == 0
    assert 0 < sum(learning.mistakes) <= bound


def test_a_threshold_is_a_negative_bias() -> None:
    rng = np.random.default_rng(0)
    weights, threshold = rng.normal(size=3), 0.7
    perceptron = Perceptron(weights, threshold)
    x = rng.normal(size=(200, 3))
    assert perceptron.bias == -0.7
    np.testing.assert_array_equal(perceptron.fires(x), x @ weights > threshold)
    np.testing.assert_array_equal(perceptron.fires(x), x @ weights + perceptron.bias > 0)


def test_it_does_not_fire_at_the_threshold_itself() -> None:
    assert Perceptron(np.array([1.0]), 2.0).fires([[1.0], [2.0], [3.0]]).tolist() == [0, 0, 1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_a_network_it_gives_the_same_answers(dtype: type[np.floating[Any]]) -> None:
    rng = np.random.default_rng(0)
    perceptron = Perceptron(rng.normal(size=4).astype(dtype), 0.3)
    network, parameters = perceptron.as_network()
    x = rng.normal(size=(200, 4)).astype(dtype)
    assert network.hidden == ()
    assert parameters.dtype == dtype
    assert parameters[0].biases[0] == dtype(-0.3)
    outputs = forward(network, parameters, x).outputs
    assert set(outputs.ravel().tolist()) == {0.0, 1.0}
    np.testing.assert_array_equal(outputs[:, 0], perceptron.fires(x))


def test_weights_may_be_a_list_or_whole_numbers() -> None:
    for weights in ([1, 1], np.array([1, 1]), (1.0, 1.0)):
        gate = Perceptron(weights, 1.5)  # type: ignore[arg-type]
        assert gate.fires(CORNERS).tolist() == AND
        assert gate.fires([[0.9, 0.9], [0.7, 0.7]]).tolist() == [1, 0]
        network, parameters = gate.as_network()
        assert parameters[0].biases.tolist() == [-1.5]
        assert forward(network, parameters, CORNERS).outputs[:, 0].tolist() == AND
        assert learn(gate, CORNERS, OR, learning_rate=0.5).perceptron.fires(CORNERS).tolist() == OR


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (CORNERS, [0, 1, 1], r"shape \(4, 2\), but 3 targets and 2 weights need \(3, 2\)"),
        (CORNERS[:, :1], AND, r"shape \(4, 1\), but 4 targets and 2 weights need \(4, 2\)"),
        (CORNERS[0], [0, 1], r"shape \(2,\), but 2 targets"),
        (CORNERS, [-1, 1, 1, 1], "0 or 1"),
        (CORNERS, [0, 1, 1, float("nan")], "0 or 1"),
    ],
)
def test_what_does_not_fit_is_reported(inputs: np.ndarray, targets: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        learn(Perceptron(np.zeros(2)), inputs, targets)
