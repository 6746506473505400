"""What ``train`` and ``show`` print about a model, as blocks of text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from glassnet.evaluation import Evaluation
from glassnet.inside.baseline import baseline_rule, no_better
from glassnet.inside.columns import evenly_spaced
from glassnet.model import Model
from glassnet.tables import Note, Schema
from glassnet.tables.value_text import shortened
from glassnet.text import MISSING, Block, Heading, Paragraph, Table, number
from glassnet.training.history import History
from glassnet.training.settings import SETTINGS, Settings

ROWS_SHOWN = 8
COLUMNS_SHOWN = 40
EPOCHS_SHOWN = 8
METRICS = {
    "rmse": ("root mean squared error", "smaller is better"),
    "mae": ("mean absolute error", "smaller is better"),
    "r2": ("R², share of the variance explained", "larger is better"),
    "accuracy": ("accuracy, share of correct rows", "larger is better"),
    "log_loss": ("log loss", "smaller is better"),
    "auc": ("area under the ROC curve", "larger is better"),
}
SHARES = ("r2", "accuracy", "auc")


def columns(schema: Schema, notes: Iterable[Note]) -> list[Block]:
    """One line for each column: its name, its type, and a description of its values; then the notes."""
    rows = [(shortened(name), *described) for name, *described in schema.describe()]
    shown = rows if len(rows) <= COLUMNS_SHOWN else rows[: COLUMNS_SHOWN - 1]
    more = [f"… and {len(rows) - len(shown)} more columns"] if len(shown) < len(rows) else []
    more += [f"note: {note}" for note in notes]
    return [Heading("Columns", 3), Table((), shown, "<<<"), *(Paragraph(text, 2) for text in more)]


def held_out(model: Model, evaluation: Evaluation) -> list[Block]:
    """The metrics of the model and of the baseline on the held-out rows."""
    rows = []
    for name, figure in evaluation.metrics.items():
        metric, _, target = name.partition(" ")
        meaning, better = METRICS[metric]
        shown = share if name in SHARES else number
        title = f"{meaning} of {target}" if target else meaning
        rows.append((title, shown(figure), shown(evaluation.baseline[name]), better))
    return [
        Heading(f"{'Validation' if model.holdout is None else 'Held-out'} rows ({len(evaluation):,})", 3),
        Table(("", "model", "baseline", ""), rows, "<>><"),
        Paragraph(f"baseline: {baseline_rule(model)}", 2),
        *([Paragraph(text, 2)] if (text := no_better(model)) else []),
    ]


def actual_and_predicted(model: Model, evaluation: Evaluation) -> list[Block]:
    """A few of the held-out rows, evenly spaced."""
    several = evaluation.actual.ndim == 2
    rows: list[tuple[str, ...]] = []
    numbers = np.arange(len(evaluation)) if evaluation.rows is None else evaluation.rows
    for row in evenly_spaced(len(evaluation), ROWS_SHOWN):
        actual, predicted = np.atleast_1d(evaluation.actual[row]), np.atleast_1d(evaluation.predicted[row])
        for name, own, other in zip(model.target.columns, actual, predicted, strict=False):
            wrong = "" if isinstance(own, (float, np.floating)) or own == other else "wrong"
            label = f"row {numbers[row]} {name}" if several else f"row {numbers[row]}"
            rows.append((label, value(own), value(other), wrong))
    title = "Actual and predicted values of a few held-out rows"
    return [Heading(title, 3), Table(("", "actual", "predicted", ""), rows, "<>><")]


def training_ended(model: Model) -> str:
    """How long training took, why it stopped, and which epoch was kept."""
    history = model.history
    epochs = f"{history.epochs} epoch" + ("" if history.epochs == 1 else "s")
    why = f"best validation {history.metric}" if history.metric else "lowest validation loss"
    kept = (
        f"kept epoch {history.best_epoch} ({why})" if len(history.validation_loss) else "kept the last epoch"
    )
    return f"{epochs} in {history.seconds:.2g} s; stopped: {history.stop_reason}; {kept}"


def parameters(model: Model) -> list[Block]:
    """Initial and learnt weights and biases."""
    return [Heading("Initial and learnt weights and biases", 3), model.summary().changes_table]


def settings_used(settings: Settings) -> list[Block]:
    """Every setting as it was used, marked with * if it is not the default."""
    rows, defaults = [], Settings()
    for name, setting in SETTINGS.items():
        used = getattr(settings, name)
        # A setting without a fixed default holds what was chosen for it: that is the default, too.
        default = setting.default is None or used == getattr(defaults, name)
        text = ",".join(map(str, used)) if isinstance(used, tuple) else str(used)
        rows.append((name, "" if default else "*", text))
    return [Heading("Settings (* where not the default)", 3), Table((), rows, "<<<")]


def history_sampled(history: History) -> list[Block]:
    """A few epochs, closer together at the start, where most happens; the kept one among them."""
    last = history.epochs
    shown = {1, history.best_epoch, last}
    shown |= {round(last ** (place / (EPOCHS_SHOWN - 1))) for place in range(EPOCHS_SHOWN)}
    curves = {name: own for name, own in history.curves.items() if len(own) == last and name != "epoch"}
    rows = []
    for epoch in sorted(shown):
        mark = "kept" if epoch == history.best_epoch else ""
        rows.append((str(epoch), *(number(own[epoch - 1]) for own in curves.values()), mark))
    head = ("epoch", *(name.replace("_", " ") for name in curves), "")
    table = Table(head, rows, ">" * (len(curves) + 1) + "<")
    return [Heading("History", 3), table, Paragraph(f"stopped: {history.stop_reason}", 2)]


def provenance(record: Mapping[str, Any]) -> list[Block]:
    """Versions, seed, data and date of a training."""
    rows = []
    for name, held in record.items():
        parts = [f"{part} {own}" for part, own in held.items()] if isinstance(held, Mapping) else [str(held)]
        rows.append((name, ", ".join(parts)))
    return [Heading("Provenance", 3), Table((), rows, "<<")]


def share(figure: float) -> str:
    return MISSING if math.isnan(figure) else f"{round(figure, 4) + 0.0:.4f}"  # + 0.0: no -0.0000


def value(item: Any) -> str:
    return f"{item:.6g}" if isinstance(item, (float, np.floating)) else str(item)
