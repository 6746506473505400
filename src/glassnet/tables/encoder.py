"""``Encoder``: a table in, an array of inputs out. Its statistics come from the rows it was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet.errors import Faults, TableError, nearest
from glassnet.tables._arrow import pa
from glassnet.tables.reading import as_read, words_of
from glassnet.tables.schema import Schema
from glassnet.tables.stages import STAGES, NumberEncoding, Stage, words_fault
from glassnet.tables.words import quoted


@dataclass(frozen=True)
class Encoder:
    """Turns tables into arrays (N, I). ``stages`` holds one record a column, in the order of the inputs."""

    stages: tuple[Stage, ...]
    ignored: tuple[str, ...] = ()

    @classmethod
    def fit(cls, table: pa.Table, schema: Schema, *, standardise: bool = True) -> Encoder:
        """Learn means, scales and levels from the rows of ``table``: hand over training rows only.

        ``standardise=False`` leaves numbers in their own units; gaps are still filled with the mean.
        """
        table = as_read(table)
        stages = tuple(
            STAGES[column.kind].fit(table.column(column.name), column, standardise)
            for column in schema.inputs
        )
        known = {column.name for column in schema.inputs}
        ignored = [column.name for column in (*schema.columns, *schema.target) if column.name not in known]
        return cls(stages, tuple(ignored))

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """The name of each of the I inputs: "age", "age missing", "colour=red", …"""
        return tuple(name for stage in self.stages for name in stage.names)

    def transform(self, table: pa.Table, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The inputs of ``table``, (N, I), C-contiguous and finite.

        float32 is the default because training uses it. What cannot be encoded counts as a gap; ask
        :meth:`check` first to have it refused. Raises :class:`TableError` when columns are missing.
        """
        table = as_read(table)
        self._require(table)
        out = np.zeros((table.num_rows, len(self.input_names)), dtype)
        at = 0
        for stage in self.stages:
            width = len(stage.names)
            stage.write(table.column(stage.column), out[:, at : at + width])
            at += width
        return out

    def check(self, table: pa.Table) -> list[str]:
        """What a person should know before ``table`` is encoded: unseen levels, new gaps, extra columns.

        Raises :class:`TableError`, with every fault, for missing columns, words where numbers should be
        (with their rows), and infinities.
        """
        table = as_read(table)
        self._require(table)
        faults, notes = Faults(TableError), []
        for stage in self.stages:
            wrong, said = stage.check(table.column(stage.column))
            wrong = wrong or _words_read_over(table, stage)
            faults.messages += wrong
            notes += said
        faults.raise_if_any()
        known = {*(stage.column for stage in self.stages), *self.ignored}
        extra = [name for name in table.column_names if name not in known]
        if extra:
            notes.append(f"{len(extra)} column(s) that the model does not use are ignored: {quoted(extra)}.")
        return notes

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold; floats keep every bit."""
        return {"stages": [stage.to_dict() for stage in self.stages], "ignored": list(self.ignored)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Encoder:
        """The encoder that :meth:`to_dict` wrote down."""
        return cls(tuple(_stage(stage) for stage in data["stages"]), tuple(data["ignored"]))

    def _require(self, table: pa.Table) -> None:
        faults = Faults(TableError)
        names = table.column_names  # PyArrow makes this list anew each time
        known = set(names)
        for stage in self.stages:
            if stage.column not in known:
                faults.add(f"The column {stage.column!r} is missing.{nearest(stage.column, names)}")
        faults.raise_if_any()


def _words_read_over(table: pa.Table, stage: Stage) -> list[str]:
    """Words that reading took as missing are refused unless training met the same words."""
    if not isinstance(stage, NumberEncoding):
        return []
    words = {
        word: rows for word, (_, rows) in words_of(table, stage.column).items() if word not in stage.words
    }
    return [words_fault(stage.column, words)] if words else []


def _stage(data: Mapping[str, Any]) -> Stage:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
    return STAGES[values.pop("kind")](**values)
