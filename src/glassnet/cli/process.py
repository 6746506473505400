"""Settings of the whole process, which only the ``glassnet`` command may change."""

from __future__ import annotations

import gc
import sys

_own = False


def take() -> None:
    """Declare that no code but the command's will run in this process."""
    global _own
    _own = True
    # Most objects live until the process ends, so frequent collections would find nothing.
    gc.set_threshold(100_000)


def forgo_pandas() -> None:
    """Keep PyArrow from importing pandas, if the command owns the process.

    PyArrow imports pandas, if it is installed, before it makes its first array, to recognize DataFrames. The command
    has none, and the import takes longer than reading most tables.
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
    """A module finder that reports pandas as not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
