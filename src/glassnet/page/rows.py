"""Sample rows of a table as the page has them: each value as its column's encoder takes it.

A column of numbers is packed, with NaN where there is none; dates are seconds since 1970 (UTC) and all else is text, in
lists, with None for a missing value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from glassnet.page.packing import pack
from glassnet.tables import fingerprint
from glassnet.tables.column_values import ColumnValues
from glassnet.tables.schema import DATETIME, NUMBER, REGRESSION
from glassnet.targets import class_codes
from glassnet.text import plain

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel
    from glassnet.training.encoded_rows import EncodedTable


def sample_rows(
    model: TrainedModel, table: Any, most: int, parts: Mapping[str, npt.NDArray[np.int64]] | None = None
) -> dict[str, Any]:
    """At most ``most`` rows of ``table``, evenly spaced, with their targets where they have them.

    Args:
        parts: the numbers of the rows that belong to each part of the table, if that is known.

    Returns:
        ``total``, how many rows the table has; ``numbers`` of the rows shown, from 0; ``columns``, the values of
        each column by name; ``parts``, the part that each row belongs to, where ``parts`` are given.
    """
    given = model.encode(table).table
    count = given.num_rows
    at = np.arange(count) if count <= most else np.linspace(0, count - 1, most).round().astype(np.intp)
    shown = given.take(at)
    columns = {
        each.column: values_of(shown.column(each.column), each.type, getattr(each, "format", None))
        for each in model.encoder.encoders
    }
    names = set(shown.column_names)
    if set(model.target.columns) <= names:
        columns |= _targets(model, shown)
    shown_rows = {"total": count, "numbers": at.tolist(), "columns": columns}
    if parts:
        part_of = np.full(count, None, dtype=object)
        for name, numbers in parts.items():
            part_of[numbers] = name
        shown_rows["parts"] = part_of[at].tolist()
    return shown_rows


def parts_of(model: TrainedModel, encoded: EncodedTable) -> dict[str, npt.NDArray[np.int64]]:
    """The numbers of the rows in each part of the table that ``model`` was trained on; empty for another table."""
    known, labeled = model.training_rows, model.labeled(encoded)
    if known is None or labeled is None or fingerprint(encoded.table) != model.provenance.get("data"):
        return {}
    parts = {"train": known.numbers}
    if model.holdout is not None and model.holdout.rows is not None:
        parts["holdout"] = model.holdout.rows
    if model.settings.validation:
        parts["validation"] = np.setdiff1d(labeled.numbers, np.concatenate(list(parts.values())))
    return parts


def values_of(column: ColumnValues, type_: str, date_format: str | None = None) -> Any:
    """The values of a column of a read table, as JSON can hold them."""
    if type_ == NUMBER:
        numbers = np.where(np.isfinite(column.numbers), column.numbers, np.nan)
        with np.errstate(over="ignore"):
            single = numbers.astype(np.float32)
        return pack(single if np.array_equal(single, numbers, equal_nan=True) else numbers)
    if type_ == DATETIME:
        return plain(column.seconds(date_format))
    words = column.words
    texts = np.array([*words.texts, None], dtype=object)
    return list(texts[words.codes].tolist())


def _targets(model: TrainedModel, table: Any) -> dict[str, list[Any]]:
    """The targets' values: numbers, or the labels as text."""
    target = model.target
    if model.schema.task == REGRESSION:
        return {name: plain(table.numbers(name)) for name in target.columns}
    encoded, rows = target.encode(table)
    labels: npt.NDArray[Any] = np.full(table.num_rows, None, dtype=object)
    assert target.classes is not None
    texts = np.array([label_text(label) for label in target.classes], dtype=object)
    labels[rows] = texts[class_codes(encoded)]
    return {target.columns[0]: labels.tolist()}


def label_text(label: Any) -> str:
    """A class as the table's words have it."""
    return ("true" if label else "false") if isinstance(label, bool) else str(label)
