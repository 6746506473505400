"""The cache of encoded rows on a disk: buckets of random rows for training, and the rows of the other parts.

A row is as likely to be in one bucket as in any other, so buckets in random order, each in random order, are about as
good as all rows in random order, whatever the order of the table.
"""

from __future__ import annotations

import json
import os
import shutil
import weakref
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InputError, SettingsError, called, report_result
from glassnet.files import TemporaryFolder, locked, naming, replacing
from glassnet.memory import as_text
from glassnet.streaming.packed_rows import (
    Arrays,
    Layout,
    Layouts,
    layouts_of,
    lots,
    packed,
    read_all,
    row_size,
)

CONTENTS, LOCK = "contents.json", "lock"
VERSION = 1
LARGEST_LOT, SMALLEST_LOT = 2**22, 2**16  # bytes
RESERVE = 1.1  # times the bytes that the cache is expected to have must be free


@dataclass(frozen=True)
class Contents:
    """What a cache holds.

    Attributes:
        key: what its rows depend on: the table, its encoding, and how rows are divided.
        buckets: the number of rows in each bucket.
        parts: the number of rows of each other part, by its name.
        layouts: of the buckets (``""``) and of the other parts, by their names.
        facts: what else was found of the rows while they were encoded.
    """

    key: str
    buckets: list[int]
    parts: dict[str, int]
    layouts: dict[str, Layouts]
    facts: dict[str, Any] = field(default_factory=dict)


class RowCache:
    """A folder with rows. Where no ``path`` is given, one that is removed with this object.

    Raises:
        SettingsError: there are other files at ``path``.
        OSError: the folder cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._own = TemporaryFolder() if path is None else None
        self.folder = self._own.path if self._own else Path(os.fspath(path or "")).expanduser()
        self.contents: Contents | None = None
        if self._own:
            return
        if self.folder.exists() and not self.folder.is_dir():
            raise SettingsError(f"{called('cache', str(path))} is a file; name a folder.")
        self.folder.mkdir(parents=True, exist_ok=True)
        own = (CONTENTS, LOCK)
        others = [
            each.name for each in self.folder.iterdir() if each.suffix != ".rows" and each.name not in own
        ]
        if others:
            raise SettingsError(
                f"{called('cache', str(path))} is a folder with other files ({', '.join(sorted(others)[:3])}); name a "
                "folder that is empty, or that does not exist."
            )
        lock = locked(self.folder / LOCK)
        if lock is None:
            raise SettingsError(
                f"{called('cache', str(path))} is used by another training; name another folder, or wait."
            )
        self._unlock = weakref.finalize(self, lock.close)

    def holds(self, key: str) -> bool:
        """Whether the folder has the rows of that key, undamaged.

        Warns:
            ResultWarning: it has those of another training, or damaged ones; they will be replaced.
        """
        if self._own or not (self.folder / CONTENTS).exists():
            return False
        try:
            document = json.loads((self.folder / CONTENTS).read_bytes())
            document["layouts"] = {
                name: tuple(Layout(*each) for each in own) for name, own in document["layouts"].items()
            }
            if document.pop("version") != VERSION:
                raise ValueError
            found = Contents(**document)
            whole = found.key == key and all(
                sum(len(lot[own[0].name]) for lot in lots(self.folder / f"{name}.rows", own)) == rows
                for name, own, rows in self._files(found)
            )
        except (InputError, OSError, ValueError, TypeError, KeyError, AttributeError):
            report_result(f"The cache {str(self.folder)!r} is damaged; it is written again.", to_reports=True)
            return False
        if not whole:
            report_result(
                f"The cache {str(self.folder)!r} has the rows of another table, or of other settings; it is written "
                "again.",
                to_reports=True,
            )
            return False
        self.contents = found
        return True

    @staticmethod
    def _files(contents: Contents) -> list[tuple[str, Layouts, int]]:
        buckets = [(bucket_name(at), contents.layouts[""], rows) for at, rows in enumerate(contents.buckets)]
        return [*buckets, *((name, contents.layouts[name], rows) for name, rows in contents.parts.items())]

    def bucket(self, number: int) -> Arrays:
        """The rows of a bucket.

        Raises:
            InputError: it is damaged.
            OSError: it cannot be read.
        """
        assert self.contents is not None
        return read_all(
            self.folder / f"{bucket_name(number)}.rows",
            self.contents.layouts[""],
            self.contents.buckets[number],
        )

    def part(self, name: str, without: Collection[str] = ()) -> Arrays | None:
        """The rows of another part, but for the arrays ``without``; ``None`` if it has none."""
        assert self.contents is not None
        rows = self.contents.parts.get(name, 0)
        if not rows:
            return None
        return read_all(self.folder / f"{name}.rows", self.contents.layouts[name], rows, without)

    def lots(self, name: str) -> Iterator[Arrays]:
        """The rows of another part, some at a time."""
        assert self.contents is not None
        if name in self.contents.parts:
            yield from lots(self.folder / f"{name}.rows", self.contents.layouts[name])

    def close(self) -> None:
        """Let others use the folder; remove it if it is a temporary one."""
        if self._own:
            self._own.remove()
        else:
            self._unlock()


def bucket_name(number: int) -> str:
    return f"bucket-{number:05}"


class Writer:
    """Fills a cache.

    Args:
        count: the number of buckets.
        memory: the bytes that rows may have which are not written so far.
        rows: about how many rows there will be.
        seed: of the choice of the buckets.

    Raises:
        OSError: the files of an earlier cache cannot be removed.
    """

    def __init__(self, cache: RowCache, key: str, count: int, memory: int, rows: int, seed: int) -> None:
        self._cache, self._key, self._rows = cache, key, rows
        self._lot = min(max(memory // count, SMALLEST_LOT), LARGEST_LOT)
        self._held: dict[str, list[Arrays]] = {}
        self._sizes: dict[str, int] = {}
        self._buckets = [*map(bucket_name, range(count))]
        self._counts = dict.fromkeys(self._buckets, 0)
        self._layouts: dict[str, Layouts] = {}
        self._rng = np.random.default_rng(seed)
        self._checked = False
        for own in [cache.folder / CONTENTS, *cache.folder.glob("*.rows")]:
            own.unlink(missing_ok=True)

    def scatter(self, arrays: Mapping[str, NDArray[Any] | None]) -> None:
        """Put rows into random buckets.

        Raises:
            InputError: there is not enough space on the disk.
            OSError: they cannot be written.
        """
        known = {name: own for name, own in arrays.items() if own is not None}
        buckets = self._buckets
        places = self._rng.integers(0, len(buckets), len(next(iter(known.values()))))
        order = np.argsort(places, kind="stable")
        ends = np.cumsum(np.bincount(places, minlength=len(buckets)))
        for name, begin, end in zip(buckets, [0, *ends], ends, strict=False):
            if begin < end:
                self._add(name, {each: own[order[begin:end]] for each, own in known.items()}, "")

    def add(self, part: str, arrays: Mapping[str, NDArray[Any] | None]) -> None:
        """Put rows into another part, in their order."""
        self._add(part, {name: own for name, own in arrays.items() if own is not None}, part)

    def _add(self, name: str, arrays: Arrays, kind: str) -> None:
        layouts = self._layouts.setdefault(kind, layouts_of(arrays))
        rows = len(next(iter(arrays.values())))
        self._counts[name] = self._counts.get(name, 0) + rows
        self._held.setdefault(name, []).append(arrays)
        self._sizes[name] = self._sizes.get(name, 0) + rows * row_size(layouts)
        if self._sizes[name] >= self._lot:
            self._write(name, layouts)

    def _write(self, name: str, layouts: Layouts) -> None:
        held = self._held.pop(name, [])
        if not held:
            return
        self._sizes[name] = 0
        lot = packed(
            {own.name: np.concatenate([each[own.name] for each in held]) for own in layouts}, layouts
        )
        if not self._checked:
            self._check_space(len(lot) / sum(len(each[layouts[0].name]) for each in held))
        path = self._cache.folder / f"{name}.rows"
        with naming(path), path.open("ab") as stream:
            stream.write(lot)

    def _check_space(self, row: float) -> None:
        self._checked = True
        needed, free = int(RESERVE * row * self._rows), shutil.disk_usage(self._cache.folder).free
        if needed > free:
            raise InputError(
                f"the cache of {self._rows:,} encoded rows needs about {as_text(needed)}, but the disk of "
                f"{str(self._cache.folder)!r} has {as_text(free)} free; name a folder on another disk, such as "
                f"{called('cache', '/data/cache')}, or use fewer columns or bins."
            )

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Write what is left, and last of all the contents: without them, the cache is not one."""
        parts = {name: rows for name, rows in self._counts.items() if name not in self._buckets}
        for name in [*self._held]:
            self._write(name, self._layouts[name if name in parts else ""])
        buckets = [self._counts[name] for name in self._buckets]
        self._cache.contents = Contents(self._key, buckets, parts, self._layouts, dict(facts))
        document = {"version": VERSION} | self._cache.contents.__dict__
        with replacing(self._cache.folder / CONTENTS) as stream:
            stream.write(json.dumps(document).encode())


def seed_of(key: str) -> int:
    """A seed that follows from a key."""
    return zlib.crc32(key.encode())
