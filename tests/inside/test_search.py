"""The search for the smallest change of a row, with gaps that are known in closed form."""

from __future__ import annotations

import tracemalloc
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from glassnet.inside.choices import Choices
from glassnet.inside.search import Search, _ranks

Numbers = npt.NDArray[np.float64]


def search(weights: Numbers, wanted: float, values: int) -> Search:
    """From a row of zeros, with ``values`` from 0 to 1 of each column, to a sum of values times ``weights``."""
    each = np.linspace(0.0, 1.0, values)
    choices = [Choices(f"c{at}", each.tolist(), each[:, None], each) for at in range(len(weights))]

    def gap(inputs: Any) -> Numbers:
        return np.maximum(wanted - inputs @ weights, 0.0)

    places = [slice(at, at + 1) for at in range(len(weights))]
    return Search(np.zeros(len(weights)), places, choices, gap)


def peak(columns: int) -> int:
    """Bytes that a search holds at most."""
    own = search(np.linspace(1.0, 2.0, columns), 3.9, 400)
    tracemalloc.start()
    try:
        own.smallest()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_proportional_to_the_number_of_columns() -> None:
    few, many = peak(50), peak(250)
    assert many < 6 * few


@pytest.mark.parametrize("wanted", [0.7, 1.5, 2.9, 4.4])
def test_the_smallest_change_is_found(wanted: float) -> None:
    weights = np.array([1.0, 2.0, 1.5, 0.5])
    own = search(weights, wanted, 9)
    state, gap = own.smallest()
    assert gap <= 0
    each = np.linspace(0.0, 1.0, 9)
    possible = [sum(point) for point in product(each, repeat=4) if np.array(point) @ weights >= wanted]
    assert own.distances(state[None])[0] == pytest.approx(min(possible))


def test_what_comes_nearest_is_found_where_nothing_is_enough() -> None:
    state, gap = search(np.array([1.0, 2.0, 1.5]), 9.0, 5).smallest()
    assert state.tolist() == [4, 4, 4]
    assert gap == 4.5


def test_columns_without_other_values_stay() -> None:
    state, gap = search(np.array([1.0, 2.0]), 1.0, 1).smallest()
    assert state.tolist() == [0, 0]
    assert gap == 1.0


@pytest.mark.parametrize("count", [0, 1, 2, 3, 8])
def test_pairs_come_in_the_order_of_their_sums(count: int) -> None:
    assert [*_ranks(count)] == sorted(combinations(range(count), 2), key=sum)
