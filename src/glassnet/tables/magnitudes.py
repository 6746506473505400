"""Words and prefixes that multiply the number before them: 3 Mio., 1.9K, 239万, 5 crore, 12 M€, 16 GB."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

SHARED = 0.95  # share of the numbers that must have a unit or a currency for it to be the column's

# The powers of ten of words in any case, without a point at their end.
_WORDS = {
    2: "hundred",
    3: "k thousand thousands thsd tsd tausend mille millier milliers mila tusen tusind tys tis тыс тысяч bin ribu rb "
    "ribuan nghìn ngàn duizend tkr",
    5: "lakh lakhs lac lacs",
    6: "mio mn mln million millions millionen millones millón milioni milione miljoen miljoner millioner milhões "
    "milhão milyon miljon mkr mil. млн миллион миллионов juta jt triệu",
    7: "crore crores",
    9: "bn mrd mld mlrd mdr mia billion billions milliard milliards milliarden miliardi miliardo miljard miljarder "
    "milliarder milyar mlr млрд миллиард bilhões bilhão miliar tỷ",
    12: "trn trillion trillions trilhões biliún трлн triliun",
}  # fmt: skip
_EAST_ASIAN = {
    "千": 3, "천": 3, "万": 4, "萬": 4, "만": 4, "十万": 5, "십만": 5, "百万": 6, "百萬": 6, "백만": 6,
    "千万": 7, "千萬": 7, "천만": 7, "亿": 8, "億": 8, "억": 8, "十亿": 9, "兆": 12, "조": 12,
}  # fmt: skip
_POWERS = {word: power for power, words in _WORDS.items() for word in words.split()} | _EAST_ASIAN
_CAPITALS = {"K": 3, "M": 6, "B": 9, "Cr": 7, "Cr.": 7}  # which mean something else in other cases
# These may be units too (meters, miles, liters, tons). They are magnitudes beside a currency or another magnitude.
_AMBIGUOUS = {"m": 6, "b": 9, "G": 9, "T": 12, "tn": 12, "md": 9, "L": 5, "mi": 6, "bi": 9, "miles": 3}
_TOGETHER = ({"m", "b"}, {"mi", "bi"})  # which have no other meaning in one column
_GLUED = {
    "k": 3,
    "K": 3,
    "T": 3,
    "m": 6,
    "M": 6,
    "MM": 6,
    "Mio": 6,
    "Mrd": 9,
    "Md": 9,
    "bn": 9,
    "B": 9,
    "mn": 6,
    "mkr": 6,
}
_CURRENCY = r"[$€£¥₹₩₽₺₫₴₪₦฿₱]|EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|BRL|RUB"
_BEFORE_CURRENCY = re.compile(rf"({'|'.join(sorted(_GLUED, key=len, reverse=True))}) ?({_CURRENCY})")
_BEFORE_UNIT = re.compile(rf"({'|'.join(sorted(_EAST_ASIAN, key=len, reverse=True))})(.*)")
_PREFIXES = {"n": -9, "µ": -6, "μ": -6, "m": -3, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12, "P": 15}
_METRIC = {"c" + unit: (-2, unit) for unit in ("m", "l", "L")} | {
    prefix + unit: (power, unit)
    for unit in ("B", "Byte", "g", "m", "l", "L", "s", "W", "Wh", "Hz", "V", "A", "J", "Pa", "N", "bit", "bps", "")
    for prefix, power in (_PREFIXES | {"": 0}).items()
    if unit
}  # fmt: skip


class Meaning(NamedTuple):
    """What stands behind a number: ten to the ``power``, and the unit. ``metric``: the power belongs to the unit."""

    power: int
    unit: str
    metric: bool = False


class Units(NamedTuple):
    """The unit that the numbers of a column share, and the power of ten by which each suffix multiplies.

    ``powers`` has no entry for a suffix of another unit. ``notation`` says which suffixes multiply.
    """

    unit: str = ""
    powers: Mapping[str, int] = {}
    notation: str = ""


def shared_units(suffixes: Mapping[str, int], money: bool) -> Units:
    """The unit that nearly all numbers share.

    Args:
        suffixes: what stands behind the numbers, and how often.
        money: whether a currency stands before the numbers.
    """
    clear = {suffix: found for suffix in suffixes if (found := _magnitude(suffix))}
    sure = money or bool(clear) or {*suffixes} - {""} in _TOGETHER
    ambiguous = {suffix: Meaning(power, "") for suffix, power in _AMBIGUOUS.items() if sure}
    if money:
        ambiguous["MM"] = Meaning(6, "")
    meanings = {suffix: clear.get(suffix) or ambiguous.get(suffix) or _metric(suffix) for suffix in suffixes}
    counts = Counter[str]()
    for suffix, meaning in meanings.items():
        counts[stem(meaning.unit)] += suffixes[suffix]
    most = counts.most_common(1)[0] if counts else ("", 0)
    shared = most[0] if most[1] >= SHARED * counts.total() else ""
    own = {suffix: meaning for suffix, meaning in meanings.items() if stem(meaning.unit) == shared}
    if not own:
        return Units()
    usual = max(own, key=lambda suffix: suffixes[suffix])
    metric = own[usual].metric
    base = own[usual].power if metric else 0
    powers = {suffix: meaning.power - base for suffix, meaning in own.items() if meaning.metric == metric}
    unit = usual if metric else own[usual].unit
    multiplying = ", ".join(repr(suffix) for suffix, power in sorted(powers.items()) if power)
    done = f"converted to {unit!r}" if metric else "multiplied out"
    return Units(unit, powers, f"{multiplying} {done}" if multiplying else "")


def _magnitude(suffix: str) -> Meaning | None:
    """The magnitude in front of a unit, if it is sure that there is one."""
    word, _, unit = suffix.partition(" ")
    for own in (suffix, word):
        bare = own.rstrip(".")
        power = _CAPITALS.get(own, _POWERS.get(own.lower(), _POWERS.get(bare.lower())))
        if power is not None:
            return Meaning(power, "" if own == suffix else unit.strip())
    for pattern, powers in ((_BEFORE_CURRENCY, _GLUED), (_BEFORE_UNIT, _EAST_ASIAN)):
        if found := pattern.fullmatch(suffix):
            return Meaning(powers[found[1]], found[2].strip())
    return None


def _metric(suffix: str) -> Meaning:
    power, unit = _METRIC.get(suffix, (0, suffix))
    return Meaning(power, unit, suffix in _METRIC)


def stem(unit: str) -> str:
    """``unit`` without the mark of a plural or of an abbreviation."""
    return unit.rstrip(".").removesuffix("s") if len(unit) > 3 else unit
