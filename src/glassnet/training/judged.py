"""The rows that judge the networks of a model: the outputs for them, and which networks are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.net.arrays import Array
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.evaluated import mean_outputs
from glassnet.training.folds import out_of_fold
from glassnet.training.prepare import Prepared
from glassnet.training.result import Result
from glassnet.training.settings import Settings
from glassnet.training.without_bins import count_with_bins

WITH, WITHOUT, ALL = "with bins", "without bins", "all"


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


def kept_members(
    prepared: Prepared, results: Mapping[int, Result]
) -> tuple[dict[int, Result], dict[str, float]]:
    """The networks with bins, those without, or all: those whose mean outputs for the validation rows are best.

    Best is the least mean squared difference from the targets; of classes, the Brier score.

    Returns:
        The networks that are kept, by their numbers, and the error of each choice; no errors if there was none.
    """
    first = count_with_bins(prepared)
    groups = {
        WITH: {number: own for number, own in results.items() if number < first},
        WITHOUT: {number: own for number, own in results.items() if number >= first},
        ALL: dict(results),
    }
    errors = {}
    if all(groups.values()):
        judged = {name: judged_outputs(prepared, own) for name, own in groups.items()}
        if len({found and found[0].numbers.tobytes() for found in judged.values()}) == 1:  # the same rows
            errors = {name: _error(*found) for name, found in judged.items() if found is not None}
    return groups[best_of(errors) if errors else ALL], errors


def best_of(errors: Mapping[str, float]) -> str:
    """Which networks were kept."""
    return min(errors, key=errors.__getitem__)


def share_without_bins(settings: Settings, provenance: Mapping[str, Any]) -> float:
    """The share of a model's networks, the last ones, that see numbers without bins."""
    kept = best_of(provenance["errors"]) if "errors" in provenance else ALL
    return {WITH: 0.0, WITHOUT: 1.0}.get(kept, settings.without_bins)


def _error(labeled: LabeledRows, outputs: Array) -> float:
    squares = np.nansum((outputs - labeled.rows.targets.astype(np.float64)) ** 2, axis=1)
    return float(np.average(squares, weights=labeled.sample_weight))
