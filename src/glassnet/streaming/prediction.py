"""Predictions and evaluations of tables in files, a block at a time: only the outputs of all rows are in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from glassnet.errors import InputError, TableError, one_report
from glassnet.evaluation import Evaluation
from glassnet.net.arrays import Array
from glassnet.tables.read.blocks import TableBlocks
from glassnet.tables.read.options import AS_FOUND, ReadOptions
from glassnet.tables.schema import Schema
from glassnet.tables.table import ReadTable

Result = TypeVar("Result")

LARGE = 2**28  # bytes of a file that is read in blocks; smaller ones are read whole


def in_blocks(source: Any, options: ReadOptions = AS_FOUND) -> TableBlocks | None:
    """The blocks of a folder, a pattern, a dataset or a large file; ``None`` for all else.

    Raises:
        TableError: no file fits the pattern, or the folder has no table.
    """
    blocks = TableBlocks.of(source, options)
    return None if blocks is None or (blocks.file and blocks.size < LARGE) else blocks


def each_block(blocks: TableBlocks, like: Schema, work: Callable[[ReadTable], Result]) -> Iterator[Result]:
    """What ``work`` returns for each block."""
    for start, part in numbered(blocks, like):
        with located(blocks, start, part.num_rows):
            found = work(part)
        yield found


def numbered(blocks: TableBlocks, like: Schema) -> Iterator[tuple[int, ReadTable]]:
    """The blocks with their types, each with the number of its first row."""
    start, blocks = 0, blocks.expecting(like)
    for block in blocks.raw():
        with located(blocks, start, block.num_rows):
            typed = blocks.typed(block, like)
        yield start, typed
        start += block.num_rows


@contextmanager
def located(blocks: TableBlocks, start: int, rows: int) -> Iterator[None]:
    """Within, faults of a block say which rows of the table it has: they count its rows from 0."""
    try:
        yield
    except TableError as error:
        where = (
            f"In rows {start:,} to {start + rows - 1:,} of {blocks.name!r}, counted from the first of these:"
        )
        raise TableError([f"{where} {fault}" for fault in error.faults]) from None


def outputs_in_blocks(model: Any, blocks: TableBlocks) -> Array:
    """The outputs (N, O) of a model for all rows of a table in files.

    Raises:
        TableError, InputError: as ``predict``.
    """
    with one_report():
        outputs = [
            *each_block(blocks, model.schema, lambda part: model.known_outputs(model.encode(part).inputs))
        ]
    if not outputs:
        raise TableError(f"{blocks.name!r} has no rows.")
    return np.concatenate(outputs)


def evaluate_blocks(model: Any, table: Any, sample_weight: Any) -> Evaluation | None:
    """The evaluation of a model on the rows of a table in files that have a target; ``None`` for other tables.

    Raises:
        TableError, SettingsError, InputError: as ``evaluate``.
    """
    blocks = in_blocks(table) if sample_weight is None or isinstance(sample_weight, str) else None
    if blocks is None:
        return None
    labeled, outputs, known = [], [], 0
    with one_report():
        for start, part in numbered(blocks, model.schema):
            with located(blocks, start, part.num_rows):
                own = model.labeled(model.encode(part), sample_weight)
                if own is None:
                    continue
                outputs.append(model.outputs(own.rows.inputs))
                known += 0 if model.training_rows is None else model.training_rows.count_among(own.rows)
                labeled.append(replace(own.without_inputs(), numbers=own.numbers + start))
    if not labeled:
        raise InputError("there is no row with a target.")
    rows = type(labeled[0]).joined(labeled)
    found: Evaluation = model.evaluate_rows(rows, np.concatenate(outputs))
    if known:
        model.training_rows.report_known(known, len(rows))
    return replace(found, training_rows=known)
