"""What the checks look at: a model, what it remembers of its training rows, and rows that were given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.net.arrays import Array
from glassnet.tables import Column
from glassnet.training.training_stats import Survey

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

ENOUGH_ROWS = 20  # fewer tell nothing of columns and neurons


@dataclass(frozen=True, eq=False)
class Patient:
    """``table`` as it was read, if rows were given, and ``rows`` those of them that have a target, if any."""

    model: TrainedModel
    table: Any = None

    @cached_property
    def labeled(self) -> tuple[Rows, npt.NDArray[np.int64]] | None:
        """The rows with a target, as the network sees them, and their numbers in the table, from 0."""
        model = self.model
        if self.table is None or not set(model.target.columns) <= set(self.table.column_names):
            return None
        targets, numbers = model.target.encode(self.table)
        if not len(numbers):
            return None
        inputs = model.encoder.transform(self.table.take(numbers), model.learnt.dtype)
        return Rows(inputs, targets.astype(model.learnt.dtype, copy=False)), numbers

    @cached_property
    def inputs(self) -> Array | None:
        """All given rows, as the network sees them, (N, I)."""
        if self.table is None or not self.table.num_rows:
            return None
        return self.model.encoder.transform(self.table, self.model.learnt.dtype)

    @cached_property
    def survey(self) -> Survey | None:
        """Of the given rows, if they are enough; else what training remembered."""
        if self.labeled is None or not self.surveys_table:
            return self.model.survey
        return self.model.survey_of(self.labeled[0])

    @property
    def surveys_table(self) -> bool:
        """Whether the survey is of the given rows."""
        return self.labeled is not None and len(self.labeled[0]) >= ENOUGH_ROWS

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.model.schema.columns

    def hidden(self, values: Array) -> Iterator[tuple[int, Array]]:
        """The part of ``values``, one for each hidden neuron, of each hidden layer, with the layer's number from 1."""
        start = 0
        for number, layer in enumerate(self.model.network.hidden, start=1):
            yield number, values[start : start + layer.width]
            start += layer.width

    @cached_property
    def baseline_loss(self) -> float:
        """The loss of always saying the same: the class shares, or the mean of the training rows."""
        model = self.model
        shares = np.array(model.baseline)
        if model.settings["loss"] in ("binary_log_loss", "categorical_log_loss"):
            shares = shares[shares > 0]
            return float(-(shares * np.log(shares)).sum())
        if model.settings["loss"] == "squared_error" and model.target.classes is None:
            standardized = any(scale != 1 for scale in model.target.scale)
            return 0.5 * len(model.target.columns) if standardized else float("nan")
        return float("nan")
