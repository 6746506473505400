"""Every optimizer: its formula, written out again for one number, and that it minimizes."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.net import OPTIMIZERS, Optimizer, State, clip_norm
from glassnet.net.arrays import Array
from glassnet.net.optimizers import Adam, AdamW, GradientDescent, Momentum, Nesterov, RMSprop

EVERY = pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)
RATES = [0.1, 0.1, 0.05, 0.2, 0.0, 0.1, 0.02]


def by_hand_gradient_descent(theta: float, gradients: list[float]) -> float:
    for g, rate in zip(gradients, RATES, strict=True):
        theta -= rate * g
    return theta


def by_hand_momentum(theta: float, gradients: list[float]) -> float:
    velocity = 0.0
    for g, rate in zip(gradients, RATES, strict=True):
        velocity = 0.8 * velocity - rate * g
        theta += velocity
    return theta


def by_hand_nesterov(theta: float, gradients: list[float]) -> float:
    """Bengio et al. (2012), equation 7: the parameters are where the look ahead has already been made."""
    velocity = 0.0
    for g, rate in zip(gradients, RATES, strict=True):
        old = velocity
        velocity = 0.8 * velocity - rate * g
        theta += -0.8 * old + (1 + 0.8) * velocity
    return theta


def by_hand_rmsprop(theta: float, gradients: list[float]) -> float:
    square = 0.0
    for g, rate in zip(gradients, RATES, strict=True):
        square = 0.7 * square + 0.3 * g * g
        theta -= rate * g / (math.sqrt(square) + 1e-6)
    return theta


def by_hand_adam(theta: float, gradients: list[float], decay: float = 0.0) -> float:
    """As Algorithm 1 of the paper has it: corrected moments. Its ε is ours over √(1 - β₂ᵗ)."""
    m = v = 0.0
    for t, (g, rate) in enumerate(zip(gradients, RATES, strict=True), start=1):
        m = 0.8 * m + (1 - 0.8) * g
        v = 0.95 * v + (1 - 0.95) * g * g
        m_hat, v_hat = m / (1 - 0.8**t), v / (1 - 0.95**t)
        epsilon = 1e-6 / math.sqrt(1 - 0.95**t)
        theta = theta - rate * m_hat / (math.sqrt(v_hat) + epsilon) - rate * decay * theta
    return theta


def by_hand_adamw(theta: float, gradients: list[float]) -> float:
    return by_hand_adam(theta, gradients, decay=0.3)


BY_HAND: list[tuple[Optimizer, Callable[[float, list[float]], float]]] = [
    (GradientDescent(), by_hand_gradient_descent),
    (Momentum(momentum=0.8), by_hand_momentum),
    (Nesterov(momentum=0.8), by_hand_nesterov),
    (RMSprop(decay=0.7, epsilon=1e-6), by_hand_rmsprop),
    (Adam(beta1=0.8, beta2=0.95, epsilon=1e-6), by_hand_adam),
    (AdamW(beta1=0.8, beta2=0.95, epsilon=1e-6, weight_decay=0.3), by_hand_adamw),
]


def test_every_rule_is_written_out_by_hand() -> None:
    assert [rule.name for rule, _ in BY_HAND] == list(OPTIMIZERS)


@pytest.mark.parametrize(("rule", "by_hand"), BY_HAND, ids=OPTIMIZERS)
def test_the_rule_is_its_formula(rule: Optimizer, by_hand: Callable[[float, list[float]], float]) -> None:
    gradients = np.random.default_rng(0).normal(size=(len(RATES), 3))
    gradients[3, 1] = 0.0
    start = np.array([1.0, -2.0, 0.5])
    parameters, state = start, rule.init(start)
    for gradient, rate in zip(gradients, RATES, strict=True):
        parameters, state = rule.update(parameters, gradient, state, rate)
    expected = [by_hand(float(start[i]), gradients[:, i].tolist()) for i in range(3)]
    np.testing.assert_allclose(parameters, expected, rtol=1e-12)
    assert state.step == len(RATES)


@EVERY
def test_nothing_given_is_changed(rule: type[Optimizer]) -> None:
    parameters: Array = np.ones(4)
    gradient = np.full(4, 2.0)
    state = rule().init(parameters)
    for _ in range(3):
        before = parameters.copy(), tuple(moment.copy() for moment in state.moments)
        after, new_state = rule().update(parameters, gradient, state, 0.1)
        np.testing.assert_array_equal(parameters, before[0])
        for moment, old in zip(state.moments, before[1], strict=True):
            np.testing.assert_array_equal(moment, old)
        parameters, state = after, new_state
    assert gradient.tolist() == [2.0] * 4
    assert len(state.moments) == rule.moment_count


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(rule: type[Optimizer], dtype: type[np.floating[Any]]) -> None:
    optimizer = rule(max_norm=0.5)
    parameters = np.ones(4, dtype)
    state = optimizer.init(parameters)
    for _ in range(3):
        parameters, state = optimizer.update(parameters, np.ones(4, dtype), state, 0.1)
    assert {parameters.dtype, *(moment.dtype for moment in state.moments)} == {np.dtype(dtype)}


@EVERY
def test_entries_do_not_see_each_other(rule: type[Optimizer]) -> None:
    def last_of(parameters: np.ndarray, gradients: np.ndarray) -> float:
        optimizer = rule()
        state = optimizer.init(parameters)
        for gradient in gradients:
            parameters, state = optimizer.update(parameters, gradient, state, 0.1)
        return float(parameters[-1])

    gradients = np.random.default_rng(0).normal(size=(5, 3))
    assert last_of(np.ones(3), gradients) == last_of(np.ones(1), gradients[:, 2:])


@EVERY
def test_it_finds_the_bottom_of_a_bowl(rule: type[Optimizer]) -> None:
    """½ θᵀ diag(1, 10) θ, from afar, with a learning rate that falls to nothing."""
    curvature = np.array([1.0, 10.0])
    options = {"weight_decay": 0.0} if rule is AdamW else {}
    optimizer = rule(**options)
    parameters = np.array([3.0, -2.0])
    state = optimizer.init(parameters)
    steps = 600
    for step in range(steps):
        rate = 0.08 * (1 - step / steps)
        parameters, state = optimizer.update(parameters, curvature * parameters, state, rate)
    assert np.abs(parameters).max() < 1e-3


def test_momentum_is_faster_than_gradient_descent_in_a_narrow_valley() -> None:
    """Polyak: the number of steps goes with √κ, not κ (here 100)."""
    curvature = np.array([0.01, 1.0])
    left = {}
    for optimizer in (GradientDescent(), Momentum(), Nesterov()):
        parameters = np.array([1.0, 1.0])
        state = optimizer.init(parameters)
        for _ in range(150):
            parameters, state = optimizer.update(parameters, curvature * parameters, state, 1.0)
        left[optimizer.name] = float(np.abs(parameters).max())
    assert left["momentum"] < left["gradient_descent"] / 10
    assert left["nesterov"] < left["gradient_descent"] / 10


@pytest.mark.parametrize("rule", [RMSprop, Adam])
def test_adaptive_rules_do_not_see_the_scale_of_the_loss(rule: type[Optimizer]) -> None:
    gradients = np.random.default_rng(0).normal(size=(20, 2))
    ends = []
    for scale in (1.0, 1e4):
        optimizer = rule(epsilon=0.0)  # type: ignore[call-arg]
        parameters: Array = np.ones(2)
        state = optimizer.init(parameters)
        for gradient in gradients:
            parameters, state = optimizer.update(parameters, scale * gradient, state, 0.01)
        ends.append(parameters)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)


@pytest.mark.parametrize("rule", [RMSprop, Adam, AdamW])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_epsilon_that_the_type_cannot_hold_divides_nothing_by_zero(
    rule: type[Optimizer], dtype: type[np.floating[Any]]
) -> None:
    optimizer = rule(epsilon=1e-320)  # type: ignore[call-arg]
    parameters, gradient = np.zeros(2, dtype), np.array([0, 1], dtype)
    after, _ = optimizer.update(parameters, gradient, optimizer.init(parameters), 0.01)
    assert after.dtype == dtype
    assert after[0] == 0
    assert after[1] < 0


def test_adams_first_step_has_the_size_of_the_rate() -> None:
    for size in (1e-3, 1.0, 1e6):
        after, _ = Adam().update(np.zeros(1), np.array([size]), Adam().init(np.zeros(1)), 0.01)
        assert after[0] == pytest.approx(-0.01, rel=1e-3)


def test_adamw_decays_what_has_no_gradient_and_adam_does_not() -> None:
    for rule, expected in ((Adam(), 2.0), (AdamW(weight_decay=0.1), 2.0 * (1 - 0.5 * 0.1))):
        after, _ = rule.update(np.array([2.0]), np.zeros(1), rule.init(np.zeros(1)), 0.5)
        assert after[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clip_norm_shortens_what_is_longer_and_leaves_the_rest(dtype: type[np.floating[Any]]) -> None:
    gradient = np.array([3.0, 4.0], dtype)
    clipped = clip_norm(gradient, 2.5)
    assert clipped.tolist() == [1.5, 2.0]
    assert clipped.dtype == dtype
    assert clip_norm(gradient, 5.0) is gradient
    assert clip_norm(np.zeros(2, dtype), 1.0).tolist() == [0.0, 0.0]
    assert gradient.tolist() == [3.0, 4.0]


def test_clip_norm_holds_where_the_square_is_beyond_float32() -> None:
    """Gradients that explode are what clipping is for."""
    with np.errstate(all="raise", under="ignore"):
        clipped = clip_norm(np.array([3e25, -4e25], np.float32), 1.0)
    assert clipped.dtype == np.float32
    np.testing.assert_allclose(clipped, [0.6, -0.8], rtol=1e-6)


@EVERY
def test_max_norm_clips_the_gradient_before_the_rule_sees_it(rule: type[Optimizer]) -> None:
    gradients = [np.array([30.0, 40.0]), np.array([0.03, 0.04])]
    ends = []
    for optimizer, given in (
        (rule(max_norm=1.0), gradients),
        (rule(), [clip_norm(g, 1.0) for g in gradients]),
    ):
        parameters: Array = np.ones(2)
        state = optimizer.init(parameters)
        for gradient in given:
            parameters, state = optimizer.update(parameters, gradient, state, 0.1)
        ends.append(parameters)
    np.testing.assert_array_equal(ends[0], ends[1])


@EVERY
def test_a_rule_is_a_value_with_a_documented_formula(rule: type[Optimizer]) -> None:
    assert rule() == rule()
    assert rule.__doc__
    assert rule is AdamW or "θ ←" in rule.__doc__
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule().max_norm = 1.0  # type: ignore[misc]
    assert rule().init(np.zeros(3)).step == 0
    assert State(0, ()) == State(0, ())
