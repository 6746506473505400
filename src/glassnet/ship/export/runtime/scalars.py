"""A model on one row, in Python's standard library alone; copied into the export in Python."""

from __future__ import annotations

import math
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Layer = tuple[str, Sequence[float], Sequence[Sequence[float]]]


def value_of(row: Mapping[str, Any], name: str, read: Callable[..., Any], *how: Any) -> Any:
    """The raw value of a column, read by one of the functions above."""
    try:
        return read(row[name], *how)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}") from None


def clip(z: float, low: float, high: float) -> float:
    """``z`` kept from ``low`` to ``high``."""
    return min(max(z, low), high)


def soft_clip(z: float, limit: float) -> float:
    """About z near 0, and within ± ``limit``."""
    return z / math.sqrt(1 + (z / limit) * (z / limit))


def look_up(numbers: Mapping[Any, float], name: str, value: Any) -> float:
    """The number that belongs to a value."""
    if value not in numbers:
        raise ValueError(f"column {name!r}: {value!r} is not one of {list(numbers)}")
    return numbers[value]


def sigmoid(z: float) -> float:
    e = math.exp(-abs(z))
    return (e if z < 0 else 1) / (1 + e)


def gelu(z: float) -> float:
    return z * (1 + math.tanh(0.7978845608028654 * (z + 0.044715 * (z * z * z)))) / 2


def mish(z: float) -> float:
    e = math.exp(-abs(z))
    numerator = e * (e + 2) if z < 0 else 1 + 2 * e
    return z * (numerator / (numerator + (2 if z < 0 else 2 * e * e)))


def softmax(values: Sequence[float]) -> list[float]:
    largest = max(values)
    powers = [math.exp(z - largest) for z in values]
    total = sum(powers)
    return [power / total for power in powers]


ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "step": lambda z: 1.0 if z > 0 else 0.0,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "selu": lambda z: 1.0507009873554805 * (z if z > 0 else 1.6732632423543772 * math.expm1(z)),
    "sigmoid": sigmoid,
    "tanh": math.tanh,
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "gelu": gelu,
    "silu": lambda z: z * sigmoid(z),
    "mish": mish,
    "exponential": lambda z: math.exp(min(z, 700.0)),
}


def layer_of(values: Sequence[float], activation: str, biases: Sequence[float], weights: Any) -> list[float]:
    """The activations of a layer; ``weights`` has a row for each neuron."""
    sums = [sum(map(mul, row, values)) + bias for row, bias in zip(weights, biases)]  # noqa: B905
    return softmax(sums) if activation == "softmax" else [ACTIVATIONS[activation](z) for z in sums]


def mean_outputs(networks: Sequence[Sequence[Layer]], inputs: Sequence[float]) -> list[float]:
    """The mean of the networks' outputs."""
    each = []
    for layers in networks:
        values: Sequence[float] = inputs
        for layer in layers:
            values = layer_of(values, *layer)
        each.append(values)
    outputs = [sum(own) / len(networks) for own in zip(*each)]  # noqa: B905
    if any(math.isnan(output) for output in outputs):
        raise ValueError("an output is not a number: the values are too large for the model")
    return outputs


def probabilities_of(outputs: Sequence[float], temperature: float) -> list[float]:
    """The probabilities of the classes of a target, from its outputs."""
    shares = [clip(output, 0.0, 1.0) for output in outputs]
    if len(shares) == 1:
        shares = [1 - shares[0], shares[0]]
    else:
        total = sum(shares)
        shares = [share / total if total > 0 else 1 / len(shares) for share in shares]
    if temperature == 1:
        return shares
    return softmax([math.log(max(share, 2.220446049250313e-16)) / temperature for share in shares])


def place_of(outputs: Sequence[float]) -> int:
    """The place of the predicted class: that of the largest output, or whether the only one is above 0.5."""
    return int(outputs[0] > 0.5) if len(outputs) == 1 else list(outputs).index(max(outputs))
