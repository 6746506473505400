"""Checks of the targets of given rows: against the model's predictions, and against the targets of similar rows, which
also work where a network has memorized wrong labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from glassnet.inside.columns import evenly_spaced
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding, listed, rows_that
from glassnet.inside.neighbors import labels_around, placed
from glassnet.net.arrays import Array
from glassnet.targets import class_codes

RowNumbers = npt.NDArray[np.intp]
NO_ROWS: RowNumbers = np.empty(0, np.intp)

UNLIKELY = 0.05  # the predicted probability of a row's own label, at most
CONFIDENT = (0.9, 0.95, 0.98, 0.99, 0.999)  # that of another label, at least; tried in this order
MOST_CONFIDENT = 0.001  # at least this share of the confident predictions is expected to be wrong
SIGNIFICANCE = 0.01  # the probability that as many rows, or more, are found by chance, at most
NEAREST, AGREEING = 20, 0.9  # the number of nearest rows, and the share of them with the same label
FARTHER = 60  # the number of nearest rows by which the distance from the border of a class is measured
OVERLAP_INSIDE = (
    0.4  # the share of the contradictions in the inner two thirds, at most, where classes overlap
)
OVERLAPPING = 0.05  # from this share of contradicting rows on, classes overlap everywhere
MIN_ROWS, MAX_ROWS = 300, 20_000  # rows whose neighbors are searched
REFERENCES = 5000  # rows among which neighbors are searched
QUANTILE, MULTIPLE, PARTS = (
    0.99,
    4.0,
    20,
)  # a residual above this multiple of that quantile, in parts by prediction
NOTE_SHARE = 0.001  # up to this share of the rows, the finding is a note
MAX_LISTED = 10


def wrong_labels(context: Context) -> Iterator[Finding]:
    """Rows that contradict the model more clearly, and more often, than its own uncertainty explains; and rows among
    rows of another label, where mislabeling is likelier than overlap.
    """
    assert context.labeled is not None
    numbers = context.labeled.numbers
    doubtful, evidence = (
        _wrong_classes(context) if context.model.target.classes else _large_residuals(context)
    )
    if len(doubtful):
        names = [str(numbers[at]) for at in doubtful]
        yield Finding(
            "warning" if len(doubtful) > NOTE_SHARE * len(numbers) else "note",
            f"{rows_that(len(doubtful), len(numbers), 'have', 'has')} a target that looks wrong: "
            f"row {listed(names, MAX_LISTED)}.",
            evidence,
            "Check the target of these rows; if it is right, find out which columns are missing to explain it.",
            tuple(names),
        )


def _wrong_classes(context: Context) -> tuple[RowNumbers, str]:
    """Classes: rows that contradict their neighbors or the model; the least likely labels first."""
    assert context.labeled is not None
    rows, numbers = context.labeled.rows, context.labeled.numbers
    probabilities = context.model.target.probabilities(context.model.outputs(rows.inputs))
    codes = class_codes(rows.targets)
    own, largest = probabilities[np.arange(len(codes)), codes], probabilities.max(axis=1)
    misplaced, evidence = _misplaced(context, rows.inputs, codes)
    if len(misplaced):
        # there are wrong labels, so the contradictions to the model need not be significant by themselves
        contradicting = np.flatnonzero((largest > CONFIDENT[0]) & (own < UNLIKELY))
        doubtful = np.union1d(misplaced, contradicting)
    else:
        doubtful, evidence = contradicted(own, largest)
    if not len(doubtful):
        return NO_ROWS, ""
    doubtful = doubtful[np.argsort(own[doubtful], kind="stable")]
    first, classes = int(doubtful[0]), context.model.target.classes or ()
    actual, predicted = classes[codes[first]], classes[int(probabilities[first].argmax())]
    return doubtful, (
        f"{evidence} The target of row {numbers[first]} is {actual}, the prediction {predicted} "
        f"({largest[first]:.1%})."
    )


def contradicted(own: Array, largest: Array) -> tuple[RowNumbers, str]:
    """Rows whose label has a low predicted probability while that of another is nearly 1.

    A calibrated model with the probability 99 % is wrong in one row of a hundred: so many are expected, and only
    significantly more of them are a finding. After Northcutt, Jiang, Chuang, *Confident learning* (2021). Networks are
    overconfident (Guo, Pleiss, Sun, Weinberger, *On calibration of modern neural networks*, 2017), so no probability
    above 1 - MOST_CONFIDENT is taken at its word.

    Args:
        own: (N,), the predicted probability of each row's own label.
        largest: (N,), the largest predicted probability of each row.
    """
    for level in CONFIDENT:
        confident = largest > level
        doubtful = np.flatnonzero(confident & (own < UNLIKELY))
        expected = float(np.maximum(1 - largest[confident], MOST_CONFIDENT).sum())
        if len(doubtful) and _poisson_tail(len(doubtful), expected) <= SIGNIFICANCE:
            return doubtful, (
                f"The model predicts another label with a probability above {level:.1%}; if its probabilities were "
                f"right, {expected:.1f} such rows would be expected."
            )
    return NO_ROWS, ""


def _misplaced(context: Context, inputs: Array, codes: RowNumbers) -> tuple[RowNumbers, str]:
    """Rows whose nearest rows agree on another label, both by their inputs and in the last hidden layer.

    A network that has memorized a wrong label predicts it; the rows around it do not have it (Wilson, *Asymptotic
    properties of nearest neighbor rules using edited data*, 1972; Bahri, Jiang, Gupta, *Deep k-NN for noisy labels*,
    2020). But classes may overlap. Then such rows are rare far inside a class, whereas mistakes in labels do not depend
    on where a row lies (Frénay, Verleysen, *Classification in the presence of label noise*, 2014): only if the inner
    two thirds have more of them than overlap explains are they a finding. How far inside a row lies is measured by the
    inputs, which do not depend on the training.
    """
    looked = evenly_spaced(len(codes), MAX_ROWS)
    if len(looked) < MIN_ROWS:
        return NO_ROWS, ""
    inputs, codes = inputs[looked], codes[looked]
    classes = len(context.model.target.classes or ())
    hidden = placed(context.model, inputs, "hidden")
    farther, by_inputs = labels_around(inputs, codes, classes, (FARTHER, NEAREST), REFERENCES)
    (by_hidden,) = labels_around(hidden, codes, classes, (NEAREST,), REFERENCES)
    shares = np.minimum(by_inputs, by_hidden)
    label = shares.argmax(axis=1)
    agreed = np.flatnonzero(shares.max(axis=1) > AGREEING - 0.5 / NEAREST)
    against = label[agreed] != codes[agreed]
    if not 0 < against.sum() <= OVERLAPPING * len(agreed):
        return NO_ROWS, ""
    outwards = np.argsort(-farther[agreed, label[agreed]], kind="stable")
    *inner, _ = np.array_split(against[outwards], 3)
    inside, total = int(np.concatenate(inner).sum()), int(against.sum())
    if _binomial_tail(inside, total, OVERLAP_INSIDE) > SIGNIFICANCE:
        return NO_ROWS, ""
    return looked[agreed[against]], (
        f"{total} of them lie among rows of another label, by their inputs and in the last hidden layer. Where classes "
        f"overlap, such rows lie at the margin of a class; here {inside} of {total} do not."
    )


def _binomial_tail(count: int, number: int, probability: float) -> float:
    """The probability of ``count`` or more successes in ``number`` trials (binomial distribution)."""

    def log_ways(some: int) -> float:
        return math.lgamma(number + 1) - math.lgamma(some + 1) - math.lgamma(number - some + 1)

    return sum(
        math.exp(log_ways(some) + some * math.log(probability) + (number - some) * math.log(1 - probability))
        for some in range(count, number + 1)
    )


def _poisson_tail(count: int, expected: float) -> float:
    """The probability of ``count`` or more where ``expected`` are expected (Poisson distribution)."""
    if not expected:
        return 0.0
    below = sum(math.exp(at * math.log(expected) - math.lgamma(at + 1)) for at in range(count))
    return 1 - math.exp(-expected) * below


def _large_residuals(context: Context) -> tuple[RowNumbers, str]:
    """Numbers: rows whose residual is far above the 99 % quantile of the rows with similar predictions."""
    assert context.labeled is not None
    rows = context.labeled.rows
    outputs = context.model.outputs(rows.inputs).astype(np.float64)
    residuals = np.abs(rows.targets - outputs)
    ratios = np.zeros(len(residuals))
    for column in range(residuals.shape[1]):
        order = np.argsort(outputs[:, column], kind="stable")
        for part in np.array_split(order, max(1, min(PARTS, len(order) // 200))):
            usual = float(np.sort(residuals[part, column])[int(QUANTILE * (len(part) - 1))])
            ratios[part] = np.maximum(ratios[part], residuals[part, column] / (usual or np.inf))
    doubtful = np.flatnonzero(ratios > MULTIPLE)
    doubtful = doubtful[np.argsort(-ratios[doubtful], kind="stable")]
    return doubtful, (
        f"The difference from the prediction is more than {MULTIPLE:g} times the {QUANTILE:.0%} quantile of the rows "
        "with similar predictions."
    )
