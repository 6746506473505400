"""The inputs of a training: a table or a pair, its targets, the types of its columns, the weights of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputTypeError, SettingsError, TableError, called, nearest
from glassnet.tables import Note, Schema, Table
from glassnet.tables.read.column_names import names_of
from glassnet.tables.read.read_table import as_columns, as_table


def table_and_target(
    source: Any, target: str | Sequence[str] | None, like: Schema | None = None
) -> tuple[Table, list[str], bool]:
    """The table with its targets as columns, their names, and whether it was an array of numbers."""
    if not (isinstance(source, tuple) and len(source) == 2):
        table = as_table(source, like)
        if target is None:
            raise TableError(
                "no target: name the column to predict, such as target='name'. "
                f"The columns are {', '.join(table.column_names[:20])}."
            )
        names = [name if name in table.column_names else name.strip() for name in names_of_targets(target)]
        if getattr(target, "ndim", 0) and not set(names).issubset(table.column_names):
            _refuse_values(target)
        return table, names, _is_numeric(source)
    table, names = pair_table(*source, target, like)
    return table, names, _is_numeric(source[0])


def names_of_targets(target: Any) -> list[str]:
    """The names of the targets as text; none for ``None``."""
    if target is None:
        return []
    several = isinstance(target, Iterable) and not isinstance(target, str)
    return [str(name) for name in (target if several else [target])]


def _refuse_values(target: Any) -> None:
    """Refuse an array of values as the name of a target; numbers may be names."""
    if getattr(target.dtype, "kind", "O") not in "OUT":
        raise InputTypeError(
            f"target is {len(target)} values, but must be the name of a column, or several names; "
            "pass values as a pair: train((X, y))."
        )


def pair_table(
    inputs: Any, values: Any, target: str | Sequence[str] | None, like: Schema | None = None
) -> tuple[Table, list[str]]:
    """``X`` and ``y`` as one table, and the names of the columns of ``y`` in it.

    ``like`` is the schema of earlier rows of the same table, as for :func:`glassnet.tables.read_table`.

    Raises:
        TableError: different numbers of rows, or a target with the name of an input.
    """
    table = as_table(inputs, like)
    columns = _target_columns(values, target)
    known = set(table.column_names)
    for name, column in columns.items():
        if len(column) != table.num_rows:
            raise TableError(
                f"X has {table.num_rows} rows, but y has {len(column)}; they must have the same."
            )
        if name in known:
            raise TableError(f"the target {name!r} is also a column of X; take it out of X, or rename y.")
    return table.with_columns(as_columns(columns, like)), list(columns)


def _target_columns(values: Any, target: str | Sequence[str] | None) -> dict[str, Any]:
    """``y`` as named columns: by its own names, by ``target``, or ``y`` (``y1``, ``y2`` … for several)."""
    names = names_of_targets(target)
    fields = names_of(values)
    if fields is not None and len(fields) == len(names or fields):
        return {name: values[field] for name, field in zip(names or map(str, fields), fields, strict=True)}
    own = getattr(values, "name", None)
    columns = [values]
    if not (isinstance(own, str) and hasattr(values, "__len__")):
        masked = hasattr(values, "filled")  # masked values are missing
        array = np.asanyarray(values) if masked else np.asarray(values)
        if array.ndim not in (1, 2):
            raise InputTypeError(
                f"y has {array.ndim} dimensions, but must have one, or two for several targets."
            )
        columns = [array] if array.ndim == 1 else list(array.T)
        own = "y"
    if not names:
        names = [own] if len(columns) == 1 else [f"{own}{number}" for number in range(1, len(columns) + 1)]
    if len(names) != len(columns):
        raise TableError(f"target names {len(names)} columns, but y has {len(columns)}.")
    return dict(zip(names, columns, strict=True))


def _is_numeric(source: Any) -> bool:
    return isinstance(source, np.ndarray) and source.dtype.kind in "fiu"


def column_types_of(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputTypeError(
            f"{called('column_types')} is {given!r:.80}, but must be a type by name, as {{'zip': 'category'}}."
        )
    return {str(name): str(own) for name, own in given.items()}


def notes_on_reading(notes: Iterable[Note], targets: Sequence[str]) -> list[Note]:
    """Those of the ``notes`` on a table that matter where its columns are known already.

    What differs from training in an input, the encoder notes; the settings are those of training, which is over.
    """
    return [
        note._replace(setting=None, value=None)
        for note in notes
        if note.setting != "column_types" or not set(targets).isdisjoint(note.value)
    ]


def row_weights(table: Table, weights: Any, *, is_whole: bool = True) -> npt.NDArray[np.float64] | None:
    """The weight of every row, (N,): those given, or the column of that name; ``None`` if there are none.

    Args:
        is_whole: whether these are all rows of the table, so that some must have a weight.

    Raises:
        SettingsError: no such column, no numbers, not one for each row, below 0, or none above 0.
    """
    if weights is None:
        return None
    if isinstance(weights, str):
        if weights not in table.column_names:
            hint = nearest(weights, table.column_names)
            raise SettingsError(
                f"{called('sample_weight')} is {weights!r}, but there is no such column.{hint}"
            )
        weights = table.column(weights).to_list()
    try:
        values = np.array(weights, np.float64)
    except (TypeError, ValueError):
        shown = [value for value in weights if not isinstance(value, (int, float, np.number))][:1]
        what = f", but has {shown[0]!r:.40}" if shown else ""
        raise SettingsError(f"{called('sample_weight')} must be numbers, one for each row{what}.") from None
    rows = table.num_rows
    if values.shape not in ((rows,), (rows, 1)):
        raise SettingsError(
            f"{called('sample_weight')} has the shape {values.shape}, but must have ({rows},): one for each row."
        )
    values = values.reshape(-1)
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if len(wrong):
        raise SettingsError(
            f"{called('sample_weight')} must be at least 0 and finite, but row {wrong[0]} has {values[wrong[0]]}."
        )
    if is_whole and not values.any():
        raise SettingsError(f"{called('sample_weight')} is 0 for every row; at least one must be above 0.")
    return values
