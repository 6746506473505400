"""Marks of quality and of footnotes beside numbers, as statistics offices publish them: 12.3 e, 45 (p), 7.1*."""

from __future__ import annotations

from glassnet.tables._arrow import count, pa, pc

MARKS_KEPT = 10  # different ones, from which on they are no marks
# Symbols, what stands in square brackets, errors and intervals.
_ANYWHERE = (
    r"[*†‡§#!]{1,3}|\[[^\[\]]{1,20}\]|(?:±|\+/-) ?\d[\d.,]*|\(-?\d[\d.,]*(?: ?[-–;] ?| to |, )-?\d[\d.,]*\)"
)
_SOME = r"\([A-Za-z]{1,2}\)|[¹²³⁰⁴-⁹ᵃ-ᶻ]{1,2}| \d{1,2}\)"  # only where other numbers have none
_LETTERS = r"[abcdefinprsuxz]{1,2}|[AEFIPQRUX]|Im"  # N and S, as E and W, may be signs
_NUMBER = r"(?P<number>[^\[(]*?[\d.,])"
_BEFORE = r"^[*†‡]\s?"
_ALWAYS = rf"^{_NUMBER}\s?(?P<mark>{_ANYWHERE})$"
_SOMETIMES = rf"^{_NUMBER}(?P<mark>{_SOME}|\s(?:{_SOME}))$"
_LETTERED = rf"^(?P<number>[^\[(]*?[\d.,])(?P<mark>\s?(?:{_LETTERS}))$"
_AMOUNT = r"\d[.,]\d"  # written as no code is
_LARGE = r"\d{4}"


def without_marks(texts: pa.Array, *, surely: bool = False) -> tuple[pa.Array, tuple[str, ...]]:
    """``texts`` (different values) without the marks, and the different marks.

    Symbols, square brackets, errors ("± 0.2") and intervals are always marks. Letters, and what stands in
    parentheses, are marks where at most half of the numbers have them: where more do, they may be units. Letters
    alone must stand behind numbers that are written as amounts are, with a decimal or a thousands mark, or behind a
    blank: "12a" and "14" are codes.

    Args:
        surely: the column is one of numbers: marks may stand behind all of them.
    """
    found: list[str] = []
    starred = pc.match_substring_regex(texts, _BEFORE + r"[\d.,-]")
    if pc.any(starred).as_py():
        found += pc.utf8_slice_codeunits(texts.filter(starred), 0, 1).unique().to_pylist()
        texts = pc.replace_substring_regex(texts, _BEFORE, "")
    for pattern in (_ALWAYS, _SOMETIMES, _LETTERED):
        parts = pc.extract_regex(texts, pattern)
        marked = len(parts) - parts.null_count
        if not marked:
            continue
        bare = count(pc.and_(pc.is_null(parts), pc.match_substring_regex(texts, r"^[^A-Za-z(]*\d$")))
        numbers = pc.struct_field(parts, "number")
        if pattern != _ALWAYS and bare < marked and not surely:
            continue
        if pattern == _LETTERED and not _are_amounts(texts, parts):
            continue
        marks = pc.utf8_trim_whitespace(pc.struct_field(parts, "mark").drop_null()).unique().to_pylist()
        if len(marks) > MARKS_KEPT and pattern != _ALWAYS:
            continue
        found += marks
        texts = pc.if_else(pc.is_valid(parts), pc.utf8_trim_whitespace(numbers), texts)
    return texts, tuple(sorted(found))


def _are_amounts(texts: pa.Array, parts: pa.Array) -> bool:
    numbers = pc.struct_field(parts, "number").drop_null()
    if count(pc.match_substring_regex(numbers, _AMOUNT)) * 2 >= len(numbers):
        return True
    apart = pc.all(pc.starts_with(pc.struct_field(parts, "mark").drop_null(), " ")).as_py()
    return bool(apart and pc.any(pc.match_substring_regex(numbers, _LARGE)).as_py())
