"""The data of the checks: a model, statistics of its training rows, and the given rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.caching import cached_property
from glassnet.net.arrays import Array
from glassnet.tables import Column
from glassnet.tables.schema import MULTILABEL
from glassnet.training.encoded_rows import EncodedTable, LabeledRows
from glassnet.training.training_stats import NetworkStats, RowStats, TrainingStats

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

ENOUGH_ROWS = 20  # fewer say nothing about columns and neurons


@dataclass(frozen=True, eq=False)
class Context:
    """A model of one network, and the rows that were given, if any."""

    model: TrainedModel
    encoded: EncodedTable | None = None

    @cached_property
    def labeled(self) -> LabeledRows | None:
        """The given rows that have a target, if any."""
        return None if self.encoded is None else self.model.labeled(self.encoded)

    @cached_property
    def stats(self) -> TrainingStats | None:
        """Statistics of the given rows, if those are enough; else of the training rows."""
        if self.labeled is None or not self.has_own_stats:
            return self.model.stats
        return self.model.stats_of(self.labeled.rows)

    @property
    def has_own_stats(self) -> bool:
        """Whether the statistics are those of the given rows."""
        return self.labeled is not None and len(self.labeled) >= ENOUGH_ROWS

    @property
    def row_stats(self) -> RowStats:
        assert self.stats is not None
        return self.stats.rows

    @property
    def network_stats(self) -> NetworkStats:
        """Statistics of the network with the model's learnt parameters."""
        return self.network_stats_at(self.model.epoch)

    def network_stats_at(self, epoch: int) -> NetworkStats:
        """Those with the parameters that stood after ``epoch`` epochs; 0 is the start."""
        assert self.stats is not None
        return self.stats.networks[0][epoch]

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
        """The loss of a constant prediction: the class shares, or the mean of the training rows.

        NaN if it is unknown, or if the curves are those of further targets, too.
        """
        model = self.model
        if not model.baseline or any(
            own.reason is not None and own.reason.code == "another_target" for own in self.columns
        ):
            return float("nan")
        shares = np.array(model.baseline)
        loss = model.objective.loss.name
        if model.schema.task == MULTILABEL and loss == "binary_log_loss":  # each output is yes or no
            both = np.concatenate([shares, 1 - shares])
            return float(-(both[both > 0] * np.log(both[both > 0])).sum())
        if loss in ("binary_log_loss", "categorical_log_loss"):
            shares = shares[shares > 0]
            return float(-(shares * np.log(shares)).sum())
        if loss == "squared_error" and model.target.classes is None:
            standardized = any(scale != 1 for scale in model.target.scale)
            return 0.5 * len(model.target.columns) if standardized else float("nan")
        return float("nan")
