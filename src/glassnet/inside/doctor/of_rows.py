"""Checks of single rows: those unlike the rows of the training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from glassnet.inside.columns import column_slices
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding, listed, rows_that
from glassnet.inside.grids import number_range
from glassnet.tables import CategoryEncoder, NumberEncoder

Places = npt.NDArray[np.intp]

BEYOND = 0.5  # of the training rows' range, to both sides
SHOWN = 10


def unlike_training(context: Context) -> Iterator[Finding]:
    assert context.encoded is not None
    inputs, table = context.encoded.inputs, context.encoded.table
    strange: dict[str, Places] = {}
    for stage in context.model.encoder.encoders:
        place = column_slices(context.model.encoder)[stage.column]
        own = inputs[:, place]
        if isinstance(stage, NumberEncoder):
            low, high = number_range(context.model, stage)
            room = BEYOND * (high - low) or 1.0
            values = own[:, 0].astype(np.float64)
            rows = np.flatnonzero((values < low - room) | (values > high + room))
        elif isinstance(stage, CategoryEncoder) and not stage.other:
            rows = np.flatnonzero(~own.any(axis=1))
            if not stage.missing_flag:
                gaps = table.column(stage.column).is_null().to_numpy()
                rows = rows[~gaps[rows]]
        else:
            continue
        if len(rows):
            strange[stage.column] = rows
    if strange:
        all_rows = np.unique(np.concatenate(list(strange.values())))
        worst = sorted(strange, key=lambda name: -len(strange[name]))
        yield Finding(
            "unlike_training",
            _severity(len(all_rows) / len(inputs)),
            f"{rows_that(len(all_rows), len(inputs), 'are', 'is')} unlike the training rows: "
            f"row {listed([str(row + 1) for row in all_rows], SHOWN)}.",
            "Values far beyond the training rows' range, or levels that training never saw, in "
            f"{listed([f'{name} ({len(strange[name])} rows)' for name in worst])}.",
            "Predictions there are guesses: check units and spelling, or train on rows like these.",
            tuple(str(row + 1) for row in all_rows),
        )


def _severity(share: float) -> str:
    return "serious" if share > 0.1 else "warning" if share > 0.01 else "note"
