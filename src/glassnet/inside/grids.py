"""Values for a column to run through, as people read them and as the network sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.inside.columns import column_slices
from glassnet.net.arrays import Array
from glassnet.tables import BooleanEncoder, CategoryEncoder, DateEncoder, NumberEncoder

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

CYCLES = {"weekday": 7 * 86400.0, "hour": 86400.0}  # seconds after which dates have them again
SPREAD = 2.0  # standard deviations to both sides, where the model remembers no quantiles


def grid(model: TrainedModel, column: str, points: int) -> tuple[npt.NDArray[Any], Array]:
    """(K,) values, and their encoded inputs (K, own inputs).

    A number or a date runs over the range that the training rows had, in ``points`` even steps; a category through
    all its levels, a boolean through no and yes. Steps of a date that would jump about in its weekdays or hours are
    rounded up to whole weeks or days, so that neighbors differ by the time elapsed, and there are fewer of them.
    """
    stage = next(stage for stage in model.encoder.encoders if stage.column == column)
    if isinstance(stage, NumberEncoder):
        values = np.linspace(*number_range(model, stage), points)
        shown: npt.NDArray[Any] = values * stage.scale + stage.mean
        return shown, _first_input(values, len(stage.input_names), model)
    if isinstance(stage, DateEncoder):
        low, high = _range(model, column)
        first, last = (low * stage.scale + stage.mean, high * stage.scale + stage.mean)
        seconds = (
            _in_whole_cycles(stage, first, last, points) if stage.elapsed else np.linspace(0, 86400, points)
        )
        shown = (seconds.round() * 1e6).astype("datetime64[us]")
        return shown, _encoded(model, stage, shown)
    if isinstance(stage, CategoryEncoder):
        shown = np.array([*stage.levels, *(["other"] if stage.other else [])], dtype=object)
        inputs = np.zeros((len(shown), len(stage.input_names)), model.dtype)
        inputs[range(len(shown)), range(len(shown))] = 1
        return shown, inputs
    assert isinstance(stage, BooleanEncoder)
    return np.array(["no", "yes"], dtype=object), _first_input(
        np.array([0.0, 1.0]), len(stage.input_names), model
    )


def skipped_cycle(stage: DateEncoder, step: float) -> float:
    """The longest cycle of the dates, in seconds, that such steps would jump about in; 0 if there is none."""
    return max(
        (CYCLES[name] for name in CYCLES if name in stage.cycles and step > CYCLES[name] / 4), default=0.0
    )


def _in_whole_cycles(stage: DateEncoder, first: float, last: float, points: int) -> Array:
    step = (last - first) / (points - 1)
    cycle = skipped_cycle(stage, step)
    whole = cycle * np.ceil(step / cycle) if cycle else 0.0
    if not 0 < whole <= last - first:
        return np.linspace(first, last, points)
    return first + whole * np.arange((last - first) // whole + 1)


def number_range(model: TrainedModel, stage: NumberEncoder) -> tuple[float, float]:
    """The range of a number in the table that was trained on, as it is encoded."""
    described = next(column for column in model.schema.columns if column.name == stage.column)
    if described.minimum is None or described.maximum is None:
        return _range(model, stage.column)
    return (described.minimum - stage.mean) / stage.scale, (described.maximum - stage.mean) / stage.scale


def _range(model: TrainedModel, column: str) -> tuple[float, float]:
    """The range of a column's first input among the training rows."""
    if model.stats is None:
        return -SPREAD, SPREAD
    at = column_slices(model.encoder)[column].start
    quantiles = model.stats.rows.quantiles[:, at]
    return float(quantiles[0]), float(quantiles[-1])


def _first_input(values: Array, width: int, model: TrainedModel) -> Array:
    """``values`` as a column's first input; the mark of a gap, if it has one, stays 0."""
    inputs = np.zeros((len(values), width), model.dtype)
    inputs[:, 0] = values
    return inputs


def _encoded(model: TrainedModel, stage: DateEncoder, moments: npt.NDArray[Any]) -> Array:
    import pyarrow as pa

    inputs = np.zeros((len(moments), len(stage.input_names)), model.dtype)
    stage.write(pa.chunked_array([pa.array(moments)]), inputs)
    return inputs
