"""``TrainedModel``: the record of a training; all that it takes to predict and to evaluate predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Self

import numpy.typing as npt

from glassnet import engines
from glassnet.caching import cached_property
from glassnet.engines import Engine, Rows, Run
from glassnet.engines.tracing import Tracer
from glassnet.errors import InputError, InputTypeError, report_assumptions, unknown
from glassnet.evaluation import Evaluation
from glassnet.intervals import predicted_within
from glassnet.net import GradientDescent, Network, Objective, Parameters
from glassnet.net.arrays import Array
from glassnet.streaming.prediction import evaluate_blocks, in_blocks, outputs_in_blocks
from glassnet.tables import Encoder, Schema, Table
from glassnet.tables.notes import assumptions
from glassnet.tables.read.read_table import as_table
from glassnet.tables.schema import REGRESSION
from glassnet.targets import TargetGroup, Targets, probabilities_of
from glassnet.training.encoded_rows import EncodedTable, LabeledRows
from glassnet.training.evaluated import checked_outputs, evaluation_of, mean_outputs
from glassnet.training.one_target import parts_of
from glassnet.training.settings import Settings
from glassnet.training.trained_network import TrainedNetwork, WithMembers
from glassnet.training.training_inputs import notes_on_reading, pair_table, row_weights
from glassnet.training.training_rows import TrainingRows
from glassnet.training.training_stats import TrainingStats


@dataclass(frozen=True, eq=False, repr=False)
class TrainedModel(WithMembers):
    """One or several trained networks, by the mean of whose outputs it predicts; see :class:`glassnet.Model`.

    Attributes:
        schema: what each column is, the target and the task.
        encoder: how columns become the network's inputs.
        target: how outputs become the target's own values.
        members: the networks, each with its initial and learnt parameters and its history.
        settings: every setting of :func:`glassnet.train`, as it was used.
        engine_name: the engine that trained.
        baseline: the constant prediction: class shares, or means, of the training rows; empty if they are unknown.
        provenance: versions, seed, data fingerprint, numbers of rows, date.
        holdout: the evaluation on rows that neither training nor stopping used, if any were held out.
        validation: the evaluation on the rows that decided when to stop and which epoch to keep, if there were any.
        stats: statistics of the training rows, which the model does not keep.
        training_rows: the numbers of the training rows, and hashes by which they are recognized.
    """

    schema: Schema
    encoder: Encoder
    target: Targets
    members: tuple[TrainedNetwork, ...]
    settings: Settings
    engine_name: str
    baseline: tuple[float, ...]
    provenance: dict[str, Any]
    holdout: Evaluation | None = None
    validation: Evaluation | None = None
    stats: TrainingStats | None = field(default=None, repr=False)
    training_rows: TrainingRows | None = field(default=None, repr=False)

    # -- a table as the networks take it

    def encode(self, table: Any) -> EncodedTable:
        """Read ``table`` as the training table was read, and encode it.

        Args:
            table: anything that :func:`glassnet.train` takes, or a single row (a dict, a row of a DataFrame, a named
                tuple, an array or a list of values), with the columns that were trained on; other columns are not
                used. What this method returned is returned again.

        Warns:
            AssumptionWarning: what was assumed about the table, for example of levels that training did not have.

        Raises:
            TableError: missing columns, words where numbers were, infinities; all faults at once.
        """
        if isinstance(table, EncodedTable):
            return table
        read = self._read(table)
        inputs, notes = self.encoder.encode(read, self.dtype)
        notes = [*notes_on_reading(read.notes, self.target.columns), *notes]
        report_assumptions(assumptions(notes))
        return EncodedTable(inputs, notes, read)

    def encode_labeled(
        self,
        table: Any,
        target: npt.ArrayLike | None = None,
        sample_weight: str | npt.ArrayLike | None = None,
    ) -> LabeledRows:
        """The rows of ``table`` that have a target, encoded with it.

        Args:
            table: as for :meth:`encode`, with the target; a pair ``(X, y)``; or what :meth:`encode` returned.
            target: the target's values, where they are not in ``table``.
            sample_weight: the weight of each row, (N,), or the column that has it; ``None``, all the same.

        Raises:
            TableError: as :meth:`encode`; or no target column, or labels that training did not have.
            SettingsError: weights that are not one for each row, at least 0, and one above 0.
            InputError: no row has a target.
        """
        fresh = not isinstance(table, EncodedTable)
        if fresh:
            table = self._read(table if target is None else (table, target))
        weights = row_weights(table.table if isinstance(table, EncodedTable) else table, sample_weight)
        labeled = LabeledRows.of(table, self.encoder, self.target, weights)
        if not len(labeled):
            raise InputError("there is no row with a target.")
        if fresh:
            reading = notes_on_reading(table.notes, self.target.columns)
            report_assumptions(assumptions([*reading, *labeled.notes]))
        return labeled

    def labeled(self, encoded: EncodedTable, sample_weight: str | None = None) -> LabeledRows | None:
        """The rows of an encoded table that have a target; ``None`` if there are none, or no target column."""
        if not set(self.target.columns) <= set(encoded.table.column_names):
            return None
        weights = row_weights(encoded.table, sample_weight, is_whole=False)
        labeled = LabeledRows.of(encoded, self.encoder, self.target, weights)
        return labeled if len(labeled) else None

    # -- predicting

    def predict(self, table: Any, *, interval: float | None = None) -> npt.NDArray[Any]:
        """The predicted labels, or numbers in the target's units: (N,), or (N, K) for K targets.

        Args:
            table: as for :meth:`encode`.
            interval: a share such as 0.9: return what holds the actual value of so many new rows. Of numbers, the lower
                and upper end, (N, 2) or (N, K, 2); of classes, a tuple of labels for each (:mod:`glassnet.intervals`).

        Raises:
            TableError: as :meth:`encode`.
            InputError: as :meth:`known_outputs`; an ``interval``, but too few rows that training did not see.
        """
        outputs = self._outputs_of(table)
        if interval is None:
            return self.target.decode(outputs)
        return predicted_within(self.target, outputs, (self.holdout, self.validation), interval)

    def predict_proba(self, table: Any) -> Any:
        """The probability of each of :attr:`classes`, (N, C); every row sums to 1.

        Of several targets of classes, a dict of such arrays by the targets' names.

        Raises:
            InputTypeError: the model predicts numbers.
            TableError, InputError: as :meth:`predict`.
        """
        if self.schema.task == REGRESSION:
            raise InputTypeError("predict_proba is for classes; this model predicts numbers: use predict.")
        return probabilities_of(self.target, self._outputs_of(table))

    def outputs(self, inputs: Array, members: Sequence[int] | None = None) -> Array:
        """The mean outputs (N, O) of the networks, or of those ``members``, for encoded ``inputs`` (N, I)."""
        runs = self._runs if members is None else [self._runs[at] for at in members]
        return mean_outputs([run.predict(inputs) for run in runs])

    def known_outputs(self, inputs: Array) -> Array:
        """As :meth:`outputs`; an InputError where an output is not a number, which would become some class."""
        return self._checked(inputs)

    def predictor(self) -> Callable[[Array], Array]:
        """A function from encoded inputs, (I,) or (N, I), to the outputs, with the least overhead for a call."""
        each = [self.engine.predictor(member.network, member.learnt) for member in self.members]
        return each[0] if len(each) == 1 else lambda inputs: mean_outputs([own(inputs) for own in each])

    @property
    def classes(self) -> npt.NDArray[Any]:
        """The class labels (C,), in the order of the columns of :meth:`predict_proba`; empty for numbers."""
        return self.target.labels

    @property
    def output_names(self) -> tuple[str, ...]:
        """A name for each of the outputs: the classes (the second of two), or the targets."""
        target = self.target
        if isinstance(target, TargetGroup):
            return target.output_names
        if target.classes is None:
            return target.columns
        return tuple(map(str, target.classes[-self.members[0].network.outputs :]))

    # -- evaluating

    def evaluate(
        self,
        table: Any,
        target: npt.ArrayLike | None = None,
        *,
        sample_weight: str | npt.ArrayLike | None = None,
    ) -> Evaluation:
        """Compare the predictions for the rows of ``table`` that have a target with that target.

        Args:
            table, target: as for :meth:`encode_labeled`.
            sample_weight: the weight of each row, (N,), or the column that has it; ``None``, all the same.

        Raises:
            TableError, SettingsError, InputError: as :meth:`encode_labeled`.
        Warns:
            ResultWarning: rows that the model was trained on are among them.
        """
        if target is None and (found := evaluate_blocks(self, table, sample_weight)) is not None:
            return found
        labeled = self.encode_labeled(table, target, sample_weight)
        known = self.training_rows
        return replace(self.evaluate_rows(labeled), training_rows=known.report(labeled.rows) if known else 0)

    def evaluate_rows(self, labeled: LabeledRows, outputs: Array | None = None) -> Evaluation:
        """As :meth:`evaluate`, for rows that are encoded, whose ``outputs`` (R, O) may be known."""
        outputs = self.outputs(labeled.rows.inputs) if outputs is None else outputs
        return evaluation_of(outputs, labeled, self.target, self.baseline, self.settings)

    @property
    def held_out(self) -> Evaluation | None:
        """The evaluation on rows that were not trained on: :attr:`holdout`, or :attr:`validation` if there is none."""
        return self.validation if self.holdout is None else self.holdout

    def for_target(self, name: str) -> Self:
        """The model of one of several targets of classes: its part of the network, which makes the same predictions.

        All methods that look inside a model work with it. Its curves are those of the training of all targets.

        Raises:
            InputError: no such target.
        """
        if name not in self.target.columns:
            raise InputError(unknown("the target", name, self.target.columns))
        return replace(self, **parts_of(name, self.target, self))

    # -- the arithmetic

    @cached_property
    def engine(self) -> Engine:
        """The engine that predicts: the one that trained, if it is available here, else the preferred one."""
        trained = self.engine_name
        name = trained if trained in engines.NAMES and engines.available(trained) else "auto"
        return engines.get(name, self.members[0].network, self.objective, dtype=self.dtype)

    @cached_property
    def objective(self) -> Objective:
        """The loss and penalties that training minimized."""
        return self.settings.objective

    def open_run(self, network: Network, parameters: Parameters, objective: Objective | None = None) -> Run:
        """A run of the engine that predicts, not one to train; by default with the objective of the training."""
        rule = GradientDescent()  # without moments, which take twice the memory of the parameters
        return self.engine.open_run(
            network, parameters, objective or self.objective, rule, threads=self.settings.threads
        )

    @cached_property
    def _runs(self) -> tuple[Run, ...]:
        return tuple(self.open_run(member.network, member.learnt) for member in self.members)

    @property
    def run(self) -> Run:
        """The engine's run that predicts, with the learnt parameters and the objective of the training."""
        assert self._only
        return self._runs[0]

    @cached_property
    def tracer(self) -> Tracer:
        """A function from encoded inputs (N, I) to every sum and activation of their prediction."""
        return Tracer(self.engine, self.network, self.learnt)

    def stats_of(self, rows: Rows) -> TrainingStats:
        """Statistics of ``rows``, and of the networks on these rows; computed when they are first used."""
        loss_alone = replace(self.objective, l1=0.0, l2=0.0)  # a penalty would hide a gradient that vanishes
        return TrainingStats.of(
            rows, self.encoder, self.members, partial(self.open_run, objective=loss_alone)
        )

    # -- within

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled and copied: the fields. The engine's runs live in this process and are opened again."""
        return {own.name: getattr(self, own.name) for own in fields(self)}

    def _outputs_of(self, table: Any) -> Array:
        blocks = in_blocks(table)
        return self._checked(self.encode(table).inputs) if blocks is None else outputs_in_blocks(self, blocks)

    def _checked(self, inputs: Array) -> Array:
        return checked_outputs(mean_outputs([run.predict(inputs) for run in self._runs]))

    def _read(self, source: Any) -> Table:
        """``source``, or the pair ``(X, y)``, read as the training table was."""
        if isinstance(source, tuple) and len(source) == 2 and not hasattr(source, "_asdict"):
            return pair_table(*source, list(self.target.columns), self.schema)[0]
        return as_table(source, self.schema, or_row=True)
