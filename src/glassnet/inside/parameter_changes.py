"""What changed in the weights and biases of each layer between two states of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from glassnet.net import Parameters
from glassnet.net.arrays import Array
from glassnet.text import Table, number

MEASURES = ("largest_change", "distance", "cosine")


class Statistics(NamedTuple):
    """The sum, the mean and the Euclidean norm of the numbers of one array."""

    sum: float
    mean: float
    norm: float

    @classmethod
    def of(cls, values: Array) -> Statistics:
        return cls(float(values.sum()), float(values.mean()), float(np.linalg.norm(values)))


@dataclass(frozen=True)
class ParameterChange:
    """The weights or the biases of one layer, before and after.

    Attributes:
        layer: the number of the layer, from 1.
        part: ``"weights"`` or ``"biases"``.
        shape: (I, O) of the weights, (O,) of the biases.
        before: their statistics before.
        after: their statistics after.
        largest_change: the largest absolute change of a single number.
        distance: the Euclidean norm of the difference.
        cosine: the cosine of the angle between the two; NaN where one of them is 0.
    """

    layer: int
    part: str
    shape: tuple[int, ...]
    before: Statistics
    after: Statistics
    largest_change: float
    distance: float
    cosine: float

    @property
    def count(self) -> int:
        """The number of weights or biases."""
        return int(np.prod(self.shape))


def parameter_changes(before: Parameters, after: Parameters) -> tuple[ParameterChange, ...]:
    """Two entries for each layer, its weights and its biases; both networks have the same shapes."""
    return tuple(
        _change(layer, part, getattr(old, part), getattr(new, part))
        for layer, (old, new) in enumerate(zip(before, after, strict=True), start=1)
        for part in ("weights", "biases")
    )


def combined(
    several: Sequence[Sequence[ParameterChange]], how: Callable[[Array], float]
) -> tuple[ParameterChange, ...]:
    """The same entries of several networks, with each number made of theirs by ``how``, a mean for example."""

    def over(values: Sequence[float]) -> float:
        return float(how(np.array(values)))

    return tuple(
        replace(
            each[0],
            before=Statistics(*map(over, zip(*(own.before for own in each), strict=True))),
            after=Statistics(*map(over, zip(*(own.after for own in each), strict=True))),
            **{name: over([getattr(own, name) for own in each]) for name in MEASURES},
        )
        for each in zip(*several, strict=True)
    )


def _change(layer: int, part: str, before: Array, after: Array) -> ParameterChange:
    old, new = before.astype(np.float64), after.astype(np.float64)
    first, second = Statistics.of(old), Statistics.of(new)
    norms = first.norm * second.norm
    return ParameterChange(
        layer=layer,
        part=part,
        shape=old.shape,
        before=first,
        after=second,
        largest_change=float(np.abs(new - old).max()),
        distance=float(np.linalg.norm(new - old)),
        cosine=float((old * new).sum() / norms) if norms else float("nan"),
    )


def change_columns(changes: Sequence[ParameterChange], before: str, after: str) -> dict[str, list[Any]]:
    """One list for each column of a DataFrame; ``before`` and ``after`` begin the names of the statistics."""
    columns: dict[str, list[Any]] = {
        name: [getattr(each, name) for each in changes] for name in ("layer", "part", "count")
    }
    for name in Statistics._fields:
        columns[f"{before}_{name}"] = [getattr(each.before, name) for each in changes]
        columns[f"{after}_{name}"] = [getattr(each.after, name) for each in changes]
    return columns | {name: [getattr(each, name) for each in changes] for name in MEASURES}


def change_table(
    changes: Sequence[ParameterChange],
    before: str,
    after: str,
    measures: Sequence[str] = MEASURES,
    spread: Sequence[ParameterChange] = (),
) -> Table:
    """Two lines for each entry: its statistics ``before``, and those ``after`` with the measures of the change.

    With an empty name ``before`` there is only the second. A further line has the ``spread`` of the
    second, if it is given.
    """
    rows = []
    for place, each in enumerate(changes):
        first = each.part == "weights"
        head = (str(each.layer) if first else "", each.part)
        old, new = (map(number, statistics) for statistics in (each.before, each.after))
        count = f"{each.count:,}"
        if before:
            rows.append((*head, before, count, *old, *("" for _ in measures)))
            head, count = ("", ""), ""
        rows.append((*head, after, count, *new, *(number(getattr(each, name)) for name in measures)))
        if spread:
            own = spread[place]
            numbers = (*own.after, *(getattr(own, name) for name in measures))
            rows.append(("", "", "±", "", *map(number, numbers)))
    names = (name.replace("_", " ") for name in (*Statistics._fields, *measures))
    return Table(("layer", "", "", "count", *names), rows, "><<" + ">" * (4 + len(measures)), keys=3)
