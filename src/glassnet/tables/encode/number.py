"""Numbers, shifted and scaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa
from glassnet.tables.column_values import as_numbers, is_timestamp
from glassnet.tables.encode.column_encoder import Array, ColumnEncoder, words_fault
from glassnet.tables.encode.scaling import encode_numbers, mean_and_scale, means_and_scales
from glassnet.tables.schema import Column


@dataclass(frozen=True)
class NumberEncoder(ColumnEncoder):
    """``(x - mean) / scale``, a gap counting as ``fill``; ``words`` stood for gaps in training."""

    type: ClassVar[str] = "number"
    fill: float
    mean: float
    scale: float
    words: tuple[str, ...] = ()

    @classmethod
    def fit(cls, column: pa.ChunkedArray, described: Column, standardize: bool) -> NumberEncoder:
        return cls.fit_all([described], as_numbers(column).values[None], standardize)[0]

    @classmethod
    def fit_all(cls, described: Sequence[Column], numbers: Array, standardize: bool) -> list[NumberEncoder]:
        """One for each row of ``numbers`` (C, N), NaN for a gap."""
        whole = numbers.astype(np.float64, copy=False)
        means, scales = means_and_scales(whole)
        stages = []
        for column, row, fill, scale in zip(described, whole, means.tolist(), scales.tolist(), strict=True):
            gaps = math.isnan(fill)
            if gaps:
                fill, scale = mean_and_scale(row[~np.isnan(row)])
            mean, scale = (fill, scale) if standardize else (0.0, 1.0)
            stages.append(cls(column.name, gaps, fill, mean, scale, column.words))
        return stages

    def _value_names(self) -> tuple[str, ...]:
        return (self.column,)

    def _write(self, column: pa.ChunkedArray, out: Array) -> NDArray[np.bool_]:
        values = as_numbers(column).values
        out[:, 0] = encode_numbers(values, self.fill, self.mean, self.scale)
        return np.isnan(values)

    def _check(self, column: pa.ChunkedArray) -> tuple[list[str], list[str]]:
        if is_timestamp(column) and column.null_count < len(column):
            return [f"Column {self.column!r} must hold numbers, but holds dates and times."], []
        parsed = as_numbers(column)
        faults = []
        strays = {word: rows for word, rows in parsed.strays.items() if word not in self.words}
        if strays:
            faults.append(words_fault(self.column, strays))
        rows = np.flatnonzero(np.isinf(parsed.values))
        if len(rows):
            shown = ", ".join(f"row {row + 1}: {parsed.values[row]}" for row in rows[:3])
            faults.append(f"Column {self.column!r} holds {len(rows)} infinite value(s) ({shown}).")
        return faults, []
