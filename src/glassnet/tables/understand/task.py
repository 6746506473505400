"""What is to be predicted: a regression, two classes or several, judged from the target's values.

* Words and booleans: classes. Numbers that are not whole: regression.
* Whole numbers with two values: two classes (0/1, 1/2 and -1/1 always, others from 10 rows on).
* Whole numbers that look like labels: several classes. They look so when they run from 0 or 1 without a gap
  over at most ten values, with five rows a value on average. Everything else is a count or a grade: regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import Faults, called, plural
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.column_words import Words
from glassnet.tables.notes import Note
from glassnet.tables.schema import (
    BINARY,
    BOOLEAN,
    CATEGORY,
    DATETIME,
    MULTICLASS,
    MULTILABEL,
    NUMBER,
    REGRESSION,
    UNUSABLE,
    Column,
)
from glassnet.tables.table import Table
from glassnet.tables.understand.column_types import beyond_floats, infer_column, infinities
from glassnet.tables.understand.labels import label_values, missing_labels
from glassnet.tables.value_text import quoted

LABEL_VALUES = 10
ROWS_PER_LABEL = 5
ROWS_PER_CLASS = 2
USUAL_LABELS = ((0, 1), (1, 2), (-1, 1))  # of two classes
MANY_CLASSES = 30  # that begin with digits, from which on they may be amounts


def infer_targets(
    table: Table, columns: Sequence[Column], task: str | None, faults: Faults, notes: list[Note]
) -> tuple[tuple[Column, ...], str]:
    """``columns`` as targets, and the task of all: several are all numbers, or all classes.

    Of several, a whole number that could be a class is a number where another target is one.
    """

    def infer(task: str | None) -> tuple[tuple[Column, ...], list[str], list[str], list[Note]]:
        own, noted = Faults(), list[Note]()
        found = [_infer_target(table, column, task, own, noted, len(columns) == 1) for column in columns]
        return tuple(column for column, _ in found), [task for _, task in found], own.messages, noted

    found, tasks, messages, noted = infer(task)
    if REGRESSION in tasks and len(set(tasks)) > 1:
        found, tasks, messages, noted = infer(REGRESSION)
    faults.messages += messages
    notes += noted
    return found, tasks[0] if len(tasks) == 1 or REGRESSION in tasks else MULTILABEL


def _infer_target(
    table: Table, column: Column, task: str | None, faults: Faults, notes: list[Note], alone: bool
) -> tuple[Column, str]:
    """``column`` as a target, ``alone`` or not, and the task; what is wrong with them is added to ``faults``."""
    name, (values, kept) = column.name, label_values(table.column(column.name))
    if kept and task != REGRESSION:
        column = infer_column(name, values)
        text = f"The target {name!r} has {quoted(kept)} as a label, in place of a missing value."
        notes.append(Note("kept_words", text))
    if fault := _unusable(column, values, task) or infinities(table, column):
        faults.add(fault)
        return column, task or REGRESSION
    if column.missing:
        use = "left out" if alone else "used for the other targets only"
        words = missing_labels(values) if task != REGRESSION else ()
        if words:
            what = f"without a label of the target {name!r}, as those of {quoted(words)}:"
            text = f"{plural(column.missing, 'row')} {what} {use}."
            notes.append(Note("missing_labels", text, "missing", {name: []}))
        else:
            text = f"{plural(column.missing, 'row')} without a value of the target {name!r}: {use}."
            notes.append(Note("missing_target", text))
    by_values = task is None and column.type == NUMBER
    if by_values:
        task = _task_of_numbers(column, values.numbers, notes)
    if task == REGRESSION:
        if column.type != NUMBER:
            faults.add(_not_numbers(column, values))
        return column, task
    as_written = values.source_text is not None and not values.is_text
    if as_written:  # its label "1" is not the number 1
        values = values.as_text()
        column = infer_column(name, values)
    declared = column.reason is not None and column.reason.code == "declared"
    folded = declared and column.type == BOOLEAN and len(values.words.texts) > 2
    words = values.words.folded() if folded else values.words
    if task is None or task == "classification":
        task = BINARY if len(words.texts) == 2 else MULTICLASS
    if by_values:
        listed = quoted(sorted(words.texts), 9).replace(chr(39), "")
        text = f"The target {name!r} has the values {listed}, taken as {len(words.texts)} classes."
        usual = (column.minimum, column.maximum) in USUAL_LABELS and column.levels == 2
        notes.append(Note("two_classes" if usual else "task", text, "task", REGRESSION))
    found = _classes(column, task, words, values, faults, notes)
    if kept or folded or as_written:
        found = replace(found, kept_words=kept, folded=folded, text=found.text or as_written)
    return found, task


def _unusable(column: Column, values: ColumnValues, task: str | None) -> str:
    """Why the column cannot be a target, or an empty string."""
    name = column.name
    if not values.is_usable:
        return f"The target {name!r} {infer_column(name, values).reason}; it cannot be predicted."
    if column.missing == len(values):
        return f"The target {name!r} has no value in any row; there is nothing to predict."
    if column.levels != 1:
        return ""
    texts = values.words.texts
    if len(texts) == 1 or not beyond_floats(column):
        return f"The target {name!r} is {texts[0]!r} in every row; there is nothing to predict."
    if task in (None, REGRESSION):
        return (
            f"The target {name!r} has numbers that are the same to float64 ({quoted(texts, 3)}); subtract what "
            f"they have in common, or set {called('task', 'classification')} if they are labels."
        )
    return ""


def _task_of_numbers(column: Column, values: NDArray[np.float64], notes: list[Note]) -> str | None:
    """Regression, or None for as many classes as there are values."""
    levels, whole = column.levels or 0, not (values % 1 > 0).any()
    if whole and _look_like_labels(column, len(values) - column.missing):
        return None
    if whole and levels <= 30:
        text = f"The target {column.name!r} is a whole number with {levels} values, taken as an amount: regression."
        notes.append(Note("task", text, "task", "classification"))
    return REGRESSION


def _look_like_labels(column: Column, rows: int) -> bool:
    """Whether whole numbers in so many rows are classes."""
    levels, ends = column.levels or 0, (column.minimum or 0, column.maximum or 0)
    if levels == 2:
        return ends in USUAL_LABELS or rows >= 10
    runs = ends[0] in (0, 1) and ends[1] - ends[0] == levels - 1
    return runs and levels <= LABEL_VALUES and rows >= ROWS_PER_LABEL * levels


def _not_numbers(column: Column, values: ColumnValues) -> str:
    """The fault of a target of a regression that holds no numbers."""
    what = "dates" if column.type == DATETIME else "words"
    alone = f"as the only target it can be predicted with {called('task', 'classification')}"
    shown, remedy = quoted(values.words.texts, 3), _as_amount(column, values) or alone
    return f"The target {column.name!r} holds {what} ({shown}), but regression needs numbers; {remedy}."


def _classes(
    column: Column, task: str, words: Words, values: ColumnValues, faults: Faults, notes: list[Note]
) -> Column:
    name, texts, counts = column.name, words.texts, words.counts().tolist()
    if task == BINARY and len(texts) != 2:
        faults.add(
            f"{called('task', BINARY)} needs two classes, but the target {name!r} has {len(texts)} ({quoted(texts)})."
        )
    elif len(texts) > 2 and sum(counts) < ROWS_PER_CLASS * len(texts):
        remedy = f"Choose a target that is a number or has few classes{_as_amount(column, values, ', or ')}."
        if column.type == NUMBER:
            remedy = f"Use {called('task', REGRESSION)}."
        faults.add(
            f"The target {name!r} has {len(texts)} different values in {sum(counts)} rows ({quoted(texts, 3)}):"
            f" too many to be classes. {remedy}"
        )
    numbered = sum(text.lstrip("$€£¥<>~-+ ")[:1].isdigit() for text in texts)
    if len(texts) > MANY_CLASSES and numbered > 0.9 * len(texts) and column.type != NUMBER:
        text = f"The target {name!r} has {len(texts)} classes that begin with digits ({quoted(texts, 3)})."
        notes.append(Note("classes_of_numbers", text, "column_types", {name: NUMBER}))
    by_case: dict[str, list[str]] = {}
    for text in texts:
        by_case.setdefault(" ".join(text.casefold().split()), []).append(text)
    if alike := [", ".join(map(repr, own)) for own in by_case.values() if len(own) > 1]:
        what = f"The target {name!r} has labels that differ only in case or blanks: {'; '.join(alike[:3])}."
        notes.append(Note("labels_alike", what, "column_types", {name: BOOLEAN}))
    single = [text for text, count in zip(texts, counts, strict=True) if count == 1]
    if single:
        text = (
            f"The target {name!r} has a single row of {quoted(single)}; it can be learnt but not validated."
        )
        notes.append(Note("single_row", text))
    type_ = column.type if column.type in (BOOLEAN, CATEGORY) else CATEGORY
    reason = None if column.type in (UNUSABLE, NUMBER, DATETIME) else column.reason
    examples = tuple(texts[at] for at in sorted(range(len(texts)), key=counts.__getitem__, reverse=True)[:5])
    is_text = type_ == CATEGORY and column.type not in (NUMBER, DATETIME)
    return Column(name, type_, reason, column.missing, len(texts), examples, text=is_text)


def _as_amount(column: Column, values: ColumnValues, before: str = "") -> str:
    """How to take words as the numbers that they are written as; empty where they are no numbers."""
    if column.type not in (CATEGORY, UNUSABLE) or values.strays:
        return ""
    return f"{before}set {called('column_types', {column.name: NUMBER})} if its numbers are amounts"
