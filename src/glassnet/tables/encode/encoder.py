"""``Encoder``: turns a table into an array of inputs, with statistics of the rows on which it was fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet.caching import cached_property
from glassnet.errors import Faults, TableError, plural, with_nearest
from glassnet.memory import check_memory
from glassnet.tables.array_table import as_slice
from glassnet.tables.encode.column_encoder import ENCODERS, STANDARD, ColumnEncoder, NumberOptions
from glassnet.tables.encode.number import NumberEncoder
from glassnet.tables.encode.scaling import encode_numbers
from glassnet.tables.notes import Note
from glassnet.tables.schema import NUMBER, Schema
from glassnet.tables.table import Table
from glassnet.tables.value_text import quoted


@dataclass(frozen=True)
class Encoder:
    """Turns tables into arrays (N, I).

    Attributes:
        encoders: one for each column, in the order of the inputs.
        ignored: columns of the training table that are not inputs.
    """

    encoders: tuple[ColumnEncoder, ...]
    ignored: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Encoder({len(self.encoders):,} columns → {len(self.input_names):,} inputs)"

    @classmethod
    def fit(
        cls,
        table: Table,
        schema: Schema,
        *,
        numbers: NumberOptions = STANDARD,
        weights: NDArray[np.float64] | None = None,
    ) -> Encoder:
        """Learn means, scales and levels from the rows of ``table``: pass training rows only.

        A column that has no inputs, because these rows have a single value of it, is ignored. ``numbers`` says how
        numbers are encoded. ``weights`` (N,) are positive: a row with the weight 2 counts as two such rows.

        Raises:
            TableError: there are no inputs.
        """
        inputs = schema.inputs
        own = {column.name: column for column in inputs if column.type == NUMBER}
        arrays: dict[str, ColumnEncoder] = {
            encoder.column: encoder
            for names, values in table.blocks(list(own))
            for encoder in NumberEncoder.fit_all([own[name] for name in names], values, numbers, weights)
        }
        fitted = [
            arrays.get(column.name)
            or ENCODERS[column.type].fit(table.column(column.name), column, numbers, weights)
            for column in inputs
        ]
        encoders = tuple(own for own in fitted if own.input_names)  # a time that is always the same has none
        if fitted and not encoders:
            raise TableError(
                "Each column has a single value in the training rows: there is nothing to learn from."
            )
        used = {encoder.column for encoder in encoders}
        ignored = [column.name for column in (*schema.columns, *schema.target) if column.name not in used]
        return cls(encoders, tuple(ignored))

    @cached_property
    def _names_of_each(self) -> list[tuple[str, ...]]:
        return [encoder.input_names for encoder in self.encoders]

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """The name of each of the I inputs: "age", "age missing", "color=red", …"""
        return tuple(chain.from_iterable(self._names_of_each))

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Which of the I inputs each column makes, in their order."""
        ends = accumulate(map(len, self._names_of_each), initial=0)
        columns = [encoder.column for encoder in self.encoders]
        return {name: slice(*ends) for name, ends in zip(columns, pairwise(ends), strict=True)}

    @cached_property
    def plain(self) -> NDArray[np.intp]:
        """(B,): the inputs that are not bins, which follow from the first input of their column."""
        found = [
            [own.start, *range(own.start + 1 + encoder.bin_count, own.stop)]
            for own, encoder in zip(self.slices.values(), self.encoders, strict=True)
        ]
        return np.array([*chain.from_iterable(found)], np.intp)

    def __getitem__(self, column: str) -> ColumnEncoder:
        """The encoder of a column."""
        return next(encoder for encoder in self.encoders if encoder.column == column)

    def encode(self, table: Table, dtype: DTypeLike = np.float32) -> tuple[NDArray[Any], list[Note]]:
        """The inputs of ``table``, (N, I), C-contiguous and finite, and what else is to be known of it.

        float32 is the default because training uses it. The notes tell of unseen levels, new missing values and
        columns that are not used.

        Raises:
            TableError: more memory than there is; or all at once: missing columns, words where numbers should be (with
                their rows), infinities.
        """
        self._require_columns(table)
        held = set(table.array_names)
        numbers = {
            own.column: own for own in self.encoders if isinstance(own, NumberEncoder) and own.column in held
        }
        rows, width = table.num_rows, len(self.input_names)
        check_memory(
            rows * width * np.dtype(dtype).itemsize,
            lambda: f"the {width:,} inputs of {rows:,} rows",
            "use fewer bins, columns or rows",
            TableError,
        )
        whole = len(numbers) == len(self.encoders)  # every input is written without being read
        out = (np.empty if whole else np.zeros)((rows, width), dtype)
        clean = self._encode_arrays(table, numbers, out)
        faults, notes = Faults(TableError), []
        for encoder in self.encoders:
            if clean and encoder.column in numbers:
                continue
            column = table.column(encoder.column)
            encoded = encoder.encode(column, out[:, self.slices[encoder.column]])
            faults.messages += encoded.faults
            notes += encoded.notes
        faults.raise_if_any()
        return out, [*notes, *self.notes_on_others(table.column_names)]

    def notes_on_others(self, names: Iterable[str]) -> list[Note]:
        """A note on those columns among ``names`` that the table of training did not have, if there are some."""
        extra = [name for name in names if name not in self._known]
        if not extra:
            return []
        text = f"The model does not use {plural(len(extra), 'column')} of the table: {quoted(extra)}."
        return [Note("unused_columns", text)]

    @cached_property
    def _known(self) -> set[str]:
        return {*self.slices, *self.ignored}

    def _encode_arrays(self, table: Table, encoders: Mapping[str, NumberEncoder], out: NDArray[Any]) -> bool:
        """Encode all the columns of numbers that the table holds in arrays; false if some are not finite."""
        clean = True
        for names, strips in table.strips(list(encoders)):
            own = [encoders[name] for name in names]
            fill, center, scale, smooth = np.array([each.constants for each in own]).T
            places = [self.slices[name].start for name in names]
            at = as_slice(places)
            flagged = [place for place, each in enumerate(own) if each.missing_flag]
            flags = [self.slices[names[place]].stop - 1 for place in flagged]
            binned = [(place, each, self.slices[each.column]) for place, each in enumerate(own) if each.edges]
            for rows, values in strips:
                out[rows, at] = encode_numbers(values, fill, center, scale, smooth > 0)
                clean = clean and bool(np.isfinite(values).all())
                if flagged:
                    out[rows, flags] = np.isnan(values[:, flagged])
                for place, each, cut in binned:
                    each.write_bins(values[:, place], out[rows, cut])
        return clean

    def to_dict(self) -> dict[str, Any]:
        """The dicts of the column encoders, and the columns that are not used."""
        return {"encoders": [encoder.to_dict() for encoder in self.encoders], "ignored": list(self.ignored)}

    def _require_columns(self, table: Table) -> None:
        faults, names = Faults(TableError), table.column_names
        present = set(names)
        for name, hint in with_nearest((name for name in self.slices if name not in present), names):
            faults.add(f"The column {name!r} is missing.{hint}")
        faults.raise_if_any()
