"""The baseline, a prediction that does not use the columns, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.tables.schema import MULTILABEL
from glassnet.text import number

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


def baseline_rule(model: TrainedModel) -> str:
    """``always predict 'Adelie' (45 % of training rows)``, or the mean of the training rows."""
    if model.schema.task == MULTILABEL:
        return "always predict the most frequent class of each target"
    if not model.baseline:
        return "always predict the most frequent class, or the mean, of the evaluated rows"
    if model.target.classes is None:
        means = ", ".join(map(number, model.baseline))
        return f"always predict {means} (the mean of the training rows)"
    most = max(range(len(model.baseline)), key=lambda at: model.baseline[at])
    return f"always predict {str(model.target.classes[most])!r} ({100 * model.baseline[most]:.0f} % of training rows)"


def no_better(model: TrainedModel) -> str:
    """That the model is no better than the baseline on its held-out rows, with the figures of both; empty if it is."""
    found = model.held_out
    if found is None or found.beats_baseline:
        return ""
    names = [name for name in ("accuracy", "log_loss", "rmse", "r2") if name in found.metrics]
    figures = ", ".join(
        f"{name.replace('_', ' ')} {number(found.metrics[name])} against {number(found.baseline[name])}"
        for name in names
    )
    rows = f"{len(found):,} {'validation' if model.holdout is None else 'held-out'} rows"
    chance = any(gain.mean > 0 for gain in found.gains.values())
    return (
        f"The model is no better than a constant prediction, which would be to {baseline_rule(model)}: {figures}, on "
        f"{rows}{'; the difference is within the noise of so many rows' if chance else ''}."
    )
