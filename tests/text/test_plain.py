"""Records as JSON can hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from glassnet.text import plain, to_json


class Pair(NamedTuple):
    one: float
    other: object


@dataclass
class Record:
    pairs: tuple[Pair, ...]
    by_name: dict[object, object]


def test_records_arrays_and_numbers() -> None:
    record = Record((Pair(float("nan"), np.float32(0.5)),), {1: np.arange(4).reshape(2, 2), "f": abs})
    assert plain(record) == {
        "pairs": [{"one": None, "other": 0.5}],
        "by_name": {"1": [[0, 1], [2, 3]], "f": "abs"},
    }


def test_no_number_that_is_not_finite_is_left() -> None:
    values = [np.inf, -np.inf, np.array([np.nan, 1.0]), np.float64("nan"), np.bool_(True), np.int8(3)]
    assert plain(values) == [None, None, [None, 1.0], None, True, 3]


def test_a_line_in_ascii_that_says_the_same() -> None:
    value = {"列": ["a\n\x1b[31mred", "\x7f\x9b", "\ud800"]}
    line = to_json(value)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == value
