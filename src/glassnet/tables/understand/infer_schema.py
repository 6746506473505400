"""``infer_schema``: from a table to the schema that everything after it relies on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from glassnet.errors import Faults, TableError, called, nearest, unknown
from glassnet.tables._arrow import pa
from glassnet.tables.array_table import ArrayTable
from glassnet.tables.column_values import ReadColumn
from glassnet.tables.read.read_table import as_read
from glassnet.tables.read_notes import decimal_of, notes_of
from glassnet.tables.schema import CATEGORY, COLUMN_TYPES, REGRESSION, TASKS, UNUSABLE, Column, Schema
from glassnet.tables.understand.column_types import (
    COUNTER,
    beyond_floats,
    constant,
    infer_column,
    infinities,
    number_columns,
    override,
)
from glassnet.tables.understand.task import infer_target
from glassnet.tables.value_text import quoted, shortened

_TASKS = (*TASKS, "classification")
_KINDS = (*COLUMN_TYPES, "ignore")


def infer_schema(
    table: pa.Table | ArrayTable,
    target: str | Sequence[str],
    *,
    task: str | None = None,
    kinds: Mapping[str, str] | None = None,
    numeric: bool = False,
) -> Schema:
    """Say what each column of ``table`` (N rows) is and what is to be learnt.

    Parameters
    ----------
    table
        From :func:`read_table` (other PyArrow tables go through it first).
    target
        The column to predict; several columns make a regression with several outputs.
    task
        "regression", "binary", "multiclass", or "classification" for one of the latter two by the
        number of classes. None, the default, decides by the target's values (see ``task.py``).
    kinds
        Kinds that the person says, by column: "number", "boolean", "category", "datetime"
        ("datetime:%d/%m/%Y" gives the format), "unusable" or "ignore". The default infers all.
    numeric
        The source was a plain array of numbers: every column is a number, and no id is looked for.

    Raises
    ------
    TableError
        All at once: one row only, unknown columns, a target that is all missing, constant or of no use for
        the task, infinities, an impossible kind, no usable column.
    """
    targets = [target] if isinstance(target, str) else list(target)
    return understand(table, targets, task=task, kinds=kinds, numeric=numeric)[0]


def understand(
    table: pa.Table | ArrayTable,
    targets: Sequence[str],
    *,
    task: str | None = None,
    kinds: Mapping[str, str] | None = None,
    numeric: bool = False,
) -> tuple[Schema, list[ReadColumn]]:
    """What :func:`infer_schema` says, and the targets as they were read for it."""
    table = as_read(table)
    kinds = dict(kinds or {})
    faults = Faults(TableError)
    _check_names(table, targets, task, kinds, faults)
    faults.raise_if_any()
    notes = notes_of(table)
    names = [name for name in table.column_names if name not in targets]
    ready: Mapping[str, Column] = {}
    if isinstance(table, ArrayTable):
        ready = number_columns(table, [name for name in (*names, *targets) if name not in kinds])
    task = task if len(targets) == 1 else REGRESSION
    read = [ReadColumn.of(table, name) for name in targets]
    found = [
        _target(table, name, kinds.get(name), ready.get(name), own, task, faults, notes)
        for name, own in zip(targets, read, strict=True)
    ]
    columns = tuple(_input(table, name, kinds.get(name), numeric, ready.get(name), faults) for name in names)
    if not _usable(columns):  # a counter is better than nothing, unless the person left it out
        free = [
            name not in kinds and column.reason == COUNTER
            for name, column in zip(names, columns, strict=True)
        ]
        columns = tuple(
            infer_column(table, column.name, numeric=True) if again else column
            for column, again in zip(columns, free, strict=True)
        )
    if not _usable(columns):
        why = "; ".join(f"{column.name}: {column.reason}" for column in columns[:5])
        faults.add(f"There is no column to learn from beside the target{f' ({why})' if why else ''}.")
    faults.raise_if_any()
    notes += _said_of(columns)
    target = tuple(column for column, _ in found)
    return Schema(columns, target, found[0][1], tuple(notes), decimal_of(table)), read


def _usable(columns: Sequence[Column]) -> bool:
    return any(column.type != UNUSABLE for column in columns)


def _check_names(
    table: pa.Table, targets: Sequence[str], task: str | None, kinds: Mapping[str, str], faults: Faults
) -> None:
    names = table.column_names
    if table.num_rows < 2:
        faults.add("The table has one row; at least two are needed to learn from.")
    if task is not None and task not in _TASKS:
        faults.add(unknown(called("task"), task, _TASKS))
    elif len(targets) > 1 and task not in (None, REGRESSION):
        faults.add(f"{called('task', task)}, but several targets can only be learnt as regression.")
    if not targets:
        faults.add("No target was named; name the column to predict.")
    if twice := [name for name in dict.fromkeys(targets) if targets.count(name) > 1]:
        faults.add(f"The target {quoted(twice)} is named more than once; name each column once.")
    listed = f" The columns are {', '.join(map(repr, names))}." if len(names) <= 12 else ""
    for name in targets:
        if name not in names:
            faults.add(f"The target {name!r} is not among the columns.{nearest(name, names) or listed}")
    for name, kind in kinds.items():
        if name in targets and kind in ("ignore", UNUSABLE):
            faults.add(
                f"{called('column_types', {name: kind})} leaves out the target; name another target, or another column."
            )
        if name not in names:
            faults.add(
                f"{called('column_types')} names the column {name!r}, which is not in the table.{nearest(name, names)}"
            )
        if kind.partition(":")[0] not in _KINDS:
            faults.add(unknown(f"The kind of column {name!r}", kind, _KINDS))


def _target(
    table: pa.Table | ArrayTable,
    name: str,
    kind: str | None,
    ready: Column | None,
    read: ReadColumn,
    task: str | None,
    faults: Faults,
    notes: list[str],
) -> tuple[Column, str]:
    try:
        column = override(table, name, kind) if kind else ready or infer_column(table, name, numeric=True)
        return infer_target(table, column, read, task, faults, notes)
    except TableError as error:
        faults.messages += error.faults
        return Column(name, UNUSABLE), task or REGRESSION


def _input(
    table: pa.Table | ArrayTable,
    name: str,
    kind: str | None,
    numeric: bool,
    ready: Column | None,
    faults: Faults,
) -> Column:
    """``ready``: the column as it was understood together with all others."""
    try:
        if kind is not None:
            column = override(table, name, kind)
        else:
            column = ready or infer_column(table, name, numeric=numeric)
    except TableError as error:
        faults.messages += error.faults
        return Column(name, UNUSABLE)
    if column.type != UNUSABLE and (fault := infinities(table, column)):
        faults.add(fault)
    if column.type != UNUSABLE and constant(column):
        value = f" ({shortened(column.examples[0])})" if column.examples else ""
        told = ", as far as float64 can tell" if beyond_floats(column) else ""
        return replace(column, type=UNUSABLE, reason=f"the same value{value} in every row{told}")
    return column


def _said_of(columns: Sequence[Column]) -> list[str]:
    notes = [
        f"Column {column.name!r} is left out: {column.reason}."
        for column in columns
        if column.type == UNUSABLE
    ]
    pooled = [column for column in columns if column.type == CATEGORY and column.reason.endswith("pooled")]
    notes += [f"Column {column.name!r} has {column.reason} as 'other'." for column in pooled]
    exchanged = [column for column in columns if "could be exchanged" in column.reason]
    return notes + [f"Column {column.name!r}: {column.reason}." for column in exchanged]
