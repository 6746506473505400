"""The doctor: what looks wrong with a model, its training and its table, how one can tell, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import SEVERITIES, Diagnosis, Finding
from glassnet.inside.doctor.of_columns import (
    constant_column,
    duplicated_column,
    gives_target_away,
    imbalanced_target,
    unscaled_column,
)
from glassnet.inside.doctor.of_labels import wrong_labels
from glassnet.inside.doctor.of_network import (
    dead_units,
    exploding_gradients,
    saturated_units,
    vanishing_gradients,
)
from glassnet.inside.doctor.of_rows import unlike_training
from glassnet.inside.doctor.of_training import (
    not_converged,
    over_fitting,
    rate_too_high,
    rate_too_low,
    under_fitting,
)

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

__all__ = ["CHECKS", "Check", "Context", "Diagnosis", "Finding", "examine"]


class Check(NamedTuple):
    """A row of the table of checks; its finding has the function's name. ``needs`` says what cannot be missing."""

    look: Callable[[Context], Iterator[Finding]]
    needs: str
    about: str

    @property
    def name(self) -> str:
        return self.look.__name__


class Need(NamedTuple):
    """What a check cannot do without: whether it is there, what it is, and why the check was skipped."""

    met: Callable[[Context], bool]
    said: str
    missing: str


NEEDS = {
    "nothing": Need(lambda context: True, "", ""),
    "stats": Need(
        lambda context: context.stats is not None,
        "what the model remembers, or rows with their target",
        "the model kept no statistics of its training rows; give some rows with their target",
    ),
    "curves": Need(
        lambda context: context.model.history.epochs > 0,
        "the curves of the training",
        "the model has no curves of its training",
    ),
    "validation": Need(
        lambda context: len(context.model.history.validation_loss) > 0,
        "validation rows in training",
        "training had no validation rows",
    ),
    "targets": Need(
        lambda context: context.labeled is not None,
        "rows with their target",
        "it needs rows with their target",
    ),
    "rows": Need(
        lambda context: context.encoded is not None and len(context.encoded) > 0,
        "rows",
        "it needs rows",
    ),
}

CHECKS = (
    Check(unscaled_column, "stats", "numbers that reach the network in their own units"),
    Check(constant_column, "nothing", "columns that never vary"),
    Check(duplicated_column, "stats", "two columns that hold the same"),
    Check(gives_target_away, "stats", "a column that alone tells the target"),
    Check(imbalanced_target, "nothing", "classes with few rows"),
    Check(dead_units, "stats", "neurons that say the same for every row"),
    Check(saturated_units, "stats", "neurons at the ends of their activation's range"),
    Check(vanishing_gradients, "stats", "layers that hardly get a gradient"),
    Check(exploding_gradients, "stats", "layers that get a huge one"),
    Check(rate_too_high, "curves", "a loss that jumps about"),
    Check(rate_too_low, "curves", "a loss that falls in a straight line"),
    Check(over_fitting, "validation", "training rows known better than others"),
    Check(under_fitting, "curves", "a loss hardly below that of always saying the same"),
    Check(not_converged, "curves", "training that ended too soon"),
    Check(
        wrong_labels,
        "targets",
        "rows whose target contradicts a confident prediction, or all rows around them",
    ),
    Check(unlike_training, "rows", "rows beyond what training saw"),
)


def examine(model: TrainedModel, table: Any = None) -> Diagnosis:
    """See :meth:`glassnet.Model.doctor`."""
    context = Context(model, None if table is None else model.encode(table))
    findings: list[Finding] = []
    checked, skipped = [], {}
    for check in CHECKS:
        need = NEEDS[check.needs]
        if need.met(context):
            findings += check.look(context)
            checked.append(check.name)
        else:
            skipped[check.name] = need.missing
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Diagnosis(tuple(findings), tuple(checked), skipped)
