"""Checks of single rows: labels that look wrong, rows unlike those of the training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from glassnet.inside.columns import column_slices
from glassnet.inside.doctor.findings import Finding, listed
from glassnet.inside.doctor.patient import Patient
from glassnet.tables import CategoryEncoding, NumberEncoding

Places = npt.NDArray[np.intp]

UNLIKELY, SURE = 0.01, 0.98  # the probability of a row's own label, and of another one
FAR_OFF = 8.0  # residuals, in robust standard deviations
BEYOND = 0.5  # of the training rows' range, to both sides
SHOWN = 10


def wrong_labels(patient: Patient) -> Iterator[Finding]:
    """Confident contradictions: Northcutt, Jiang, Chuang, *Confident learning* (2021), in its simplest form."""
    assert patient.labelled is not None
    rows, numbers = patient.labelled
    model = patient.model
    outputs = model.run.predict(rows.inputs)
    if model.target.classes is not None:
        chances = model.probabilities(outputs)
        targets = rows.targets
        codes = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0].astype(np.intp)
        own = chances[np.arange(len(codes)), codes]
        doubtful = np.flatnonzero((own < UNLIKELY) & (chances.max(axis=1) > SURE))
        doubtful = doubtful[np.argsort(own[doubtful], kind="stable")]
        evidence = (
            f"The model gives their label less than {UNLIKELY:.0%} and another one more than {SURE:.0%}"
        )
        if len(doubtful):
            at = int(doubtful[0])
            classes = model.target.classes
            evidence += (
                f"; row {numbers[at] + 1} says {classes[codes[at]]}, the model {classes[int(chances[at].argmax())]} "
                f"({chances[at].max():.1%})."
            )
    else:
        residuals = (rows.targets - outputs).astype(np.float64)
        middle = np.median(residuals, axis=0)
        deviation = 1.4826 * np.median(np.abs(residuals - middle), axis=0)
        off = (np.abs(residuals - middle) / np.where(deviation > 0, deviation, np.inf)).max(axis=1)
        doubtful = np.flatnonzero(off > FAR_OFF)
        doubtful = doubtful[np.argsort(-off[doubtful], kind="stable")]
        evidence = (
            f"They are off by more than {FAR_OFF:g} standard deviations (robust ones) of the residuals."
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


def unlike_training(patient: Patient) -> Iterator[Finding]:
    seen, inputs = patient.model.survey, patient.inputs
    assert seen is not None
    assert inputs is not None
    strange: dict[str, Places] = {}
    for stage in patient.model.encoder.stages:
        place = column_slices(patient.model.encoder)[stage.column]
        own = inputs[:, place]
        if isinstance(stage, NumberEncoding):
            low, high = float(seen.quantiles[0, place.start]), float(seen.quantiles[-1, place.start])
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
            "serious" if len(all_rows) > len(inputs) / 10 else "warning",
            f"{len(all_rows)} of {len(inputs)} rows are unlike the training rows: "
            f"row {listed([str(row + 1) for row in all_rows], SHOWN)}.",
            "Values far beyond the training rows' range, or levels that training never saw, in "
            f"{listed([f'{name} ({len(strange[name])} rows)' for name in worst])}.",
            "Predictions there are guesses: check units and spelling, or train on rows like these.",
            tuple(str(row + 1) for row in all_rows),
        )
