"""What a model remembers of its training rows: not the rows, but what they looked like.

A few numbers an input and a neuron, from at most a thousand rows, so that a model can be examined, profiled and
explained later, where the rows are no longer at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows, Run
from glassnet.net import Network, Parameters, forward
from glassnet.net.arrays import Array

ROWS = 1000
NUMBERS = 200_000  # fewer rows where inputs are many, so that a survey costs milliseconds
QUANTILES = np.linspace(0, 1, 11)
TWIN_TOLERANCE = (
    1e-6  # two inputs are twins if their standardized values differ by no more, in the mean square
)
BINS = 32


@dataclass(frozen=True, eq=False)
class Survey:
    """Statistics of ``rows`` training rows, as the network saw them.

    Of the inputs: ``means``, ``deviations`` (I,) and ``quantiles`` (11, I) at 0, 10, … 100 %; ``twins`` (T, 2), pairs
    of inputs that are the same but for shift and scale. Of the columns: ``tells`` (C,), the share of the target's
    variance that each tells alone (1 gives it away). Of all hidden neurons, layer after layer: ``unit_deviations``,
    of their activations, and ``unit_slopes``, the mean size of the slope as a share of the largest. Of the layers:
    the root mean square of the weights' gradient, ``first_gradients`` before training and ``last_gradients`` (L,)
    after it.
    """

    rows: int
    means: Array
    deviations: Array
    quantiles: Array
    twins: npt.NDArray[np.int64]
    tells: Array
    unit_deviations: Array
    unit_slopes: Array
    first_gradients: Array
    last_gradients: Array

    def to_tensors(self) -> dict[str, npt.NDArray[Any]]:
        return {
            field.name: np.ascontiguousarray(np.atleast_1d(getattr(self, field.name)))
            for field in fields(self)
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Survey:
        own: dict[str, Any] = {field.name: tensors[field.name] for field in fields(cls)}
        return cls(**{**own, "rows": int(own["rows"][0])})


def survey(
    rows: Rows,
    columns: Sequence[int],
    network: Network,
    learnt: Parameters,
    start: Run,
    end: Run,
) -> Survey:
    """
    Args:
        columns: how many encoded inputs each column has.
        start: a run with the initial parameters, without penalties, which would hide a gradient that vanishes.
        end: one with the learnt ones.
    """
    some = sample(rows)
    inputs = some.inputs.astype(np.float64)
    means, deviations = inputs.mean(axis=0), inputs.std(axis=0)
    unit_deviations, unit_slopes = _units(network, learnt, some.inputs)
    gradients = [_gradients(network, run, some) for run in (start, end)]
    return Survey(
        rows=len(some),
        means=means,
        deviations=deviations,
        quantiles=_quantiles(inputs),
        twins=_twins((inputs - means) / np.where(deviations > 0, deviations, 1), deviations > 0),
        tells=_tells(inputs, some.targets.astype(np.float64), columns),
        unit_deviations=unit_deviations,
        unit_slopes=unit_slopes,
        first_gradients=gradients[0],
        last_gradients=gradients[1],
    )


def sample(rows: Rows) -> Rows:
    """At most a thousand of the rows, evenly spaced, unweighted: what a survey is made of."""
    most = min(ROWS, max(NUMBERS // rows.inputs.shape[1], 200))
    if len(rows) <= most:
        return Rows(rows.inputs, rows.targets)
    at = np.linspace(0, len(rows) - 1, most).round().astype(np.intp)
    return Rows(rows.inputs[at], rows.targets[at])


def _quantiles(inputs: Array) -> Array:
    """(11, I), by straight lines between the sorted values; NumPy's own would load its masked arrays first."""
    values = np.sort(inputs, axis=0)
    places = QUANTILES * (len(values) - 1)
    below = np.floor(places).astype(np.intp)
    above = np.minimum(below + 1, len(values) - 1)
    return values[below] + (places - below)[:, None] * (values[above] - values[below])


def _units(network: Network, learnt: Parameters, inputs: Array) -> tuple[Array, Array]:
    """Of all hidden neurons, the activations' standard deviation, and the mean size of their slopes."""
    trace = forward(network, learnt, inputs)
    deviations, slopes = [np.empty(0)], [np.empty(0)]
    for layer, z, a in zip(network.hidden, trace.pre_activations, trace.activations, strict=False):
        activation = layer.activation
        line = np.linspace(-5, 5, 1001)
        largest = float(np.abs(activation.derivative(line, activation(line))).max()) or 1.0
        deviations.append(a.std(axis=0, dtype=np.float64))
        slopes.append(np.abs(activation.derivative(z, a)).mean(axis=0, dtype=np.float64) / largest)
    return np.concatenate(deviations), np.concatenate(slopes)


def _gradients(network: Network, run: Run, rows: Rows) -> Array:
    """(L,): the root mean square of the gradient of each layer's weights."""
    gradient = Parameters(network, run.gradients(rows)[1])
    return np.array([np.sqrt(np.mean(layer.weights.astype(np.float64) ** 2)) for layer in gradient])


def _twins(standardized: Array, varying: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Pairs of inputs with the same values up to shift, scale and sign.

    A projection on one direction puts twins next to one another; only neighbors are looked at in full.
    """
    direction = np.random.default_rng(0).normal(size=len(standardized))
    places = np.abs(direction @ standardized) / np.sqrt(len(standardized))
    order = [at for at in np.argsort(places, kind="stable") if varying[at]]
    pairs = []
    for place, first in enumerate(order):
        for second in order[place + 1 :]:
            if places[second] - places[first] > 10 * np.sqrt(TWIN_TOLERANCE):
                break
            one, other = standardized[:, first], standardized[:, second]
            sign = 1 if one @ other > 0 else -1
            if np.mean((one - sign * other) ** 2) <= TWIN_TOLERANCE:
                pairs.append(sorted((int(first), int(second))))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _tells(inputs: Array, targets: Array, columns: Sequence[int]) -> Array:
    """For each column, the share of the targets' variance (R²) that it tells alone.

    A column of several inputs, or of few values, by the mean target of each; a number by a straight line, or by
    bins, whichever tells more. Rows whose target is missing do not count.
    """
    known = np.isfinite(targets).all(axis=1)
    inputs, targets = inputs[known], targets[known] - targets[known].mean(axis=0)
    spread = float((targets**2).sum())
    if len(targets) < 2 * BINS or not spread:
        return np.zeros(len(columns))
    widths = np.array(columns)
    starts = np.cumsum(widths) - widths
    told = np.zeros(len(columns))
    single = np.flatnonzero(widths == 1)
    own = inputs[:, starts[single]]
    order = np.argsort(own, axis=0, kind="stable")
    values = np.take_along_axis(own, order, axis=0)
    different = 1 + (np.diff(values, axis=0) != 0).sum(axis=0)
    told[single] = np.maximum(_by_line(own, targets), _by_bins(order, targets))
    for column in [*single[(different > 2) & (different <= BINS)], *np.flatnonzero(widths > 1)]:
        part = inputs[:, starts[column] : starts[column] + widths[column]]
        told[column] = max(told[column], _by_values(part, targets))
    return told


def _by_line(own: Array, targets: Array) -> Array:
    centered = own - own.mean(axis=0)
    squares = (centered**2).sum(axis=0)
    fitted = ((centered.T @ targets) ** 2).sum(axis=1) / np.where(squares > 0, squares, 1)
    return fitted / (targets**2).sum()


def _by_bins(order: npt.NDArray[np.intp], targets: Array) -> Array:
    """By bins of equally many rows; the means of every other row predict the rows between.

    ``order`` (N, C) has the rows by ascending value of each column.
    """
    edges = np.arange(BINS) * len(order) // BINS
    sizes = np.diff([*edges, len(order)])
    even = order % 2 == 0
    error = np.zeros(order.shape[1])
    for target in targets.T:
        placed = target[order]
        for learn in (even, ~even):
            counts = np.add.reduceat(learn.astype(np.float64), edges, axis=0)
            means = np.add.reduceat(placed * learn, edges, axis=0) / np.maximum(counts, 1)
            error += ((placed - np.repeat(means, sizes, axis=0)) ** 2 * ~learn).sum(axis=0)
    return 1 - error / (targets**2).sum()


def _by_values(own: Array, targets: Array) -> float:
    """By the mean of each combination of values, less what so many means would tell of nothing."""
    codes = _codes(own)
    counts = np.bincount(codes)
    if len(counts) > len(own) / 4:
        return 0.0
    told = sum(float((np.bincount(codes, target) ** 2 / counts).sum()) for target in targets.T)
    left = 1 - told / float((targets**2).sum())
    return 1 - left * (len(own) - 1) / (len(own) - len(counts))


def _codes(own: Array) -> npt.NDArray[np.intp]:
    """A number for each different row of ``own``: a projection on one direction tells them apart."""
    places = own @ np.random.default_rng(0).normal(size=own.shape[1])
    order = np.argsort(places, kind="stable")
    codes = np.empty(len(own), np.intp)
    codes[order] = np.concatenate([[0], np.cumsum(np.diff(places[order]) > 0)])
    return codes
