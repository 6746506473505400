"""PyArrow, imported on first use, so that importing :mod:`glassnet.tables` needs only NumPy.

``pa`` is ``pyarrow`` and ``pc`` is ``pyarrow.compute`` for every module of this room.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["count", "from_numpy", "pa", "pc"]

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
else:

    class _Lazy:
        """A module that is imported when one of its names is asked for."""

        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> Any:
            value = getattr(importlib.import_module(self._module), name)
            setattr(self, name, value)
            return value

    pa = _Lazy("pyarrow")
    pc = _Lazy("pyarrow.compute")


def from_numpy(values: NDArray[Any], gaps: NDArray[np.bool_] | None = None) -> pa.Array:
    """``values`` (N,), of a type that both have, as PyArrow's array of the same memory; null at ``gaps`` (N,).

    What ``pa.array`` does, without its loading NumPy's masked arrays to see whether this is one.
    """
    valid = None if gaps is None else pa.py_buffer(np.packbits(~gaps, bitorder="little"))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(np.ascontiguousarray(values))])


def count(truth: pa.Array) -> int:
    """How many of ``truth`` (N,) are true; null is not."""
    return pc.sum(truth).as_py() or 0
