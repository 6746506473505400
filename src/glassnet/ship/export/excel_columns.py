"""The columns of a model in formulas of Excel: what a typed value means, and the inputs that it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glassnet.ship.export.runtime.cells import FALSE, TRUE
from glassnet.ship.export.syntax import ARITHMETIC, Syntax
from glassnet.tables.date_parsing import TIME_ONLY
from glassnet.tables.encode.program import (
    NUMBERS,
    TRUTHS,
    Clip,
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

NEUTRAL = {Subtract: 0.0, Multiply: 1.0, Divide: 1.0}  # numbers that change nothing
DAY, FIRST_DAY = 86_400, 25_569  # seconds of a day; 1970-01-01 as a number of days in Excel
Lists = Callable[[Sequence[str | float], str], str]  # the range in which some values stand below a title


def number(value: float) -> str:
    """A number in a formula."""
    text = repr(float(value)).removesuffix(".0").upper()
    return text if value >= 0 else f"({text})"


def is_date(source: Source) -> bool:
    """Whether the cell of a column holds a date or a time, which is a number of days in Excel."""
    return source.type not in (NUMBERS, TRUTHS) and not source.is_text


def as_cell(value: float, source: Source) -> float:
    """Seconds as a cell has them."""
    return value / DAY if source.format == TIME_ONLY else value / DAY + FIRST_DAY


def cleaned(source: Source, t: str, lists: Lists) -> str:
    """The value of a column whose cell is ``t``: a number or a text, "" if it is missing, #N/A if it is wrong."""
    text = f'TRIM({t}&"")'
    words = [word for word in source.words if word]
    among = f"SUMPRODUCT(1*EXACT({lists(words, 'missing')},{text}))>0" if words else "FALSE"
    if source.is_text:
        text = f'TRIM(IF(ISLOGICAL({t}),LOWER({t}&""),{t}&""))'
        value = f"LOWER({text})" if source.folded else text
        return f'IF(OR({text}="",{among}),"",{value})'
    if source.type == TRUTHS:
        truths = [
            f"SUMPRODUCT(1*EXACT({lists(known, title)},LOWER({text})))>0"
            for known, title in ((TRUE, "true"), (FALSE, "false"))
        ]
        of_number = f"IF(OR({t}=0,{t}=1),{t},NA())"
        of_text = f"IF({truths[0]},1,IF({truths[1]},0,NA()))"
        known = f"IF(ISLOGICAL({t}),IF({t},1,0),IF(ISNUMBER({t}),{of_number},{of_text}))"
        return f'IF(OR({text}="",{among}),"",{known})'
    read = t
    if is_date(source):
        days = t if source.format == TIME_ONLY else f"({t}-{FIRST_DAY})"
        read = f"ROUND({days}*{DAY},6)"
    if source.sentinels:
        listed = ",".join(f"{read}={number(each)}" for each in source.sentinels)
        read = f'IF(OR({listed}),"",{read})'
    return f'IF(ISNUMBER({t}),{read},IF(OR({text}="",{among}),"",NA()))'


def syntax(source: Source, v: str, lists: Lists) -> Syntax:
    """How expressions of the value in the cell ``v`` are written."""

    def look_up(own: LookUp) -> str:
        if source.type == TRUTHS and own.keys == own.numbers == (0.0, 1.0):
            return f'IF({v}="",{number(own.missing)},{v})'
        keys, numbers = lists(own.keys, source.column), lists(own.numbers, "their numbers")
        same = f"EXACT({keys},{v})" if source.is_text else f"({keys}={v})"
        other = "NA()" if own.other is None else number(own.other)
        found = f"IF(SUMPRODUCT(1*{same})=0,{other},SUMPRODUCT({same}*{numbers}))"
        return f'IF({v}="",{number(own.missing)},{found})'

    templates: dict[type[Expression], str] = {
        **ARITHMETIC,
        Value: v,
        Missing: f'IF({v}="",1,0)',
        Filled: f'IF({v}="",{{fill}},{{of}})',
        Clip: "MIN(MAX({of},{low}),{high})",
        SoftClip: "({of}/SQRT(1+({of}/{limit})^2))",
        Sine: "SIN({of})",
        Cosine: "COS({of})",
        Equals: "IF({of}={number},1,0)",
    }
    return Syntax(templates, look_up, number)


def in_words(expression: Expression, column: str) -> str:
    """What an input is, for a person."""
    if isinstance(expression, Equals) and isinstance(expression.of, LookUp):
        places = expression.of.numbers
        if expression.number in places:
            return f"{column} is {expression.of.keys[places.index(expression.number)]}"
        return f"{column} is another value"
    if isinstance(expression, Missing):
        return f"{column} is missing"
    inner: Expression | None = expression
    same = True
    while inner is not None and not isinstance(inner, Value):
        same &= isinstance(inner, (Clip, Filled)) or getattr(inner, "number", None) == NEUTRAL.get(
            type(inner)
        )
        if isinstance(inner, Sine):
            return f"{column}, sine"
        if isinstance(inner, Cosine):
            return f"{column}, cosine"
        inner = inner.inner
    if same:
        return column
    return f"{column}, as a number" if isinstance(expression, LookUp) else f"{column}, scaled"
