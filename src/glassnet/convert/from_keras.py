"""From a ``Sequential`` of Keras to a record."""

from __future__ import annotations

from typing import Any, TypeVar

import keras
import numpy as np

from glassnet.convert.sequential import Layers, sequential
from glassnet.errors import InputTypeError
from glassnet.trained import TrainedModel

M = TypeVar("M", bound=TrainedModel)

# Keras' names of functions that are the same here; its gelu and leaky_relu have other constants
ACTIVATIONS = {
    "linear": "identity",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "softmax": "softmax",
    "tanh": "tanh",
    "elu": "elu",
    "selu": "selu",
    "silu": "silu",
    "swish": "silu",
    "softplus": "softplus",
    "mish": "mish",
    "exponential": "exponential",
}
POSSIBLE = ("Dense", "Activation", "ReLU", "Softmax", "Dropout", "InputLayer", "Identity", "Flatten")


def from_keras(model_class: type[M], network: Any, **asked: Any) -> M:
    """The record of ``network``; see :func:`glassnet.from_keras`."""
    if not isinstance(network, keras.Sequential):
        raise InputTypeError(f"network is {type(network).__name__}, but must be a keras.Sequential.")
    layers = Layers()
    if not network.built:
        layers.faults.add("the network has no weights yet; fit it, or give it an Input layer.")
    for own in network.layers if network.built else ():
        _add(layers, own)
    return sequential(model_class, layers, f"a Sequential of Keras {keras.__version__}", **asked)


def _add(layers: Layers, own: Any) -> None:
    kind = type(own).__name__
    shown = f"the layer {own.name!r} ({kind})"
    if kind == "Dense":
        weights, *biases = (np.array(keras.ops.convert_to_numpy(each)) for each in own.weights)
        layers.add(weights, biases[0] if biases else None)
        _activate(layers, own.activation, shown)
    elif kind == "Activation":
        _activate(layers, own.activation, shown)
    elif kind == "ReLU" and own.max_value is None and not own.negative_slope and not own.threshold:
        layers.activate("relu", shown)
    elif kind == "Softmax" and own.axis in (1, -1):
        layers.activate("softmax", shown)
    elif kind in ("Dropout", "AlphaDropout", "GaussianDropout"):
        layers.drop(float(own.rate))
    elif kind not in ("InputLayer", "Identity", "Flatten"):
        layers.refuse(shown, POSSIBLE)


def _activate(layers: Layers, function: Any, shown: str) -> None:
    name = getattr(function, "__name__", type(function).__name__)
    if name not in ACTIVATIONS:
        layers.refuse(f"the activation {name} of {shown}", [*ACTIVATIONS])
    elif ACTIVATIONS[name] != "identity":
        layers.activate(ACTIVATIONS[name], shown)
