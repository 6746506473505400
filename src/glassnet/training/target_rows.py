"""The rows of a table that have a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import TableError
from glassnet.net.arrays import Array
from glassnet.tables import Schema, Table
from glassnet.tables.read.read_table import as_table
from glassnet.targets import Targets, class_codes
from glassnet.training.settings import Settings
from glassnet.training.training_inputs import pair_table, row_weights

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TargetRows:
    """The rows of a table that have a target: their numbers in the table, targets (R, O) and weights."""

    table: Table
    numbers: npt.NDArray[np.int64]
    values: Array
    weights: Weights | None

    @classmethod
    def of(cls, table: Table, raw: Targets, weights: Weights | None) -> TargetRows:
        values, known = raw.encode(table)
        every = cls(table, np.arange(table.num_rows), values, weights)
        if len(known) == table.num_rows:
            return every
        return cls(table.take(known), known, values, None if weights is None else weights[known])

    def with_weight(self) -> TargetRows:
        """The rows whose weight is not 0: the others are left out of means and scales."""
        if self.weights is None or self.weights.all() or not self.weights.any():
            return self
        return self.take(np.flatnonzero(self.weights))

    @property
    def positive_weights(self) -> Weights | None:
        """The weights of rows that have some; None where all rows count alike."""
        return self.weights if self.weights is not None and self.weights.all() else None

    def weights_by_class(self, class_weights: Weights | None) -> Weights | None:
        """The weights times those of the rows' classes, (C,), if these have some."""
        if class_weights is None:
            return self.weights
        shares = class_weights[class_codes(self.values)]
        return shares if self.weights is None else self.weights * shares

    def take(self, rows: npt.NDArray[np.int64]) -> TargetRows:
        """Those at the given places, in that order."""
        if len(rows) == len(self) and (rows[1:] > rows[:-1]).all():
            return self
        weights = None if self.weights is None else self.weights[rows]
        return TargetRows(self.table.take(rows), self.numbers[rows], self.values[rows], weights)

    def __len__(self) -> int:
        return len(self.numbers)


def own_validation(source: Any, raw: Targets, schema: Schema, settings: Settings) -> TargetRows:
    """Rows for early stopping from a table of their own; they have weights if those are a column."""
    if isinstance(source, tuple) and len(source) == 2:
        table, _ = pair_table(*source, list(raw.columns), schema)
    else:
        table = as_table(source, schema)
    named = isinstance(settings.sample_weight, str)
    weights = row_weights(table, settings.sample_weight) if named else None
    rows = TargetRows.of(table, raw, weights)
    if not len(rows):
        raise TableError("no row of the validation table has a target.")
    return rows
