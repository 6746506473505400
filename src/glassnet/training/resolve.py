"""What is known of a training table before its rows are divided: its columns, its task and complete settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.errors import SettingsError, TableError
from glassnet.net.arrays import Array
from glassnet.tables import Note, Schema, Table, fingerprint, infer_schema
from glassnet.targets import TargetGroup, Targets, fit_targets
from glassnet.training.recipes import Facts, choices_of
from glassnet.training.row_split import roles_of
from glassnet.training.settings import Settings
from glassnet.training.setup import for_task
from glassnet.training.target_rows import TargetRows
from glassnet.training.training_inputs import column_types_of, row_weights, table_and_target


@dataclass(frozen=True, eq=False)
class Resolved:
    """A training table and what is asked of it.

    Attributes:
        table: all rows, as they were read.
        names: the columns to predict.
        types: the declared types of columns.
        schema: what each column is, the target and the task.
        settings: complete: what fits the task, and what the recipe chose.
        raw: the encoding of the targets in their own units.
        rows: those that have a target.
        fingerprint: of the whole table.
    """

    table: Table
    names: list[str]
    types: Mapping[str, str]
    schema: Schema
    settings: Settings
    raw: Targets
    rows: TargetRows
    fingerprint: str

    def check_targets(self, values: Array) -> None:
        """Refuse targets (R, O) that the loss is not defined for or that the output cannot approach."""
        loss, output = self.settings.loss, self.settings.output_activation
        assert loss is not None
        assert output is not None
        names = self.raw.output_names if isinstance(self.raw, TargetGroup) else self.names
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


@dataclass(frozen=True)
class Beyond:
    """A table that does not fit into memory.

    Attributes:
        rows: the number of its rows.
        left_out: columns that are no inputs, and why, as no sample shows.
    """

    rows: int
    left_out: Mapping[str, Note]


def resolve(
    source: Any,
    target: str | Sequence[str] | None,
    settings: Settings,
    validated: bool,
    schema: Schema | None = None,
    raw: Targets | None = None,
    beyond: Beyond | None = None,
) -> Resolved:
    """Read the table, infer its schema and complete the settings.

    Args:
        source, target: as for :func:`glassnet.training.prepare.prepare`.
        validated: whether there are validation rows.
        schema, raw: of an earlier training, to be used again.
        beyond: what is known of a table that does not fit into memory, of which ``source`` is a sample.
    """
    table, names, numeric = table_and_target(source, target, schema)
    weights = row_weights(table, settings.sample_weight)
    types = column_types_of(settings.column_types)
    roles = roles_of(settings, types, names) | dict(beyond.left_out if beyond else {})
    if schema is None:
        schema = infer_schema(
            table, names, task=settings.task, column_types=types, numeric=numeric, left_out=roles
        )
    settings = for_task(settings, schema.task)
    raw = raw or _raw_encoding(table, schema, settings)
    rows = TargetRows.of(table, raw, weights)
    if not len(rows):
        raise TableError("no row of the table has a target.")
    whole = len(rows) if beyond is None else beyond.rows
    count = max(1, round(whole * (1 - settings.holdout)))
    choices = choices_of(settings.recipe, Facts(schema.task, count, validated, beyond is not None))
    settings = settings.with_choices(choices, count)
    return Resolved(table, names, types, schema, settings, raw, rows, fingerprint(table))


def _raw_encoding(table: Table, schema: Schema, settings: Settings) -> Targets:
    """Two classes have two outputs with softmax."""
    one_hot = schema.task == "binary" and str(settings.output_activation) == "softmax"
    as_encoded = replace(schema, task="multiclass") if one_hot else schema
    return fit_targets(table, as_encoded, "float64")
