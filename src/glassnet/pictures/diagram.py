"""What the picture of a network shows: which neurons and connections, and where. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net import Network
from glassnet.net.arrays import Array

Positions = npt.NDArray[np.intp]
PITCH, DIAMETER = 0.85, 0.56  # inches from neuron to neuron, and of a circle, at most


@dataclass(frozen=True)
class Diagram:
    """A network with a number for every connection and, where there is one, for every neuron.

    Attributes:
        links: (I, O) for each of the L layers.
        neurons: for the inputs and each of the L layers (L + 1 in all), one number per neuron, or ``None``.
        link, neuron: what those numbers are called, such as "weight" and "bias".
        inputs, outputs: the names of the inputs and of the outputs.
        limits: the sizes of links and of neurons that get the widest line and the strongest color; by default the
            largest ones.
    """

    network: Network
    links: tuple[Array, ...]
    neurons: tuple[Array | None, ...]
    link: str
    neuron: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    limits: tuple[float, float] = (0.0, 0.0)

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
                raise InputError(f"there are {len(names)} names for {count} {what}; pass one for each.")

    @property
    def largest(self) -> tuple[float, float]:
        """The largest absolute value of all links, and of all neurons."""
        neurons = [own for own in self.neurons if own is not None]
        links, values = (
            max((float(np.abs(own).max()) for own in arrays), default=0.0) for arrays in (self.links, neurons)
        )
        return links, values

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
                largest = norm.max()
                totals[side] += np.sqrt(norm / largest) if largest > 0 else 0
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


@dataclass(frozen=True)
class Column:
    """The drawn neurons of a layer, from top to bottom; all measures are in inches.

    Attributes:
        chosen: their positions in the layer.
        y: (K,) their heights.
        pitch: the distance from one to the next.
        hidden: how many neurons of the layer are not drawn.
        y_note: the height of the note on those.
    """

    x: float
    y: Array
    chosen: Positions
    pitch: float
    diameter: float
    hidden: int
    y_note: float


def columns(
    chosen: Sequence[Positions],
    widths: Sequence[int],
    *,
    left: float,
    right: float,
    bottom: float,
    top: float,
) -> list[Column]:
    """The places of the chosen neurons within these borders (inches), each column centered between top and bottom."""
    found = []
    apart = (right - left) / max(len(chosen) - 1, 1)
    for x, own, width in zip(np.linspace(left, right, len(chosen)), chosen, widths, strict=True):
        hidden = width - len(own)
        places = len(own) + (hidden > 0)
        pitch = min(PITCH, (top - bottom) / places)
        y = (top + bottom) / 2 + pitch * ((places - 1) / 2 - np.arange(places))
        diameter = min(0.62 * pitch, DIAMETER, 0.6 * apart)
        found.append(Column(float(x), y[: len(own)], own, pitch, diameter, hidden, float(y[-1])))
    return found
