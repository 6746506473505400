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
from glassnet.tables.seeds import Randomness
from glassnet.targets import TargetGroup, Targets, class_codes, fit_targets
from glassnet.training.class_weights import class_weights_of
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.evaluated import constant_prediction
from glassnet.training.folds import Folds, split_or_folds
from glassnet.training.recipes import Facts, choices_of
from glassnet.training.row_split import refuse_shared_groups, roles_of
from glassnet.training.settings import Settings
from glassnet.training.setup import for_task
from glassnet.training.target_rows import TargetRows, own_validation
from glassnet.training.training_inputs import (
    column_types_of,
    notes_on_reading,
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
        validation: the rows for early stopping, if there are any; their weights include those of their classes. With
            folds, all training rows, in the order of their folds.
        judged_table: the same rows as they were read.
        folds: the training rows in folds, if each member of the model has a fold of them for validation.
        holdout: the rows for the final evaluation, if there are any.
        parts: the numbers of the table's rows, from 0, in each part: ``train``, ``validation`` (unless these rows come
            from a table of their own) and ``holdout``.
        fingerprint: of the whole table.
        notes: what was assumed or left out, of this table and of one with validation rows.
        judged: which rows of ``judged_table`` are the validation rows; ``None`` for all.
    """

    schema: Schema
    encoder: Encoder
    target: Targets
    baseline: tuple[float, ...]
    settings: Settings
    train: Rows
    validation: LabeledRows | None
    judged_table: Table | None
    holdout: LabeledRows | None
    parts: dict[str, npt.NDArray[np.int64]]
    fingerprint: str
    notes: tuple[Note, ...]
    folds: Folds | None = None
    judged: slice | None = None

    @property
    def training_rows(self) -> TrainingRows:
        """The training rows, as a model keeps them."""
        judged = None if self.folds else self.validation
        others = [part.rows for part in (judged, self.holdout) if part is not None]
        return TrainingRows.of(self.parts["train"], self.train, *others)

    @property
    def validation_table(self) -> Table | None:
        """The validation rows as they were read."""
        if self.judged_table is None or self.judged is None:
            return self.judged_table
        return self.judged_table.take(np.arange(self.judged.start, self.judged.stop))

    def of_member(self, number: int) -> Prepared:
        """What one network of the model needs: with folds, rows that are a part of these and share their memory."""
        if self.folds is None or self.validation is None:
            return self
        fold = self.folds.of_member(number)
        at = self.folds.part(fold)
        train, validation = self.folds.train(fold), self.validation.take(at)
        return replace(self, train=train, validation=validation, judged=at, folds=None)


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
    whole = TargetRows.of(table, raw, weights)
    if not len(whole):
        raise TableError("no row of the table has a target.")
    rows = max(1, round(len(whole) * (1 - settings.holdout)))
    choices = choices_of(settings.recipe, Facts(schema.task, rows))
    settings = settings.with_choices(choices, rows)
    single = schema.task in ("binary", "multiclass")
    classes = class_codes(whole.values) if single else None  # parts have each class in the same shares
    split, starts = split_or_folds(table, whole.numbers, settings, types, rng, classes)
    train, chosen, holdout = (whole.take(part) for part in split)
    _check_targets(train.values, settings, raw.output_names if isinstance(raw, TargetGroup) else names)
    counted = train.with_weight()
    encoder = (
        known.encoder
        if known
        else Encoder.fit(
            counted.table,
            schema,
            numbers=NumberOptions(settings.scaling, settings.bins),
            weights=counted.positive_weights,
        )
    )
    encoding = known.target if known else _target_encoding(raw, counted, settings)
    if settings.clamp and not isinstance(encoding, TargetGroup):
        encoding = encoding.clamped(counted.values)
    class_weights = class_weights_of(
        settings.class_weight, encoding, counted.values, counted.positive_weights
    )
    own = None
    if validation is not None:
        own = own_validation(validation, raw, schema, settings)
        refuse_shared_groups(settings, whole.table, own.table)
    parts = {"train": np.sort(train.numbers), "holdout": holdout.numbers}
    if own is None and starts is None:
        parts["validation"] = chosen.numbers

    # at once where it is known already how: the notes are on all rows
    written = encoder.encode(whole.table, settings.dtype) if known else None

    def labeled(
        part: TargetRows, class_weights: Weights | None, at: npt.NDArray[np.int64] | None
    ) -> LabeledRows:
        weights = part.weights
        if class_weights is not None:
            shares = class_weights[class_codes(part.values)]
            weights = shares if weights is None else weights * shares
        if written is None or at is None:
            inputs, notes = encoder.encode(part.table, settings.dtype)
        else:
            inputs, notes = written[0][at], []
        return LabeledRows.encoded(inputs, part.values, part.numbers, encoding, weights, notes)

    validated = own or chosen
    trained, judged_table = labeled(train, class_weights, split[0]), validated.table
    judged = labeled(validated, class_weights, None if own else split[1]) if len(validated) else None
    folds = None
    if starts is not None:
        folds = Folds.of(trained.rows, starts, settings.members)
        trained = judged = replace(trained, rows=folds.rows())
        judged_table = train.table
    held_out = labeled(holdout, None, split[2]) if len(holdout) else None
    _refuse_without_weight("validation", judged, folds)
    _refuse_without_weight("holdout", held_out)
    notes = list(schema.notes)
    if known:
        notes = notes_on_reading(table.notes, names)
        notes += written[1] if written else []
    if own is not None and judged is not None:
        notes += notes_on_reading(own.table.notes, names)
        notes += judged.notes
    return Prepared(
        schema=schema,
        encoder=encoder,
        target=encoding,
        baseline=constant_prediction(counted.values, encoding.task, counted.positive_weights),
        settings=settings,
        train=trained.rows,
        validation=judged,
        judged_table=None if judged is None else judged_table,
        holdout=held_out,
        parts=parts,
        fingerprint=digest,
        notes=tuple(notes),
        folds=folds,
    )


def _refuse_without_weight(name: str, rows: LabeledRows | None, folds: Folds | None = None) -> None:
    """Refuse validation or holdout rows, or those of a fold, of which all have the weight 0."""
    if rows is None or rows.sample_weight is None:
        return
    parts = [slice(None)] if folds is None else [folds.part(fold) for fold in range(len(folds))]
    for part in parts:
        weights = rows.sample_weight[part]
        if not weights.any():
            raise SettingsError(
                f"{called(name)} needs rows with a weight, but all of them ({len(weights)}) have the weight 0; "
                "give other rows, a larger share or another seed."
            )


def _raw_encoding(table: Table, schema: Schema, settings: Settings) -> Targets:
    """The encoding of targets in their own units; two classes have two outputs with softmax."""
    one_hot = schema.task == "binary" and str(settings.output_activation) == "softmax"
    as_encoded = replace(schema, task="multiclass") if one_hot else schema
    return fit_targets(table, as_encoded, "float64")


def _target_encoding(raw: Targets, train: TargetRows, settings: Settings) -> Targets:
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
    limits = (
        ("the loss", loss, loss.targets),
        ("the output activation", output, output.targets or output.range),
    )
    lowest, highest = np.fmin.reduce(values), np.fmax.reduce(values)  # NaN where there is no value
    for what, rule, (low, high) in limits:
        for name, least, most in zip(names, lowest.tolist(), highest.tolist(), strict=False):
            if least != least:
                raise TableError(f"the target {name!r} has no value in any row that is trained on.")
            if least < low or most > high:
                raise SettingsError(
                    f"{what} {rule} needs targets from {low:g} to {high:g}, but {name!r} goes from "
                    f"{least:g} to {most:g}; choose another loss or output activation."
                )
