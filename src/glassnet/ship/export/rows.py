"""Raw rows to try an export on: those of a table, rows made up from what a model knows, and adversarial ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from glassnet.ship.export.program import ModelProgram
from glassnet.ship.export.runtime.cells import date_in_text
from glassnet.tables import Table
from glassnet.tables.date_parsing import TIME_ONLY
from glassnet.tables.encode.program import NUMBERS, TEXTS, TIMES, TRUTHS, LookUp, Source
from glassnet.tables.schema import Column

EXTREME = 1e6  # times the range of training
TINY = 5e-324
OLD, LATE = -5_000_000_000.0, 32_503_680_000.0  # in 1811 and 3000, in seconds


@dataclass(frozen=True)
class RawRows:
    """Rows as programs outside of Python are given them.

    Attributes:
        columns: for each raw column N values: a float, a bool, a str, or a float of seconds since 1970; None for none.
        names: what each row is called in a certificate.
        notes: what was tried in another form than the table has it, in sentences.
    """

    columns: dict[str, list[Any]]
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def __add__(self, other: RawRows) -> RawRows:
        return RawRows(
            {name: [*own, *other.columns[name]] for name, own in self.columns.items()},
            (*self.names, *other.names),
            (*self.notes, *other.notes),
        )

    def each(self) -> Iterator[dict[str, Any]]:
        """Every row as a dict."""
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))

    def to_table(self, program: ModelProgram) -> pa.Table:
        """The rows as a model takes them."""
        return pa.table(
            {
                own.source.column: _arrow(self.columns[own.source.column], own.source)
                for own in program.columns
            }
        )


def _arrow(values: list[Any], source: Source) -> pa.Array:
    if source.type == TIMES:
        ticks = [None if value is None else round(value * 1e6) for value in values]
        return pa.array(ticks, pa.int64()).cast(pa.timestamp("us"))
    types = {NUMBERS: pa.float64(), TRUTHS: pa.bool_(), TEXTS: pa.string()}
    return pa.array(values, types[source.type])


def rows_of_table(program: ModelProgram, table: Table, most: int) -> RawRows:
    """At most ``most`` rows of ``table``, evenly spaced."""
    count = table.num_rows
    at = np.arange(count) if count <= most else np.linspace(0, count - 1, most).round().astype(np.int64)
    own = table.take(at)
    columns = {each.source.column: _values(own, each.source) for each in program.columns}
    notes = [
        _as_dates(columns, each.source, own) for each in program.columns if each.source.format is not None
    ]
    return RawRows(columns, tuple(f"row {number}" for number in at.tolist()), tuple(filter(None, notes)))


def _as_dates(columns: dict[str, list[Any]], source: Source, table: Table) -> str:
    """Write what exports do not read, such as 2024-W05, as the date that the model reads; returns a note of it."""
    assert source.format is not None
    texts, seconds = columns[source.column], table.column(source.column).seconds(source.format)
    example = ""
    for at, (text, second) in enumerate(zip(texts, seconds.tolist(), strict=True)):
        if text and not math.isnan(second) and date_in_text(text, source.format) is None:
            texts[at] = _written(second, source.format)
            example = example or f"{text!r} as {texts[at]!r}"
    note = f"Column {source.column!r}: exports do not read such dates; tried were {example}, and so on."
    return note if example else ""


def _values(table: Table, source: Source) -> list[Any]:
    column = table.column(source.column)
    if source.type == TIMES or source.type == NUMBERS:
        numbers = column.seconds(None) if source.type == TIMES else column.numbers
        return [None if math.isnan(value) else value for value in numbers.tolist()]
    words: list[Any] = [*column.words.texts, None]
    if source.type == TRUTHS:
        words = [
            None if word is None else word.lower() in ("true", "1", "yes", "y", "t", "on") for word in words
        ]
    return [words[code] for code in column.words.codes.tolist()]


def made_up(program: ModelProgram, described: dict[str, Column], count: int) -> RawRows:
    """Rows of values that the columns had in training, drawn independently."""
    random = np.random.default_rng(0)
    columns = {}
    for own in program.columns:
        usual, _ = values_to_try(own.source, own.inputs, described[own.source.column])
        columns[own.source.column] = [usual[at] for at in random.integers(0, len(usual), count).tolist()]
    return RawRows(columns, tuple(f"made-up row {number}" for number in range(count)))


def adversarial(program: ModelProgram, described: dict[str, Column], count: int = 2) -> RawRows:
    """Usual rows in which one column after the other has each of its unusual values; and one that is all missing."""
    whole: list[dict[str, Any]] = []
    names: list[str] = []
    base = made_up(program, described, count)
    for at, row in enumerate(base.each()):
        for own in program.columns:
            _, unusual = values_to_try(own.source, own.inputs, described[own.source.column])
            for value in unusual if at == 0 else unusual[:1]:
                whole.append({**row, own.source.column: value})
                names.append(f"{own.source.column} = {value!r}")
    whole.append({own.source.column: None for own in program.columns})
    names.append("all missing")
    columns = {own.source.column: [row[own.source.column] for row in whole] for own in program.columns}
    return RawRows(columns, tuple(names))


def thinned(rows: RawRows, most: int) -> RawRows:
    """At most ``most`` of the rows, evenly spaced, with the first and the last."""
    if len(rows) <= most:
        return rows
    at = np.linspace(0, len(rows) - 1, most).round().astype(int).tolist()
    columns = {name: [values[place] for place in at] for name, values in rows.columns.items()}
    return RawRows(columns, tuple(rows.names[place] for place in at))


def values_to_try(source: Source, inputs: Sequence[Any], described: Column) -> tuple[list[Any], list[Any]]:
    """Usual values of a column, and unusual ones, of which the first is a missing value."""
    tables = [
        found for expression in inputs if isinstance(found := getattr(expression, "of", expression), LookUp)
    ]
    if source.type == TRUTHS:
        return [False, True], [None]
    if tables:
        keys: list[Any] = list(tables[0].keys)
        if tables[0].other is None:
            return keys, [None]
        unseen = (
            ["unseen level ✓", "' OR 1=1 --", keys[0] + "x"] if source.type == TEXTS else [-12345.5, 1e300]
        )
        blank = ["", "  ", f" {keys[0]} ", "NA"] if source.type == TEXTS else []
        return keys, [None, *blank, *unseen]
    if source.type == NUMBERS:
        low = 0.0 if described.minimum is None else described.minimum
        high = 1.0 if described.maximum is None else described.maximum
        usual = (low + (high - low) * np.random.default_rng(1).random(997)).tolist()
        far = EXTREME * max(high - low, abs(high), abs(low), TINY)
        far = far if math.isfinite(far) else 1e300
        others = [0.0, -0.0, TINY, 2.2250738585072014e-308, -far, far]
        return [low, high, *usual], [None, *others, *source.sentinels]
    return _times_to_try(source, described)


def _times_to_try(source: Source, described: Column) -> tuple[list[Any], list[Any]]:
    first, last = (_seconds(text) for text in (described.examples[0], described.examples[-1]))
    usual: list[Any] = np.linspace(first, last, 97).round().tolist()
    unusual: list[Any] = [-86_400.0, 951_782_400.0, OLD, LATE]  # in 1969, on 29 February 2000
    if source.format == TIME_ONLY:
        unusual = [0.0, 86_399.0]
    if source.format is not None:
        usual, unusual = ([_written(each, source.format) for each in own] for own in (usual, unusual))
        unusual += ["", "  "]
    return usual, [None, *unusual, *(source.sentinels if source.format is None else ())]


def _seconds(text: str) -> float:
    """Of an example of a date or a time, as a schema has it."""
    found = date_in_text(text, "%Y-%m-%d")
    return date_in_text(text, TIME_ONLY) or 0.0 if found is None else found


def _written(seconds: float, form: str) -> str:
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    return moment.strftime(form.partition(" from ")[0])
