"""The tensors of a model file: parameters, curves, snapshots and statistics, each with its shape and type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import ModelFileError
from glassnet.net import Network, Parameters
from glassnet.ship.document import Records
from glassnet.trained import TrainedModel
from glassnet.training.distances import Distances
from glassnet.training.history import History
from glassnet.training.snapshots import Snapshots
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.training_stats import QUANTILES, NetworkStats, RowStats, TrainingStats, stored

CURVES = ("loss", "validation_loss", "penalty", "rate", "validation_score")
VALIDATION = ("validation_loss", "validation_score")  # curves that may be empty, and may have gaps
ANY = -1  # any length

Tensors = Mapping[str, npt.NDArray[Any]]


def tensors_of(model: TrainedModel) -> dict[str, npt.NDArray[Any]]:
    """All tensors of ``model`` by name, C-contiguous: ``members.0.initial.1.weights`` and so on; layers from 1."""
    tensors: dict[str, npt.NDArray[Any]] = {}
    if model.stats is not None:
        own = model.stats.rows
        for each in fields(own):
            if each.name != "distances":
                tensors[f"stats.{each.name}"] = np.atleast_1d(getattr(own, each.name))
        tensors |= {
            "stats.inverse": own.distances.inverse,
            "stats.limit": np.array([own.distances.limit]),
        }
    for number, member in enumerate(model.members):
        stats = {} if model.stats is None else model.stats.networks[number]
        tensors |= {f"members.{number}.{name}": own for name, own in _member_tensors(member, stats).items()}
    return {name: np.ascontiguousarray(values) for name, values in tensors.items()}


def _member_tensors(member: TrainedNetwork, stats: Mapping[int, NetworkStats]) -> Tensors:
    tensors = {f"history.{curve}": getattr(member.history, curve) for curve in CURVES}
    for what, parameters in (("initial", member.initial), ("learnt", member.learnt)):
        for number, layer in enumerate(parameters, start=1):
            tensors |= {f"{what}.{number}.weights": layer.weights, f"{what}.{number}.biases": layer.biases}
    if member.history.snapshots is not None:
        tensors |= {f"snapshots.{name}": own for name, own in member.history.snapshots.to_tensors().items()}
    if stats:
        tensors["stats.epochs"] = np.array(list(stats), np.int64)
        for own in fields(NetworkStats):
            tensors[f"stats.{own.name}"] = np.array([getattr(each, own.name) for each in stats.values()])
    return tensors


class TensorReader:
    """Takes the tensors of a file out of their dict, each once, and checks them: memory is free when it can be.

    Raises:
        ModelFileError: a tensor that is missing, has another shape or type, or holds numbers that are not finite.
    """

    def __init__(self, tensors: dict[str, npt.NDArray[Any]]) -> None:
        self._left = tensors

    def has(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, dtype: str, *shape: int, finite: bool = True) -> npt.NDArray[Any]:
        values = self._left.pop(name, None)
        if values is None:
            raise ModelFileError(f"it lacks the tensor {name}.")
        lengths = zip(values.shape, shape, strict=False)
        if values.dtype != dtype or values.ndim != len(shape) or any(n != m != ANY for n, m in lengths):
            expected = ", ".join("any" if length == ANY else str(length) for length in shape)
            raise ModelFileError(
                f"its tensor {name} is {values.dtype} of the shape {values.shape}, but must be {dtype} ({expected})."
            )
        if finite and not np.isfinite(values).all():
            raise ModelFileError(f"its tensor {name} has numbers that are not finite.")
        return values

    def end(self) -> None:
        """Refuse tensors that nothing has taken."""
        if self._left:
            raise ModelFileError(
                f"it has tensors that do not belong to a model: {', '.join(self._left)[:200]}."
            )


def members_of(records: Records, reader: TensorReader) -> tuple[TrainedNetwork, ...]:
    """The networks of a model with their parameters and histories."""
    dtype = records.settings.dtype
    return tuple(
        TrainedNetwork(
            network=network,
            initial=_parameters(f"members.{number}.initial", network, dtype, reader),
            learnt=_parameters(f"members.{number}.learnt", network, dtype, reader),
            history=_history(f"members.{number}", records.histories[number], network, dtype, reader),
        )
        for number, network in enumerate(records.networks)
    )


def stats_of(
    records: Records, members: tuple[TrainedNetwork, ...], reader: TensorReader
) -> TrainingStats | None:
    """The statistics of the training rows, if the file has them."""
    if not reader.has("stats.count"):
        return None
    inputs, columns = len(records.encoder.input_names), len(records.encoder.encoders)
    count = int(reader.take("stats.count", "int64", 1)[0])
    duplicates = reader.take("stats.duplicates", "int64", ANY, 2)
    if count < 1 or (duplicates.size and not 0 <= duplicates.min() <= duplicates.max() < inputs):
        raise ModelFileError("its statistics count no rows, or name inputs that it does not have.")
    rows = RowStats(
        count=count,
        means=reader.take("stats.means", "float64", inputs),
        deviations=reader.take("stats.deviations", "float64", inputs),
        quantiles=reader.take("stats.quantiles", "float64", len(QUANTILES), inputs),
        duplicates=duplicates,
        variance_explained=reader.take("stats.variance_explained", "float64", columns),
        distances=_distances(len(records.encoder.plain), reader),
    )
    networks = []
    for number, member in enumerate(members):
        start = f"members.{number}.stats"
        epochs = reader.take(f"{start}.epochs", "int64", ANY).tolist()
        # a model as it stood after an earlier epoch has those of the later one, too
        if epochs != sorted({*epochs}) or not {*member.kept} <= {*epochs} <= {
            *range(member.history.epochs + 1)
        }:
            raise ModelFileError(
                f"the statistics of its network {number} are not those of the epochs {list(member.kept)[:5]}."
            )
        hidden, layers = sum(layer.width for layer in member.network.hidden), len(member.network.layers)
        lengths = {"activation_deviations": hidden, "activation_slopes": hidden, "gradients": layers}
        each = [
            reader.take(f"{start}.{own.name}", "float64", len(epochs), lengths[own.name])
            for own in fields(NetworkStats)
        ]
        networks.append({epoch: NetworkStats(*own) for epoch, *own in zip(epochs, *each, strict=True)})
    return stored(rows, tuple(networks))


def _distances(inputs: int, reader: TensorReader) -> Distances:
    inverse = reader.take("stats.inverse", "float64", ANY, ANY)
    limit = float(reader.take("stats.limit", "float64", 1)[0])
    if inverse.shape not in ((0, 0), (inputs, inputs)) or limit < 0:
        raise ModelFileError(
            f"the distances of its training rows are of {inverse.shape} inputs, but it has {inputs}."
        )
    return Distances(inverse, limit)


def _parameters(start: str, network: Network, dtype: str, reader: TensorReader) -> Parameters:
    pairs = []
    for number, (inputs, outputs) in enumerate(network.shapes, start=1):
        weights = reader.take(f"{start}.{number}.weights", dtype, inputs, outputs)
        pairs.append((weights, reader.take(f"{start}.{number}.biases", dtype, outputs)))
    return Parameters.of(network, pairs, dtype)


def _history(
    start: str, own: Mapping[str, Any], network: Network, dtype: str, reader: TensorReader
) -> History:
    epochs = len(loss := reader.take(f"{start}.history.loss", "float64", ANY))
    curves: dict[str, Any] = {"loss": loss}
    for curve in CURVES[1:]:
        empty = curve in VALIDATION
        values = reader.take(f"{start}.history.{curve}", "float64", ANY, finite=not empty)
        if len(values) not in ((0, epochs) if empty else (epochs,)):
            raise ModelFileError(f"its curve {curve} has {len(values)} epochs, but its loss has {epochs}.")
        curves[curve] = values
    if not min(epochs, 1) <= own["best_epoch"] <= epochs:
        raise ModelFileError(
            f"its best epoch is {own['best_epoch']}, but it was trained for {epochs} epochs."
        )
    snapshots = None
    if reader.has(f"{start}.snapshots.plan"):
        snapshots = _snapshots(f"{start}.snapshots", epochs, network.parameter_count, dtype, reader)
    return History(**curves, **own, snapshots=snapshots)


def _snapshots(start: str, last: int, parameters: int, dtype: str, reader: TensorReader) -> Snapshots:
    plan = reader.take(f"{start}.plan", "int64", 2)
    epochs = reader.take(f"{start}.epochs", "int64", ANY)
    vectors = reader.take(f"{start}.parameters", dtype, len(epochs), parameters)
    most, stride = plan.tolist()
    within = np.arange(stride, last + 1, stride) if 0 < stride <= last else epochs[:0]
    if not (most >= max(len(epochs), 1) and stride > 0 and np.array_equal(epochs, within[: len(epochs)])):
        raise ModelFileError(
            f"its snapshots are those of the epochs {epochs.tolist()[:5]}, which no training of {last} epochs keeps."
        )
    return Snapshots.from_tensors({"plan": plan, "epochs": epochs, "parameters": vectors})
