"""The perceptron: one neuron that fires if the sum of inputs times weights exceeds its threshold.

``x·w > t`` is the same as ``x·w + b > 0`` with ``b = -t``: a threshold is a negative bias.
:meth:`Perceptron.as_network` is the same neuron as a network without hidden layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net.activations import step
from glassnet.net.arrays import Array
from glassnet.net.network import Layer, Network
from glassnet.net.parameters import Parameters


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A neuron with ``weights`` (I,) and a ``threshold``. Rosenblatt, *The perceptron* (1958)."""

    weights: Array
    threshold: float = 0.0

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights)
        if weights.dtype.kind != "f":  # integers would round the threshold
            weights = weights.astype(np.float64)
        object.__setattr__(self, "weights", weights)

    @property
    def bias(self) -> float:
        """Minus the threshold."""
        return -self.threshold

    def fires(self, inputs: npt.ArrayLike) -> Array:
        """1 for every row of ``inputs`` (N, I) whose weighted sum exceeds the threshold, else 0; (N,)."""
        return step(np.asarray(inputs, self.weights.dtype) @ self.weights - self.threshold)

    def as_network(self) -> tuple[Network, Parameters]:
        """The same neuron as a network; its bias is the negative threshold."""
        network = Network(len(self.weights), (Layer(1, "step"),))
        weights = self.weights.reshape(-1, 1)
        return network, Parameters.of(network, [(weights, [self.bias])], self.weights.dtype)


class Learning(NamedTuple):
    """The perceptron after learning, and the number of wrong rows in each epoch."""

    perceptron: Perceptron
    mistakes: list[int]


def learn(
    perceptron: Perceptron,
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    learning_rate: float = 1.0,
    epochs: int = 100,
) -> Learning:
    """Rosenblatt's rule, row after row: ``w ← w + η (y - a) x`` and ``t ← t - η (y - a)``.

    It ends after the first epoch without a mistake, which exists if some perceptron separates the rows
    (Novikoff, 1962), or after ``epochs``.

    Args:
        perceptron: the perceptron to start from.
        inputs: (N, I).
        targets: (N,), each 0 or 1.
        epochs: the largest number of passes over the rows.
        learning_rate: η; it scales weights and threshold alike.
    """
    x = np.asarray(inputs, perceptron.weights.dtype)
    y = np.asarray(targets, perceptron.weights.dtype).reshape(-1)
    if x.ndim != 2 or x.shape != (len(y), len(perceptron.weights)):
        raise InputError(
            f"inputs have the shape {x.shape}, but {len(y)} targets and {len(perceptron.weights)} weights "
            f"need ({len(y)}, {len(perceptron.weights)})."
        )
    if not np.isin(y, (0, 1)).all():
        raise InputError("targets of a perceptron must each be 0 or 1.")
    mistakes: list[int] = []
    while len(mistakes) < epochs and mistakes[-1:] != [0]:
        wrong = 0
        for row, target in zip(x, y, strict=True):
            error = float(target - perceptron.fires(row))
            if error:
                wrong += 1
                change = learning_rate * error
                perceptron = Perceptron(perceptron.weights + change * row, perceptron.threshold - change)
        mistakes.append(wrong)
    return Learning(perceptron, mistakes)
