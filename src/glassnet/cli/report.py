"""What ``train`` and ``show`` tell of a model, in plain text."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.evaluation import Evaluation
from glassnet.lessons.layout import columns
from glassnet.model import Model
from glassnet.tables import Schema
from glassnet.tables.value_text import shortened
from glassnet.training.history import History
from glassnet.training.settings import SETTINGS

ROWS_SHOWN = 8
COLUMNS_SHOWN = 40
EPOCHS_SHOWN = 8
METRICS = {
    "rmse": ("root mean squared error", "smaller is better"),
    "mae": ("mean absolute error", "smaller is better"),
    "r2": ("R², share of the variance explained", "larger is better"),
    "accuracy": ("accuracy, share of rows right", "larger is better"),
    "log_loss": ("log loss", "smaller is better"),
    "auc": ("area under the ROC curve", "larger is better"),
}
SHARES = ("r2", "accuracy", "auc")


def columns_understood(schema: Schema) -> list[str]:
    """One line a column: its name, what it is, and what its values are; then the notes."""
    rows = schema.describe()
    shown = rows if len(rows) <= COLUMNS_SHOWN else rows[: COLUMNS_SHOWN - 1]
    rows_shown = [(shortened(name), kind, said) for name, kind, said in shown]
    lines = [fitted(line) for line in columns(rows_shown, "<<<")]
    if len(shown) < len(rows):
        lines.append(f"  … and {len(rows) - len(shown)} more columns")
    return lines + [f"  note: {note}" for note in schema.notes]


def held_out(evaluation: Evaluation, baseline: str) -> list[str]:
    """The metrics beside those of doing nothing."""
    rows = []
    for name, figure in evaluation.metrics.items():
        kind, _, target = name.partition(" ")
        meaning, better = METRICS[kind]
        meaning += f" of {target}" if target else ""
        shown = share if name in SHARES else number
        rows.append((meaning, shown(figure), shown(evaluation.baseline[name]), better))
    return [*columns([("", "model", "do nothing", ""), *rows], "<>><"), f"  (to do nothing is to {baseline})"]


def doing_nothing(model: Model) -> str:
    """What the baseline of ``model`` does, in words."""
    if model.target.classes is None:
        means = ", ".join(number(mean) for mean in model.baseline)
        return f"say the mean of the training rows for every row: {means}"
    most = max(range(len(model.baseline)), key=lambda at: model.baseline[at])
    share = model.baseline[most]
    return f"say {str(model.target.classes[most])!r} for every row, as {share:.0%} of the training rows are"


def actual_and_predicted(evaluation: Evaluation, names: Sequence[str]) -> list[str]:
    """A few rows, taken evenly from all of them."""
    count = len(evaluation)
    at = np.unique(np.linspace(0, count - 1, min(ROWS_SHOWN, count)).round().astype(int))
    several = evaluation.actual.ndim == 2
    rows: list[tuple[str, ...]] = [("", "actual", "predicted", "")]
    for row in at:
        actual, predicted = np.atleast_1d(evaluation.actual[row]), np.atleast_1d(evaluation.predicted[row])
        for name, own, said in zip(names, actual, predicted, strict=False):
            wrong = "" if isinstance(own, (float, np.floating)) or own == said else "wrong"
            label = f"row {row + 1} {name}" if several else f"row {row + 1}"
            rows.append((label, value(own), value(said), wrong))
    return columns(rows, "<>><")


def training_ended(model: Model) -> str:
    """How long training took, why it ended, and what was kept."""
    history = model.history
    epochs = f"{history.epochs} epoch" + ("" if history.epochs == 1 else "s")
    kept = (
        f"kept is epoch {history.best_epoch}, the best on the validation rows"
        if len(history.validation_loss)
        else "kept is the last epoch"
    )
    return f"{epochs} in {history.seconds:.2g} s; ended because: {history.stop_reason}; {kept}."


def ledger(model: Model) -> list[str]:
    return [f"  {line}" for line in model.ledger().to_text().splitlines()]


def settings_used(settings: Mapping[str, Any]) -> list[str]:
    """Every setting as it was used, with a mark where it is not the default."""
    rows = []
    for name, used in settings.items():
        setting = SETTINGS.get(name)
        # A setting whose default is to be chosen holds what was chosen: that is no departure.
        chosen = setting is None or setting.default is None or used == setting.default
        text = ",".join(map(str, used)) if isinstance(used, tuple) else str(used)
        rows.append((name, "" if chosen else "*", text))
    return columns(rows, "<<<", gap=" ")


def history_sampled(history: History) -> list[str]:
    """A few epochs, closer together at the start, where most happens; the best one among them."""
    last = history.epochs
    shown = {1, history.best_epoch, last}
    shown |= {round(last ** (place / (EPOCHS_SHOWN - 1))) for place in range(EPOCHS_SHOWN)}
    validated = len(history.validation_loss) == last
    rows = [("epoch", "loss", "validation", "rate", "")]
    for epoch in sorted(shown):
        validation = number(history.validation_loss[epoch - 1]) if validated else ""
        mark = "kept" if epoch == history.best_epoch else ""
        rows.append(
            (str(epoch), number(history.loss[epoch - 1]), validation, number(history.rate[epoch - 1]), mark)
        )
    return [*columns(rows, ">>>><"), f"  ended because: {history.stop_reason}"]


def provenance(record: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, held in record.items():
        text = (
            ", ".join(f"{part} {value}" for part, value in held.items())
            if isinstance(held, Mapping)
            else held
        )
        rows.append((name, str(text)))
    return columns(rows, "<<")


def number(figure: float) -> str:
    if math.isnan(figure):
        return "–"
    return f"{figure:.4g}" if abs(figure) < 1e4 or abs(figure) >= 1e15 else f"{figure:,.0f}"


def share(figure: float) -> str:
    return "–" if math.isnan(figure) else f"{round(figure, 4) + 0.0:.4f}"  # + 0.0: no -0.0000


def value(item: Any) -> str:
    if isinstance(item, (float, np.floating)):
        return f"{item:.6g}"
    return str(item)


def fitted(line: str) -> str:
    """``line``, cut where the terminal ends."""
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    return line if len(line) <= width else f"{line[: width - 1]}…"
