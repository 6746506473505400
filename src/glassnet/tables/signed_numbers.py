"""Numbers whose sign is a letter: 48.2 N, 33°51'54"S, 120.50 CR, 80.00 DR."""

from __future__ import annotations

from glassnet.tables._arrow import count, pa, pc
from glassnet.tables.rewritten import Rewritten, floats, is_form, written_as

DEGREES = "°"
LETTERS = (("CR", "DR"), ("Cr", "Dr"), ("C", "D"), ("H", "S"))  # of credit and of debit; H and S in German
_ANGLE = (
    r"^(?P<first>[NSEW])? ?(?P<sign>[-+−])?(?P<degrees>\d{1,3}(?:[.,]\d+)?) ?(?P<mark>°|º|˚|deg|:)? ?"
    r"(?:(?P<minutes>\d{1,2}(?:[.,]\d+)?) ?(?:'|′|’|:|min)? ?)?"
    r"(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?) ?(?:\"|″|”|''|′′|’’|sec)? ?)?(?P<last>[NSEW])?$"
)
_MARKS = ("°", "º", "˚", "deg")


def angles(texts: pa.Array, unit: str) -> Rewritten | None:
    """Degrees, minutes and seconds, or a letter for the hemisphere: 48°12'30"N, 33.9 S, N 48° 12.5'."""
    parts = pc.extract_regex(texts, _ANGLE)
    if not is_form(parts):
        return None
    first, last, mark, minutes = (
        pc.struct_field(parts, name) for name in ("first", "last", "mark", "minutes")
    )
    letter = pc.binary_join_element_wise(first, last, "")
    found = {*pc.unique(letter).drop_null().to_pylist()}
    if not any(found <= {"", *pair} for pair in (("N", "S"), ("E", "W"))):
        return None
    is_marked, divided = pc.is_in(mark, pa.array(_MARKS)), pc.not_equal(minutes, "")
    if unit != DEGREES or found == {""}:
        thrice = pc.and_(divided, pc.not_equal(pc.struct_field(parts, "seconds"), ""))
        if found == {""}:
            sure = count(pc.and_(is_marked, divided))
        elif len(found) == 2 and "" not in found:
            sure = count(pc.match_substring_regex(texts, r"\d[.,]\d")) or count(pc.or_(is_marked, thrice))
        else:  # one letter may be a unit
            sure = count(pc.or_(is_marked, thrice))
        if not sure:
            return None
    small = [floats(pc.struct_field(parts, name)) for name in ("minutes", "seconds")]
    total = pc.add(floats(pc.struct_field(parts, "degrees")), pc.divide(small[0], 60.0))
    total = pc.add(total, pc.divide(small[1], 3600.0))
    if any((pc.max(own).as_py() or 0) >= 60 for own in small) or (pc.max(total).as_py() or 0) > 360:
        return None
    negative = pc.or_(
        pc.is_in(letter, pa.array(["S", "W"])),
        pc.is_in(pc.struct_field(parts, "sign"), pa.array(["-", "−"])),
    )
    done = "angles read in degrees" + (", S and W as negative" if found & {"S", "W"} else "")
    return Rewritten(written_as(total, negative, DEGREES, texts), done, DEGREES)


def credits_and_debits(texts: pa.Array, pair: tuple[str, str], unit: str) -> Rewritten | None:
    """Credits and debits, with letters for their sign: 120.50 CR, 80.00 DR.

    The unit names the positive side first. Where one side alone has its letters, the numbers without letters are
    of the other.
    """
    credit, debit = pair
    either = rf"{credit}|{debit}"
    parts = pc.extract_regex(
        texts,
        rf"^(?:(?P<first>{either})\.? ?)?(?P<number>[^\p{{L}}(-]*\d[^\p{{L}})-]*?) ?(?P<last>{either})?\.?$",
    )
    letters = pc.binary_join_element_wise(pc.struct_field(parts, "first"), pc.struct_field(parts, "last"), "")
    found = {*pc.unique(letters).drop_null().to_pylist()}
    if not is_form(parts) or not found - {""}:
        return None
    known = {f"{one}/{other}": (one, other) for one, other in (pair, pair[::-1])}
    own = next((known[name] for name in known if unit.endswith(name)), None)
    if own is None:
        money = bool(pc.all(pc.match_substring_regex(pc.struct_field(parts, "number"), r"[.,]\d\d$")).as_py())
        if {credit, debit} <= found:
            if len(credit) == 1 and ("" in found or not money):
                return None
            own = pair
        elif len(credit) == 2 and "" in found and found != {"", "Cr"}:  # Cr may be crore
            own = (debit, credit) if credit in found else pair
        else:
            return None
    positive, negative = own
    sign = pc.if_else(pc.equal(letters, negative), "-", "")
    written = pc.binary_join_element_wise(
        sign, pc.struct_field(parts, "number"), f" {positive}/{negative}", ""
    )
    return Rewritten(pc.coalesce(written, texts), f"{negative!r} read as a minus", f"{positive}/{negative}")
