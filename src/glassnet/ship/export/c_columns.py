"""The columns of a model in C: the fields of a row, and the statements that make inputs of them."""

from __future__ import annotations

import re

from glassnet.ship.export.c_names import literal, names_for
from glassnet.ship.export.program import ModelProgram
from glassnet.ship.export.sources import kind_of, shown, wrapped
from glassnet.ship.export.syntax import ARITHMETIC, Syntax
from glassnet.tables.date_parsing import TIME_ONLY
from glassnet.tables.encode.program import (
    TEXTS,
    Clip,
    ColumnProgram,
    Cosine,
    Equals,
    Expression,
    Filled,
    LookUp,
    Missing,
    Sine,
    SoftClip,
    Source,
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
    syntax = _syntax(name, own.source, tables)
    for expression in [*tables, *(each for each in own.shared() if each not in tables)]:
        text = syntax.write(expression, names)
        names[expression] = f"part_{len(names) + 1}"
        lines.append(f"{INDENT}const double {names[expression]} = {text};")
        if isinstance(expression, LookUp) and expression.other is None:
            lines += [
                f"{INDENT}if (isnan({names[expression]})) {{",
                f"{INDENT}    return {number};",
                f"{INDENT}}}",
            ]
    for place, each in enumerate(own.inputs, first):
        lines.append(f"{INDENT}x[{place}] = {syntax.write(each, names)};")
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


def _syntax(name: str, source: Source, tables: list[LookUp]) -> Syntax:
    def look_up(own: LookUp) -> str:
        at = tables.index(own) + 1
        given = "text" if source.is_text else "value"
        read = "look_up" if source.is_text else "look_up_number"
        folded = f"{int(source.folded)}, " if source.is_text else ""
        absent = "NAN" if own.other is None else repr(own.other)
        found = f"{name}_{read}({given}, keys_{at}, numbers_{at}, {len(own.keys)}, {folded}{absent})"
        return f"missing ? {own.missing!r} : {found}"

    templates = {
        **ARITHMETIC,
        Value: "value",
        Missing: "missing ? 1.0 : 0.0",
        Filled: "(missing ? {fill} : {of})",
        Clip: f"{name}_clip({{of}}, {{low}}, {{high}})",
        SoftClip: f"{name}_soft_clip({{of}}, {{limit}})",
        Sine: "sin({of})",
        Cosine: "cos({of})",
        Equals: f"{name}_same({{of}}, {{number}}) ? 1.0 : 0.0",
    }
    return Syntax(templates, look_up)
