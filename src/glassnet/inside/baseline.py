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
    if model.target.classes is None:
        means = ", ".join(map(number, model.baseline))
        return f"always predict {means} (the mean of the training rows)"
    most = max(range(len(model.baseline)), key=lambda at: model.baseline[at])
    return f"always predict {str(model.target.classes[most])!r} ({100 * model.baseline[most]:.0f} % of training rows)"
