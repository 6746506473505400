"""Ranges of numbers in text: 18-24, 10 to 20, [0, 10), $60K - $80K, 65+, <5."""

from __future__ import annotations

from glassnet.tables._arrow import pa, pc
from glassnet.tables.magnitudes import stem
from glassnet.tables.rewritten import Rewritten, written_as

RANGE = "range"  # the unit of ranges

_OPEN = r"(?:[<>≤≥]=?|under|over|below|above|up to|more than|less than|unter|über|bis) ?"
_END = r"[$€£¥₹]?\d[\d,]*(?:\.\d+)?[kKmM]?"


def ranges(texts: pa.Array) -> Rewritten | None:
    """Ranges as their middles, and those with one end as this end: 18-24, 10 to 20, [0, 10), $60K - $80K, 65+, <5."""
    unit = r" ?(?P<unit>\p{L}[\p{L} ]{0,12})?"
    between = " ?(?:-|–|—|to|bis|and|\\.\\.|, |,|;|à|a) ?"
    closed = pc.extract_regex(
        texts, rf"^(?:between )?[\[(]?(?P<low>-?{_END}){between}(?P<high>-?{_END})[\])]?{unit}$"
    )
    ends = pc.extract_regex(
        texts, rf"(?i)^(?:{_OPEN})?(?P<low>{_END}) ?(?:\+|and over|and more|or more)?{unit}$"
    )
    low, high = (_amounts(pc.struct_field(closed, name)) for name in ("low", "high"))
    if low.null_count == len(low) or not pc.all(pc.less_equal(low, high)).as_py():
        return None
    middle = pc.coalesce(pc.divide(pc.add(low, high), 2.0), _amounts(pc.struct_field(ends, "low")))
    units = pc.coalesce(pc.struct_field(closed, "unit"), pc.struct_field(ends, "unit"))
    if len({stem(unit.strip()) for unit in pc.unique(units).drop_null().to_pylist()} - {""}) > 1:
        return None
    written = written_as(middle, pc.less(middle, 0.0), RANGE, texts)
    return Rewritten(written, "ranges read as their middles", RANGE)


def _amounts(ends: pa.Array) -> pa.Array:
    """Ends of ranges, such as $1,500 and 60K, as float64."""
    parts = pc.extract_regex(ends, r"^(?P<sign>-?)[$€£¥₹]?(?P<number>[\d.,]+)(?P<times>[kKmM]?)$")
    number = pc.replace_substring(pc.struct_field(parts, "number"), ",", "").cast(pa.float64())
    times = pc.utf8_lower(pc.struct_field(parts, "times"))
    factor = pc.if_else(pc.equal(times, "k"), 1e3, pc.if_else(pc.equal(times, "m"), 1e6, 1.0))
    number = pc.multiply(number, factor)
    return pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(number), number)


def is_range(texts: pa.Array) -> bool:
    """Whether all ``texts`` are ranges of numbers, or single numbers beside them."""
    found = ranges(texts)
    return found is not None and bool(pc.all(pc.ends_with(found.texts, RANGE)).as_py())
