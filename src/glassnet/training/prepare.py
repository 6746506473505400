"""From a table to encoded training, validation and holdout rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.errors import SettingsError, called
from glassnet.tables import Encoder, Note, NumberOptions, Schema, Split, Table
from glassnet.tables.seeds import Randomness
from glassnet.targets import TargetGroup, Targets, class_codes
from glassnet.training.class_weights import class_weights_of
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.evaluated import constant_prediction
from glassnet.training.folds import Folds, split_or_folds
from glassnet.training.resolve import Resolved, resolve
from glassnet.training.row_source import CachedTraining
from glassnet.training.row_split import refuse_shared_groups
from glassnet.training.settings import Settings
from glassnet.training.target_rows import TargetRows, own_validation
from glassnet.training.training_inputs import notes_on_reading
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
        cached: the training rows, if they do not fit into memory: ``train`` has some of them then.
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
    cached: CachedTraining | None = None

    @property
    def count(self) -> int:
        """The number of training rows."""
        return len(self.train) if self.cached is None else self.cached.count

    @property
    def training_rows(self) -> TrainingRows:
        """The training rows, as a model keeps them."""
        if self.cached is not None:
            return self.cached.rows
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
    """What a training learns of a table."""

    schema: Schema
    encoder: Encoder
    target: Targets


class Divided(NamedTuple):
    """The parts of a table.

    Attributes:
        split: the places of the parts among the rows that have a target.
        train, validation, holdout: their rows.
        starts: (F,), where the folds begin in ``train``; ``None`` without folds.
    """

    split: Split
    train: TargetRows
    validation: TargetRows
    holdout: TargetRows
    starts: npt.NDArray[np.int64] | None


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
    earlier = (known.schema, known.target.unscaled) if known else ()
    validated = validation is not None or settings.validation > 0
    resolved = resolve(source, target, settings, validated, *earlier)
    divided = _divide(resolved, rng)
    fitted = fit(resolved, divided.train.with_weight(), known)
    own = None
    if validation is not None:
        own = own_validation(validation, resolved.raw, resolved.schema, resolved.settings)
        refuse_shared_groups(resolved.settings, resolved.rows.table, own.table)
    return _encode(resolved, divided, fitted, own, at_once=known is not None)


def _divide(resolved: Resolved, rng: Randomness) -> Divided:
    whole, single = resolved.rows, resolved.schema.task in ("binary", "multiclass")
    classes = class_codes(whole.values) if single else None  # parts have each class in the same shares
    split, starts = split_or_folds(
        resolved.table, whole.numbers, resolved.settings, resolved.types, rng, classes
    )
    train, validation, holdout = map(whole.take, split)
    found = Divided(split, train, validation, holdout, starts)
    resolved.check_targets(found.train.values)
    return found


def fit(resolved: Resolved, counted: TargetRows, known: Known | None) -> Known:
    """The encoding of inputs and targets; ``counted`` are the training rows that have a weight."""
    schema, settings = resolved.schema, resolved.settings
    if known:
        encoder, encoding = known.encoder, known.target
    else:
        numbers = NumberOptions(settings.scaling, settings.bins)
        encoder = Encoder.fit(counted.table, schema, numbers=numbers, weights=counted.positive_weights)
        encoding = _target_encoding(resolved.raw, counted, settings)
    if settings.clamp and not isinstance(encoding, TargetGroup):
        encoding = encoding.clamped(counted.values)
    return Known(schema, encoder, encoding)


def _encode(
    resolved: Resolved, divided: Divided, fitted: Known, own: TargetRows | None, at_once: bool
) -> Prepared:
    """The encoded parts.

    Args:
        own: validation rows from a table of their own.
        at_once: whether all rows are encoded together, so that notes on them are of all rows.
    """
    settings, encoder, encoding = resolved.settings, fitted.encoder, fitted.target
    train, split, counted = divided.train, divided.split, divided.train.with_weight()
    class_weights = class_weights_of(
        settings.class_weight, encoding, counted.values, counted.positive_weights
    )
    written = encoder.encode(resolved.rows.table, settings.dtype) if at_once else None

    def labeled(
        part: TargetRows, class_weights: Weights | None, at: npt.NDArray[np.int64] | None
    ) -> LabeledRows:
        weights = part.weights_by_class(class_weights)
        if written is None or at is None:
            inputs, notes = encoder.encode(part.table, settings.dtype)
        else:
            inputs, notes = written[0][at], []
        return LabeledRows.encoded(inputs, part.values, part.numbers, encoding, weights, notes)

    validated = own or divided.validation
    trained, judged_table = labeled(train, class_weights, split.train), validated.table
    at = None if own else split.validation
    judged = labeled(validated, class_weights, at) if len(validated) else None
    folds = None
    if divided.starts is not None:
        folds = Folds.of(trained.rows, divided.starts, settings.members)
        trained = judged = replace(trained, rows=folds.rows())
        judged_table = train.table
    held_out = labeled(divided.holdout, None, split.holdout) if len(divided.holdout) else None
    refuse_without_weight("validation", judged, folds)
    refuse_without_weight("holdout", held_out)
    notes = list(resolved.schema.notes)
    if written is not None:
        notes = [*notes_on_reading(resolved.table.notes, resolved.names), *written[1]]
    if own is not None and judged is not None:
        notes += notes_on_reading(own.table.notes, resolved.names)
        notes += judged.notes
    parts = {"train": np.sort(train.numbers), "holdout": divided.holdout.numbers}
    if own is None and folds is None:
        parts["validation"] = validated.numbers
    return Prepared(
        schema=resolved.schema,
        encoder=encoder,
        target=encoding,
        baseline=constant_prediction(counted.values, encoding.task, counted.positive_weights),
        settings=settings,
        train=trained.rows,
        validation=judged,
        judged_table=None if judged is None else judged_table,
        holdout=held_out,
        parts=parts,
        fingerprint=resolved.fingerprint,
        notes=tuple(notes),
        folds=folds,
    )


def refuse_without_weight(name: str, rows: LabeledRows | None, folds: Folds | None = None) -> None:
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
