"""What a table is like, from one pass over its blocks: a sample of its rows, and what no sample tells.

The sample is one of random rows, each as likely as any other, and of rows that are in it because they have a value
which those before them did not have: a label, a word, a missing value, the lowest or the highest number. So what is
inferred from the sample holds for all rows. Random rows stand for many, the others for themselves: that is their
weight.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import TableError
from glassnet.streaming.row_hash import Hashes, hashes
from glassnet.tables import fingerprint
from glassnet.tables._arrow import pa
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.read.blocks import TableBlocks, concatenated
from glassnet.tables.table import ReadTable

MOST = 2**18  # random rows
WORDS = 2_000  # different values of a column that are looked for
LABELS = 100_000  # of a target
FIRST = 4096  # rows of a block that show whether a column has many different numbers
STRAYS = 100
FEW = 100  # different numbers that may be codes, whatever the number of rows

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Survey:
    """What was found.

    Attributes:
        table: the S rows of the sample.
        numbers: (S,), their numbers in the table, from 0, ascending.
        random: (S,), whether each is one of the random rows.
        weights: (S,), how many rows each stands for; ``None`` if the sample is the whole table.
        rows: the number of rows of the table.
        missing: how many rows have no value, by column.
        counting: the columns that count up by one from 0 or 1.
        fingerprint: of the table, as its blocks are.
    """

    table: ReadTable
    numbers: Numbers
    random: NDArray[np.bool_]
    weights: NDArray[np.float64] | None
    rows: int
    missing: dict[str, int]
    counting: tuple[str, ...]
    fingerprint: str

    @classmethod
    def of(
        cls,
        blocks: TableBlocks,
        targets: Collection[str],
        key: np.uint64,
        memory: int,
        read: Callable[[int], object] = bool,
    ) -> Survey:
        """Read all blocks.

        Args:
            targets: the columns to predict.
            key: of the hashes that choose the random rows.
            memory: the bytes that the sample may have.
            read: is called after each block, with the number of rows so far.

        Raises:
            TableError: the table cannot be read, or has no rows.
        """
        sample = Sample(key, memory)
        columns: dict[str, Seen] = {}
        digest = hashlib.blake2b(digest_size=16)
        start = 0
        for raw in blocks.raw():
            typed = blocks.typed(raw)
            digest.update(fingerprint(typed).encode())
            strange = np.zeros(len(raw), np.bool_)
            for name in typed.column_names:
                seen = columns.setdefault(name, Seen(LABELS if name in targets else WORDS))
                strange[seen.new_rows(typed.column(name))] = True
            sample.add(raw, start, strange)
            start += len(raw)
            read(start)
        if not start:
            raise TableError(f"{blocks.name!r} has no rows.")
        raw, numbers, random = sample.rows(blocks.name)
        weights = None
        if (
            len(numbers) < start
        ):  # the random rows stand for all that are not in the sample for another reason
            others = int((~random).sum())
            weights = np.where(random, (start - others) / max(int(random.sum()), 1), 1.0)
        return cls(
            blocks.typed(raw),
            numbers,
            random,
            weights,
            start,
            {name: seen.missing for name, seen in columns.items()},
            tuple(name for name, seen in columns.items() if seen.counts and start > 2),
            digest.hexdigest(),
        )


class Sample:
    """Rows that are kept: those of the smallest hashes, and any others that are wanted."""

    def __init__(self, key: np.uint64, memory: int) -> None:
        self._key, self._memory = key, memory
        self._parts: list[tuple[pa.Table, Numbers, Hashes, NDArray[np.bool_]]] = []
        self._most, self._limit = MOST, np.uint64(2**64 - 1)
        self._held = self._wanted = 0
        self._coded: set[str] = set()  # columns of words that the source has as codes

    def add(self, raw: pa.Table, start: int, wanted: NDArray[np.bool_]) -> None:
        """The rows of a block, the first of which is row ``start``; those that are ``wanted`` are kept for certain."""
        numbers = np.arange(start, start + len(raw))
        own = hashes(numbers, self._key)
        self._most = min(self._most, max(self._memory // max(raw.nbytes // len(raw), 1) // 2, 1000))
        if self._wanted > self._most:  # no memory for more
            wanted = np.zeros(len(raw), np.bool_)
        self._coded |= {each.name for each in raw.schema if pa.types.is_dictionary(each.type)}
        kept = wanted | (own <= self._limit)
        self._append(raw, numbers, own, wanted, kept)
        if self._held > 2 * self._most:
            self._thin()

    def _append(
        self, raw: pa.Table, numbers: Numbers, own: Hashes, wanted: NDArray[np.bool_], kept: NDArray[np.bool_]
    ) -> None:
        if kept.any():
            at = np.flatnonzero(kept)
            self._parts.append((_plain(raw.take(at)), numbers[at], own[at], wanted[at]))
            self._held += len(at)
            self._wanted += int(wanted[at].sum())

    def _thin(self) -> None:
        every = np.concatenate([own[~wanted] for _, _, own, wanted in self._parts])
        if len(every) > self._most:
            self._limit = min(self._limit, np.partition(every, self._most - 1)[self._most - 1])
        before, self._parts, self._held, self._wanted = self._parts, [], 0, 0
        for raw, numbers, own, wanted in before:
            self._append(raw, numbers, own, wanted, wanted | (own <= self._limit))

    def rows(self, name: str) -> tuple[pa.Table, Numbers, NDArray[np.bool_]]:
        """The rows, their numbers, and which of them are random ones; those that are wanted are none."""
        self._thin()
        raw = concatenated([part[0] for part in self._parts], name)
        for at, column in enumerate(raw.column_names):
            if column in self._coded:
                raw = raw.set_column(at, column, raw.column(at).dictionary_encode().combine_chunks())
        numbers, wanted = (np.concatenate([part[at] for part in self._parts]) for at in (1, 3))
        return raw, numbers, ~wanted


def _plain(rows: pa.Table) -> pa.Table:
    """Rows whose words are texts: codes would keep all words of the block that they are from."""
    for at, own in enumerate(rows.schema):
        if pa.types.is_dictionary(own.type):
            rows = rows.set_column(at, own.name, rows.column(at).cast(own.type.value_type))
    return rows


@dataclass(eq=False)
class Seen:
    """The values of a column that were seen so far.

    Args:
        most: the number of different values from which on they are no longer compared.
    """

    most: int
    missing: int = 0
    words: set[str] = field(default_factory=set)
    values: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    low: float = np.inf
    high: float = -np.inf
    counts: bool = True
    _next: float = np.nan
    _compared: int = 0

    def new_rows(self, column: ColumnValues) -> Numbers:
        """The rows of the next block of the column that have something new, one for each."""
        found: list[int] = []
        if not column.is_usable:
            self.counts = False
            self.missing += column.missing
            return np.empty(0, np.int64)
        if column.missing and not self.missing:
            found.append(int(np.argmax(column.is_missing)))
        self.missing += column.missing
        if column.is_text or column.strays:
            found += self._new_words(column)
        if not column.is_text:
            found += self._new_numbers(column.numbers)
        else:
            self.counts = False
        return np.array(found, np.int64)

    def _new_words(self, column: ColumnValues) -> list[int]:
        if len(self.words) > self.most:
            return []
        if column.is_text:
            codes, texts = column.words.codes, column.words.texts
            _, first = np.unique(codes[codes >= 0], return_index=True)
            rows = np.flatnonzero(codes >= 0)[first]
            named = [(texts[codes[row]], int(row)) for row in rows]
        else:
            named = [(word, row) for word in column.strays[:STRAYS] for row in column.first_rows(word)[:1]]
        new = [(word, row) for word, row in named if word not in self.words][: self.most]
        self.words.update(word for word, _ in new)
        return [row for _, row in new]

    def _new_numbers(self, numbers: NDArray[np.float64]) -> list[int]:
        known = np.flatnonzero(~np.isnan(numbers))
        own = numbers[known]
        if not len(own):
            self.counts = False
            return []
        self._count(numbers)
        found = []
        least, most = int(own.argmin()), int(own.argmax())
        if own[least] < self.low:
            self.low = float(own[least])
            found.append(int(known[least]))
        if own[most] > self.high:
            self.high = float(own[most])
            found.append(int(known[most]))
        if len(self.values) <= WORDS:
            found += known[self._new_values(own)].tolist()
        return found

    def _new_values(self, own: NDArray[np.float64]) -> Numbers:
        """The places of values that were not seen before, as long as there are few: others are measurements."""
        self._compared += len(own)
        most = min(WORDS, max(self._compared // 2, FEW))
        values, first = np.unique(own[:FIRST] if len(own) > 2 * WORDS else own, return_index=True)
        if len(values) <= most:
            values, first = np.unique(own, return_index=True)
            new = ~np.isin(values, self.values)
            self.values = np.union1d(self.values, values)
            if len(self.values) <= most:
                return first[new]
        self.values = np.empty(WORDS + 1)
        return np.empty(0, np.int64)

    def _count(self, numbers: NDArray[np.float64]) -> None:
        if self.counts:
            first = numbers[0] in (0, 1) if np.isnan(self._next) else numbers[0] == self._next
            self.counts = bool(first and (np.diff(numbers) == 1).all())
            self._next = float(numbers[-1]) + 1
