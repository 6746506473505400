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
from glassnet.tensor_file import ANY, TensorReader, Tensors
from glassnet.trained import TrainedModel
from glassnet.training.distances import Distances
from glassnet.training.history import History
from glassnet.training.history_tensors import history_of, history_tensors
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.training_stats import QUANTILES, NetworkStats, RowStats, TrainingStats, stored


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
    tensors = dict(history_tensors(member.history))
    for what, parameters in (("initial", member.initial), ("learnt", member.learnt)):
        for number, layer in enumerate(parameters, start=1):
            tensors |= {f"{what}.{number}.weights": layer.weights, f"{what}.{number}.biases": layer.biases}
    if stats:
        tensors["stats.epochs"] = np.array(list(stats), np.int64)
        for own in fields(NetworkStats):
            tensors[f"stats.{own.name}"] = np.array([getattr(each, own.name) for each in stats.values()])
    return tensors


def members_of(records: Records, reader: TensorReader) -> tuple[TrainedNetwork, ...]:
    """The networks of a model with their parameters and histories."""
    dtype = records.settings.dtype
    return tuple(
        TrainedNetwork(
            network=network,
            initial=_parameters(f"members.{number}.initial", network, dtype, reader),
            learnt=_parameters(f"members.{number}.learnt", network, dtype, reader),
            history=_ended(
                history_of(
                    f"members.{number}", records.histories[number], network.parameter_count, dtype, reader
                )
            ),
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


def _ended(history: History) -> History:
    """A history that training has ended."""
    if history.epochs and not history.best_epoch:
        raise ModelFileError(f"its best epoch is 0, but it was trained for {history.epochs} epochs.")
    return history


def _parameters(start: str, network: Network, dtype: str, reader: TensorReader) -> Parameters:
    pairs = []
    for number, (inputs, outputs) in enumerate(network.shapes, start=1):
        weights = reader.take(f"{start}.{number}.weights", dtype, inputs, outputs)
        pairs.append((weights, reader.take(f"{start}.{number}.biases", dtype, outputs)))
    return Parameters.of(network, pairs, dtype)
