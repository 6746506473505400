"""What a model should not be used for, as far as its training tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from glassnet.inside.baseline import no_better
from glassnet.inside.doctor import examine
from glassnet.inside.doctor.findings import listed
from glassnet.intervals import rows_needed
from glassnet.tables.schema import DATETIME, MULTILABEL
from glassnet.tables.value_text import shortened
from glassnet.targets import TargetGroup
from glassnet.training.provenance import trained_on_before

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

FEW_ROWS = 200
RARE = 50  # rows of a class
GAPS = 0.2  # of the rows


def limits(model: TrainedModel) -> Iterator[str]:
    """One sentence or two for each limit."""
    if model.origin:
        yield f"The model was converted from {model.origin}: how well it predicts is not known here."
    if text := no_better(model):
        yield text
    yield from _of_rows(model)
    yield from _of_columns(model)
    yield from _of_evaluation(model)
    yield from _of_doctor(model)
    yield (
        "Predictions follow what goes together in the training rows; they do not say what a change of a column would "
        "cause."
    )


def _of_doctor(model: TrainedModel) -> Iterator[str]:
    """What the doctor finds, but for notes; of several targets of classes, for each of them."""
    several = isinstance(model.target, TargetGroup)
    each = [model.for_target(name) for name in model.target.columns] if several else [model]
    found = [
        f"{finding.title} {finding.evidence}"
        for own in each
        for finding in examine(own)
        if finding.severity != "note" and finding.name != "no_better_than_baseline"
    ]
    yield from dict.fromkeys(found)


def _of_rows(model: TrainedModel) -> Iterator[str]:
    count = model.provenance["rows"]["train"]
    if not model.origin and count < FEW_ROWS:
        yield f"Only {count:,} rows were trained on: predictions and figures are uncertain."
    if model.schema.task == MULTILABEL or model.target.classes is None or not model.baseline:
        return
    if model.settings.sample_weight is not None:
        return  # the shares are those of weights, not of rows
    pairs = zip(model.classes.tolist(), (round(share * count) for share in model.baseline), strict=True)
    rare = [
        f"{shortened(str(label))} ({rows:,} rows)" for label, rows in pairs if rows < min(RARE, count / 4)
    ]
    if rare:
        yield f"Few training rows had the class {listed(rare)}: the model has learned little of it."


def _of_columns(model: TrainedModel) -> Iterator[str]:
    rows = model.schema.rows
    gaps = [
        f"{shortened(column.name)} ({column.missing / rows:.0%})"
        for column in model.schema.inputs
        if rows and column.missing > GAPS * rows
    ]
    if gaps:
        yield f"Many rows have no value of {listed(gaps)}: what the model has learned of it is from the other rows."
    yield (
        "Rows with values outside the ranges listed below, or with other levels, are unlike the training rows: "
        "predictions for them are extrapolations. model.unlike(rows) and glassnet predict (option unlike) find them."
    )
    dates = [shortened(column.name) for column in model.schema.inputs if column.type == DATETIME]
    if dates and model.settings.time is None and not model.origin:
        yield (
            f"The table has dates ({listed(dates)}), but rows were not divided by time: later rows may be predicted "
            "worse than these figures say."
        )


def _of_evaluation(model: TrainedModel) -> Iterator[str]:
    found = model.held_out
    if found is None:
        if not model.origin:
            yield "No row was kept from training: how well the model predicts new rows is not known."
        return
    if model.holdout is None and "folds" not in model.provenance["rows"]:
        yield "No row was held out: the figures are of validation rows, which chose the epoch that was kept."
    part = "validation" if model.holdout is None else "holdout"
    if known := trained_on_before(model.provenance, part):
        yield (
            f"{known} were training rows of the model whose training was continued: figures, calibration and "
            "intervals are better than they are for new rows."
        )
    if (count := len(found.with_weight())) < rows_needed(0.9):
        yield f"With {count} evaluated rows there are no intervals that hold 90 % of actual values."
