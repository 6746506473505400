"""Numbers that are dates or times: 20241231, 202412, 20241231235959, and counts of seconds or of days."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from glassnet.tables.notes import Note
from glassnet.tables.schema import NUMBER

SURE_DATES = 10  # different numbers
_NAMED = re.compile("date|datum|day|month|monat|period|yyyymm|fecha|dt$")
_FORMS = (  # the format, the times of day behind the day, whether there is a day, and an example
    ("%Y%m%d", 1, True, "20241231"),
    ("%Y%m%d", 10_000, True, "202412312359"),
    ("%Y%m%d", 1_000_000, True, "20241231235959"),
    ("%Y%m", 1, False, "202412"),
)
_NAMES_OF_TIMES = re.compile(r"time|date|datum|zeit|stamp|epoch|fecha|created|updated|(^|_)(ts|at|dt|day)$")
_YEARS = 631152000, 2208988800  # seconds since 1970 at the start of 1990 and of 2040
_EXCEL_DAYS = 32874, 51136  # at the start of 1990 and of 2040
_EXCEL_EPOCH = 25569  # the 1st of January 1970


def dates_of_digits(present: NDArray[np.float64], name: str) -> tuple[str, Note] | None:
    """The format in which whole numbers are dates, and why they are; None if they are not.

    Of all numbers of eight digits 4 % are days of a calendar, so :data:`SURE_DATES` different days leave no doubt.
    """
    present = np.clip(present, 0, 1e15)
    for form, clock, has_day, example in _FORMS:
        whole = present // clock if has_day else present * 100 + 1
        month, day, behind = whole // 100 % 100, whole % 100, present % clock
        within = (whole >= 18000101) & (whole <= (99991231 if has_day else 21001231))
        dated = within & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
        if clock > 1:
            behind = behind if clock > 10_000 else behind * 100
            dated &= (behind < 240_000) & (behind // 100 % 100 < 60) & (behind % 100 < 60)
        if dated.mean() < 0.5 or not np.isin(present[~dated], (0, 99999999)).all():
            continue
        text = f"whole numbers that are dates, as in {example}"
        if _NAMED.search(name.lower()):
            return form, Note("dates", text)
        own = present[dated & (whole < 21000000)]
        if len(set(own[: 100 * SURE_DATES].tolist())) >= SURE_DATES:
            return form, Note("dates_of_digits", text, "column_types", {name: NUMBER})
    return None


def counted_time(present: NDArray[np.float64], name: str) -> Note | None:
    """What numbers count that are named as times and lie between 1990 and 2040; None where they are just numbers."""
    if len(present) < 2 or not _NAMES_OF_TIMES.search(name.lower()):
        return None
    low, high = present.min(), present.max()
    for unit, scale in (("seconds", 1), ("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)):
        if _YEARS[0] * scale <= low and high < _YEARS[1] * scale:
            return _counts(f"{unit} since 1970", low / scale, high / scale)
    if _EXCEL_DAYS[0] <= low and high < _EXCEL_DAYS[1]:
        return _counts("days as Excel counts them", *((own - _EXCEL_EPOCH) * 86400 for own in (low, high)))
    return None


def _counts(what: str, first: float, last: float) -> Note:
    ends = (str(np.datetime64(int(end), "s").astype("datetime64[D]")) for end in (first, last))
    return Note("counted_time", f"a number; it may count {what}: {' to '.join(ends)}")
