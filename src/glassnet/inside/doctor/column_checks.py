"""Checks of the table's columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.errors import called
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding, listed
from glassnet.tables import NumberEncoder
from glassnet.tables.schema import UNUSABLE

SMALL, LARGE = 0.05, 20.0  # standard deviations of unscaled inputs outside of which networks learn badly
LEAKAGE = 0.99  # the share of the target's variance that a column explains alone
RARE, IMBALANCED = 0.05, 20.0  # the share of a class; the ratio of the largest share to it


def unscaled_column(context: Context) -> Iterator[Finding]:
    stats, encoder = context.row_stats, context.model.encoder
    found: dict[str, tuple[float, float]] = {}
    for name, place in encoder.slices.items():
        mean, deviation = float(stats.means[place.start]), float(stats.deviations[place.start])
        unusual = deviation and (not SMALL <= deviation <= LARGE or abs(mean) > LARGE)
        if encoder[name].is_unscaled and unusual:
            found[name] = mean, deviation
    if found:
        name = max(found, key=lambda each: max(abs(found[each][0]), found[each][1], 1 / found[each][1]))
        mean, deviation = found[name]
        yield Finding(
            "warning",
            f"Columns that are not scaled: {listed(list(found))}.",
            f"{name} has the mean {mean:.4g} and the standard deviation {deviation:.4g}; networks learn best from "
            "inputs with mean 0 and standard deviation 1.",
            f"Train with {called('scaling', 'standard')}, or scale these columns.",
            tuple(found),
            {"scaling": "standard"} if context.model.settings.scaling == "none" else {},
        )


def constant_column(context: Context) -> Iterator[Finding]:
    left_out = [column.name for column in context.columns if column.type == UNUSABLE and column.levels == 1]
    constant: list[str] = []
    almost: list[str] = []
    if context.stats is not None:
        for name, place in context.model.encoder.slices.items():
            if not context.row_stats.deviations[place].any():
                (almost if _varies(context, name, place) else constant).append(name)
    if almost:
        yield Finding(
            "note",
            f"Columns that are almost constant: {listed(almost)}.",
            f"They have the same value in {context.row_stats.count:,} evenly spaced rows, though not in all rows, so "
            "hardly anything can be learnt from them.",
            "None, unless they should vary.",
            tuple(almost),
        )
    if constant:
        yield Finding(
            "warning",
            f"Columns that are constant: {listed(constant)}.",
            "They have the same value in every row that was checked, so nothing can be learnt from them.",
            "Leave them out, or find out why they do not vary.",
            tuple(constant),
        )
    if left_out:
        yield Finding(
            "note",
            f"Columns with a single value were left out: {listed(left_out)}.",
            "They have the same value in every row, so nothing can be learnt from them.",
            "None, unless they should vary.",
            tuple(left_out),
        )


def _varies(context: Context, name: str, place: slice) -> bool:
    """Whether a column that is constant in the rows of the statistics has another value in other rows."""
    if context.has_own_stats and context.labeled is not None:
        return bool(np.ptp(context.labeled.rows.inputs[:, place], axis=0).any())
    column = next(column for column in context.columns if column.name == name)
    return column.levels != 1 and (column.minimum is None or column.minimum != column.maximum)


def duplicated_column(context: Context) -> Iterator[Finding]:
    encoder = context.model.encoder
    values = {}  # without the mark of a missing value, and without the bins, which follow from the scaled number
    for name, place in encoder.slices.items():
        own = encoder[name]
        end = place.start + 1 if isinstance(own, NumberEncoder) else place.stop - own.missing_flag
        values[name] = range(place.start, end)
    column_of = {at: name for name, places in values.items() for at in places}
    shared: dict[tuple[str, str], set[int]] = {}
    for first, second in context.row_stats.duplicates.tolist():
        if first in column_of and second in column_of and column_of[first] != column_of[second]:
            shared.setdefault((column_of[first], column_of[second]), set()).add(first)
    pairs = [
        pair for pair, inputs in shared.items() if len(inputs) == len(values[pair[0]]) == len(values[pair[1]])
    ]
    for first_name, second_name in pairs[:5]:
        yield Finding(
            "warning",
            f"{first_name} and {second_name} have the same values.",
            "In every row that was checked, they are the same up to shift and scale.",
            "Leave one of them out: as it is, their importance is divided between them.",
            (first_name, second_name),
        )


def target_leakage(context: Context) -> Iterator[Finding]:
    explained, names = context.row_stats.variance_explained, list(context.model.encoder.slices)
    if len(names) < 2:
        return
    target = listed(context.model.target.columns)
    for at in np.flatnonzero(explained >= LEAKAGE)[:5].tolist():
        yield Finding(
            "serious",
            f"{names[at]} determines {target}.",
            f"It explains {100 * explained[at]:.4g}% of the variance of {target} alone.",
            "Find out whether it is known when predictions are made; if it is not, or if it is derived from the "
            f"target, leave it out ({called('column_types', {names[at]: 'ignore'})}).",
            (names[at],),
            {"column_types": {**(context.model.settings.column_types or {}), names[at]: "ignore"}},
        )


def imbalanced_target(context: Context) -> Iterator[Finding]:
    model = context.model
    classes = model.target.classes
    if classes is None:
        return
    shares = np.array(model.baseline)
    rare = np.flatnonzero((shares < RARE) & (shares * IMBALANCED < shares.max()))
    if len(rare):
        named = [f"{classes[at]} {shares[at]:.2%}" for at in rare[np.argsort(shares[rare])]]
        often = int(shares.argmax())
        weighted = model.settings.class_weight is not None
        yield Finding(
            "note" if weighted else "warning",
            f"Rare classes: {listed(named)}.",
            f"{classes[often]} has {shares[often]:.1%} of the rows, so always predicting it is right as often: "
            "accuracy alone is not informative.",
            "Look at the figures of the rare classes; "
            + (
                "they have larger weights already."
                if weighted
                else f"train with {called('class_weight', 'balanced')} to give them larger weights."
            ),
            tuple(str(classes[at]) for at in rare),
            {} if weighted else {"class_weight": "balanced"},
        )
