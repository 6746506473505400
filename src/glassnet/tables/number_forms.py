"""Numbers in other forms than a single number, rewritten as one: 5 ft 11 in, 1 1/2, 48°12'30"N, 120.50 CR, 8/10.

A form is looked for in a whole column, and each text that has it becomes a number with a unit: "5 ft 11 in" is "71 in".
So whatever is done with numbers (units, words among them) is done with these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from glassnet.tables._arrow import count, pa, pc
from glassnet.tables.number_ranges import ranges
from glassnet.tables.rewritten import HALF, NUMBER, Rewritten, floats, is_form, written_as
from glassnet.tables.signed_numbers import LETTERS, angles, credits_and_debits

_SHORT = r"^.{0,12}\d.{0,30}$"
_INCHES = r"in(?:ch(?:es)?)?\.?|\"|″|”|''|′′|’’"
_SCALES = frozenset((5, 6, 7, 10, 20, 25, 30, 40, 50, 100, 1000))  # of points, as in 8/10
_DENOMINATORS = frozenset((2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64))
_NO_MONTHS = frozenset((16, 32, 64))  # one of which tells that 3/4 is no day of April
_VULGAR = r"[¼-¾⅐-⅞]"


class Ladder(NamedTuple):
    """A larger and a smaller unit: how they are spelled, how many of the smaller one are one of the larger.

    Numbers are converted to ``unit``, which is the larger one if ``up`` is given.
    """

    larger: str
    smaller: str
    ratio: int
    unit: str
    up: bool = False
    bare: bool = False  # the smaller unit may go without its name


_LADDERS = (
    Ladder(r"ft\.?|foot|feet|'|′|’", _INCHES, 12, "in", bare=True),
    Ladder(r"st\.?|stones?", r"lbs?\.?|pounds?", 14, "lb"),
    Ladder(r"lbs?\.?|pounds?", r"ozs?\.?|ounces?", 16, "oz"),
    Ladder("km", "m", 1000, "km", up=True),
    Ladder("m", "cm", 100, "m", up=True, bare=True),
    Ladder("kg", "g", 1000, "kg", up=True),
    Ladder(
        r"y|yrs?\.?|years?|J|Jahre?n?|ans?|años?|anni|anno",
        r"m|mos?\.?|mths?\.?|mons?\.?|months?|M|Monate?n?|mois|mes(?:es)?|mesi|mese",
        12,
        "months",
    ),
    Ladder(r"w|wks?\.?|weeks?|Wochen?", r"d|days?|Tage?n?", 7, "days"),
)


def as_single_numbers(texts: pa.Array, unit: str = "", *, surely: bool = False) -> Rewritten:
    """``texts`` (different values) as single numbers, where they have one of the forms.

    Args:
        unit: that of earlier rows of the same column, which settles what one form of a few texts leaves open.
        surely: the column is one of numbers: single fractions and ranges are numbers as well.
    """
    head = texts.take(pa.array(range(0, len(texts), max(len(texts) // 64, 1))))
    if count(pc.match_substring_regex(head, _SHORT)) < HALF * len(head):
        return Rewritten(texts)
    forms: list[Callable[[], Rewritten | None]] = [
        partial(angles, texts, unit),
        *(partial(_steps, texts, ladder, unit) for ladder in _LADDERS),
        partial(_fractions, texts, surely),
        partial(_points, texts, unit),
        *(partial(credits_and_debits, texts, pair, unit) for pair in LETTERS),
        *([partial(ranges, texts)] if surely else []),
    ]
    return next((found for form in forms if (found := form())), Rewritten(texts))


def _steps(texts: pa.Array, ladder: Ladder, unit: str) -> Rewritten | None:
    """Two units, the larger one first: 5 ft 11 in, 11 st 4 lb, 1m82."""
    pattern = (
        rf"^(?P<sign>-)?(?:(?P<large>{NUMBER}) ?(?:{ladder.larger}))?(?P<between>(?:,| and)? ?-?)"
        rf"(?:(?P<small>{NUMBER}) ?(?P<named>{ladder.smaller}))?$"
    )
    parts = pc.extract_regex(texts, pattern)
    if ladder.bare:
        bare = rf"^(?P<sign>-)?(?P<large>{NUMBER}) ?(?:{ladder.larger})(?P<between> ?)(?P<small>\d{{1,2}})(?P<named>)$"
        parts = pc.coalesce(parts, pc.extract_regex(texts, bare))
    large, small = (pc.struct_field(parts, name) for name in ("large", "small"))
    both = pc.and_(pc.not_equal(large, ""), pc.not_equal(small, ""))
    if not is_form(parts) or not (count(both) or unit == ladder.unit):
        return None
    least = floats(small)
    if (pc.max(pc.if_else(pc.fill_null(both, False), least, 0.0)).as_py() or 0) >= ladder.ratio:
        return None
    if ladder.up:
        total = pc.add(floats(large), pc.divide(least, float(ladder.ratio)))
    else:
        total = pc.add(pc.multiply(floats(large), float(ladder.ratio)), least)
    empty = pc.and_(pc.equal(large, ""), pc.equal(small, ""))
    total = pc.if_else(empty, None, total)
    written = written_as(total, pc.equal(pc.struct_field(parts, "sign"), "-"), ladder.unit, texts)
    return Rewritten(written, f"numbers of two units converted to {ladder.unit!r}", ladder.unit)


def _fractions(texts: pa.Array, surely: bool) -> Rewritten | None:
    """Fractions, alone or behind a whole number: 1 1/2, 3/4, 1½."""
    vulgar = bool(pc.any(pc.match_substring_regex(texts, _VULGAR)).as_py())
    spelled = pa.array(map(_with_slash, texts.to_pylist()), pa.string()) if vulgar else texts
    parts = pc.extract_regex(
        spelled,
        r"^(?P<sign>[-+−])?(?:(?P<whole>\d+)(?: and |[ -]))?(?P<over>\d{1,3}) ?[/⁄] ?(?P<under>\d{1,3}) ?"
        r"(?P<unit>\"|''|″|”|\p{L}{0,12})?$",
    )
    read = len(parts) - parts.null_count
    if not read:
        return None
    over, under = (floats(pc.struct_field(parts, name)) for name in ("over", "under"))
    proper = pc.and_(pc.less(over, under), pc.greater(under, 0.0))
    if not pc.all(proper).as_py():
        return None
    mixed = count(pc.not_equal(pc.struct_field(parts, "whole"), ""))
    if not (vulgar or mixed or surely):
        pairs = list(zip(over.drop_null().to_pylist(), under.drop_null().to_pylist(), strict=True))
        usual = all(int(low) in _DENOMINATORS and _reduced(int(high), int(low)) for high, low in pairs)
        if read < max(3, HALF * len(texts)) or not usual or not {low for _, low in pairs} & _NO_MONTHS:
            return None
    total = pc.add(floats(pc.struct_field(parts, "whole")), pc.divide(over, under))
    units = pc.replace_substring_regex(pc.struct_field(parts, "unit"), "^(\"|''|″|”)$", "in")
    negative = pc.is_in(pc.struct_field(parts, "sign"), pa.array(["-", "−"]))
    written = written_as(total, negative, units, texts)
    if count(pc.equal(units, "in")):  # beside which 2" is written
        written = pc.replace_substring_regex(written, "^([\\d.,]+) ?(\"|''|″|”)$", r"\1 in")
    return Rewritten(written, "fractions read as numbers")


def _points(texts: pa.Array, unit: str) -> Rewritten | None:
    """Points of the same scale: 8/10, 9.5 / 10, 7 out of 10."""
    parts = pc.extract_regex(texts, rf"^(?P<points>{NUMBER}) ?(?:/|out of|of|von|sur) ?(?P<scale>\d{{1,4}})$")
    if not is_form(parts):
        return None
    scales = pc.unique(pc.struct_field(parts, "scale")).drop_null().to_pylist()
    if len(scales) != 1 or int(scales[0]) not in _SCALES or (len(texts) < 3 and unit != f"of {scales[0]}"):
        return None
    points = floats(pc.struct_field(parts, "points"))
    if pc.max(points).as_py() > int(scales[0]):
        return None
    written = pc.binary_join_element_wise(pc.struct_field(parts, "points"), f"of {scales[0]}", " ")
    return Rewritten(pc.coalesce(written, texts), f"points of {scales[0]}", f"of {scales[0]}")


def _with_slash(text: str) -> str:
    """Fractions of one character as three: 1½ as 1 1/2."""
    spaced = re.sub(rf"(?<=\d) ?({_VULGAR})", r" \1", text)
    return unicodedata.normalize("NFKC", spaced) if re.search(_VULGAR, text) else text


def _reduced(over: int, under: int) -> bool:
    return all(over % own or under % own for own in (2, 3, 5))
