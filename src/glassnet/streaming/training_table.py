"""The rows of a training: in memory, or in a cache on a disk if they do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np

from glassnet.errors import TableError
from glassnet.evaluation import Evaluation
from glassnet.streaming.budget import too_large
from glassnet.tables.notes import report_or_refuse
from glassnet.tables.seeds import Stream
from glassnet.training.events import EVENTS_PER_SECOND, Callbacks, CurrentParameters, RowsRead
from glassnet.training.prepare import Known, Prepared, prepare
from glassnet.training.settings import Settings
from glassnet.training.stop import StopToken


def prepared_rows(
    table: Any,
    target: str | Sequence[str] | None,
    settings: Settings,
    stream: Stream,
    validation: Any,
    known: Known | None,
    callbacks: Callbacks,
    stop: StopToken,
) -> Prepared:
    """As :func:`glassnet.training.prepare.prepare`, whatever the size of the table.

    Warns:
        AssumptionWarning: the table does not fit into memory; with ``strict``, it is refused instead.
    """
    asked = settings if known is None else settings.with_checked(memory=None)  # that was for other rows
    found = too_large(table, asked)
    if found is None:
        return prepare(table, target, settings, stream, validation, known)
    blocks, note = found
    if known is not None:
        raise TableError(f"{note.text.partition(':')[0]}; but training goes on with tables in memory only.")
    report_or_refuse([note], settings.strict)
    from glassnet.streaming.prepare import prepare_blocks

    begun = sent = perf_counter()

    def report(doing: str, of: int, rows: int) -> None:
        nonlocal sent
        now = perf_counter()
        if callbacks and now - sent > 1 / EVENTS_PER_SECOND:
            sent = now
            callbacks.send(RowsRead(stop, CurrentParameters(None), doing, rows, of, now - begun))

    return prepare_blocks(blocks, target, settings, stream, validation, report)


@contextmanager
def open_rows(prepared: Prepared) -> Iterator[None]:
    """Within, the rows are needed; after that, a cache of them is not."""
    try:
        yield
    finally:
        if prepared.cached is not None:
            prepared.cached.close()


def evaluate_holdout(model: Any, prepared: Prepared) -> Evaluation | None:
    """The evaluation of a model on the holdout rows; ``None`` without such rows."""
    rows, outputs = prepared.holdout, None
    if rows is None:
        return None
    if prepared.cached is not None:
        outputs = np.concatenate([model.outputs(inputs) for inputs in prepared.cached.holdout_inputs()])
    found: Evaluation = model.evaluate_rows(rows, outputs)
    return found
