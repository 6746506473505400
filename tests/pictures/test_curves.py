"""Curves of training: drawn anew, they replace those that were there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from glassnet.pictures import curves

Check = Callable[[Axes], Axes]
AXES = {
    "laid out": lambda: Figure(figsize=(7, 5), layout="constrained").add_subplot(),
    "a subplot": lambda: Figure(figsize=(7, 5)).add_subplot(),
    "placed": lambda: Figure(figsize=(7, 5)).add_axes((0.2, 0.2, 0.7, 0.6)),
}


@pytest.mark.parametrize("kind", AXES)
def test_curves_take_the_place_of_earlier_ones(kind: str, check: Check) -> None:
    once, again = AXES[kind](), AXES[kind]()
    curves(
        {"training": np.geomspace(900, 0.1, 40)}, metrics={"a": np.arange(40), "b": np.arange(40)}, ax=again
    )
    for _ in range(2):
        curves({"loss": [3, 2, 1]}, metrics={"score": [1, 2, 3]}, ax=again)
    check(curves({"loss": [3, 2, 1]}, metrics={"score": [1, 2, 3]}, ax=once))
    check(again)
    assert [strip.get_ylabel() for strip in again.figure.axes] == ["loss", "score"]
    assert len(again.lines) == 1
    assert again.get_yscale() == "linear"
    assert again.get_ylim() == pytest.approx(once.get_ylim())
    assert again.get_position().y1 == pytest.approx(once.get_position().y1, abs=0.08)
    assert again.get_position().height >= 0.9 * once.get_position().height


def test_lines_of_others_stay() -> None:
    ax = Figure().add_subplot()
    (own,) = ax.plot([1, 2], [1, 2])
    curves({"loss": [3, 2, 1]}, ax=ax)
    curves({"loss": [3, 2, 1]}, ax=ax)
    assert own in ax.lines
    assert len(ax.lines) == 2
