"""scikit-learn's scorers as metrics of training."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.training.prepare import Prepared
from glassnet.training.validation_metric import Measure, Predicts, takes

Rows = npt.NDArray[np.intp]


class NetworkInTraining:
    """The network as it stands during training, with the methods of a model that predictions need.

    The validation rows, and the parts of them that :meth:`part` made, are recognized and not encoded again.
    """

    def __init__(self, prepared: Prepared) -> None:
        assert prepared.validation is not None
        assert prepared.validation_table is not None
        self._encoder, self._rows = prepared.encoder, prepared.validation.rows
        self.schema, self.target, self.classes = prepared.schema, prepared.target, prepared.target.labels
        self.table = prepared.validation_table.to_arrow()
        self._known: list[tuple[Any, Any]] = [(self.table, slice(None))]

    def at(self, run: Predicts) -> None:
        """Take the parameters that ``run`` has now."""
        self._run, self._outputs = run, run.predict(self._rows.inputs)

    def part(self, rows: Rows) -> Any:
        """Some of the validation rows as a table; the same object each time."""
        for table, known in self._known[1:]:
            if np.array_equal(known, rows):
                return table
        self._known.append((self.table.take(rows), rows))
        return self._known[-1][0]

    def knows(self, table: Any) -> bool:
        return any(table is own for own, _ in self._known)

    def predict(self, table: Any) -> npt.NDArray[Any]:
        return self.target.decode(self._of(table))

    def predict_proba(self, table: Any) -> npt.NDArray[np.float64]:
        return self.target.probabilities(self._of(table))

    def _of(self, table: Any) -> npt.NDArray[Any]:
        for own, rows in self._known:
            if table is own:
                return self._outputs[rows]
        return self._run.predict(self._encoder.encode(table, self._rows.inputs.dtype)[0])


class ScorerMetric:
    """A scorer as a metric of :func:`glassnet.train`, for the estimator that is being fitted."""

    def __init__(self, estimator: Any, scorer: Callable[..., float], name: str) -> None:
        self._estimator, self._scorer, self.__name__ = estimator, scorer, name

    def for_training(self, prepared: Prepared) -> Measure:
        """The score of a run on the validation rows, with the weights of the loss if the scorer takes weights."""
        assert prepared.validation is not None
        network = NetworkInTraining(prepared)
        fitted = copy.copy(self._estimator)
        fitted.model_, fitted._trusts = network, True
        truth = fitted._validation_truth(prepared)
        weighted = takes(getattr(self._scorer, "_score_func", self._scorer), "sample_weight")
        weights = prepared.validation.rows.weights if weighted else None

        def measure(run: Predicts) -> float:
            network.at(run)
            return fitted._score_by(self._scorer, network.table, truth, weights)

        return measure
