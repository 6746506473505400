"""The values of a single weight during a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.inside.checks import position, whole_number
from glassnet.inside.columns import names_into
from glassnet.inside.frames import to_frame
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Printable, Table

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class WeightHistory(Printable):
    """A single weight or bias during a training.

    Attributes:
        layer: the number of the layer, from 1.
        source: the input or the neuron that the weight comes from; ``"bias"`` for a bias.
        neuron: the neuron that it leads to.
        epochs: (S,), the numbers of the kept epochs, ascending; 0 is the start.
        values: (S,), the value after each of them.
    """

    layer: int
    source: str
    neuron: str
    epochs: npt.NDArray[np.int64]
    values: Array

    def to_frame(self) -> Any:
        """A DataFrame with a row for each epoch."""
        return to_frame({"epoch": self.epochs, "value": self.values})

    def blocks(self) -> list[Block]:
        """The value after each epoch."""
        rows = [(str(epoch), f"{value:.9g}") for epoch, value in zip(self.epochs, self.values, strict=True)]
        title = f"Layer {self.layer}: weight from {self.source} to {self.neuron}"
        return [Heading(title), Table(("epoch", "value"), rows, ">>")]


def weight_history(model: TrainedModel, layer: int, source: int | str, neuron: int | str) -> WeightHistory:
    """See :meth:`glassnet.Model.weight_history`."""
    whole_number("layer", layer, 1, len(model.network.layers))
    sources = (*names_into(model, layer - 1), "bias")
    neurons = names_into(model, layer)
    row, column = position("source", source, sources), position("neuron", neuron, neurons)
    start = sum((i + 1) * o for i, o in model.network.shapes[: layer - 1])
    at = start + row * len(neurons) + column
    found = model.kept
    values = np.array([float(own[at]) for own in found.values()])
    return WeightHistory(layer, sources[row], neurons[column], np.array(list(found), np.int64), values)
