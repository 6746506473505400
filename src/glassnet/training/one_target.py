"""One of several targets of classes: the part of a trained model that predicts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.errors import InputError
from glassnet.evaluation import Evaluation
from glassnet.net import Parameters
from glassnet.net.arrays import Array
from glassnet.tables import Column, Note
from glassnet.tables.schema import UNUSABLE
from glassnet.targets import TargetEncoding, TargetGroup, Targets
from glassnet.training.snapshots import Snapshots
from glassnet.training.trained_network import TrainedNetwork
from glassnet.training.training_stats import RowStats, TrainingStats


def parts_of(name: str, target: Targets, model: Any) -> dict[str, Any]:
    """The parts of a trained model that depend on its targets, by their names, for the target ``name`` alone.

    Raises:
        InputError: several targets of numbers.
    """
    if not isinstance(target, TargetGroup):
        if len(target.columns) == 1:
            return {}
        raise InputError("for_target is for several targets of classes, but this model predicts numbers.")
    schema, stats = model.schema, model.stats
    place, outputs = target.columns.index(name), target.slices[name]
    own = target.each[place]
    others = [
        Column(column.name, UNUSABLE, Note("another_target", "another target"), column.missing)
        for column in schema.target
        if column.name != name
    ]
    one = replace(schema, columns=(*schema.columns, *others), target=(schema.target[place],), task=own.task)
    left_out = [column.name for column in one.columns if column.type == UNUSABLE]
    return {
        "schema": one,
        "encoder": replace(model.encoder, ignored=(*left_out, name)),
        "target": own,
        "members": tuple(_with_outputs(member, outputs) for member in model.members),
        "baseline": _baseline(own, model.baseline[outputs]),
        "holdout": _alone(model.holdout, target, name),
        "validation": _alone(model.validation, target, name),
        "training_rows": None,
        "stats": None
        if stats is None
        else TrainingStats(lambda: _of_inputs(stats.rows), lambda: stats.networks),
    }


def _baseline(target: TargetEncoding, means: tuple[float, ...]) -> tuple[float, ...]:
    """The shares of a target's classes from the means of its outputs, if they are known."""
    return tuple(target.shares(np.array([means]))[0].tolist()) if means else ()


def _with_outputs(member: TrainedNetwork, outputs: slice) -> TrainedNetwork:
    """The network with these outputs only."""
    whole, last = member.network, member.network.output
    width = outputs.stop - outputs.start
    network = replace(whole, layers=(*whole.hidden, replace(last, width=width)))

    def cut(vector: Array) -> Parameters:
        layers = list(Parameters(whole, vector))
        layers[-1] = layers[-1]._replace(
            weights=layers[-1].weights[:, outputs], biases=layers[-1].biases[outputs]
        )
        return Parameters.of(network, layers, vector.dtype)

    history = member.history
    if history.snapshots is not None:
        tensors = history.snapshots.to_tensors()
        rows = [cut(vector).vector for vector in tensors["parameters"]]
        tensors["parameters"] = np.array(rows, member.learnt.dtype).reshape(
            len(rows), network.parameter_count
        )
        history = replace(history, snapshots=Snapshots.from_tensors(tensors))
    return TrainedNetwork(network, cut(member.initial.vector), cut(member.learnt.vector), history)


def _alone(found: Evaluation | None, target: TargetGroup, name: str) -> Evaluation | None:
    """The evaluation of one target; None if no row that counts has it."""
    if found is None or found.probabilities is None or found.rows is None:
        return None
    place = target.columns.index(name)
    rows = [row for row, label in enumerate(found.actual[:, place].tolist()) if label is not None]
    ends = np.cumsum([0, *(len(own.labels) for own in target.each)])
    weights = None if found.weights is None else found.weights[rows]

    def own(figures: Mapping[str, Any]) -> dict[str, Any]:
        return {key.removesuffix(f" {name}"): figures[key] for key in figures if key.endswith(f" {name}")}

    actual, predicted = (np.array(each[rows, place].tolist()) for each in (found.actual, found.predicted))
    return (
        None
        if not rows or (weights is not None and not weights.any())
        else Evaluation(
            own(found.metrics),
            own(found.baseline),
            actual,
            predicted,
            found.probabilities[rows, ends[place] : ends[place + 1]],
            found.rows[rows],
            gains=own(found.gains),
            weights=weights,
        )
    )


def _of_inputs(rows: RowStats) -> RowStats:
    """Without what the columns explain of the targets, which is known of all of them together only."""
    return replace(rows, variance_explained=np.zeros_like(rows.variance_explained))
