"""Surfaces of several classes can be read without their colors; dates on them are of one weekday."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.dates import date2num

import glassnet
from glassnet.pictures.column_axes import column_axis
from glassnet.pictures.surface import place_within

Check = Callable[[Axes], Axes]
RNG = np.random.default_rng(0)


def blobs(rows: int, columns: int, count: int) -> np.ndarray:
    """Cells that belong to the nearest of some places."""
    places = RNG.random((count, 2))
    y, x = np.mgrid[:rows, :columns]
    cells = np.stack([(y + 0.5) / rows, (x + 0.5) / columns], axis=-1)
    return ((cells[:, :, None] - places) ** 2).sum(axis=-1).argmin(axis=-1)


@pytest.mark.parametrize("shape", [(120, 120), (2, 3), (120, 3), (1, 1)])
def test_a_place_for_a_name_is_within_its_region(shape: tuple[int, int]) -> None:
    winners, found = blobs(*shape, 5), 0
    for code in range(5):
        for high, wide in ((1, 1), (2, 3), (8, 20)):
            place = place_within(winners == code, high, wide)
            if place is not None:
                found += 1
                y, x = place
                assert (winners[y : y + high, x : x + wide] == code).all()
                assert (y + high, x + wide) <= shape
    assert found


def test_there_is_no_place_for_a_name_in_a_narrow_region() -> None:
    stripes = np.arange(120)[None, :].repeat(120, axis=0) % 2
    assert place_within(stripes == 0, 2, 2) is None


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
    return glassnet.train(table, "y", hidden=(3,), epochs=1, seed=0, recipe="single"), table


def test_dates_do_not_jump_about_in_the_week(
    dated: tuple[glassnet.Model, dict[str, Any]], check: Check
) -> None:
    model, table = dated
    for name, cycle in (("day", 7), ("timestamp", 1)):
        axis = column_axis(model, name)
        steps = np.diff(axis.places)
        np.testing.assert_allclose(steps % cycle, 0, atol=1e-9)
        assert np.ptp(steps) < 1e-9
        low, high = np.quantile(date2num(table[name]), (0.05, 0.95))
        assert axis.places[0] <= low
        assert axis.places[-1] >= high - steps[0]
    assert check(model.draw("surface", table, x="day", y="x")).get_xlabel().startswith("day")


def test_a_surface_does_not_open_on_values_that_hardly_any_row_has() -> None:
    x = RNG.exponential(size=(400, 2))
    x[0] = 1000
    model = glassnet.train((x, x.sum(axis=1)), hidden=(3,), epochs=1, seed=0, recipe="single")
    (left, right), lowest = model.draw("surface", (x, x.sum(axis=1))).get_xlim(), x.min()
    assert lowest - 0.1 < left < right < 10


def lines(ax: Axes) -> list[np.ndarray]:
    """The points of all contour lines."""
    contours = [each for each in ax.collections if isinstance(each, ContourSet)]
    points = [np.asarray(path.vertices) for each in contours for path in each.get_paths()]
    return [each for each in points if len(each)]


def test_classes_have_smooth_borders(several: glassnet.Model, table: Any) -> None:
    """Along the sides of levels, but between numbers neither along rows nor along columns of the grid."""
    (numbers, *_) = lines(several.draw("surface", table, x="bill_length_mm", y="flipper_length_mm"))
    assert (np.diff(numbers, axis=0) != 0).all(axis=1).mean() > 0.9
    (levels, *_) = lines(several.draw("surface", table, x="island", y="sex"))
    assert np.isclose(levels % 1, 0.5, atol=0.03).any(axis=1).all()


def test_two_similar_columns_have_one_scale(table: Any, two: glassnet.Model) -> None:
    x = RNG.normal(size=(90, 2))
    model = glassnet.train(
        (x, (x[:, 0] > x[:, 1]).astype(str)), hidden=(3,), epochs=2, seed=0, recipe="single"
    )
    assert model.draw("surface").get_aspect() == 1
    assert two.draw("surface", table, x="bill_length_mm", y="body_mass_g").get_aspect() == "auto"
