"""``Slot``: the model that is served under a name, and the file from which it is replaced while others are answered."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence

from glassnet.errors import InputError
from glassnet.model import Model, load
from glassnet.serve.served import Served

LOOK_SECONDS = 1.0  # between looks at the files

logger = logging.getLogger("glassnet.serve")

Stamp = tuple[int, int, int]


class Slot:
    """A model under a name.

    Attributes:
        name: its name.
        served: the model that answers now. A request takes it once, and keeps it to its end.
        fault: why the file that is there now is not served; empty if it is.
        replaced: how often a new file was put in.
    """

    def __init__(self, name: str, source: Model | str | os.PathLike[str]) -> None:
        self.name, self.fault, self.replaced = name, "", 0
        self.path = None if isinstance(source, Model) else os.fspath(source)
        self._loaded = self._seen = self._stamp()
        self.served = Served(name, source if isinstance(source, Model) else load(source))

    def _stamp(self) -> Stamp | None:
        """What changes when the file is written; ``None`` where there is none."""
        if self.path is None:
            return None
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def look(self) -> None:
        """Serve the file if it is a new one that is no longer being written. One that cannot be read is not served."""
        stamp, seen = self._stamp(), self._seen
        self._seen = stamp
        if stamp is None or stamp == self._loaded or stamp != seen or self.path is None:
            return
        self._loaded = stamp
        try:
            self.served = Served(self.name, load(self.path))
        except InputError as error:
            self.fault = str(error)
            logger.error("%s: the new file is not served, the earlier model still is: %s", self.name, error)
        else:
            self.fault = ""
            self.replaced += 1
            logger.warning("%s: the new file %s is served", self.name, self.path)


async def watch(slots: Sequence[Slot]) -> None:
    """Look at the files of the models, until the task is canceled."""
    from_files = [slot for slot in slots if slot.path is not None]
    while from_files:
        await asyncio.sleep(LOOK_SECONDS)
        for slot in from_files:
            await asyncio.to_thread(slot.look)
