"""From a table that does not fit into memory to encoded rows: on a disk for training, in memory for validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from glassnet.errors import Faults, SettingsError, TableError, called
from glassnet.net import Loss
from glassnet.net.arrays import Array
from glassnet.streaming.budget import Budget
from glassnet.streaming.encoding import HASHES, Encoding, write_cache
from glassnet.streaming.parts import TRAIN, Division
from glassnet.streaming.row_cache import RowCache
from glassnet.streaming.row_hash import key_of
from glassnet.streaming.row_source import CachedRows
from glassnet.streaming.survey import Survey
from glassnet.tables import Schema
from glassnet.tables.read.blocks import TableBlocks
from glassnet.tables.schema import REGRESSION, Column
from glassnet.tables.seeds import Stream
from glassnet.tables.understand.identifiers import row_number_reason
from glassnet.tables.understand.infer_schema import check_names
from glassnet.targets import TargetGroup
from glassnet.training.class_weights import class_weights_of
from glassnet.training.encoded_rows import LabeledRows
from glassnet.training.evaluated import constant_prediction
from glassnet.training.prepare import Prepared, fit, refuse_without_weight
from glassnet.training.resolve import Beyond, Resolved, resolve
from glassnet.training.row_split import check_groups, refuse_shared_groups
from glassnet.training.settings import Settings
from glassnet.training.target_rows import TargetRows, own_validation
from glassnet.training.training_inputs import (
    column_types_of,
    row_weights,
    table_and_target,
)
from glassnet.training.training_rows import TrainingRows

EXAMPLES = 2**13  # training rows in memory, of which a model keeps statistics
SAMPLE, SPLIT = 0, 1  # the numbers of the keys of hashes
NONE = np.empty(0, np.int64)
Report = Callable[
    [str, int, int], None
]  # what is done, the number of all rows if it is known, and of those so far


def _silent(doing: str, of: int, rows: int) -> None:
    """A report to nobody."""


class CachedTraining:
    """The training rows of a table, in a cache: see :class:`glassnet.training.prepare.CachedTraining`."""

    def __init__(self, cache: RowCache, validation: LabeledRows | None) -> None:
        assert cache.contents is not None
        self._cache = cache
        hashes = cache.part(HASHES)
        others = [] if validation is None else [validation.rows]
        self.count = sum(cache.contents.buckets)
        self.rows = TrainingRows.hashed(NONE, NONE if hashes is None else hashes["hashes"], *others)

    def source(self, loss: Loss, seed: int) -> CachedRows:
        return CachedRows(self._cache, loss, seed)

    def close(self) -> None:
        self._cache.close()

    def holdout_inputs(self) -> Iterator[Array]:
        return (lot["inputs"] for lot in self._cache.lots("holdout"))


def prepare_blocks(
    blocks: TableBlocks,
    target: str | Sequence[str] | None,
    settings: Settings,
    stream: Stream,
    validation: Any = None,
    report: Report | None = None,
) -> Prepared:
    """As :func:`glassnet.training.prepare.prepare`, for a table that is read in blocks.

    What has to be known of the columns is learned from a sample (:class:`Survey`). The parts follow from hashes of the
    rows' numbers. The training rows are written to the cache that the setting ``cache`` names, or to a temporary one.

    ``report`` is called after each block of rows that was read, or encoded, with the number of rows so far and of all.

    Raises:
        TableError, SettingsError: as there.
        InputError: the disk has not enough space.
        OSError: the cache cannot be written.
    """
    cache = RowCache(settings.cache)
    try:
        return _prepare(cache, blocks, target, settings, stream, validation, report or _silent)
    except BaseException:  # whose traceback may keep the cache
        cache.close()
        raise


def _prepare(
    cache: RowCache,
    blocks: TableBlocks,
    target: str | Sequence[str] | None,
    settings: Settings,
    stream: Stream,
    validation: Any,
    report: Report,
) -> Prepared:
    budget = Budget.of(settings.memory)
    settings = settings.with_checked(
        memory=settings.memory or budget.size
    )  # on which the order of rows depends
    division = Division(settings, key_of(stream, SPLIT))
    read = partial(report, "reading", blocks.rows or 0)
    names = _targets(blocks, target, settings)
    survey = Survey.of(blocks, names, key_of(stream, SAMPLE), budget.part, read)
    resolved = _resolve(survey, target, settings, validation is not None or settings.validation > 0)
    settings = resolved.settings

    train = _training_rows(resolved, survey, division)
    encoding = _fit(resolved, train)
    own = None
    if validation is not None:
        own = own_validation(validation, resolved.raw, resolved.schema, settings)
        refuse_shared_groups(settings, resolved.rows.table, own.table)
    notes = [*resolved.schema.notes, *division.limit(survey.rows, budget.part // encoding.held_size)]
    key = encoding.key(survey.fingerprint, division)
    if not cache.holds(key):
        read = partial(report, "encoding", survey.rows)
        write_cache(cache, key, blocks, encoding, division, survey.rows, budget, read)
    encoding = _of_all_rows(encoding, resolved, cache)
    judged = _cached(cache, "validation", encoding) if own is None else encoding.encoded(own)
    held_out = _cached(cache, "holdout", encoding, with_inputs=False)
    refuse_without_weight("validation", judged)
    refuse_without_weight("holdout", held_out)
    cached = CachedTraining(cache, judged)
    parts = {"train": NONE, "holdout": NONE if held_out is None else held_out.numbers}
    if judged is not None and own is None:
        parts["validation"] = judged.numbers
    _check(settings, cached, parts, own is not None)
    assert cache.contents is not None
    return Prepared(
        schema=resolved.schema,
        encoder=encoding.encoder,
        target=encoding.target,
        baseline=constant_prediction(np.array([cache.contents.facts["means"]]), encoding.target.task),
        settings=settings,
        train=encoding.encoded(_examples(train, survey)).rows,
        validation=judged,
        judged_table=None,
        holdout=held_out,
        parts=parts,
        fingerprint=survey.fingerprint,
        notes=tuple(notes),
        cached=cached,
    )


def _targets(blocks: TableBlocks, target: Any, settings: Settings) -> list[str]:
    """The names of the targets. Names that no column has are refused before the whole table is read."""
    first = next(blocks.raw(), None)
    if first is None:
        return []
    _, names, _ = table_and_target(typed := blocks.typed(first), target)
    faults = Faults(TableError)
    check_names(typed, names, settings.task, column_types_of(settings.column_types), faults)
    faults.raise_if_any()
    row_weights(typed, settings.sample_weight, is_whole=False)
    if settings.groups is not None:
        check_groups(typed, settings.groups, NONE)
    return names


def _resolve(survey: Survey, target: Any, settings: Settings, validated: bool) -> Resolved:
    """What the sample tells, with what is known of all rows."""
    declared = column_types_of(settings.column_types)
    counting = {name: row_number_reason(name) for name in survey.counting if name not in declared}
    left_out = {name: reason for name, reason in counting.items() if reason}
    found = resolve(survey.table, target, settings, validated, beyond=Beyond(survey.rows, left_out))

    def counted(column: Column) -> Column:
        return replace(column, missing=survey.missing.get(column.name, column.missing))

    schema: Schema = replace(
        found.schema,
        columns=tuple(map(counted, found.schema.columns)),
        target=tuple(map(counted, found.schema.target)),
        rows=survey.rows,
    )
    rows = found.rows
    if survey.weights is not None:
        own = survey.weights[rows.numbers]
        rows = replace(rows, weights=own if rows.weights is None else rows.weights * own)
    return replace(found, schema=schema, rows=rows)


def _training_rows(resolved: Resolved, survey: Survey, division: Division) -> TargetRows:
    """Those rows of the sample that are training rows, whatever the share of validation rows becomes."""
    parts = division.of(survey.numbers[resolved.rows.numbers], resolved.rows.table)
    train = resolved.rows.take(np.flatnonzero(parts == TRAIN))
    if len(train):
        resolved.check_targets(train.values)
        return train
    settings = resolved.settings
    raise SettingsError(
        f"{called('validation', settings.validation)} and {called('holdout', settings.holdout)} leave no training "
        "rows; lower one of them."
    )


def _fit(resolved: Resolved, train: TargetRows) -> Encoding:
    counted, settings = train.with_weight(), resolved.settings
    fitted = fit(resolved, counted, None)
    weights = class_weights_of(settings.class_weight, fitted.target, counted.values, counted.positive_weights)
    return Encoding(resolved.schema, fitted.encoder, fitted.target, resolved.raw, settings, weights)


def _of_all_rows(encoding: Encoding, resolved: Resolved, cache: RowCache) -> Encoding:
    """The encoding with the range of the targets of all training rows, which are checked: the sample lacks some."""
    assert cache.contents is not None
    if encoding.target.task != REGRESSION:
        return encoding
    facts = cache.contents.facts
    values = np.array([facts["lowest"], facts["highest"]])
    resolved.check_targets(values)
    if isinstance(encoding.target, TargetGroup) or not encoding.settings.clamp:
        return encoding
    return replace(encoding, target=encoding.target.clamped(values))


def _examples(train: TargetRows, survey: Survey) -> TargetRows:
    """Random training rows of the sample: those that stand for others."""
    at = np.arange(len(train))
    if survey.weights is not None:
        random = np.flatnonzero(survey.random[train.numbers])
        at = random if len(random) else at
    step = -(-len(at) // EXAMPLES)
    return replace(train.take(at[::step]), weights=None)


def _cached(
    cache: RowCache, part: str, encoding: Encoding, *, with_inputs: bool = True
) -> LabeledRows | None:
    arrays = cache.part(part, () if with_inputs else ("inputs",))
    return None if arrays is None else encoding.cached(arrays)


def _check(settings: Settings, cached: CachedTraining, parts: dict[str, Any], own: bool) -> None:
    """Refuse a division that left a part without rows, as few groups may do."""
    counts = {"train": cached.count} | {name: len(rows) for name, rows in parts.items() if name != "train"}
    wanted = {"train": 1.0, "holdout": settings.holdout, "validation": 0.0 if own else settings.validation}
    empty = [name for name, share in wanted.items() if share and not counts.get(name, 0)]
    if empty:
        raise SettingsError(
            f"no row is in the {' and '.join(empty)} part: there are too few rows or groups; set another "
            f"{called('seed')}, or other shares."
        )
