"""Rows that a model predicts worst, most surprising first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.evaluation import Evaluation
from glassnet.inside.frames import to_frame
from glassnet.targets import TargetGroup, single
from glassnet.text import Block, Heading, Paragraph, Printable, Table, number

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

SHOWN = 20  # rows that are printed


@dataclass(frozen=True, eq=False, repr=False)
class Mistakes(Printable):
    """Rows with a wrong class, or all rows of a target of numbers, the most surprising first.

    Attributes:
        rows: (M,), the numbers of the rows in their table, from 0.
        actual: (M,), the target's own values.
        predicted: (M,), the predictions.
        probability: (M,), that of the predicted class; ``None`` for numbers.
        surprise: (M,), by which they are sorted: minus the logarithm of the probability of the actual class, or the
            absolute difference of numbers, for several targets in units of its root mean square.
        target: (M,), the name of the target.
        count: the number of rows that were judged.
        what: which rows those are, such as ``held-out rows``.
    """

    rows: npt.NDArray[np.int64]
    actual: npt.NDArray[Any]
    predicted: npt.NDArray[Any]
    probability: npt.NDArray[np.float64] | None
    surprise: npt.NDArray[np.float64]
    target: tuple[str, ...]
    count: int
    what: str

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> Any:
        """A DataFrame with a row for each mistake."""
        return to_frame(self._columns())

    def to_dict(self) -> dict[str, Any]:
        """The same columns as lists, which JSON can hold."""
        return {
            name: own.tolist() if isinstance(own, np.ndarray) else list(own)
            for name, own in self._columns().items()
        }

    def blocks(self) -> list[Block]:
        """A table of the first 20."""
        shown = self._columns()
        several = len({*self.target}) > 1
        if not several:
            del shown["target"]
        own = [[_text(value) for value in column[:SHOWN]] for column in shown.values()]
        few = f"{len(self):,} {'in' if several else 'of'} {self.count:,} {self.what}"
        title = f"Wrong predictions: {few}" if self.probability is not None else f"Largest errors: {few}"
        more = [Paragraph(f"… and {len(self) - SHOWN:,} more")] if len(self) > SHOWN else []
        table = Table(
            tuple(name.replace("_", " ") for name in shown), list(zip(*own, strict=True)), ">" * len(own)
        )
        if not len(self):
            return [Heading(title, 2)]
        return [Heading(title, 2), table, *more, Paragraph("Rows count from 0.")]

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"row": self.rows, "target": np.array(self.target, dtype=object)}
        columns |= {"actual": self.actual, "predicted": self.predicted}
        if self.probability is None:
            return columns | {"error": np.asarray(self.actual, np.float64) - self.predicted}
        return columns | {"probability": self.probability, "probability_of_actual": np.exp(-self.surprise)}


def mistakes(model: TrainedModel, table: Any = None) -> Mistakes:
    """See :meth:`glassnet.Model.mistakes`."""
    if table is None:
        found, what = model.held_out, f"{'validation' if model.holdout is None else 'held-out'} rows"
        if found is None:
            raise InputError(
                "the model has neither held-out nor validation rows; pass a table with the target."
            )
    else:
        found, what = model.evaluate(table), "rows"
    if isinstance(model.target, TargetGroup):
        each = [mistakes(model.for_target(name), table) for name in model.target.columns]
        return _together(each, len(found), what)
    rows = np.arange(len(found)) if found.rows is None else found.rows
    if found.probabilities is None:
        return _of_numbers(found, rows, model.target.columns, what)
    own = found.probabilities[np.arange(len(found)), single(model.target).codes_of(found.actual)]
    surprise = -np.log(np.maximum(own, np.finfo(np.float64).tiny))
    wrong = np.flatnonzero(found.actual != found.predicted)
    at = wrong[np.argsort(-surprise[wrong], kind="stable")]
    return Mistakes(
        rows[at],
        found.actual[at],
        found.predicted[at],
        found.probabilities.max(axis=1)[at],
        surprise[at],
        (model.target.columns[0],) * len(at),
        len(found),
        what,
    )


def _together(each: Sequence[Mistakes], count: int, what: str) -> Mistakes:
    """Those of several targets of classes."""
    order = np.argsort(-np.concatenate([own.surprise for own in each]), kind="stable")

    def joined(name: str) -> npt.NDArray[Any]:
        values = [np.array(getattr(own, name), dtype=object) for own in each]
        return np.concatenate(values)[order]

    return Mistakes(
        joined("rows").astype(np.int64),
        joined("actual"),
        joined("predicted"),
        joined("probability").astype(np.float64),
        joined("surprise").astype(np.float64),
        tuple(joined("target").tolist()),
        count,
        what,
    )


def _of_numbers(found: Evaluation, rows: Any, names: tuple[str, ...], what: str) -> Mistakes:
    """Every known value of every target, the largest error first."""
    actual, predicted = (own.reshape(len(found), -1) for own in (found.actual, found.predicted))
    errors = np.abs(actual - predicted)
    if len(names) > 1:
        errors = errors / np.maximum(np.sqrt(np.nanmean(errors**2, axis=0)), np.finfo(np.float64).tiny)
    row, column = np.nonzero(~np.isnan(errors))
    order = np.argsort(-errors[row, column], kind="stable")
    row, column = row[order], column[order]
    return Mistakes(
        rows[row],
        actual[row, column],
        predicted[row, column],
        None,
        errors[row, column],
        tuple(names[at] for at in column.tolist()),
        len(found),
        what,
    )


def _text(value: Any) -> str:
    return number(float(value)) if isinstance(value, (float, np.floating)) else str(value)
