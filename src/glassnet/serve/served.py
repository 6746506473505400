"""``Served``: a model with everything prepared that predicting single rows takes."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from glassnet.errors import InputError, reporting_to
from glassnet.intervals import predictor_within
from glassnet.model import Model
from glassnet.net.arrays import Array
from glassnet.tables.encode.row_encoder import EncodedRow, RowEncoder
from glassnet.tables.notes import Note
from glassnet.tables.read.read_table import as_table, read_table
from glassnet.tables.schema import REGRESSION
from glassnet.tables.table import Table
from glassnet.targets import encodings_of
from glassnet.targets.predictions import (
    by_row,
    columns_of,
    decoded,
    decoded_interval,
    distinct,
    interval_columns,
    predicted_columns,
)
from glassnet.training.encoded_rows import EncodedTable
from glassnet.training.training_inputs import notes_on_reading

UNPACKED = 200_000_000  # bytes of an Arrow table at most, whatever it is compressed to
LEVELS = 8  # of intervals whose limits are remembered
OTHERS = 100  # columns that the model does not know, in rows of JSON


class TooManyRows(InputError):
    """A request has more rows than are taken."""


class Served:
    """A model that is served under a name.

    Attributes:
        name: its name.
        model: the model.
        example: the columns of predictions, of outputs that are all 0: their names and types.

    Raises:
        InputError: two columns of its predictions would have the same name.
    """

    def __init__(self, name: str, model: Model) -> None:
        self.name, self.model = name, model
        self._rows = RowEncoder(model.encoder, model.schema, model.dtype)
        self._predict, self._dtype = model.predictor(), model.dtype
        self._intervals: dict[float, Callable[[Array], NDArray[Any]]] = {}
        # the outputs of a row are the same bits in any batch: of NumPy's products they are not
        self._together = model.engine.name == "native"
        outputs = np.zeros((1, model.members[0].network.outputs), self._dtype)
        try:
            self.example = predicted_columns(model.target, outputs)
        except InputError as error:
            raise InputError(f"the model {name!r} cannot be served: {error}") from None

    def predict_row(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The prediction of a row of JSON's values, as :meth:`predict` makes it; ``None`` if only that can do it."""
        encoded = self.encode_row(row)
        return None if encoded is None else self.predict_rows([encoded])[0]

    def encode_row(self, row: dict[str, Any]) -> EncodedRow | None:
        """A row for :meth:`predict_rows`; ``None`` if only :meth:`predict` can predict it."""
        return self._rows.encode(row)

    def predict_rows(self, rows: Sequence[EncodedRow]) -> list[dict[str, Any] | None]:
        """The prediction of each row, as :meth:`predict_row` makes it."""
        inputs = np.array([row.inputs for row in rows], self._dtype)
        outputs = self._predict(inputs) if self._together else np.stack([*map(self._predict, inputs)])
        found: list[dict[str, Any] | None] = [*by_row(decoded(self.model.target, outputs))]
        for row, own in zip(rows, found, strict=True):
            if own is not None and (row.notes or row.reading):
                reading = notes_on_reading(row.reading, self.model.target.columns)
                own["notes"] = texts([*reading, *row.notes])
        if math.isnan(outputs.sum()):
            for at in np.flatnonzero(np.isnan(outputs).any(axis=1)).tolist():
                found[at] = None
        return found

    def encode(self, table: Any, rows: int, model: Model | None = None) -> EncodedTable:
        """As :meth:`glassnet.Model.encode`, for at most so many ``rows``; what was assumed is in the notes alone.

        A table may be the bytes of an Arrow file or stream, too.
        """
        model = model or self.model
        if isinstance(table, bytes):
            read: Table = read_table(io.BytesIO(table), like=model.schema, max_size=UNPACKED)
        else:
            self._check_width(table)
            read = as_table(table, model.schema, or_row=True)
        if read.num_rows > rows:
            raise TooManyRows(
                f"the request has {read.num_rows:,} rows, but at most {rows:,} are taken; send several."
            )
        with reporting_to(lambda notes: None):
            return model.encode(read)

    def _check_width(self, table: Any) -> None:
        """Refuse JSON with so many different columns that its table would be much larger than the request."""
        rows = table if isinstance(table, list) else [table]
        if not all(isinstance(row, dict) for row in rows):
            return
        names: set[str] = set().union(*rows)
        own = len(self.model.schema.columns)
        if len(names) > OTHERS + 2 * own:
            raise InputError(
                f"the rows have {len(names):,} different columns, but the model uses {own:,}; leave out the others."
            )

    def predict(
        self, table: Any, *, rows: int, single: bool = False, interval: float | None = None
    ) -> dict[str, Any]:
        """The predictions of a table of at most so many ``rows``; of a ``single`` row as :meth:`predict_row`.

        With ``interval``, there are also ``lower`` and ``upper``, or ``set``: those of :meth:`glassnet.Model.predict`.

        Raises:
            TooManyRows: it has more.
            TableError, InputError: as :meth:`glassnet.Model.predict`.
        """
        encoded = self.encode(table, rows)
        outputs = self.model.known_outputs(encoded.inputs)
        found = decoded(self.model.target, outputs)
        if interval is not None:
            found |= decoded_interval(self.model.target, self._within(outputs, interval))
        if single and len(encoded) == 1:
            (found,) = by_row(found)
        else:
            found["predictions"] = found.pop("prediction")
        if encoded.notes:
            found["notes"] = texts(encoded.notes)
        return found

    def predict_columns(
        self, table: Any, *, rows: int, interval: float | None = None
    ) -> tuple[dict[str, Any], list[str]]:
        """The predictions as columns of a table, and notes. Raises as :meth:`predict`."""
        target, alone = self.model.target, isinstance(table, dict) and interval is None
        if alone and all(isinstance(own, list) and len(own) == 1 for own in table.values()):
            found = self.predict_row({name: own[0] for name, own in table.items()})
            if found is not None:
                notes = found.pop("notes", [])
                return {name: [own] for name, own in columns_of(target, found).items()}, notes
        encoded = self.encode(table, rows)
        outputs = self.model.known_outputs(encoded.inputs)
        columns = predicted_columns(target, outputs)
        if interval is not None:
            added = interval_columns(target, self._within(outputs, interval))
            if target.task != REGRESSION:  # all sets may be empty
                labels = [pa.array(own.labels).type for own in encodings_of(target)]
                arrays = zip(added.items(), labels, strict=True)
                added = {name: pa.array(own, pa.list_(kind)) for (name, own), kind in arrays}
            columns = distinct([*columns.items(), *added.items()])
        return columns, texts(encoded.notes)

    def _within(self, outputs: Array, interval: float) -> NDArray[Any]:
        predict = self._intervals.get(interval)
        if predict is None:
            predict = predictor_within(
                self.model.target, (self.model.holdout, self.model.validation), interval
            )
            if len(self._intervals) >= LEVELS:
                self._intervals.clear()
            self._intervals[interval] = predict
        return predict(outputs)


def texts(notes: list[Note]) -> list[str]:
    """The notes as they are shown: each once."""
    return [*dict.fromkeys(map(str, notes))]
