"""From a table to encoded training, validation and holdout rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.errors import SettingsError, TableError, called
from glassnet.net.arrays import Array
from glassnet.tables import Encoder, Note, NumberOptions, Schema, Table, fingerprint, infer_schema
from glassnet.tables.read.read_table import as_table
from glassnet.tables.seeds import Randomness
from glassnet.targets import TargetGroup, Targets, class_codes, fit_targets
from glassnet.training.class_weights import class_weights_of
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.row_split import refuse_shared_groups, roles_of, split_table
from glassnet.training.settings import Settings
from glassnet.training.setup import for_task
from glassnet.training.training_inputs import (
    column_types_of,
    notes_on_reading,
    pair_table,
    row_weights,
    table_and_target,
)
from glassnet.training.training_rows import TrainingRows

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What training needs to know of the table.

    Attributes:
        schema: what each column is, the target and the task.
        encoder: how columns become inputs, fitted to the training rows.
        target: how the target's values become the network's targets, fitted to the training rows.
        baseline: the best constant prediction: class shares, or means in the target's units, of the training rows.
        settings: those given, with the output activation and the loss that fit the task.
        train: the training rows.
        validation: the rows for early stopping, if there are any; their weights include those of their classes.
        validation_table: the same rows as they were read.
        holdout: the rows for the final evaluation, if there are any.
        parts: the numbers of the table's rows, from 0, in each part: ``train``, ``validation`` (unless these rows come
            from a table of their own) and ``holdout``.
        fingerprint: of the whole table.
        notes: what was assumed or left out, of this table and of one with validation rows.
    """

    schema: Schema
    encoder: Encoder
    target: Targets
    baseline: tuple[float, ...]
    settings: Settings
    train: Rows
    validation: LabeledRows | None
    validation_table: Table | None
    holdout: LabeledRows | None
    parts: dict[str, npt.NDArray[np.int64]]
    fingerprint: str
    notes: tuple[Note, ...]

    @property
    def training_rows(self) -> TrainingRows:
        """The training rows, as a model keeps them."""
        others = [part.rows for part in (self.validation, self.holdout) if part is not None]
        return TrainingRows.of(self.parts["train"], self.train, *others)


class Known(NamedTuple):
    """What an earlier training learned of a table."""

    schema: Schema
    encoder: Encoder
    target: Targets


def prepare(
    source: Any,
    target: str | Sequence[str] | None,
    settings: Settings,
    rng: Randomness,
    validation: Any = None,
    known: Known | None = None,
) -> Prepared:
    """Read, infer the schema, split and encode. All statistics come from the training rows alone.

    Args:
        source: what :func:`glassnet.tables.read_table` reads, or a pair ``(X, y)``.
        target: the column(s) to predict; may be ``None`` with a pair.
        settings: see :class:`Settings`.
        rng: draws the split.
        validation: rows for early stopping in place of a share of ``source``, in the same forms.
        known: what an earlier training learned of the table; nothing of it is inferred again.

    Raises:
        TableError: the table cannot be read, or cannot be used for training.
        SettingsError: settings that do not fit this table.
    """
    table, names, numeric = table_and_target(source, target, known and known.schema)
    weights = row_weights(table, settings.sample_weight)
    types = column_types_of(settings.column_types)
    roles = roles_of(settings, types, names)
    schema = (
        known.schema
        if known
        else infer_schema(
            table, names, task=settings.task, column_types=types, numeric=numeric, left_out=roles
        )
    )
    settings = for_task(settings, schema.task)
    digest = fingerprint(table)
    raw = known.target.unscaled if known else _raw_encoding(table, schema, settings)
    whole = _TargetRows.of(table, raw, weights)
    if not len(whole):
        raise TableError("no row of the table has a target.")
    single = schema.task in ("binary", "multiclass")
    classes = class_codes(whole.values) if single else None  # parts have each class in the same shares
    split = split_table(table, whole.numbers, settings, types, rng, classes)
    train, holdout = whole.take(split.train), whole.take(split.holdout)
    _check_targets(train.values, settings, raw.output_names if isinstance(raw, TargetGroup) else names)
    counted = train.with_weight()
    encoder = (
        known.encoder
        if known
        else Encoder.fit(
            counted.table,
            schema,
            numbers=NumberOptions(settings.scaling),
            weights=counted.positive_weights,
        )
    )
    encoding = known.target if known else _target_encoding(raw, counted, settings)
    class_weights = class_weights_of(
        settings.class_weight, encoding, counted.values, counted.positive_weights
    )
    own = None
    if validation is not None:
        own = _own_validation(validation, raw, schema, settings)
        refuse_shared_groups(settings, whole.table, own.table)
    checked = own or whole.take(split.validation)
    parts = {"train": train.numbers, "holdout": holdout.numbers}
    if own is None:
        parts["validation"] = checked.numbers

    def labeled(part: _TargetRows, class_weights: Weights | None) -> LabeledRows:
        weights = part.weights
        if class_weights is not None:
            shares = class_weights[class_codes(part.values)]
            weights = shares if weights is None else weights * shares
        inputs, notes = encoder.encode(part.table, settings.dtype)
        return LabeledRows.encoded(inputs, part.values, part.numbers, encoding, weights, notes)

    def weighted(name: str, part: _TargetRows, class_weights: Weights | None) -> LabeledRows | None:
        rows = labeled(part, class_weights) if len(part) else None
        if rows is not None and rows.sample_weight is not None and not rows.sample_weight.any():
            raise SettingsError(
                f"{called(name)} needs rows with a weight, but all of them ({len(rows)}) have the weight 0; "
                "give other rows, a larger share or another seed."
            )
        return rows

    judged = weighted("validation", checked, class_weights)
    notes = list(schema.notes)
    if known:
        notes = notes_on_reading(table, names)
        notes += encoder.encode(whole.table, settings.dtype)[1]
    if own is not None and judged is not None:
        notes += notes_on_reading(own.table, names)
        notes += judged.notes
    return Prepared(
        schema=schema,
        encoder=encoder,
        target=encoding,
        baseline=_baseline(counted, encoding),
        settings=settings,
        train=labeled(train, class_weights).rows,
        validation=judged,
        validation_table=checked.table if len(checked) else None,
        holdout=weighted("holdout", holdout, None),
        parts=parts,
        fingerprint=digest,
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class _TargetRows:
    """The rows of a table that have a target: their numbers in the table, targets (R, O) and weights."""

    table: Table
    numbers: npt.NDArray[np.int64]
    values: Array
    weights: Weights | None

    @classmethod
    def of(cls, table: Table, raw: Targets, weights: Weights | None) -> _TargetRows:
        values, known = raw.encode(table)
        every = cls(table, np.arange(table.num_rows), values, weights)
        if len(known) == table.num_rows:
            return every
        return cls(table.take(known), known, values, None if weights is None else weights[known])

    def with_weight(self) -> _TargetRows:
        """The rows whose weight is not 0: the others are left out of means and scales."""
        if self.weights is None or self.weights.all() or not self.weights.any():
            return self
        return self.take(np.flatnonzero(self.weights))

    @property
    def positive_weights(self) -> Weights | None:
        """The weights of rows that have some; None where all rows count alike."""
        return self.weights if self.weights is not None and self.weights.all() else None

    def take(self, rows: npt.NDArray[np.int64]) -> _TargetRows:
        if len(rows) == len(self):
            return self
        weights = None if self.weights is None else self.weights[rows]
        return _TargetRows(self.table.take(rows), self.numbers[rows], self.values[rows], weights)

    def __len__(self) -> int:
        return len(self.numbers)


def _own_validation(source: Any, raw: Targets, schema: Schema, settings: Settings) -> _TargetRows:
    """Rows for early stopping from a table of their own; they have weights if those are a column."""
    if isinstance(source, tuple) and len(source) == 2:
        table, _ = pair_table(*source, list(raw.columns), schema)
    else:
        table = as_table(source, schema)
    named = isinstance(settings.sample_weight, str)
    weights = row_weights(table, settings.sample_weight) if named else None
    rows = _TargetRows.of(table, raw, weights)
    if not len(rows):
        raise TableError("no row of the validation table has a target.")
    return rows


def _baseline(train: _TargetRows, encoding: Targets) -> tuple[float, ...]:
    """Class shares, or means in the target's units; of several targets of classes, the mean of each output."""
    weights, means = train.positive_weights, []
    for column in train.values.T:
        known = ~np.isnan(column)  # several targets may have gaps
        means.append(float(np.average(column[known], weights=None if weights is None else weights[known])))
    return (1 - means[0], means[0]) if encoding.task == "binary" and len(means) == 1 else tuple(means)


def _raw_encoding(table: Table, schema: Schema, settings: Settings) -> Targets:
    """The encoding of targets in their own units; two classes have two outputs with softmax."""
    one_hot = schema.task == "binary" and str(settings.output_activation) == "softmax"
    as_encoded = replace(schema, task="multiclass") if one_hot else schema
    return fit_targets(table, as_encoded, "float64")


def _target_encoding(raw: Targets, train: _TargetRows, settings: Settings) -> Targets:
    """Standardized for an unbounded output, scaled for one that is bounded below, unchanged for a bounded one."""
    assert settings.output_activation is not None
    if isinstance(raw, TargetGroup):
        return raw.of_dtype(settings.dtype)
    low, high = settings.output_activation.range
    standardized = settings.scaling != "none" and high == np.inf
    encoding = raw.standardized(train.values, train.positive_weights) if standardized else raw
    mean = encoding.mean if low == -np.inf else (0.0,) * len(encoding.mean)
    return replace(encoding, mean=mean, dtype=settings.dtype)


def _check_targets(values: Array, settings: Settings, names: Sequence[str]) -> None:
    """Refuse targets that the loss is not defined for or that the output cannot approach."""
    loss, output = settings.loss, settings.output_activation
    assert loss is not None
    assert output is not None
    if fault := loss.fault_of_shares(values):
        raise SettingsError(f"{fault[:-1]}; choose another loss.")
    limits = {
        f"the loss {loss}": loss.targets,
        f"the output activation {output}": output.targets or output.range,
    }
    lowest, highest = np.fmin.reduce(values), np.fmax.reduce(values)  # NaN where there is no value
    for what, (low, high) in limits.items():
        for name, least, most in zip(names, lowest.tolist(), highest.tolist(), strict=False):
            if least != least:
                raise TableError(f"the target {name!r} has no value in any row that is trained on.")
            if least < low or most > high:
                raise SettingsError(
                    f"{what} needs targets from {low:g} to {high:g}, but {name!r} goes from "
                    f"{least:g} to {most:g}; choose another loss or output activation."
                )
