"""Every activation: its values, its derivative, and its safety far from zero."""

import math
from typing import Any

import numpy as np
import pytest

from glassnet.net import ACTIVATIONS, INITIALIZERS, Activation

EVERY = pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def away_from_kinks(row: Activation) -> np.ndarray:
    """Pre-activations (N, 3), none of them within 0.01 of a kink."""
    z = np.random.default_rng(0).normal(0, 3, (200, 3))
    for kink in row.kinks:
        z = np.where(np.abs(z - kink) < 0.01, kink + 0.02, z)
    return z


@EVERY
def test_a_row_is_filed_under_its_name_and_names_an_initializer(row: Activation) -> None:
    assert ACTIVATIONS[row.name] is row
    assert row.initializer in INITIALIZERS
    assert row.formula
    assert row.slope
    assert row.source


@EVERY
def test_derivative_is_the_slope_of_the_function(row: Activation) -> None:
    z = away_from_kinks(row)
    step = 1e-6
    for column in range(z.shape[1]):  # one at a time: a neuron of softmax depends on its neighbors too
        shift = np.zeros_like(z)
        shift[:, column] = step
        numeric = (row(z + shift) - row(z - shift))[:, column] / (2 * step)
        analytic = row.derivative(z, row(z))[:, column]
        np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=2e-9)


@EVERY
def test_backward_is_the_whole_jacobian(row: Activation) -> None:
    z = away_from_kinks(row)[:20]
    gradient = np.random.default_rng(1).normal(size=z.shape)
    direction = np.random.default_rng(2).normal(size=z.shape)
    step = 1e-7
    numeric = (gradient * (row(z + step * direction) - row(z - step * direction))).sum(1)
    analytic = (row.backward(z, row(z), gradient) * direction).sum(1)
    np.testing.assert_allclose(analytic, numeric / (2 * step), rtol=1e-5, atol=1e-6)


@EVERY
def test_kinks_are_all_the_points_where_the_derivative_jumps(row: Activation) -> None:
    points = np.round(np.arange(-5, 5.001, 0.01), 2).reshape(-1, 1)
    below, above = points - 1e-9, points + 1e-9
    jumps = np.abs(row.derivative(above, row(above)) - row.derivative(below, row(below))) + np.abs(
        row(above) - row(below)
    )
    assert points[jumps > 1e-6].tolist() == list(row.kinks)


@EVERY
@FLOATS
def test_safe_far_from_zero(row: Activation, dtype: type[np.floating[Any]]) -> None:
    sizes = np.concatenate([[0.0], np.geomspace(1e-30, 1e4, 200)])
    z = np.concatenate([-sizes[::-1], sizes]).astype(dtype)
    z = np.stack([z, z[::-1], np.zeros_like(z)], axis=1)
    before = z.copy()
    with np.errstate(all="raise", under="ignore"):
        a = row(z)
        slope = row.derivative(z, a)
        delta = row.backward(z, a, np.ones_like(z))
    for array in (a, slope, delta):
        assert array.dtype == dtype
        assert array.shape == z.shape
        assert np.isfinite(array).all()
    np.testing.assert_array_equal(z, before)
    assert a.min() >= row.range[0]
    assert a.max() <= row.range[1]


@EVERY
@FLOATS
def test_activations_are_a_new_array(row: Activation, dtype: type[np.floating[Any]]) -> None:
    z = np.ones((2, 2), dtype)
    assert not np.shares_memory(z, row(z))


@EVERY
def test_only_whole_row_activations_mix_neurons(row: Activation) -> None:
    z = np.array([[0.3, -1.2, 2.0]])
    other = np.array([[0.3, 5.0, -4.0]])
    alike = bool(row(z)[0, 0] == row(other)[0, 0])
    assert alike != row.whole_row


VALUES = [
    ("identity", -2.5, -2.5),
    ("step", 0.0, 0.0),
    ("step", 1e-30, 1.0),
    ("relu", -3.0, 0.0),
    ("relu", 3.0, 3.0),
    ("leaky_relu", -3.0, -0.03),
    ("elu", -1.0, math.exp(-1) - 1),
    ("elu", 2.0, 2.0),
    ("selu", 2.0, 2.101401974710961),
    ("selu", -1.0, 1.7580993408473768 * (math.exp(-1) - 1)),
    ("sigmoid", 0.7, 1 / (1 + math.exp(-0.7))),
    ("sigmoid", -0.7, 1 / (1 + math.exp(0.7))),
    ("tanh", 0.3, math.tanh(0.3)),
    ("softplus", 0.0, math.log(2)),
    ("softplus", -0.4, math.log(1 + math.exp(-0.4))),
    ("gelu", 1.0, 0.8411919906082768),  # as TensorFlow and JAX give it (approximate=True)
    ("silu", 1.5, 1.5 / (1 + math.exp(-1.5))),
    ("mish", 1.0, math.tanh(math.log(1 + math.e))),
    ("mish", -3.0, -3 * math.tanh(math.log(1 + math.exp(-3)))),
    ("exponential", 1.5, math.exp(1.5)),
]


def test_every_activation_has_a_value_worked_out_by_hand() -> None:
    assert {name for name, _, _ in VALUES} | {"softmax"} == set(ACTIVATIONS)  # softmax: see below


@pytest.mark.parametrize(("name", "z", "a"), VALUES)
def test_values(name: str, z: float, a: float) -> None:
    assert ACTIVATIONS[name](np.array([[z]]))[0, 0] == pytest.approx(a, rel=1e-13, abs=1e-15)


@FLOATS
def test_softmax_rows_are_probabilities_and_shifts_change_nothing(dtype: type[np.floating[Any]]) -> None:
    softmax = ACTIVATIONS["softmax"]
    z = np.random.default_rng(0).normal(0, 50, (40, 5)).astype(dtype)
    a = softmax(z)
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=8 * float(np.finfo(dtype).eps))
    np.testing.assert_array_equal(softmax(z - z[:, :1]).argmax(axis=1), a.argmax(axis=1))
    exact = np.random.default_rng(1).integers(-8, 8, (40, 5)).astype(dtype)
    np.testing.assert_array_equal(softmax(exact + dtype(1000)), softmax(exact))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_small_values_keep_their_digits(name: str) -> None:
    """What a careless formula would round to zero or to one."""
    z = np.array([[-40.0, -1e-12]])
    small, near = ACTIVATIONS[name](z)[0]
    expected = {
        "sigmoid": (math.exp(-40), 0.5 - 0.25e-12),
        "tanh": (-1.0, -1e-12),
        "softplus": (math.exp(-40), math.log(2) - 0.5e-12),
    }[name]
    assert (small, near) == pytest.approx(expected, rel=1e-14)
