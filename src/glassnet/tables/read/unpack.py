"""Compressed files and archives, unpacked in pieces: reading stops where the limit is reached."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from glassnet.errors import TableError
from glassnet.tables._arrow import pa
from glassnet.tables.read.limit import Limit
from glassnet.tables.read.sources import read_stream

READ_CELL = 32  # bytes that the reader of workbooks takes for a cell
DEPTH = 3  # of archives within archives
ZIP = b"PK\x03\x04"
# what the modules of the standard library raise for damaged files
DAMAGE = (OSError, EOFError, ValueError, KeyError, IndexError, RuntimeError, struct.error, zlib.error,
          lzma.LZMAError, zipfile.BadZipFile)  # fmt: skip


def _open_zstd(held: io.BytesIO) -> Any:
    return pa.CompressedInputStream(pa.BufferReader(held.getvalue()), "zstd")


_OPENERS: dict[bytes, Callable[[io.BytesIO], Any]] = {
    b"\x1f\x8b": lambda held: gzip.GzipFile(fileobj=held),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": _open_zstd,
}


def unpacked(data: bytes, limit: Limit) -> bytes:
    """``data``, or what it holds where it is compressed, several times over perhaps. A workbook stays an archive.

    Raises:
        TableError: it is damaged, too large, or an archive of several files.
    """
    for _ in range(DEPTH + 1):
        opener = next((own for magic, own in _OPENERS.items() if data.startswith(magic)), None)
        try:
            if opener is not None:
                with opener(io.BytesIO(data)) as stream:
                    data = read_stream(stream, limit)
            elif data.startswith(ZIP) and not is_workbook(data):
                data = _only_member(data, limit)
            else:
                return data
        except TableError:
            raise
        except DAMAGE as error:
            what = "compressed" if opener else "a zip archive"
            raise TableError(f"{limit.name!r} is {what}, but cannot be unpacked: {error}.") from None
    raise TableError(f"{limit.name!r} is compressed more than {DEPTH} times over; unpack it first.")


def is_workbook(data: bytes) -> bool:
    """Whether an archive is one of the sheets of Excel or ODS."""
    if not data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    return b"opendocument.spreadsheet" in member.read(200)
            return any(name.startswith("xl/workbook.") for name in names)
    except DAMAGE:
        return False


def check_workbook(data: bytes, limit: Limit) -> None:
    """Refuse a workbook whose parts, or whose cells with all between them, are too large.

    Its reader takes memory for every cell of the rectangle around those that have a value: one in the last row and
    column of Excel makes 17 thousand million.

    Raises:
        TableError: it is too large, or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    text = read_stream(member, limit)
                if name.startswith("xl/worksheets/"):
                    cells = set(re.findall(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"', text))
                    rows = max((int(row) for _, row in cells), default=0)
                    columns = max((_number(column) for column in {column for column, _ in cells}), default=0)
                    limit.check(rows * columns * READ_CELL)
    except DAMAGE as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"{limit.name!r} is a damaged workbook: {error}.") from None


def _number(column: bytes) -> int:
    """The number of a column of a sheet: 1 for A, 27 for AA."""
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number


def _only_member(data: bytes, limit: Limit) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and "__MACOSX" not in m]
        if "[Content_Types].xml" in members:
            raise TableError(f"{limit.name!r} is an Office document without sheets, not a table.")
        if len(members) != 1:
            listed = ", ".join(members[:5])
            raise TableError(f"{limit.name!r} holds {len(members)} files ({listed}); pass an archive of one.")
        with archive.open(members[0]) as member:
            return read_stream(member, limit)
