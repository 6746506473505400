"""The bytes of a file or of a stream."""

from __future__ import annotations

import io
import os
import re
import select
import stat
from pathlib import Path
from typing import Any

from glassnet.errors import TableError, nearest
from glassnet.tables.read.limit import Limit

PIECE = 2**20  # bytes
_SPECIAL = {
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_source(source: Any, given: int | None = None) -> tuple[bytes, Limit]:
    """The bytes that ``source`` holds, a path or a stream, and the limit of what they may unpack to.

    A file is read whole: its size is known. A pipe, or a stream of unknown size, is read up to the limit: ``given``, or
    what :class:`Limit` sets.

    Raises:
        TableError: it cannot be read, is no file, or is too large.
    """
    if isinstance(source, (str, os.PathLike)):
        return _read_path(source, given)
    name = str(getattr(source, "name", "the stream"))
    data = source.read() if _is_file(source) else read_stream(source, Limit.of(name, 0, given))
    return data, Limit.of(name, len(data), given)


def _read_path(path: str | os.PathLike[str], given: int | None) -> tuple[bytes, Limit]:
    name = str(os.fspath(path))
    if not name:
        raise TableError("The path of the table is empty; pass that of a file.")
    if re.match(r"[a-z][a-z0-9+]+://", name):
        raise TableError(f"{name!r} is a web address; download the file first and pass its path.")
    file = Path(name).expanduser()
    try:
        mode = file.stat().st_mode
        if stat.S_IFMT(mode) in _SPECIAL:
            raise TableError(f"{name!r} is {_SPECIAL[stat.S_IFMT(mode)]}, not a file with a table.")
        data = _read_pipe(file, Limit.of(name, 0, given)) if stat.S_ISFIFO(mode) else file.read_bytes()
        return data, Limit.of(name, len(data), given)
    except FileNotFoundError:
        raise TableError(f"There is no file {name!r}.{_nearest_file(file)}") from None
    except TableError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"{name!r} cannot be read: {reason}.") from None


def _read_pipe(file: Path, limit: Limit) -> bytes:
    """What is written to a named pipe; opening one that nobody writes to would wait for ever."""
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as pipe:
        try:
            first = os.read(pipe.fileno(), 1)
        except BlockingIOError:  # there is a writer that has written nothing so far
            select.select([pipe], [], [])
            first = os.read(pipe.fileno(), 1)
        if not first:
            raise TableError(f"{limit.name!r} is a pipe to which no program writes.")
        os.set_blocking(pipe.fileno(), True)
        return first + read_stream(pipe, limit)


def _is_file(source: Any) -> bool:
    """Whether a stream is a file on a disk, or in memory, so that it holds no more than that has."""
    if isinstance(source, io.BytesIO):
        return True
    if not isinstance(source, io.BufferedReader) or not isinstance(source.raw, io.FileIO):
        return False
    return stat.S_ISREG(os.fstat(source.fileno()).st_mode)


def read_stream(source: Any, limit: Limit) -> bytes:
    """A stream of bytes or of text up to the limit."""
    held = io.BytesIO()
    while piece := source.read(PIECE):
        held.write(piece.encode() if isinstance(piece, str) else piece)
        limit.check(held.tell())
    return held.getvalue()


def _nearest_file(file: Path) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f" There is no folder {str(folder)!r} either."
    return nearest(file.name, [entry.name for entry in folder.iterdir()])
