"""The forward pass: input times weight, add a bias, activate, layer after layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from glassnet.net.arrays import Array
from glassnet.net.network import Network
from glassnet.net.parameters import Parameters


class Trace(NamedTuple):
    """Everything that a forward pass computed, one entry per layer.

    ``inputs[l]`` (N, I) are the inputs of layer ``l``, ``pre_activations[l]`` (N, O) its sums ``z`` and
    ``activations[l]`` (N, O) the activations ``a`` computed from them. ``masks[l]`` (N, O) multiplies the
    activations before the next layer uses them, if training drops some of them; ``None`` if it drops none.
    """

    inputs: list[Array]
    pre_activations: list[Array]
    activations: list[Array]
    masks: Sequence[Array | None]

    @property
    def outputs(self) -> Array:
        """The activations (N, O) of the output layer."""
        return self.activations[-1]


def nothing() -> None:
    """Does nothing."""


def forward(
    network: Network,
    parameters: Parameters,
    inputs: Array,
    masks: Sequence[Array | None] | None = None,
    before_layer: Callable[[], None] = nothing,
) -> Trace:
    """Compute the network's outputs for ``inputs`` (N, I), and keep every intermediate number.

    ``network`` and ``parameters`` are the layers, and their weights and biases. ``masks`` (see
    :func:`glassnet.net.dropout_masks`) are for training; without them no activation is dropped. ``before_layer`` is
    called before each layer; what it raises ends a long computation.
    """
    masks = masks or [None] * len(network.layers)
    trace = Trace([], [], [], masks)
    for layer, (weights, biases), mask in zip(network.layers, parameters, masks, strict=True):
        before_layer()
        z = inputs @ weights + biases
        a = layer.activation(z)
        trace.inputs.append(inputs)
        trace.pre_activations.append(z)
        trace.activations.append(a)
        inputs = a if mask is None else a * mask
    return trace
