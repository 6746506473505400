"""The rows of a training: in memory, or in a cache on a disk if they do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.evaluation import Evaluation
from glassnet.streaming.budget import too_large
from glassnet.tables.notes import report_or_refuse
from glassnet.tables.seeds import Stream
from glassnet.training.prepare import Known, Prepared, prepare
from glassnet.training.settings import Settings


def prepared_rows(
    table: Any,
    target: str | Sequence[str] | None,
    settings: Settings,
    stream: Stream,
    validation: Any,
    known: Known | None,
) -> Prepared:
    """As :func:`glassnet.training.prepare.prepare`, whatever the size of the table.

    Warns:
        AssumptionWarning: the table does not fit into memory; with ``strict``, it is refused instead.
    """
    found = None if known else too_large(table, settings)
    if found is None:
        return prepare(table, target, settings, stream, validation, known)
    blocks, note = found
    report_or_refuse([note], settings.strict)
    from glassnet.streaming.prepare import prepare_blocks

    return prepare_blocks(blocks, target, settings, stream, validation)


def evaluate_holdout(model: Any, prepared: Prepared) -> Evaluation | None:
    """The evaluation of a model on the holdout rows; ``None`` without such rows."""
    rows, outputs = prepared.holdout, None
    if rows is None:
        return None
    if prepared.cached is not None:
        outputs = np.concatenate([model.outputs(inputs) for inputs in prepared.cached.holdout_inputs()])
    found: Evaluation = model.evaluate_rows(rows, outputs)
    return found
