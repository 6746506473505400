"""A network: its inputs, and its layers in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.caching import cached_property
from glassnet.errors import Faults, unknown
from glassnet.net.activations import ACTIVATIONS, Activation


@dataclass(frozen=True, init=False)
class Layer:
    """A layer of neurons; it is checked by the :class:`Network` that it becomes a part of.

    Args:
        width: the number of neurons.
        activation: an :class:`Activation` or the name of one.
        dropout: the share of activations that training sets to 0.
    """

    width: int
    activation: Activation
    dropout: float

    def __init__(self, width: int, activation: Activation | str, dropout: float = 0.0) -> None:
        known = ACTIVATIONS.get(activation, activation) if isinstance(activation, str) else activation
        for name, value in (("width", width), ("activation", known), ("dropout", dropout)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Network:
    """A multi-layer perceptron: every neuron is connected to every neuron of the layer before.

    :meth:`of` builds a network from widths.

    Attributes:
        inputs: the number of inputs.
        layers: the hidden layers, if any, and then the output layer.

    Raises:
        InputError: a width below 1, an unknown activation, a dropout rate outside [0, 1).
    """

    inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        faults = Faults()
        if not _is_count(self.inputs):
            faults.add(f"inputs is {self.inputs!r}, but must be an integer, at least 1.")
        if not self.layers:
            faults.add("layers is empty, but a network needs at least its output layer.")
        for number, layer in enumerate(self.layers, start=1):
            last = number == len(self.layers)
            name = "the output layer" if last else f"hidden layer {number}"
            if not _is_count(layer.width):
                faults.add(f"{name} has {layer.width!r} neurons, but needs an integer, at least 1.")
            if not isinstance(layer.activation, Activation):
                faults.add(unknown(f"the activation of {name}", layer.activation, ACTIVATIONS))
            elif layer.activation.output_only and not last:
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
        activation: Activation | str | Sequence[Activation | str] = "relu",
        output: Activation | str = "identity",
        dropout: float | Sequence[float] = 0.0,
    ) -> Network:
        """A network from widths; ``activation`` and ``dropout`` are for all hidden layers, or one for each.

        >>> Network.of(4, (5, 5), 1, activation="sigmoid", output="sigmoid").connections
        (20, 25, 5)
        """
        hidden = tuple(map(_plain, hidden))
        activations = per_layer("activation", activation, len(hidden))
        rates = per_layer("dropout", dropout, len(hidden))
        layers = tuple(Layer(*layer) for layer in zip(hidden, activations, rates, strict=True))
        return cls(_plain(inputs), (*layers, Layer(_plain(outputs), output)))

    def __repr__(self) -> str:
        return f"Network({self})"

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it, the activations by name.

        Raises:
            InputError: an activation that is not one of :data:`ACTIVATIONS`.
        """
        faults = Faults()
        for layer in self.layers:
            if ACTIVATIONS.get(layer.activation.name) != layer.activation:
                faults.add(
                    f"the activation {layer.activation} cannot be saved: it is not one of glassnet's own."
                )
        faults.raise_if_any()
        layers = [
            {"width": layer.width, "activation": layer.activation.name, "dropout": layer.dropout}
            for layer in self.layers
        ]
        return {"inputs": self.inputs, "layers": layers}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Network:
        """The network that :meth:`to_dict` described."""
        return cls(data["inputs"], tuple(Layer(**layer) for layer in data["layers"]))

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.layers[-1].width

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """The hidden layers, without the output layer."""
        return self.layers[:-1]

    @property
    def output(self) -> Layer:
        """The output layer."""
        return self.layers[-1]

    @property
    def drops(self) -> bool:
        """Whether training drops any activations."""
        return any(layer.dropout for layer in self.layers)

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shape (I, O) of every layer's weights."""
        widths = (self.inputs, *(layer.width for layer in self.layers))
        return tuple(pairwise(widths))

    @property
    def connections(self) -> tuple[int, ...]:
        """The number of weights of each layer."""
        return tuple(i * o for i, o in self.shapes)

    @cached_property
    def parameter_count(self) -> int:
        """The number of weights and biases."""
        return sum((i + 1) * o for i, o in self.shapes)

    def __str__(self) -> str:
        parts = [f"{self.inputs} inputs"]
        for layer in self.layers:
            dropout = f", dropout {layer.dropout:g}" if layer.dropout else ""
            parts.append(f"{layer.width} {layer.activation}{dropout}")
        return " → ".join(parts)


def per_layer(name: str, value: Any, count: int) -> tuple[Any, ...]:
    """``value`` for each of ``count`` hidden layers, from one for all or a sequence of one each."""
    value = _plain(value)
    if isinstance(value, (str, int, float, Activation)):
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
    """NumPy's scalars as Python's own, which files need; anything else unchanged."""
    return value.item() if isinstance(value, np.generic) else value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
