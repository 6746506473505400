"""Durations in text: 34:12, 2 days 03:10:00, 1h 30m, PT1H30M."""

from __future__ import annotations

from glassnet.tables._arrow import pa, pc

DURATION_SHARE = 0.95
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATIONS = (
    r"^(?P<sign>-)?(?:(?P<d>\d+) ?d(?:ays?)?,? )?(?:(?P<h>\d+):)?(?P<m>\d+):(?P<s>\d{2}(?:[.,]\d+)?)$",
    rf"^(?P<sign>-)?P(?:(?P<d>{_NUMBER})D)?(?:T(?:(?P<h>{_NUMBER})H)?(?:(?P<m>{_NUMBER})M)?(?:(?P<s>{_NUMBER})S)?)?$",
    rf"^(?P<sign>-)?(?:(?P<d>{_NUMBER}) ?d(?:ays?)?,? ?)?(?:(?P<h>{_NUMBER}) ?h(?:rs?|ours?)?,? ?)?"
    rf"(?:(?P<m>{_NUMBER}) ?m(?:ins?|inutes?)?,? ?)?(?:(?P<s>{_NUMBER}) ?s(?:ecs?|econds?)?)?$",
)


def parse_durations(texts: pa.Array) -> pa.Array | None:
    """``texts`` such as 34:12 (minutes and seconds), 2 days 03:10:00, 1h 30m and PT1H30M in seconds; null where not.

    None if hardly any is one.
    """
    read = (pc.extract_regex(texts, pattern) for pattern in _DURATIONS)
    parts = next((own for own in read if _share_read(own) >= DURATION_SHARE), None)
    if parts is None:
        return None
    total = 0.0
    for name, length in (("d", 86400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0)):
        own = pc.replace_substring(pc.struct_field(parts, name), ",", ".")
        number = pc.if_else(pc.equal(own, ""), "0", own).cast(pa.float64())
        total = pc.add(total, pc.multiply(number, length))
    return pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(total), total)


def are_durations(texts: pa.Array) -> bool:
    """Whether times cannot be times of day.

    Those of 24 hours and more, of days, with fractions of a minute's seconds, or with letters for two units or more.
    """
    longer = (
        r"^-|^(2[4-9]|[3-9]\d|\d{3,}):|\d ?d(ays?)?,? |^\d{1,2}:\d{2}[.,]\d"
        r"|^P(\d|T\d)|\d ?(d|h|m)[a-z]*,? ?\d+([.,]\d+)? ?(h|m|s)"
    )
    return bool(pc.any(pc.match_substring_regex(texts, longer)).as_py())


def _share_read(found: pa.Array) -> float:
    return (len(found) - found.null_count) / len(found)
