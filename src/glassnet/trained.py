"""``TrainedModel``: the network with all that it takes to predict and to judge its predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from glassnet import engines
from glassnet.engines import Engine, Rows, Run
from glassnet.engines.tracing import Tracer
from glassnet.errors import InputError, InputTypeError
from glassnet.evaluation import Evaluation, evaluate_classes, evaluate_numbers
from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.tables import Encoder, Schema, TargetEncoding
from glassnet.tables.array_table import ArrayTable, take
from glassnet.tables.encode.target_encoding import class_codes
from glassnet.tables.read.read_table import as_arrow, as_table
from glassnet.training.history import History
from glassnet.training.plan import objective_of
from glassnet.training.training_stats import Survey, survey

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A network with all that it takes to predict and to judge its predictions; see :class:`glassnet.Model`.

    Attributes:
        schema: what each column is, the target and the task.
        encoder: how columns become the network's inputs.
        target: how the network's outputs become the target's own values.
        network: the layers.
        initial: the parameters before training.
        learnt: those after it; ``model.learnt[0].weights`` has the shape (I, O).
        history: the curves of the training.
        settings: every setting of :func:`glassnet.train`, as it was used.
        engine: the name of the engine that trained.
        sample: some training rows as the network saw them, until the first look at :attr:`survey`;
            a loaded model has the survey itself.
        holdout: the evaluation on rows that neither training nor stopping saw, if any were held out.
        baseline: what always predicting the same would say: the class shares, or the means, of training.
        provenance: versions, seed, data fingerprint, counts of rows, date.
    """

    schema: Schema
    encoder: Encoder
    target: TargetEncoding
    network: Network
    initial: Parameters
    learnt: Parameters
    history: History
    settings: dict[str, Any]
    engine: str
    baseline: tuple[float, ...]
    provenance: dict[str, Any]
    holdout: Evaluation | None = field(default=None)
    sample: Rows | Survey | None = field(default=None, repr=False)

    # -- predicting

    def predict(self, table: Any) -> npt.NDArray[Any]:
        """The predicted labels (N,), or numbers in the target's units: (N,), or (N, O) for several targets.

        Args:
            table: anything that :func:`glassnet.train` takes, with the columns that were trained on; others
                are ignored.

        Raises:
            TableError: missing columns, words where numbers were, infinities; all faults at once.
        """
        return self.target.decode(self._outputs(self._checked(table)))

    def predict_proba(self, table: Any) -> npt.NDArray[np.float64]:
        """The probability of each of :attr:`classes`, (N, C); every row sums to 1.

        Raises:
            InputTypeError: the model predicts numbers.
        """
        if self.target.classes is None:
            raise InputTypeError(
                "predict_proba is for classes, but this model predicts numbers; use predict."
            )
        return self.probabilities(self._outputs(self._checked(table)))

    @property
    def classes(self) -> npt.NDArray[Any]:
        """The class labels (C,), in the order of the columns of :meth:`predict_proba`; empty for numbers."""
        return self.target.labels

    def check(self, table: Any) -> list[str]:
        """What a person should know before predicting on ``table``: unseen levels, new gaps, extra columns."""
        return self.encoder.check(_table(table, self))

    def predictor(self) -> Callable[[Array], Array]:
        """A function from encoded inputs, (I,) or (N, I), to the network's outputs, with the least overhead."""
        return engines.get("auto").predictor(self.network, self.learnt)

    # -- judging

    def evaluate(
        self, table: Any, target: npt.ArrayLike | None = None, *, weights: str | npt.ArrayLike | None = None
    ) -> Evaluation:
        """Measure the predictions for ``table``, which has the target too (or a pair ``(X, y)``).

        Rows without a target are left out.

        Args:
            weights: how much each row counts, (N,), or the column that says so; ``None``, all the same.

        Raises:
            TableError: as :meth:`predict`; or no target column, or labels that training did not have.
            SettingsError: weights that are not one for each row, at least 0, and one above.
        """
        from glassnet.training.training_inputs import row_weights

        if target is not None:
            table = (table, target)
        given = _table(table, self)
        counts, _ = row_weights(given, weights, {})
        encoded, rows = self.target.encode(given)
        if not len(rows):
            raise InputError("there is no row with a target to evaluate on.")
        given, counts = take(given, rows), None if counts is None else counts[rows]
        self.encoder.check(given)
        outputs = self._outputs(given)
        actual = self.target.decode(encoded)
        if self.target.classes is None:
            said = self.target.decode(outputs)
            return evaluate_numbers(actual, said, self.baseline, self.target.columns, counts)
        codes = class_codes(encoded)
        shares = np.array(self.baseline)
        return evaluate_classes(actual, codes, self.probabilities(outputs), self.classes, shares, counts)

    def with_holdout(self, holdout: Evaluation) -> Self:
        """This model, with its evaluation on rows that were held out."""
        return replace(self, holdout=holdout)

    # -- for whoever looks inside: the rooms to the right

    @cached_property
    def serving(self) -> Engine:
        """The engine that predicts: the one that trained, if it can serve here, else the preferred one."""
        return engines.get(self.engine if self.engine in engines.available() else "auto")

    @cached_property
    def survey(self) -> Survey | None:
        """What the training rows looked like: a few statistics, no rows. Made when it is first asked for."""
        return self.survey_of(self.sample) if isinstance(self.sample, Rows) else self.sample

    def survey_of(self, rows: Rows) -> Survey:
        """What ``rows`` look like to this network."""
        objective = replace(objective_of(self.settings, self.settings["loss"]), l1=0.0, l2=0.0)
        start, end = (
            self.serving.open_run(self.network, parameters, objective, threads=self.settings["threads"])
            for parameters in (self.initial, self.learnt)
        )
        widths = [len(stage.input_names) for stage in self.encoder.encoders]
        return survey(rows, widths, self.network, self.learnt, start, end)

    @cached_property
    def run(self) -> Run:
        """The engine's run that predicts, with the learnt parameters and the objective of the training."""
        return self.serving.open_run(
            self.network,
            self.learnt,
            objective_of(self.settings, self.settings["loss"]),
            threads=self.settings["threads"],
        )

    @cached_property
    def tracer(self) -> Tracer:
        """A function from encoded inputs (N, I) to every sum and activation of their prediction."""
        return Tracer(self.serving, self.network, self.learnt)

    @property
    def output_names(self) -> tuple[str, ...]:
        """A name for each of the network's outputs: the classes (the second of two), or the targets."""
        classes = self.target.classes
        if classes is None:
            return self.target.columns
        return tuple(map(str, classes[-self.network.outputs :]))

    def read(self, table: Any) -> pa.Table:
        """``table`` as it is read for predicting, checked against what the model knows of its columns."""
        return as_arrow(self._checked(table))

    def probabilities(self, outputs: Array) -> npt.NDArray[np.float64]:
        """(N, C) for the network's ``outputs``; those that are no probabilities, after other losses, are taken
        to the nearest that are.
        """
        chances = np.clip(outputs.astype(np.float64), 0, 1)
        if chances.shape[1] == 1:
            return np.hstack([1 - chances, chances])
        total = chances.sum(axis=1, keepdims=True)
        return np.where(total > 0, chances / np.where(total > 0, total, 1), 1 / chances.shape[1])

    # -- within

    def __repr__(self) -> str:
        target = ", ".join(repr(column.name) for column in self.schema.target)
        lines = [
            f"glassnet model: {target} ({self.schema.task}) from {len(self.schema.inputs)} columns",
            f"  network  {self.network}: {self.network.parameter_count:,} parameters",
            f"  trained  {self.history.epochs} epochs on {self.provenance['rows']['train']:,} rows "
            f"in {self.history.seconds:.2g} s by the {self.engine} engine; {self.history.stop_reason}",
        ]
        if self.holdout is not None:
            figures = ", ".join(
                f"{name} {value:.4g} (baseline {self.holdout.baseline[name]:.4g})"
                for name, value in self.holdout.metrics.items()
            )
            lines.append(f"  holdout  {len(self.holdout):,} rows: {figures}")
        return "\n".join(lines)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled and copied: the fields, with the survey for the rows that it is made of.

        The engine's run lives in this process and is opened again.
        """
        return {own.name: getattr(self, own.name) for own in fields(self)} | {"sample": self.survey}

    def _checked(self, table: Any) -> pa.Table | ArrayTable:
        given = _table(table, self)
        self.encoder.check(given)
        return given

    def _outputs(self, table: pa.Table | ArrayTable) -> Array:
        return self.run.predict(self.encoder.transform(table, self.learnt.dtype))


def _table(source: Any, model: TrainedModel) -> pa.Table | ArrayTable:
    """``source``, or the pair ``(X, y)``, read as the training table was."""
    if isinstance(source, tuple) and len(source) == 2:
        from glassnet.training.training_inputs import pair_table

        return pair_table(*source, [column.name for column in model.schema.target], model.schema)[0]
    return as_table(source, model.schema)
