"""What a network is: its inputs, and its layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.errors import Faults, unknown
from glassnet.net.activations import ACTIVATIONS, Activation


@dataclass(frozen=True)
class Layer:
    """A row of neurons. ``dropout`` is the share of its activations that training silences."""

    width: int
    activation: str
    dropout: float = 0.0

    @property
    def function(self) -> Activation:
        return ACTIVATIONS[self.activation]


@dataclass(frozen=True)
class Network:
    """A multi-layer perceptron: every neuron of a layer sees every neuron of the layer before.

    ``layers`` are the hidden layers, if any, and the output layer last. A network with no hidden
    layer is a legal network. :meth:`of` builds one from widths.

    Raises:
        InputError: a width below 1, an unknown activation, a dropout rate outside [0, 1).
    """

    inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        faults = Faults()
        if not _is_count(self.inputs):
            faults.add(f"inputs is {self.inputs!r}, but must be a whole number, at least 1.")
        if not self.layers:
            faults.add("layers is empty, but a network needs at least its output layer.")
        for number, layer in enumerate(self.layers, start=1):
            last = number == len(self.layers)
            name = "the output layer" if last else f"hidden layer {number}"
            if not _is_count(layer.width):
                faults.add(f"{name} has {layer.width!r} neurons, but needs a whole number, at least 1.")
            if layer.activation not in ACTIVATIONS:
                faults.add(unknown(f"the activation of {name}", layer.activation, ACTIVATIONS))
            elif layer.function.output_only and not last:
                faults.add(f"{name} has the activation {layer.activation}, which only outputs can have.")
            if not 0 <= layer.dropout < 1:
                faults.add(
                    f"the dropout rate of {name} is {layer.dropout!r}, but must be at least 0 and below 1."
                )
            if last and layer.dropout:
                faults.add(
                    "the output layer has a dropout rate, but only hidden layers can drop activations."
                )
        faults.raise_if_any()

    @classmethod
    def of(
        cls,
        inputs: int,
        hidden: Iterable[int],
        outputs: int,
        *,
        activation: str | Sequence[str] = "relu",
        output: str = "identity",
        dropout: float | Sequence[float] = 0.0,
    ) -> Network:
        """A network from widths; ``activation`` and ``dropout`` are one for all hidden layers or one each.

        >>> Network.of(4, (5, 5), 1, activation="sigmoid", output="sigmoid").connections
        (20, 25, 5)
        """
        hidden = tuple(map(_plain, hidden))
        activations = per_layer("activation", activation, len(hidden))
        rates = per_layer("dropout", dropout, len(hidden))
        layers = tuple(Layer(*layer) for layer in zip(hidden, activations, rates, strict=True))
        return cls(_plain(inputs), (*layers, Layer(_plain(outputs), output)))

    @property
    def outputs(self) -> int:
        return self.layers[-1].width

    @property
    def hidden(self) -> tuple[Layer, ...]:
        return self.layers[:-1]

    @property
    def output(self) -> Layer:
        return self.layers[-1]

    @property
    def drops(self) -> bool:
        """Whether training silences any activations."""
        return any(layer.dropout for layer in self.layers)

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shape (I, O) of every layer's weights."""
        widths = (self.inputs, *(layer.width for layer in self.layers))
        return tuple(pairwise(widths))

    @property
    def connections(self) -> tuple[int, ...]:
        """How many weights lie between each pair of neighboring layers."""
        return tuple(i * o for i, o in self.shapes)

    @cached_property
    def parameter_count(self) -> int:
        """All weights and all biases."""
        return sum((i + 1) * o for i, o in self.shapes)

    def __str__(self) -> str:
        parts = [f"{self.inputs} inputs"]
        for layer in self.layers:
            dropout = f", dropout {layer.dropout:g}" if layer.dropout else ""
            parts.append(f"{layer.width} {layer.activation}{dropout}")
        return " → ".join(parts)


def per_layer(name: str, value: Any, count: int) -> tuple[Any, ...]:
    """``value`` for each of ``count`` hidden layers: one for all, or a sequence of one each."""
    value = _plain(value)
    if isinstance(value, (str, int, float)):
        return (value,) * count
    values = tuple(map(_plain, value))
    if len(values) != count:
        faults = Faults()
        faults.add(
            f"{name} has {len(values)} entries for {count} hidden layers; give one for all, or one for each."
        )
        faults.raise_if_any()
    return values


def _plain(value: Any) -> Any:
    """NumPy's scalars as Python's own, as files and comparisons need them; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
