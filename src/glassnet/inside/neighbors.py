"""The rows of a table that are most similar to a given row, by their inputs or by their hidden activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, one_report
from glassnet.inside.checks import whole_number
from glassnet.inside.columns import encoded, evenly_spaced, one_row
from glassnet.inside.frames import to_frame
from glassnet.net.arrays import Array
from glassnet.targets import single
from glassnet.text import Block, Heading, Paragraph, Printable, Table

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel
    from glassnet.training.encoded_rows import EncodedTable

SPACES = ("inputs", "hidden")
AT_ONCE = 500  # rows whose distances to all others are in memory at a time


@dataclass(frozen=True, eq=False, repr=False)
class Neighbors(Printable):
    """The K nearest rows, the nearest first.

    Attributes:
        space: ``"inputs"`` or ``"hidden"``, where distances were measured.
        rows: (K,), row numbers in the table, from 0.
        distances: (K,), Euclidean.
        typical: the median distance of all rows of the table.
        predicted: the predictions for these rows, (K,), or (K, O) for several targets.
        actual: the target's values in these rows, of the same shape; ``None`` if the table has no target.
        prediction: the prediction for the given row.
        targets: the target columns.
    """

    space: str
    rows: npt.NDArray[np.intp]
    distances: Array
    typical: float
    predicted: npt.NDArray[Any]
    actual: npt.NDArray[Any] | None
    prediction: Any
    targets: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> Any:
        """A DataFrame of the neighbors: row number, distance, prediction and actual value.

        With several targets, each has two columns, ``predicted height`` and ``actual height``.
        """
        columns: dict[str, Any] = {"row": self.rows, "distance": self.distances}
        for what, values in (("predicted", self.predicted), ("actual", self.actual)):
            if values is None:
                continue
            if values.ndim == 1:
                columns[what] = values
            else:
                columns |= {f"{what} {name}": values[:, at] for at, name in enumerate(self.targets)}
        return to_frame(columns)

    def blocks(self) -> list[Block]:
        """The rows, counted from 0, with their distances, predictions and actual values."""
        actual = [""] * len(self) if self.actual is None else [_value(value) for value in self.actual]
        rows = [
            (str(row), f"{distance:.4g}", _value(predicted), own)
            for row, distance, predicted, own in zip(
                self.rows, self.distances, self.predicted, actual, strict=True
            )
        ]
        where = "its inputs" if self.space == "inputs" else "the last hidden layer"
        return [
            Heading(f"Nearest rows by {where}; prediction for the row itself: {_value(self.prediction)}"),
            Table(("row", "distance", "predicted", "actual"), rows, ">>>>"),
            Paragraph(f"The median distance of all rows is {self.typical:.4g}."),
        ]


@one_report()
def nearest(model: TrainedModel, row: Any, table: Any, count: int = 5, space: str = "inputs") -> Neighbors:
    """See :meth:`glassnet.Model.nearest`."""
    single(model.target)  # whose values are shown
    if space not in SPACES:
        raise InputError(f"space is {space!r}, but must be one of {', '.join(SPACES)}.")
    whole_number("count", count)
    own, others = one_row(model, row), encoded(model, table)
    prediction, predicted = (model.target.decode(model.outputs(each.inputs)) for each in (own, others))
    one, all_ = (placed(model, each.inputs, space).astype(np.float64) for each in (own, others))
    distances = np.sqrt(((all_ - one) ** 2).sum(axis=1))
    order = np.argsort(distances, kind="stable")[:count]
    return Neighbors(
        space=space,
        rows=order,
        distances=distances[order],
        typical=float(np.median(distances)),
        predicted=predicted[order],
        actual=_actual(model, others, order),
        prediction=prediction.tolist()[0],
        targets=model.target.columns,
    )


def placed(model: TrainedModel, inputs: Array, space: str) -> Array:
    """The points between which distances are measured: encoded inputs, or activations of the last hidden layers."""
    if space == "inputs" or not model.network.hidden:
        return inputs
    return np.hstack([member.tracer(inputs).activations[-2] for member in model.each_member])


def labels_around(
    places: Array, codes: npt.NDArray[np.intp], classes: int, counts: Sequence[int], references: int
) -> list[Array]:
    """The share of each class among the nearest neighbors of each row: (N, C) for each number of neighbors.

    Args:
        places: (N, D), the points.
        codes: (N,), their classes, from 0.
        counts: numbers of neighbors, the largest first; less than N. A row is not its own neighbor.
        references: the number of rows, evenly spaced, among which neighbors are searched.
    """
    others = evenly_spaced(len(places), references)
    targets, lengths = places[others], (places[others] ** 2).sum(axis=1)
    found: list[list[Array]] = [[] for _ in counts]
    for start in range(0, len(places), AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, len(places)))
        distances = lengths - 2 * places[rows] @ targets.T  # up to a constant of each row
        own = np.searchsorted(others, rows)
        is_other = others[np.minimum(own, len(others) - 1)] == rows
        distances[np.flatnonzero(is_other), own[is_other]] = np.inf
        nearest = np.argpartition(distances, counts[0] - 1, axis=1)[:, : counts[0]]
        ahead = np.take_along_axis(distances, nearest, axis=1).argsort(axis=1)
        labels = codes[others[np.take_along_axis(nearest, ahead, axis=1)]] + classes * (rows - start)[:, None]
        for shares, count in zip(found, counts, strict=True):
            counted = np.bincount(labels[:, :count].ravel(), minlength=len(rows) * classes)
            shares.append(counted.reshape(-1, classes) / count)
    return [np.concatenate(shares) for shares in found]


def _actual(
    model: TrainedModel, encoded: EncodedTable, rows: npt.NDArray[np.intp]
) -> npt.NDArray[Any] | None:
    """The target's values in these rows, or ``None`` if the table has no target."""
    table = encoded.table
    if not set(model.target.columns) <= set(table.column_names):
        return None
    columns = [table.take(rows).column(name).to_list() for name in model.target.columns]
    if len(columns) > 1:
        return np.array(columns, np.float64).T
    if model.target.classes is None:
        return np.array([np.nan if value is None else value for value in columns[0]], np.float64)
    return np.array(columns[0], dtype=object)


def _value(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, (list, np.ndarray)):
        return ", ".join(f"{each:.6g}" for each in value)
    return str(value)
