"""What kind a column is, and why. The rules, in the order in which they are asked:

1. No value at all, or one value and no gap: left out (there is nothing to learn from it).
2. true/false, yes/no, y/n, t/f, on/off: boolean. A number that is 0 or 1 stays a number: it acts the same.
3. Numbers: number, unless they name the row (an id): whole, all different and called so ("PassengerId",
   "row", "No."), or counting up by one from 0 or 1 over 100 rows and more. Whole numbers called an id that
   repeat are names of something, so a category.
4. Dates: datetime, when 95 % of the values follow one format.
5. Words: category, when the 64 most frequent levels cover at least half of the rows; otherwise left out as
   free text or as an id. A category keeps its 64 most frequent levels and pools the rest as "other": each
   level costs an input and all the weights behind it, and rarer levels are seen too seldom to learn them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import TableError, called
from glassnet.tables._arrow import pa, pc
from glassnet.tables.array_table import ArrayTable
from glassnet.tables.column_values import (
    Words,
    as_numbers,
    as_timestamps,
    as_words,
    is_plain,
    is_text,
    is_timestamp,
)
from glassnet.tables.date_parsing import TIME_ONLY, find_format
from glassnet.tables.missing_tokens import BOOLEAN_PAIRS
from glassnet.tables.read_notes import declared_category, words_of
from glassnet.tables.schema import BOOLEAN, CATEGORY, DATETIME, LEVELS, NUMBER, UNUSABLE, Column
from glassnet.tables.value_text import quoted, shortened

COVERED = 0.5
COUNTING_ROWS = 100
COUNTER = "counts up by one from row to row, so it names the row"

_ID_TOKENS = frozenset(
    ("id", "ids", "uuid", "guid", "index", "idx", "key", "row", "rows", "rowid", "rownum", "rownames", "rowname",
     "sno", "srno", "unnamed", "serial", "pk", "oid", "objectid", "recordid", "recno")
)  # fmt: skip
_NUMBER_OF = frozenset(("no", "nr"))  # at the end: a name may begin with "no", as "no children" does
_ID_ENDING = re.compile(
    r"(user|customer|client|patient|passenger|order|sample|item|person|employee|record|case|row)(id|no|nr|number)$"
)
_CLOCK = frozenset(
    (
        "t",
        "x",
        "time",
        "year",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
        "step",
        "epoch",
        "age",
        "date",
    )
)
_HASH = r"^(\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"


def infer_column(table: pa.Table, name: str, *, numeric: bool = False) -> Column:
    """What column ``name`` of a table from ``read_table`` is. ``numeric``: a number whatever it looks like."""
    column = table.column(name)
    missing = column.null_count
    if not is_plain(column):
        return Column(name, UNUSABLE, f"holds {column.type} values, not numbers, words or dates", missing)
    if missing == len(column):
        return Column(name, UNUSABLE, "no value at all", missing)
    if is_timestamp(column):
        return _dates(column, name, None, "")
    if pa.types.is_boolean(column.type):
        return _words(column, name, BOOLEAN, "")
    if is_text(column):
        return _text(table, name)
    return _number(table, name, column) if numeric else _number_or_id(table, name)


def override(table: pa.Table, name: str, kind: str) -> Column:
    """Column ``name`` as the ``kind`` that the person says, ``"datetime:%d/%m/%Y"`` to give the format.

    Raises :class:`TableError` when its values cannot be of that kind.
    """
    column = table.column(name)
    kind, _, fmt = kind.partition(":")
    said = f"{kind} because you said so"
    if kind in (UNUSABLE, "ignore"):
        return Column(name, UNUSABLE, "left out because you said so", column.null_count)
    if not is_plain(column) or column.null_count == len(column):
        raise TableError(f"Column {name!r} cannot be a {kind}: {infer_column(table, name).reason}.")
    if kind == NUMBER:
        return _as_number(table, name, said)
    if kind == DATETIME:
        return _as_dates(column, name, fmt, said)
    if kind == BOOLEAN and len(as_words(column).texts) > 2:
        shown = quoted(as_words(column).texts)
        raise TableError(f"Column {name!r} cannot be a boolean: it has more than two values ({shown}).")
    return _words(column, name, kind, said)


def constant(column: Column) -> bool:
    """Whether every row has the same value, so that nothing can be learnt from it."""
    return column.levels == 1 and not column.missing


def beyond_floats(column: Column) -> bool:
    """Whether it has whole numbers so large that float64 may take different ones for the same."""
    return column.minimum is not None and max(abs(column.minimum), abs(column.maximum or 0)) >= 2**53


def number_columns(table: ArrayTable, names: Sequence[str]) -> dict[str, Column]:
    """What the columns ``names`` of an array are: numbers, whatever they look like."""
    return {
        column.name: column for own, numbers in table.blocks(names) for column in _described(own, numbers)
    }


def _described(names: Sequence[str], numbers: NDArray[Any]) -> list[Column]:
    """Columns of ``numbers`` (C, N), NaN for a gap."""
    ordered = np.sort(numbers, axis=1)  # the gaps last
    missing, largest = np.zeros(len(names), int), ordered[:, -1]
    if np.isnan(largest).any():
        missing, largest = np.isnan(numbers).sum(axis=1), np.fmax.reduce(numbers, axis=1)
    steps = map(np.count_nonzero, ordered[:, 1:] != ordered[:, :-1])
    columns = []
    for name, row, first, gaps, differ, low, high in zip(
        names,
        numbers,
        numbers[:, :3].tolist(),
        missing.tolist(),
        steps,
        ordered[:, 0].tolist(),
        largest.tolist(),
        strict=True,
    ):
        if gaps == len(row):
            columns.append(Column(name, UNUSABLE, "no value at all", gaps))
            continue
        shown = row[~np.isnan(row)][:3].tolist() if gaps else first
        examples = tuple([f"{value:.6g}" for value in shown])
        levels = int(differ) + 1 - gaps  # a gap differs from everything, itself included
        columns.append(Column(name, NUMBER, "", gaps, levels, examples, low, high))
    return columns


def infinities(table: pa.Table | ArrayTable, column: Column) -> str:
    """The fault that a column holds infinities, or an empty string."""
    if column.type == NUMBER and math.isfinite(column.minimum or 0) and math.isfinite(column.maximum or 0):
        return ""
    found = table.column(column.name)
    if not pa.types.is_floating(found.type):
        return ""
    values = as_numbers(found).values
    rows = np.flatnonzero(np.isinf(values))
    if not len(rows):
        return ""
    shown = ", ".join(f"row {row + 1}: {values[row]}" for row in rows[:3])
    return f"Column {column.name!r} holds {len(rows)} infinite value(s) ({shown}); make them finite or empty."


def _number_or_id(table: pa.Table, name: str) -> Column:
    column = table.column(name)
    if declared_category(table, name):
        return _words(column, name, CATEGORY, "declared a category by its source")
    found = _number(table, name, column)
    values, levels = as_numbers(column).values, found.levels or 0
    present = values[~np.isnan(values)]
    whole = bool(np.isfinite(present).all() and (present == np.round(present)).all())
    if whole and _dated(present, name):
        return _dates(column, name, "%Y%m%d", "whole numbers that are dates, as in 20241231")
    if whole and len(present) > 2 and (reason := _id_reason(found, values, present)):
        return Column(name, UNUSABLE, reason, column.null_count, levels)
    if whole and _id_like(name) and len(present) >= 20 and levels > 2:
        return _words(column, name, CATEGORY, "whole numbers whose name says that they stand for something")
    if levels == 1 and column.null_count:
        return _words(column, name, CATEGORY, "one value or a gap")
    return found


def _id_reason(found: Column, values: NDArray[np.float64], present: NDArray[np.float64]) -> str:
    name = found.name
    if _id_like(name) and (found.levels or 0) > max(len(present) / 2, 2):
        return "an id: whole numbers, nearly all different, with the name of an id"
    counting = len(present) == len(values) and present[0] in (0, 1) and bool((np.diff(present) == 1).all())
    if counting and (
        name.startswith("column ") or (len(present) >= COUNTING_ROWS and name.lower() not in _CLOCK)
    ):
        return COUNTER
    return ""


def _id_like(name: str) -> bool:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    tokens = re.findall(r"[^\W_]+", split.lower())
    return (
        not tokens
        or tokens[-1] in _NUMBER_OF
        or not _ID_TOKENS.isdisjoint(tokens)
        or bool(_ID_ENDING.search("".join(tokens)))
    )


def _dated(present: NDArray[np.float64], name: str) -> bool:
    if not re.search("date|datum|day|fecha|dt$", name.lower()):
        return False
    month, day = present // 100 % 100, present % 100
    within = (present >= 18000101) & (present <= 21001231)
    return bool((within & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _text(table: pa.Table, name: str) -> Column:
    column = table.column(name)
    words = as_words(column)
    if declared_category(table, name):
        return _words(column, name, CATEGORY, "declared a category by its source")
    lowered = {text.lower() for text in words.texts}
    if any(lowered == set(pair) for pair in BOOLEAN_PAIRS):
        return _words(column, name, BOOLEAN, "")
    texts = pa.array(words.texts)
    if found := find_format(texts):
        reason = "times of day" if found.format == TIME_ONLY else f"dates written {found.format}"
        if found.timed:
            reason += " and a time of day"
        if found.ambiguous:
            to_say = called("column_types", {name: "datetime:FORMAT"})
            reason += f", though day and month could be exchanged ({to_say} to say)"
        return _dates(column, name, found.format, reason)
    return _category_or_not(column, name, words, texts)


def _category_or_not(column: pa.ChunkedArray, name: str, words: Words, texts: pa.Array) -> Column:
    counts = words.counts()
    present = int(counts.sum())
    common = np.sort(counts)[::-1][:LEVELS].sum() / present
    different = len(words.texts) / present
    missing, levels, examples = column.null_count, len(words.texts), _most_frequent(words)

    def left_out(reason: str) -> Column:  # nothing needs its values in full, and they may be pages long
        return Column(name, UNUSABLE, reason, missing, levels, tuple(map(shortened, examples)))

    if pc.all(pc.match_substring_regex(texts, _HASH)).as_py() and levels > 2:
        return left_out("an id: hashes or UUIDs")
    hardly_repeats = (different > 0.9 and present >= 10) or common < COVERED
    if hardly_repeats or (_id_like(name) and different > 0.5 and present >= 10):
        blanks = pc.mean(pc.count_substring(texts, " ")).as_py()
        what = "free text" if blanks >= 2 else "an id or a name"
        strays = as_numbers(column).strays
        if not strays:
            what = f"numbers written as codes are ({called('column_types', {name: NUMBER})} takes them as numbers)"
        elif len(strays) < levels / 2:
            remedy = f"{called('column_types', {name: NUMBER})} takes those as missing"
            what = f"numbers with words among them ({quoted(strays, 3)}; {remedy})"
        return left_out(f"{what}: {levels} different values in {present} rows")
    reason = (
        f"{levels} levels; the {LEVELS} most frequent are kept and the rest pooled" if levels > LEVELS else ""
    )
    return Column(name, CATEGORY, reason, missing, levels, examples, text=True)


def _number(
    table: pa.Table, name: str, column: pa.ChunkedArray, reason: str = "", words: tuple[str, ...] = ()
) -> Column:
    [found] = _described([name], as_numbers(column).values[None])
    words = (*words_of(table, name), *words)
    return replace(found, reason=reason, words=words) if reason or words else found


def _as_number(table: pa.Table, name: str, said: str) -> Column:
    column = table.column(name)
    parsed = as_numbers(column)
    if np.isnan(parsed.values).all():
        words = quoted(as_words(column).texts)
        raise TableError(f"Column {name!r} cannot be a number: it holds words ({words}).")
    return _number(table, name, column, said, tuple(parsed.strays))


def _as_dates(column: pa.ChunkedArray, name: str, fmt: str, said: str) -> Column:
    if is_timestamp(column):
        return _dates(column, name, None, said)
    texts = as_words(column).texts
    if not fmt:
        found = find_format(pa.array(texts))
        if found is None:
            raise TableError(f"Column {name!r} cannot be a datetime: no date format fits {quoted(texts)}.")
        fmt = found.format
    if np.isnan(as_timestamps(column, fmt)).all():
        raise TableError(f"Column {name!r} cannot be a datetime: {fmt!r} fits none of {quoted(texts)}.")
    return _dates(column, name, fmt, said)


def _dates(column: pa.ChunkedArray, name: str, fmt: str | None, reason: str) -> Column:
    seconds = as_timestamps(column, fmt)
    present = np.sort(seconds[~np.isnan(seconds)])
    ends = present[[0, -1]].astype("datetime64[s]")
    shown = tuple(str(end).removesuffix("T00:00:00").replace("T", " ") for end in ends)
    if fmt == TIME_ONLY:
        shown = tuple(end.removeprefix("1970-01-01").strip() or "00:00:00" for end in shown)
    missing, levels = len(seconds) - len(present), 1 + int(np.count_nonzero(np.diff(present)))
    return Column(name, DATETIME, reason, missing, levels, shown, format=fmt)


def _words(column: pa.ChunkedArray, name: str, kind: str, reason: str) -> Column:
    words = as_words(column)
    found = _most_frequent(words)
    return Column(name, kind, reason, column.null_count, len(words.texts), found, text=is_text(column))


def _most_frequent(words: Words, count: int = 5) -> tuple[str, ...]:
    order = np.argsort(-words.counts(), kind="stable")[:count]
    return tuple(words.texts[at] for at in order)
