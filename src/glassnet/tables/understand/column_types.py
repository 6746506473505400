"""The type of a column, and why it has it. The rules, in the order in which they are applied:

1. No value at all, or one value and nothing missing: left out (there is nothing to learn from it).
2. true/false, yes/no, y/n, t/f, on/off: boolean. A number that is 0 or 1 stays a number: it acts the same.
3. Numbers: number, unless they identify the row: whole, all different and named so ("PassengerId", "row", "No."), or
   counting up by one from 0 or 1 without a name of their own. Whole numbers that are named an id and repeat are names
   of something, so a category.
4. Dates: datetime, when 95 % of the values follow one format.
5. Words: category, when the 64 most frequent levels cover at least half of the rows; otherwise left out as free text
   or as an id. A category keeps its 64 most frequent levels and pools the rest as "other": each level costs an input
   and all the weights behind it, and rarer levels are seen too seldom to learn them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import TableError, plural
from glassnet.tables._arrow import pa, pc
from glassnet.tables.calendar_periods import MONTHS_OR_NUMBERS
from glassnet.tables.column_values import ColumnValues, without
from glassnet.tables.column_words import Words
from glassnet.tables.date_parsing import TIME_ONLY, find_format
from glassnet.tables.missing_tokens import NO_WORDS, YES_WORDS
from glassnet.tables.notes import Note
from glassnet.tables.schema import BOOLEAN, CATEGORY, DATETIME, LEVELS, NUMBER, UNUSABLE, Column
from glassnet.tables.table import Table
from glassnet.tables.understand.dates_of_digits import counted_time, dates_of_digits
from glassnet.tables.understand.identifiers import counts_rows, id_reason, is_id_name
from glassnet.tables.understand.numbers_in_words import numbers_in_words
from glassnet.tables.understand.sentinels import date_sentinels, number_sentinels
from glassnet.tables.value_text import quoted, shortened

COVERED = 0.5
COUNTING_ROWS = 100
NO_VALUE = Note("empty", "no value at all")

_HASH = r"^(\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"


def infer_column(name: str, values: ColumnValues, *, numeric: bool = False) -> Column:
    """What a column is. ``numeric``: numbers are a number, whatever they look like."""
    if not values.is_usable:
        reason = Note("unusable_type", f"holds {values.type} values, not numbers, words or dates")
        return Column(name, UNUSABLE, reason, values.missing)
    if values.missing == len(values):
        return Column(name, UNUSABLE, NO_VALUE, values.missing)
    if values.is_categorical:
        return _words(name, values, CATEGORY, Note("declared", "declared a category by its source"))
    if values.is_timestamp:
        return _dates(name, values, None)
    if values.is_boolean:
        return _words(name, values, BOOLEAN)
    if values.is_text:
        return _text(name, values)
    return _number(name, values) if numeric else _number_or_id(name, values)


def declared_column(name: str, values: ColumnValues, declared: str) -> Column:
    """A column of the type that the caller declared, ``"datetime:%d/%m/%Y"`` to give the format.

    Raises:
        TableError: its values cannot be of that type.
    """
    declared, _, fmt = declared.partition(":")
    if declared in (UNUSABLE, "ignore"):
        return Column(name, UNUSABLE, Note("declared", "left out as declared"), values.missing)
    if not values.is_usable or values.missing == len(values):
        raise TableError(f"Column {name!r} cannot be a {declared}: {infer_column(name, values).reason}.")
    reason = Note("declared", f"{declared} as declared")
    if declared == NUMBER:
        if np.isnan(values.numbers).all():
            raise TableError(
                f"Column {name!r} cannot be a number: it holds words ({quoted(values.words.texts)})."
            )
        return replace(_number(name, values), reason=reason)
    if declared == DATETIME:
        return _dates(name, values, _declared_format(name, values, fmt), reason)
    if declared == BOOLEAN and len(values.words.folded().texts) > 2:
        shown = quoted(values.words.texts)
        raise TableError(f"Column {name!r} cannot be a boolean: it has more than two values ({shown}).")
    return _words(name, values, declared, reason)


def is_constant(column: Column) -> bool:
    """Whether every row has the same value, so that nothing can be learnt from it."""
    return column.levels == 1 and not column.missing


def beyond_floats(column: Column) -> bool:
    """Whether it has integers so large that float64 may take different ones for the same."""
    return column.minimum is not None and max(abs(column.minimum), abs(column.maximum or 0)) >= 2**53


def number_columns(table: Table, names: Sequence[str]) -> dict[str, Column]:
    """What those of the columns are that the table holds in arrays: numbers, whatever they look like."""
    return {
        column.name: column for own, numbers in table.blocks(names) for column in _described(own, numbers)
    }


def _described(names: Sequence[str], numbers: NDArray[Any]) -> list[Column]:
    """Columns of ``numbers`` (C, N), NaN for a missing value."""
    ordered = np.sort(numbers, axis=1)  # missing values last
    missing, largest = np.zeros(len(names), int), ordered[:, -1]
    if np.isnan(largest).any():
        missing, largest = np.isnan(numbers).sum(axis=1), np.fmax.reduce(numbers, axis=1)
    steps = map(np.count_nonzero, ordered[:, 1:] != ordered[:, :-1])
    first, lows, highs = numbers[:, :3].tolist(), ordered[:, 0].tolist(), largest.tolist()
    columns = []
    for at, (name, absent, differ) in enumerate(zip(names, missing.tolist(), steps, strict=True)):
        row = numbers[at]
        if absent == len(row):
            columns.append(Column(name, UNUSABLE, NO_VALUE, absent))
            continue
        shown = row[~np.isnan(row)][:3].tolist() if absent else first[at]
        examples = tuple([f"{value:.6g}" for value in shown])
        levels = int(differ) + 1 - absent  # a missing value differs from everything, itself included
        columns.append(Column(name, NUMBER, None, absent, levels, examples, lows[at], highs[at]))
    return columns


def infinities(table: Table, column: Column) -> str:
    """The fault that a column holds infinities, or an empty string."""
    if column.type != NUMBER or (math.isfinite(column.minimum or 0) and math.isfinite(column.maximum or 0)):
        return ""
    values = table.numbers(column.name)
    rows = np.flatnonzero(np.isinf(values))
    shown = ", ".join(f"row {row}: {values[row]}" for row in rows[:3])
    return f"Column {column.name!r} holds {plural(len(rows), 'infinite value')} ({shown}); make them finite or empty."


def _number_or_id(name: str, values: ColumnValues) -> Column:
    found = _number(name, values, number_sentinels(values.numbers))
    present, levels = values.numbers[~np.isnan(values.numbers)], found.levels or 0
    if np.isfinite(present).all() and (present == np.round(present)).all():
        if dated := dates_of_digits(present, name):
            return _dates(name, values, *dated)
        if len(present) > 2 and (reason := id_reason(name, values.numbers, levels)):
            return Column(name, UNUSABLE, reason, values.missing, levels)
        if is_id_name(name) and len(present) >= 20 and levels > 2:
            text = "whole numbers with the name of an id that repeat"
            return _words(name, values, CATEGORY, Note("repeated_id", text, "column_types", {name: NUMBER}))
        if counts_rows(values.numbers) and len(present) >= COUNTING_ROWS:
            text = "counts up by one from row to row, as row numbers do, but is taken as a number"
            return replace(found, reason=Note("counts", text, "column_types", {name: "ignore"}))
    if levels == 1 and values.missing:
        return _words(name, values, CATEGORY, Note("one_value", "one value or none"))
    counted = counted_time(present, name)
    return replace(found, reason=counted) if counted else found


def _text(name: str, values: ColumnValues) -> Column:
    words = values.words
    lowered = {text.lower() for text in words.texts}
    mixed = lowered <= NO_WORDS | YES_WORDS and lowered & NO_WORDS and lowered & YES_WORDS
    if mixed and not lowered & {"0", "1"}:
        return _words(name, values, BOOLEAN)
    texts = pa.array(words.texts)
    if found := find_format(texts):
        text = "times of day" if found.format == TIME_ONLY else f"dates written {found.format}"
        text += " and a time of day" if found.timed else ""
        text = f"periods such as {found.period}, read as their first days" if found.period else text
        reason = Note("dates", text)
        if found.format in MONTHS_OR_NUMBERS:
            if len(texts) < MONTHS_OR_NUMBERS[found.format]:
                return _number(name, values)
            text += ", though they could be numbers"
            reason = Note("ambiguous_dates", text, "column_types", {name: NUMBER})
        elif found.ambiguous:
            text += ", though they could be read in another order"
            reason = Note("ambiguous_dates", text, "column_types", {name: "datetime:FORMAT"})
        elif "%y" in found.format:
            text += ", years of two digits being among the hundred from there"
            reason = Note("two_digit_years", text, "column_types", {name: "datetime:FORMAT from YEAR"})
        return _dates(name, values, found.format, reason)
    return _category_or_not(name, values, words, texts)


def _category_or_not(name: str, values: ColumnValues, words: Words, texts: pa.Array) -> Column:
    counts = words.counts()
    present, levels = int(counts.sum()), len(words.texts)
    common = np.sort(counts)[::-1][:LEVELS].sum() / present
    hashes = levels > 2 and pc.all(pc.match_substring_regex(texts, _HASH)).as_py()
    hardly_repeats = (levels > 0.9 * present and present >= 10) or common < COVERED
    if hashes or hardly_repeats or (is_id_name(name) and levels > 0.5 * present and present >= 10):
        reason = _why_left_out(name, values, texts, hashes)
        shown = tuple(
            map(shortened, _most_frequent(words))
        )  # nothing needs them in full, and they may be pages long
        return Column(name, UNUSABLE, reason, values.missing, levels, shown)
    pooled = f"{levels} levels; the {LEVELS} most frequent are kept and the rest pooled as 'other'"
    asked = numbers_in_words(name, values, texts)
    return _words(name, values, CATEGORY, asked or (Note("pooled", pooled) if levels > LEVELS else None))


def _why_left_out(name: str, values: ColumnValues, texts: pa.Array, hashes: bool) -> Note:
    as_category = "column_types", {name: CATEGORY}
    if hashes:
        return Note("id", "an id: hashes or UUIDs", *as_category)
    count = f"{len(texts)} different values in {len(values) - values.missing} rows"
    if not values.strays:
        return Note("codes", f"numbers written as codes are: {count}", "column_types", {name: NUMBER})
    if len(values.strays) < len(texts) / 2:
        what = f"numbers with words among them, which a number takes as missing ({quoted(values.strays, 3)})"
        return Note("words_among_numbers", f"{what}: {count}", "column_types", {name: NUMBER})
    if pc.mean(pc.count_substring(texts, " ")).as_py() >= 2:
        return Note("free_text", f"free text: {count}", *as_category)
    return Note("id", f"an id or a name: {count}", *as_category)


def _number(name: str, values: ColumnValues, sentinels: tuple[float, ...] = ()) -> Column:
    [found] = _described([name], without(values.numbers, sentinels)[None])
    if sentinels:
        found = replace(found, sentinels=sentinels)
    return (
        replace(found, missing_words=values.strays, unit=values.unit)
        if values.strays or values.unit
        else found
    )


def _declared_format(name: str, values: ColumnValues, fmt: str) -> str | None:
    if values.is_timestamp:
        return None
    texts = values.words.texts
    if not fmt:
        found = find_format(pa.array(texts))
        if found is None:
            raise TableError(f"Column {name!r} cannot be a datetime: no date format fits {quoted(texts)}.")
        return found.format
    if np.isnan(values.seconds(fmt)).all():
        raise TableError(f"Column {name!r} cannot be a datetime: {fmt!r} fits none of {quoted(texts)}.")
    return fmt


def _dates(name: str, values: ColumnValues, fmt: str | None, reason: Note | None = None) -> Column:
    declared = reason is not None and reason.code == "declared"
    sentinels = () if declared else date_sentinels(values.seconds(fmt))
    seconds = without(values.seconds(fmt), sentinels)
    present = np.sort(seconds[~np.isnan(seconds)])
    ends = present[[0, -1]].astype("datetime64[s]")
    shown = tuple(str(end).removesuffix("T00:00:00").replace("T", " ") for end in ends)
    if fmt == TIME_ONLY:
        shown = tuple(end.removeprefix("1970-01-01").strip() or "00:00:00" for end in shown)
    missing, levels = len(seconds) - len(present), 1 + int(np.count_nonzero(np.diff(present)))
    words = values.unread_dates(fmt)
    return Column(
        name, DATETIME, reason, missing, levels, shown, format=fmt, missing_words=words, sentinels=sentinels
    )


def _words(name: str, values: ColumnValues, type_: str, reason: Note | None = None) -> Column:
    words = values.words
    return Column(
        name, type_, reason, values.missing, len(words.texts), _most_frequent(words), text=values.is_text
    )


def _most_frequent(words: Words, count: int = 5) -> tuple[str, ...]:
    order = np.argsort(-words.counts(), kind="stable")[:count]
    return tuple(words.texts[at] for at in order)
