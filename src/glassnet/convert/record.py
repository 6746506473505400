"""From layers, column encoders and a target encoding of another library to a record."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from glassnet import engines
from glassnet.net import ACTIVATIONS, Network, Parameters
from glassnet.net.arrays import Array
from glassnet.tables import Encoder, Schema, Table
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.encode.number import NumberEncoder
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.schema import CATEGORY, NUMBER, REGRESSION, Column
from glassnet.targets import Label, TargetEncoding, Targets, encodings_of
from glassnet.trained import TrainedModel
from glassnet.training.history import History
from glassnet.training.prepare import Known, prepare
from glassnet.training.settings import Settings
from glassnet.training.setup import Streams, for_task, network_of
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.training_inputs import table_and_target
from glassnet.version import VERSION

M = TypeVar("M", bound=TrainedModel)


@dataclass(frozen=True, eq=False)
class Dense:
    """A layer: weights (I, O), biases (O,), the name of its activation, and the share that training drops."""

    weights: Array
    biases: Array
    activation: str = "identity"
    dropout: float = 0.0


@dataclass(frozen=True)
class Inputs:
    """The columns of a table and how they become inputs.

    Attributes:
        columns: all columns, those that are not used included.
        encoders: one for each column that is used, in their order.
        read_options: how a table is to be read.
    """

    columns: tuple[Column, ...]
    encoders: tuple[ColumnEncoder, ...]
    read_options: ReadOptions = AS_FOUND


def plain_numbers(names: Sequence[str]) -> Inputs:
    """Columns of numbers that are inputs as they are."""
    encoders = tuple(NumberEncoder(name, False, 0.0, 0.0, 1.0) for name in names)
    return Inputs(tuple(Column(name, NUMBER) for name in names), encoders)


def numbers_target(
    names: Sequence[str], dtype: npt.DTypeLike, mean: Sequence[float] = (), scale: Sequence[float] = ()
) -> TargetEncoding:
    """Targets of numbers: an output times ``scale`` plus ``mean``; by default the output itself."""
    count = len(names)
    means, scales = tuple(mean) or (0.0,) * count, tuple(scale) or (1.0,) * count
    return TargetEncoding(tuple(names), REGRESSION, None, means, scales, np.dtype(dtype).name)


def classes_target(name: str, classes: Sequence[Label], outputs: int, dtype: npt.DTypeLike) -> TargetEncoding:
    """A target of ``classes`` in ascending order; with one output, the probability of the second of two."""
    task = "binary" if outputs == 1 else "multiclass"
    text = any(isinstance(label, str) for label in classes)
    return TargetEncoding((name,), task, tuple(classes), (0.0,), (1.0,), np.dtype(dtype).name, text)


def record(
    model_class: type[M],
    members: Sequence[Sequence[Dense]],
    inputs: Inputs,
    target: Targets,
    origin: str,
    rows: Any = None,
) -> M:
    """A record of networks that another library trained.

    Args:
        model_class: the class of the record.
        members: the layers of each network; the same widths and activations in all.
        inputs: how columns become the networks' inputs.
        target: how outputs become the target's values.
        origin: what was converted, with the versions of its library.
        rows: the training rows with their target, which the statistics, the baseline and the ranges of the columns are
            computed from; ``None`` if they are unknown.
    """
    *hidden, output = members[0]
    dtype = np.dtype(target.dtype)
    each = encodings_of(target)
    task = "binary" if len(target.columns) == 1 and len(each[0].classes or ()) == 2 else target.task
    settings = for_task(
        Settings(
            recipe="single",
            hidden=tuple(layer.weights.shape[1] for layer in hidden),
            activation=tuple(ACTIVATIONS[layer.activation] for layer in hidden) or ACTIVATIONS["relu"],
            output_activation=ACTIVATIONS[output.activation],
            dropout=tuple(layer.dropout for layer in hidden) or 0.0,
            members=len(members),
            l2=0.0,
            validation=0.0,
            scaling="none",
            dtype=dtype.name,
            seed=0,
        ),
        task,
    )
    network = network_of(settings, members[0][0].weights.shape[0], output.weights.shape[1])
    encoder = Encoder(inputs.encoders, tuple(_unused(inputs, target)))
    schema = Schema(inputs.columns, _target_columns(each), task, read_options=inputs.read_options)
    engine = engines.get("auto", network, settings.objective, settings.optimizer, dtype)
    model = model_class(
        schema=schema,
        encoder=encoder,
        target=target,
        members=tuple(_member(network, layers, dtype) for layers in members),
        settings=settings.recorded(),
        engine_name=engine.name,
        baseline=(),
        provenance={
            "glassnet": VERSION,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "machine": platform.machine(),
            "engine": engine.describe(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "converted": origin,
            "rows": {"train": 0, "validation": 0, "holdout": 0},
        },
    )
    return model if rows is None else _with_rows(model, rows)


def _member(network: Network, layers: Sequence[Dense], dtype: np.dtype[Any]) -> TrainedNetwork:
    parameters = Parameters.of(network, [(own.weights, own.biases) for own in layers], dtype)
    initial = Parameters(network, parameters.vector)  # it is not known
    return TrainedNetwork(network, initial, parameters, History(stop_reason="trained elsewhere"))


def _unused(inputs: Inputs, target: Targets) -> list[str]:
    used = {encoder.column for encoder in inputs.encoders}
    return [name for name in (*(own.name for own in inputs.columns), *target.columns) if name not in used]


def _target_columns(each: Sequence[TargetEncoding]) -> tuple[Column, ...]:
    found = []
    for own in each:
        if own.classes is None:
            found += [Column(name, NUMBER) for name in own.columns]
            continue
        labels = tuple(map(str, own.classes))
        found.append(Column(own.columns[0], CATEGORY, levels=len(labels), examples=labels, text=own.text))
    return tuple(found)


def _with_rows(model: M, rows: Any) -> M:
    """``model`` with what follows from its training rows.

    Raises:
        TableError: the rows cannot be read, lack columns or a target, or have values that the model does not know.
    """
    names = list(model.target.columns)
    known = Known(model.schema, model.encoder, model.target)
    prepared = prepare(rows, names, model.settings, Streams.of(0).split, None, known)
    table, _, _ = table_and_target(rows, names, model.schema)
    columns = tuple(_described(own, table) for own in model.schema.columns)
    schema = replace(model.schema, columns=columns, rows=table.num_rows)
    counts = {**model.provenance["rows"], "train": len(prepared.train)}
    model = replace(
        model,
        schema=schema,
        baseline=prepared.baseline,
        training_rows=prepared.training_rows,
        provenance={**model.provenance, "data": prepared.fingerprint, "rows": counts},
    )
    return replace(model, stats=model.stats_of(prepared.train))


def _described(column: Column, table: Table) -> Column:
    """``column`` with the range of its numbers, or its levels, the most frequent first."""
    if column.type not in (NUMBER, CATEGORY):
        return column
    values = table.column(column.name)
    if column.type == NUMBER:
        known = values.numbers[~np.isnan(values.numbers)]
        ends = (float(known.min()), float(known.max())) if len(known) else (None, None)
        return replace(column, missing=values.missing, minimum=ends[0], maximum=ends[1])
    order = np.argsort(-values.words.counts(), kind="stable")
    frequent = [values.words.texts[at] for at in order.tolist()]
    others = [level for level in column.examples if level not in frequent]
    return replace(column, missing=values.missing, examples=(*frequent, *others), levels=len(column.examples))
