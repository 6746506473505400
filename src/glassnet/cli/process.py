"""What the command may do only where it has the process to itself."""

from __future__ import annotations

import gc
import sys

_own = False


def take() -> None:
    """From now on the process is the command's alone: nobody else's code will run in it."""
    global _own
    _own = True
    # nearly all that a start makes stays to the end: no use to look through it often
    gc.set_threshold(100_000)


def forgo_pandas() -> None:
    """Let PyArrow look for pandas while it cannot be found, in a process of the command's own.

    Before PyArrow makes its first array, it imports pandas wherever it is installed, to know a DataFrame when it
    meets one. The command meets none, and the import takes longer than reading most tables does.
    """
    if not _own or "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _Missing)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_Missing)


class _Missing:
    """The finder of modules by which pandas is not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
