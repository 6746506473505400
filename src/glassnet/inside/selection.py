"""Which neurons and which terms of a wide layer are worth printing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glassnet.inside.checks import whole_number
from glassnet.net.arrays import Array

if TYPE_CHECKING:
    from glassnet.inside.arithmetic_record import ArithmeticRecord, LayerArithmetic


class Shown(NamedTuple):
    """The neurons of a layer that are printed, and for each of them its terms, in the order of the inputs."""

    neurons: list[int]
    terms: dict[int, list[int]]


def choose(arithmetic: ArithmeticRecord, terms: int | None, neurons: int | None) -> list[Shown]:
    """From the last layer to the first: the neurons whose activations matter most to what is printed after them."""
    for what, count in (("terms", terms), ("neurons", neurons)):
        if count is not None:
            whole_number(what, count, more="None, which prints all, or ")
    chosen: list[Shown] = []
    weight = np.abs(arithmetic[-1].activations.astype(np.float64))
    for layer in reversed(arithmetic.layers):
        own = _largest(weight, neurons) or [0]  # where all are silent, one stands for them
        shown = Shown(own, {neuron: _terms(layer, neuron, terms) for neuron in own})
        chosen.insert(0, shown)
        products = np.abs(layer.products[:, own])
        weight = products.max(axis=1)
        for neuron, kept in shown.terms.items():  # what is printed as a term should be explained before
            weight[kept] += products[kept, own.index(neuron)]
    return chosen


def _terms(layer: LayerArithmetic, neuron: int, terms: int | None) -> list[int]:
    return _largest(np.abs(layer.products[:, neuron]), terms)


def _largest(sizes: Array, count: int | None) -> list[int]:
    """The places of the ``count`` largest above 0, ascending; all where leaving some out would save no line."""
    if count is None or len(sizes) <= count + 1:
        return list(range(len(sizes)))
    largest = np.argsort(-sizes, kind="stable")[:count]
    return sorted(largest[sizes[largest] > 0].tolist())
