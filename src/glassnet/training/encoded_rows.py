"""Rows of a table as a trained network takes them: all rows, or those that have a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.caching import cached_property
from glassnet.engines import Rows
from glassnet.net.arrays import Array
from glassnet.tables import Encoder, Note, Table
from glassnet.targets import Targets


@dataclass(frozen=True, eq=False)
class EncodedTable:
    """A table that was read and encoded.

    Attributes:
        inputs: (N, I), of the dtype of the network's parameters.
        notes: what to know of the table: how it was read, unseen levels, new missing values, columns not used.
        table: the N rows as they were read.
    """

    inputs: Array
    notes: list[Note]
    table: Table

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        return f"EncodedTable({len(self):,} rows × {self.inputs.shape[1]:,} inputs)"


@dataclass(frozen=True, eq=False)
class LabeledRows:
    """The R rows of a table that have a target.

    Attributes:
        rows: inputs, targets and weights as an engine takes them.
        numbers: (R,), the rows' numbers in the table, from 0.
        values: (R, O), the targets as :attr:`TargetEncoding.unscaled` of ``target`` gives them.
        target: how the targets are encoded.
        sample_weight: (R,) in float64; ``None`` where all rows have the same weight.
        notes: what the encoder noted on these rows.
    """

    rows: Rows
    numbers: npt.NDArray[np.int64]
    values: Array
    target: Targets
    sample_weight: npt.NDArray[np.float64] | None = None
    notes: Sequence[Note] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"LabeledRows({self.rows!r})"

    @cached_property
    def actual(self) -> npt.NDArray[Any]:
        """The target's own values, (R,), or (R, K) for K targets."""
        return self.target.unscaled.decode(self.values)

    def take(self, at: npt.NDArray[np.int64] | slice) -> LabeledRows:
        """Those at the given places, in that order; views of them for a slice."""
        weights = None if self.sample_weight is None else self.sample_weight[at]
        rows, values = self.rows.take(at), self.values[at]
        return LabeledRows(rows, self.numbers[at], values, self.target, weights, self.notes)

    def without_inputs(self) -> LabeledRows:
        """The same rows with inputs (R, 0), for an evaluation of outputs that are known."""
        return replace(self, rows=replace(self.rows, inputs=self.rows.inputs[:, :0]))

    @classmethod
    def joined(cls, parts: Sequence[LabeledRows]) -> LabeledRows:
        """The rows of all parts, one below the other; all of them have weights, or none has."""
        first = parts[0]
        inputs = np.concatenate([own.rows.inputs for own in parts])
        values = np.concatenate([own.values for own in parts])
        numbers = np.concatenate([own.numbers for own in parts])
        weights = [own.sample_weight for own in parts if own.sample_weight is not None]
        return cls.encoded(
            inputs, values, numbers, first.target, np.concatenate(weights) if weights else None
        )

    @classmethod
    def of(
        cls,
        table: Table | EncodedTable,
        encoder: Encoder,
        target: Targets,
        sample_weight: npt.NDArray[np.float64] | None = None,
    ) -> LabeledRows:
        """Encode the rows of ``table`` that have a target; there may be none.

        Args:
            table: a table that was read, or one that ``encoder`` has encoded already.
            sample_weight: the weights of all rows of the table.

        Raises:
            TableError: no target column, labels that training did not have; faults in the columns of these rows.
        """
        values, numbers = target.unscaled.encode(table.table if isinstance(table, EncodedTable) else table)
        if isinstance(table, EncodedTable):
            inputs, notes = table.inputs[numbers], table.notes
        else:
            part = table.take(numbers) if len(numbers) < table.num_rows else table
            inputs, notes = encoder.encode(part, target.dtype)
        weights = None if sample_weight is None else sample_weight[numbers]
        return cls.encoded(inputs, values, numbers, target, weights, notes)

    @classmethod
    def encoded(
        cls,
        inputs: Array,
        values: Array,
        numbers: npt.NDArray[np.int64],
        target: Targets,
        sample_weight: npt.NDArray[np.float64] | None,
        notes: Sequence[Note] = (),
    ) -> LabeledRows:
        """The rows of encoded ``inputs`` (R, I) and of targets (R, O) as :attr:`TargetEncoding.unscaled` gives them."""
        weights = None if sample_weight is None else sample_weight.astype(target.dtype)
        rows = Rows(inputs, target.scaled(values), weights)
        return cls(rows, numbers, values, target, sample_weight, notes)
