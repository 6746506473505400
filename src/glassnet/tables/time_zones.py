"""Time zones behind times in text, as names, places and offsets: 10:00 CET, 10:00 Europe/Berlin, GMT+2."""

from __future__ import annotations

from functools import cache

from glassnet.tables._arrow import pa, pc

PLACE = (
    r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_]+(?:/[A-Za-z_]+)?"
)

# Offsets of names, of which some have others elsewhere: what most files mean.
_OFFSETS = {
    "+00": "WET", "+01": "CET|MEZ|BST|WEST|WAT", "+02": "CEST|MESZ|EET|SAST|CAT", "+03": "EEST|MSK|EAT|TRT",
    "+04": "GST", "+05": "PKT", "+0530": "IST", "+07": "WIB|ICT", "+08": "SGT|HKT|AWST|PHT|MYT", "+09": "JST|KST",
    "+0930": "ACST", "+10": "AEST", "+1030": "ACDT", "+11": "AEDT", "+12": "NZST", "+13": "NZDT",
    "-03": "BRT|ART|ADT", "-04": "EDT|AST|CLT", "-05": "EST|CDT", "-06": "CST|MDT", "-07": "MST|PDT",
    "-08": "PST|AKDT", "-09": "AKST", "-10": "HST",
}  # fmt: skip
# Names that stand for both halves of the year.
_PLACES = {"ET": "New_York", "CT": "Chicago", "MT": "Denver", "PT": "Los_Angeles"}
_CLOCK = r"(:\d{2}(?:[.,]\d+)?(?: ?[AaPp]\.?[Mm]\.?)?) ?"
_REWRITTEN = (
    (
        r"([+-]\d{2}:?\d{2}|Z) ?(?:\[[A-Za-z_/]+\]|\([A-Za-z ]+\))$",
        r"\1",
    ),  # after an offset a name says no more
    (rf"{_CLOCK}(?:\[|\()([A-Za-z_/]+)(?:\]|\))$", r"\1 \2"),
    (rf"{_CLOCK}(?:GMT|UTC)([+-]\d{{2}}(?::?\d{{2}})?)$", r"\1 \2"),
    (rf"{_CLOCK}(?:GMT|UTC)([+-])(\d)(:\d{{2}})?$", r"\1 \20\3\4"),
    *((rf"{_CLOCK}(?:{names})$", rf"\1 {offset}") for offset, names in _OFFSETS.items()),
    *((rf"{_CLOCK}{name}$", rf"\1 America/{city}") for name, city in _PLACES.items()),
)


def with_offsets(texts: pa.Array) -> pa.Array:
    """``texts`` with offsets, or with the name of a place in its full form, in place of other names of time zones."""
    for pattern, written in _REWRITTEN:
        texts = pc.replace_substring_regex(texts, pattern, written)
    return texts


def in_utc(local: pa.Array, zones: pa.Array) -> pa.Array:
    """Timestamps of UTC of those (N,) that clocks show in ``zones``; null for an unknown place.

    An hour that a clock shows twice is the first one.
    """
    moved = pc.subtract(local.cast(pa.int64()), pc.multiply(_offset(zones), 1_000_000)).cast(
        pa.timestamp("us")
    )
    for place in pc.unique(pc.filter(zones, pc.match_substring(zones, "/"))).drop_null().to_pylist():
        here = pc.fill_null(pc.equal(zones, place), False)
        own = _at(place, pc.if_else(here, local, None)) if _is_known(place) else None
        moved = pc.if_else(here, own, moved)
    return moved


def _at(place: str, local: pa.Array) -> pa.Array:
    zoned = pc.assume_timezone(local, place, ambiguous="earliest", nonexistent="earliest")
    return zoned.cast(pa.int64()).cast(pa.timestamp("us"))


@cache
def _is_known(place: str) -> bool:
    try:
        _at(place, pa.array([0], pa.int64()).cast(pa.timestamp("us")))
    except pa.ArrowInvalid:
        return False
    return True


def _offset(zones: pa.Array) -> pa.Array:
    """Seconds east of UTC; 0 where there is no zone."""
    parts = pc.extract_regex(zones, pattern=r"^(?P<sign>[+-])(?P<h>\d{2}):?(?P<m>\d{2})?$")
    hours, minutes = (whole_numbers(pc.struct_field(parts, name)) for name in ("h", "m"))
    seconds = pc.add(pc.multiply(hours, 3600), pc.multiply(minutes, 60))
    west = pc.fill_null(pc.equal(pc.struct_field(parts, "sign"), "-"), False)
    return pc.if_else(west, pc.negate(seconds), seconds)


def whole_numbers(texts: pa.Array) -> pa.Array:
    """Texts of digits as int64; 0 for empty ones and for null."""
    filled = pc.fill_null(texts, "")
    return pc.if_else(pc.equal(filled, ""), "0", filled).cast(pa.int64())
