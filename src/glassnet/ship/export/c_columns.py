"""The columns of a model in C: the fields of a row, and the statements that make inputs of them."""

from __future__ import annotations

import re

from glassnet.ship.export.c_names import literal, names_for
from glassnet.ship.export.program import ModelProgram
from glassnet.ship.export.sources import kind_of, shown, wrapped
from glassnet.tables.date_parsing import TIME_ONLY
from glassnet.tables.encode.program import (
    TEXTS,
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
    Subtract,
    Value,
)
from glassnet.tables.missing_tokens import MISSING

INDENT = "        "


def fields_of(program: ModelProgram) -> list[str]:
    """The field of each column."""
    return names_for([own.source.column for own in program.columns], "column")


def is_read(form: str) -> bool:
    """Whether the header can read dates written like this."""
    day = form.partition(" from ")[0]
    return form == TIME_ONLY or not re.search(r"%[^Ymdby]", day)


def column_code(own: ColumnProgram, field: str, number: int, first: int, name: str) -> list[str]:
    """The statements that write a column's inputs to ``x`` from place ``first`` on."""
    head = f"    /* {shown(own.source.column)}: {shown(kind_of(own.source))} */"
    tables = own.look_ups()
    lines = [head, "    {", *_tables(tables, bool(own.source.type == TEXTS))]
    lines += _read(own, field, number, name)
    names: dict[Expression, str] = {}
    for expression in [*tables, *(each for each in own.shared() if each not in tables)]:
        text = _expression(expression, name, own, names, tables)
        names[expression] = f"part_{len(names) + 1}"
        lines.append(f"{INDENT}const double {names[expression]} = {text};")
        if isinstance(expression, LookUp) and expression.other is None:
            lines += [
                f"{INDENT}if (isnan({names[expression]})) {{",
                f"{INDENT}    return {number};",
                f"{INDENT}}}",
            ]
    for place, each in enumerate(own.inputs, first):
        lines.append(f"{INDENT}x[{place}] = {_expression(each, name, own, names, tables)};")
    return [*lines, f"{INDENT}(void)missing;", "    }"]


def _tables(tables: list[LookUp], texts: bool) -> list[str]:
    lines = []
    for at, table in enumerate(tables, 1):
        kind = "const char *const" if texts else "const double"
        keys = [literal(key) if isinstance(key, str) else repr(float(key)) for key in table.keys]
        numbers = [repr(number) for number in table.numbers]
        lines += [f"{INDENT}static {kind} keys_{at}[{len(keys)}] = {{", wrapped(keys, 12), f"{INDENT}}};"]
        lines += [f"{INDENT}static const double numbers_{at}[{len(keys)}] = {{"]
        lines += [wrapped(numbers, 12), f"{INDENT}}};"]
    return lines


def _read(own: ColumnProgram, field: str, number: int, name: str) -> list[str]:
    source = own.source
    lines = []
    if source.type == TEXTS:
        words, count = f"{name}_missing", str(len(MISSING))
        if source.words != MISSING:
            texts = [literal(word) for word in source.words]
            lines = [
                f"{INDENT}static const char *const words[{len(texts)}] = {{",
                wrapped(texts, 12),
                f"{INDENT}}};",
            ]
            words, count = "words", str(len(texts))
        lines += [f"{INDENT}const {name}_text text = {name}_read(row->{field}, {words}, {count});"]
        if source.is_text:
            return [*lines, f"{INDENT}const int missing = text.start == NULL;"]
        form, _, since = (source.format or "").partition(" from ")
        read = f"{name}_date(text, {literal(form)}, {int(since or 0)})"
        if form == TIME_ONLY:
            read = f"{name}_clock(text.start, text.start + text.length)"
        lines += [
            f"{INDENT}const double value = text.start == NULL ? 0.0 : {read};",
            f"{INDENT}const int missing = text.start == NULL{_sentinels(source.sentinels, name)};",
        ]
        wrong = "!missing && isnan(value)"
    else:
        lines += [
            f"{INDENT}const double value = row->{field};",
            f"{INDENT}const int missing = isnan(value){_sentinels(source.sentinels, name)};",
        ]
        wrong = "isinf(value)"
    return [*lines, f"{INDENT}if ({wrong}) {{", f"{INDENT}    return {number};", f"{INDENT}}}"]


def _sentinels(sentinels: tuple[float, ...], name: str) -> str:
    return "".join(f" || {name}_same(value, {sentinel!r})" for sentinel in sentinels)


def _expression(
    expression: Expression, name: str, own: ColumnProgram, names: dict[Expression, str], tables: list[LookUp]
) -> str:
    if expression in names:
        return names[expression]
    inner = getattr(expression, "of", None)
    of = "" if inner is None else _expression(inner, name, own, names, tables)
    match expression:
        case Value():
            return "value"
        case Missing():
            return "missing ? 1.0 : 0.0"
        case Filled(_, fill):
            return f"(missing ? {fill!r} : {of})"
        case Subtract(_, number):
            return f"({of} - {number!r})"
        case Multiply(_, number):
            return f"({of} * {number!r})"
        case Divide(_, number):
            return f"({of} / {number!r})"
        case Clip(_, low, high):
            return f"{name}_clip({of}, {low!r}, {high!r})"
        case SoftClip(_, limit):
            return f"{name}_soft_clip({of}, {limit!r})"
        case Sine():
            return f"sin({of})"
        case Cosine():
            return f"cos({of})"
        case Equals(_, number):
            return f"{name}_same({of}, {number!r}) ? 1.0 : 0.0"
        case LookUp(keys, _, missing, other):
            at = tables.index(expression) + 1
            given = "text" if own.source.is_text else "value"
            read = "look_up" if own.source.is_text else "look_up_number"
            folded = f"{int(own.source.folded)}, " if own.source.is_text else ""
            absent = "NAN" if other is None else repr(other)
            found = f"{name}_{read}({given}, keys_{at}, numbers_{at}, {len(keys)}, {folded}{absent})"
            return f"missing ? {missing!r} : {found}"
    raise AssertionError(expression)
