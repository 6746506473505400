"""A short name for the contents of a table: the same names, types and values give the same fingerprint."""

from __future__ import annotations

import hashlib

import numpy as np

from glassnet.tables._arrow import pa, pc
from glassnet.tables.reading import as_read
from glassnet.tables.text import one_chunk


def fingerprint(table: pa.Table) -> str:
    """32 hexadecimal digits (BLAKE2b) of the names, kinds and values of ``table``, columns in order.

    Independent of how the rows are chunked in memory, of notes, and of whether whole numbers are
    stored as integers or floats.
    """
    table = as_read(table)
    digest = hashlib.blake2b(digest_size=16)
    for name in table.column_names:
        column = one_chunk(table.column(name))
        digest.update(f"{name}\0{_kind(column.type)}\0{len(column)}\0".encode())
        for part in _bytes(column):
            digest.update(part)
    return digest.hexdigest()


def _kind(kind: pa.DataType) -> str:
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else str(kind)


def _bytes(column: pa.Array) -> list[bytes | memoryview]:
    kind = column.type
    if pa.types.is_null(kind):
        return []
    whole = not column.null_count
    gaps = bytes(-(-len(column) // 8)) if whole else np.packbits(column.is_null()).tobytes()
    if pa.types.is_string(kind):
        texts = pc.fill_null(column, "")
        lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
        _, offsets, data = texts.buffers()
        ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        return [gaps, lengths.tobytes(), memoryview(data)[ends[0] : ends[-1]] if data and len(ends) else b""]
    if pa.types.is_boolean(kind):
        return [gaps, np.packbits(pc.fill_null(column, False).to_numpy(zero_copy_only=False)).tobytes()]
    if pa.types.is_timestamp(kind):
        return [gaps, pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).tobytes()]
    if _kind(kind) == "number":
        numbers = column if kind == pa.float64() else column.cast(pa.float64(), safe=False)
        numbers = numbers if whole else pc.fill_null(numbers, 0.0)
        return [gaps, memoryview(numbers.to_numpy(zero_copy_only=False)).cast("B")]
    return [gaps, repr(column.to_pylist()).encode()]
