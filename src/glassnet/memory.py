"""How much memory a call needs, compared with what there is before any is allocated."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from glassnet.errors import InputError

ENOUGH = 2**26  # bytes that no machine lacks: for less, nothing is looked up
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def check_memory(
    needed: int, what: Callable[[], str], advice: str, error: type[InputError] = InputError
) -> None:
    """Refuse what cannot fit.

    Args:
        needed: bytes.
        what: returns what needs them, in the plural, such as ``"the weights of 5 neurons"``.
        advice: what to do instead.

    Raises:
        InputError: (or ``error``) ``needed`` is more than all the memory of this machine.
    """
    if needed > ENOUGH and needed > (there := memory()):
        raise error(f"{what()} need {as_text(needed)} of memory, but there are {as_text(there)}: {advice}.")


def memory() -> int:
    """The bytes of memory that this process may use at most: of the machine, of its container, of its own limit."""
    limits = [sys.maxsize]
    with suppress(AttributeError, OSError, ValueError):  # not on Windows
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(ImportError):
        import resource

        own = resource.getrlimit(resource.RLIMIT_AS)[0]
        if own != resource.RLIM_INFINITY:
            limits.append(own)
    with suppress(OSError, ValueError):  # no control groups, or the word "max"
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(limits)


def as_text(size: int) -> str:
    """A number of bytes, such as ``"1.5 GiB"``."""
    power = min((max(size, 1).bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{size / 2 ** (10 * power):.4g} {_UNITS[power]}"
