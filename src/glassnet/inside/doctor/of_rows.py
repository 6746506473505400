"""Checks of single rows: labels that look wrong, rows unlike those of the training."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from glassnet.inside.columns import column_slices
from glassnet.inside.doctor.findings import Finding, listed
from glassnet.inside.doctor.patient import Patient
from glassnet.inside.grids import number_range
from glassnet.tables import CategoryEncoding, NumberEncoding

Places = npt.NDArray[np.intp]

UNLIKELY = 0.05  # the probability of a row's own label
SURE = (0.9, 0.95, 0.98, 0.99, 0.999)  # that of another label; the lowest that stands out is taken
BY_CHANCE = 0.002  # probability that so many contradictions are no more than bad luck
WORST, FAR_OFF, PARTS = 0.99, 4.0, 20  # a quantile of the residuals, times so much; in parts by prediction
BEYOND = 0.5  # of the training rows' range, to both sides
SHOWN = 10


def wrong_labels(patient: Patient) -> Iterator[Finding]:
    """Rows that contradict the model more flatly, and more often, than its own uncertainty allows for."""
    assert patient.labelled is not None
    numbers = patient.labelled[1]
    doubtful, evidence = (
        _contradicted(patient) if patient.model.target.classes is not None else _far_off(patient)
    )
    if len(doubtful):
        places = [str(numbers[at] + 1) for at in doubtful]
        yield Finding(
            "wrong_labels",
            "warning",
            f"{len(doubtful)} of {len(numbers)} rows have a target that looks wrong: row {listed(places, SHOWN)}.",
            evidence,
            "Look at these rows: correct their target, or find out what the columns do not say about them.",
            tuple(places),
        )


def _contradicted(patient: Patient) -> tuple[Places, str]:
    """Classes: rows whose label is given hardly a chance while another is nearly certain.

    A model that is right to be 99 % sure is wrong in one row of a hundred: so many are expected, and only more of
    them than chance would bring are a finding. After Northcutt, Jiang, Chuang, *Confident learning* (2021).
    """
    assert patient.labelled is not None
    rows, numbers = patient.labelled
    classes = patient.model.target.classes or ()
    chances = patient.model.probabilities(patient.model.run.predict(rows.inputs))
    targets = rows.targets
    codes = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0].astype(np.intp)
    own, largest = chances[np.arange(len(codes)), codes], chances.max(axis=1)
    for level in SURE:
        sure = largest > level
        doubtful = np.flatnonzero(sure & (own < UNLIKELY))
        expected = float((1 - largest[sure]).sum())
        if len(doubtful) and _chance_of(len(doubtful), expected) <= BY_CHANCE:
            break
    else:
        return np.empty(0, np.intp), ""
    doubtful = doubtful[np.argsort(own[doubtful], kind="stable")]
    at = int(doubtful[0])
    return doubtful, (
        f"The model gives another label more than {level:.1%}; going by its own certainty, {expected:.1f} such rows "
        f"were to be expected. Row {numbers[at] + 1} says {classes[codes[at]]}, the model "
        f"{classes[int(chances[at].argmax())]} ({largest[at]:.1%})."
    )


def _chance_of(count: int, expected: float) -> float:
    """The probability of ``count`` or more where ``expected`` are (Poisson)."""
    below = (
        sum(math.exp(at * math.log(expected) - math.lgamma(at + 1)) for at in range(count))
        if expected
        else 1.0
    )
    return 1 - math.exp(-expected) * below


def _far_off(patient: Patient) -> tuple[Places, str]:
    """Numbers: rows much farther off than even the worst one in a hundred of the rows with like predictions."""
    assert patient.labelled is not None
    rows, _ = patient.labelled
    outputs = patient.model.run.predict(rows.inputs).astype(np.float64)
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
        f"They are more than {FAR_OFF:g} times as far from the prediction as 99 of 100 rows with like predictions."
    )


def unlike_training(patient: Patient) -> Iterator[Finding]:
    inputs = patient.inputs
    assert inputs is not None
    strange: dict[str, Places] = {}
    for stage in patient.model.encoder.stages:
        place = column_slices(patient.model.encoder)[stage.column]
        own = inputs[:, place]
        if isinstance(stage, NumberEncoding):
            low, high = number_range(patient.model, stage)
            room = BEYOND * (high - low) or 1.0
            values = own[:, 0].astype(np.float64)
            rows = np.flatnonzero((values < low - room) | (values > high + room))
        elif isinstance(stage, CategoryEncoding) and not stage.other:
            rows = np.flatnonzero(~own.any(axis=1))
            if not stage.missing_flag and patient.table is not None:
                gaps = patient.table.column(stage.column).is_null().to_numpy()
                rows = rows[~gaps[rows]]
        else:
            continue
        if len(rows):
            strange[stage.column] = rows
    if strange:
        all_rows = np.unique(np.concatenate(list(strange.values())))
        worst = sorted(strange, key=lambda name: -len(strange[name]))
        yield Finding(
            "unlike_training",
            _severity(len(all_rows) / len(inputs)),
            f"{len(all_rows)} of {len(inputs)} rows are unlike the training rows: "
            f"row {listed([str(row + 1) for row in all_rows], SHOWN)}.",
            "Values far beyond the training rows' range, or levels that training never saw, in "
            f"{listed([f'{name} ({len(strange[name])} rows)' for name in worst])}.",
            "Predictions there are guesses: check units and spelling, or train on rows like these.",
            tuple(str(row + 1) for row in all_rows),
        )


def _severity(share: float) -> str:
    return "serious" if share > 0.1 else "warning" if share > 0.01 else "note"
