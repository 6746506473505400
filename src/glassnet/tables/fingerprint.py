"""A short name for the contents of a table: the same names, types and values give the same fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.tables._arrow import pa, pc
from glassnet.tables.schema import NUMBER
from glassnet.tables.table import Table


def fingerprint(table: Table) -> str:
    """32 hexadecimal digits (BLAKE2b) of the names, types and values of ``table``, columns in order.

    Independent of notes, and of how numbers are stored: as integers, or in single or double precision.
    """
    digest = hashlib.blake2b(digest_size=16)
    for names, numbers in table.blocks(table.array_names):
        for name, parts in zip(names, _number_bytes(numbers), strict=True):
            digest.update(_head(name, NUMBER, table.num_rows))
            for part in parts:
                digest.update(part.data)
    for name in table.column_names[len(table.array_names) :]:
        column = table.column(name).to_arrow()
        digest.update(_head(name, _type(column.type), len(column)))
        for part in _bytes(column):
            digest.update(part)
    return digest.hexdigest()


def _head(name: str, own: str, rows: int) -> bytes:
    return f"{name}\0{own}\0{rows}\0".encode()


def _number_bytes(numbers: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """For each column of (C, N), NaN for a missing value: which are missing, and the numbers.

    In single precision where that holds them all: it is half as much to digest.
    """
    marks = np.zeros((len(numbers), -(-numbers.shape[1] // 8)), np.uint8)
    if numbers.size and np.isnan(numbers.min()):
        missing = np.isnan(numbers)
        marks, numbers = np.packbits(missing, axis=1), np.where(missing, 0, numbers)
    single, held = numbers, [True] * len(numbers)
    if numbers.dtype != np.float32:
        with np.errstate(over="ignore"):  # what overflows is not held
            single = numbers.astype(np.float32)
        held = (single == numbers).all(axis=1).tolist()
    for mark, whole, short, double in zip(marks, held, single, numbers, strict=True):
        yield mark, short if whole else double


def _type(own: pa.DataType) -> str:
    return NUMBER if pa.types.is_integer(own) or pa.types.is_floating(own) else str(own)


def _bytes(column: pa.Array) -> list[Any]:
    own = column.type
    if pa.types.is_null(own):
        return []
    if _type(own) == NUMBER:
        numbers = column if own == pa.float64() else column.cast(pa.float64(), safe=False)
        [parts] = _number_bytes(numbers.to_numpy(zero_copy_only=False)[None])
        return [part.data for part in parts]
    whole = not column.null_count
    missing = bytes(-(-len(column) // 8)) if whole else np.packbits(column.is_null()).tobytes()
    if pa.types.is_string(own):
        texts = pc.fill_null(column, "")
        lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
        _, offsets, data = texts.buffers()
        ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
        return [
            missing,
            lengths.tobytes(),
            memoryview(data)[ends[0] : ends[-1]] if data and len(ends) else b"",
        ]
    if pa.types.is_boolean(own):
        return [missing, np.packbits(pc.fill_null(column, False).to_numpy(zero_copy_only=False)).tobytes()]
    if pa.types.is_timestamp(own):
        return [missing, pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False).tobytes()]
    return [missing, repr(column.to_pylist()).encode()]
