"""Models to draw, and what every picture must keep to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import glassnet
from glassnet.pictures.theme import contrast
from glassnet.tables import penguins_path

Check = Callable[[Axes], Axes]
PIXEL = 1.0


@pytest.fixture(scope="session")
def table() -> Any:
    return penguins_path()


def _trained(table: Any, target: str | list[str], **settings: Any) -> glassnet.Model:
    return glassnet.train(
        table, target, seed=1, **{"epochs": 12, "holdout": 0.2, "hidden": (6, 5), **settings}, recipe="single"
    )


@pytest.fixture(scope="session")
def several(table: Any) -> glassnet.Model:
    return _trained(table, "species", schedule="cosine")


@pytest.fixture(scope="session")
def two(table: Any) -> glassnet.Model:
    return _trained(table, "sex", hidden=())


@pytest.fixture(scope="session")
def numbers(table: Any) -> glassnet.Model:
    return _trained(table, "body_mass_g")


@pytest.fixture(scope="session")
def wide_table() -> dict[str, Any]:
    """800 columns with long names, and one of words that would be mathematics, or nothing, to Matplotlib."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {
        f"a measured column with a long name, number {at}": rng.normal(size=90) for at in range(799)
    }
    columns["price in $ and $_{x}"] = rng.normal(size=90)
    columns["label"] = np.array(
        ["_low", "$high$", "a class whose name goes on and on, longer than any axis"]
    )[rng.integers(0, 3, 90)]
    return columns


@pytest.fixture(scope="session")
def wide(wide_table: dict[str, Any]) -> glassnet.Model:
    return _trained(wide_table, "label", epochs=3, hidden=(200, 100))


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Surfaces of few points, since nothing here depends on how fine they are."""
    monkeypatch.setattr(sys.modules["glassnet.pictures.column_axes"], "STEPS", 24)


def texts(ax: Axes) -> Iterator[tuple[Text, Bbox]]:
    """Every text that can be seen in the figure of ``ax``, and where it stands."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    renderer = figure._get_renderer()  # type: ignore[attr-defined]
    seen: list[Text] = []
    hidden: set[int] = set()
    for axes in figure.findobj(Axes):
        assert isinstance(axes, Axes)
        for axis in (axes.xaxis, axes.yaxis):
            hidden |= {id(text) for text in axis.findobj(Text)}
            if axes.axison and axes.get_visible():
                ticks = axis._update_ticks()  # type: ignore[union-attr]
                seen += [tick.label1 for tick in ticks] + [tick.label2 for tick in ticks]
                seen += [axis.label, axis.get_offset_text()]
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if id(text) not in hidden:
            seen.append(text)
    for text in seen:
        if text.get_visible() and text.get_text().strip():
            yield text, text.get_window_extent(renderer)


@pytest.fixture
def check() -> Check:
    """Fails where a text leaves the figure, overlaps another or cannot be read; returns the axes."""

    def checked(ax: Axes) -> Axes:
        figure = ax.get_figure(root=True)
        assert figure is not None
        found = list(texts(ax))
        assert found
        within = {id(text) for axes in figure.findobj(Axes) for text in axes.texts}
        for text, box in found:
            inside = figure.bbox.padded(PIXEL)
            assert inside.x0 <= box.x0, text.get_text()
            assert inside.y0 <= box.y0, text.get_text()
            assert box.x1 <= inside.x1, text.get_text()
            assert box.y1 <= inside.y1, text.get_text()
            assert float(text.get_fontsize()) > 6.99
            chosen = id(text) in within and to_hex(text.get_color()) in ("#000000", "#ffffff")
            if not chosen:  # for what it stands on
                assert contrast(text.get_color(), figure.get_facecolor()) >= 4.5, text.get_text()
        boxes = np.array([box.extents for _, box in found])
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        shared = np.minimum(high, high.swapaxes(0, 1)) - np.maximum(low, low.swapaxes(0, 1))
        for one, other in np.argwhere(np.triu((shared > 2 * PIXEL).all(axis=2), 1)):
            raise AssertionError(f"{found[one][0].get_text()!r} overlaps {found[other][0].get_text()!r}")
        return ax

    return checked
