"""Rows of a table as encoded inputs, and encoded inputs summed over the columns of the table."""

from __future__ import annotations

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


def one_row(model: TrainedModel, row: Any) -> EncodedTable:
    """``row`` as a table of one row, encoded.

    Raises:
        InputError: not one row.
    """
    table = model.encode(row)
    if len(table) != 1:
        raise InputError(f"one row is explained at a time, but there are {len(table)}; pass one of them.")
    return table


def encoded(model: TrainedModel, table: Any) -> EncodedTable:
    """``table``, or the single row that it is, encoded.

    Raises:
        InputError: no row.
    """
    found = model.encode(table)
    if not len(found):
        raise InputError("the table has no row.")
    return found


def evenly_spaced(count: int, most: int) -> npt.NDArray[np.intp]:
    """At most ``most`` of ``count`` row numbers, evenly spaced."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.intp)
