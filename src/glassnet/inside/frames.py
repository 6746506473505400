"""``to_frame``: plain columns as a DataFrame of pandas or polars, whichever is installed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

LIBRARIES = {"pandas": "DataFrame", "polars": "DataFrame"}


def to_frame(columns: Mapping[str, Any]) -> Any:
    """``columns``, each (N,), as a DataFrame.

    Of pandas or polars, whichever the program has imported already (pandas, if both); else whichever is
    installed, pandas before polars; else a PyArrow table. narwhals reads all three.
    """
    for library in sorted(LIBRARIES, key=lambda name: name not in sys.modules):
        try:
            return getattr(import_module(library), LIBRARIES[library])(dict(columns))
        except ModuleNotFoundError:
            continue
    return import_module("pyarrow").table(dict(columns))
