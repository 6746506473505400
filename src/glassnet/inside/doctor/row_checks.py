"""Checks of given rows: which are unlike the training rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding, listed, rows_that
from glassnet.inside.grids import input_range

MAX_LISTED = 10


def unlike_training(context: Context) -> Iterator[Finding]:
    assert context.encoded is not None
    inputs, table = context.encoded.inputs, context.encoded.table
    unusual: dict[str, npt.NDArray[np.intp]] = {}
    for name, own in context.model.encoder.slices.items():
        ends, missing = input_range(context.model, name), table.column(name).is_missing
        encoder, described = context.model.encoder[name], context.model.schema[name]
        rows = np.flatnonzero(encoder.unusual(inputs[:, own], described, ends, missing))
        if len(rows):
            unusual[name] = rows
    if unusual:
        all_rows = np.unique(np.concatenate(list(unusual.values())))
        worst = sorted(unusual, key=lambda name: -len(unusual[name]))
        yield Finding(
            _severity(len(all_rows) / len(inputs)),
            f"{rows_that(len(all_rows), len(inputs), 'are', 'is')} unlike the training rows: "
            f"row {listed([str(row) for row in all_rows], MAX_LISTED)}.",
            "Values far outside the range of the training rows, or levels that training did not have, in "
            f"{listed([f'{name} ({len(unusual[name])} rows)' for name in worst])}.",
            "Predictions for them are extrapolations: check units and spelling, or train on rows like these.",
            tuple(str(row) for row in all_rows),
        )


def trained_on(context: Context) -> Iterator[Finding]:
    known, labeled = context.model.training_rows, context.labeled
    assert labeled is not None
    count = 0 if known is None else known.count_among(labeled.rows)
    if count:
        yield Finding(
            "note",
            f"{rows_that(count, len(labeled), 'were', 'was')} trained on.",
            "Their inputs and targets are those of training rows, so the network may have memorized them: it predicts "
            "them better than new rows.",
            "None, unless they were meant to judge the model: then take other rows.",
        )


def _severity(share: float) -> str:
    return "serious" if share > 0.1 else "warning" if share > 0.01 else "note"
