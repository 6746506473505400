"""PyArrow, loaded when first used: importing :mod:`glassnet.tables` costs NumPy and nothing else.

``pa`` is ``pyarrow`` and ``pc`` is ``pyarrow.compute`` for every module of this room.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["pa", "pc"]

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
