"""A column as words: codes of its different texts."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import from_numpy, pa
from glassnet.tables.missing_tokens import NO_WORDS, YES_WORDS

Array: TypeAlias = NDArray[Any]
Data: TypeAlias = "pa.Array | Array"


class Words(NamedTuple):
    """A column as words: ``codes`` (N,) index ``texts``, -1 for a missing value; every text occurs.

    ``levels`` (L,) are the column's own values that the texts stand for.
    """

    codes: NDArray[np.int64]
    texts: list[str]
    levels: Data

    def counts(self, weights: NDArray[np.float64] | None = None) -> NDArray[Any]:
        """How often each text occurs, (L,), or the weight of its rows."""
        return np.bincount(self.codes + 1, weights, len(self.texts) + 1)[1:]

    def folded(self) -> Words:
        """The words with those as one that differ only in case or blanks, or all mean yes or no."""
        names = [_folded(text) for text in self.texts]
        texts = sorted(set(names))
        order = {text: at for at, text in enumerate(texts)}
        places = np.array([*(order[name] for name in names), -1])
        return Words(places[self.codes], texts, np.array(texts, object))

    def take(self, rows: NDArray[np.int64]) -> Words:
        codes = self.codes[rows]
        used = np.flatnonzero(np.bincount(codes + 1, minlength=len(self.texts) + 1)[1:])
        if len(used) == len(self.texts):
            return self._replace(codes=codes)
        places = np.full(len(self.texts) + 1, -1)
        places[used] = np.arange(len(used))
        return Words(places[codes], [self.texts[at] for at in used.tolist()], take_rows(self.levels, used))


def _folded(text: str) -> str:
    word = " ".join(text.casefold().split())
    return "yes" if word in YES_WORDS else "no" if word in NO_WORDS else word


def take_rows(data: Data, rows: NDArray[np.int64]) -> Data:
    return data[rows] if isinstance(data, np.ndarray) else data.take(from_numpy(rows))


def different(numbers: Array) -> Array:
    """The different numbers of (N,), ascending, NaN last.

    As ``np.unique``, which takes longer for few numbers and loads NumPy's masked arrays, and NaN may occur repeatedly.
    """
    ordered = np.sort(numbers)
    new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def coded_numbers(numbers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """(N,) places, -1 for NaN, among the different numbers, which are (L,) in the order in which they appear."""
    levels = different(numbers)
    levels = levels[~np.isnan(levels)]
    places = np.searchsorted(levels, numbers)
    first = np.zeros(len(levels) + 1, np.int64)
    first[places[::-1]] = np.arange(len(numbers))[::-1]  # of equal places the last one written stays
    order = np.argsort(first[:-1])
    codes = np.full(len(levels) + 1, -1)
    codes[order] = np.arange(len(levels))
    return codes[places], levels[order]


def number_texts(numbers: NDArray[Any]) -> list[str]:
    """Numbers as words: whole ones without a point, others as PyArrow writes them."""
    values = numbers.tolist()
    whole = [float(value).is_integer() for value in values]
    if all(whole):
        return [str(int(value)) for value in values]
    written = from_numpy(numbers).cast(pa.string()).to_pylist()
    return [str(int(value)) if own else text for value, own, text in zip(values, whole, written, strict=True)]
