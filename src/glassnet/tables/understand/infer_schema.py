"""``infer_schema``: from a table to the schema that everything after it relies on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from glassnet.errors import Faults, TableError, called, nearest, unknown, with_nearest
from glassnet.tables.notes import Note
from glassnet.tables.schema import (
    CATEGORY,
    COLUMN_TYPES,
    DATETIME,
    NUMBER,
    TASKS,
    UNUSABLE,
    Column,
    Schema,
)
from glassnet.tables.table import Table
from glassnet.tables.understand.column_types import (
    beyond_floats,
    declared_column,
    infer_column,
    infinities,
    is_constant,
    number_columns,
)
from glassnet.tables.understand.task import infer_targets
from glassnet.tables.value_text import quoted, shortened

_TASKS = (*TASKS, "classification")
# Codes of reasons that are reported, though the column is an input.
_SAID = ("pooled", "ambiguous_dates", "two_digit_years", "counts", "repeated_id", "numbers_in_words")


def infer_schema(
    table: Table,
    target: str | Sequence[str],
    *,
    task: str | None = None,
    column_types: Mapping[str, str] | None = None,
    numeric: bool = False,
    left_out: Mapping[str, Note] | None = None,
) -> Schema:
    """Infer what each column of ``table`` (N rows) is and what is to be predicted.

    Args:
        table: from :func:`read_table`.
        target: the column to predict; several columns are all numbers, or all classes.
        task: "regression", "binary", "multiclass", or "classification" for one of the latter two by the number of
            classes. None, the default, decides by the target's values (see ``task.py``).
        column_types: types that the caller declares, by column: "number", "boolean", "category", "datetime"
            ("datetime:%d/%m/%Y" gives the format), "unusable" or "ignore". The default infers all.
        numeric: the source was a plain array of numbers: every column is a number, and no id is looked for.
        left_out: columns that are no inputs, and why: those of groups, or of weights.

    Raises:
        TableError: all at once: one row only, unknown columns, a target that is all missing, constant or of no use
            for the task, infinities, an impossible type, no usable column.
    """
    targets = [target] if isinstance(target, str) else list(target)
    declared, roles = dict(column_types or {}), left_out or {}
    faults = Faults(TableError)
    if table.num_rows < 2:
        faults.add("The table has one row; at least two are needed for training.")
    check_names(table, targets, task, declared, faults)
    faults.raise_if_any()
    names = [name for name in table.column_names if name not in targets]
    arrays = number_columns(
        table, [name for name in (*names, *targets) if name not in declared and name not in roles]
    )

    def column_of(name: str, numeric: bool) -> Column:
        try:
            if name in roles:
                return Column(name, UNUSABLE, roles[name], table.column(name).missing)
            if name in declared:
                return declared_column(name, table.column(name), declared[name])
            return arrays.get(name) or infer_column(name, table.column(name), numeric=numeric)
        except TableError as error:
            faults.messages += error.faults
            return Column(name, UNUSABLE)

    notes = list(table.notes)
    found, task = infer_targets(table, [column_of(name, True) for name in targets], task, faults, notes)
    columns = [_input(table, column_of(name, numeric), faults) for name in names]
    if not _usable(columns):  # a row number is better than nothing, unless the caller left it out
        columns = [
            infer_column(column.name, table.column(column.name), numeric=True)
            if column.reason and column.reason.code == "row_number"
            else column
            for column in columns
        ]
    if not _usable(columns):
        why = "; ".join(f"{column.name}: {column.reason}" for column in columns[:5])
        faults.add(f"There is no column to predict from beside the target{f' ({why})' if why else ''}.")
    faults.raise_if_any()
    notes += [note for column in columns if (note := _note_on(column))]
    notes = [note for note in notes if not _is_declared(note, declared)]
    return Schema(
        tuple(columns), found, task, tuple(notes), table.decimal, table.read_options, table.num_rows
    )


def _is_declared(note: Note, declared: Mapping[str, str]) -> bool:
    """Whether the note is an assumption on the type of a column that the caller declared."""
    return note.is_assumption and note.setting == "column_types" and set(note.value) <= set(declared)


def _usable(columns: Sequence[Column]) -> bool:
    return any(column.type != UNUSABLE for column in columns)


def check_names(
    table: Table, targets: Sequence[str], task: str | None, declared: Mapping[str, str], faults: Faults
) -> None:
    """Add to ``faults`` what is wrong with the names that the caller gave."""
    names = table.column_names
    if task is not None and task not in _TASKS:
        faults.add(unknown(called("task"), task, _TASKS))
    if not targets:
        faults.add("No target was named; name the column to predict.")
    if twice := [name for name in dict.fromkeys(targets) if targets.count(name) > 1]:
        faults.add(f"The target {quoted(twice)} is named more than once; name each column once.")
    listed = f" The columns are {', '.join(map(repr, names))}." if len(names) <= 12 else ""
    for name in targets:
        if name not in names:
            faults.add(f"The target {name!r} is not among the columns.{nearest(name, names) or listed}")
    present = set(names)
    for name, hint in with_nearest((name for name in declared if name not in present), names):
        faults.add(f"{called('column_types')} names the column {name!r}, which is not in the table.{hint}")
    known = [*COLUMN_TYPES, "ignore"]
    for name, type_ in declared.items():
        if name in targets and type_ in ("ignore", UNUSABLE):
            faults.add(
                f"{called('column_types', {name: type_})} leaves out the target; "
                "name another target, or another column."
            )
        if type_.partition(":")[0] not in known:
            faults.add(unknown(f"The type of column {name!r}", type_, known))


def _input(table: Table, column: Column, faults: Faults) -> Column:
    """``column`` as an input: left out where it has one value only."""
    if column.type == UNUSABLE:
        return column
    if (
        column.type == NUMBER
        and column.name not in table.array_names
        and table.column(column.name).is_timestamp
    ):
        faults.add(f"Column {column.name!r} cannot be a number: it holds dates and times.")
    if fault := infinities(table, column):
        faults.add(fault)
    if is_constant(column):
        value = f" ({shortened(column.examples[0])})" if column.examples else ""
        limit = ", as far as float64 can tell" if beyond_floats(column) else ""
        reason = Note("constant", f"the same value{value} in every row{limit}")
        return replace(column, type=UNUSABLE, reason=reason)
    return column


def _note_on(column: Column) -> Note | None:
    """What is to be known of a column before training."""
    reason, head = column.reason, f"Column {column.name!r}"
    if column.sentinels:
        shown = quoted([_shown(value, column.type) for value in column.sentinels])
        text = f"{head} has {shown} far from all other values; taken as missing."
        return Note("sentinels", text, "column_types", {column.name: column.type})
    if column.type == DATETIME and column.missing_words:
        words = quoted(column.missing_words)
        text = f"{head} holds dates; words among them were taken as missing: {words}."
        return Note("words_as_missing", text, "column_types", {column.name: CATEGORY})
    if reason is None or (column.type != UNUSABLE and reason.code not in _SAID):
        return None
    text = f"{head} is left out: {reason.text}." if column.type == UNUSABLE else f"{head}: {reason.text}."
    return reason._replace(text=text)


def _shown(value: float, type_: str) -> str:
    if type_ == DATETIME:
        return str(np.datetime64(int(value), "s")).removesuffix("T00:00:00")
    return f"{value:.15g}"
