"""Columns of any Arrow type as one array of a plain type (numbers, truths, text, timestamps), or of their own type."""

from __future__ import annotations

from glassnet.errors import TableError
from glassnet.tables._arrow import pa, pc
from glassnet.tables.text_columns import one_chunk

SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def one_array(name: str, column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, without runs, and without dictionaries but of text.

    Raises:
        TableError: it is too large for one piece; the message names it.
    """
    try:
        return one_chunk(pa.chunked_array([_stored(chunk) for chunk in column.chunks], _stored_type(column)))
    except pa.ArrowException as error:
        raise TableError(f"Column {name!r} of type {column.type} cannot be read: {error}.") from None


def _stored_type(column: pa.ChunkedArray) -> pa.DataType | None:
    return None if column.num_chunks else column.type


def _stored(values: pa.Array) -> pa.Array:
    own, types = values.type, pa.types
    if isinstance(own, pa.BaseExtensionType):
        storage = _stored(values.storage)
        return pc.not_equal(storage, 0) if own.extension_name == "arrow.bool8" else storage
    if types.is_run_end_encoded(own):
        # PyArrow writes out runs of numbers only, so it writes out the places of the values
        places = pa.RunEndEncodedArray.from_arrays(
            values.run_ends, pa.array(range(len(values.values)), pa.int32())
        )
        return _stored(values.values).take(pc.run_end_decode(places)[values.offset :][: len(values)])
    if types.is_dictionary(own):
        words = _stored(values.dictionary)
        return words.take(values.indices)
    return values.cast(pa.string()) if is_text(own) else values


def is_text(own: pa.DataType) -> bool:
    """Whether a type is text, of whatever layout."""
    return bool(
        pa.types.is_string(own) or pa.types.is_large_string(own) or str(own) == "string_view"
    )  # which PyArrow 16 cannot ask for


def plain(name: str, column: pa.Array) -> pa.Array:
    """``column`` in one of the plain types.

    Raises:
        TableError: times that no timestamp of microseconds holds; the message names the column.
    """
    own, types = column.type, pa.types
    if types.is_integer(own):
        huge = types.is_uint64(own) and (pc.max(column).as_py() or 0) >= 2**63
        return column if huge or own == pa.int64() else column.cast(pa.int64())
    if types.is_floating(own) or types.is_decimal(own):
        values = column if own == pa.float64() else column.cast(pa.float64())
        nan = pc.is_nan(values)
        return pc.if_else(nan, None, values) if pc.any(nan).as_py() else values
    if types.is_timestamp(own) or types.is_date(own):
        finer = types.is_timestamp(own) and own.unit == "ns"  # only this cast may round
        try:
            zoned = column.cast(pa.timestamp("us", getattr(own, "tz", None)), safe=not finer)
        except pa.ArrowInvalid:
            raise TableError(
                f"Column {name!r} holds dates beyond the years from -290,000 to 294,000, which is as far as "
                "timestamps go; make them empty."
            ) from None
        return zoned.cast(pa.timestamp("us"))
    if types.is_time(own) or types.is_duration(own):
        ticks = column.cast(pa.int32() if own.bit_width == 32 else pa.int64())
        return pc.divide(ticks.cast(pa.float64(), safe=False), SECOND[own.unit])
    return column
