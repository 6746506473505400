"""The numbers that a network learns: one flat vector, seen layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net.arrays import Array
from glassnet.net.network import Network


class LayerParameters(NamedTuple):
    """``weights`` (I, O) and ``biases`` (O,) of one layer: views into the flat vector."""

    weights: Array
    biases: Array


class Parameters(Sequence[LayerParameters]):
    """All weights and biases of a network.

    ``vector`` holds them flat, (P,): per layer the weights row by row, then the biases. Optimizers,
    snapshots and files work on the vector; people look at ``parameters[layer].weights``.
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
        return cls(network, np.zeros(network.parameter_count, dtype))

    @classmethod
    def of(
        cls,
        network: Network,
        layers: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]],
        dtype: npt.DTypeLike = np.float64,
    ) -> Parameters:
        """From one pair (weights, biases) a layer; the biases may also be of shape (1, O)."""
        parameters = cls.zeros(network, dtype)
        if len(layers) != len(network.layers):
            raise InputError(
                f"there are {len(layers)} pairs of weights and biases, but the network has "
                f"{len(network.layers)} layers."
            )
        for number, ((weights, biases), own) in enumerate(zip(layers, parameters, strict=True), start=1):
            given = np.shape(weights), np.size(biases)
            if given != (own.weights.shape, own.biases.size):
                raise InputError(
                    f"layer {number} has weights of shape {given[0]} and {given[1]} biases, "
                    f"but the network needs {own.weights.shape} and {own.biases.size}."
                )
            own.weights[...] = weights
            own.biases[...] = np.reshape(biases, -1)
        return parameters

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.vector.dtype

    def copy(self) -> Parameters:
        return Parameters(self.network, self.vector.copy())

    def __reduce__(self) -> tuple[type[Parameters], tuple[Network, Array]]:
        return Parameters, (self.network, self.vector)  # pickled without the views, which would be copies

    def __getitem__(self, layer: int) -> LayerParameters:  # type: ignore[override]  # no slices
        return self._layers[layer]

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[LayerParameters]:
        return iter(self._layers)

    def __repr__(self) -> str:
        return f"Parameters({self.vector.size} {self.dtype} of {self.network})"
