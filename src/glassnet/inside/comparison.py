"""Comparison of two models, or of two epochs of one training, up to single weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError, called, one_report
from glassnet.inside.columns import names_into
from glassnet.inside.frames import to_frame
from glassnet.inside.parameter_changes import (
    ParameterChange,
    change_columns,
    change_table,
    parameter_changes,
)
from glassnet.net import Parameters
from glassnet.text import Block, Heading, Paragraph, Printable, Table, fields_of, number, plain
from glassnet.trained import TrainedModel
from glassnet.training.settings import SETTINGS


@dataclass(frozen=True)
class WeightChange:
    """A single weight or bias in two models.

    Attributes:
        layer: the number of the layer, from 1.
        source: the input or the neuron that the weight comes from; ``"bias"`` for a bias.
        neuron: the neuron that it leads to.
        first: the value in the first model.
        second: the value in the second model.
    """

    layer: int
    source: str
    neuron: str
    first: float
    second: float

    @property
    def change(self) -> float:
        """Second minus first."""
        return self.second - self.first

    def to_dict(self) -> dict[str, Any]:
        """The fields and the change, as JSON can hold them."""
        return fields_of(self) | {"change": plain(self.change)}


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Printable):
    """``first`` against ``second``: two models, or two epochs of one training.

    Attributes:
        changes: two entries for each layer, weights and biases; empty where the networks differ in shape, or where a
            model has several.
        settings: the settings that differ, each with both values.
        figures: what both reached, by name: loss, epochs, held-out metrics.
        predictions: how far the two agree on the given rows.
    """

    first: TrainedModel
    second: TrainedModel
    changes: tuple[ParameterChange, ...]
    settings: dict[str, tuple[Any, Any]]
    figures: dict[str, tuple[float, float]]
    predictions: dict[str, float] = field(default_factory=dict)

    @property
    def same_shape(self) -> bool:
        """Whether the two networks have the same shapes, so that weights can be compared one by one."""
        return bool(self.changes)

    @property
    def same_start(self) -> bool:
        """Whether both started from the same parameters; otherwise their neurons need not correspond."""
        return self.same_shape and np.array_equal(self.first.initial.vector, self.second.initial.vector)

    @property
    def differences(self) -> Parameters:
        """Second minus first, for every weight and bias: ``differences[0].weights`` is (I, O).

        Raises:
            InputError: the networks have different shapes.
        """
        if not self.same_shape:
            raise InputError(f"the weights cannot be compared one by one. {self._why_not}")
        first, second = (model.learnt.vector.astype(np.float64) for model in (self.first, self.second))
        return Parameters(self.first.network, second - first)

    def largest(self, count: int = 10) -> list[WeightChange]:
        """The single weights and biases that differ most."""
        order = np.argsort(-np.abs(self.differences.vector), kind="stable")[:count]
        columns = self._single_weights()
        return [WeightChange(**{name: own[at] for name, own in columns.items()}) for at in order]

    def to_frame(self) -> Any:
        """A DataFrame with two rows for each layer, weights and biases."""
        return to_frame(change_columns(self.changes, "first", "second"))

    def weights_to_frame(self) -> Any:
        """A DataFrame with a row for every single weight and bias: layer, source, neuron, first, second, change."""
        return to_frame({**self._single_weights(), "change": self.differences.vector})

    def _single_weights(self) -> dict[str, list[Any]]:
        """The fields of :class:`WeightChange` for all parameters, in the order of the flat vector."""
        layers: list[int] = []
        sources: list[str] = []
        neurons: list[str] = []
        for number_, (inputs, outputs) in enumerate(self.first.network.shapes, start=1):
            layers += [number_] * ((inputs + 1) * outputs)
            for source in (*names_into(self.first, number_ - 1), "bias"):
                sources += [source] * outputs
            neurons += names_into(self.first, number_) * (inputs + 1)
        first, second = (model.learnt.vector.tolist() for model in (self.first, self.second))
        return {"layer": layers, "source": sources, "neuron": neurons, "first": first, "second": second}

    def to_dict(self, most: int = 10) -> dict[str, Any]:
        """The figures of both; ``most``: how many single weights, those that differ most."""
        return plain(
            {
                "figures": self.figures,
                "settings": self.settings,
                "predictions": self.predictions,
                "same_shape": self.same_shape,
                "same_start": self.same_start,
                "changes": self.changes,
                "largest": self.largest(most) if self.same_shape else [],
                "cautions": self._cautions(),
            }
        )

    def blocks(self, most: int = 10) -> list[Block]:
        """Both side by side; ``most``: how many single weights are shown, those that differ most."""
        blocks: list[Block] = [Heading("First against second")]
        rows = [(name, _cell(a), _cell(b)) for name, (a, b) in {**self.figures, **self.settings}.items()]
        if rows:
            blocks.append(Table(("", "first", "second"), rows))
        if self.predictions:
            cells = [(name, _cell(value)) for name, value in self.predictions.items()]
            blocks += [Heading("Predictions for the given rows", 3), Table((), cells)]
        if not self.same_shape:
            return [*blocks, Paragraph(self._why_not)]
        blocks += [Heading("Weights and biases", 3), change_table(self.changes, "first", "second")]
        lines = [
            (str(each.layer), each.source, each.neuron, *map(_cell, (each.first, each.second, each.change)))
            for each in self.largest(most)
            if each.change
        ]
        if lines:
            head = ("layer", "from", "to", "first", "second", "change")
            blocks += [Heading("Single weights that differ most", 3), Table(head, lines, "><<>>>", keys=3)]
        return [*blocks, *map(Paragraph, self._cautions())]

    @property
    def _why_not(self) -> str:
        """Why weights are not compared one by one."""
        first, second = self.first, self.second
        counts = len(first.members), len(second.members)
        if counts == (1, 1):
            return f"The networks have different shapes: {first.network} against {second.network}."
        return (
            f"The models have {counts[0]} and {counts[1]} networks; to compare the weights of two, choose one of each, "
            f"for example by {called('member', 0)}."
        )

    def _cautions(self) -> list[str]:
        """Why weights in the same place may not correspond."""
        found = []
        first, second = (model.encoder.input_names for model in (self.first, self.second))
        if first != second:
            at = next(at for at, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1])
            found.append(
                "The inputs are not the same, so weights in the same place belong to different inputs; the names "
                f"above are those of the first model. Input {at + 1} is {first[at]} in the first, {second[at]} in the "
                "second."
            )
        if not self.same_start:
            found.append(
                "The two did not start from the same parameters: neurons in the same place need not correspond, and "
                "their weights may differ widely where the predictions do not."
            )
        return found


@one_report()
def compare(first: TrainedModel, second: TrainedModel, table: Any = None) -> Comparison:
    """Compare two models, or two epochs of one training (``model.at(epoch)``), down to single weights.

    Args:
        first: a model.
        second: another one.
        table: rows for which the predictions are compared; with their target, the metrics of both are added.

    Raises:
        InputTypeError: ``first`` or ``second`` is not a model.
        InputError: the models predict different types of targets, and there are rows to compare.
    """

    for what, given in (("first", first), ("second", second)):
        if not isinstance(given, TrainedModel):
            raise InputTypeError(f"{what} is {given!r:.80}, but must be a model; glassnet.load reads one.")
    alone = len(first.members) == len(second.members) == 1
    same_shape = alone and first.network.shapes == second.network.shapes
    return Comparison(
        first=first,
        second=second,
        changes=parameter_changes(first.learnt, second.learnt) if same_shape else (),
        settings={
            name: (getattr(first.settings, name), getattr(second.settings, name))
            for name in SETTINGS
            if getattr(first.settings, name) != getattr(second.settings, name)
        },
        figures=_figures(first, second),
        predictions={} if table is None else _predictions(first, second, table),
    )


def _figures(first: TrainedModel, second: TrainedModel) -> dict[str, tuple[float, float]]:
    epochs = [
        model.epoch if len(model.members) == 1 else model.history.best_epoch for model in (first, second)
    ]
    found: dict[str, tuple[float, float]] = {"epoch": (epochs[0], epochs[1])}
    for name, shown in (("loss", "training loss"), ("validation_loss", "validation loss")):
        values = [
            float(curve[epoch - 1])
            if 0 < epoch <= len(curve := getattr(model.history, name))
            else float("nan")
            for model, epoch in zip((first, second), found["epoch"], strict=True)
        ]
        if not np.isnan(values).all():
            found[shown] = values[0], values[1]
    if first.holdout is not None and second.holdout is not None:
        for name, value in first.holdout.metrics.items():
            if name in second.holdout.metrics:
                found[f"held-out {name}"] = value, second.holdout.metrics[name]
    return found


def _predictions(first: TrainedModel, second: TrainedModel, table: Any) -> dict[str, float]:
    models = {"first": first, "second": second}
    encoded = {name: model.encode(table) for name, model in models.items()}
    a, b = (model.target.decode(model.outputs(encoded[name].inputs)) for name, model in models.items())
    if a.shape != b.shape or (a.dtype.kind == "f") != (b.dtype.kind == "f"):
        raise InputError(
            "the two models predict different types of targets, so their predictions cannot be compared."
        )
    if first.target.classes is not None:
        found = {"share of rows with the same label": float((a == b).mean())}
    else:
        found = {
            "mean absolute difference": float(np.abs(a - b).mean()),
            "largest difference": float(np.abs(a - b).max()),
        }
    for name, model in models.items():
        if (labeled := model.labeled(encoded[name])) is not None:
            metrics = model.evaluate_rows(labeled).metrics
            found |= {f"{metric} of the {name}": value for metric, value in metrics.items()}
    return found


def _cell(value: Any) -> str:
    return number(float(value)) if isinstance(value, (float, np.floating)) else str(value)
