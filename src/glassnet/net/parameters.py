"""The parameters of a network: one flat vector, with views for each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.memory import check_memory
from glassnet.net.arrays import Array
from glassnet.net.network import Network


class LayerParameters(NamedTuple):
    """The parameters of one layer: ``weights`` (I, O) and ``biases`` (O,), views into the flat vector."""

    weights: Array
    biases: Array


class Parameters(Sequence[LayerParameters]):
    """All weights and biases of a network.

    ``vector`` (P,) has for each layer the weights row by row, then the biases. Optimizers, snapshots and files work
    on the vector; ``parameters[layer].weights`` is a view of it.
    """

    def __init__(self, network: Network, vector: Array) -> None:
        if vector.shape != (network.parameter_count,):
            raise InputError(
                f"the parameters have the shape {vector.shape}, but the network {network} "
                f"needs ({network.parameter_count},)."
            )
        self.network = network
        self.vector = vector
        self._layers: list[LayerParameters] = []
        start = 0
        for inputs, outputs in network.shapes:
            middle = start + inputs * outputs
            end = middle + outputs
            weights = vector[start:middle].reshape(inputs, outputs)
            self._layers.append(LayerParameters(weights, vector[middle:end]))
            start = end

    @classmethod
    def zeros(cls, network: Network, dtype: npt.DTypeLike = np.float64) -> Parameters:
        """Parameters that are all 0.

        Raises:
            InputError: they need more memory than there is.
        """
        needed = network.parameter_count * np.dtype(dtype).itemsize
        check_memory(
            needed, lambda: f"the {network.parameter_count:,} parameters of {network}", "use fewer neurons"
        )
        return cls(network, np.zeros(network.parameter_count, dtype))

    @classmethod
    def of(
        cls,
        network: Network,
        layers: Iterable[tuple[npt.ArrayLike, npt.ArrayLike]],
        dtype: npt.DTypeLike = np.float64,
    ) -> Parameters:
        """From a pair (weights, biases) for each layer; the biases may also have the shape (1, O)."""
        pairs = [(np.asarray(weights), np.asarray(biases)) for weights, biases in layers]
        if len(pairs) != len(network.layers):
            raise InputError(
                f"there are {len(pairs)} pairs of weights and biases, but the network has "
                f"{len(network.layers)} layers."
            )
        for number, ((weights, biases), shape) in enumerate(zip(pairs, network.shapes, strict=True), start=1):
            if weights.shape != shape or biases.size != shape[1]:
                raise InputError(
                    f"layer {number} has weights of shape {weights.shape} and {biases.size} biases, "
                    f"but the network needs {shape} and {shape[1]}."
                )
        parts = [part.ravel() for pair in pairs for part in pair]
        return cls(network, np.concatenate(parts, dtype=dtype, casting="unsafe"))

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The data type of all weights and biases."""
        return self.vector.dtype

    def copy(self) -> Parameters:
        """Parameters with a copy of the vector."""
        return Parameters(self.network, self.vector.copy())

    def __reduce__(self) -> tuple[type[Parameters], tuple[Network, Array]]:
        return Parameters, (self.network, self.vector)  # without the views, which would be pickled as copies

    def __getitem__(self, layer: int) -> LayerParameters:  # type: ignore[override]  # no slices
        return self._layers[layer]

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[LayerParameters]:
        return iter(self._layers)

    def __repr__(self) -> str:
        return f"Parameters({self.vector.size} {self.dtype} of {self.network})"
