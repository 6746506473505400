"""Whether the parts of a model fit together: what a file says in one place must agree with what it says in others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from glassnet.errors import ModelFileError, SettingsError
from glassnet.ship.document import Records
from glassnet.tables.schema import BINARY, COLUMN_TYPES, MULTICLASS, MULTILABEL, REGRESSION, TASKS, Schema
from glassnet.targets import TargetEncoding, TargetGroup, Targets
from glassnet.targets.temperature import HIGHEST, LOWEST
from glassnet.training.setup import for_task, network_of


def check(records: Records) -> None:
    """Check all of ``records``.

    Raises:
        ModelFileError: parts that do not fit together, all of them.
    """
    faults = [*_schema(records.schema)] or [*_target(records.target, records.schema)]
    faults = faults or [
        *_encoder(records),
        *_baseline(records),
        *_networks(records),
        *_provenance(records.provenance),
    ]
    if faults:
        raise ModelFileError(faults)


def _schema(schema: Schema) -> Iterator[str]:
    names = [column.name for column in (*schema.columns, *schema.target)]
    if len(set(names)) < len(names) or not schema.target:
        yield "its schema has two columns of one name, or no target."
    if strange := {column.type for column in (*schema.columns, *schema.target)} - {*COLUMN_TYPES}:
        yield f"its schema has columns of the types {sorted(strange)}, which are not known here."
    if schema.task not in TASKS:
        yield f"its task is {schema.task!r}, but must be one of {', '.join(TASKS)}."
    if schema.decimal not in (None, ".", ","):
        yield f"its decimal mark is {schema.decimal!r}, but must be '.' or ','."


def _target(target: Targets, schema: Schema) -> Iterator[str]:
    if isinstance(target, TargetGroup):
        yield from _group(target, schema)
        return
    if target.columns != tuple(column.name for column in schema.target):
        yield "its target has other columns than its schema."
    # two classes may have an output each
    if target.task != schema.task and (target.task, schema.task) != (MULTICLASS, BINARY):
        yield f"its target is for the task {target.task}, but its schema for {schema.task}."
    if not len(target.mean) == len(target.scale) == (len(target.columns) if target.task == REGRESSION else 1):
        yield "its target has other numbers of means, scales and columns."
    if not all(scale > 0 for scale in target.scale):
        yield "its target has scales that are not above 0."
    if not (LOWEST <= target.temperature <= HIGHEST and (target.classes or target.temperature == 1)):
        yield f"its target has the temperature {target.temperature}."
    if len(target.units) not in (0, len(target.columns)):
        yield f"its target has {len(target.units)} units for {len(target.columns)} columns."
    ends = len(target.lowest), len(target.highest)
    if ends not in ((0, 0), (len(target.columns),) * 2) or (target.classes and any(ends)):
        yield "its target has other numbers of columns and of ends of the range of predictions."
    elif any(low > high for low, high in zip(target.lowest, target.highest, strict=True)):
        yield "its target has a range of predictions whose lowest number is above its highest."
    own, known = (target.text, target.kept_words, target.folded), schema.target[0]
    if target.task != REGRESSION and own != (known.text, known.kept_words, known.folded):
        yield "its target reads labels in another way than its schema."
    if (target.task == REGRESSION) != (target.classes is None):
        yield f"its target has classes, or none, against its task {target.task}."
    if target.classes is not None:
        yield from _classes(target)


def _group(target: TargetGroup, schema: Schema) -> Iterator[str]:
    if schema.task != MULTILABEL or len(target.each) != len(schema.target):
        yield f"it has {len(target.each)} target encodings, but its schema {len(schema.target)} for {schema.task}."
        return
    if len({own.dtype for own in target.each}) > 1:
        yield "its targets are of different data types."
    for own, column in zip(target.each, schema.target, strict=True):
        if own.task not in (BINARY, MULTICLASS):
            yield f"one of its targets is for the task {own.task}."
        yield from _target(own, replace(schema, target=(column,), task=own.task))


def _classes(target: TargetEncoding) -> Iterator[str]:
    classes: tuple[Any, ...] = target.classes or ()
    texts = {label for label in classes if isinstance(label, str)}
    truths = {label for label in classes if isinstance(label, bool)}
    numbers = {label for label in classes if not isinstance(label, (str, bool))}
    if len(classes) not in range(2, 3 if target.task == BINARY else 2**53):
        yield f"its target has {len(classes)} classes for the task {target.task}."
    elif len(classes) not in (len(texts), len(truths), len(numbers)):
        yield "its classes are of different types, or not each once."
    elif any(one >= other for one, other in pairwise(classes)):
        yield "its classes are not in ascending order."
    elif len(target.columns) != 1 or (target.mean, target.scale) != ((0.0,), (1.0,)):
        yield "its target has classes, and several columns or a scale."


def _encoder(records: Records) -> Iterator[str]:
    schema, encoders = records.schema, records.encoder.encoders
    found = [(encoder.column, encoder.type) for encoder in encoders]
    used = [(column.name, column.type) for column in schema.inputs]
    if found != used:
        yield "its column encoders are not those of the columns of its schema."
        return
    names = {name for name, _ in used}
    left_out = [column.name for column in (*schema.columns, *schema.target) if column.name not in names]
    if list(records.encoder.ignored) != left_out:
        yield "the columns that its encoder ignores are not those that its schema leaves out."
    for encoder, column in zip(encoders, schema.inputs, strict=True):
        for fault in encoder.faults(column):
            yield f"its encoder of the column {encoder.column!r:.80} {fault}."


def _provenance(provenance: Mapping[str, Any]) -> Iterator[str]:
    rows = provenance.get("rows")
    names = ("train", "validation", "holdout")
    if not isinstance(rows, Mapping) or not all(
        type(rows.get(name)) is int and rows[name] >= 0 for name in names
    ):
        yield f"its provenance lacks the numbers of rows: {', '.join(names)}."


def _baseline(records: Records) -> Iterator[str]:
    baseline, target = records.baseline, records.target
    classes = target.task in (BINARY, MULTICLASS)
    expected = len(target.labels) if classes else target.outputs
    if not baseline:
        return  # of a model whose training rows are not known
    if len(baseline) != expected:
        yield f"its baseline has {len(baseline)} numbers for {expected} targets or classes."
    elif target.task != REGRESSION and not all(0 <= share <= 1 for share in baseline):
        yield "its baseline has shares that are not from 0 to 1."


def _networks(records: Records) -> Iterator[str]:
    settings, target, task = records.settings, records.target, records.schema.task
    if target.dtype != settings.dtype:
        yield f"its target is of {target.dtype}, but its parameters are of {settings.dtype}."
    try:
        complete = for_task(settings, task) == settings and settings.learning_rate is not None
        expected = network_of(settings, len(records.encoder.input_names), target.outputs)
    except SettingsError as error:
        yield from error.faults
        return
    if not complete:
        yield "its settings lack an output activation, a loss or a learning rate."
    for number, network in enumerate(records.networks):
        if network != expected:
            yield (
                f"its network {number} is {network}, but its columns, classes and settings are those of {expected}."
            )
