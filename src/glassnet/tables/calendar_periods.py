"""Periods in text, as their first days: 2024-W05, KW 5/2024, 2024M05, 1Q24, H1 2024, seasons such as 2023/24."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import count, from_numpy, pa, pc

_YEAR = r"(?:1[89]|2[01])\d\d"
_WEEK = r"(?:(?:KW|CW|[Ww]eek|[Ww]k|[Ww]oche|[Ss]emaine|[Ss]emana|uge|vecka|W|U|V)\.? ?)"
_WEEKS = (  # with a year, and with the day of the week or without
    rf"^(?P<year>{_YEAR})[-/ ]?{_WEEK}(?P<week>\d{{1,2}})(?:-?(?P<day>[1-7]))?$",
    rf"^{_WEEK}(?P<week>\d{{1,2}})(?:, ?| ?[-/] ?| )(?P<year>{_YEAR})(?P<day>)$",
)
_QUARTER, _HALF = "[QqTK]", "[HhS]"  # of English, of French and Spanish, of Scandinavian statistics
_NAMES = {1: "Jan", 4: "Apr", 7: "Jul", 10: "Oct"}
_PERIODS = tuple(
    rule
    for mark, month, number in (
        *((_QUARTER, 3 * number - 2, number) for number in range(1, 5)),
        *((_HALF, 6 * number - 5, number) for number in range(1, 3)),
    )
    for rule in (
        (rf"^({_YEAR})[ -]?{mark}{number}$", rf"\1-{month:02}"),  # 1974-Q1
        (rf"^(?:{mark}{number}|{number}{mark})[ /-]?({_YEAR})$", rf"\1-{month:02}"),  # Q1 1974
        # "Q145" may be a code
        (rf"^{mark[:3]}]{number}[ /'’-](\d{{2}})$", rf"{_NAMES[month]}-\1"),
        (rf"^{number}{mark[:3]}]'?(\d{{2}})$", rf"{_NAMES[month]}-\1"),  # 1Q74
    )
)
# Formats of months that are written as numbers are, and how many different ones are dates.
MONTHS_OR_NUMBERS = {"%m.%Y": 2, "%Y.%m": 5}
SEASON = "%Y season"  # the format of seasons and of fiscal years
_NAMED = r"(?:FY|AY|SY|GJ|WJ|[Ss]eason|[Ss]aison) ?'?"
_SEASON = rf"^(?:{_NAMED})?(?P<first>{_YEAR})(?: ?[-/–] ?(?P<second>\d{{2}}|\d{{4}})| season)?$"
_SHORT = ((rf"^{_NAMED}([0-4]\d)$", r"FY20\1"), (rf"^{_NAMED}([5-9]\d)$", r"FY19\1"))
_SHARE = 0.95
SURELY = 3  # different pairs of a year and the next one, which may be months as well, from which on they are seasons
_MONTHS = (rf"^({_YEAR})M(\d{{2}})$", r"\1-\2")


def first_days(texts: pa.Array) -> pa.Array:
    """``texts`` with dates such as 2024-01-29, months such as 2024-01 or Apr-74 in place of periods."""
    for pattern in _WEEKS:
        parts = pc.extract_regex(texts, pattern)
        if parts.null_count < len(parts):
            texts = pc.coalesce(_mondays(parts), texts)
    for pattern, written in (*_PERIODS, _MONTHS):
        texts = pc.replace_substring_regex(texts, pattern, written)
    return texts


def first_years(texts: pa.Array) -> pa.Array:
    """The first days of seasons and of fiscal years, 2023/24, FY2024, FY24; null for what is none of them."""
    for pattern, written in _SHORT:
        texts = pc.replace_substring_regex(texts, pattern, written)
    parts = pc.extract_regex(texts, _SEASON)
    first, second = (pc.struct_field(parts, name) for name in ("first", "second"))
    following = pc.add(first.cast(pa.int64()), 1).cast(pa.string())
    same = pc.or_(pc.equal(following, second), pc.equal(pc.utf8_slice_codeunits(following, 2), second))
    follows = pc.or_(pc.equal(second, ""), same)
    return pc.if_else(follows, pc.binary_join_element_wise(first, "-01-01", ""), None)


def are_dotted_months(texts: pa.Array) -> bool:
    """Whether ``texts`` (different values) are months with a point, 05.2024 or 2024.05, or such numbers."""
    first = pc.match_substring_regex(texts, rf"^(?:0[1-9]|1[0-2])\.{_YEAR}$")
    last = pc.match_substring_regex(texts, rf"^{_YEAR}\.(?:0[1-9]|1[0-2])$")
    return bool(pc.all(first).as_py() or pc.all(last).as_py())


def are_seasons(texts: pa.Array) -> bool:
    """Whether ``texts`` (different values) are seasons or fiscal years, and neither months nor bare years."""
    named = pc.match_substring_regex(texts, r"^[A-Za-z]| season$|[-/–] ?\d{2}(?:\d{2})?$")
    if not len(texts) or count(named) < _SHARE * len(texts):
        return False
    found = first_years(texts)
    if len(found) - found.null_count < _SHARE * len(found):
        return False
    months = pc.all(pc.match_substring_regex(texts, r"^\d{4}[-/](?:0[1-9]|1[0-2])$")).as_py()
    return not months or len(texts) >= SURELY


def _mondays(parts: pa.Array) -> pa.Array:
    """The days of weeks of ISO 8601, of which the first has the 4th of January; null where there is no such week."""
    year, week, day = (
        pc.fill_null(pc.struct_field(parts, name), "").to_numpy(zero_copy_only=False)
        for name in ("year", "week", "day")
    )
    years, weeks, days = (np.array([int(text or 1) for text in own], int) for own in (year, week, day))
    first, following = (_first_monday(years + ahead) for ahead in (0, 1))
    found = first + (weeks - 1) * 7
    wrong = parts.is_null().to_numpy(zero_copy_only=False) | (weeks < 1) | (found >= following)
    counted = (found + (days - 1)).astype(np.int32)
    return from_numpy(counted, wrong).cast(pa.date32()).cast(pa.string())


def _first_monday(years: NDArray[np.int64]) -> Any:
    fourth = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
    return fourth - (fourth.astype(int) + 3) % 7  # day 0, of 1970, was a Thursday
