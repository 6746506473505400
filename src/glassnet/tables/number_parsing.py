"""Numbers as people write them: 1,234.5 · 1.234,5 · 1 234,5 · 4,25,000 · (12.50) · $ 3,000 · 74kg · 1.9K · 12.3 e.

Values are looked at once each: the caller passes the different values of a column. Codes are not numbers: "00123" keeps
its zeros, and whole numbers of 16 digits and more, which a float would round, stay text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from glassnet.tables._arrow import count, pa, pc
from glassnet.tables.magnitudes import SHARED, shared_units, stem
from glassnet.tables.number_forms import as_single_numbers
from glassnet.tables.quality_marks import without_marks

CODE_DIGITS = 16
FIRST = 20  # texts that are tried before all others
# Of 30 numbers with up to three decimals at least one ends in 0, and is written shorter, 24 times in 25.
SURE_OF_THOUSANDS = 30

_BLANKS = " \u00a0\u202f\u2009"
_SIGN = "[+-]?"
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_GROUPS = rf"[1-9]\d{{0,2}}(?:[,{_BLANKS}'’]\d{{2,3}})*[,{_BLANKS}'’]\d{{3}}"  # of two digits in India
_POINT = rf"^{_SIGN}(?:(?:{_GROUPS}|\d+)(?:\.\d*)?|\.\d+){_EXPONENT}$"
_COMMA = rf"^{_SIGN}(?:(?:[1-9]\d{{0,2}}(?:[.{_BLANKS}'’]\d{{3}})+|\d+)(?:,\d*)?|,\d+){_EXPONENT}$"
_POINT_RE, _COMMA_RE = re.compile(_POINT), re.compile(_COMMA)
_CURRENCY = (
    r"\p{Sc}|[A-Z]{1,2}\$|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|BRL|RMB|CZK|HUF|TRY|RUB|KRW|THB|SGD|HKD"
    r"|MXN|ZAR|Rs\.?|kr\.?|S?Fr\.|zł|Kč|Ft"
)
_UNIT = r"(?:[\p{L}%‰°²³′″µ]|\p{So}|\p{Sc})(?:[\p{L}°²³ ./%*·^]|\p{So}|\p{Sc}){0,12}[23]?"
_MARKS = str.maketrans("٫٬．，", ".,.,")
_FOREIGN = r"[^\P{Nd}0-9]|10[⁺⁻]?[⁰¹²³⁴-⁹]+$"
_ABOUT = r"[~≈±]|(?i:circa|ca|approx|about|around|etwa|rund|env)\.?\s"
_WRITTEN = (
    rf"^(?P<open>\()?(?P<sign>[-+−–])?\s*(?P<bound>[<>≤≥]=?)?\s*(?P<about>{_ABOUT})?\s*(?P<prefix>{_CURRENCY})?\s*(?P<minus>[-+−–(])?"
    rf"(?P<body>[.,]?\d[\d.,'’{_BLANKS}]*?)(?P<exponent>[eE][+-]?\d+)?(?:[.,][-−–—]|\+)?\s*(?P<suffix>{_UNIT}|of \d+)?"
    r"(?:\)|\s?(?P<behind>[-−]))?$"
)


class NumberStyle(NamedTuple):
    """What is known of how a file writes numbers.

    ``decimal`` is the decimal mark that other columns show, ``"."``, ``","`` or None. ``comma_likely``: the file is cut
    at semicolons, as spreadsheets do where the comma is the decimal mark. ``unit``: that of earlier rows of the column.
    """

    decimal: str | None = None
    comma_likely: bool = False
    unit: str = ""


UNKNOWN = NumberStyle()


class Numbers(NamedTuple):
    """``values`` has an entry for each text, null where it is not a number; ``notation`` is how they are written.

    ``unit`` is the currency or unit that all of them have, ``marks`` are those that were left out beside the numbers.
    """

    values: pa.Array
    notation: str = ""
    unit: str = ""
    marks: tuple[str, ...] = ()


def parse_numbers(texts: pa.Array, style: NumberStyle, *, codes: bool = False) -> Numbers | None:
    """The numbers in ``texts`` (different trimmed values, none missing), or None when hardly any is one.

    ``style.decimal`` settles what "1.234" and "1,234" mean where the column itself leaves it open. Without it a lone
    comma before three digits groups thousands, unless the file is cut at semicolons; a lone point is a decimal point,
    unless "1.234" always has three digits behind it and stands beside "999". ``codes`` asks for numbers even where they
    are written as codes are.
    """
    if not _grouped_by_points(texts, style):
        plain = _plain(texts, codes)
        if plain is not None:
            return Numbers(plain)
    form = as_single_numbers(_in_ascii(texts), style.unit, surely=codes)
    texts, marks = without_marks(form.texts, surely=codes)
    sample = texts.take(pa.array(range(0, len(texts), max(len(texts) // 64, 1))))
    if count(pc.match_substring_regex(sample, _WRITTEN)) * 2 < len(sample):
        return None
    parts = pc.extract_regex(texts, _WRITTEN)
    negative = pc.match_substring_regex(_joined(parts, "open", "sign", "minus", "behind"), "[-−–(]")
    written = pc.binary_join_element_wise(
        pc.if_else(negative, "-", ""), _joined(parts, "body", "exponent"), ""
    )
    point, comma = pc.match_substring_regex(written, _POINT), pc.match_substring_regex(written, _COMMA)
    points, commas = count(point), count(comma)
    favored = style.decimal == "," or (style.decimal is None and style.comma_likely)
    uses_comma = commas > points or (commas == points and (favored or _grouped_by_points(texts, style)))
    prefix, suffix, powers, multiplying = _affixes(parts)
    behind = _joined(parts, "behind")
    fits = pc.and_(comma if uses_comma else point, pc.is_valid(powers))
    if _are_grades(texts, _joined(parts, "body"), behind):
        fits = pc.and_(fits, pc.equal(behind, ""))
    bounded = pc.and_(fits, pc.fill_null(pc.not_equal(_joined(parts, "bound"), ""), False))
    named = count(bounded) * 2 > count(fits) - count(bounded)
    if named and not codes:  # names of ranges, such as "<=50K" and ">50K"
        fits = pc.and_not(fits, bounded)
    if not count(fits) or (not codes and not prefix + suffix and _codes(pc.filter(written, fits))):
        return None
    digits = pc.replace_substring_regex(written, rf"[{'.' if uses_comma else ','}{_BLANKS}'’]", "")
    digits = pc.replace_substring(digits, ",", ".") if uses_comma else digits
    if multiplying:  # 78.6 lakh is 78.6e5, which the product of 78.6 and 1e5 is not
        fits = pc.and_(fits, pc.or_(pc.equal(powers, 0), pc.equal(_joined(parts, "exponent"), "")))
        shifts = pc.if_else(
            pc.equal(powers, 0), "", pc.binary_join_element_wise("e", powers.cast(pa.string()), "")
        )
        digits = pc.binary_join_element_wise(digits, shifts, "")
    numbers = pc.cast(pc.if_else(fits, digits, pa.scalar(None, pa.string())), pa.float64())
    written_unit = suffix.removesuffix(form.unit).strip()
    notation = _notation(pc.filter(parts, fits), uses_comma, prefix, written_unit, multiplying)
    notation = ", ".join(filter(None, (form.notation, notation)))
    return Numbers(_narrow(numbers), notation, prefix + suffix, marks)


def _in_ascii(texts: pa.Array) -> pa.Array:
    """``texts`` with the digits of other scripts and the powers of ten as in ASCII: ٣٫٥ as 3.5, 2.5×10⁻³ as 2.5e-3."""
    texts = ascii_digits(texts)
    texts = pc.replace_substring_regex(texts, r"(\d)\s?[×x·*]\s?10\s?\^?\s?([+-]?\d{1,3})$", r"\1e\2")
    texts = pc.replace_substring_regex(texts, r"^10(?:\^|\*\*) ?([+-]?\d{1,3})$", r"1e\1")
    texts = pc.replace_substring_regex(texts, r"^\(([^()]*\d)\) ?%$", r"(\1%)")
    texts = pc.replace_substring_regex(texts, r"(\d) ?/-$", r"\1")  # of rupees without paise
    texts = pc.replace_substring_regex(texts, r"^(-?)% ?(\d[\d.,]*)$", r"\1\2%")
    return pc.replace_substring_regex(texts, r"(\d\.?)[dD]([+-]\d{1,3})$", r"\1e\2")  # of Fortran


def ascii_digits(texts: pa.Array) -> pa.Array:
    """``texts`` with the digits of other scripts as in ASCII, and what stands between them."""
    if not pc.any(pc.match_substring_regex(texts, _FOREIGN)).as_py():
        return texts
    return pa.array([_normalized(text) for text in texts.to_pylist()], pa.string())


def _normalized(text: str) -> str:
    """Digits, and signs before digits, in ASCII; letters and units stay."""
    text = "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text)
    text = text.translate(_MARKS)
    power = re.fullmatch(r"(.*10)([⁺⁻]?[⁰¹²³⁴-⁹]+)", text)
    return power[1] + "^" + unicodedata.normalize("NFKC", power[2]).replace("−", "-") if power else text


def _are_grades(texts: pa.Array, bodies: pa.Array, behind: pa.Array) -> bool:
    """Whether a minus behind a number does not mean that it is negative, as in "1-", "2" and "2+"."""
    longest = pc.max(pc.utf8_length(pc.filter(bodies, pc.not_equal(behind, "")))).as_py()
    return longest is not None and (longest < 3 or bool(pc.any(pc.ends_with(texts, "+")).as_py()))


def decimal_mark(texts: list[str]) -> str | None:
    """The decimal mark that ``texts`` cannot do without: ``"."``, ``","``, or None when both readings work."""
    points = sum(bool(_POINT_RE.match(text)) for text in texts)
    commas = sum(bool(_COMMA_RE.match(text)) for text in texts)
    if points == commas or max(points, commas) * 2 < len(texts):
        return None
    return "." if points > commas else ","


def _plain(texts: pa.Array, codes: bool) -> pa.Array | None:
    """Numbers in the computer's own notation, all of them, at the speed of a cast."""
    for type_ in (pa.int64(), pa.float64()):
        try:
            # a cast goes on after it has failed, and a failure costs more than a number
            texts[:FIRST].cast(type_)
            values = texts.cast(type_)
        except pa.ArrowInvalid:
            continue
        return values if codes or not _codes(texts) else None
    return None


def _codes(texts: pa.Array) -> bool:
    """Whether whole numbers are written with zeros in front, or with more digits than a float holds."""
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    suspects = texts if longest >= CODE_DIGITS else pc.filter(texts, pc.starts_with(texts, "0"))
    if not count(pc.match_substring_regex(suspects, rf"^(0\d+|[+-]?\d{{{CODE_DIGITS},}})$")):
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


def _affixes(parts: pa.Array) -> tuple[str, str, pa.Array, str]:
    """The currency and the unit that all numbers share; the power of ten of each, null for others; its notation.

    A zero may go without.
    """
    prefixes, suffixes = _joined(parts, "prefix"), pc.utf8_trim_whitespace(_joined(parts, "suffix"))
    zero = pc.match_substring_regex(_joined(parts, "body"), "^[0.,]+$")
    bare = pc.and_(zero, pc.equal(suffixes, ""))
    prefix = _shared(pc.filter(prefixes, pc.invert(pc.and_(zero, pc.equal(prefixes, "")))))
    counted = pc.value_counts(pc.filter(suffixes, pc.invert(bare)).drop_null()).to_pylist()
    units = shared_units({entry["values"]: entry["counts"] for entry in counted}, bool(prefix))
    words = suffixes.dictionary_encode()
    powers = pa.array(map(units.powers.get, words.dictionary.to_pylist()), pa.int8()).take(words.indices)
    powers = pc.if_else(bare, pa.scalar(0, pa.int8()), powers)
    accepted = pc.or_(pc.equal(prefixes, prefix), pc.and_(zero, pc.equal(prefixes, "")))
    return prefix, units.unit, pc.if_else(accepted, powers, None), units.notation


def _shared(affixes: pa.Array) -> str:
    """The currency that nearly all have."""
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(affixes.drop_null()).to_pylist()}
    most = max(counts, key=lambda text: counts[text], default="")
    return most if counts and counts[most] >= SHARED * sum(counts.values()) else ""


def same_unit(one: str, other: str) -> bool:
    """Whether two units are the same but for singular and plural."""
    return stem(one) == stem(other)


def _joined(parts: pa.Array, *names: str) -> pa.Array:
    """Named parts of every text, one behind the other; null where a text is no number."""
    return pc.binary_join_element_wise(*(pc.struct_field(parts, name) for name in names), "")


def _narrow(values: pa.Array) -> pa.Array:
    """Whole numbers as integers, as far as a float holds them."""
    whole = pc.all(pc.equal(pc.round(values), values)).as_py()
    small = (pc.max(pc.abs(values)).as_py() or 0) < 2**53
    return values.cast(pa.int64()) if whole and small else values


def _notation(parts: pa.Array, uses_comma: bool, prefix: str, suffix: str, multiplying: str) -> str:
    found = []
    body = _joined(parts, "body")
    if uses_comma and count(pc.match_substring(body, ",")):
        found.append("read with a decimal comma")
    elif uses_comma and count(pc.match_substring(body, ".")):
        found.append("points read as marks of thousands")
    if multiplying:
        found.append(multiplying)
    if count(pc.not_equal(_joined(parts, "behind"), "")):
        found.append("a minus behind a number read as its sign")
    if around := " and ".join(repr(part) for part in (prefix, suffix) if part):
        found.append(f"read without {around}")
    if count(pc.not_equal(_joined(parts, "bound", "about"), "")):
        found.append("bounds and estimates such as '<1' or 'ca. 1' read as the number")
    return ", ".join(found)
