"""Ticks whose labels fit: numbers written in full, categories, and dates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, MaxNLocator

from glassnet.pictures.text_fit import text_width


class NumberFormatter(Formatter):
    """Numbers written in full, with as many decimals as tell neighboring ticks apart.

    Matplotlib's own formatter moves a common power of ten to the end of the axis, where it is easily overlooked.
    """

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Very large and very small numbers are written with an exponent."""
        places = np.unique(values)
        largest = float(np.abs(places).max(initial=0.0))
        power = math.floor(math.log10(largest)) if largest and not 1e-4 <= largest < 1e7 else 0
        scaled = places / 10.0**power
        step = float(np.diff(scaled).min(initial=1.0))
        exact = (
            decimals for decimals in range(12) if np.allclose(scaled.round(decimals), scaled, 0, step / 50)
        )
        decimals = next(exact, 12)
        exponent = f"e{power}" if power else ""
        separator = "," if largest >= 1e4 else ""  # as in years, none in four digits
        texts = (f"{value / 10.0**power:{separator}.{decimals}f}" for value in values)
        return [
            f"{text}{exponent}".replace("-", "−") if float(text.replace(",", "")) else "0" for text in texts
        ]


class NumberLocator(MaxNLocator):
    """As many ticks as there is space for their labels, but at least two if they fit."""

    def __init__(self, *, integer: bool = False) -> None:
        steps = [1, 2, 5, 10] if integer else [1, 2, 2.5, 5, 10]
        super().__init__(steps=steps, integer=integer, min_n_ticks=1 if integer else 2)

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        low, high = sorted((vmin, vmax))
        candidates = []
        for bins in range(9, 0, -1):
            self.set_params(nbins=bins)
            candidates.append([tick for tick in super().tick_values(vmin, vmax) if low <= tick <= high])
        few = candidates[-1]
        candidates += [[few[0], few[-1]], few[:1]] if few else []
        fitting = (ticks for ticks in candidates if self._fit(ticks, high - low))
        return np.array(next(fitting, candidates[-1]))  # type: ignore[return-value]

    def _fit(self, ticks: Sequence[float], span: float) -> bool:
        """Whether the labels of the ticks keep apart."""
        axis = self.axis
        assert isinstance(axis, Axis)
        if len(ticks) < 2 or not span:
            return True
        size = label_size(axis)
        needed = 1.5 * size / 72
        if is_horizontal(axis):
            labels = axis.get_major_formatter().format_ticks([*ticks])
            needed = max(text_width(label, size) for label in labels) + 0.6 * size / 72
        return needed <= length(axis) * (ticks[1] - ticks[0]) / span


class CategoryLocator(FixedLocator):
    """The places 0, 1, 2, ...; every second or third of them where there are more than lines of text."""

    def __init__(self, axis: Axis, count: int) -> None:
        super().__init__(range(count))
        self.categories = axis

    def __call__(self) -> Sequence[float]:
        low, high = sorted(self.categories.get_view_interval())
        pitch = max(length(self.categories) / (high - low) * 72, 1e-3)
        places = np.asarray(super().__call__())
        return places[:: math.ceil(label_size(self.categories) / pitch)]  # type: ignore[return-value]


def set_categories(axis: Axis, names: Sequence[str], *, upright: bool = False) -> None:
    """Label the places 0, 1, 2, ... along the axis."""
    axis.set_ticks(range(len(names)), names, rotation=90 if upright else 0)  # makes all ticks, to be styled
    axis.set_major_locator(CategoryLocator(axis, len(names)))
    axis.set_major_formatter(FuncFormatter(lambda place, _: names[round(place)]))


def set_dates(axis: Axis) -> str:
    """Ticks for dates, in Matplotlib's days; returns what all labels have in common, such as ``"2024-Mar"``."""
    size = label_size(axis)
    most = max(int(length(axis) * 72 / size / (4.5 if is_horizontal(axis) else 2)), 1)
    locator = AutoDateLocator(minticks=min(3, most), maxticks=most)
    formatter = ConciseDateFormatter(locator)
    axis.set_major_locator(locator)
    axis.set_major_formatter(formatter)
    axis.get_offset_text().set_visible(False)
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
    formatter.format_ticks(ticks)
    parts = formatter.get_offset().split("-")  # of the last tick: year, month, day
    days = [num2date(tick) for tick in (ticks[0], ticks[-1])] if ticks else []
    for count in range(len(parts), 0, -1):
        own = {f"{day:{'-'.join(('%Y', '%b', '%d')[:count])}}" for day in days}
        if len(own) == 1 and parts[0]:
            return own.pop()
    return ""


def label_size(axis: Axis) -> float:
    """The font size of the tick labels, in points."""
    return float(axis.get_tick_params()["labelsize"])


def length(axis: Axis) -> float:
    """The length of the axis, in inches."""
    box = axis.axes.get_window_extent()
    figure = axis.axes.get_figure(root=True)
    assert figure is not None
    return (box.width if is_horizontal(axis) else box.height) / figure.dpi


def is_horizontal(axis: Axis) -> bool:
    return axis.axis_name == "x"  # type: ignore[attr-defined]
