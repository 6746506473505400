"""Writing files so that an incomplete file never replaces a complete one, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # on Windows, which does not let a file be removed while a process has it open
    fcntl = None  # type: ignore[assignment]

_TEMPORARY = re.compile(r"\.glassnet-[0-9a-f]{16}\.tmp")
_FOLDER = re.compile(r"glassnet-[0-9a-f]{16}\.folder")
_NOT_FOR_FOLDERS = (
    errno.EINVAL,
    errno.ENOTSUP,
)  # what file systems say that have nothing to sync of a folder


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file ``path`` when the block ends without an error; else nothing changes.

    The content is on the disk before it takes the name, and the name before this returns. A file that is replaced
    passes on its permissions; a new one has those that the umask leaves. Of a symbolic link, the file that it points to
    is replaced; a pipe or a device is written to. Temporary files that killed processes left in the folder are removed.

    Raises:
        OSError: of the block or of the disk, with ``path`` as its file name.
    """
    with naming(path):
        name = os.fsdecode(path)
        if os.path.isdir(name):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # asked of the name itself: that of a pipe such as /dev/stdout leads nowhere
        direct = os.path.exists(name) and not os.path.isfile(name)
        with open(name, "wb") if direct else _beside(os.path.realpath(name)) as stream:
            yield stream


class TemporaryFolder:
    """A folder for files that are needed as long as this object lives, where temporary files belong.

    It is removed with the object. Folders of processes that were killed are removed when the next is made.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self) -> None:
        within = tempfile.gettempdir()
        self._remove_left_behind(within)
        self.path = Path(within) / f"glassnet-{os.urandom(8).hex()}.folder"
        self.path.mkdir(mode=0o700)
        self._remove = weakref.finalize(self, _remove_folder, self.path, locked(self.path / "lock"))

    def remove(self) -> None:
        """Remove the folder now."""
        self._remove()

    @staticmethod
    def _remove_left_behind(within: str) -> None:
        with suppress(OSError), os.scandir(within) as entries:
            for entry in entries:
                if fcntl and _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    with suppress(OSError), open(os.path.join(entry.path, "lock"), "rb+") as stream:
                        if _lock(stream):
                            shutil.rmtree(entry.path, ignore_errors=True)


def locked(path: Path) -> BinaryIO | None:
    """The file, which is made if it is not there, locked until it is closed; ``None`` if another process has it locked.

    Where files cannot be locked, several processes may have it.
    """
    stream = path.open("ab")
    if fcntl is None or _lock(stream):
        return stream
    stream.close()
    return None


def _remove_folder(path: Path, lock: BinaryIO | None) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        lock.close()


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Faults of the disk inside say which file they hit: ``path``, whatever its temporary name."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error


@contextmanager
def _beside(target: str) -> Iterator[BinaryIO]:
    """The stream of a temporary file that replaces the file ``target``."""
    folder, mode = os.path.dirname(target), None
    with suppress(FileNotFoundError):
        mode = os.stat(target).st_mode & 0o777
    if mode is not None and not os.access(target, os.W_OK):  # renaming would not ask
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    _remove_left_behind(folder)
    stream, temporary = _created(folder, 0o666 if mode is None else mode)
    lock = os.dup(stream.fileno()) if fcntl else None  # keeps the file locked until it has its name
    try:
        with stream:
            yield stream
            stream.flush()
            if mode is not None:
                os.chmod(temporary, mode)  # which the umask does not restrict
            os.fsync(stream.fileno())
        os.replace(temporary, target)
        _sync(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        if lock is not None:
            os.close(lock)


def _created(folder: str, mode: int) -> tuple[BinaryIO, str]:
    """A new temporary file, locked by this process as long as it is open, and its name."""
    while True:
        temporary = os.path.join(folder, f".glassnet-{os.urandom(8).hex()}.tmp")
        stream = open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode))  # noqa: SIM115
        if fcntl:
            _lock(stream)
        if os.path.exists(temporary):  # another process may have removed it before it was locked
            return stream, temporary
        stream.close()


def _remove_left_behind(folder: str) -> None:
    """Remove the temporary files of processes that have ended: nobody has them locked."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_unlocked(entry.path)


def _remove_unlocked(path: str) -> None:
    if fcntl is None:
        os.unlink(path)
        return
    with open(path, "rb+") as stream:
        if _lock(stream):
            os.unlink(path)


def _lock(stream: BinaryIO) -> bool:
    """Lock a file until it is closed everywhere, by the end of the process at the latest; false if that fails."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another process has it locked, or the file system has no locks
        return False
    return True


def _sync(folder: str) -> None:
    """Bring the names in ``folder`` to the disk, where the file system and the permissions allow it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_FOR_FOLDERS:
            raise
    finally:
        os.close(descriptor)
