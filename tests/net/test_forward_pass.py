"""The forward pass: input times weight, add a bias, activate."""

from typing import Any

import numpy as np
import pytest

from glassnet.net import Network, Parameters, forward, initialize
from glassnet.net.arrays import Array


def test_a_network_small_enough_to_do_by_hand() -> None:
    network = Network.of(2, (2,), 1)
    parameters = Parameters.of(network, [([[1.0, -1.0], [2.0, 0.5]], [0.5, -1.0]), ([[3.0], [7.0]], [-2.0])])
    trace = forward(network, parameters, np.array([[1.0, 2.0]]))
    assert trace.pre_activations[0].tolist() == [[5.5, -1.0]]  # 1·1 + 2·2 + 0.5;  1·-1 + 2·0.5 - 1
    assert trace.activations[0].tolist() == [[5.5, 0.0]]
    assert trace.inputs[1] is trace.activations[0]
    assert trace.outputs.tolist() == [[14.5]]  # 5.5·3 + 0·7 - 2


def test_it_keeps_every_number_on_the_way() -> None:
    network = Network.of(3, (5, 4), 2, activation=("tanh", "gelu"), output="softmax")
    parameters = initialize(network, np.random.default_rng(0), "normal")
    x = np.random.default_rng(1).normal(size=(7, 3))
    trace = forward(network, parameters, x)
    assert [z.shape for z in trace.pre_activations] == [(7, 5), (7, 4), (7, 2)]
    assert [a.shape for a in trace.activations] == [(7, 5), (7, 4), (7, 2)]
    assert trace.masks == [None] * 3
    inputs: Array = x
    for layer, (weights, biases), z, a in zip(
        network.layers, parameters, trace.pre_activations, trace.activations, strict=True
    ):
        np.testing.assert_array_equal(z, inputs @ weights + biases)
        np.testing.assert_array_equal(a, layer.activation(z))
        inputs = a
    np.testing.assert_array_equal(trace.outputs, inputs)


def test_a_mask_drops_what_goes_to_the_next_layer() -> None:
    network = Network.of(2, (3,), 1, activation="identity")
    parameters = Parameters(network, np.arange(1.0, 14.0))
    x = np.array([[1.0, 1.0]])
    mask = np.array([[2.0, 0.0, 2.0]])
    trace = forward(network, parameters, x, [mask, None])
    whole = forward(network, parameters, x)
    np.testing.assert_array_equal(trace.activations[0], whole.activations[0])
    np.testing.assert_array_equal(trace.inputs[1], whole.activations[0] * mask)
    assert trace.outputs.item() != whole.outputs.item()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_goes_through_and_parameters_stay(dtype: type[np.floating[Any]]) -> None:
    network = Network.of(3, (4,), 2, activation="silu", output="softplus")
    parameters = initialize(network, np.random.default_rng(0), dtype=dtype)
    before = parameters.vector.copy()
    trace = forward(network, parameters, np.ones((2, 3), dtype))
    assert {array.dtype for array in (*trace.pre_activations, *trace.activations)} == {np.dtype(dtype)}
    np.testing.assert_array_equal(parameters.vector, before)


def test_rows_do_not_see_each_other() -> None:
    network = Network.of(3, (8,), 2, output="softmax")
    parameters = initialize(network, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(6, 3))
    together = forward(network, parameters, x).outputs
    alone = np.concatenate([forward(network, parameters, x[row : row + 1]).outputs for row in range(6)])
    np.testing.assert_allclose(together, alone, rtol=1e-14)
