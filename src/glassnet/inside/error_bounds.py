"""The same row once more, in float64 throughout, with a bound of its own rounding.

It stands for an exact recalculation from the printed numbers, and shows how many digits of the engine's numbers such
a recalculation gives; the model does not compute with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from glassnet.inside.digits import as_printed, rounding_bound
from glassnet.net import Activation, Network, Parameters
from glassnet.net.arrays import Array

UNIT = 2.0**-53
ACTIVATION_ERROR = 16 * UNIT  # relative, of an activation's own computation in float64


class Bounded(NamedTuple):
    """A layer's ``z`` and ``a`` (O,), each with a bound of its error."""

    z: Array
    z_error: Array
    a: Array
    a_error: Array


def bounds(
    network: Network, parameters: Sequence[tuple[Array, Array]] | Parameters, inputs: Array
) -> list[Bounded]:
    """All layers for one row of ``inputs`` (I,), computed from the printed numbers."""
    a: Array = as_printed(inputs)
    error: Array = UNIT * np.abs(a)
    layers = []
    for layer, (weights, biases) in zip(network.layers, parameters, strict=True):
        w, b = as_printed(weights), as_printed(biases)
        z_error = rounding_bound(a, w, b, error, UNIT)
        z = a @ w + b
        a = layer.activation(z)
        error = activation_error(layer.activation, z, a, z_error)
        layers.append(Bounded(z, z_error, a, error))
    return layers


def activation_error(activation: Activation, z: Array, a: Array, z_error: Array) -> Array:
    """A bound (O,) of the error of ``a``, given one of that of ``z``.

    Over an interval as short as ``z`` ± ``z_error`` the slope is largest at one of its ends, and an activation
    that jumps differs at an end.
    """
    own = ACTIVATION_ERROR * np.abs(a)
    if activation.whole_row:  # softmax: a_i changes by at most the factor exp(2 max error)
        return np.abs(a) * np.expm1(2 * z_error.max()) + own
    error = np.zeros_like(a)
    for end in (z - z_error, z + z_error):
        there = activation(end)
        slope = np.abs(activation.derivative(end, there))
        error = np.maximum(error, np.maximum(slope * z_error, np.abs(there - a)))
    return error + own
