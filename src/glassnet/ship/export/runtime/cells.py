"""Raw values as numbers and texts. Python's standard library alone; copied into the exports in Python."""

from __future__ import annotations

import datetime
import math
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

TRUE = ("true", "yes", "y", "t", "on", "1")
FALSE = ("false", "no", "n", "f", "off", "0")


def read_number(value: Any, words: Collection[str] = (), sentinels: Collection[float] = ()) -> float | None:
    """A number; None if it is missing: None, NaN, a word that stands for a missing value, or a sentinel."""
    if isinstance(value, str):
        value = value.strip()
        value = None if value in words else float(value)
    if value is None or value != value or value in sentinels:
        return None
    if math.isinf(value):
        raise ValueError(f"{value} is not finite")
    return float(value)


def read_truth(value: Any, words: Collection[str] = (), sentinels: Collection[float] = ()) -> float | None:
    """1 for true, 0 for false; None if it is missing. Words such as "yes" are accepted."""
    if isinstance(value, str):
        value = value.strip()
        if value in words:
            return None
        value = True if value.lower() in TRUE else False if value.lower() in FALSE else value
    if value is None or value != value:
        return None
    if isinstance(value, str) or value not in (0, 1):
        raise ValueError(f"{value!r} is not true or false")
    return float(value)


def read_text(value: Any, words: Collection[str] = (), folded: bool = False) -> str | None:
    """A text without blanks around it, in lower case if ``folded``; None if it is missing."""
    if value is None or value != value:
        return None
    if not isinstance(value, str):
        value = as_text(value)
    value = value.strip()
    return None if value in words else value.lower() if folded else value


def as_text(value: Any) -> str:
    """A number or a truth as a word of a table: whole numbers without a point, truths in lower case."""
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_time(
    value: Any, words: Collection[str] = (), sentinels: Collection[float] = (), form: str | None = None
) -> float | None:
    """Seconds since 1970 (UTC), of a date, a time, a number of seconds or a text; None if it is missing.

    ``form`` says how texts are written; None stands for ``%Y-%m-%d``, with a time of day or without.
    """
    seconds: float | None
    if value is None or value != value:
        return None
    if isinstance(value, datetime.datetime):
        seconds = (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)).timestamp()  # noqa: UP017  # Python 3.9
    elif isinstance(value, datetime.date):
        seconds = (value - datetime.date(1970, 1, 1)).days * 86400.0
    elif isinstance(value, str) or form is not None:
        text = as_text(value).strip()
        if text in words:
            return None
        seconds = date_in_text(text, form or "%Y-%m-%d")
        if seconds is None:
            raise ValueError(f"{text!r} is not a date written {form or '%Y-%m-%d'}")
    else:
        seconds = float(value)
    return None if seconds in sentinels else seconds


# -- dates in text

CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?|\d{6}"
HALF_AND_ZONE = r"(?:[.,]\d+)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
DATE_AND_TIME = re.compile(
    rf"^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?(.*?\d.*?)(?:(?:[T ]|,\s*)\s*({CLOCK}){HALF_AND_ZONE})?$",
    re.ASCII | re.DOTALL,
)
TIME_OF_DAY = re.compile(rf"^(\d{{1,2}}:\d{{2}}(?::\d{{2}})?){HALF_AND_ZONE}$", re.ASCII)


def date_in_text(text: str, form: str) -> float | None:
    """Seconds since 1970 (UTC); None if ``text`` is not written as ``form`` says.

    A time of day may follow, with "AM" or "PM", and a zone. ``%y from 1945`` reads years of two digits as those of
    the hundred years from 1945.
    """
    if form == "%H:%M:%S":
        found = TIME_OF_DAY.match(text)
        return seconds_of(found[1], found[2], None) if found else None
    found = DATE_AND_TIME.match(text)
    day = midnight(found[1], form) if found else None
    if found is None or day is None:
        return None
    seconds = seconds_of(found[2], found[3], found[4])
    return None if seconds is None else day + seconds


def midnight(text: str, form: str) -> float | None:
    """The seconds at which a day begins."""
    form, _, first = form.partition(" from ")
    if "%Y" in form and not re.search(r"\d{4}", text, re.ASCII):
        return None
    if "%d" not in form:
        text, form = text + " 1", form + " %d"
    try:
        day = datetime.datetime.strptime(text, form).date()
    except ValueError:
        return None
    if first:
        century = int(first)
        day = day.replace(year=century + (day.year - century) % 100)
    return (day - datetime.date(1970, 1, 1)).days * 86400.0 if day.year >= 1000 else None


def seconds_of(clock: str | None, half: str | None, zone: str | None) -> float | None:
    """Seconds since midnight (UTC) of a time of day; 0 without one."""
    if not clock:
        return 0.0
    if ":" not in clock:
        clock = f"{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    hours, minutes, seconds = [int(part) for part in (clock + ":0").split(":")][:3]
    if half:
        hours = hours % 12 + (12 if half[0] in "Pp" else 0) if hours <= 12 else hours
    east = 0
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "") + "00"
        east = (int(digits[:2]) * 3600 + int(digits[2:4]) * 60) * (-1 if zone[0] == "-" else 1)
    return float(hours * 3600 + minutes * 60 + seconds - east)
