"""The proof that an export answers as its model does: it is run, and its answers are compared."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import TableError, plural, reporting_to
from glassnet.ship.export.form import ExportFailed, Form, Ran, Unavailable
from glassnet.ship.export.program import Array, ModelProgram, as_document, label_text
from glassnet.ship.export.rows import RawRows, adversarial, made_up, rows_of_table, thinned
from glassnet.ship.export.runtime import arrays
from glassnet.tables import Table
from glassnet.targets import TargetGroup
from glassnet.text import Block, Paragraph, Printable
from glassnet.trained import TrainedModel
from glassnet.training.encoded_rows import EncodedTable

MOST_ROWS = 1000
BLOCK = 10_000  # rows whose outputs are computed at once
# Largest relative differences by rounding: an export from float64 arithmetic, which in turn differs from the engine's.
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}
EXTREMES = 100  # times as much: what far larger numbers than those of training may lose by cancellation in the engine


@dataclass(frozen=True)
class Difference:
    """The largest difference between two answers to a row: relative to the number, or to 1 (a probability) or the
    target's scale where that is larger. ``row`` and ``name`` say where it is."""

    size: float
    row: str
    name: str

    def __str__(self) -> str:
        return f"{self.size:.2g} ({self.name}, {self.row})" if self.size else "0"


@dataclass(frozen=True)
class Certificate(Printable):
    """What running an export showed.

    Attributes:
        form: the form of the export.
        rows: how many rows of a table were tried; 0 if none was given.
        made_up: how many rows were made up from the ranges and levels of the training table.
        adversarial: how many rows had gaps, unseen levels, extreme or tiny numbers, empty texts or old dates.
        difference: the largest one from the same arithmetic in float64; None if the export could not be run.
        from_engine: the largest one from the engine's predictions, in the rows that are not adversarial.
        from_engine_adversarial: the same in those that are.
        single: the largest one of the functions in float32 from those in float64, if the export has both.
        single_from_engine: the largest one of the functions in float32 from the engine's predictions, in the rows that
            are not adversarial.
        engine: the engine's name and data type.
        labels: in how many rows another label was predicted than by the arithmetic in float64.
        tools: what ran it, with versions.
        faults: why it is not proven, or is wrong; empty if all is well.
        loss: what was tried in another form than the table has it, and what rounded weights lose, in sentences.
        not_run: why it was not run, if it was not.
    """

    form: str
    rows: int = 0
    made_up: int = 0
    adversarial: int = 0
    difference: Difference | None = None
    from_engine: Difference | None = None
    from_engine_adversarial: Difference | None = None
    single: Difference | None = None
    single_from_engine: Difference | None = None
    engine: str = ""
    labels: int = 0
    tools: str = ""
    faults: tuple[str, ...] = ()
    loss: tuple[str, ...] = ()
    not_run: str = ""

    @property
    def passed(self) -> bool:
        """Whether the export was run and answered as the model does."""
        return not self.faults and not self.not_run

    def lines(self) -> list[str]:
        """The certificate as text."""
        if self.not_run:
            return [
                f"None: {self.not_run}.",
                "Prove it where that is installed: glassnet verify OUT MODEL TABLE",
            ]
        kinds = {"of a table": self.rows, "made up": self.made_up, "adversarial": self.adversarial}
        shown = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
        found = [
            f"Rows tried: {shown}.",
            f"Largest difference from the same arithmetic in float64: {self.difference}.",
            f"Largest difference from the predictions of the engine ({self.engine}): {self.from_engine}; "
            f"in adversarial rows {self.from_engine_adversarial}.",
            *(
                [
                    f"Computed in float: largest difference from double {self.single}, from the engine "
                    f"{self.single_from_engine}."
                ]
                if self.single
                else []
            ),
            f"Rows with another label: {self.labels}.",
            f"Run with: {self.tools}.",
        ]
        faults = (f"FAULT: {' '.join(fault.split())}" for fault in self.faults)
        return [*found, *self.loss, *faults]

    def blocks(self) -> list[Block]:
        """The certificate as a paragraph for each line."""
        return [Paragraph(line, 2) for line in self.lines()]


def rows_to_try(
    model: TrainedModel,
    program: ModelProgram,
    table: Table | None,
    most: int,
    most_adversarial: int = sys.maxsize,
) -> tuple[RawRows, Certificate]:
    """Rows of ``table``, or made-up ones, and adversarial ones; and a certificate that has their numbers alone."""
    described = {own.source.column: model.schema[own.source.column] for own in program.columns}
    usual = made_up(program, described, most) if table is None else rows_of_table(program, table, most)
    strange = thinned(adversarial(program, described), most_adversarial)
    of_table, of_ranges = (0, len(usual)) if table is None else (len(usual), 0)
    return usual + strange, Certificate("", of_table, of_ranges, len(strange))


def certify(
    form: Form,
    path: Path,
    model: TrainedModel,
    program: ModelProgram,
    encoded: EncodedTable | None,
    most: int = MOST_ROWS,
) -> Certificate:
    """Run the export ``path`` and compare what it answers."""
    limit = form.most_rows(program)
    table = None if encoded is None else encoded.table
    rows, counted = rows_to_try(model, program, table, min(most, limit), limit)
    certificate = replace(counted, form=form.name, engine=f"{model.engine.name}, {program.dtype}")
    own = form.program(program)
    try:
        ran = form.run(path, own, rows)
    except Unavailable as error:
        return replace(certificate, not_run=str(error))
    except ExportFailed as error:
        return replace(certificate, faults=(str(error),))
    try:
        expected = reference(own, rows)
    except ValueError as error:  # such as a date in a notation that exports do not read
        return replace(certificate, faults=(f"exports do not read what the table holds: {error}",))
    engine = _of_engine(model, rows.to_table(program))
    difference = largest(program, rows, ran.numbers, expected.numbers)
    exact = expected if own is program else reference(program, rows)
    usual = counted.rows + counted.made_up
    sizes = [largest(program, rows, exact.numbers, engine, own) for own in (slice(usual), slice(usual, None))]
    found = [largest(program, rows, ran.numbers, engine, own) for own in (slice(usual), slice(usual, None))]
    single = single_from_engine = None
    if ran.single is not None:
        single = largest(program, rows, ran.single, ran.numbers)
        single_from_engine = largest(program, rows, ran.single, engine, slice(usual))
    labels = _other_labels(program, ran, expected)
    loss = rows.notes
    if own is not program:
        loss += (_lost(program, rows, exact, expected), *_lost_of_target(model, program, own, encoded))
    faults = []
    if not difference.size <= TOLERANCE[ran.precision]:
        faults.append(f"its answers differ by {difference} from those of the model")
    allowed = TOLERANCE[program.dtype]
    for size, bound in zip(sizes, (allowed, EXTREMES * allowed), strict=True):
        if not size.size <= bound:
            faults.append(f"its arithmetic differs by {size} from that of the engine")
    if labels:
        faults.append(f"{plural(labels, 'row gets', 'rows get')} another label")
    return replace(
        certificate,
        difference=difference,
        from_engine=found[0],
        from_engine_adversarial=found[1],
        single=single,
        single_from_engine=single_from_engine,
        labels=labels,
        tools=ran.tools,
        faults=tuple(faults),
        loss=loss,
    )


def _lost(program: ModelProgram, rows: RawRows, exact: Ran, rounded: Ran) -> str:
    """What rounded weights change, in a sentence."""
    found = largest(program, rows, rounded.numbers, exact.numbers)
    usual = np.abs(rounded.numbers - exact.numbers).mean()
    pairs = zip(exact.labels, rounded.labels, strict=True)
    other = np.zeros(len(rows), bool)
    for before, after in pairs:
        other |= np.array(before) != np.array(after)
    labels = f"; {int(other.sum())} of {len(rows)} rows get another label" if exact.labels else ""
    return f"Weights of 8 bits: predictions change by at most {found}, on average by {usual:.2g}{labels}."


def _lost_of_target(
    model: TrainedModel, exact: ModelProgram, rounded: ModelProgram, encoded: EncodedTable | None
) -> tuple[str, ...]:
    """How well the target is predicted with the weights and with the rounded ones, if the rows of a table have it."""
    try:
        labeled = None if encoded is None else model.labeled(encoded)
    except TableError as error:
        return (f"Weights of 8 bits: their loss on the target was not measured: {error}",)
    if labeled is None:
        return ()
    before, after = (
        model.evaluate_rows(labeled, _outputs(program, labeled.rows.inputs)).metrics
        for program in (exact, rounded)
    )
    shown = [f"{name} {before[name]:.5g} before and {after[name]:.5g} after" for name in before]
    return (f"Weights of 8 bits, on {len(labeled):,} rows with a target: {', '.join(shown)}.",)


def _outputs(program: ModelProgram, inputs: Array) -> Array:
    """The outputs (N, O) for the inputs (N, I), a block of rows at a time."""
    document = _document(program)
    blocks = range(0, len(inputs), BLOCK)
    return np.vstack(
        [arrays.outputs_of(document, inputs[at : at + BLOCK].astype(np.float64)) for at in blocks]
    )


def reference(program: ModelProgram, rows: RawRows) -> Ran:
    """The answers of a program, in float64."""
    document = _document(program)
    outputs = arrays.outputs_of(document, arrays.inputs_of(document, rows.columns))
    numbers, labels = [], []
    for answer, own in zip(document["answers"], program.answers, strict=True):
        if own.classes is None:
            numbers.append(arrays.numbers_of(answer, outputs)[:, None])
            continue
        numbers.append(arrays.probabilities_of(answer, outputs))
        texts = [label_text(label) for label in own.classes]
        labels.append([texts[place] for place in arrays.places_of(answer, outputs).tolist()])
    return Ran(np.hstack(numbers), tuple(labels), f"NumPy {np.__version__}")


def _document(program: ModelProgram) -> dict[str, Any]:
    """``program`` as the reference takes it."""
    members = [
        [(layer.weights, layer.biases, layer.activation) for layer in layers] for layers in program.members
    ]
    return {**as_document(program), "members": members}


def _of_engine(model: TrainedModel, table: Any) -> Array:
    """The numbers (N, K) that the model itself predicts."""
    with reporting_to(lambda notes: None):
        outputs = model.known_outputs(model.encode(table).inputs)
    target = model.target
    if isinstance(target, TargetGroup):
        return np.hstack([*target.probabilities_of_each(outputs).values()])
    if target.classes is not None:
        return target.probabilities(outputs)
    return target.in_units(outputs)


def largest(
    program: ModelProgram, rows: RawRows, found: Array, expected: Array, part: slice = slice(None)
) -> Difference:
    """The largest difference of ``found`` (N, K) from ``expected`` in some rows; infinite where one is no number."""
    units = [1.0 if own.classes is not None else own.scale for own in program.answers for _ in own.names]
    own, other = found[part], expected[part]
    with np.errstate(invalid="ignore"):
        sizes = np.abs(own - other) / np.maximum(np.abs(other), units)
    sizes[np.isnan(own) != np.isnan(other)] = np.inf
    sizes = np.nan_to_num(sizes, nan=0.0, posinf=np.inf)
    row, place = np.unravel_index(int(sizes.argmax()), sizes.shape)
    return Difference(float(sizes[row, place]), rows.names[part][int(row)], program.names[int(place)])


def _other_labels(program: ModelProgram, ran: Ran, expected: Ran) -> int:
    """In how many rows another label was predicted, where rounding cannot be why."""
    wrong = np.zeros(len(ran.numbers), bool)
    first, at = 0, 0
    for answer in program.answers:
        width = len(answer.names)
        if answer.classes is not None:
            own = np.sort(expected.numbers[:, first : first + width], axis=1)
            clear = own[:, -1] - own[:, -2] > 2 * TOLERANCE[ran.precision]
            differ = np.array([a != b for a, b in zip(ran.labels[at], expected.labels[at], strict=True)])
            wrong |= clear & differ
            at += 1
        first += width
    return int(wrong.sum())
