"""Files of rows: what was written is read, and any damage is noticed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.streaming.packed_rows import layouts_of, lots, packed, read_all, row_size

RNG = np.random.default_rng(0)
ARRAYS: dict[str, np.ndarray[Any, Any]] = {
    "inputs": RNG.normal(size=(50, 3)).astype(np.float32),
    "numbers": np.arange(50),
    "flags": RNG.random(50) < 0.5,
}
LAYOUTS = layouts_of(ARRAYS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.rows"
    parts = [{name: own[begin : begin + 20] for name, own in ARRAYS.items()} for begin in (0, 20, 40)]
    path.write_bytes(b"".join(packed(part, LAYOUTS) for part in parts))
    return path


def test_rows_come_back(file: Path) -> None:
    assert row_size(LAYOUTS) == 3 * 4 + 8 + 1
    assert [len(lot["numbers"]) for lot in lots(file, LAYOUTS)] == [20, 20, 10]
    found = read_all(file, LAYOUTS, 50)
    assert all(
        np.array_equal(found[name], own) and found[name].dtype == own.dtype for name, own in ARRAYS.items()
    )
    assert [*read_all(file, LAYOUTS, 50, ("inputs",))] == ["numbers", "flags"]


def test_every_damaged_byte_and_every_length_is_noticed(file: Path) -> None:
    whole = file.read_bytes()
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        with pytest.raises(InputError, match="the cache of rows is damaged"):
            read_all(file, LAYOUTS, 50)
        file.write_bytes(whole[:place])
        with pytest.raises(InputError, match="the cache of rows is damaged"):
            read_all(file, LAYOUTS, 50)


def test_another_number_of_rows_is_noticed(file: Path) -> None:
    for rows in (49, 51):
        with pytest.raises(InputError, match="damaged"):
            read_all(file, LAYOUTS, rows)
