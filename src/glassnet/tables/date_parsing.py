"""Dates in text: which format a column is written in, and the timestamps it names.

A format describes the day (``%d/%m/%Y``); a time of day behind it (``T10:30``, `` 3:04 PM``, with or
without a zone) is read in any column. Times with a zone are taken to UTC.
"""

from __future__ import annotations

from typing import NamedTuple

from glassnet.tables._arrow import pa, pc

DATE_SHARE = 0.95
ISO = "%Y-%m-%d"
TIME_ONLY = "%H:%M:%S"

_DAY_FIRST, _MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
FORMATS = (
    ISO, _DAY_FIRST, _MONTH_FIRST, "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%Y%m%d",
    "%b %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%b %d %Y", "%Y-%b-%d", "%d%b%Y",
    "%Y-%m", "%m/%Y", "%b %Y", "%b-%Y", "%b-%y",
)  # fmt: skip

_PARTS = (
    r"^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?(?P<day>.*?\d.*?)"
    r"(?:(?:[T ]|,\s*)\s*(?P<time>\d{1,2}:\d{2}(?::\d{2})?|\d{6})(?:[.,]\d+)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$"
)
_MONTH_NAME = r"(?i)(^|[^a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([^a-z]|$)"
_TIME = r"^\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$"
_WITHOUT_DAY = frozenset(("%Y-%m", "%m/%Y", "%b %Y", "%b-%Y", "%b-%y"))


class Found(NamedTuple):
    """The format of a column of dates; ``ambiguous`` when day and month could be exchanged, ``timed`` with times."""

    format: str
    ambiguous: bool = False
    timed: bool = False


def find_format(texts: pa.Array) -> Found | None:
    """The format that reads at least 95 % of ``texts`` (different values, no gaps), if there is one.

    Day and month are told apart by values over 12. Where none is, "/" is read month first and "." and
    "-" day first, and the format is called ambiguous.
    """
    step = max(len(texts) // 50, 1)
    head = texts.take(pa.array(range(0, len(texts), step)))
    if not len(head) or (pc.max(pc.utf8_length(head)).as_py() or 0) > 40:
        return None
    if _share(pc.match_substring_regex(head, r"\d.*\d")) < 0.8:
        return None
    if _share(pc.match_substring_regex(head, _TIME)) >= DATE_SHARE:
        return Found(TIME_ONLY)
    parts = _parts(head)
    days = pc.struct_field(parts, "day")
    likely = [fmt for fmt in _formats_for(days) if _share(pc.is_valid(_midnights(days, fmt))) >= 0.8]
    shares = {
        fmt: share for fmt in likely if (share := _share(pc.is_valid(parse_dates(texts, fmt)))) >= DATE_SHARE
    }
    if not shares:
        return None
    best = max(shares, key=lambda fmt: shares[fmt])
    exchanged = best.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    ambiguous = exchanged != best and shares.get(exchanged) == shares[best]
    if ambiguous and "/" in best:
        best = exchanged if best.startswith("%d") else best
    timed = pc.any(pc.not_equal(pc.struct_field(parts, "time"), "")).as_py() or False
    return Found(best, ambiguous, timed)


def parse_dates(texts: pa.Array, fmt: str) -> pa.Array:
    """``texts`` as timestamp[us], null where ``fmt`` does not read them."""
    if fmt == TIME_ONLY:
        return _seconds_to_timestamps(_time_of_day(texts, None))
    parts = _parts(texts)
    start = _midnights(pc.struct_field(parts, "day"), fmt)
    microseconds = pc.multiply(
        _time_of_day(pc.struct_field(parts, "time"), pc.struct_field(parts, "half")), 1_000_000
    )
    zone = pc.multiply(_zone(pc.struct_field(parts, "zone")), 1_000_000)
    total = pc.subtract(pc.add(start.cast(pa.int64()), microseconds), zone)
    return total.cast(pa.timestamp("us"))


def _parts(texts: pa.Array) -> pa.Array:
    return pc.extract_regex(pc.utf8_trim_whitespace(texts), pattern=_PARTS)


def _midnights(days: pa.Array, fmt: str) -> pa.Array:
    if "%Y" in fmt:  # which would take "24" for the year 24
        days = pc.if_else(pc.match_substring_regex(days, r"\d{4}"), days, pa.scalar(None, pa.string()))
    if fmt in _WITHOUT_DAY:
        days, fmt = pc.binary_join_element_wise(days, pa.scalar(" 1"), ""), fmt + " %d"
    return pc.strptime(days, format=fmt, unit="us", error_is_null=True)


def _formats_for(days: pa.Array) -> list[str]:
    """The formats worth trying: those with month names, those with marks, those of digits only, or none."""
    for shape, fits in (
        (r"^[\d/.\-]*\d[/.\-]\d[\d/.\-]*$", lambda fmt: "%b" not in fmt and fmt != "%Y%m%d"),
        (_MONTH_NAME, lambda fmt: "%b" in fmt),
        (r"^\d{8}$", lambda fmt: fmt == "%Y%m%d"),
    ):
        if _share(pc.match_substring_regex(days, shape)) >= 0.8:
            return [fmt for fmt in FORMATS if fits(fmt)]
    return []


def _share(truth: pa.Array) -> float:
    return (pc.sum(truth).as_py() or 0) / len(truth)


def _time_of_day(times: pa.Array, half: pa.Array | None) -> pa.Array:
    """Seconds since midnight; 0 where there is no time."""
    digits = pc.replace_substring_regex(times, r"^(\d{2})(\d{2})(\d{2})$", r"\1:\2:\3")
    parts = pc.extract_regex(digits, pattern=r"^(?P<h>\d{1,2}):(?P<m>\d{2}):?(?P<s>\d{2})?")
    hours, minutes, seconds = (_whole(pc.struct_field(parts, name)) for name in ("h", "m", "s"))
    if half is not None and pc.any(pc.match_substring_regex(half, "[AaPp]")).as_py():
        marked = pc.match_substring_regex(half, "[AaPp]")
        evening = pc.match_substring_regex(half, "[Pp]")
        twelve = pc.if_else(pc.equal(hours, 12), 0, hours)
        hours = pc.if_else(marked, pc.if_else(evening, pc.add(twelve, 12), twelve), hours)
    return pc.add(pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60)), seconds)


def _whole(texts: pa.Array) -> pa.Array:
    filled = pc.if_else(pc.equal(pc.fill_null(texts, ""), ""), "0", texts)
    return filled.cast(pa.int64())


def _zone(zones: pa.Array) -> pa.Array:
    """Seconds east of UTC; 0 where there is no zone."""
    parts = pc.extract_regex(zones, pattern=r"^(?P<sign>[+-])(?P<h>\d{2}):?(?P<m>\d{2})$")
    seconds = pc.add(
        pc.multiply(_whole(pc.struct_field(parts, "h")), 3600),
        pc.multiply(_whole(pc.struct_field(parts, "m")), 60),
    )
    west = pc.fill_null(pc.equal(pc.struct_field(parts, "sign"), "-"), False)
    return pc.if_else(west, pc.negate(seconds), seconds)


def _seconds_to_timestamps(seconds: pa.Array) -> pa.Array:
    return pc.multiply(seconds, 1_000_000).cast(pa.timestamp("us"))
