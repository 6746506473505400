"""Initializers: the initial weights of a network.

The variance depends on a layer's number of inputs I and outputs O, so that signals neither vanish nor grow over
many layers. Biases are 0 at first, except for ``normal``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, unknown
from glassnet.net.network import Network
from glassnet.net.parameters import Parameters


@dataclass(frozen=True)
class Initializer:
    """A rule for the initial weights of a layer with I inputs and O outputs.

    Attributes:
        name: the name by which it is chosen.
        variance: the variance of the weights, a function of I and O.
        uniform: whether the weights are drawn from a uniform distribution; otherwise from a normal one.
        source: the publication that the rule comes from.
        draws_biases: whether biases are drawn, too; otherwise they are 0.
    """

    name: str
    variance: Callable[[int, int], float]
    uniform: bool
    source: str
    draws_biases: bool = False

    def draw(
        self, rng: np.random.Generator, variance: float, shape: tuple[int, ...]
    ) -> npt.NDArray[np.float64]:
        """Numbers with mean 0 and this ``variance``."""
        if self.uniform:
            limit = np.sqrt(3 * variance)
            return rng.uniform(-limit, limit, shape)
        return rng.normal(0.0, np.sqrt(variance), shape)


_GLOROT = "Glorot, Bengio (2010)"
_HE = "He, Zhang, Ren, Sun (2015)"
_LECUN = "LeCun et al., Efficient BackProp (1998)"

INITIALIZERS: dict[str, Initializer] = {
    entry.name: entry
    for entry in (
        Initializer("normal", lambda i, o: 1.0, False, "standard normal, biases too", draws_biases=True),
        Initializer("glorot_uniform", lambda i, o: 2 / (i + o), True, _GLOROT),
        Initializer("glorot_normal", lambda i, o: 2 / (i + o), False, _GLOROT),
        Initializer("he_uniform", lambda i, o: 2 / i, True, _HE),
        Initializer("he_normal", lambda i, o: 2 / i, False, _HE),
        Initializer("lecun_uniform", lambda i, o: 1 / i, True, _LECUN),
        Initializer("lecun_normal", lambda i, o: 1 / i, False, _LECUN),
    )
}


def initialize(
    network: Network,
    rng: np.random.Generator,
    initializer: str | None = None,
    dtype: npt.DTypeLike = np.float64,
) -> Parameters:
    """Draw initial parameters, layer by layer, weights before biases.

    ``initializer=None`` takes for each layer the one that its activation names, under which signals keep
    their variance. ``network`` has the layers. ``rng`` draws the numbers in float64; then they become ``dtype``.

    Raises:
        InputError: an unknown initializer.
    """
    if initializer not in (None, *INITIALIZERS):
        raise InputError(unknown("initializer", initializer, INITIALIZERS))
    parameters = Parameters.zeros(network, dtype)
    for layer, own in zip(network.layers, parameters, strict=True):
        chosen = INITIALIZERS[initializer or layer.activation.initializer]
        variance = chosen.variance(*own.weights.shape)
        own.weights[...] = chosen.draw(rng, variance, own.weights.shape)
        if chosen.draws_biases:
            own.biases[...] = chosen.draw(rng, variance, own.biases.shape)
    return parameters
