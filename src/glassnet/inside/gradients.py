"""Gradients of the outputs of a network with respect to its inputs."""

from __future__ import annotations

import numpy as np

from glassnet.net import Network, Parameters, forward
from glassnet.net.arrays import Array


def doubled(parameters: Parameters) -> Parameters:
    """The parameters in float64."""
    return Parameters(parameters.network, parameters.vector.astype(np.float64))


def input_gradients(network: Network, parameters: Parameters, inputs: Array, output: int) -> Array:
    """∂a_output/∂x for every row of ``inputs`` (N, I): the chain rule, down to the inputs themselves."""
    trace = forward(network, parameters, inputs)
    error = np.zeros_like(trace.outputs)
    error[:, output] = 1
    layers = zip(network.layers, parameters, trace.pre_activations, trace.activations, strict=True)
    for layer, (weights, _), z, a in reversed(list(layers)):
        error = layer.activation.backward(z, a, error) @ weights.T
    return error
