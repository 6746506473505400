"""What the argument TABLE of a command names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

PENGUINS = "penguins"  # names the bundled table, where there is no file of that name


def source_of(table: str) -> Any:
    """What to read: a path, or for ``-`` standard input."""
    from glassnet.tables import penguins_path

    if table == "-":
        return sys.stdin.buffer
    return penguins_path() if table == PENGUINS and not Path(table).exists() else table
