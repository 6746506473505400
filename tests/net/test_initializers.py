"""Initial weights: their variance, their reproducibility, their effect on a signal."""

import math

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import ACTIVATIONS, INITIALIZERS, Initializer, Network, forward, initialize

EVERY = pytest.mark.parametrize("row", INITIALIZERS.values(), ids=INITIALIZERS)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


VARIANCES = [
    ("normal", 1.0),
    ("glorot_uniform", 2 / 500),
    ("glorot_normal", 2 / 500),
    ("he_uniform", 2 / 300),
    ("he_normal", 2 / 300),
    ("lecun_uniform", 1 / 300),
    ("lecun_normal", 1 / 300),
]


def test_every_initializer_has_its_variance_written_out() -> None:
    assert [name for name, _ in VARIANCES] == list(INITIALIZERS)


@pytest.mark.parametrize(("name", "variance"), VARIANCES)
def test_variance_is_the_formula(name: str, variance: float) -> None:
    weights = initialize(Network.of(300, (), 200), rng(), name)[0].weights
    error_of_variance = variance * math.sqrt(2 / weights.size)
    assert abs(weights.var() - variance) < 5 * error_of_variance
    assert abs(weights.mean()) < 5 * math.sqrt(variance / weights.size)
    if name.endswith("uniform"):
        assert np.abs(weights).max() <= math.sqrt(3 * variance)
        assert np.abs(weights).max() > 0.99 * math.sqrt(3 * variance)
    else:
        assert np.abs(weights).max() > 3.5 * math.sqrt(variance)


def test_the_test_above_has_every_row() -> None:
    marks = test_variance_is_the_formula.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == set(INITIALIZERS)


@EVERY
def test_biases_start_at_zero_unless_the_row_draws_them(row: Initializer) -> None:
    parameters = initialize(Network.of(3, (50,), 2), rng(), row.name)
    assert parameters[0].biases.any() == row.draws_biases
    assert row.draws_biases == (row.name == "normal")
    assert row.source


@EVERY
def test_a_seed_gives_the_same_start_and_float32_is_the_float64_rounded(row: Initializer) -> None:
    network = Network.of(3, (5, 4), 2)
    first = initialize(network, rng(), row.name)
    np.testing.assert_array_equal(first.vector, initialize(network, rng(), row.name).vector)
    other = initialize(network, np.random.default_rng(8), row.name)
    assert (first[0].weights != other[0].weights).all()
    small = initialize(network, rng(), row.name, np.float32)
    assert small.dtype == np.float32
    np.testing.assert_array_equal(small.vector, first.vector.astype(np.float32))


def test_normal_draws_layer_by_layer_and_weights_before_biases() -> None:
    network = Network.of(4, (5,), 1)
    generator = rng()
    drawn = [generator.normal(0, 1, shape).ravel() for shape in ((4, 5), (5,), (5, 1), (1,))]
    np.testing.assert_array_equal(initialize(network, rng(), "normal").vector, np.concatenate(drawn))


def test_without_a_name_each_layer_starts_as_its_activation_asks() -> None:
    network = Network.of(400, (300, 200), 100, activation=("relu", "tanh"), output="identity")
    parameters = initialize(network, rng())
    expected = [2 / 400, 2 / 500, 1 / 200]  # he, glorot, lecun
    for (weights, biases), variance in zip(parameters, expected, strict=True):
        assert weights.var() == pytest.approx(variance, rel=0.03)
        assert not biases.any()


@pytest.mark.parametrize(
    "activation", [name for name, row in ACTIVATIONS.items() if not row.output_only and name != "step"]
)
def test_a_signal_neither_dies_nor_explodes_through_ten_layers(activation: str) -> None:
    network = Network.of(100, [100] * 10, 1, activation=activation)
    x = rng().normal(size=(200, 100))
    sizes = [np.sqrt((a**2).mean()) for a in forward(network, initialize(network, rng()), x).activations[:-1]]
    assert 0.05 < sizes[-1] < 20


def test_an_unknown_name_is_reported() -> None:
    with pytest.raises(InputError, match=r"initializer is 'he_norml', .* Did you mean 'he_normal'"):
        initialize(Network.of(1, (), 1), rng(), "he_norml")
