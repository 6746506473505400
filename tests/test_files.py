"""Files: complete or not at all, whatever fails, and nothing is left behind."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

import glassnet
from glassnet import files
from glassnet.files import replacing

OLD, NEW = b"old content", b"new content" * 100_000


def write(path: str | os.PathLike[str], content: bytes = NEW) -> None:
    with replacing(path) as stream:
        stream.write(content)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the old content, alone in its folder."""
    (tmp_path / "file").write_bytes(OLD)
    return tmp_path / "file"


def failing(code: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


class Faulty:
    """A stream of a disk that fails in one call; a network file system may say so at the very end."""

    def __init__(self, stream: BinaryIO, call: str, code: int) -> None:
        self._stream = stream
        self._fails = (call, failing(code))

    def __getattr__(self, name: str) -> Any:
        call, fail = self._fails
        return fail if name == call else getattr(self._stream, name)

    def __enter__(self) -> Faulty:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        if self._fails[0] == "close":
            self._fails[1]()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize("call", ["fsync", "replace", "chmod", "close", "write", "flush"])
def test_an_error_of_the_disk_leaves_the_old_file_alone(
    path: Path, call: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = files._created

    def faulty(folder: str, mode: int) -> Any:
        stream, temporary = created(folder, mode)
        return Faulty(stream, call, code), temporary

    if call in ("close", "write", "flush"):
        monkeypatch.setattr(files, "_created", faulty)
    else:
        monkeypatch.setattr(os, call, failing(code))
    with pytest.raises(OSError) as caught:
        write(path)
    assert (caught.value.errno, caught.value.filename) == (code, str(path))
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_interrupted_leaves_the_old_file_alone(path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), replacing(path) as stream:
        stream.write(NEW)
        raise error
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


def test_the_content_is_on_the_disk_before_its_name_and_the_name_thereafter(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        calls.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    def replaced(*names: str) -> None:
        replace(*names)
        calls.append("name")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    write(path)
    assert calls == ["file", "name", "folder"]


def test_a_folder_that_cannot_be_synced_is_no_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    write(path)
    assert path.read_bytes() == NEW


def test_of_a_link_the_file_that_it_points_to_is_replaced(path: Path) -> None:
    (folder := path.parent / "folder").mkdir()
    for target, link in ((path, folder / "link"), (folder / "new", path.parent / "to new")):
        link.symlink_to(os.path.relpath(target, link.parent))
        write(link)
        assert link.is_symlink()
        assert target.read_bytes() == NEW
        assert not target.is_symlink()


def test_a_device_and_a_pipe_are_written_to(tmp_path: Path) -> None:
    write(os.devnull)
    assert Path(os.devnull).is_char_device()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write(tmp_path / "pipe", OLD)
    assert os.read(reader, 100) == OLD
    os.close(reader)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="Windows has no such name")
def test_a_pipe_that_has_a_name_is_written_to() -> None:
    code = "from glassnet.files import replacing\nwith replacing('/dev/stdout') as stream: stream.write(b'content')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"content"


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127 + "n", "."])
def test_names_are_as_long_as_the_system_lets_them_be(tmp_path: Path, name: str) -> None:
    if name == ".":
        with pytest.raises(IsADirectoryError):
            write(tmp_path / name)
        return
    write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == NEW


def test_paths_are_of_every_type(tmp_path: Path) -> None:
    for name in (os.fsencode(tmp_path / "bytes"), str(tmp_path / "text"), tmp_path / "path"):
        write(name)  # type: ignore[arg-type]
        assert Path(os.fsdecode(name)).read_bytes() == NEW


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_the_old_file_or_of_the_umask(
    tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(umask)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", failing(errno.EPERM))  # it holds for all threads of the process
            write(tmp_path / "new")
            for mode in (0o600, 0o666, 0o755, 0o640):
                (tmp_path / f"{mode}").touch()
                (tmp_path / f"{mode}").chmod(mode)
                write(tmp_path / f"{mode}")
                assert (tmp_path / f"{mode}").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o666 & ~umask


def test_what_killed_processes_left_is_removed_and_nothing_else(path: Path) -> None:
    left = path.parent / ".glassnet-0123456789abcdef.tmp"
    others = [path.parent / name for name in (".glassnet-notes.tmp", ".other-0123456789abcdef.tmp", "a.tmp")]
    for each in (left, *others):
        each.write_bytes(b"content")
    with replacing(path) as outer:  # of a process that lives: this one
        outer.write(b"outer")
        write(path)
        assert not left.exists()
        assert path.read_bytes() == NEW
    assert path.read_bytes() == b"outer"
    assert sorted(path.parent.iterdir()) == sorted([path, *others])


def test_a_temporary_file_that_was_removed_before_it_was_locked_is_made_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, removed = files._lock, list[str]()

    def late(stream: BinaryIO) -> bool:
        if not removed:
            removed.append(stream.name)
            os.unlink(stream.name)
        return lock(stream)

    monkeypatch.setattr(files, "_lock", late)
    write(path)
    assert removed
    assert path.read_bytes() == NEW
    assert list(path.parent.iterdir()) == [path]


SAVING = """
import sys
from glassnet.files import replacing
content = open(sys.argv[1], "rb").read()
print("ready", flush=True)
while True:
    with replacing(sys.argv[1]) as stream:  # as Model.save does, without the time to import the rest
        stream.write(content)
    print("saved", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows ends processes in another way")
def test_a_process_that_is_killed_while_it_saves_loses_no_model(tmp_path: Path) -> None:
    path, rng = tmp_path / "model", np.random.default_rng(1)
    table = {"x": rng.normal(size=50), "y": rng.normal(size=50)}
    model = glassnet.train(table, "y", hidden=(300, 300), epochs=1, seed=1, recipe="single")
    model.save(path)
    whole = path.read_bytes()
    for _ in range(20):
        with subprocess.Popen([sys.executable, "-c", SAVING, path], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            for _ in range(rng.integers(1, 3)):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
        assert path.read_bytes() == whole
        assert len(list(tmp_path.iterdir())) <= 2
    model.save(path)
    assert list(tmp_path.iterdir()) == [path]
