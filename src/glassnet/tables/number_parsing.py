"""Numbers as people write them: 1,234.5 · 1.234,5 · 1 234,5 · 1'234 · (12.50) · $ 3,000 · 12 % · 74 bhp.

Values are looked at once each (the caller hands over the different values of a column). Codes are not
numbers: "00123" keeps its zeros, and whole numbers of 16 digits and more, which a float would round,
stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from glassnet.tables._arrow import pa, pc

CODE_DIGITS = 16
FIRST = 20  # texts that are tried before all others
# Of 30 numbers with up to three decimals at least one ends in 0, and is written shorter, 24 times in 25.
SURE_OF_THOUSANDS = 30

_BLANKS = " \u00a0\u202f\u2009"
_SIGN = "[+-]?"
_EXPONENT = r"(?:[eE][+-]?\d+)?"


def _pattern(group: str, mark: str) -> str:
    grouped = rf"[1-9]\d{{0,2}}(?:[{group}{_BLANKS}'’]\d{{3}})+"
    return rf"^{_SIGN}(?:(?:{grouped}|\d+)(?:{mark}\d*)?|{mark}\d+){_EXPONENT}$"


_POINT = _pattern(",", r"\.")
_COMMA = _pattern(".", ",")
_POINT_RE, _COMMA_RE = re.compile(_POINT), re.compile(_COMMA)
_WORTH_A_LOOK = re.compile(r"\d")
_CURRENCY = r"(?:[$€£¥₹₽₩₺₴₫฿]|[A-Z]{1,2}\$|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|BRL|Rs\.?|kr\.?|zł)"
_AFFIXED = re.compile(
    rf"(?P<minus>-?)\s*(?P<prefix>{_CURRENCY})?\s*[+-]?[\d.,][\d.,'’{_BLANKS}]*?(?:[eE][+-]?\d+)?"
    rf"(?P<suffix>\s*(?:%|‰|°|°C|°F|{_CURRENCY})|[{_BLANKS}][a-zA-Zµ°²³/%]{{1,8}})?"
)


class NumberStyle(NamedTuple):
    """What is known of a file's numbers.

    ``decimal`` is the decimal mark that other columns show, ``"."``, ``","`` or None. ``comma_likely``: the
    file is cut at semicolons, as spreadsheets do where the comma is the decimal mark.
    """

    decimal: str | None = None
    comma_likely: bool = False


UNKNOWN = NumberStyle()


class Affix(NamedTuple):
    """What stands around every number of a column: a currency sign, a percent sign, a unit."""

    prefix: str
    suffix: str


@dataclass(frozen=True)
class Numbers:
    """``values`` has an entry for each text that was handed in, null where it is not a number."""

    values: pa.Array
    said: str = ""


def parse_numbers(texts: pa.Array, style: NumberStyle, *, codes: bool = False) -> Numbers | None:
    """The numbers in ``texts`` (different trimmed values, no gaps), or None when hardly any is one.

    ``style.decimal`` settles what "1.234" and "1,234" mean where the column itself leaves it open. Without
    it a lone comma before three digits groups thousands, unless the file is cut at semicolons; a lone
    point is a decimal point, unless "1.234" always has three digits behind it and stands beside "999".
    ``codes`` asks for numbers even where they are written as codes are.
    """
    if not _grouped_by_points(texts, style):
        plain = _plain(texts, codes)
        if plain is not None:
            return Numbers(plain)
    if not _promising(texts):
        return None
    cleaned, affix = _bare(texts)
    point, comma = pc.match_substring_regex(cleaned, _POINT), pc.match_substring_regex(cleaned, _COMMA)
    points, commas = pc.sum(point).as_py() or 0, pc.sum(comma).as_py() or 0
    favored = (
        style.decimal == ","
        or (style.decimal is None and style.comma_likely)
        or _grouped_by_points(texts, style)
    )
    uses_comma = commas > points or (commas == points and favored)
    fits = comma if uses_comma else point
    if not (commas if uses_comma else points) or (not codes and _codes(pc.filter(cleaned, fits))):
        return None
    group = rf"[{'.' if uses_comma else ','}{_BLANKS}'’]"
    digits = pc.replace_substring_regex(cleaned, group, "")
    if uses_comma:
        digits = pc.replace_substring(digits, ",", ".")
    digits = pc.replace_substring_regex(digits, r"^\+", "")
    values = _narrow(pc.cast(pc.if_else(fits, digits, pa.scalar(None, pa.string())), pa.float64()), cleaned)
    return Numbers(values, _said(affix, uses_comma, texts))


def decimal_mark(texts: list[str]) -> str | None:
    """The decimal mark that ``texts`` cannot do without: ``"."``, ``","``, or None when both readings work."""
    points = sum(bool(_POINT_RE.match(text)) for text in texts)
    commas = sum(bool(_COMMA_RE.match(text)) for text in texts)
    if points == commas or max(points, commas) * 2 < len(texts):
        return None
    return "." if points > commas else ","


def _plain(texts: pa.Array, codes: bool) -> pa.Array | None:
    """Numbers in the computer's own notation, all of them, at the speed of a cast."""
    for kind in (pa.int64(), pa.float64()):
        try:
            # a cast goes on after it has failed, and a failure costs more than a number
            texts[:FIRST].cast(kind)
            values = texts.cast(kind)
        except pa.ArrowInvalid:
            continue
        return values if codes or not _codes(texts) else None
    return None


def _codes(texts: pa.Array) -> bool:
    """Whether whole numbers are written with zeros in front, or with more digits than a float holds."""
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    leading = pc.starts_with(texts, "0")
    suspects = texts if longest >= CODE_DIGITS else pc.filter(texts, leading)
    if not len(suspects):
        return False
    pattern = rf"^(0\d+|[+-]?\d{{{CODE_DIGITS},}})$"
    if not pc.any(pc.match_substring_regex(suspects, pattern)).as_py():
        return False
    return bool(pc.all(pc.match_substring_regex(texts, r"^[+-]?\d+$")).as_py())


def _grouped_by_points(texts: pa.Array, style: NumberStyle) -> bool:
    """Whether every point parts thousands: the file has a decimal comma, or the digits say so."""
    if style.decimal == ".":
        return False
    with_point = pc.match_substring(texts, ".")
    dotted = pc.filter(texts, with_point)
    if not len(dotted) or not pc.all(pc.match_substring_regex(dotted, _COMMA)).as_py():
        return False
    if style.decimal == ",":
        return True
    plain = pc.filter(texts, pc.invert(with_point))
    short = len(plain) > 0 and pc.all(pc.match_substring_regex(plain, r"^[+-]?(0|[1-9]\d{0,2})$")).as_py()
    return bool(short and len(dotted) >= SURE_OF_THOUSANDS)


def _promising(texts: pa.Array) -> bool:
    step = max(len(texts) // 64, 1)
    sample = texts.take(pa.array(range(0, len(texts), step))).to_pylist()
    return sum(bool(_AFFIXED.fullmatch(text.strip("()"))) for text in sample) * 2 >= len(sample)


def _bare(texts: pa.Array) -> tuple[pa.Array, Affix]:
    """``texts`` without the affix that they share; parentheses and the long minus become a minus sign."""
    cleaned = pc.replace_substring_regex(texts, "^[−–]", "-")
    cleaned = pc.replace_substring_regex(cleaned, r"^\((.*\d.*)\)$", r"-\1")
    affix = _shared_affix(cleaned)
    if affix.prefix:
        cleaned = pc.replace_substring_regex(cleaned, rf"^(-?)\s*{re.escape(affix.prefix)}\s*", r"\1")
    if affix.suffix:
        cleaned = pc.replace_substring_regex(cleaned, rf"\s*{re.escape(affix.suffix)}$", "")
    return cleaned, affix


def _shared_affix(texts: pa.Array) -> Affix:
    """The currency sign or unit that every number carries (a zero may go without)."""
    for text in texts[:20].to_pylist():
        match = _AFFIXED.fullmatch(text)
        if not match or not (match["prefix"] or match["suffix"]):
            continue
        affix = Affix(match["prefix"] or "", (match["suffix"] or "").strip(_BLANKS))
        around = rf"^(-?\s*{re.escape(affix.prefix)}.*\d.*{re.escape(affix.suffix)}|[0.,]+)$"
        numeric = pc.filter(texts, pc.match_substring_regex(texts, r"\d"))
        fitting = pc.sum(pc.match_substring_regex(numeric, around)).as_py() or 0
        return affix if fitting >= 0.95 * len(numeric) else Affix("", "")
    return Affix("", "")


def _narrow(values: pa.Array, texts: pa.Array) -> pa.Array:
    """Whole numbers as integers when none was written with a decimal mark or an exponent."""
    whole = pc.all(pc.equal(pc.round(values), values)).as_py()
    small = (pc.max(pc.abs(values)).as_py() or 0) < 2**53
    return values.cast(pa.int64()) if whole and small else values


def _said(affix: Affix, uses_comma: bool, texts: pa.Array) -> str:
    parts = []
    if uses_comma and pc.any(pc.match_substring(texts, ",")).as_py():
        parts.append("read with a decimal comma")
    elif uses_comma:
        parts.append("points read as marks of thousands")
    around = " and ".join(repr(part) for part in affix if part)
    if around:
        parts.append(f"read without {around}")
    return ", ".join(parts)
