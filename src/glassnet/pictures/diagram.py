"""The data of the picture of a network: numbers for all connections and neurons, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Labels:
    """The names of the inputs or outputs, what is written behind each of them, and the column that each belongs to."""

    names: tuple[str, ...]
    values: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagram:
    """A network with a number for every connection and, where there is one, for every neuron.

    Attributes:
        links: (I, O) for each of the L layers.
        neurons: for the inputs and each of the L layers (L + 1 in all), one number per neuron, or ``None``.
        link, neuron: what those numbers are called, such as "weight" and "bias".
        inputs, outputs: their names.
        limits: the absolute values of links and of neurons that get the widest line and the strongest color.
    """

    network: Network
    links: tuple[Array, ...]
    neurons: tuple[Array | None, ...]
    link: str
    neuron: str
    inputs: Labels
    outputs: Labels
    limits: tuple[float, float]

    @classmethod
    def of_parameters(
        cls,
        own: Parameters,
        names: tuple[str, str],
        inputs: Labels,
        outputs: Labels,
        scale: Sequence[Parameters] = (),
    ) -> Diagram:
        """Weights and biases, or numbers for each of them; ``scale`` has more that share the scale."""
        weights, biases = ([layer[part] for layer in own] for part in (0, 1))
        shared = [layer for each in (own, *scale) for layer in each]
        limits = largest(layer[0] for layer in shared), largest(layer[1] for layer in shared)
        return cls(own.network, tuple(weights), (None, *biases), *names, inputs, outputs, limits)

    @property
    def widths(self) -> tuple[int, ...]:
        """The numbers of neurons of the inputs and of each layer."""
        return (self.network.inputs, *(layer.width for layer in self.network.layers))

    def strengths(self) -> list[Array]:
        """For the inputs and each layer, how strong every neuron's connections are, to it and from it.

        The Euclidean norm of either, as a share of the largest in the layer; the two are added.
        """
        totals: list[Array] = [np.zeros(width) for width in self.widths]
        for at, link in enumerate(self.links):
            squares = np.asarray(link, np.float64) ** 2
            for side, norm in ((at, squares.sum(axis=1)), (at + 1, squares.sum(axis=0))):
                totals[side] += np.sqrt(norm / norm.max()) if norm.max() > 0 else 0
        return totals

    def strongest(self, count: int) -> list[Positions]:
        """For the inputs and each layer, the positions of the neurons to draw, ascending.

        Of a layer of more than ``count`` neurons, the strongest ``count - 1``: the last place is for a note.
        """
        chosen = []
        for strength in self.strengths():
            order = np.argsort(-strength, kind="stable")
            drawn = len(strength) if len(strength) <= count else max(count - 1, 1)
            chosen.append(np.sort(order[:drawn]))
        return chosen


def largest(arrays: Iterable[Array]) -> float:
    """The largest absolute value of all arrays."""
    return max(float(np.abs(own).max()) for own in arrays)
