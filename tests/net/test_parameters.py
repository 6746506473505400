"""One flat vector with views for each layer."""

import pickle
from typing import Any

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import LayerParameters, Network, Parameters

NETWORK = Network.of(2, (3,), 1)


def test_the_vector_holds_each_layers_weights_row_by_row_and_then_its_biases() -> None:
    parameters = Parameters(NETWORK, np.arange(13.0))
    assert parameters[0].weights.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert parameters[0].biases.tolist() == [6, 7, 8]
    assert parameters[1].weights.tolist() == [[9], [10], [11]]
    assert parameters[1].biases.tolist() == [12]


def test_views_and_vector_share_their_memory() -> None:
    parameters = Parameters.zeros(NETWORK)
    parameters[0].weights[1, 2] = 7
    parameters[-1].biases[0] = 8
    assert np.flatnonzero(parameters.vector).tolist() == [5, 12]
    parameters.vector[:] = 3
    assert all((w == 3).all() and (b == 3).all() for w, b in parameters)
    assert all(np.shares_memory(parameters.vector, view) for layer in parameters for view in layer)


def test_a_copy_shares_nothing() -> None:
    parameters = Parameters.zeros(NETWORK)
    copy = parameters.copy()
    copy.vector[:] = 1
    assert not parameters.vector.any()
    assert copy[0].weights.all()


def test_pickled_and_back_views_and_vector_still_share_their_memory() -> None:
    parameters = Parameters(NETWORK, np.arange(13.0))
    again = pickle.loads(pickle.dumps(parameters))
    np.testing.assert_array_equal(again.vector, parameters.vector)
    assert again.network == NETWORK
    again[1].biases[0] = 99
    assert again.vector[12] == 99
    assert parameters.vector[12] == 12


def test_it_is_a_sequence_of_layers() -> None:
    parameters = Parameters.zeros(NETWORK, np.float32)
    assert len(parameters) == 2
    assert [type(layer) for layer in parameters] == [LayerParameters] * 2
    assert parameters[-1].weights.shape == (3, 1)
    assert parameters.dtype == np.float32
    assert repr(parameters) == "Parameters(13 float32 of 2 inputs → 3 relu → 1 identity)"
    with pytest.raises(IndexError):
        parameters[2]


def test_of_takes_arrays_of_any_form() -> None:
    layers: list[Any] = [([[1, 2, 3], [4, 5, 6]], [[7, 8, 9]]), (np.ones((3, 1)), 0.5)]
    parameters = Parameters.of(NETWORK, layers, np.float32)
    assert parameters.vector.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 0.5]
    assert parameters.dtype == np.float32


def test_what_does_not_fit_is_reported_with_the_shape_that_does() -> None:
    with pytest.raises(InputError, match=r"shape \(12,\), but .* needs \(13,\)"):
        Parameters(NETWORK, np.zeros(12))
    with pytest.raises(InputError, match=r"1 pairs .* network has 2 layers"):
        Parameters.of(NETWORK, [(np.zeros((2, 3)), np.zeros(3))])
    with pytest.raises(
        InputError, match=r"layer 2 has weights of shape \(1, 3\) and 1 biases.*\(3, 1\) and 1"
    ):
        Parameters.of(NETWORK, [(np.zeros((2, 3)), np.zeros(3)), (np.zeros((1, 3)), [0])])
    with pytest.raises(InputError, match=r"layer 1 .* and 2 biases, but the network needs \(2, 3\) and 3"):
        Parameters.of(NETWORK, [(np.zeros((2, 3)), np.zeros(2)), (np.zeros((3, 1)), [0])])
