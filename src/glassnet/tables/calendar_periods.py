"""Weeks, months, quarters and half years in text, as their first days: 2024-W05, KW 5/2024, 2024M05, 1Q24, H1 2024."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import from_numpy, pa, pc

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
