"""The path of a single weight over a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, unknown
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import names_into
from glassnet.inside.epochs import moments
from glassnet.inside.frames import to_frame
from glassnet.net.arrays import Array

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


@dataclass(frozen=True, eq=False)
class WeightPath:
    """A single weight or bias over a training: ``values`` (S,) after ``epochs`` (S,), from epoch 0, the start."""

    layer: int
    source: str
    neuron: str
    epochs: npt.NDArray[np.int64]
    values: Array

    def to_frame(self) -> Any:
        """A DataFrame with a row for each moment."""
        return to_frame({"epoch": self.epochs, "value": self.values})


def path(model: TrainedModel, layer: int, source: int | str, neuron: int | str) -> WeightPath:
    """See :meth:`glassnet.Model.path`."""
    whole_number("layer", layer, 1, len(model.network.layers))
    sources = (*names_into(model, layer - 1), "bias")
    neurons = names_into(model, layer)
    row, column = _place("source", source, sources), _place("neuron", neuron, neurons)
    outputs = len(neurons)
    start = sum((i + 1) * o for i, o in model.network.shapes[: layer - 1])
    at = start + row * outputs + column
    found = moments(model)
    return WeightPath(
        layer,
        sources[row],
        neurons[column],
        np.array(list(found), np.int64),
        np.array([float(own[at]) for own in found.values()]),
    )


def _place(what: str, given: int | str, names: tuple[str, ...]) -> int:
    """The place of a name, or of a number that counts from 1."""
    if isinstance(given, str):
        if given not in names:
            raise InputError(unknown(what, given, names[:20]))
        return names.index(given)
    whole_number(what, given, 1, len(names), more="a name or ")
    return given - 1
