"""Tables that are in memory already: DataFrames, arrays, lists of dicts, dicts of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from glassnet.errors import Faults, InputTypeError, TableError
from glassnet.tables._arrow import pa
from glassnet.tables.read.column_names import array_names, refuse_duplicates
from glassnet.tables.read.limit import CELL, Limit
from glassnet.tables.value_text import quoted


def from_memory(source: Any, limit: Limit) -> pa.Table:
    """``source`` as a PyArrow table, types as they are; :class:`InputTypeError` when it is no table.

    ``limit`` is for records, each of which may have keys of its own.
    """
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, pa.RecordBatchReader):
        return _whole(source.read_all)
    if callable(
        getattr(source, "to_table", None)
    ):  # PyArrow's datasets and scanners, which need not be loaded
        return _whole(source.to_table)
    if isinstance(source, Iterator):
        source = list(source)
    if isinstance(source, (list, tuple)) and source and all(map(_is_part, source)):
        return _from_parts(source, limit)
    with _half_characters_refused():
        if isinstance(source, np.ndarray):
            return _from_array(source)
        if isinstance(source, Mapping):
            return _from_columns(source)
        if isinstance(source, (list, tuple)) and source and all(isinstance(row, Mapping) for row in source):
            return _from_rows(source, limit)
        return _from_frame(source)


def _whole(read: Callable[[], pa.Table]) -> pa.Table:
    """What an object that yields batches holds, checked: its bytes may come from a file."""
    try:
        table = read()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"The batches of the table cannot be read: {error}") from None
    return table


def _is_part(part: Any) -> bool:
    """Whether it is a table, as opposed to a row or a number."""
    return isinstance(part, (pa.Table, pa.RecordBatch)) or hasattr(part, "columns")


def _from_parts(parts: Sequence[Any], limit: Limit) -> pa.Table:
    """Tables of the same columns, one below the other: record batches, or the chunks of a DataFrame."""
    tables = [from_memory(part, limit) for part in parts]
    names = tables[0].column_names
    for number, table in enumerate(tables[1:], 2):
        if sorted(table.column_names) != sorted(names):
            raise TableError(
                f"Part {number} of the table has the columns {quoted(table.column_names)}, but the first has "
                f"{quoted(names)}; all parts must have the same."
            )
    try:
        return pa.concat_tables([table.select(names) for table in tables], promote_options="permissive")
    except pa.ArrowException as error:
        raise TableError(f"The parts of the table have columns of different types: {error}") from None


def from_rows(rows: Iterable[Mapping[str, Any]], limit: Limit) -> pa.Table:
    """A table with a column for each key that occurs; a row that lacks it has a missing value."""
    with _half_characters_refused():
        return _from_rows(list(rows), limit)


@contextmanager
def _half_characters_refused() -> Iterator[None]:
    """Python's text can hold halves of a character (surrogates), which no table and no file can."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise TableError(
            f"The table has the text {error.object!r:.60}, which holds half of a character; mend it, as with "
            "text.encode('utf-8', 'replace').decode()."
        ) from None


def from_columns(columns: Mapping[Any, Any]) -> pa.Table:
    """A table of columns by name."""
    with _half_characters_refused():
        return _from_columns(columns)


def _from_array(array: np.ndarray[Any, Any]) -> pa.Table:
    if array.dtype.names:
        return _from_columns({name: array[name] for name in array.dtype.names})
    if array.ndim != 2:
        raise TableError(f"The array has shape {array.shape}, but a table is (N, I): rows by columns.")
    return _from_columns({name: array[:, at] for at, name in enumerate(array_names(array.shape[1]))})


def _from_rows(rows: Sequence[Mapping[str, Any]], limit: Limit) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    limit.check(len(names) * len(rows) * CELL)
    columns: dict[str, list[Any]] = {name: [None] * len(rows) for name in names}
    for at, row in enumerate(rows):
        for name, value in row.items():
            columns[name][at] = value
    return _from_columns(columns)


def _from_columns(columns: Mapping[Any, Any]) -> pa.Table:
    names = [str(name) for name in columns]
    refuse_duplicates(names, "the table")
    _refuse_unlisted(columns)
    arrays = [_one_array(name, values) for name, values in zip(names, columns.values(), strict=True)]
    lengths = {len(array): name for name, array in zip(names, arrays, strict=True)}
    if len(lengths) > 1:
        shown = ", ".join(f"{name!r} has {length}" for length, name in [*lengths.items()][:5])
        raise TableError(f"The columns have different numbers of values: {shown}.")
    return pa.table(dict(zip(names, arrays, strict=True)))


def _refuse_unlisted(columns: Mapping[Any, Any]) -> None:
    """:class:`TableError` for each of ``columns`` that is no list of values, as where a dict is a single row."""
    faults = Faults(TableError)
    for name, values in columns.items():
        dimensions = getattr(values, "ndim", 1)
        if dimensions > 1:
            faults.add(
                f"Column {str(name)!r} has shape {values.shape}, but a column is (N,); give each its own."
            )
        elif isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__len__") or not dimensions:
            faults.add(
                f"Column {str(name)!r} is {values!r:.40}, but must be a list with a value for every row; "
                "a single row is a list of one dict: [row]."
            )
    faults.raise_if_any()


# what the units of NumPy that Arrow does not have are converted to
_UNITS = dict.fromkeys(("Y", "M", "W", "D", "h", "m"), "%s8[s]") | dict.fromkeys(
    ("ps", "fs", "as"), "%s8[ns]"
)


def _one_array(name: str, values: Any) -> pa.Array:
    """One column of anything; values of mixed types become text, as they would in a CSV."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if isinstance(values, np.ndarray):
        if values.dtype.kind in "mM" and np.datetime_data(values.dtype)[0] in _UNITS:
            values = values.astype(_UNITS[np.datetime_data(values.dtype)[0]] % values.dtype.kind)
        # a mask is copied with its array
        values = values.copy() if values.dtype != object else values.tolist()
    elif not isinstance(values, (list, tuple)) and hasattr(values, "to_numpy"):
        return _one_series(name, values)
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, OverflowError, UnicodeDecodeError):
        _refuse_complex(name, values)
        return pa.array([None if _is_missing(value) else str(value) for value in values], pa.string())


def _is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or NA."""
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):  # pandas.NA, or an array
        return not hasattr(value, "__len__")


def _refuse_complex(name: str, values: Iterable[Any]) -> None:
    first = next((value for value in values if isinstance(value, (complex, np.complexfloating))), None)
    if first is not None:
        raise TableError(
            f"Column {name!r} holds complex numbers, such as {first!s}, but networks learn from real ones; "
            "give the real and the imaginary parts as columns of their own."
        )


def _from_frame(source: Any) -> pa.Table:
    import narwhals as nw

    if isinstance(source, (list, tuple)) and not source:
        raise TableError("The table has no rows: the list is empty.")
    if not callable(getattr(source, "collect", None)):
        refuse_duplicates([str(name) for name in getattr(source, "columns", ())], "the DataFrame")
    try:
        frame = nw.from_native(source)
    except TypeError:
        with suppress(pa.ArrowException, TypeError, AttributeError):  # a single column exports a stream, too
            return _whole(pa.RecordBatchReader.from_stream(source).read_all)
        raise InputTypeError(
            f"A table cannot be made of {type(source).__name__}; pass a path, a DataFrame, a PyArrow table,"
            " dataset or reader, a NumPy array (N, I), a list of dicts or a dict of columns."
        ) from None
    except ValueError as error:
        raise TableError(f"The DataFrame cannot be read: {error}") from None
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    names = [str(name) for name in frame.columns]
    if nw.dependencies.is_pandas_dataframe(source):
        # a wrapper around each column would take longer than all the rest of a short table
        arrays = [_one_series(str(name), column) for name, column in source.items()]
    else:
        arrays = [_one_series(name, frame[name]) for name in frame.columns]
    return pa.Table.from_arrays(arrays, names=names)


def _one_series(name: str, column: Any) -> pa.Array:
    """A column of a DataFrame. What only its own library knows, such as an interval of pandas, becomes text."""
    try:
        # pandas has no method for it
        array = column.to_arrow() if hasattr(column, "to_arrow") else pa.Array.from_pandas(column)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _one_array(name, column.to_list())
    own = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if getattr(own, "extension_name", "").startswith("pandas."):
        return pa.array([None if _is_missing(value) else str(value) for value in column], pa.string())
    return array
