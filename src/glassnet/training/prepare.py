"""From a table to the rows that an engine learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows
from glassnet.errors import SettingsError, TableError, called, unknown
from glassnet.net import Activation
from glassnet.net.arrays import Array
from glassnet.tables import (
    Encoder,
    Schema,
    TargetEncoding,
    fingerprint,
    split_rows,
    was_text,
)
from glassnet.tables.array_table import ArrayTable, take
from glassnet.tables.column_values import ReadColumn
from glassnet.tables.encode.target_encoding import class_codes
from glassnet.tables.read.read_table import as_table
from glassnet.tables.seeds import Randomness
from glassnet.tables.understand.infer_schema import understand
from glassnet.training.plan import for_task
from glassnet.training.settings import Settings
from glassnet.training.training_inputs import column_types_of, pair_table, row_weights, table_and_target

if TYPE_CHECKING:
    import pyarrow as pa

    Table: TypeAlias = pa.Table | ArrayTable


@dataclass(frozen=True)
class Prepared:
    """What training needs to know of the table; ``holdout`` has the rows that it must not see.

    ``holdout_weights`` is how much each of those counts, (N,), without what its class counts in training.
    """

    schema: Schema
    encoder: Encoder
    target: TargetEncoding
    settings: Settings
    train: Rows
    validation: Rows | None
    validation_table: Table | None
    holdout: Table | None
    holdout_weights: npt.NDArray[np.float64] | None
    fingerprint: str


def prepare(
    source: Any,
    target: str | Sequence[str] | None,
    settings: Settings,
    rng: Randomness,
    validation: Any = None,
) -> Prepared:
    """Read, understand, split and encode. All statistics come from the training rows alone.

    Args:
        source: what :func:`glassnet.tables.read_table` reads, or a pair ``(X, y)``.
        target: the column(s) to predict; may be ``None`` with a pair.
        rng: draws the split.
        validation: rows to validate on in place of a share of ``source``, in the same forms.

    Raises:
        TableError: the table cannot be read, or cannot be learnt from.
        SettingsError: settings that do not go with this table.
    """
    table, names, numeric = table_and_target(source, target)
    weights, kinds = row_weights(table, settings.sample_weight, column_types_of(settings.column_types))
    schema, targets = understand(table, names, task=settings.task, kinds=kinds, numeric=numeric)
    if schema.task != "regression" and was_text(table, names[0]):
        table, schema, targets = _with_text_labels(source, names, schema, kinds, settings.task)
    settings = for_task(settings, schema.task)
    output = settings.output_activation
    assert output is not None
    data = fingerprint(table)

    # a softmax has one output a class, also for two classes
    encoded_as = (
        replace(schema, task="multiclass") if output.name == "softmax" and schema.task == "binary" else schema
    )
    raw = TargetEncoding.of(targets, encoded_as, "float64")
    values, known = raw.encode_read(targets)
    if len(known) < table.num_rows:
        table, weights = take(table, known), None if weights is None else weights[known]
    split = split_rows(
        table.num_rows,
        holdout=settings.holdout,
        validation=settings.validation,
        rng=rng,
        classes=None if schema.task == "regression" else class_codes(values),
    )
    learnt = values[split.train]
    _check_targets(learnt, settings, names)

    learning = take(table, split.train) if len(split.train) < table.num_rows else table
    encoder = Encoder.fit(learning, schema, standardize=settings.standardize)
    encoding = _target_encoding(raw, learnt, output, settings)
    dtype = np.dtype(settings.dtype)
    class_weights = _class_weights(settings.class_weight, encoding, learnt)

    def rows_of(part: Table, raw_targets: Array, own: npt.NDArray[np.float64] | None) -> Rows:
        targets = encoding.scaled(raw_targets)
        if class_weights is not None:
            shares = class_weights[class_codes(targets)]
            own = shares if own is None else own * shares
        return Rows(encoder.transform(part, dtype), targets, None if own is None else own.astype(dtype))

    def weights_at(at: npt.NDArray[np.int64]) -> npt.NDArray[np.float64] | None:
        return None if weights is None else weights[at]

    checking = None
    if validation is not None:
        checking = _own_validation(validation, encoder, raw, schema, settings)
    elif len(split.validation):
        at = split.validation
        checking = take(table, at), values[at], weights_at(at)
    judging = None if checking is None else rows_of(*checking)
    held = split.holdout
    _check_weights("validation", None if judging is None else judging.weights)
    _check_weights("holdout", weights_at(held) if len(held) else None)

    return Prepared(
        schema=schema,
        encoder=encoder,
        target=encoding,
        settings=settings,
        train=rows_of(learning, learnt, weights_at(split.train)),
        validation=judging,
        validation_table=None if checking is None else checking[0],
        holdout=take(table, held) if len(held) else None,
        holdout_weights=weights_at(held),
        fingerprint=data,
    )


def _with_text_labels(
    source: Any, names: list[str], schema: Schema, kinds: Mapping[str, str], task: str | None
) -> tuple[Table, Schema, list[ReadColumn]]:
    """The table, its schema and its target, which stays text: the label "1" of a DataFrame is not the number 1."""
    like = replace(schema, target=(replace(schema.target[0], text=True),))
    table, _, numeric = table_and_target(source, names, like)
    again, targets = understand(table, names, task=task or "classification", kinds=kinds, numeric=numeric)
    return table, replace(again, target=(replace(again.target[0], text=True),)), targets


def _own_validation(
    source: Any, encoder: Encoder, raw: TargetEncoding, schema: Schema, settings: Settings
) -> tuple[Table, Array, npt.NDArray[np.float64] | None]:
    """The rows of a table that a person validates on, their raw targets, and their weights, if those are a column."""
    if isinstance(source, tuple) and len(source) == 2:
        table, _ = pair_table(*source, list(raw.columns), schema)
    else:
        table = as_table(source, schema)
    encoder.check(table)
    values, known = raw.encode(table)
    if not len(known):
        raise TableError("no row of the validation table has a target.")
    named = isinstance(settings.sample_weight, str)
    weights = row_weights(table, settings.sample_weight, {})[0] if named else None
    return take(table, known), values, None if weights is None else weights[known]


def _class_weights(given: Any, encoding: TargetEncoding, targets: Array) -> npt.NDArray[np.float64] | None:
    """What a row of each class counts, (C,), from ``"balanced"`` or a mapping of labels."""
    if given is None:
        return None
    if encoding.classes is None:
        raise SettingsError(
            f"{called('class_weight')} is for classes, but this target is a number; use {called('sample_weight')}."
        )
    if isinstance(given, str) and given == "balanced":
        counts = np.bincount(class_codes(targets), minlength=len(encoding.classes))
        return len(targets) / (len(counts) * np.maximum(counts, 1.0))
    if not isinstance(given, Mapping):
        raise SettingsError(
            f"{called('class_weight')} is {given!r}, but must be 'balanced' or a number by label."
        )
    labels = [str(label) for label in encoding.classes]
    known = {form: str(label) for label in encoding.classes for form in (label, str(label))}
    for label in given:
        if label not in known:
            raise SettingsError(unknown(f"a label in {called('class_weight')}", label, labels))
    by_label = {known[label]: number for label, number in given.items()}
    try:
        weights = np.array([by_label.get(label, 1.0) for label in labels], np.float64)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{called('class_weight')} is {given!r}, but must be 'balanced' or a number by label."
        ) from None
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise SettingsError(
            f"{called('class_weight')} is {given!r}, but its numbers must be at least 0, and one above."
        )
    return weights


def _check_weights(name: str, weights: Array | None) -> None:
    """Rows that count nothing measure nothing."""
    if weights is not None and not weights.any():
        raise SettingsError(
            f"{called(name)} needs rows that count, but all of them ({len(weights)}) have the weight 0; "
            "give other rows, a larger share or another seed."
        )


def _target_encoding(
    raw: TargetEncoding, values: Array, output: Activation, settings: Settings
) -> TargetEncoding:
    """Standardized for an unbounded output, only scaled for a positive one, as they are for a bounded one.

    ``values`` are the raw targets of the training rows.
    """
    low, high = output.range
    encoding = raw.standardized(values) if settings.standardize and high == np.inf else raw
    mean = encoding.mean if low == -np.inf else (0.0,) * len(encoding.mean)
    return replace(encoding, mean=mean, dtype=settings.dtype)


def _check_targets(values: Array, settings: Settings, names: Sequence[str]) -> None:
    """Targets that the loss or the output can never meet are a fault, told before training starts."""
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
