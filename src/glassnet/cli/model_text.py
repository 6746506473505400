"""What ``train`` and ``show`` print about a model, as blocks of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from glassnet.evaluation import Evaluation
from glassnet.inside.baseline import baseline_rule, no_better
from glassnet.inside.columns import evenly_spaced
from glassnet.inside.overview import kept_text, span
from glassnet.model import Model
from glassnet.tables import Note, Schema
from glassnet.text import MISSING, Block, Heading, Paragraph, Table

ROWS_SHOWN = 8


def columns(schema: Schema, notes: Iterable[Note]) -> list[Block]:
    """What is known of each column; then the notes."""
    return [*schema.blocks(), *(Paragraph(f"note: {note}", 2) for note in notes)]


def held_out(model: Model, evaluation: Evaluation) -> list[Block]:
    """The metrics of the model and of the baseline on the held-out rows."""
    return [
        Heading(f"{_kind(model)} ({len(evaluation):,})", 3),
        evaluation.metrics_table,
        Paragraph(f"baseline: {baseline_rule(model)}", 2),
        *([Paragraph(text, 2)] if (text := no_better(model)) else []),
    ]


def _kind(model: Model) -> str:
    """Which rows a model was evaluated on."""
    if model.holdout is not None:
        return "Held-out rows"
    folds = "folds" in model.provenance["rows"]
    return "Rows, each predicted by the networks that were not trained on it" if folds else "Validation rows"


def actual_and_predicted(model: Model, evaluation: Evaluation) -> list[Block]:
    """A few of the held-out rows, evenly spaced."""
    several = evaluation.actual.ndim == 2
    rows: list[tuple[str, ...]] = []
    numbers = np.arange(len(evaluation)) if evaluation.rows is None else evaluation.rows
    for row in evenly_spaced(len(evaluation), ROWS_SHOWN):
        actual, predicted = np.atleast_1d(evaluation.actual[row]), np.atleast_1d(evaluation.predicted[row])
        for name, own, other in zip(model.target.columns, actual, predicted, strict=False):
            if own is None:  # a row may lack one of several targets
                own, other = MISSING, str(other)
            wrong = "" if isinstance(own, (float, np.floating)) or own in (other, MISSING) else "wrong"
            label = f"row {numbers[row]} {name}" if several else f"row {numbers[row]}"
            rows.append((label, value(own), value(other), wrong))
    title = "Actual and predicted values of a few held-out rows"
    return [Heading(title, 3), Table(("", "actual", "predicted", ""), rows, "<>><")]


def training_ended(model: Model) -> list[Block]:
    """How long the training took, why it stopped, which epoch of each network was kept, and which networks."""
    histories, history = [member.history for member in model.members], model.history
    epochs = span([own.epochs for own in histories])
    metric = history.metric.replace("_", " ")
    why = f"best validation {metric}" if metric else "lowest validation loss"
    best = [str(own.best_epoch) for own in histories]
    kept = f"kept epoch {', '.join(best)} ({why})" if len(history.validation_loss) else "kept the last epoch"
    length = f"{epochs} {'epoch' if epochs == '1' else 'epochs'} in {history.seconds:.2g} s"
    text = f"{length}; stopped: {history.stop_reason}; {kept}"
    chosen = [Paragraph(f"kept {kept_text(errors)}", 2)] if (errors := model.provenance.get("errors")) else []
    return [Paragraph(text, 2), *chosen]


def parameters(model: Model) -> list[Block]:
    """Initial and learnt weights and biases."""
    return model.summary().changes_blocks


def provenance(record: Mapping[str, Any]) -> list[Block]:
    """Versions, seed, data and date of a training."""
    rows = []
    for name, held in record.items():
        parts = [f"{part} {own}" for part, own in held.items()] if isinstance(held, Mapping) else [str(held)]
        rows.append((name, ", ".join(parts)))
    return [Heading("Provenance", 3), Table((), rows, "<<")]


def value(item: Any) -> str:
    return f"{item:.6g}" if isinstance(item, (float, np.floating)) else str(item)
