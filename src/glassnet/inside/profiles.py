"""Predictions as a function of one column: Lek's profiles, partial dependence, and curves of single rows (ICE)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, called, unknown
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import encoded, evenly_spaced
from glassnet.inside.frames import to_frame
from glassnet.inside.grids import grid
from glassnet.net.arrays import Array
from glassnet.targets import single
from glassnet.text import Block, Heading, Paragraph, Printable, Table, number

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

POINTS = 41
CURVES = 200  # single rows with a curve of their own
ROWS = 2000  # rows that partial dependence averages over
LEK_QUANTILES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Printable):
    """Predictions over the values of one column.

    Attributes:
        name: the column.
        x: (K,), its values: all levels, or the middle 90 % of the training rows.
        outputs: (O,), the targets or classes.
        quantiles: (Q,), of Lek's profiles.
        lek: (Q, K, O), with all other inputs at each of the quantiles of the training rows (each input at its own, also
            the single ones of a category); ``None`` without statistics of the training rows. Lek et al., Ecological
            Modeling 90 (1996).
        partial: (K, O), partial dependence: the mean over rows that keep their other columns; ``None`` without rows.
            Friedman (2001).
        individual: (N, K, O), the curves of single rows (individual conditional expectation), or ``None``. Goldstein
            et al. (2015).
        rows: (N,), the numbers of these rows, from 0.
    """

    name: str
    x: npt.NDArray[Any]
    outputs: tuple[str, ...]
    quantiles: Array
    lek: Array | None
    partial: Array | None
    individual: Array | None
    rows: npt.NDArray[np.intp] | None

    def to_frame(self) -> Any:
        """A long DataFrame: curve (lek, partial, individual), which (quantile or row), x, output, prediction."""
        parts = []
        if self.lek is not None:
            parts.append(self._long("lek", self.quantiles, self.lek))
        if self.partial is not None:
            parts.append(self._long("partial", np.array([np.nan]), self.partial[None]))
        if self.individual is not None and self.rows is not None:
            parts.append(self._long("individual", self.rows.astype(np.float64), self.individual))
        return to_frame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})

    def _long(self, curve: str, which: Array, values: Array) -> dict[str, npt.NDArray[Any]]:
        _, points, outputs = values.shape
        return {
            "curve": np.full(values.size, curve, dtype=object),
            "which": np.repeat(which, points * outputs),
            "x": np.tile(np.repeat(self.x, outputs), len(values)),
            "output": np.tile(np.array(self.outputs, dtype=object), len(values) * points),
            "prediction": values.ravel(),
        }

    def blocks(self) -> list[Block]:
        """The lowest and the highest prediction of each output, and where along the column they are."""
        curve = self.partial if self.partial is not None else np.mean(self.lek, axis=0)  # type: ignore[arg-type]
        what = (
            "mean over the rows"
            if self.partial is not None
            else "mean over the quantiles of the other inputs"
        )
        rows = []
        for name, own in zip(self.outputs, curve.T, strict=True):
            low, high = int(own.argmin()), int(own.argmax())
            rows.append(
                (name, number(own[low]), _value(self.x[low]), number(own[high]), _value(self.x[high]))
            )
        values = f"{len(self.x)} values from {_value(self.x[0])} to {_value(self.x[-1])}"
        return [
            Heading(f"Predictions over {self.name}"),
            Table(("", "lowest", f"at {self.name}", "highest", f"at {self.name}"), rows),
            Paragraph(f"{values}; {what}."),
        ]


def _value(value: Any) -> str:
    return number(float(value), 6) if isinstance(value, np.floating) else str(value)


def profile(
    model: TrainedModel, column: str, table: Any = None, *, points: int = POINTS, curves: int = CURVES
) -> Profile:
    """See :meth:`glassnet.Model.profile`."""
    places = model.encoder.slices
    if column not in places:
        raise InputError(unknown("column", column, places))
    whole_number("points", points, 2)
    whole_number("curves", curves, 0)
    x, inputs = grid(model, column, points)
    lek: Array | None = None
    partial: Array | None = None
    individual: Array | None = None
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
        individual = own[np.isin(numbers, rows)]
    elif lek is None:
        raise InputError(
            f"this model kept no statistics of its training rows; give some rows to start from as {called('table')}."
        )
    return Profile(column, x, _names(model), np.array(LEK_QUANTILES), lek, partial, individual, rows)


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
        return model.target.probabilities(outputs)
    return single(model.target).in_units(outputs)


def _names(model: TrainedModel) -> tuple[str, ...]:
    return model.target.columns if model.target.classes is None else tuple(map(str, model.target.classes))
