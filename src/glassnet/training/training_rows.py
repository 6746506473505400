"""Which rows a model was trained on: their numbers, and hashes by which they are recognized in other tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.errors import report_result
from glassnet.net.arrays import Array
from glassnet.tables.column_words import different

MOST = 100_000  # hashes that are kept
CHUNK = 2**20  # numbers that are hashed at a time
ALL = 2**63 - 1

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """The training rows of a model.

    Args:
        numbers: (T,), their numbers in the table, from 0, ascending.
        hashes: (H,), of their inputs and targets, ascending: all that are below ``limit``.
        limit: of the hashes that are kept; the hash of a row is equally likely to be any number below ``ALL``, so those
            below a limit are a random sample of the rows.
        chance: the share of the rows held out, or used for validation, that are equal to a training row.
    """

    numbers: Numbers
    hashes: Numbers
    limit: int = ALL
    chance: float = 0.0

    @classmethod
    def of(cls, numbers: Numbers, rows: Rows, *others: Rows) -> TrainingRows:
        """Those of ``rows``; ``others`` are rows of the same table that were not trained on."""
        return cls.hashed(numbers, row_hashes(rows), *others)

    @classmethod
    def hashed(cls, numbers: Numbers, every: Numbers, *others: Rows) -> TrainingRows:
        """As :meth:`of`, from hashes: of all rows, or more than ``MOST`` different ones, the smallest of all."""
        hashes = different(every)
        limit = ALL
        if len(hashes) > MOST:
            limit = int(hashes[MOST])
            hashes = hashes[:MOST]
        own = cls(numbers, hashes, limit)
        known = [own.are_known(other) for other in others]
        return cls(numbers, hashes, limit, float(np.concatenate(known).mean()) if known else 0.0)

    def with_earlier(self, earlier: TrainingRows | None) -> TrainingRows:
        """These rows, with the hashes of ``earlier`` ones too: for a training that is continued."""
        if earlier is None:
            return self
        limit = min(self.limit, earlier.limit)
        hashes = np.union1d(self.hashes, earlier.hashes)
        hashes = hashes[hashes < limit]
        if len(hashes) > MOST:
            limit, hashes = int(hashes[MOST]), hashes[:MOST]
        return TrainingRows(self.numbers, hashes, limit, max(self.chance, earlier.chance))

    def are_known(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of ``rows``, or of a random sample of them, are equal to a training row."""
        hashes = row_hashes(rows)
        hashes = hashes[hashes < self.limit]
        places = np.searchsorted(self.hashes, hashes)
        known: npt.NDArray[np.bool_] = places < len(self.hashes)
        known[known] = self.hashes[places[known]] == hashes[known]
        return known

    def count_among(self, rows: Rows) -> int:
        """How many of ``rows`` are training rows, by their values; 0 if no more than chance explains."""
        known = self.are_known(rows)
        found, expected = int(known.sum()), self.chance * len(known)
        if found <= expected + 3 * np.sqrt(expected):
            return 0
        return round(float(known.mean()) * len(rows))

    def report(self, rows: Rows) -> int:
        """As :meth:`count_among`, with a warning if there are any."""
        count = self.count_among(rows)
        if count:
            self.report_known(count, len(rows))
        return count

    @staticmethod
    def report_known(count: int, rows: int) -> None:
        """Warn that so many of ``rows`` were training rows."""
        report_result(
            f"{count:,} of {rows:,} rows were training rows: figures and pictures of them are not those of "
            "held-out rows.",
            to_reports=True,
        )


def row_hashes(rows: Rows) -> Numbers:
    """A number from 0 to ``ALL`` for each row, (N,), which depends on its inputs and targets: equal rows have the same.

    A sum of the numbers' bits times random odd factors, modulo 2⁶⁴ (Dietzfelbinger, Hagerup, Katajainen, Penttonen, *A
    reliable randomized algorithm for the closest-pair problem*, 1997), mixed by the finalizer of SplitMix64 (Steele,
    Lea, Flood, *Fast splittable pseudorandom number generators*, 2014).
    """
    sums = _weighted_bits(rows.inputs, 1) + _weighted_bits(rows.targets, 2)
    return (mixed(sums) >> np.uint64(1)).astype(np.int64)


def mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Numbers of 64 bits, each of which depends on all bits of its own: the finalizer of SplitMix64."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers ^ (numbers >> np.uint64(31))


def _weighted_bits(values: Array, seed: int) -> npt.NDArray[np.uint64]:
    """The sum of the bits of each row's numbers times factors that follow from ``seed``, (N,)."""
    bits = np.uint32 if values.dtype == np.float32 else np.uint64
    factors = _factors(values.shape[1], seed)
    sums = np.empty(len(values), np.uint64)
    step = max(CHUNK // max(values.shape[1], 1), 1)
    for start in range(0, len(values), step):
        part = np.ascontiguousarray(values[start : start + step]) + values.dtype.type(0)  # 0 in place of -0
        sums[start : start + step] = part.view(bits).astype(np.uint64) @ factors
    return sums


@lru_cache(maxsize=8)  # a model with its evaluations and later tables needs them again
def _factors(count: int, seed: int) -> npt.NDArray[np.uint64]:
    """Random odd numbers, (``count``,), which follow from ``seed``."""
    drawn = np.random.Generator(np.random.Philox(seed)).integers(0, 2**63, count, np.uint64)
    factors: npt.NDArray[np.uint64] = drawn * np.uint64(2) + np.uint64(1)
    factors.setflags(write=False)
    return factors
