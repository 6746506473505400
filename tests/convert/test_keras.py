"""``from_keras``: the model predicts as the network does."""

import os
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError, InputTypeError

pytest.importorskip(
    "torch", reason="PyTorch, with which Keras computes here, is not installed", exc_type=ImportError
)
os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras", reason="Keras is not installed", exc_type=ImportError)
layers = keras.layers

# Keras itself warns, with NumPy 2 and PyTorch
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

INPUTS = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


def returned(network: Any) -> Any:
    return np.asarray(keras.ops.convert_to_numpy(network(INPUTS)), np.float64)


@pytest.mark.parametrize(
    "activation",
    [None, "relu", "sigmoid", "tanh", "elu", "selu", "silu", "softplus", "mish"],
)
def test_numbers_are_what_the_network_returns(activation: str | None) -> None:
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, activation), layers.Dropout(0.2), layers.Dense(2, use_bias=False)]
    )
    model = glassnet.from_keras(network)
    assert np.abs(model.predict(INPUTS) - returned(network)).max() <= 2e-6
    assert "Sequential of Keras" in repr(model)


def test_classes() -> None:
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6), layers.ReLU(), layers.Dense(3), layers.Softmax()]
    )
    model = glassnet.from_keras(network, classes=["a", "b", "c"])
    assert np.abs(model.predict_proba(INPUTS) - returned(network)).max() <= 1e-6
    network = keras.Sequential([keras.Input((4,)), layers.Dense(1), layers.Activation("sigmoid")])
    model = glassnet.from_keras(network)
    assert np.abs(model.predict_proba(INPUTS)[:, 1] - returned(network)[:, 0]).max() <= 1e-6


def test_what_cannot_be_converted() -> None:
    network = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6, "gelu"),
            layers.BatchNormalization(),
            layers.Dense(1, "leaky_relu"),
        ]
    )
    with pytest.raises(InputError) as caught:
        glassnet.from_keras(network)
    for word in ("gelu", "BatchNormalization", "leaky_relu"):
        assert word in str(caught.value)
    with pytest.raises(InputError, match="no weights yet"):
        glassnet.from_keras(keras.Sequential([layers.Dense(1)]))
    with pytest.raises(InputTypeError, match=r"must be a keras\.Sequential"):
        glassnet.from_keras(3)
