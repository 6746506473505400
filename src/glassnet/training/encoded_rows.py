"""Rows of a table as a trained network takes them: all rows, or those that have a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.net.arrays import Array
from glassnet.tables import Encoder, Note, Table


@dataclass(frozen=True, eq=False)
class EncodedTable:
    """A table that was read and encoded.

    Attributes:
        inputs: (N, I), of the dtype of the network's parameters.
        notes: what to know of the table: unseen levels, new missing values, columns that are not used.
        table: the N rows as they were read.
    """

    inputs: Array
    notes: list[Note]
    table: Table

    def __len__(self) -> int:
        return len(self.inputs)

    @classmethod
    def of(cls, table: Table, encoder: Encoder, dtype: npt.DTypeLike) -> EncodedTable:
        """Raises :class:`~glassnet.errors.TableError` with every fault of the columns."""
        return cls(*encoder.encode(table, dtype), table)


@dataclass(frozen=True, eq=False)
class LabeledRows:
    """The R rows of a table that have a target.

    Attributes:
        rows: inputs, targets and weights as an engine takes them.
        numbers: (R,), the rows' numbers in the table, from 0.
        actual: the target's own values, (R,), or (R, O) for several targets.
        sample_weight: (R,) in float64; ``None`` where all rows have the same weight.
    """

    rows: Rows
    numbers: npt.NDArray[np.int64]
    actual: npt.NDArray[Any]
    sample_weight: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.numbers)
