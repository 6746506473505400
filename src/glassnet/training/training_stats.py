"""What a model keeps of its training rows: statistics, no rows.

A few numbers for each input and neuron, from at most a thousand rows, so that a model can be examined, profiled and
explained later, where the rows are no longer at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from glassnet.caching import cached_property
from glassnet.engines import Rows, Run
from glassnet.net import Network, Parameters, forward
from glassnet.net.arrays import Array
from glassnet.tables import Encoder
from glassnet.training.distances import Distances
from glassnet.training.trained_network import TrainedNetwork

ROWS = 1000
NUMBERS = 200_000  # fewer rows where there are many inputs, so that statistics cost milliseconds
QUANTILES = np.array([0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1])
PRODUCTS = 1_000_000_000  # of inputs and weights of all kept parameters: fewer rows where there would be more
SAME = 1e-6  # standardized inputs are duplicates if the mean square of their difference is at most this
BINS = 32


@dataclass(frozen=True, eq=False)
class RowStats:
    """Statistics of encoded rows.

    Attributes:
        count: the number of rows that the statistics are computed from.
        means, deviations: (I,), the mean and the standard deviation of each input.
        quantiles: (13, I), of each input at 0, 5, 10, 20, … 80, 90, 95 and 100 %.
        duplicates: (D, 2), pairs of inputs that are the same up to shift, scale and sign.
        variance_explained: (C,), the share of the target's variance (R²) that each column explains alone.
        distances: of rows from the mean, by the inputs that are not bins.
    """

    count: int
    means: Array
    deviations: Array
    quantiles: Array
    duplicates: npt.NDArray[np.int64]
    variance_explained: Array
    distances: Distances

    @classmethod
    def of(cls, rows: Rows, encoder: Encoder) -> Self:
        """Those of rows that ``encoder`` encoded."""
        inputs = rows.inputs.astype(np.float64)
        means, deviations = inputs.mean(axis=0), inputs.std(axis=0)
        standardized = (inputs - means) / np.where(deviations > 0, deviations, 1)
        widths = [own.stop - own.start for own in encoder.slices.values()]
        return cls(
            count=len(rows),
            means=means,
            deviations=deviations,
            quantiles=_quantiles(inputs),
            duplicates=_duplicates(standardized, deviations > 0),
            variance_explained=_variance_explained(inputs, rows.targets.astype(np.float64), widths),
            distances=Distances.of(standardized[:, encoder.plain]),
        )

    def standardized(self, inputs: Array) -> Array:
        """Encoded ``inputs`` (N, I) less the means, in units of the deviations."""
        return (inputs - self.means) / np.where(self.deviations > 0, self.deviations, 1)


@dataclass(frozen=True, eq=False)
class NetworkStats:
    """Statistics of a network with some parameters, on some rows.

    Attributes:
        activation_deviations: (H,), the standard deviation of the activation of each hidden neuron, layer after layer.
        activation_slopes: (H,), the mean absolute slope of its activation function, as a share of the largest.
        gradients: (L,), the root mean square of the gradient of each layer's weights; penalties left out.
    """

    activation_deviations: Array
    activation_slopes: Array
    gradients: Array

    @classmethod
    def of(cls, parameters: Parameters, rows: Rows, run: Run) -> Self:
        """``run`` has these parameters, and no penalties, which would hide a gradient that vanishes."""
        network = parameters.network
        return cls(*_hidden(network, parameters, rows.inputs), _gradients(network, run, rows))


class TrainingStats:
    """Statistics of training rows, and of the networks on these rows.

    They are computed when they are first used, so that training does not take longer for them. A copy of a model and
    a saved model have the computed values.
    """

    def __init__(
        self, rows: Callable[[], RowStats], networks: Callable[[], tuple[dict[int, NetworkStats], ...]]
    ) -> None:
        self._rows = rows
        self._networks = networks

    @classmethod
    def of(
        cls,
        rows: Rows,
        encoder: Encoder,
        members: Sequence[TrainedNetwork],
        open_run: Callable[[Network, Parameters], Run],
    ) -> Self:
        """``open_run`` opens a run without penalties."""
        some = sample(rows, min(ROWS, max(NUMBERS // rows.inputs.shape[1], 200)))

        def networks() -> tuple[dict[int, NetworkStats], ...]:
            work = sum(member.network.parameter_count * len(member.kept) for member in members)
            few = sample(some, max(PRODUCTS // work, 100))
            return tuple(
                {
                    epoch: NetworkStats.of(own, few, open_run(member.network, own))
                    for epoch in member.kept
                    for own in [member.parameters_at(epoch)]
                }
                for member in members
            )

        return cls(lambda: RowStats.of(some, encoder), networks)

    @cached_property
    def rows(self) -> RowStats:
        return self._rows()

    @cached_property
    def networks(self) -> tuple[dict[int, NetworkStats], ...]:
        """For each network of the model, statistics by the number of epochs after which its parameters stood."""
        return self._networks()

    def member(self, number: int) -> TrainingStats:
        """Those of one network, numbered from 0."""
        return TrainingStats(lambda: self.rows, lambda: (self.networks[number],))

    def __reduce__(self) -> tuple[Any, ...]:
        return stored, (self.rows, self.networks)


def stored(rows: RowStats, networks: tuple[dict[int, NetworkStats], ...]) -> TrainingStats:
    """The statistics that were computed before."""
    return TrainingStats(lambda: rows, lambda: networks)


def sample(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, evenly spaced, unweighted."""
    if len(rows) <= most:
        return Rows(rows.inputs, rows.targets)
    at = np.linspace(0, len(rows) - 1, most).round().astype(np.intp)
    return Rows(rows.inputs[at], rows.targets[at])


def _quantiles(inputs: Array) -> Array:
    """(13, I), by straight lines between the sorted values; NumPy's own would load its masked arrays first."""
    values = np.sort(inputs, axis=0)
    places = QUANTILES * (len(values) - 1)
    below = np.floor(places).astype(np.intp)
    above = np.minimum(below + 1, len(values) - 1)
    return values[below] + (places - below)[:, None] * (values[above] - values[below])


def _hidden(network: Network, parameters: Parameters, inputs: Array) -> tuple[Array, Array]:
    """Of all hidden neurons, the activations' standard deviation, and the mean absolute slope."""
    trace = forward(network, parameters, inputs)
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


def _duplicates(standardized: Array, varying: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Pairs of inputs with the same values up to shift, scale and sign.

    A projection on one direction puts duplicates next to one another; only neighbors are looked at in full.
    """
    direction = np.random.default_rng(0).normal(size=len(standardized))
    places = np.abs(direction @ standardized) / np.sqrt(len(standardized))
    order = [at for at in np.argsort(places, kind="stable") if varying[at]]
    pairs = []
    for place, first in enumerate(order):
        for second in order[place + 1 :]:
            if places[second] - places[first] > 10 * np.sqrt(SAME):
                break
            one, other = standardized[:, first], standardized[:, second]
            sign = 1 if one @ other > 0 else -1
            if np.mean((one - sign * other) ** 2) <= SAME:
                pairs.append(sorted((int(first), int(second))))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _variance_explained(inputs: Array, targets: Array, columns: Sequence[int]) -> Array:
    """For each column, the share of the targets' variance (R²) that it explains alone.

    A column of several inputs, or of few values, by the mean target of each; a column of one input, or whose first
    input has many values, by a straight line or by bins; whichever explains most. Rows whose target is missing are
    left out.
    """
    known = np.isfinite(targets).all(axis=1)
    inputs, targets = inputs[known], targets[known] - targets[known].mean(axis=0)
    spread = float((targets**2).sum())
    if len(targets) < 2 * BINS or not spread:
        return np.zeros(len(columns))
    widths = np.array(columns)
    starts = np.cumsum(widths) - widths
    explained = np.zeros(len(columns))
    firsts = inputs[:, starts]
    order = np.argsort(firsts, axis=0, kind="stable")
    values = np.take_along_axis(firsts, order, axis=0)
    different = 1 + (np.diff(values, axis=0) != 0).sum(axis=0)
    axes = np.flatnonzero((widths == 1) | (different > BINS))
    explained[axes] = np.maximum(_by_line(firsts[:, axes], targets), _by_bins(order[:, axes], targets))
    few = (different > 2) & (different <= BINS)
    for column in np.flatnonzero((widths > 1) | few):
        part = inputs[:, starts[column] : starts[column] + widths[column]]
        explained[column] = max(explained[column], _by_values(part, targets))
    return explained


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
    """By the mean of each combination of values, less what so many means would explain of pure noise."""
    codes = _codes(own)
    counts = np.bincount(codes)
    if len(counts) > len(own) / 4:
        return 0.0
    explained = sum(float((np.bincount(codes, target) ** 2 / counts).sum()) for target in targets.T)
    left = 1 - explained / float((targets**2).sum())
    return 1 - left * (len(own) - 1) / (len(own) - len(counts))


def _codes(own: Array) -> npt.NDArray[np.intp]:
    """A number for each different row of ``own``: a projection on one direction distinguishes them."""
    places = own @ np.random.default_rng(0).normal(size=own.shape[1])
    order = np.argsort(places, kind="stable")
    codes = np.empty(len(own), np.intp)
    codes[order] = np.concatenate([[0], np.cumsum(np.diff(places[order]) > 0)])
    return codes
