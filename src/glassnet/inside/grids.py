"""Grids of values of a column, as values and as encoded inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.net.arrays import Array
from glassnet.training.training_stats import QUANTILES

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

SPREAD = 2.0  # standard deviations to both sides, where the model has no quantiles of its training rows


def grid(model: TrainedModel, column: str, points: int) -> tuple[npt.NDArray[Any], Array]:
    """(K,) values, and their encoded inputs (K, own inputs): all levels, or about ``points`` even steps.

    Numbers and dates run over the middle 90 % of the training rows, so that no prediction is asked for far from them.
    """
    found = model.encoder[column].grid(model.schema[column], points, usual_range(model, column))
    return found.values, found.inputs.astype(model.dtype)


def input_range(model: TrainedModel, column: str) -> tuple[float, float]:
    """The range of a column's first input among the training rows, as :meth:`ColumnEncoder.even` has it."""
    if model.stats is None:
        return -SPREAD, SPREAD
    quantiles = _quantiles(model, column)
    return float(quantiles[0]), float(quantiles[-1])


def usual_range(model: TrainedModel, column: str) -> tuple[float, float]:
    """The range of the middle 90 % of the training rows; the whole range, where these have a single value."""
    if model.stats is None:
        return -SPREAD, SPREAD
    low, high = _quantiles(model, column)[np.searchsorted(QUANTILES, (0.05, 0.95))].tolist()
    return (low, high) if low < high else input_range(model, column)


def _quantiles(model: TrainedModel, column: str) -> Array:
    assert model.stats is not None
    inputs = model.stats.rows.quantiles[:, model.encoder.slices[column].start]
    return model.encoder[column].even(inputs, model.schema[column])
