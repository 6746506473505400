"""Labels that look wrong: to the model, and to the rows around them, which a network cannot have learnt by heart."""

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
from glassnet.tables.encode.target_encoding import class_codes

Places = npt.NDArray[np.intp]
NOBODY: Places = np.empty(0, np.intp)

UNLIKELY = 0.05  # the probability of a row's own label
SURE = (0.9, 0.95, 0.98, 0.99, 0.999)  # that of another label; the lowest that stands out is taken
SUREST = 0.001  # of the sure rows, at least this share is expected to be wrong
BY_CHANCE = 0.01  # probability that what was found is no more than bad luck
NEAREST, AGREED = 20, 0.9  # rows around one, and the share of them that must have the same label
FARTHER = 60  # rows around one that tell how far inside its neighbors' label it lies
INSIDE = 0.4  # share of the contradictions in the inner two thirds, at most, where labels overlap by nature
OVERLAPPING = 0.05  # share of rows against all their neighbors from which on labels overlap everywhere
ENOUGH, MOST = 300, 20_000  # rows whose neighbors are looked at
REFERENCES = 5000  # rows among which neighbors are sought
WORST, FAR_OFF, PARTS = 0.99, 4.0, 20  # a quantile of the residuals, times so much; in parts by prediction
FEW = 0.001  # share of the rows up to which they are worth a note only
SHOWN = 10


def wrong_labels(context: Context) -> Iterator[Finding]:
    """Rows that contradict the model more flatly, and more often, than its own uncertainty allows for; and rows amid
    rows of another label, where mislabeling is likelier than overlap.
    """
    assert context.labeled is not None
    numbers = context.labeled.numbers
    doubtful, evidence = _wrong_classes(context) if context.model.target.classes else _far_off(context)
    if len(doubtful):
        places = [str(numbers[at] + 1) for at in doubtful]
        yield Finding(
            "wrong_labels",
            "warning" if len(doubtful) > FEW * len(numbers) else "note",
            f"{rows_that(len(doubtful), len(numbers), 'have', 'has')} a target that looks wrong: "
            f"row {listed(places, SHOWN)}.",
            evidence,
            "Look at these rows: correct their target, or find out what the columns do not say about them.",
            tuple(places),
        )


def _wrong_classes(context: Context) -> tuple[Places, str]:
    """Classes: what the neighbors contradict, and what the model does; the least likely labels first."""
    assert context.labeled is not None
    rows, numbers = context.labeled.rows, context.labeled.numbers
    chances = context.model.probabilities(context.model.outputs(rows.inputs))
    targets = rows.targets
    codes = class_codes(targets)
    own, largest = chances[np.arange(len(codes)), codes], chances.max(axis=1)
    misplaced, evidence = _misplaced(context, rows.inputs, codes)
    if len(misplaced):
        # there are wrong labels, so the model's contradictions need not stand out by themselves
        flat = np.flatnonzero((largest > SURE[0]) & (own < UNLIKELY))
        doubtful = np.union1d(misplaced, flat)
    else:
        doubtful, evidence = contradicted(own, largest)
    if not len(doubtful):
        return NOBODY, ""
    doubtful = doubtful[np.argsort(own[doubtful], kind="stable")]
    first, classes = int(doubtful[0]), context.model.target.classes or ()
    said, told = classes[codes[first]], classes[int(chances[first].argmax())]
    return (
        doubtful,
        f"{evidence} Row {numbers[first] + 1} says {said}, the model {told} ({largest[first]:.1%}).",
    )


def contradicted(own: Array, largest: Array) -> tuple[Places, str]:
    """Rows whose label is given hardly a chance while another is nearly certain.

    A model that is right to be 99 % sure is wrong in one row of a hundred: so many are expected, and only more of
    them than chance would bring are a finding. After Northcutt, Jiang, Chuang, *Confident learning* (2021). Networks
    are surer than they should be (Guo, Pleiss, Sun, Weinberger, *On calibration of modern neural networks*, 2017), so
    no certainty counts beyond 1 - SUREST.
    """
    for level in SURE:
        sure = largest > level
        doubtful = np.flatnonzero(sure & (own < UNLIKELY))
        expected = float(np.maximum(1 - largest[sure], SUREST).sum())
        if len(doubtful) and _chance_of(len(doubtful), expected) <= BY_CHANCE:
            return doubtful, (
                f"The model gives another label more than {level:.1%}; going by its own certainty, {expected:.1f} "
                "such rows were to be expected."
            )
    return NOBODY, ""


def _misplaced(context: Context, inputs: Array, codes: Places) -> tuple[Places, str]:
    """Rows whose nearest rows agree on another label, both by their inputs and in the last hidden layer.

    A network that has learnt a wrong label by heart stands by it; the rows around it do not (Wilson, *Asymptotic
    properties of nearest neighbor rules using edited data*, 1972; Bahri, Jiang, Gupta, *Deep k-NN for noisy labels*,
    2020). But labels may overlap by nature. Then such rows are rare far inside a class, whereas a label that is wrong
    by mistake cares little where its row lies (Frénay, Verleysen, *Classification in the presence of label noise*,
    2014): only if the inner two thirds have more of them than overlap would bring are they a finding. How far inside a
    row lies goes by the inputs, which training does not touch.
    """
    looked = evenly_spaced(len(codes), MOST)
    if len(looked) < ENOUGH:
        return NOBODY, ""
    inputs, codes = inputs[looked], codes[looked]
    classes = len(context.model.target.classes or ())
    hidden = placed(context.model, inputs, "hidden")
    farther, by_inputs = labels_around(inputs, codes, classes, (FARTHER, NEAREST), REFERENCES)
    (by_hidden,) = labels_around(hidden, codes, classes, (NEAREST,), REFERENCES)
    nearest = np.minimum(by_inputs, by_hidden)
    label = nearest.argmax(axis=1)
    agreed = np.flatnonzero(nearest.max(axis=1) > AGREED - 0.5 / NEAREST)
    against = label[agreed] != codes[agreed]
    if not 0 < against.sum() <= OVERLAPPING * len(agreed):
        return NOBODY, ""
    outwards = np.argsort(-farther[agreed, label[agreed]], kind="stable")
    *inside, margin = np.array_split(against[outwards], 3)
    deep, shallow = int(np.concatenate(inside).sum()), int(margin.sum())
    if _chance_among(deep, deep + shallow, INSIDE) > BY_CHANCE:
        return NOBODY, ""
    return looked[agreed[against]], (
        f"{deep + shallow} of them lie amid rows of another label, by their inputs and in the last hidden layer. Where "
        f"labels overlap by nature, such rows lie at the margin of a class; here {deep} of {deep + shallow} do not."
    )


def _chance_among(count: int, number: int, share: float) -> float:
    """The probability of ``count`` or more among ``number`` where each has the probability ``share`` (binomial)."""

    def log_ways(some: int) -> float:
        return math.lgamma(number + 1) - math.lgamma(some + 1) - math.lgamma(number - some + 1)

    return sum(
        math.exp(log_ways(some) + some * math.log(share) + (number - some) * math.log(1 - share))
        for some in range(count, number + 1)
    )


def _chance_of(count: int, expected: float) -> float:
    """The probability of ``count`` or more where ``expected`` are (Poisson)."""
    below = (
        sum(math.exp(at * math.log(expected) - math.lgamma(at + 1)) for at in range(count))
        if expected
        else 1.0
    )
    return 1 - math.exp(-expected) * below


def _far_off(context: Context) -> tuple[Places, str]:
    """Numbers: rows much farther off than even the worst one in a hundred of the rows with like predictions."""
    assert context.labeled is not None
    rows = context.labeled.rows
    outputs = context.model.outputs(rows.inputs).astype(np.float64)
    sizes = np.abs(rows.targets - outputs)
    off = np.zeros(len(sizes))
    for column in range(sizes.shape[1]):
        order = np.argsort(outputs[:, column], kind="stable")
        for part in np.array_split(order, max(1, min(PARTS, len(order) // 200))):
            usual = float(np.sort(sizes[part, column])[int(WORST * (len(part) - 1))])
            off[part] = np.maximum(off[part], sizes[part, column] / (usual or np.inf))
    doubtful = np.flatnonzero(off > FAR_OFF)
    doubtful = doubtful[np.argsort(-off[doubtful], kind="stable")]
    return doubtful, (
        f"More than {FAR_OFF:g} times as far from the prediction as 99 of 100 rows with like predictions."
    )
