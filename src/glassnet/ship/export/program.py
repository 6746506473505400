"""A whole model as data: from raw columns to the target's own values. Every export is written from it.

The steps: the inputs of each column (:mod:`glassnet.tables.encode.program`); for each network its dense layers with
their activations; the mean over the networks' outputs; and for each target its :class:`Answer`. All of it is meant in
float64, whatever the model was trained in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from glassnet.errors import Faults, InputError
from glassnet.net import ACTIVATIONS
from glassnet.ship.export.runtime.cells import TRUE, date_in_text, read_number
from glassnet.tables.date_parsing import TIME_ONLY
from glassnet.tables.encode.column_encoder import ColumnEncoder
from glassnet.tables.encode.program import NUMBERS, TEXTS, TRUTHS, ColumnProgram, Source
from glassnet.tables.missing_tokens import MISSING
from glassnet.tables.read.missing_words import MissingWords
from glassnet.tables.schema import Column, Schema
from glassnet.targets import Label, TargetEncoding, TargetGroup, Targets
from glassnet.trained import TrainedModel

Array: TypeAlias = npt.NDArray[Any]
SMALLEST_SHARE = float(np.finfo(np.float64).eps)  # of probabilities, where there is a temperature


@dataclass(frozen=True, eq=False)
class Dense:
    """A layer: ``activation(inputs @ weights + biases)``.

    Attributes:
        weights: (I, O), of the model's data type.
        biases: (O,).
        activation: its name in :data:`glassnet.net.ACTIVATIONS`.
    """

    weights: Array
    biases: Array
    activation: str


@dataclass(frozen=True)
class Answer:
    """How the outputs ``first`` to ``last`` (exclusive) become the value of one target.

    With ``classes``: the outputs, kept from 0 to 1, are the probability of the second of two classes, or those of all
    classes after they are divided by their sum; a temperature T makes them the softmax of log(p) / T. The label is
    that of the output above 0.5, or of the first of the largest outputs. Without: ``output * scale + mean``, kept from
    ``lowest`` to ``highest``.
    """

    target: str
    first: int
    last: int
    classes: tuple[Label, ...] | None = None
    temperature: float = 1.0
    mean: float = 0.0
    scale: float = 1.0
    lowest: float = -np.inf
    highest: float = np.inf

    @property
    def is_binary(self) -> bool:
        """Whether a single output stands for two classes."""
        return self.classes is not None and self.last - self.first == 1

    @property
    def names(self) -> tuple[str, ...]:
        """What the numbers of the answer are called: the target, or a name for the probability of each class."""
        if self.classes is None:
            return (self.target,)
        return tuple(f"probability of {self.target}={label_text(label)}" for label in self.classes)


@dataclass(frozen=True, eq=False)
class ModelProgram:
    """A model as data.

    Attributes:
        columns: how the inputs follow from the raw columns, in the order of the inputs.
        members: the layers of each network.
        answers: one for each target.
        dtype: the data type in which the model was trained and predicts.
        example: a usual value of each column: a number, a truth, a text, or seconds since 1970 (UTC); None if unknown.
    """

    columns: tuple[ColumnProgram, ...]
    members: tuple[tuple[Dense, ...], ...]
    answers: tuple[Answer, ...]
    dtype: str
    example: tuple[float | bool | str | None, ...]

    @property
    def names(self) -> list[str]:
        """What the numbers of all answers are called, in order."""
        return [name for answer in self.answers for name in answer.names]

    @property
    def inputs(self) -> int:
        """The number of inputs of each network."""
        return sum(len(column.inputs) for column in self.columns)

    @property
    def outputs(self) -> int:
        """The number of outputs of each network."""
        return self.answers[-1].last

    @property
    def widest(self) -> int:
        """The most numbers that a layer takes or gives."""
        widths = [len(layer.biases) for member in self.members for layer in member]
        return max(self.inputs, *widths)

    @property
    def weights(self) -> int:
        """The number of weights of all networks."""
        return sum(layer.weights.size for member in self.members for layer in member)


def program_of(model: TrainedModel) -> ModelProgram:
    """``model`` as data.

    Raises:
        InputError: all at once: column encoders that do not describe themselves, activations of another package.
    """
    faults = Faults()
    columns = []
    for encoder in model.encoder.encoders:
        described = model.schema[encoder.column]
        if type(encoder).value_program is ColumnEncoder.value_program:
            faults.add(
                f"Column {encoder.column!r} cannot be exported: its encoder, {type(encoder).__name__}, has no "
                "value_program, which must describe it."
            )
            continue
        columns.append(_with_missing_words(encoder.program(described), described, model.schema))
    for member in model.members:
        for layer in member.network.layers:
            if ACTIVATIONS.get(layer.activation.name) != layer.activation:
                faults.add(
                    f"The activation {layer.activation} cannot be exported: it is not one of glassnet's own."
                )
    faults.raise_if_any()
    members = tuple(
        tuple(
            Dense(own.weights, own.biases, layer.activation.name)
            for own, layer in zip(member.learnt, member.network.layers, strict=True)
        )
        for member in model.members
    )
    example = tuple(_example(own.source, model.schema[own.source.column]) for own in columns)
    return ModelProgram(tuple(columns), members, _answers(model.target), str(model.dtype), example)


def _example(source: Source, described: Column) -> float | bool | str | None:
    if not described.examples:
        return None
    text = described.examples[0]
    if source.is_text:
        return text
    if source.type == TRUTHS:
        return text.lower() in TRUE
    if source.type == NUMBERS:
        return read_number(text)
    seconds = date_in_text(text, "%Y-%m-%d")
    return date_in_text(text, TIME_ONLY) if seconds is None else seconds


def _with_missing_words(program: ColumnProgram, described: Column, schema: Schema) -> ColumnProgram:
    """``program``, which also takes as missing what reading does."""
    own = MissingWords(schema.read_options, described.name)
    words = dict.fromkeys(
        word for word in (*MISSING, *own.words, *program.source.words) if word not in own.kept
    )
    sentinels = program.source.sentinels
    if program.source.type != TEXTS:
        sentinels = tuple(dict.fromkeys((*sentinels, *own.numbers)))
    return replace(program, source=replace(program.source, words=tuple(words), sentinels=sentinels))


def _answers(target: Targets) -> tuple[Answer, ...]:
    if isinstance(target, TargetGroup):
        places = target.slices.values()
        return tuple(_of_classes(own, at.start, at.stop) for own, at in zip(target.each, places, strict=True))
    if target.classes is not None:
        return (_of_classes(target, 0, target.outputs),)
    return tuple(
        Answer(
            name,
            at,
            at + 1,
            mean=target.mean[at],
            scale=target.scale[at],
            lowest=target.lowest[at] if target.lowest else -np.inf,
            highest=target.highest[at] if target.highest else np.inf,
        )
        for at, name in enumerate(target.columns)
    )


def _of_classes(target: TargetEncoding, first: int, last: int) -> Answer:
    labels = tuple(target.labels.tolist())
    return Answer(target.columns[0], first, last, labels, target.temperature)


def label_text(label: Any) -> str:
    """A label as text: a truth as ``true`` or ``false``, a whole number without a point."""
    return ("true" if label else "false") if isinstance(label, bool) else str(label)


def as_document(program: ModelProgram) -> dict[str, Any]:
    """``program`` as JSON can hold it, but for the parameters, which stay arrays."""
    return {
        "columns": [own.to_dict() for own in program.columns],
        "members": program.members,
        "answers": [
            {
                "target": own.target,
                "first": own.first,
                "last": own.last,
                "classes": None if own.classes is None else list(own.classes),
                "temperature": own.temperature,
                "mean": own.mean,
                "scale": own.scale,
                "lowest": own.lowest if np.isfinite(own.lowest) else None,
                "highest": own.highest if np.isfinite(own.highest) else None,
            }
            for own in program.answers
        ],
    }


def require(faults: list[str], form: str) -> None:
    """Refuse an export for what its form cannot express.

    Raises:
        InputError: there are faults.
    """
    if faults:
        raise InputError([f"This model cannot be exported as {form}: {fault}" for fault in faults])
