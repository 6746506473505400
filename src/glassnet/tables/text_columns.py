"""What a column of text holds: numbers, true and false, or words. One rule for files and for DataFrames.

* Nothing but missing values: a column of nulls.
* "true"/"false" only: boolean. (Yes/no and the like stay words, so that predictions can be written alike.)
* Months with a point, 05.2024: text.
* Numbers, and few words among them that are taken as missing and named: at most ten different ones in 5 % of the rows
  that have a value, or one or two beside many different numbers. Words with digits in them ("V27")
  among whole numbers mean that the column holds codes, so it stays text, unless they are hardly ever there.
* Anything else: text, trimmed, with the missing values as nulls.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import from_numpy, pa, pc
from glassnet.tables.calendar_periods import are_dotted_months
from glassnet.tables.durations import are_durations, parse_durations
from glassnet.tables.missing_tokens import MISSING, TRUE_FALSE, is_missing_among_numbers
from glassnet.tables.number_parsing import UNKNOWN, NumberStyle, parse_numbers

NUMBER_SHARE = 0.95
STRAY_WORDS = 10
FREQUENT_WORDS = 2  # different words in up to half of the rows, such as "ND" and "*" …
NUMBERS_PER_WORD = 15  # … beside so many different numbers for each
CODE_SHARE = 0.995  # of numbers, from which on a word with digits is a slip and no code
ROWS_SHOWN = 5
STRAYS_KEPT = 100
DURATION = "duration"  # the unit of a column of durations


class StrayWord(NamedTuple):
    """A word in a column of numbers: how many rows have it, and the first of them, counted from 0."""

    rows: int
    first_rows: list[int]


class TypedText(NamedTuple):
    """A column of text with its type found, the words that were taken as missing, and how its numbers are written.

    ``marks`` are marks of quality that were left out beside the numbers.
    """

    values: pa.Array
    strays: Mapping[str, StrayWord] = {}
    notation: str = ""
    unit: str = ""
    marks: tuple[str, ...] = ()


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """``column`` in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def as_text(column: pa.Array, kept: Collection[str] = ()) -> pa.Array:
    """A text column, plain or dictionary-encoded, kept as text: trimmed, with the missing values as nulls.

    ``kept`` are words that are none here, though they usually stand for a missing value.
    """
    coded, texts, missing = _looked_up(column, kept)
    return pc.take(pc.if_else(missing, pa.scalar(None, pa.string()), texts), coded.indices)


def infer_text_type(
    column: pa.Array, style: NumberStyle = UNKNOWN, *, majority: bool = False, kept: Collection[str] = ()
) -> TypedText:
    """Find the type of a text column, given plain or dictionary-encoded.

    Args:
        style: what is known of how the file writes its numbers.
        majority: take it as numbers from half of the rows on, whatever the rest is, and codes as well: what a
            person gets who declares the column a number.
        kept: words that stand for themselves, as for :func:`as_text`.
    """
    coded, texts, absent = _looked_up(column, kept)
    missing: NDArray[np.bool_] = absent.to_numpy(zero_copy_only=False)
    if missing.all():
        return TypedText(pa.nulls(len(coded)))
    present = texts.filter(pc.invert(absent))
    if _only_true_false(present):
        truth = pc.equal(pc.utf8_lower(texts), "true")
        return TypedText(pc.take(pc.if_else(absent, None, truth), coded.indices))
    if not majority and are_dotted_months(present):
        return TypedText(as_text(coded, kept))
    parsed = parse_numbers(present, style, codes=majority)
    if parsed is not None:
        numbers = _spread(parsed.values, missing)
        strays = _strays(coded.indices, texts, missing, numbers, majority)
        if strays is not None:
            return TypedText(numbers.take(coded.indices), strays, parsed.notation, parsed.unit, parsed.marks)
    durations = parse_durations(present) if majority or are_durations(present) else None
    if durations is not None and not durations.null_count:
        seconds = _spread(durations, missing).take(coded.indices)
        return TypedText(seconds, {}, "durations read in seconds", DURATION)
    return TypedText(as_text(coded, kept))


def _looked_up(column: pa.Array, kept: Collection[str] = ()) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The column dictionary-encoded, its different values trimmed, and which of those are missing values."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = pc.utf8_trim_whitespace(coded.dictionary.cast(pa.string()))
    missing = pc.is_in(texts, value_set=pa.array(MISSING))
    if kept:
        missing = pc.and_not(missing, pc.is_in(texts, value_set=pa.array([*kept])))
    return coded, texts, missing


def has_missing_words(column: pa.Array) -> bool:
    """Whether a dictionary-encoded column has words, in place of nothing, that are taken as missing."""
    _, texts, missing = _looked_up(column)
    return bool(pc.any(pc.and_(missing, pc.not_equal(texts, ""))).as_py())


def sample(column: pa.Array, count: int = 200) -> list[str]:
    """Some of the different values of a dictionary-encoded column, without missing ones."""
    values = column.dictionary
    taken = values.take(pa.array(range(0, len(values), max(len(values) // count, 1)), pa.int64()))
    return [value for value in pc.utf8_trim_whitespace(taken).to_pylist() if value not in MISSING]


def _only_true_false(present: pa.Array) -> bool:
    return len(present) <= 6 and {text.lower() for text in present.to_pylist()} <= TRUE_FALSE


def _spread(values: pa.Array, missing: NDArray[np.bool_]) -> pa.Array:
    """``values`` of the texts that are not missing, with nulls put in for those that are."""
    return values.take(from_numpy(np.cumsum(~missing) - 1, missing)) if missing.any() else values


def _strays(
    indices: pa.Array, texts: pa.Array, missing: NDArray[np.bool_], numbers: pa.Array, majority: bool
) -> dict[str, StrayWord] | None:
    """The texts that are no numbers, which are taken as missing; None if the column is not one of numbers."""
    stray = np.flatnonzero(numbers.is_null().to_numpy(zero_copy_only=False) & ~missing)
    if not len(stray):
        return {}
    rows = indices.fill_null(-1).to_numpy(zero_copy_only=False)
    counts = np.bincount(rows + 1, minlength=len(texts) + 1)[1:]
    words = texts.take(from_numpy(stray)).to_pylist()
    usual = np.array([is_missing_among_numbers(word) for word in words])
    unusual = counts[stray[~usual]].sum()
    share = 1 - unusual / max(counts[~missing].sum() - counts[stray[usual]].sum(), 1)
    others = [word for word, is_usual in zip(words, usual, strict=True) if not is_usual]
    whole = pa.types.is_integer(numbers.type)  # as codes are
    digits = whole and any(character.isdigit() for word in others for character in word)
    different = len(numbers) - numbers.null_count
    few = share >= NUMBER_SHARE and len(others) <= STRAY_WORDS
    frequent = (
        share >= 0.5 and 0 < len(others) <= FREQUENT_WORDS and different >= NUMBERS_PER_WORD * len(others)
    )
    enough = (few or frequent) and (not digits or (share >= CODE_SHARE and len(others) <= FREQUENT_WORDS))
    if not (enough or (majority and share >= 0.5)):
        return None
    found = [(word, at) for word, at in zip(words, stray.tolist(), strict=True) if counts[at]]
    return {
        word: StrayWord(int(counts[at]), (np.flatnonzero(rows == at)[:ROWS_SHOWN]).tolist())
        for word, at in found[:STRAYS_KEPT]
    }
