"""Every loss: its values, its gradient, and its finiteness where a prediction is certain."""

import math
from typing import Any

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import ACTIVATIONS, LOSSES, Activation, Loss, Quantile

EVERY = pytest.mark.parametrize("row", LOSSES.values(), ids=LOSSES)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])
LEGAL = [
    pytest.param(loss, ACTIVATIONS[output], id=f"{loss.name}-{output}")
    for loss in LOSSES.values()
    for output in ACTIVATIONS
    if loss.accepts(ACTIVATIONS[output])
]
CERTAIN = ["binary_log_loss", "categorical_log_loss", "poisson"]


def targets_for(loss: Loss, shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Targets that the loss is defined for, many of them inside its interval."""
    rng = np.random.default_rng(seed)
    if loss.name == "categorical_log_loss":
        return rng.dirichlet(np.ones(shape[1]), shape[0])
    if loss.name == "binary_log_loss":
        return rng.choice([0.0, 1.0, 0.3], shape)
    if loss.name == "poisson":
        return rng.poisson(2.0, shape).astype(float)
    return rng.normal(0.2, 1.0, shape)


def value(name: str, output: str, z: float, y: float, parameter: float | None = None) -> float:
    loss, activation = LOSSES[name], ACTIVATIONS[output]
    pre = np.array([[z]])
    if parameter is not None:
        loss = loss.with_parameter(parameter)
    return float(loss.elements(activation, pre, activation(pre), np.array([[y]]))[0, 0])


@EVERY
def test_a_row_is_filed_under_its_name_and_names_real_activations(row: Loss) -> None:
    assert LOSSES[row.name] is row
    assert set(row.outputs or ()) <= set(ACTIVATIONS)
    assert row.link is None or row.accepts(ACTIVATIONS[row.link])
    assert (row.link is None) == (row.from_z is None)
    assert (row.function is None) == (row.gradient is None)
    assert row.parameter_name or not row.parameter
    assert row.formula
    assert row.slope
    assert row.source


@pytest.mark.parametrize(("loss", "output"), LEGAL)
def test_delta_is_the_slope_of_the_loss_in_z(loss: Loss, output: Activation) -> None:
    z = np.random.default_rng(1).normal(0, 1.5, (60, 3))
    y = targets_for(loss, z.shape)
    a = output(z)
    near_kink = np.abs(np.abs(a - y) - loss.parameter) < 0.01
    y = np.where(near_kink | (np.abs(a - y) < 0.01), y + 0.05, y) if loss.outputs is None else y
    step = 1e-6
    for column in range(3):
        shift = np.zeros_like(z)
        shift[:, column] = step

        def row_loss(at: np.ndarray) -> np.ndarray:
            return loss.elements(output, at, output(at), y).sum(axis=1)

        numeric = (row_loss(z + shift) - row_loss(z - shift)) / (2 * step)
        delta = loss.delta(output, z, a, y)[:, column]
        away = np.abs(z[:, column]) > 0.01 if output.kinks else np.ones(len(z), bool)
        np.testing.assert_allclose(delta[away], numeric[away], rtol=1e-6, atol=2e-8)


@pytest.mark.parametrize(("loss", "output"), LEGAL)
def test_a_loss_is_never_negative_and_zero_where_the_prediction_is_right(
    loss: Loss, output: Activation
) -> None:
    z = np.random.default_rng(1).normal(0, 1.5, (60, 3))
    a = output(z)
    elements = loss.elements(output, z, a, targets_for(loss, z.shape))
    assert elements.shape == z.shape
    assert elements.min() >= -1e-12
    if "log_loss" not in loss.name:
        np.testing.assert_allclose(loss.elements(output, z, a, a), 0, atol=1e-12)


@pytest.mark.parametrize("parameter", [0.1, 0.5, 0.9])
def test_quantile_loss_is_smallest_at_the_quantile(parameter: float) -> None:
    y = np.random.default_rng(0).normal(size=(2001, 1))
    loss, identity = Quantile(parameter), ACTIVATIONS["identity"]

    def total(prediction: float) -> float:
        a = np.full_like(y, prediction)
        return float(loss.elements(identity, a, a, y).sum())

    best = min(y[:, 0], key=total)
    assert best == pytest.approx(np.quantile(y, parameter), abs=0.01)


VALUES: list[tuple[str, str, float, float, float | None, float]] = [
    ("squared_error", "identity", 3.0, 1.0, None, 2.0),
    ("absolute_error", "identity", 3.0, 1.0, None, 2.0),
    ("huber", "identity", 1.5, 1.0, None, 0.125),
    ("huber", "identity", 4.0, 1.0, None, 2.5),
    ("huber", "identity", -4.0, 1.0, 2.0, 8.0),
    ("quantile", "identity", 1.0, 3.0, 0.9, 1.8),
    ("quantile", "identity", 3.0, 1.0, 0.9, 0.2),
    ("poisson", "exponential", 0.5, 2.0, None, math.exp(0.5) - 2 + 2 * math.log(2 / math.exp(0.5))),
    ("poisson", "exponential", 0.5, 0.0, None, math.exp(0.5)),
    ("poisson", "softplus", 2.0, 1.0, None, math.log1p(math.e**2) - 1 - math.log(math.log1p(math.e**2))),
    ("binary_log_loss", "sigmoid", 0.3, 1.0, None, math.log(1 + math.exp(-0.3))),
    ("binary_log_loss", "sigmoid", 0.3, 0.0, None, math.log(1 + math.exp(0.3))),
    ("categorical_log_loss", "softmax", 5.0, 1.0, None, 0.0),
]


def test_every_loss_has_a_value_worked_out_by_hand() -> None:
    assert {name for name, *_ in VALUES} == set(LOSSES)


@pytest.mark.parametrize(("name", "output", "z", "y", "parameter", "expected"), VALUES)
def test_values(name: str, output: str, z: float, y: float, parameter: float | None, expected: float) -> None:
    assert value(name, output, z, y, parameter) == pytest.approx(expected, rel=1e-13, abs=1e-15)


def test_categorical_log_loss_is_minus_the_log_of_the_probability_of_the_true_class() -> None:
    softmax, loss = ACTIVATIONS["softmax"], LOSSES["categorical_log_loss"]
    z = np.random.default_rng(0).normal(size=(5, 3))
    y = np.eye(3)[[0, 2, 1, 1, 0]]
    a = softmax(z)
    expected = -np.log(a[y == 1])
    np.testing.assert_allclose(loss.elements(softmax, z, a, y).sum(axis=1), expected, rtol=1e-13)


@pytest.mark.parametrize("name", CERTAIN)
@FLOATS
def test_a_certain_prediction_has_a_finite_loss(name: str, dtype: type[np.floating[Any]]) -> None:
    loss = LOSSES[name]
    output = ACTIVATIONS[loss.link or ""]
    sizes = np.array([0.0, 1e-20, 1.0, 30.0, 100.0, 1e3, 1e4])
    z1, z2 = (grid.ravel() for grid in np.meshgrid(np.r_[-sizes, sizes], np.r_[-sizes, sizes]))
    z = np.stack([z1, z2], axis=1).astype(dtype)
    a = output(z)
    for y in np.array([[[0.0, 1.0]], [[1.0, 0.0]]], dtype).repeat(len(z), axis=1):
        with np.errstate(all="raise", under="ignore"):
            elements = loss.elements(output, z, a, y)
            delta = loss.delta(output, z, a, y)
        assert elements.dtype == delta.dtype == dtype
        assert np.isfinite(elements).all()
        assert np.isfinite(delta).all()
        assert elements.min() >= -np.finfo(dtype).eps


def test_a_certain_and_wrong_prediction_costs_what_it_should() -> None:
    assert value("binary_log_loss", "sigmoid", 1e4, 0.0) == 1e4
    assert value("binary_log_loss", "sigmoid", -1e4, 1.0) == 1e4
    assert value("binary_log_loss", "sigmoid", 1e4, 1.0) == 0.0
    assert value("poisson", "exponential", -1e4, 3.0) == pytest.approx(3e4 - 3 + 3 * math.log(3))


@FLOATS
def test_poisson_with_softplus_is_finite_at_a_mean_of_zero(dtype: type[np.floating[Any]]) -> None:
    loss, output = LOSSES["poisson"], ACTIVATIONS["softplus"]
    z = np.array([[-1e4], [-200.0], [-90.0], [0.0]], dtype)
    a = output(z)
    for y in (np.zeros_like(z), np.full_like(z, 5)):
        with np.errstate(all="raise", under="ignore"):
            assert np.isfinite(loss.elements(output, z, a, y)).all()
            assert np.isfinite(loss.delta(output, z, a, y)).all()


def test_a_loss_says_which_outputs_it_needs() -> None:
    identity = ACTIVATIONS["identity"]
    z = np.zeros((1, 1))
    loss = LOSSES["binary_log_loss"]
    assert not loss.accepts(identity)
    with pytest.raises(InputError, match=r"binary_log_loss needs sigmoid .* but has identity"):
        loss.elements(identity, z, z, z)
    with pytest.raises(InputError, match=r"binary_log_loss needs sigmoid .* but has identity"):
        loss.delta(identity, z, z, z)
    assert "needs exponential or softplus" in LOSSES["poisson"].refusal(identity)
