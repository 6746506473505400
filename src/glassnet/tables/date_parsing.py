"""Dates in text: which format a column is written in, and the timestamps it names.

A format describes the day (``%d/%m/%Y``); a time of day behind it (``T10:30``, `` 3:04 PM``, with or without a zone) is
read in any column. Times with a zone are taken to UTC. A year of two digits is one of the hundred years from the one
that stands behind the format (``%d/%m/%y from 1945``), which are those that hold the column's dates most closely.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import count, from_numpy, pa, pc
from glassnet.tables.calendar_periods import SEASON, are_seasons, first_days, first_years
from glassnet.tables.month_names import in_english
from glassnet.tables.number_parsing import ascii_digits
from glassnet.tables.time_zones import PLACE, in_utc, whole_numbers, with_offsets

DATE_SHARE = 0.95
ISO = "%Y-%m-%d"
TIME_ONLY = "%H:%M:%S"
AHEAD = 5  # years from now that a year of two digits may name
LONGEST = 80  # characters of a date and a time with a zone
CLEARLY = 2.0  # how many times less time the dates span when the year is read where it stands

FORMATS = (
    ISO, "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%y/%m/%d", "%y.%m.%d", "%Y%m%d",
    "%b %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d-%b-%y", "%d %b %y", "%b %d %Y", "%Y-%b-%d", "%d%b%Y", "%d%b%y",
    "%b-%d-%Y", "%b/%d/%Y",
    "%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y", "%b %Y", "%b-%Y", "%b-%y", "%Y%m", "%d%m%Y", "%m%d%Y",
)  # fmt: skip
_WITHOUT_DAY = frozenset(
    ("%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y", "%b %Y", "%b-%Y", "%b-%y", "%Y%m")
)
_EIGHT_DIGITS = ["%Y%m%d", "%d%m%Y", "%m%d%Y"]
_NAMED = [fmt for fmt in FORMATS if "%b" in fmt]
_MARKED = [fmt for fmt in FORMATS if fmt not in (*_EIGHT_DIGITS, *_NAMED, "%Y%m")]

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?|\d{6}"
_HALF_AND_ZONE = (
    r"(?:[.,]\d+)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*"
    rf"(?P<zone>Z|UTC|GMT|[+-]\d{{2}}(?::?\d{{2}})?|{PLACE})?$"
)
_PARTS = (
    r"^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?(?P<day>.*?\d.*?)"
    rf"(?:(?:[T ]|,\s*)\s*(?P<time>{_CLOCK}){_HALF_AND_ZONE.removesuffix('$')})?$"
)
_TIME = rf"^(?P<time>{_CLOCK.split('|')[0]}){_HALF_AND_ZONE}"
_MONTH_NAME = r"(?i)(^|[^a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([^a-z]|$)"
_REWRITTEN = (  # other ways to write a date, as one that is read above
    (r"(?i)\bsept\b", "Sep"),
    (r"(?i)(\d) ?Uhr( |$)", r"\1\2"),
    (r"^((?:1[89]|2[01])\d{6})(\d{2})(\d{2})$", r"\1 \2:\3"),  # 202412312359
    (r"^((?:1[89]|2[01])\d{6})(\d{2})(\d{2})(\d{2})$", r"\1 \2:\3:\4"),
    (r"^(\d{1,2}) ?[hH] ?(\d{2})$", r"\1:\2"),  # 14h30
    (r"(\d{4}) (\d{1,2}) ?[hH.] ?(\d{2})$", r"\1 \2:\3"),  # 1.3.2021 14.30
    (r"(?i)\b([a-z]{3})\.", r"\1"),  # Mar. 4
    (r"(?i)\b(\d{1,2})(?:st|nd|rd|th)\b", r"\1"),
    (r"^(\d{2,4})[年년]\s*(\d{1,2})[月월]\s*(\d{1,2})[日일]", r"\1-\2-\3"),
    (r"^(\d{2,4})[年년]\s*(\d{1,2})[月월]$", r"\1-\2"),
    (r"(\d{1,2})[时時点시]\s*(\d{1,2})[分분]\s*(\d{1,2})[秒초]", r"\1:\2:\3"),
    (r"(\d{1,2})[时時点시]\s*(\d{1,2})[分분]", r"\1:\2"),
    (
        r"^(?:\w{3} )?([A-Za-z]{3}) +(\d{1,2}) (\d{1,2}:\d{2}:\d{2})(?: [A-Z]{3,4})? (\d{4})$",
        r"\1 \2 \4 \3",
    ),  # ctime
    (r"^(\d{1,2}[/-]?[A-Za-z]{3}[/-]?\d{2,4}):(\d{1,2}:\d{2})", r"\1 \2"),  # SAS, Apache
    (r"^(.* )(\d{1,2})\.(\d{2})\.(\d{2})(\.\d+)?( ?[AaPp][Mm])?$", r"\1\2:\3:\4\6"),  # 3-MAR-21 12.00.00.000
    (r"^(\d{1,2})\.(\d{2})\.(\d{2})(\.\d+)?( ?[AaPp][Mm])$", r"\1:\2:\3\5"),
)


class Found(NamedTuple):
    """The format of a column of dates; ``ambiguous`` when they can be read in another way, ``timed`` with times.

    ``period`` is an example of weeks, months, quarters or half years, which are read as their first days.
    """

    format: str
    ambiguous: bool = False
    timed: bool = False
    period: str = ""


def find_format(texts: pa.Array) -> Found | None:
    """The format that reads at least 95 % of ``texts`` (different values, none missing), if there is one.

    Values over 12 decide which is the day and which the month. Where there are none,
    "/" is read month first and "." and "-" day first,
    and the format is called ambiguous. A year of two digits is where the dates then span the least time.
    """
    texts = ascii_digits(texts)
    head = texts.take(pa.array(range(0, len(texts), max(len(texts) // 50, 1))))
    if not len(head) or (pc.max(pc.utf8_length(head)).as_py() or 0) > LONGEST:
        return None
    if _share(pc.match_substring_regex(head, r"\d.*\d")) < 0.8:
        return None
    if _share(pc.match_substring_regex(_normalized(head), _TIME)) >= DATE_SHARE:
        return Found(TIME_ONLY)
    if are_seasons(texts):
        return Found(SEASON, period=head.to_pylist()[0])
    days = pc.struct_field(_parts(head), "day")
    likely = [fmt for fmt in _formats_for(days) if _share(pc.is_valid(_midnights(days, fmt))) >= 0.8]
    read = {fmt: own for fmt in likely if _share(pc.is_valid(own := _with_times(texts, fmt))) >= DATE_SHARE}
    if not read:
        timed = _share(pc.match_substring_regex(_clocks(head), _TIME)) >= DATE_SHARE
        return Found(TIME_ONLY) if timed else None
    best, ambiguous = _best(read)
    timed = bool(pc.any(pc.not_equal(pc.struct_field(_parts(head), "time"), "")).as_py())
    periods = head.filter(pc.not_equal(first_days(head), head))
    period: str = periods.to_pylist()[0] if len(periods) else ""
    return Found(_with_window(best, read[best]), ambiguous, timed, period)


def parse_dates(texts: pa.Array, fmt: str) -> pa.Array:
    """``texts`` as timestamp[us], null where ``fmt`` does not read them."""
    if fmt == TIME_ONLY:
        parts = pc.extract_regex(_clocks(texts), _TIME)
        return pc.multiply(_seconds(parts), 1_000_000).cast(pa.timestamp("us"))
    day, _, first = fmt.partition(" from ")
    stamps = _with_times(texts, day)
    if "%y" not in day:
        return stamps
    return _in_window(stamps, int(first)) if first else parse_dates(texts, _with_window(day, stamps))


def is_date_format(fmt: str | None) -> bool:
    """Whether dates can be read, and written, by ``fmt``; ``None`` is that of true timestamps."""
    if fmt is None:
        return True
    day, separator, first = fmt.partition(" from ")
    if not day.isprintable() or "%" not in day or (separator and not re.fullmatch(r"\d{4}", first, re.ASCII)):
        return False
    try:
        parse_dates(pa.array(["2001-02-03"]), fmt)
        datetime(2001, 2, 3).strftime(day)
    except (ValueError, pa.ArrowException):
        return False
    return True


def _normalized(texts: pa.Array) -> pa.Array:
    texts = in_english(ascii_digits(pc.utf8_trim_whitespace(texts)))
    for pattern, written in _REWRITTEN:
        texts = pc.replace_substring_regex(texts, pattern, written)
    return first_days(with_offsets(texts))


def _clocks(texts: pa.Array) -> pa.Array:
    """Times of day, of which 10.15.30 may also be a day."""
    return pc.replace_substring_regex(
        _normalized(texts), r"^(\d{1,2})\.(\d{2})\.(\d{2})(\.\d+)?$", r"\1:\2:\3"
    )


def _parts(texts: pa.Array) -> pa.Array:
    return pc.extract_regex(_normalized(texts), _PARTS)


def _with_times(texts: pa.Array, fmt: str) -> pa.Array:
    parts = _parts(texts)
    start = _midnights(pc.struct_field(parts, "day"), fmt).cast(pa.int64())
    local = pc.add(start, pc.multiply(_seconds(parts), 1_000_000)).cast(pa.timestamp("us"))
    return in_utc(local, pc.struct_field(parts, "zone"))


def _midnights(days: pa.Array, fmt: str) -> pa.Array:
    if fmt == SEASON:
        days, fmt = first_years(days), "%Y-%m-%d"
    years = r"\d{4}" if "%Y" in fmt else ""  # strptime would take "24" for the year 24
    if years or fmt.startswith("%y"):
        fits = pc.match_substring_regex(days, years or r"^\d{2}\D")
        days = pc.if_else(fits, days, pa.scalar(None, pa.string()))
    if fmt in _WITHOUT_DAY:
        days, fmt = pc.binary_join_element_wise(days, pa.scalar(" 1"), ""), fmt + " %d"
    found = pc.strptime(days, format=fmt, unit="us", error_is_null=True)
    if years:  # it would also take "March 2020" for the 20th of March of the year 20
        found = pc.if_else(pc.greater_equal(pc.year(found), 1000), found, None)
    return found


def _formats_for(days: pa.Array) -> list[str]:
    """The formats worth trying: those with month names, those with marks, those of digits only, or none."""
    for shape, formats in (
        (r"^[\d/.\-]*\d[/.\-]\d[\d/.\-]*$", _MARKED),
        (_MONTH_NAME, _NAMED),
        (r"^\d{8}$", _EIGHT_DIGITS),
    ):
        if _share(pc.match_substring_regex(days, shape)) >= 0.8:
            return formats
    return []


def _best(read: dict[str, pa.Array]) -> tuple[str, bool]:
    """The format to take of those that read ``texts`` as they say, and whether another is as likely."""
    valid = {fmt: len(own) - own.null_count for fmt, own in read.items()}
    top = [fmt for fmt in read if valid[fmt] == max(valid.values())]
    first = [fmt for fmt in top if fmt.startswith("%y")]
    last = [fmt for fmt in top if not fmt.startswith("%y")]
    if first and last:  # the year stands first or last: the dates span less time where it does
        spans = [min(_span(_in_best_window(read[fmt])) for fmt in own) for own in (first, last)]
        top = first if spans[0] < spans[1] else last
        if max(spans) < CLEARLY * min(spans):
            return top[0], True
    best = top[0]
    exchanged = best.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    ambiguous = exchanged != best and exchanged in top
    if ambiguous and "/" in best and best.startswith("%d"):
        best = exchanged
    return best, ambiguous


def _years(stamps: pa.Array) -> NDArray[np.int64]:
    return pc.year(stamps.drop_null()).to_numpy(zero_copy_only=False)


def _span(stamps: pa.Array) -> float:
    ends = pc.min_max(stamps.cast(pa.int64())).as_py()
    return float(ends["max"] - ends["min"]) if ends["max"] is not None else 0.0


def _in_best_window(stamps: pa.Array) -> pa.Array:
    return _in_window(stamps, _window(stamps))


def _with_window(fmt: str, stamps: pa.Array) -> str:
    return f"{fmt} from {_window(stamps)}" if "%y" in fmt else fmt


def _window(stamps: pa.Array) -> int:
    """The first of the hundred years that hold years of two digits most closely, and not far ahead of today."""
    years = np.unique(_years(stamps) % 100)
    if not len(years):
        return date.today().year - 99
    gaps = np.diff(years, append=years[0] + 100)
    widest = int(gaps.argmax())
    start, span = int(years[(widest + 1) % len(years)]), 100 - int(gaps[widest])
    latest = date.today().year + (AHEAD if span < 30 else 0)
    first = latest - span - (latest - span - start) % 100
    return first if span < 90 else date.today().year - 99


def _in_window(stamps: pa.Array, first: int) -> pa.Array:
    """``stamps`` moved by whole centuries into the hundred years from ``first``."""
    own = stamps.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    months = own.astype("datetime64[M]")
    years = months.astype("datetime64[Y]").astype(np.int64) + 1970
    moved = months + (((years - first) % 100 + first - years) * 12).astype("timedelta64[M]")
    return from_numpy((moved.astype("datetime64[us]") + (own - months)).astype(np.int64), np.isnat(own)).cast(
        pa.timestamp("us")
    )


def _share(truth: pa.Array) -> float:
    return count(truth) / len(truth)


def _seconds(parts: pa.Array) -> pa.Array:
    """Seconds since midnight; 0 where there is no time."""
    times = pc.replace_substring_regex(
        pc.struct_field(parts, "time"), r"^(\d{2})(\d{2})(\d{2})$", r"\1:\2:\3"
    )
    clock = pc.extract_regex(times, pattern=r"^(?P<h>\d{1,2}):(?P<m>\d{2}):?(?P<s>\d{2})?")
    hours, minutes, seconds = (whole_numbers(pc.struct_field(clock, name)) for name in ("h", "m", "s"))
    half = pc.struct_field(parts, "half")
    twelve = pc.if_else(pc.equal(hours, 12), 0, hours)
    evening = pc.match_substring_regex(half, "[Pp]")
    hours = pc.if_else(pc.equal(half, ""), hours, pc.if_else(evening, pc.add(twelve, 12), twelve))
    found = pc.add(pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60)), seconds)
    return pc.if_else(pc.is_valid(times), found, None)
