"""How predictions follow one column: Lek's profiles, partial dependence, and single rows' own curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, unknown
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import column_slices, encoded, evenly_spaced
from glassnet.inside.frames import to_frame
from glassnet.inside.grids import grid
from glassnet.net.arrays import Array

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

POINTS = 41
CURVES = 200  # single rows with a curve of their own
ROWS = 2000  # rows that partial dependence averages over
LEK_QUANTILES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """Predictions over ``x`` (K,), values of the column ``name``, for each of ``outputs`` (O): targets or classes.

    ``lek`` (Q, K, O): with all other inputs at each of their ``quantiles`` (Q,) among the training rows (each input at
    its own, also the single ones of a category). Lek et al., Ecological Modeling 90 (1996).
    With rows: ``partial`` (K, O), the mean over rows that keep their other columns (partial dependence; Friedman,
    2001), and ``each`` (N, K, O), single rows' own curves (individual conditional expectation; Goldstein et al.,
    2015); ``rows`` (N,) are their numbers. ``None`` without rows.
    """

    name: str
    x: npt.NDArray[Any]
    outputs: tuple[str, ...]
    quantiles: Array
    lek: Array | None
    partial: Array | None
    each: Array | None
    rows: npt.NDArray[np.intp] | None

    def to_frame(self) -> Any:
        """A long DataFrame: kind (lek, partial, each), which (quantile or row), x, output, prediction."""
        parts = []
        if self.lek is not None:
            parts.append(self._long("lek", self.quantiles, self.lek))
        if self.partial is not None:
            parts.append(self._long("partial", np.array([np.nan]), self.partial[None]))
        if self.each is not None and self.rows is not None:
            parts.append(self._long("each", self.rows.astype(np.float64), self.each))
        return to_frame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})

    def _long(self, kind: str, which: Array, values: Array) -> dict[str, npt.NDArray[Any]]:
        _, points, outputs = values.shape
        return {
            "kind": np.full(values.size, kind, dtype=object),
            "which": np.repeat(which, points * outputs),
            "x": np.tile(np.repeat(self.x, outputs), len(values)),
            "output": np.tile(np.array(self.outputs, dtype=object), len(values) * points),
            "prediction": values.ravel(),
        }

    def __repr__(self) -> str:
        curves = self.partial[None] if self.partial is not None else self.lek
        lines = [f"Profile of {self.name} at {len(self.x)} values from {self.x[0]} to {self.x[-1]}"]
        if curves is not None:
            what = "on average over rows" if self.partial is not None else "over the quantiles of the others"
            for at, output in enumerate(self.outputs):
                own = curves[..., at]
                lines.append(f"  {output}: {own.min():.4g} to {own.max():.4g} {what}")
        return "\n".join(lines)


def profile(
    model: TrainedModel, column: str, table: Any = None, *, points: int = POINTS, curves: int = CURVES
) -> Profile:
    """See :meth:`glassnet.Model.profile`."""
    places = column_slices(model.encoder)
    if column not in places:
        raise InputError(unknown("column", column, places))
    whole_number("points", points, 2)
    whole_number("curves", curves, 0)
    x, inputs = grid(model, column, points)
    lek: Array | None = None
    partial: Array | None = None
    each: Array | None = None
    rows: npt.NDArray[np.intp] | None = None
    if model.stats is not None:
        lek = np.array(
            [_at(model, _quantile_row(model, level), places[column], inputs) for level in LEK_QUANTILES]
        )
    if table is not None:
        given = encoded(model, table).inputs
        used, rows = evenly_spaced(len(given), ROWS), evenly_spaced(len(given), curves)
        own = _over_rows(model, given[np.union1d(used, rows)], places[column], inputs)
        numbers = np.union1d(used, rows)
        partial = own[np.isin(numbers, used)].mean(axis=0)
        each = own[np.isin(numbers, rows)]
    elif lek is None:
        raise InputError(
            "this model kept no statistics of its training rows; pass table=, some rows to start from."
        )
    return Profile(column, x, _names(model), np.array(LEK_QUANTILES), lek, partial, each, rows)


def _quantile_row(model: TrainedModel, level: float) -> Array:
    """(I,): every input at this quantile of the training rows."""
    from glassnet.training.training_stats import QUANTILES

    assert model.stats is not None
    return model.stats.rows.quantiles[int(np.argmin(np.abs(QUANTILES - level)))].astype(model.dtype)


def _at(model: TrainedModel, row: Array, place: slice, inputs: Array) -> Array:
    """(K, O): predictions for one row whose column runs through ``inputs`` (K, own inputs)."""
    rows = np.repeat(row[None], len(inputs), axis=0)
    rows[:, place] = inputs
    return predictions(model, rows)


def _over_rows(model: TrainedModel, rows: Array, place: slice, inputs: Array) -> Array:
    """(N, K, O): predictions for every row at every value."""
    changed = rows.copy()
    curves = []
    for own in inputs:
        changed[:, place] = own
        curves.append(predictions(model, changed))
    return np.stack(curves, axis=1)


def predictions(model: TrainedModel, inputs: Array) -> Array:
    """(N, O) in the target's units, or (N, C) probabilities, for encoded ``inputs`` (N, I)."""
    outputs = model.outputs(np.ascontiguousarray(inputs))
    if model.target.classes is not None:
        return model.probabilities(outputs)
    return outputs.astype(np.float64) * np.array(model.target.scale) + np.array(model.target.mean)


def _names(model: TrainedModel) -> tuple[str, ...]:
    return model.target.columns if model.target.classes is None else tuple(map(str, model.target.classes))
