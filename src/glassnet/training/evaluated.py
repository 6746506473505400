"""The evaluation of a network's outputs for rows that have a target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.evaluation import Evaluation, evaluate_classes, evaluate_numbers, evaluate_targets
from glassnet.net.arrays import Array
from glassnet.targets import TargetGroup, Targets, class_codes, target_parts
from glassnet.training.encoded_rows import LabeledRows


def evaluation_of(
    outputs: Array, labeled: LabeledRows, target: Targets, baseline: Sequence[float]
) -> Evaluation:
    """The outputs (R, O) for ``labeled`` rows, compared with their targets and with the constant ``baseline``."""
    actual, weights = labeled.actual, labeled.sample_weight
    if isinstance(target, TargetGroup):
        return _of_group(outputs, labeled, target, np.array(baseline))
    if target.classes is None:
        return evaluate_numbers(actual, target.decode(outputs), baseline, target.columns, weights)
    codes, shares = class_codes(labeled.rows.targets), np.array(baseline)
    return evaluate_classes(actual, codes, target.probabilities(outputs), target.labels, shares, weights)


def _of_group(outputs: Array, labeled: LabeledRows, target: TargetGroup, baseline: Array) -> Evaluation:
    each = {}
    for place, part in enumerate(target_parts(target, labeled.rows.targets)):
        if len(part.rows):
            each[target.columns[place]] = evaluate_classes(
                labeled.actual[part.rows, place],
                part.codes,
                part.probabilities(outputs),
                part.encoding.labels,
                part.encoding.probabilities(baseline[None, part.outputs])[0],
                None if labeled.sample_weight is None else labeled.sample_weight[part.rows],
            )
    return evaluate_targets(labeled.actual, target.decode(outputs), each)
