"""Categories whose words are written as amounts or pairs of numbers, which are asked about: 18-24, 3-2, 120/80."""

from __future__ import annotations

from glassnet.tables._arrow import count, pa, pc
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.notes import Note
from glassnet.tables.number_ranges import is_range
from glassnet.tables.schema import NUMBER
from glassnet.tables.value_text import quoted

MOST = 0.8  # of the different words
FEWEST = 3  # different words; two are as good as yes and no

_WORDS = r"under|over|below|above|up to|more than|less than|between|from|unter|über|bis|ab|von"
_AMOUNT = (
    rf"^(?:(?i:{_WORDS}) )?[<>≤≥=~±\[(]{{0,2}} ?[$€£¥₹]? ?-?\d[\d.,]*"
    r"(?:$|[^\p{L}\d].*|[kKmM%](?:[^\p{L}].*)?$| ?\p{Ll}{2,}.*)"
)
_CODE = (  # zeros in front, ordinals, addresses and numbers of persons, books, versions and telephones
    r"^0\d|^\d+(?:st|nd|rd|th|er|re|e|ème|º|ª|\.|°|\))(?:$|[ -])|^[+(\d][\d()]*(?:[-. :][\d()]+){2,}$"
    r"|^\d{5,}[-/ ]\d+$|^\d{3}[-. ]\d{4}$"
)


def numbers_in_words(name: str, values: ColumnValues, texts: pa.Array) -> Note | None:
    """A note on a category whose different words, ``texts``, are written as amounts; None for all others."""
    if len(texts) < FEWEST:
        return None
    amounts = pc.and_not(pc.match_substring_regex(texts, _AMOUNT), pc.match_substring_regex(texts, _CODE))
    if count(amounts) < MOST * len(texts):
        return None
    shown = quoted(texts.to_pylist(), 3)
    if is_range(texts) and not values.strays:
        what = f"ranges of numbers ({shown}), taken as names; numbers would be their middles"
        return Note("numbers_in_words", what, "column_types", {name: NUMBER})
    if values.strays and len(values.strays) < len(texts) / 2:
        among = quoted(values.strays, 3)
        what = f"numbers with words among them ({among}), taken as names; as numbers, these would be missing"
        return Note("numbers_in_words", what, "column_types", {name: NUMBER})
    what = f"words that begin with numbers ({shown}), taken as names"
    return Note("numbers_in_words", what, "column_types", {name: "ignore" if values.strays else NUMBER})
