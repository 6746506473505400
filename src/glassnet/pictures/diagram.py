"""What a picture of a network shows: which neurons, which links, and where. Numbers only, nothing drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net import Network
from glassnet.net.arrays import Array

Chosen = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Diagram:
    """A network with a number for every link and, where there is one, for every neuron.

    Attributes:
        links: (I, O) for each of the L layers.
        neurons: for the inputs and each of the L layers (L + 1 in all), one number a neuron, or ``None``.
        link, neuron: what those numbers are called, such as "weight" and "bias".
        inputs, outputs: the names of the first and the last neurons.
    """

    network: Network
    links: tuple[Array, ...]
    neurons: tuple[Array | None, ...]
    link: str
    neuron: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def __post_init__(self) -> None:
        shapes = tuple(link.shape for link in self.links)
        if shapes != self.network.shapes:
            raise InputError(
                f"the links have the shapes {shapes}, but the network {self.network} has {self.network.shapes}."
            )
        for what, names, count in (
            ("inputs", self.inputs, self.network.inputs),
            ("outputs", self.outputs, self.network.outputs),
        ):
            if len(names) != count:
                raise InputError(f"there are {len(names)} names for {count} {what}; give one for each.")

    @property
    def widths(self) -> tuple[int, ...]:
        """How many neurons the inputs and each layer have."""
        return (self.network.inputs, *(layer.width for layer in self.network.layers))

    def strengths(self) -> list[Array]:
        """For the inputs and each layer, how much every neuron matters: its links in and its links out.

        The Euclidean norm of either, as a share of the largest in the layer; the two are added.
        """
        totals: list[Array] = [np.zeros(width) for width in self.widths]
        for number, link in enumerate(self.links):
            squares = np.asarray(link, np.float64) ** 2
            for side, norm in ((number, squares.sum(axis=1)), (number + 1, squares.sum(axis=0))):
                largest = norm.max()
                totals[side] += np.sqrt(norm / largest) if largest > 0 else 0
        return totals

    def strongest(self, most: int) -> list[Chosen]:
        """For the inputs and each layer, the positions of the neurons to draw, ascending.

        A layer of more than ``most`` gives its strongest, and one place fewer, for the note on the rest.
        """
        chosen = []
        for strength in self.strengths():
            if len(strength) <= most:
                chosen.append(np.arange(len(strength)))
            else:
                order = np.argsort(-strength, kind="stable")
                chosen.append(np.sort(order[: max(most - 1, 1)]))
        return chosen


@dataclass(frozen=True)
class Column:
    """One column of drawn neurons: ``at`` (K,) are their heights; ``hidden`` of them have no place.

    ``rest`` is the height of the note on those, ``pitch`` the distance between neurons and ``diameter`` their own,
    in inches.
    """

    x: float
    at: Array
    rest: float
    pitch: float
    diameter: float
    chosen: Chosen
    hidden: int


def columns(
    chosen: Sequence[Chosen],
    widths: Sequence[int],
    *,
    left: float,
    right: float,
    bottom: float,
    top: float,
    widest_pitch: float = 0.85,
) -> list[Column]:
    """The places of the neurons in a field of the given borders (inches), each column centered in it."""
    found = []
    apart = (right - left) / max(len(chosen) - 1, 1)
    for x, own, width in zip(np.linspace(left, right, len(chosen)), chosen, widths, strict=True):
        hidden = width - len(own)
        slots = len(own) + (1 if hidden else 0)
        pitch = min(widest_pitch, (top - bottom) / slots)
        heights = (top + bottom) / 2 + pitch * ((slots - 1) / 2 - np.arange(slots))
        diameter = min(0.74 * pitch, 0.56, 0.6 * apart)
        found.append(Column(float(x), heights[: len(own)], float(heights[-1]), pitch, diameter, own, hidden))
    return found
