"""Checks of the table's columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.inside.columns import column_slices
from glassnet.inside.doctor.context import Context
from glassnet.inside.doctor.findings import Finding, listed
from glassnet.tables import NumberEncoder
from glassnet.tables.schema import UNUSABLE

SMALL, LARGE = 0.05, 20.0  # deviations of unscaled inputs that hinder learning
GIVEN_AWAY = 0.99  # share of the target's variance that one column alone tells
RARE, LOPSIDED = 0.05, 20.0  # a class's share, and the ratio of the largest to the smallest


def unscaled_column(context: Context) -> Iterator[Finding]:
    seen = context.row_stats
    found = []
    for stage in context.model.encoder.encoders:
        if isinstance(stage, NumberEncoder) and stage.mean == 0 and stage.scale == 1:
            at = column_slices(context.model.encoder)[stage.column].start
            mean, deviation = float(seen.means[at]), float(seen.deviations[at])
            if deviation and (not SMALL <= deviation <= LARGE or abs(mean) > LARGE):
                found.append((stage.column, mean, deviation))
    if found:
        name, mean, deviation = max(found, key=lambda each: max(abs(each[1]), each[2], 1 / each[2]))
        yield Finding(
            "unscaled_column",
            "warning",
            f"Numbers reach the network in their own units: {listed([each[0] for each in found])}.",
            f"{name} has the mean {mean:.4g} and the standard deviation {deviation:.4g}; networks learn well from "
            "numbers around 0 that vary by about 1.",
            "Train with standardize=True, or scale these columns.",
            tuple(each[0] for each in found),
        )


def constant_column(context: Context) -> Iterator[Finding]:
    seen = None if context.stats is None else context.stats.rows
    left_out = [column.name for column in context.columns if column.type == UNUSABLE and column.levels == 1]
    never: list[str] = []
    hardly: list[str] = []
    if seen is not None:
        for name, place in column_slices(context.model.encoder).items():
            if not seen.deviations[place].any():
                (hardly if _varies(context, name, place) else never).append(name)
        if hardly:
            yield Finding(
                "constant_column",
                "note",
                f"Columns that hardly ever vary: {listed(hardly)}.",
                f"They have the same value in each of {seen.count:,} rows evenly spread over the table, though not in "
                "all, so next to nothing can be learnt from them.",
                "Nothing needs to be done, unless they should vary.",
                tuple(hardly),
            )
    if never:
        yield Finding(
            "constant_column",
            "warning",
            f"Columns that never vary: {listed(never)}.",
            "They have the same value in every row that was looked at, so nothing can be learnt from them.",
            "Leave them out, or find out why they do not vary.",
            tuple(never),
        )
    if left_out:
        yield Finding(
            "constant_column",
            "note",
            f"Columns with a single value were left out: {listed(left_out)}.",
            "They have the same value in every row, so nothing can be learnt from them.",
            "Nothing needs to be done, unless they should vary.",
            tuple(left_out),
        )


def _varies(context: Context, name: str, place: slice) -> bool:
    """Whether a column that is the same in all rows of the statistics has another value beyond them."""
    if context.has_own_stats and context.labeled is not None:
        return bool(np.ptp(context.labeled.rows.inputs[:, place], axis=0).any())
    column = next(column for column in context.columns if column.name == name)
    return column.levels != 1 and (column.minimum is None or column.minimum != column.maximum)


def duplicated_column(context: Context) -> Iterator[Finding]:
    seen = context.row_stats
    stages = context.model.encoder.encoders
    places = column_slices(context.model.encoder)
    owner = {
        at: stage.column
        for stage in stages
        for at in range(places[stage.column].start, places[stage.column].stop - stage.missing_flag)
    }
    shared: dict[tuple[str, str], set[int]] = {}
    for first, second in seen.duplicates.tolist():
        if first in owner and second in owner and owner[first] != owner[second]:
            shared.setdefault((owner[first], owner[second]), set()).add(first)
    own = {name: sum(1 for each in owner.values() if each == name) for name in places}
    pairs = [pair for pair, inputs in shared.items() if len(inputs) == own[pair[0]] == own[pair[1]]]
    for first_name, second_name in pairs[:5]:
        yield Finding(
            "duplicated_column",
            "warning",
            f"{first_name} and {second_name} hold the same.",
            "In every row that was looked at, one is the other but for shift and scale.",
            "Leave one of them out: the network shares the credit between them, and their importances mislead.",
            (first_name, second_name),
        )


def gives_target_away(context: Context) -> Iterator[Finding]:
    seen = context.row_stats
    if len(seen.variance_explained) < 2:
        return
    names = list(column_slices(context.model.encoder))
    target = listed(context.model.target.columns)
    for at in np.flatnonzero(seen.variance_explained >= GIVEN_AWAY)[:5].tolist():
        yield Finding(
            "gives_target_away",
            "serious",
            f"{names[at]} gives {target} away.",
            f"Alone, it tells {100 * seen.variance_explained[at]:.4g}% of the variance of {target}.",
            "Ask whether it is known at the time of predicting, or was made from the target; if so, leave it out "
            f"(column_types={{{names[at]!r}: 'ignore'}}).",
            (names[at],),
        )


def imbalanced_target(context: Context) -> Iterator[Finding]:
    model = context.model
    classes = model.target.classes
    if classes is None:
        return
    shares = np.array(model.baseline)
    rare = np.flatnonzero((shares < RARE) & (shares * LOPSIDED < shares.max()))
    if len(rare):
        named = [f"{classes[at]} {shares[at]:.2%}" for at in rare[np.argsort(shares[rare])]]
        often = int(shares.argmax())
        weighted = model.settings.class_weight is not None
        yield Finding(
            "imbalanced_target",
            "note" if weighted else "warning",
            f"Rare classes: {listed(named)}.",
            f"{classes[often]} has {shares[often]:.1%} of the rows, so always saying it is right as often as that: "
            "accuracy alone says little.",
            "Look at the rare classes' own figures; "
            + (
                "they already weigh more."
                if weighted
                else "train with class_weight='balanced' to let them weigh more."
            ),
            tuple(str(classes[at]) for at in rare),
        )
