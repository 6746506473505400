"""``Encoder``: a table in, an array of inputs out. Its statistics come from the rows it was fitted on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet.errors import Faults, TableError, nearest
from glassnet.tables._arrow import pa
from glassnet.tables.array_table import ArrayTable, as_slice
from glassnet.tables.encode.boolean import BooleanEncoder
from glassnet.tables.encode.category import CategoryEncoder
from glassnet.tables.encode.column_encoder import ColumnEncoder, words_fault
from glassnet.tables.encode.date import DateEncoder
from glassnet.tables.encode.number import NumberEncoder
from glassnet.tables.encode.scaling import encode_numbers
from glassnet.tables.read.read_table import as_read
from glassnet.tables.read_notes import words_of
from glassnet.tables.schema import NUMBER, Schema
from glassnet.tables.value_text import quoted

ENCODERS: dict[str, type[NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder]] = {
    stage.type: stage for stage in (NumberEncoder, BooleanEncoder, CategoryEncoder, DateEncoder)
}


@dataclass(frozen=True)
class Encoder:
    """Turns tables into arrays (N, I). ``encoders`` holds one record per column, in the order of the inputs."""

    encoders: tuple[ColumnEncoder, ...]
    ignored: tuple[str, ...] = ()

    @classmethod
    def fit(cls, table: pa.Table | ArrayTable, schema: Schema, *, standardize: bool = True) -> Encoder:
        """Learn means, scales and levels from the rows of ``table``: hand over training rows only.

        ``standardize=False`` leaves numbers in their own units; gaps are still filled with the mean.
        """
        table = as_read(table)
        ready = _fit_numbers(table, schema, standardize) if isinstance(table, ArrayTable) else {}
        stages = tuple(
            ready.get(column.name)
            or ENCODERS[column.type].fit(table.column(column.name), column, standardize)
            for column in schema.inputs
        )
        known = {column.name for column in schema.inputs}
        ignored = [column.name for column in (*schema.columns, *schema.target) if column.name not in known]
        return cls(stages, tuple(ignored))

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """The name of each of the I inputs: "age", "age missing", "color=red", …"""
        return tuple(name for stage in self.encoders for name in stage.input_names)

    def transform(self, table: pa.Table | ArrayTable, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The inputs of ``table``, (N, I), C-contiguous and finite.

        float32 is the default because training uses it. What cannot be encoded counts as a gap; ask
        :meth:`check` first to have it refused. Raises :class:`TableError` when columns are missing.
        """
        table = as_read(table)
        self._require(table)
        places = self._places(table) if isinstance(table, ArrayTable) else {}
        whole = len(places) == len(self.encoders)  # every input is written without being read
        out = (np.empty if whole else np.zeros)((table.num_rows, len(self.input_names)), dtype)
        if isinstance(table, ArrayTable):
            self._write_numbers(table, places, out)
        at = 0
        for stage in self.encoders:
            width = len(stage.input_names)
            if stage.column not in places:
                stage.write(table.column(stage.column), out[:, at : at + width])
            at += width
        return out

    def _places(self, table: ArrayTable) -> dict[str, int]:
        """The input that each column of numbers makes which the table has in its arrays."""
        held, places, at = set(table.names), {}, 0
        for stage in self.encoders:
            if isinstance(stage, NumberEncoder) and stage.column in held:
                places[stage.column] = at
            at += len(stage.input_names)
        return places

    def _write_numbers(self, table: ArrayTable, places: Mapping[str, int], out: NDArray[Any]) -> None:
        """What each :class:`NumberEncoder` would write, for all the columns in ``places`` together."""
        stages = {stage.column: stage for stage in self.encoders if isinstance(stage, NumberEncoder)}
        for names, strips in table.strips(list(places)):
            own = [stages[name] for name in names]
            fill, mean, scale = np.array([(stage.fill, stage.mean, stage.scale) for stage in own]).T
            at = as_slice([places[name] for name in names])
            flagged = [place for place, stage in enumerate(own) if stage.missing_flag]
            flags = [places[names[place]] + 1 for place in flagged]
            for rows, values in strips:
                out[rows, at] = encode_numbers(values, fill, mean, scale)
                if flagged:
                    out[rows, flags] = np.isnan(values[:, flagged])

    def check(self, table: pa.Table | ArrayTable) -> list[str]:
        """What a person should know before ``table`` is encoded: unseen levels, new gaps, extra columns.

        Raises :class:`TableError`, with every fault, for missing columns, words where numbers should be
        (with their rows), and infinities.
        """
        table = as_read(table)
        self._require(table)
        faults, notes = Faults(TableError), []
        sound = self._sound(table) if isinstance(table, ArrayTable) else ()
        for stage in self.encoders:
            if stage.column in sound:
                continue
            wrong, said = stage.check(table.column(stage.column))
            wrong = wrong or _words_read_over(table, stage)
            faults.messages += wrong
            notes += said
        faults.raise_if_any()
        known = {*(stage.column for stage in self.encoders), *self.ignored}
        extra = [name for name in table.column_names if name not in known]
        if extra:
            notes.append(f"{len(extra)} column(s) that the model does not use are ignored: {quoted(extra)}.")
        return notes

    def to_dict(self) -> dict[str, Any]:
        """A dict that JSON can hold; floats keep every bit."""
        return {"encoders": [stage.to_dict() for stage in self.encoders], "ignored": list(self.ignored)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Encoder:
        """The encoder that :meth:`to_dict` wrote down."""
        return cls(tuple(_stage(stage) for stage in data["encoders"]), tuple(data["ignored"]))

    def _sound(self, table: ArrayTable) -> Collection[str]:
        """The columns of numbers of which there is nothing to say: all of them, or none to be sure of."""
        places = self._places(table)
        strips = (values for _, own in table.strips(list(places)) for _, values in own)
        return places if all(np.isfinite(values).all() for values in strips) else ()

    def _require(self, table: pa.Table | ArrayTable) -> None:
        faults = Faults(TableError)
        names = table.column_names  # PyArrow makes this list anew each time
        known = set(names)
        for stage in self.encoders:
            if stage.column not in known:
                faults.add(f"The column {stage.column!r} is missing.{nearest(stage.column, names)}")
        faults.raise_if_any()


def _fit_numbers(table: ArrayTable, schema: Schema, standardize: bool) -> dict[str, ColumnEncoder]:
    """The stages of the columns of numbers that the table has in its arrays."""
    numbers = {column.name: column for column in schema.inputs if column.type == NUMBER}
    return {
        stage.column: stage
        for names, values in table.blocks(list(numbers))
        for stage in NumberEncoder.fit_all([numbers[name] for name in names], values, standardize)
    }


def _words_read_over(table: pa.Table | ArrayTable, stage: ColumnEncoder) -> list[str]:
    """Words that reading took as missing are refused unless training met the same words."""
    if not isinstance(stage, NumberEncoder):
        return []
    words = {
        word: rows for word, (_, rows) in words_of(table, stage.column).items() if word not in stage.words
    }
    return [words_fault(stage.column, words)] if words else []


def _stage(data: Mapping[str, Any]) -> ColumnEncoder:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
    return ENCODERS[values.pop("type")](**values)
