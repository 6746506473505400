"""The doctor: problems of a model, its training and its table, each with evidence and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
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
from glassnet.inside.doctor.findings import SEVERITIES, Diagnosis, Finding, Suggestion, listed
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
    """A check, what it needs (a key of :data:`NEEDS`), and what it finds. Its name is that of the function.

    One that is ``of_network`` looks at a single network, and at each of several.
    """

    look: Callable[[Context], Iterator[Finding]]
    needs: str
    finds: str
    of_network: bool = False

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
    "baseline": Need(
        lambda context: bool(context.model.baseline),
        "the class shares of the training rows",
        "the training rows are not known",
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
    Check(imbalanced_target, "baseline", "rare classes"),
    Check(dead_neurons, "stats", "neurons with a constant activation", of_network=True),
    Check(
        saturated_neurons,
        "stats",
        "neurons at the ends of the range of their activation function",
        of_network=True,
    ),
    Check(vanishing_gradients, "stats", "layers with a tiny gradient", of_network=True),
    Check(exploding_gradients, "stats", "layers with a huge gradient", of_network=True),
    Check(rate_too_high, "curves", "a training loss that oscillates, or diverged", of_network=True),
    Check(rate_too_low, "curves", "a training loss that falls in a straight line", of_network=True),
    Check(no_better_than_baseline, "held_out", "a model that is no better than a constant prediction"),
    Check(overfitting, "validation", "a training loss far below the validation loss", of_network=True),
    Check(underfitting, "curves", "a training loss close to that of the baseline", of_network=True),
    Check(not_converged, "curves", "training that ended while the loss was falling", of_network=True),
    Check(
        wrong_labels, "targets", "rows whose target contradicts a confident prediction, or all similar rows"
    ),
    Check(trained_on, "targets", "rows that the model was trained on"),
    Check(unlike_training, "rows", "rows outside the range of the training rows"),
)


def examine(model: TrainedModel, table: Any = None) -> Diagnosis:
    """See :meth:`glassnet.Model.doctor`."""
    context = Context(model, None if table is None else model.encode(table))
    each = [Context(member, context.encoded) for member in model.each_member]
    findings: list[Finding] = []
    checked, skipped = [], {}
    for check in CHECKS:
        need = NEEDS[check.needs]
        if need.met(context):
            found = _of_each(check, each) if check.of_network and len(each) > 1 else check.look(context)
            findings += (replace(finding, name=check.name) for finding in found)
            checked.append(check.name)
        else:
            skipped[check.name] = need.missing
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Diagnosis(tuple(findings), tuple(checked), skipped, suggest(context))


def _of_each(check: Check, each: Sequence[Context]) -> Iterator[Finding]:
    """What a check finds in several networks: the same once, as it is in the first network that has it."""
    found: dict[object, list[tuple[int, Finding]]] = {}
    for number, context in enumerate(each):
        for finding in check.look(context):
            kind = finding.about, re.sub(r"\d+", "", finding.title)
            found.setdefault(kind, []).append((number, finding))
    for own in found.values():
        first, finding = own[0]
        numbers = listed([number for number, _ in own], len(each))
        which = f"This is so in {len(own)} of the {len(each)} networks ({numbers}). In network {first}: "
        yield replace(finding, evidence=which + finding.evidence)
