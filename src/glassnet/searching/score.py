"""The score of a trial: which metric it is, and whether the validation curve of a training shows it."""

from __future__ import annotations

from glassnet.evaluation import METRICS, SHARES
from glassnet.tables.schema import REGRESSION
from glassnet.training.history import Curve, History
from glassnet.training.resolve import Resolved
from glassnet.training.validation_metric import CALIBRATED

LOG_LOSSES = ("binary_log_loss", "categorical_log_loss")


def curve_of(history: History) -> Curve:
    """The metric of early stopping after each epoch, or else the validation loss."""
    return history.validation_score if len(history.validation_score) else history.validation_loss


def metric_of(resolved: Resolved) -> tuple[str, bool]:
    """The name of the score, and whether a greater one is better."""
    metric, loss = resolved.settings.metric, resolved.settings.loss
    numbers = resolved.schema.task == REGRESSION
    if metric == CALIBRATED or (metric is None and not numbers):
        return "log_loss", False
    if isinstance(metric, str) and metric in METRICS:
        return metric, metric in SHARES
    if metric is not None:
        return getattr(metric, "__name__", "metric"), True
    squared = loss is None or loss.name == "squared_error"
    return ("rmse" if squared and len(resolved.names) == 1 else "validation_loss"), False


def curve_is_score(resolved: Resolved, score: str) -> bool:
    """Whether the validation curve of a training has the values of the score, in its units."""
    settings = resolved.settings
    if settings.metric is not None or score == "validation_loss":
        return True
    loss = settings.loss
    return (
        score == "log_loss"
        and settings.class_weight is None
        and (loss is None or (loss.name in LOG_LOSSES and str(loss) == loss.name))
    )
