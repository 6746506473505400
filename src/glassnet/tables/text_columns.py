"""What a column of text holds: numbers, true and false, or words. One rule for files and for DataFrames.

* All values gaps: a column of nulls.
* "true"/"false" only: boolean. (Yes/no and the like stay words, so that they can be given back as written.)
* Numbers in at least 95 % of the rows that have a value, and otherwise at most ten different words
  without a digit: numbers; the words are taken as missing, and named. Words with digits in them ("V27")
  mean that the column holds codes, so it stays text.
* Anything else: text, trimmed, with the gaps as nulls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import from_numpy, pa, pc
from glassnet.tables.missing_tokens import GAPS, LOOSE_GAPS, TRUE_FALSE
from glassnet.tables.number_parsing import UNKNOWN, NumberStyle, parse_numbers

NUMBER_SHARE = 0.95
STRAY_WORDS = 10
ROWS_SHOWN = 5


@dataclass(frozen=True)
class Typed:
    """A column with its type found. ``words``: text taken as missing, with its count and first rows (from 1)."""

    values: pa.Array
    words: Mapping[str, tuple[int, list[int]]] = field(default_factory=dict)
    said: str = ""


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """``column`` in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    combined = (
        column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
    ).combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def as_text(column: pa.Array) -> Typed:
    """A text column, plain or dictionary-encoded, kept as text: trimmed, with the gaps as nulls."""
    coded, texts, gap = _looked_up(column)
    return Typed(pc.take(pc.if_else(gap, pa.scalar(None, pa.string()), texts), coded.indices))


def type_column(column: pa.Array, style: NumberStyle = UNKNOWN, *, majority: bool = False) -> Typed:
    """Find the type of a text column, given plain or dictionary-encoded.

    ``style`` is what is known of the file's numbers. ``majority`` asks for numbers from half
    of the rows on, whatever the rest looks like, and codes as well (what a person gets who says that it is
    a number).
    """
    coded, texts, gap = _looked_up(column)
    indices = coded.indices
    gaps: NDArray[np.bool_] = gap.to_numpy(zero_copy_only=False)
    if gaps.all():
        return Typed(pa.nulls(len(indices)))
    present = texts.filter(pc.invert(gap))
    if _only_true_false(present):
        truth = pc.equal(pc.utf8_lower(texts), "true")
        return Typed(pc.take(pc.if_else(gap, None, truth), indices))
    found = parse_numbers(present, style, codes=majority)
    if found is not None:
        spread = _spread(found.values, gaps)
        typed = _as_numbers(indices, texts, gaps, spread, majority)
        if typed is not None:
            return Typed(typed.values, typed.words, found.said)
    return as_text(coded)


def _looked_up(column: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The column dictionary-encoded, its different values trimmed, and which of those are gaps."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = pc.utf8_trim_whitespace(coded.dictionary.cast(pa.string()))
    return coded, texts, pc.is_in(texts, value_set=pa.array(GAPS))


def sample(column: pa.Array, count: int = 200) -> list[str]:
    """Some of the different values of a dictionary-encoded column, without gaps."""
    values = column.dictionary
    step = max(len(values) // count, 1)
    taken = pc.utf8_trim_whitespace(
        values.take(pa.array(range(0, len(values), step), pa.int64()))
    ).to_pylist()
    return [value for value in taken if value not in GAPS]


def _only_true_false(present: pa.Array) -> bool:
    return len(present) <= 6 and {text.lower() for text in present.to_pylist()} <= TRUE_FALSE


def _spread(values: pa.Array, gaps: NDArray[np.bool_]) -> pa.Array:
    """``values`` for the texts that are no gaps, with nulls put in for those that are."""
    if not gaps.any():
        return values
    places = np.cumsum(~gaps) - 1
    return values.take(from_numpy(places, gaps))


def _as_numbers(
    indices: pa.Array, texts: pa.Array, gaps: NDArray[np.bool_], numbers: pa.Array, majority: bool
) -> Typed | None:
    stray = pc.is_null(numbers).to_numpy(zero_copy_only=False) & ~gaps
    if not stray.any():
        return Typed(numbers.take(indices))
    codes = indices.drop_null().to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(texts))
    words = texts.filter(pa.array(stray)).to_pylist()
    tight = [word for word in words if word.lower() not in LOOSE_GAPS]
    loose = np.array(
        [at for at in np.flatnonzero(stray) if texts[at].as_py().lower() in LOOSE_GAPS], dtype=int
    )
    share = 1 - (counts[stray].sum() - counts[loose].sum()) / max(
        counts[~gaps].sum() - counts[loose].sum(), 1
    )
    digits = any(character.isdigit() for word in tight for character in word)
    few = share >= NUMBER_SHARE and len(tight) <= STRAY_WORDS and not digits
    if not (few or (majority and share >= 0.5)):
        return None
    rows = indices.fill_null(-1).to_numpy(zero_copy_only=False)
    where = {
        str(texts[int(at)]): (int(counts[at]), (np.flatnonzero(rows == at)[:ROWS_SHOWN] + 1).tolist())
        for at in np.flatnonzero(stray & (counts > 0))[:100]
    }
    return Typed(numbers.take(indices), where)
