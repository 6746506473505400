"""The rows that judge the networks of a model: the outputs for them, and which networks are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from glassnet.net.arrays import Array
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.evaluated import mean_outputs
from glassnet.training.folds import out_of_fold
from glassnet.training.prepare import Prepared
from glassnet.training.result import Result


class Kept(NamedTuple):
    """The networks that a model keeps.

    Attributes:
        results: by their numbers.
        share: how many of them see numbers without bins, as a share.
        errors: the error of the networks with bins, of those without, and of all; empty if there was no choice.
    """

    results: dict[int, Result]
    share: float
    errors: dict[str, float]


def judged_outputs(prepared: Prepared, results: Mapping[int, Result]) -> tuple[LabeledRows, Array] | None:
    """The validation rows and the mean outputs for them; with folds, of networks that were not trained on them.

    The outputs are those of the kept epoch, which training has computed.
    """
    labeled, folds = prepared.validation, prepared.folds
    if labeled is None:
        return None
    measured = {number: kept.validation for number, (_, kept) in results.items() if kept}
    outputs = {number: own.outputs for number, own in measured.items() if own}
    if folds is None:
        return labeled, mean_outputs([*outputs.values()])
    return out_of_fold(folds, labeled, outputs)


def kept_members(prepared: Prepared, results: Mapping[int, Result]) -> Kept:
    """The networks with bins, those without, or all: those whose mean outputs for the validation rows are best.

    Best is the least mean squared difference from the targets; of classes, the Brier score.
    """
    first = prepared.with_bins
    groups = {
        "with bins": {number: own for number, own in results.items() if number < first},
        "without bins": {number: own for number, own in results.items() if number >= first},
        "all": dict(results),
    }
    errors = {}
    if all(groups.values()):
        judged = {name: judged_outputs(prepared, own) for name, own in groups.items()}
        if len({found and len(found[0]) for found in judged.values()}) == 1:  # the same rows
            errors = {name: _error(*found) for name, found in judged.items() if found is not None}
    kept = groups[min(errors, key=errors.__getitem__)] if errors else groups["all"]
    return Kept(kept, sum(number >= first for number in kept) / len(kept), errors)


def _error(labeled: LabeledRows, outputs: Array) -> float:
    squares = np.nansum((outputs - labeled.rows.targets.astype(np.float64)) ** 2, axis=1)
    return float(np.average(squares, weights=labeled.sample_weight))
