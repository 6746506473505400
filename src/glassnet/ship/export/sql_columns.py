"""The columns of a model in SQL: raw values as numbers and texts, what is wrong with them, and the inputs."""

from __future__ import annotations

import re

from glassnet.ship.export.sql_dialects import BLANKS, BLANKS_OF_SQLITE, Dialect, name, number, quoted
from glassnet.ship.export.syntax import Syntax
from glassnet.tables.date_parsing import ISO, TIME_ONLY
from glassnet.tables.encode.program import (
    NUMBERS,
    TEXTS,
    TIMES,
    TRUTHS,
    Clip,
    ColumnProgram,
    Cosine,
    Divide,
    Equals,
    Expression,
    Filled,
    LookUp,
    Missing,
    Multiply,
    Sine,
    SoftClip,
    Source,
    Subtract,
    Value,
)

FINITE = "1.7976931348623157e308"
LARGEST, SMALLEST = 1e300, 1e-200  # of values in PostgreSQL, where overflow and underflow are errors
PATTERNS = {"Y": r"(\d{4})", "m": r"(\d{1,2})", "d": r"(\d{1,2})", "b": "([A-Za-z]{3})"}
CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2}))?"


def is_read(source: Source, dialect: Dialect) -> bool:
    """Whether a database can read dates that are written like those of a column."""
    form = source.format
    if form in (None, TIME_ONLY, ISO):
        return True
    return not dialect.is_sqlite and not re.search(r"%[^Ymdb]", form or "")


def raw(source: Source, dialect: Dialect) -> str:
    """A column as a text without blanks around it, or as a number; NULL where it is missing."""
    column = f"r.{name(source.column)}"
    if source.type == TEXTS:
        trimmed = _trimmed(f"CAST({column} AS {dialect.text})", dialect)
        if source.folded:
            trimmed = f"LOWER({trimmed})"
        words = dict.fromkeys(word.lower() if source.folded else word for word in source.words)
        if source.folded and not dialect.is_sqlite:
            words = dict.fromkeys(source.words)
        return _without(trimmed, column, [quoted(word) for word in words], dialect)
    if dialect.is_sqlite:
        blank = f"{_trimmed(column, dialect)} IN ({', '.join(map(quoted, source.words))})"
        return f"CASE WHEN TYPEOF({column}) = 'text' AND {blank} THEN NULL ELSE {column} END"
    kind = "DOUBLE PRECISION"
    if source.type == TRUTHS and dialect.is_postgresql:
        return f"CAST(CAST({column} AS INTEGER) AS {kind})"
    if source.type == TIMES:
        epoch = f"EXTRACT(EPOCH FROM {column})" if dialect.is_postgresql else f"EPOCH({column})"
        return f"CAST({epoch} AS {kind})"
    own = f"CAST({column} AS {kind})"
    if dialect.is_postgresql:
        return f"NULLIF({own}, 'NaN')"
    return f"CASE WHEN ISNAN({own}) THEN NULL ELSE {own} END"


def _trimmed(text: str, dialect: Dialect) -> str:
    blanks = BLANKS_OF_SQLITE if dialect.is_sqlite else BLANKS
    return f"{'BTRIM' if dialect.is_postgresql else 'TRIM'}({text}, {blanks})"


def _without(text: str, column: str, words: list[str], dialect: Dialect) -> str:
    plain = _trimmed(f"CAST({column} AS {dialect.text})", dialect)
    return f"CASE WHEN {plain} IN ({', '.join(words)}) THEN NULL ELSE {text} END"


def value(own: ColumnProgram, t: str, dialect: Dialect) -> str:
    """The value of a column whose raw value is ``t``: a number, or a text; NULL where it is missing or wrong."""
    source = own.source
    if source.is_text:
        return t
    read = t
    if source.format is not None or (source.type == TIMES and dialect.is_sqlite):
        read = _date(source, t, dialect)
    elif dialect.is_sqlite:
        read = f"CASE WHEN TYPEOF({t}) IN ('integer', 'real') THEN CAST({t} AS REAL) END"
    found = f"CASE WHEN ABS({read}) <= {FINITE} THEN {read} END"
    if dialect.is_postgresql and source.type == NUMBERS:
        bound = number(LARGEST * min([1.0, *(each.number for each in _divisions(own))]))
        kept = f"LEAST(GREATEST({read}, -{bound}), {bound})"
        found = (
            f"CASE WHEN ABS({read}) < {number(SMALLEST)} THEN 0 WHEN ABS({read}) <= {FINITE} THEN {kept} END"
        )
    if source.sentinels:
        listed = ", ".join(map(number, source.sentinels))
        return f"CASE WHEN {read} IN ({listed}) THEN NULL ELSE {found} END"
    return found


def fault(own: ColumnProgram, t: str, v: str, dialect: Dialect) -> str:
    """1 where the raw value ``t`` of a column, whose value is ``v``, is one that it cannot have; else 0."""
    source = own.source
    wrong = []
    if not source.is_text:
        known = f"{t} IS NOT NULL AND {v} IS NULL"
        if source.sentinels:
            read = _date(source, t, dialect) if source.format else t
            known += f" AND COALESCE({read} NOT IN ({', '.join(map(number, source.sentinels))}), TRUE)"
        wrong.append(known)
    for table in own.look_ups():
        if table.other is None:
            keys = ", ".join(quoted(key) if isinstance(key, str) else number(key) for key in table.keys)
            wrong.append(f"{v} NOT IN ({keys})")
    return f"CASE WHEN {' OR '.join(f'({each})' for each in wrong)} THEN 1 ELSE 0 END" if wrong else "0"


def _divisions(own: ColumnProgram) -> list[Divide]:
    found = []
    for expression in own.inputs:
        inner: Expression | None = expression
        while inner is not None:
            if isinstance(inner, Divide):
                found.append(inner)
            inner = inner.inner
    return found


# -- dates in text


def _date(source: Source, t: str, dialect: Dialect) -> str:
    """Seconds since 1970 of a text ``t``; NULL where it is not written as it should be."""
    form = source.format or ISO
    if dialect.is_sqlite:
        return _date_of_sqlite(source, form, t)
    if form == TIME_ONLY:
        return _clock(t, f"^{CLOCK}$", 0, dialect)
    day = re.escape(form).replace(r"\ ", r"\s+")
    marks = re.findall(r"%(\w)", form)
    day = re.sub(r"%(\w)", lambda match: PATTERNS[match[1]], day)
    pattern = rf"^{day}(?:[T ]\s*{CLOCK})?$"
    groups = {mark: _group(t, pattern, at, dialect) for at, mark in enumerate(marks, 1)}
    year = f"CAST({groups['Y']} AS INTEGER)"
    month = f"CAST({groups['m']} AS INTEGER)" if "m" in groups else _month(groups["b"])
    of_month = f"CAST({groups['d']} AS INTEGER)" if "d" in groups else "1"
    leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    of_february = f"CASE WHEN {leap} THEN 29 ELSE 28 END"
    longest = f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30 WHEN {month} = 2 THEN {of_february} ELSE 31 END"
    shifted = f"({year} - CASE WHEN {month} <= 2 THEN 1 ELSE 0 END)"
    since_march = f"({month} + CASE WHEN {month} > 2 THEN -3 ELSE 9 END)"
    days = (
        f"(365 * {shifted} + FLOOR({shifted} / 4e0) - FLOOR({shifted} / 100e0) + FLOOR({shifted} / 400e0)"
        f" + FLOOR((153 * {since_march} + 2) / 5e0) + {of_month} - 719469)"
    )
    clock = _clock(t, pattern, len(marks), dialect)
    valid = f"{month} BETWEEN 1 AND 12 AND {of_month} BETWEEN 1 AND {longest} AND {year} >= 1000"
    matches = (
        f"{t} ~ {quoted(pattern)}" if dialect.is_postgresql else f"REGEXP_MATCHES({t}, {quoted(pattern)})"
    )
    seconds = f"CAST({days} * 86400e0 + {clock} AS DOUBLE PRECISION)"
    return f"CASE WHEN {matches} THEN CASE WHEN {valid} THEN {seconds} END END"


def _group(t: str, pattern: str, at: int, dialect: Dialect) -> str:
    if dialect.is_postgresql:
        return f"(REGEXP_MATCH({t}, {quoted(pattern)}))[{at}]"
    return f"NULLIF(REGEXP_EXTRACT({t}, {quoted(pattern)}, {at}), '')"


def _month(text: str) -> str:
    return f"((STRPOS('janfebmaraprmayjunjulaugsepoctnovdec', LOWER({text})) + 2) / 3)"


def _clock(t: str, pattern: str, before: int, dialect: Dialect) -> str:
    """Seconds since midnight, from three groups of a pattern; where there are none, 0 of a date and NULL of a time."""
    hours, minutes, seconds = (
        f"CAST({_group(t, pattern, before + at, dialect)} AS INTEGER)" for at in (1, 2, 3)
    )
    found = f"{hours} * 3600 + {minutes} * 60 + COALESCE({seconds}, 0)"
    return f"COALESCE({found}, 0)" if before else f"CAST({found} AS DOUBLE PRECISION)"


def _date_of_sqlite(source: Source, form: str, t: str) -> str:
    if form == TIME_ONLY:
        padded = f"CASE WHEN {t} GLOB '[0-9]:*' THEN '0' || {t} ELSE {t} END"
        read = f"CAST(STRFTIME('%s', '1970-01-01 ' || {padded}) AS REAL)"
        return f"CASE WHEN {t} GLOB '[0-9]*:[0-9][0-9]*' THEN {read} END"
    day = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
    read = f"CAST(STRFTIME('%s', {t}) AS REAL)"
    # STRFTIME takes the 31st of a month of 30 days for the first of the next
    same = f"STRFTIME('%Y-%m-%d', {t}) = SUBSTR({t}, 1, 10)"
    written = f"CASE WHEN {t} GLOB '{day}*' AND {same} THEN {read} END"
    if source.type != TIMES:
        return written
    return f"CASE WHEN TYPEOF({t}) IN ('integer', 'real') THEN CAST({t} AS REAL) ELSE {written} END"


# -- inputs


def syntax(v: str, dialect: Dialect) -> Syntax:
    """How expressions of the value ``v`` are written."""

    def look_up(own: LookUp) -> str:
        texts = [quoted(key) if isinstance(key, str) else number(key) for key in own.keys]
        pairs = " ".join(f"WHEN {key} THEN {number(to)}" for key, to in zip(texts, own.numbers, strict=True))
        last = number(own.missing if own.other is None else own.other)
        return f"CASE WHEN {v} IS NULL THEN {number(own.missing)} ELSE CASE {v} {pairs} ELSE {last} END END"

    templates = {
        Value: v,
        Missing: f"CASE WHEN {v} IS NULL THEN 1e0 ELSE 0e0 END",
        Filled: f"CASE WHEN {v} IS NULL THEN {{fill}} ELSE {{of}} END",
        Subtract: "({of} - ({number}))",
        Multiply: "({of} * ({number}))",
        Divide: "({of} / ({number}))",
        Clip: f"{dialect.least}({dialect.greatest}({{of}}, {{low}}), {{high}})",
        SoftClip: "({of} / SQRT(1e0 + ({of} / {limit}) * ({of} / {limit})))",
        Sine: "SIN({of})",
        Cosine: "COS({of})",
        Equals: "CASE WHEN {of} = {number} THEN 1e0 ELSE 0e0 END",
    }
    return Syntax(templates, look_up, number)
