"""How rows of a table become numbers, once everything is known of it; and the pass in which all of them do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import TableError
from glassnet.net.arrays import Array
from glassnet.streaming.budget import Budget
from glassnet.streaming.packed_rows import Arrays
from glassnet.streaming.parts import HOLDOUT, TRAIN, VALIDATION, Division
from glassnet.streaming.prediction import located
from glassnet.streaming.row_cache import RowCache, Writer, seed_of
from glassnet.tables import Encoder, Schema
from glassnet.tables.read.blocks import TableBlocks
from glassnet.tables.table import Table
from glassnet.targets import Targets
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.settings import Settings
from glassnet.training.target_rows import TargetRows
from glassnet.training.training_inputs import row_weights
from glassnet.training.training_rows import MOST, row_hashes

PARTS = {VALIDATION: "validation", HOLDOUT: "holdout"}
HASHES = "hashes"  # the part of a cache that has those of the training rows


@dataclass(frozen=True, eq=False)
class Encoding:
    """What turns rows into numbers.

    Attributes:
        schema: of the table.
        encoder: of the inputs.
        target, raw: of the targets: as the network has them, and in their own units.
        settings: complete ones.
        class_weights: (C,), the weight of a row of each class; ``None`` if they have none.
    """

    schema: Schema
    encoder: Encoder
    target: Targets
    raw: Targets
    settings: Settings
    class_weights: NDArray[np.float64] | None

    @property
    def row_size(self) -> int:
        """The bytes of an encoded row, with its targets and its weight."""
        numbers = len(self.encoder.input_names) + self.target.outputs + 1
        return np.dtype(self.settings.dtype).itemsize * numbers

    @property
    def held_size(self) -> int:
        """The bytes of a validation row, which has its targets in their own units too, its number and its outputs."""
        return self.row_size + 8 * (2 * self.target.outputs + 2)

    def of_table(self, table: Table) -> TargetRows:
        """The rows of a block that have a target, with their weights."""
        weights = row_weights(table, self.settings.sample_weight, is_whole=False)
        return TargetRows.of(table, self.raw, weights)

    def encoded(self, part: TargetRows, *, by_class: bool = True) -> LabeledRows:
        """The encoded rows; ``by_class``: whether their weights include those of their classes."""
        weights = part.weights_by_class(self.class_weights if by_class else None)
        inputs, notes = self.encoder.encode(part.table, self.settings.dtype)
        return LabeledRows.encoded(inputs, part.values, part.numbers, self.target, weights, notes)

    def cached(self, arrays: Arrays) -> LabeledRows:
        """Rows that :func:`held_arrays` made arrays of; without inputs if these are left out."""
        values, numbers = arrays["values"], arrays["numbers"]
        inputs: Array = arrays.get("inputs", np.empty((len(values), 0), self.settings.dtype))
        return LabeledRows.encoded(inputs, values, numbers, self.target, arrays.get("sample_weight"))

    def key(self, fingerprint: str, division: Division) -> str:
        """What the content of a cache depends on."""
        names = ("groups", "sample_weight", "dtype", "memory")
        weights = None if self.class_weights is None else self.class_weights.tolist()
        settings = [str(getattr(self.settings, name)) for name in names]
        parts = [
            fingerprint,
            self.encoder.to_dict(),
            repr(self.target),
            weights,
            settings,
            division.described,
        ]
        return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def held_arrays(labeled: LabeledRows) -> dict[str, NDArray[Any] | None]:
    """All of the rows as arrays."""
    return {
        "inputs": labeled.rows.inputs,
        "values": labeled.values,
        "numbers": labeled.numbers,
        "sample_weight": labeled.sample_weight,
    }


def write_cache(
    cache: RowCache,
    key: str,
    blocks: TableBlocks,
    encoding: Encoding,
    division: Division,
    rows: int,
    budget: Budget,
    read: Callable[[int], object] = bool,
) -> None:
    """Encode all rows, and write them to the cache.

    Args:
        rows: their number.
        read: is called after each block, with the number of rows so far.

    Raises:
        TableError: values that the sample did not have, such as words among numbers; the message names the rows.
        InputError: the disk has not enough space.
        OSError: the cache cannot be written.
    """
    buckets = max(1, -(-rows * encoding.row_size // budget.part))
    stamp = blocks.stamp
    writer = Writer(cache, key, buckets, 2 * budget.part, rows, seed_of(key))
    start, sums = 0, Sums()
    hashes = np.empty(0, np.int64)
    for raw in blocks.raw():
        with located(blocks, start, raw.num_rows):
            part = encoding.of_table(blocks.typed(raw, encoding.schema))
            numbers = part.numbers + start
            parts = division.of(numbers, part.table)
            for code in (TRAIN, *PARTS):
                at = np.flatnonzero(parts == code)
                if not len(at):
                    continue
                labeled = encoding.encoded(part.take(at), by_class=code != HOLDOUT)
                if code == TRAIN:
                    own = labeled.rows
                    writer.scatter({"inputs": own.inputs, "targets": own.targets, "weights": own.weights})
                    sums.add(labeled.values, part.take(at).weights)
                    hashes = smallest(np.concatenate([hashes, row_hashes(own)]))
                else:
                    writer.add(PARTS[code], held_arrays(labeled) | {"numbers": numbers[at]})
        start += raw.num_rows
        read(start)
    if blocks.stamp != stamp or start != rows:
        raise TableError(
            f"{blocks.name!r} was changed while it was read; train again when nothing writes to it."
        )
    if len(hashes):
        writer.add(HASHES, {"hashes": hashes})
    writer.finish(sums.facts)


def smallest(hashes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The different ones, at most one more than a model keeps."""
    return np.unique(hashes)[: MOST + 1] if len(hashes) > 2 * MOST else hashes


class Sums:
    """Weighted means, lowest and highest values of targets, added up block by block; missing ones are left out."""

    def __init__(self) -> None:
        self._sums: Any = 0.0
        self._weights: Any = 0.0
        self._lowest: Any = np.inf
        self._highest: Any = -np.inf

    def add(self, values: Array, weights: NDArray[np.float64] | None) -> None:
        """Add targets (R, O)."""
        known = np.isfinite(values)
        each = known * (1.0 if weights is None else weights[:, None])
        self._sums = self._sums + (np.where(known, values, 0) * each).sum(axis=0)
        self._weights = self._weights + each.sum(axis=0)
        counted = np.where(each > 0, values, np.nan)
        self._lowest = np.fmin(self._lowest, np.fmin.reduce(counted))
        self._highest = np.fmax(self._highest, np.fmax.reduce(counted))

    @property
    def facts(self) -> dict[str, list[float]]:
        """The means, and the lowest and the highest values among rows that have a weight."""
        means = self._sums / np.where(self._weights, self._weights, 1)
        found = {"means": means, "lowest": self._lowest, "highest": self._highest}
        return {name: np.atleast_1d(own).tolist() for name, own in found.items()}
