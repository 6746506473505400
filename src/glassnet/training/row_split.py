"""How the rows of a table are divided into training, validation and holdout rows: at random, by group or by time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import SettingsError, called, nearest, plural
from glassnet.tables import Note, Split, Table, split_groups, split_rows, split_times
from glassnet.tables.column_values import ColumnValues, without
from glassnet.tables.read.read_table import as_columns
from glassnet.tables.schema import CATEGORY, DATETIME, NUMBER
from glassnet.tables.seeds import Randomness
from glassnet.tables.understand.column_types import declared_column, infer_column
from glassnet.tables.value_text import quoted
from glassnet.training.settings import Settings

Numbers = npt.NDArray[np.int64]


def roles_of(settings: Settings, types: Mapping[str, str], targets: list[str]) -> dict[str, Note]:
    """Why columns that have a part in the training, other than that of an input, are no inputs.

    The column of groups is an input if its type is declared.
    """
    roles = {}
    for name in ("groups", "time"):
        given = getattr(settings, name)
        if isinstance(given, str) and given in targets:
            raise SettingsError(f"{called(name, given)} is the target; name another column.")
    if isinstance(settings.groups, str) and settings.groups not in types:
        text = "it has the groups of the rows"
        roles[settings.groups] = Note("groups", text, "column_types", {settings.groups: CATEGORY})
    if isinstance(settings.sample_weight, str):
        roles[settings.sample_weight] = Note("weights", "it has the weights of the rows")
    return roles


def split_table(
    table: Table,
    rows: Numbers,
    settings: Settings,
    types: Mapping[str, str],
    rng: Randomness,
    classes: npt.NDArray[Any] | None,
) -> Split:
    """The parts, as places in ``rows`` (R,), which are the numbers of the rows that have a target.

    Args:
        types: the declared types of columns.
        rng: draws the parts.
        classes: (R,), the class of each of these rows; ``None`` for numbers.

    Raises:
        SettingsError: no such column, a missing value in it, no times, too few rows, groups or times.
    """
    shares = {"holdout": settings.holdout, "validation": settings.validation}
    groups = group_codes(table, rows, settings)
    if groups is not None:
        return split_groups(groups, rng=rng, classes=classes, **shares)
    if settings.time is not None:
        times = _times(_column(table, "time", settings.time), settings.time, types)
        _refuse_missing("time", settings.time, np.isnan(times), rows)
        return split_times(times[rows], **shares)
    return split_rows(len(rows), rng=rng, classes=classes, **shares)


def group_codes(table: Table, rows: Numbers, settings: Settings) -> Numbers | None:
    """The number of the group of each of ``rows`` (R,), from 0; ``None`` if there are no groups.

    Raises:
        SettingsError: no such column, a missing value in it, or values that are no groups.
    """
    if settings.groups is None:
        return None
    groups = check_groups(table, settings.groups, rows)
    _, codes = np.unique(groups.words.codes[rows], return_inverse=True)
    return codes


def check_groups(table: Table, given: Any, rows: Numbers) -> ColumnValues:
    """The groups of all rows of the table; of ``rows``, each has one.

    Raises:
        SettingsError: no such column, a missing value in it, or values that are no groups.
    """
    groups = _column(table, "groups", given)
    if not groups.is_usable:
        raise SettingsError(
            f"{called('groups')} needs numbers, words or dates, but has {groups.type} values."
        )
    _refuse_missing("groups", given, groups.is_missing, rows)
    return groups


def refuse_shared_groups(settings: Settings, table: Table, validation: Table) -> None:
    """Refuse a table of validation rows with groups that the training table has too.

    Raises:
        SettingsError: the message names some of these groups.
    """
    name = settings.groups
    if not isinstance(name, str) or name not in validation.column_names:
        return
    both = sorted(set(table.column(name).words.texts) & set(validation.column(name).words.texts))
    if both:
        raise SettingsError(
            f"{called('groups', name)}: {plural(len(both), 'group is', 'groups are')} both in the table and in that of "
            f"{called('validation')} ({quoted(both, 3)}); leave them out of one of them."
        )


def _column(table: Table, setting: str, given: Any) -> ColumnValues:
    """The column of that name, or the values that were given, one for each row."""
    if isinstance(given, str):
        if given not in table.column_names:
            hint = nearest(given, table.column_names)
            raise SettingsError(f"{called(setting)} is {given!r}, but there is no such column.{hint}")
        return table.column(given)
    if not hasattr(given, "__len__") or len(given) != table.num_rows or getattr(given, "ndim", 1) != 1:
        shape = getattr(given, "shape", None)
        what = repr(given)[:60] if shape is None else f"of the shape {shape}"
        raise SettingsError(
            f"{called(setting)} is {what}, but must be the name of a column, or {table.num_rows} values: one for each "
            "row."
        )
    return as_columns({setting: given}).column(setting)


def _times(values: ColumnValues, given: Any, types: Mapping[str, str]) -> npt.NDArray[np.float64]:
    """(N,): numbers, or seconds since 1970; NaN for a missing value."""
    name = given if isinstance(given, str) else "time"
    declared = types.get(name, "ignore").partition(":")[0] in (DATETIME, NUMBER)
    column = (
        declared_column(name, values, types[name]) if declared else infer_column(name, values, numeric=True)
    )
    if column.type == DATETIME:
        return without(values.seconds(column.format), column.sentinels)
    if column.type == NUMBER:
        return values.numbers
    shown = quoted(values.words.texts, 3) if values.is_usable else f"{values.type} values"
    raise SettingsError(f"{called('time')} needs dates or numbers, but {name!r} holds {shown}.")


def _refuse_missing(setting: str, given: Any, missing: npt.NDArray[np.bool_], rows: Numbers) -> None:
    gaps = rows[missing[rows]]
    if len(gaps):
        what = called(setting, given) if isinstance(given, str) else called(setting)
        shown = ", ".join(str(row) for row in gaps[:5]) + (", …" if len(gaps) > 5 else "")
        raise SettingsError(
            f"{what} has no value in {plural(len(gaps), 'row')} (row {shown}), so no part is known for them; "
            "fill these values, or leave these rows out."
        )
