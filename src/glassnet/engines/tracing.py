"""All sums and activations of a prediction, from any engine: by cutting the network after each layer.

The output of the network that ends with layer l is the activation of layer l; if its activation is replaced by the
identity, the output is the sum of layer l. An engine computes a layer in the same way whatever follows it, so these
are the numbers of which the prediction consists, to the last bit, and not a second computation of them.
"""

from __future__ import annotations

from glassnet.caching import cached_property
from glassnet.engines.protocol import Engine, Predictor
from glassnet.net import Activation, Layer, Network, Parameters, Trace
from glassnet.net.arrays import Array


class Tracer:
    """Traces predictions of ``engine`` for ``parameters``; the cut networks are opened at the first call."""

    def __init__(self, engine: Engine, network: Network, parameters: Parameters) -> None:
        self._engine = engine
        self._network = network
        self._parameters = parameters

    def __call__(self, inputs: Array) -> Trace:
        """The trace for ``inputs`` (N, I), C-contiguous and of the parameters' dtype."""
        sums = [sum_of(inputs) for sum_of, _ in self._cuts]
        activations = [activation_of(inputs) for _, activation_of in self._cuts]
        return Trace([inputs, *activations[:-1]], sums, activations, [None] * len(sums))

    @cached_property
    def _cuts(self) -> list[tuple[Predictor, Predictor]]:
        """For each layer, a predictor of its sums and one of its activations."""
        return [
            (self._cut(number, "identity"), self._cut(number, layer.activation))
            for number, layer in enumerate(self._network.layers)
        ]

    def _cut(self, number: int, activation: Activation | str) -> Predictor:
        """A predictor of the network that ends with layer ``number`` and has ``activation`` there."""
        *before, last = self._network.layers[: number + 1]
        network = Network(self._network.inputs, (*before, Layer(last.width, activation)))
        vector = self._parameters.vector[: network.parameter_count]
        return self._engine.predictor(network, Parameters(network, vector))
