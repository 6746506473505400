"""Surfaces of several classes can be read without their colors; dates on them are of one weekday."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.dates import date2num
from matplotlib.figure import Figure

import glassnet
from glassnet.pictures.column_axes import column_axis
from glassnet.pictures.panel import Panel
from glassnet.pictures.regions import draw_borders, name_regions

Check = Callable[[Axes], Axes]
RNG = np.random.default_rng(0)


def blobs(rows: int, columns: int, count: int) -> np.ndarray:
    """Cells that belong to the nearest of some places."""
    places = RNG.random((count, 2))
    y, x = np.mgrid[:rows, :columns]
    cells = np.stack([(y + 0.5) / rows, (x + 0.5) / columns], axis=-1)
    return ((cells[:, :, None] - places) ** 2).sum(axis=-1).argmin(axis=-1)


@pytest.mark.parametrize("shape", [(120, 120), (2, 3), (120, 3), (1, 1)])
def test_names_stand_within_their_regions(shape: tuple[int, int]) -> None:
    winners = blobs(*shape, 5)
    panel = Panel(Figure(figsize=(8, 5)).add_subplot(), "light", "")
    names = {at: f"class {at}" for at in range(5)}
    ax = panel.finish(lambda panel: name_regions(panel, winners, names))
    texts = [text for text in ax.texts if text.get_text()]
    assert texts
    assert len({text.get_text() for text in texts}) == len(texts)
    for text in texts:
        (x0, y0), (x1, y1) = ax.transAxes.inverted().transform(text.get_window_extent().get_points())
        columns = slice(int(x0 * shape[1]), int(np.ceil(x1 * shape[1])))
        covered = winners[int(y0 * shape[0]) : int(np.ceil(y1 * shape[0])), columns]
        assert {f"class {at}" for at in covered.ravel()} == {text.get_text()}


def test_no_name_where_there_is_no_room() -> None:
    panel = Panel(Figure(figsize=(8, 5)).add_subplot(), "light", "")
    stripes = np.arange(120)[None, :].repeat(120, axis=0) % 2
    ax = panel.finish(lambda panel: name_regions(panel, stripes, {0: "even", 1: "odd"}))
    assert not any(text.get_text() for text in ax.texts)


def test_borders_part_what_differs() -> None:
    panel = Panel(None, "light", "")
    draw_borders(panel, np.array([[0, 0, 1], [0, 2, 1]]))
    (lines,) = panel.ax.collections
    assert isinstance(lines, LineCollection)
    ends = {tuple(map(tuple, np.round(line * (3, 2)).astype(int))) for line in lines.get_segments()}
    assert ends == {((2, 0), (2, 1)), ((1, 1), (1, 2)), ((2, 1), (2, 2)), ((1, 1), (2, 1))}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_classes_have_names_on_the_surface(
    theme: str, several: glassnet.Model, table: Any, check: Check
) -> None:
    ax = check(several.draw("surface", table, x="bill_length_mm", y="flipper_length_mm", theme=theme))
    assert {text.get_text() for text in ax.texts} & set(several.classes)


@pytest.fixture(scope="module")
def dated() -> tuple[glassnet.Model, dict[str, Any]]:
    days = np.datetime64("2020-01-01", "D") + RNG.integers(0, 900, 200)
    timestamps = np.datetime64("2020-01-01", "s") + RNG.integers(0, 60 * 86_400, 200)
    table = {"day": days, "timestamp": timestamps, "x": RNG.normal(size=200), "y": RNG.normal(size=200)}
    return glassnet.train(table, "y", hidden=(3,), epochs=1, seed=0), table


def test_dates_do_not_jump_about_in_the_week(
    dated: tuple[glassnet.Model, dict[str, Any]], check: Check
) -> None:
    model, table = dated
    day = column_axis(model, "day", model.encode(table).table)
    dates = date2num(table["day"]).tolist()
    assert set(np.diff(day.places)) == {14.0}
    assert day.places[0] <= min(dates)
    assert day.places[-1] >= max(dates)
    assert day.label.endswith("days)")
    timestamp = column_axis(model, "timestamp", model.encode(table).table)
    assert set(np.diff(timestamp.places)) == {1.0}
    assert check(model.draw("surface", table, x="day", y="x")).get_xlabel().replace("\n", " ") == day.label
