"""``to_frame``: whichever DataFrame library is at hand."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from glassnet.inside.frames import to_frame

COLUMNS = {"a": np.array([1.0, 2.0]), "b": np.array(["x", "y"], dtype=object)}


def test_the_library_that_is_loaded_already_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(to_frame(COLUMNS), pd.DataFrame)
    monkeypatch.delitem(sys.modules, "pandas")
    assert isinstance(to_frame(COLUMNS), pl.DataFrame)


def test_without_either_it_is_an_arrow_table(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    table: Any = to_frame(COLUMNS)
    assert isinstance(table, pa.Table)
    assert table.to_pydict() == {"a": [1.0, 2.0], "b": ["x", "y"]}
