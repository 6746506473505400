"""Rows of a table as encoded inputs, and encoded inputs summed over the columns of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net.arrays import Array
from glassnet.tables import Encoder
from glassnet.training.encoded_rows import EncodedTable

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel


def over_columns(encoder: Encoder, inputs: Array) -> Array:
    """(..., C): what the last axis of ``inputs`` (..., I) sums to over each column's encoded inputs."""
    return np.stack([inputs[..., own].sum(axis=-1) for own in encoder.slices.values()], axis=-1)


def names_into(model: TrainedModel, layer: int) -> tuple[str, ...]:
    """The names of the inputs of layer ``layer``, counted from 0; after the last layer, of the outputs."""
    if layer == 0:
        return model.encoder.input_names
    if layer == len(model.network.layers):
        return model.output_names
    return tuple(f"neuron {number}" for number in range(1, model.network.layers[layer - 1].width + 1))


def as_rows(row: Any) -> Any:
    """``row`` as a table, where it is a single one: a dict of values, a row of a DataFrame, an array or a list (I,)."""
    if isinstance(row, (list, tuple)) and row and all(map(_is_value, row)):
        row = np.array(row, dtype=object)
    if not isinstance(row, Mapping) and hasattr(row, "to_dict") and not hasattr(row, "columns"):
        row = row.to_dict()
    if isinstance(row, Mapping) and not any(isinstance(value, (list, np.ndarray)) for value in row.values()):
        return [dict(row)]
    if isinstance(row, np.ndarray) and row.ndim == 1 and not row.dtype.names:
        return row[None, :]
    return row


def _is_value(item: Any) -> bool:
    return isinstance(item, str) or not hasattr(item, "__len__")


def one_row(model: TrainedModel, row: Any) -> EncodedTable:
    """``row`` as a table of one row, encoded.

    Raises:
        InputError: not one row.
    """
    table = model.encode(as_rows(row))
    if len(table) != 1:
        raise InputError(f"one row is explained at a time, but there are {len(table)}; pass one of them.")
    return table


def encoded(model: TrainedModel, table: Any) -> EncodedTable:
    """``table``, or the single row that it is, encoded.

    Raises:
        InputError: no row.
    """
    found = model.encode(as_rows(table))
    if not len(found):
        raise InputError("the table has no row.")
    return found


def evenly_spaced(count: int, most: int) -> npt.NDArray[np.intp]:
    """At most ``most`` of ``count`` row numbers, evenly spaced."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.intp)
