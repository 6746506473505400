"""Which neurons and which terms of a wide layer are printed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from glassnet.inside.arithmetic_record import ArithmeticRecord, LayerArithmetic
from glassnet.inside.checks import position, whole_number
from glassnet.net.arrays import Array


class Shown(NamedTuple):
    """The neurons of a layer that are printed, for each of them its terms, in the order of the inputs, and how many
    neurons are left out because they matter less.
    """

    neurons: list[int]
    terms: dict[int, list[int]]
    left: int = 0


def choose(
    arithmetic: ArithmeticRecord,
    terms: int | None,
    neurons: int | None,
    layer: int | None = None,
    neuron: int | str | None = None,
) -> list[Shown]:
    """For each layer, from the last to the first, the neurons whose activations matter most to what is printed of the
    layer after it; of no other layer than ``layer``, and no other neuron than ``neuron``, if they are given.
    """
    for what, count in (("terms", terms), ("neurons", neurons)):
        if count is not None:
            whole_number(what, count, more="None, which prints all, or ")
    if layer is not None:
        whole_number("layer", layer, 1, len(arithmetic))
    chosen: list[Shown] = []
    weight = np.abs(arithmetic[-1].activations.astype(np.float64))
    for each in reversed(arithmetic.layers):
        own = _largest(weight, neurons) or [0]  # where all activations are 0, one neuron is printed
        left = len(each.names) - len(own)
        if each.number == layer and neuron is not None:
            own, left = [position("neuron", neuron, each.names)], 0
        shown = Shown(own, {at: _terms(each, at, terms) for at in own}, left)
        chosen.insert(0, shown if layer in (None, each.number) else Shown([], {}))
        products = np.abs(each.products[:, own])
        weight = products.max(axis=1)
        for at, kept in shown.terms.items():  # what is printed as a term should be explained before
            weight[kept] += products[kept, own.index(at)]
    return chosen


def _terms(layer: LayerArithmetic, neuron: int, terms: int | None) -> list[int]:
    return _largest(np.abs(layer.products[:, neuron]), terms)


def _largest(sizes: Array, count: int | None) -> list[int]:
    """The places of the ``count`` largest above 0, ascending; all where leaving some out would save no line."""
    if count is None or len(sizes) <= count + 1:
        return list(range(len(sizes)))
    largest = np.argsort(-sizes, kind="stable")[:count]
    return sorted(largest[sizes[largest] > 0].tolist())
