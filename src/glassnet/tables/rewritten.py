"""What forms of numbers have in common: texts, rewritten as single numbers."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.tables._arrow import pa, pc

HALF = 0.5  # of the texts that must have a form for the column to have it
NUMBER = r"\d+(?:[.,]\d+)?"


class Rewritten(NamedTuple):
    """``texts`` as single numbers, as far as they have the form, with the ``unit`` of the form; what was done."""

    texts: pa.Array
    notation: str = ""
    unit: str = ""


def written_as(values: pa.Array, negative: pa.Array, units: pa.Array | str, texts: pa.Array) -> pa.Array:
    """``values`` and ``units`` as text, with the decimal mark of ``texts``, and these where there is no value."""
    size = pc.abs(values).cast(pa.string())
    if (
        pc.any(pc.match_substring_regex(texts, r"\d,\d")).as_py()
        and not pc.any(pc.match_substring_regex(texts, r"\d\.\d")).as_py()
    ):
        size = pc.replace_substring(size, ".", ",")
    sign = pc.if_else(pc.fill_null(negative, False), "-", "")
    number = pc.binary_join_element_wise(sign, size, "")
    return pc.coalesce(pc.utf8_rtrim_whitespace(pc.binary_join_element_wise(number, units, " ")), texts)


def floats(numbers: pa.Array) -> pa.Array:
    """Texts of digits with one decimal mark as float64, 0 for none."""
    own = pc.replace_substring(numbers, ",", ".")
    return pc.if_else(pc.equal(own, ""), "0", own).cast(pa.float64())


def is_form(parts: pa.Array) -> bool:
    return len(parts) - parts.null_count >= HALF * len(parts)
