"""Two models, or two moments of one training, side by side, down to single weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError
from glassnet.inside.columns import names_into
from glassnet.inside.epochs import epoch_of
from glassnet.inside.frames import to_frame
from glassnet.inside.pages import Block, Grid, Heading, Paragraph, to_text
from glassnet.net import Parameters
from glassnet.net.arrays import Array
from glassnet.trained import TrainedModel


@dataclass(frozen=True)
class LayerComparison:
    """One layer's weights, or its biases, in both.

    ``cosine`` is that of the angle between the two, 1 for the same direction; ``distance`` the norm of their
    difference; ``largest`` the largest change of a single number.
    """

    layer: int
    what: str
    count: int
    first_sum: float
    second_sum: float
    first_norm: float
    second_norm: float
    distance: float
    cosine: float
    largest: float


@dataclass(frozen=True)
class WeightChange:
    """A single number in both; ``source`` is the input or neuron it comes from, or ``bias``."""

    layer: int
    source: str
    neuron: str
    first: float
    second: float

    @property
    def change(self) -> float:
        return self.second - self.first


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """``first`` against ``second``: two models, or two moments.

    ``rows`` has two entries a layer, weights and biases, empty where the networks differ in shape; ``settings`` those
    that differ, with both values; ``figures`` what both reached, by name (loss, epochs, held-out metrics);
    ``predictions`` how the two agree on the rows that were given. ``same_start`` tells whether both started from the
    same parameters: only then is there reason for neurons in the same place to correspond.
    """

    first: TrainedModel
    second: TrainedModel
    rows: list[LayerComparison]
    settings: dict[str, tuple[Any, Any]]
    figures: dict[str, tuple[float, float]]
    predictions: dict[str, float] = field(default_factory=dict)

    @property
    def same_shape(self) -> bool:
        return bool(self.rows)

    @property
    def same_start(self) -> bool:
        return self.same_shape and np.array_equal(self.first.initial.vector, self.second.initial.vector)

    @property
    def differences(self) -> Parameters:
        """Second less first, for every weight and bias: ``differences[0].weights`` is (I, O).

        Raises:
            InputError: the networks have different shapes.
        """
        if not self.same_shape:
            raise InputError(
                f"the weights cannot be compared one by one: {self.first.network} against {self.second.network}."
            )
        first, second = (model.learnt.vector.astype(np.float64) for model in (self.first, self.second))
        return Parameters(self.first.network, second - first)

    def largest(self, count: int = 10) -> list[WeightChange]:
        """The single weights and biases that differ most."""
        change = np.abs(self.differences.vector)
        places = np.argsort(-change, kind="stable")[:count]
        return [_named(self.first, self.second, int(place)) for place in places]

    def to_frame(self) -> Any:
        """A DataFrame with two rows a layer, weights and biases."""
        rows = [asdict(row) for row in self.rows]
        return to_frame({name: [row[name] for row in rows] for name in rows[0]} if rows else {})

    def weights_to_frame(self) -> Any:
        """A DataFrame with a row for every single weight and bias: layer, source, neuron, first, second, change."""
        change = self.differences.vector
        named = [_named(self.first, self.second, place) for place in range(len(change))]
        columns = {
            name: [getattr(each, name) for each in named] for name in WeightChange.__dataclass_fields__
        }
        return to_frame({**columns, "change": change})

    def to_text(self, most: int = 10) -> str:
        """Both side by side; of single weights, those that differ most."""
        return to_text(self._told(most))

    def _told(self, most: int) -> list[Block]:
        blocks: list[Block] = [Heading("First against second")]
        if self.figures or self.settings:
            rows = [(name, _cell(a), _cell(b)) for name, (a, b) in {**self.figures, **self.settings}.items()]
            blocks.append(Grid(("", "first", "second"), rows, "<>>"))
        if self.predictions:
            blocks += [
                Heading("Their predictions for the rows given", 2),
                Grid(("", ""), [(name, _cell(value)) for name, value in self.predictions.items()], "<>"),
            ]
        if not self.same_shape:
            shapes = f"{self.first.network} against {self.second.network}"
            return [*blocks, Paragraph(f"Their weights have no places in common: {shapes}.")]
        head = (
            "layer",
            "",
            "count",
            "sum: first",
            "second",
            "norm: first",
            "second",
            "distance",
            "cosine",
            "largest change",
        )
        cells = [
            (str(row.layer), row.what, str(row.count), *map(_cell, list(asdict(row).values())[3:]))
            for row in self.rows
        ]
        blocks += [Heading("Weights and biases", 2), Grid(head, cells, "><" + ">" * 8)]
        changed = [each for each in self.largest(most) if each.change]
        if changed:
            lines = [
                (
                    str(each.layer),
                    each.source,
                    "→ " + each.neuron,
                    _cell(each.first),
                    _cell(each.second),
                    f"{each.change:+.4g}",
                )
                for each in changed
            ]
            blocks += [
                Heading("The single weights that differ most", 2),
                Grid(("layer", "from", "to", "first", "second", "change"), lines, "><<>>>"),
            ]
        first, second = (model.encoder.input_names for model in (self.first, self.second))
        if first != second:
            at = next(at for at, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1])
            blocks.append(
                Paragraph(
                    "Their inputs are not the same, so weights in the same place belong to different inputs; those "
                    f"named here are the first's. Input {at + 1} is {first[at]} of the first, {second[at]} of the "
                    "second."
                )
            )
        if not self.same_start:
            blocks.append(
                Paragraph(
                    "They did not start from the same parameters: neurons in the same place need not correspond, and "
                    "their weights may differ widely where their predictions do not."
                )
            )
        return blocks

    def __repr__(self) -> str:
        return self.to_text()


def compare(first: TrainedModel, second: TrainedModel, table: Any = None) -> Comparison:
    """Two models, or two moments of one training (``model.at(epoch)``), down to single weights.

    Args:
        table: rows on which to compare their predictions, too; if they have the target, also how good those are.
    """

    for what, given in (("first", first), ("second", second)):
        if not isinstance(given, TrainedModel):
            raise InputTypeError(f"{what} is {given!r:.80}, but must be a model; glassnet.load reads one.")
    return Comparison(
        first=first,
        second=second,
        rows=_rows(first, second) if first.network.shapes == second.network.shapes else [],
        settings={
            name: (first.settings.get(name), second.settings.get(name))
            for name in {**first.settings, **second.settings}
            if first.settings.get(name) != second.settings.get(name)
        },
        figures=_figures(first, second),
        predictions={} if table is None else _predictions(first, second, table),
    )


def _rows(first: TrainedModel, second: TrainedModel) -> list[LayerComparison]:
    return [
        _row(number, what, a, b)
        for number, (one, other) in enumerate(zip(first.learnt, second.learnt, strict=True), start=1)
        for what, a, b in (("weights", one.weights, other.weights), ("biases", one.biases, other.biases))
    ]


def _row(layer: int, what: str, first: Array, second: Array) -> LayerComparison:
    a, b = first.astype(np.float64).ravel(), second.astype(np.float64).ravel()
    norms = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    return LayerComparison(
        layer=layer,
        what=what,
        count=a.size,
        first_sum=float(a.sum()),
        second_sum=float(b.sum()),
        first_norm=norms[0],
        second_norm=norms[1],
        distance=float(np.linalg.norm(b - a)),
        cosine=float(a @ b / (norms[0] * norms[1])) if all(norms) else float("nan"),
        largest=float(np.abs(b - a).max()),
    )


def _figures(first: TrainedModel, second: TrainedModel) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {"epoch": (epoch_of(first), epoch_of(second))}
    both = first.history, second.history
    for name, said in (("loss", "training loss"), ("validation_loss", "validation loss")):
        values = [
            float(curve[epoch - 1]) if 0 < epoch <= len(curve := getattr(history, name)) else float("nan")
            for history, epoch in zip(both, found["epoch"], strict=True)
        ]
        if not np.isnan(values).all():
            found[said] = values[0], values[1]
    if first.holdout is not None and second.holdout is not None:
        for name, value in first.holdout.metrics.items():
            if name in second.holdout.metrics:
                found[f"held-out {name}"] = value, second.holdout.metrics[name]
    return found


def _predictions(first: TrainedModel, second: TrainedModel, table: Any) -> dict[str, float]:
    a, b = (np.asarray(model.predict(table)) for model in (first, second))
    if a.shape != b.shape or (a.dtype.kind == "f") != (b.dtype.kind == "f"):
        raise InputError(
            "the two models do not predict the same kind of target; their predictions have no comparison."
        )
    if first.target.classes is not None:
        found = {"share of rows with the same label": float((a == b).mean())}
    else:
        found = {
            "mean absolute difference": float(np.abs(a - b).mean()),
            "largest difference": float(np.abs(a - b).max()),
        }
    given = first.read(table)
    if set(first.target.columns) <= set(given.column_names):
        for name, own in (("first", first), ("second", second)):
            found |= {
                f"{metric} of the {name}": value for metric, value in own.evaluate(given).metrics.items()
            }
    return found


def _named(first: TrainedModel, second: TrainedModel, place: int) -> WeightChange:
    """The number at ``place`` in the flat vector, by the names of what it joins."""
    start = 0
    for number, (inputs, outputs) in enumerate(first.network.shapes):
        end = start + (inputs + 1) * outputs
        if place < end:
            source, neuron = divmod(place - start, outputs)
            names = names_into(first, number)
            return WeightChange(
                layer=number + 1,
                source=names[source] if source < inputs else "bias",
                neuron=names_into(first, number + 1)[neuron],
                first=float(first.learnt.vector[place]),
                second=float(second.learnt.vector[place]),
            )
        start = end
    raise IndexError(place)


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return "—" if np.isnan(value) else f"{value:.5g}"
    return str(value)
