"""What is to be learnt: regression, two classes or several, judged from the target's values.

* Words and booleans: classes. Numbers that are not whole: regression.
* Whole numbers with two values: two classes (0/1, 1/2 and -1/1 always, others from 10 rows on).
* Whole numbers that look like labels: several classes. They look so when they run from 0 or 1 without a hole
  over at most ten values, with five rows a value on average. Everything else is a count or a grade: regression.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import Faults, called
from glassnet.tables._arrow import pa
from glassnet.tables.array_table import ArrayTable
from glassnet.tables.column_values import ReadColumn, is_plain
from glassnet.tables.schema import (
    BINARY,
    BOOLEAN,
    CATEGORY,
    DATETIME,
    MULTICLASS,
    NUMBER,
    REGRESSION,
    UNUSABLE,
    Column,
)
from glassnet.tables.understand.column_types import beyond_floats, constant, infer_column, infinities
from glassnet.tables.value_text import quoted

LABEL_VALUES = 10
ROWS_PER_LABEL = 5
ROWS_PER_CLASS = 2


def infer_target(
    table: pa.Table | ArrayTable,
    column: Column,
    read: ReadColumn,
    task: str | None,
    faults: Faults,
    notes: list[str],
) -> tuple[Column, str]:
    """The target ``column`` as a target, and the task; what is wrong with them goes to ``faults``."""
    name, values = column.name, read.values
    if not is_plain(values):
        faults.add(f"The target {name!r} {infer_column(table, name).reason}; it cannot be learnt.")
        return column, task or REGRESSION
    if column.missing == len(values):
        faults.add(f"The target {name!r} has no value in any row; there is nothing to learn.")
        return column, task or REGRESSION
    if constant(column) or column.levels == 1:
        texts = read.words.texts
        differ = len(texts) > 1 and beyond_floats(column)
        if not differ:
            faults.add(f"The target {name!r} is {texts[0]!r} in every row; there is nothing to tell apart.")
        elif task in (None, REGRESSION):
            faults.add(
                f"The target {name!r} has numbers that are the same to float64 ({quoted(texts, 3)}); subtract what "
                "they have in common, or "
                f"set {called('task', 'classification')} if they are labels."
            )
        if not differ or task in (None, REGRESSION):
            return column, task or REGRESSION
    if fault := infinities(table, column):
        faults.add(fault)
        return column, task or REGRESSION
    if column.missing:
        notes.append(f"{column.missing} row(s) without a value of the target {name!r} are left out.")
    said = ""
    if task is None and column.type == NUMBER:
        task, said = _task_of_numbers(column, read.numbers.values)
    if task == REGRESSION:
        notes += [said] if said else []
        return _regression(column, read, faults), task
    words = read.words
    if task is None or task == "classification":
        task = BINARY if len(words.texts) == 2 else MULTICLASS
    if said:
        listed = quoted(sorted(words.texts), 9).replace(chr(39), "")
        notes.append(f"The target {name!r} has the values {listed}, taken as {said}")
    return _classes(column, task, read, faults, notes), task


def _task_of_numbers(column: Column, values: NDArray[np.float64]) -> tuple[str | None, str]:
    """Regression, or ``None`` for classes by their number, and the end of what is to be said of it."""
    levels = column.levels or 0
    whole = not (values % 1 > 0).any()
    if whole and _look_like_labels(column, len(values) - column.missing):
        return None, f"{levels} classes ({called('task', REGRESSION)} to change)."
    said = f"The target {column.name!r} is a whole number with {levels} values, taken as an amount:"
    few = whole and levels <= 30
    return REGRESSION, f"{said} regression ({called('task', 'classification')} to change)." if few else ""


def _look_like_labels(column: Column, rows: int) -> bool:
    """Whether whole numbers in so many rows are classes."""
    levels, ends = column.levels or 0, (column.minimum or 0, column.maximum or 0)
    if levels == 2:
        return ends in ((0, 1), (1, 2), (-1, 1)) or rows >= 10
    runs = ends[0] in (0, 1) and ends[1] - ends[0] == levels - 1
    return runs and levels <= LABEL_VALUES and rows >= ROWS_PER_LABEL * levels


def _regression(column: Column, read: ReadColumn, faults: Faults) -> Column:
    if column.type != NUMBER:
        what = "dates" if column.type == DATETIME else "words"
        shown = quoted(read.words.texts, 3)
        alone = f"as the only target it can be learnt with {called('task', 'classification')}"
        way_out = _as_amount(column, read) or alone
        faults.add(
            f"The target {column.name!r} holds {what} ({shown}), but regression needs numbers; {way_out}."
        )
    return column


def _classes(column: Column, task: str, read: ReadColumn, faults: Faults, notes: list[str]) -> Column:
    name, texts, counts = column.name, read.words.texts, read.words.counts().tolist()
    if task == BINARY and len(texts) != 2:
        faults.add(
            f"{called('task', BINARY)} needs two classes, but the target {name!r} has {len(texts)} ({quoted(texts)})."
        )
    elif len(texts) > 2 and sum(counts) < ROWS_PER_CLASS * len(texts):
        faults.add(
            f"The target {name!r} has {len(texts)} different values in {sum(counts)} rows ({quoted(texts, 3)}):"
            f" too many to be classes. {_way_out(column, read)}"
        )
    single = [text for text, count in zip(texts, counts, strict=True) if count == 1]
    if single:
        notes.append(
            f"The target {name!r} has a single row of {quoted(single)}; it can be learnt but not checked."
        )
    kind = column.type if column.type in (BOOLEAN, CATEGORY) else CATEGORY
    order = sorted(range(len(texts)), key=counts.__getitem__, reverse=True)[:5]
    text = kind == CATEGORY and column.type not in (NUMBER, DATETIME)
    reason = "" if column.type in (UNUSABLE, NUMBER, DATETIME) else column.reason
    return Column(name, kind, reason, column.missing, len(texts), tuple(texts[at] for at in order), text=text)


def _way_out(column: Column, read: ReadColumn) -> str:
    if column.type == NUMBER:
        return f"Use {called('task', REGRESSION)}."
    return f"Choose a target that is a number or has few classes{_as_amount(column, read, ', or ')}."


def _as_amount(column: Column, read: ReadColumn, before: str = "") -> str:
    """How to have words learnt as numbers that are written as codes are; empty where they are no numbers."""
    if column.type not in (CATEGORY, UNUSABLE) or read.numbers.strays:
        return ""
    return f"{before}set {called('column_types', {column.name: NUMBER})} if its numbers are amounts"
