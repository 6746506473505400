"""The doctor: problems of a model, its training and its table, each with evidence and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from glassnet.inside.doctor.column_checks import (
    constant_column,
    duplicated_column,
    imbalanced_target,
    target_leakage,
    unscaled_column,
)
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import SEVERITIES, Diagnosis, Finding, Suggestion
from glassnet.inside.doctor.label_checks import wrong_labels
from glassnet.inside.doctor.network_checks import (
    dead_neurons,
    exploding_gradients,
    saturated_neurons,
    vanishing_gradients,
)
from glassnet.inside.doctor.row_checks import trained_on, unlike_training
from glassnet.inside.doctor.suggestion import suggest
from glassnet.inside.doctor.training_checks import (
    no_better_than_baseline,
    not_converged,
    overfitting,
    rate_too_high,
    rate_too_low,
    underfitting,
)

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

__all__ = ["CHECKS", "Check", "Context", "Diagnosis", "Finding", "Suggestion", "examine", "suggest"]


class Check(NamedTuple):
    """A check, what it needs (a key of :data:`NEEDS`), and what it finds. Its name is that of the function."""

    look: Callable[[Context], Iterator[Finding]]
    needs: str
    finds: str

    @property
    def name(self) -> str:
        return self.look.__name__


class Need(NamedTuple):
    """What a check needs: whether it is there, what it is, and why the check is skipped without it."""

    met: Callable[[Context], bool]
    what: str
    missing: str


NEEDS = {
    "nothing": Need(lambda context: True, "", ""),
    "stats": Need(
        lambda context: context.stats is not None,
        "statistics of the training rows, or rows with their target",
        "the model has no statistics of its training rows; pass rows with their target",
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
    "held_out": Need(
        lambda context: context.model.held_out is not None,
        "validation or held-out rows in training",
        "training had neither validation nor held-out rows",
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
    Check(unscaled_column, "stats", "numbers that are not scaled"),
    Check(constant_column, "nothing", "columns with a single value"),
    Check(duplicated_column, "stats", "two columns with the same values up to shift and scale"),
    Check(target_leakage, "stats", "a column that determines the target by itself"),
    Check(imbalanced_target, "nothing", "rare classes"),
    Check(dead_neurons, "stats", "neurons with a constant activation"),
    Check(saturated_neurons, "stats", "neurons at the ends of the range of their activation function"),
    Check(vanishing_gradients, "stats", "layers with a tiny gradient"),
    Check(exploding_gradients, "stats", "layers with a huge gradient"),
    Check(rate_too_high, "curves", "a training loss that oscillates, or diverged"),
    Check(rate_too_low, "curves", "a training loss that falls in a straight line"),
    Check(no_better_than_baseline, "held_out", "a model that is no better than a constant prediction"),
    Check(overfitting, "validation", "a training loss far below the validation loss"),
    Check(underfitting, "curves", "a training loss close to that of the baseline"),
    Check(not_converged, "curves", "training that ended while the loss was falling"),
    Check(
        wrong_labels, "targets", "rows whose target contradicts a confident prediction, or all similar rows"
    ),
    Check(trained_on, "targets", "rows that the model was trained on"),
    Check(unlike_training, "rows", "rows outside the range of the training rows"),
)


def examine(model: TrainedModel, table: Any = None) -> Diagnosis:
    """See :meth:`glassnet.Model.doctor`."""
    context = Context(model, None if table is None else model.encode(table))
    findings: list[Finding] = []
    checked, skipped = [], {}
    for check in CHECKS:
        need = NEEDS[check.needs]
        if need.met(context):
            findings += (replace(finding, name=check.name) for finding in check.look(context))
            checked.append(check.name)
        else:
            skipped[check.name] = need.missing
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Diagnosis(tuple(findings), tuple(checked), skipped, suggest(context))
