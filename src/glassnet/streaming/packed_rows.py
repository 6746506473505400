"""Files of rows: arrays that belong together, compressed and written one lot of rows after another.

A lot is its number of rows, the number of its bytes, compressed and not, and a CRC-32 of the compressed ones; then the
arrays of these rows, one behind the other, as an LZ4 frame.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InputError
from glassnet.tables._arrow import pa

Arrays = dict[str, NDArray[Any]]
_HEAD = struct.Struct("<QQQI")


class Layout(NamedTuple):
    """An array of a lot: its name, its dtype, and how many numbers a row has; 0 for one, in an array (N,)."""

    name: str
    dtype: str
    width: int

    @property
    def row(self) -> int:
        """The bytes of a row."""
        return np.dtype(self.dtype).itemsize * max(self.width, 1)

    def shape(self, rows: int) -> tuple[int, ...]:
        return (rows, self.width) if self.width else (rows,)


Layouts = Sequence[Layout]


def row_size(layouts: Layouts) -> int:
    """The bytes of a row of all arrays."""
    return sum(own.row for own in layouts)


def layouts_of(arrays: Mapping[str, NDArray[Any] | None]) -> tuple[Layout, ...]:
    """The layouts of those of the arrays that are there."""
    return tuple(
        Layout(name, own.dtype.str, own.shape[1] if own.ndim == 2 else 0)
        for name, own in arrays.items()
        if own is not None
    )


def packed(arrays: Mapping[str, NDArray[Any]], layouts: Layouts) -> bytes:
    """A lot."""
    parts = [np.ascontiguousarray(arrays[own.name], own.dtype) for own in layouts]
    data = b"".join(part.tobytes() for part in parts)
    content = pa.Codec("lz4").compress(data, asbytes=True)
    return _HEAD.pack(len(parts[0]), len(data), len(content), zlib.crc32(content)) + content


def lots(file: Path, layouts: Layouts) -> Iterator[Arrays]:
    """The lots of a file, whose arrays are views of their bytes.

    Raises:
        InputError: the file is damaged.
        OSError: it cannot be read.
    """
    codec, size, left = pa.Codec("lz4"), row_size(layouts), file.stat().st_size
    with file.open("rb") as stream:
        while head := stream.read(_HEAD.size):
            if len(head) < _HEAD.size:
                raise _damaged(file)
            rows, length, compressed, check = _HEAD.unpack(head)
            left -= _HEAD.size + compressed
            if length != rows * size or left < 0:
                raise _damaged(file)
            content = stream.read(compressed)
            if len(content) != compressed or zlib.crc32(content) != check:
                raise _damaged(file)
            try:
                data = memoryview(codec.decompress(content, length))
            except pa.ArrowException:
                raise _damaged(file) from None
            found, place = {}, 0
            for own in layouts:
                end = place + own.row * rows
                found[own.name] = np.frombuffer(data[place:end], own.dtype).reshape(own.shape(rows))
                place = end
            yield found


def read_all(file: Path, layouts: Layouts, rows: int, without: Collection[str] = ()) -> Arrays:
    """All ``rows`` of a file, each array in one piece; but for the arrays ``without``.

    Raises:
        InputError: the file is damaged, or has another number of rows.
        OSError: it cannot be read.
    """
    whole = {own.name: np.empty(own.shape(rows), own.dtype) for own in layouts if own.name not in without}
    start = 0
    for lot in lots(file, layouts) if rows else ():
        count = len(lot[layouts[0].name])
        if start + count > rows:
            raise _damaged(file)
        for name, own in whole.items():
            own[start : start + count] = lot[name]
        start += count
    if start != rows:
        raise _damaged(file)
    return whole


def _damaged(file: Path) -> InputError:
    return InputError(
        f"the cache of rows is damaged: {str(file)!r} is not as it was written; remove its folder."
    )
