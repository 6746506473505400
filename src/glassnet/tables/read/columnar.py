"""Parquet and Arrow. A damaged file is refused before its values are used: PyArrow reads beyond its buffers otherwise.

How large a table becomes is checked twice: before anything is unpacked, by the sizes that the file declares, and before
dictionaries, runs and views are written out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from glassnet.errors import TableError
from glassnet.tables._arrow import pa, pc
from glassnet.tables.read.column_names import refuse_duplicates
from glassnet.tables.read.limit import CELL, Limit

MAGIC = len(b"ARROW1\0\0")
_RECORD_BATCH, _DICTIONARY = "record batch", "dictionary"


def read_parquet(data: bytes, limit: Limit) -> pa.Table:
    """The table of a Parquet file; text columns plain.

    Lists, structs and maps, which are left out of every table, are not read and have nulls: a single one can unpack to
    any size, and a file declares it only in metadata that PyArrow cannot check.

    Raises:
        TableError: it would be too large.
        pa.ArrowException, OSError: it is damaged.
    """
    from pyarrow import parquet

    file = parquet.ParquetFile(pa.BufferReader(data))
    schema, described = file.schema_arrow, file.metadata
    refuse_duplicates(schema.names, limit.name)
    limit.check(described.num_rows * described.num_columns * CELL)
    # of the groups only: what PyArrow throws for the metadata of a damaged column ends the process
    limit.check(sum(described.row_group(at).total_byte_size for at in range(described.num_row_groups)))
    # as codes: the text of a single word may stand for millions of rows
    texts = {own.name for own in schema if pa.types.is_string(own.type) or pa.types.is_large_string(own.type)}
    flat = [own.name for own in schema if not pa.types.is_nested(own.type)]
    file = parquet.ParquetFile(
        pa.BufferReader(data), read_dictionary=[*texts], page_checksum_verification=True
    )
    table = file.read(None if len(flat) == len(schema) else flat)
    columns = [
        pa.nulls(described.num_rows, own.type) if pa.types.is_nested(own.type) else table.column(own.name)
        for own in schema
    ]
    table = pa.table(columns, names=schema.names)
    table.validate(full=True)
    limit.check(written_out(table))
    plain = [own.cast(own.type.value_type) if name in texts else own
             for name, own in zip(table.column_names, table.columns, strict=True)]  # fmt: skip
    return pa.table(plain, names=table.column_names)


def read_arrow(data: bytes, limit: Limit, *, is_file: bool) -> pa.Table:
    """The table of an Arrow file or stream.

    Raises:
        TableError: it would be too large, or its end is missing.
        pa.ArrowException, OSError: it is damaged.
    """
    # a file is a stream between marks, with a list of its batches at the end
    batches = pa.ipc.open_file(pa.BufferReader(data)).num_record_batches if is_file else None
    stream = pa.py_buffer(data)[MAGIC:] if is_file else pa.py_buffer(data)
    size = found = 0
    for message in _messages(stream):
        found += message.type == _RECORD_BATCH
        size += _unpacked_size(message)
        limit.check(size)
    if batches not in (None, found):
        raise TableError(
            f"{limit.name!r} is a damaged Arrow file: it lists {batches} batches but has {found}."
        )
    table = pa.ipc.open_stream(pa.BufferReader(stream)).read_all()
    table.validate(full=True)
    limit.check(written_out(table))
    return table


def _messages(stream: pa.Buffer) -> Iterator[pa.ipc.Message]:
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(stream))
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _unpacked_size(message: pa.ipc.Message) -> int:
    """How many bytes the buffers of a batch or a dictionary have, as the message declares it.

    The layout is that of ``Message.fbs`` of Apache Arrow: a batch lists the offset and the length of each buffer; a
    compressed one begins with its length unpacked, or -1.
    """
    if message.type not in (_RECORD_BATCH, _DICTIONARY):
        return 0
    fields = message.metadata.to_pybytes()
    batch = _table_at(fields, _field(fields, _table_at(fields, 0), 2))
    if message.type == _DICTIONARY:
        batch = _table_at(fields, _field(fields, batch, 1))
    place = _field(fields, batch, 2)
    if not place:
        return 0
    first = _table_at(fields, place)
    (count,) = struct.unpack_from("<I", fields, first)
    buffers = np.frombuffer(fields, "<i8", 2 * count, first + 4).reshape(-1, 2)
    if not _field(fields, batch, 3):
        return int(buffers[:, 1].sum())
    body = message.body
    return sum(
        max(struct.unpack_from("<q", body, int(offset))[0], int(length))
        for offset, length in buffers
        if length >= 8
    )


def _table_at(data: bytes, place: int) -> int:
    """Where the table (or vector) is to which the flatbuffer ``data`` refers at ``place``."""
    return place + int(struct.unpack_from("<I", data, place)[0])


def _field(data: bytes, table: int, number: int) -> int:
    """Where the field of that number of a flatbuffer's table is; 0 where it is left out."""
    (back,) = struct.unpack_from("<i", data, table)
    size, place = struct.unpack_from("<H", data, table - back)[0], 4 + 2 * number
    if place + 2 > size:
        return 0
    (offset,) = struct.unpack_from("<H", data, table - back + place)
    return table + int(offset) if offset else 0


def written_out(table: pa.Table) -> int:
    """How many bytes the columns have as numbers and plain text. The table must be valid."""
    return sum(_written_out(chunk) for column in table.columns for chunk in column.chunks)


def _written_out(values: pa.Array) -> int:
    lengths = _text_lengths(values)
    texts = 0 if lengths is None else pc.sum(lengths).as_py() or 0
    return max(len(values) * CELL + texts, values.nbytes)


def _text_lengths(values: pa.Array) -> pa.Array | None:
    """The bytes of each text (N,); None for what is no text."""
    own, types = values.type, pa.types
    if types.is_dictionary(own):
        lengths = _text_lengths(values.dictionary)
        return None if lengths is None else lengths.take(values.indices)
    if types.is_run_end_encoded(own):
        lengths = _text_lengths(values.values)
        if lengths is None:
            return None
        runs = np.diff(values.run_ends.to_numpy(), prepend=0)
        return pc.multiply(lengths.cast(pa.int64()), pa.array(runs, pa.int64()))
    if types.is_string_view(own) or types.is_binary_view(own):
        views = np.frombuffer(values.buffers()[1], "<i4")[::4]
        return pa.array(views[values.offset : values.offset + len(values)])
    if types.is_string(own) or types.is_large_string(own):
        return pc.binary_length(values)
    return None
