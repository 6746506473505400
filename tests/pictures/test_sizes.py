"""Everything around a picture fits: in small and large figures, without a layout, and when their size changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import glassnet
from drawings import PLAIN, of_a_model
from glassnet import pictures
from glassnet.net import Network, initialize
from glassnet.pictures import CATALOG
from glassnet.pictures.ticks import NumberFormatter

Check = Callable[[Axes], Axes]
NAMES = ["a_column_whose_name_goes_on_and_on_für_immer", "größe_der_fläche_in_quadratmetern_ungefähr", "x"]


def axes(size: tuple[float, float], layout: str | None = "constrained") -> Axes:
    return Figure(figsize=size, layout=layout).add_subplot()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PLAIN)
def test_plain_data(name: str, check: Check) -> None:
    check(PLAIN[name](ax=axes((4, 3)), theme="dark"))
    check(PLAIN[name](ax=axes((6.4, 4.8), layout=None), theme="light"))


@pytest.mark.parametrize("kind", ["several", "wide"])
@pytest.mark.parametrize("name", CATALOG)
def test_models_in_small_figures(
    name: str, kind: str, check: Check, table: Any, wide_table: Any, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(kind)
    small = axes((4, 3))
    ax = of_a_model(name, model, wide_table if kind == "wide" else table, ax=small)
    if ax is not None:
        assert ax is small
        check(ax)


@pytest.mark.parametrize(
    "net",
    [Network.of(3, (4,), 1), Network.of(800, (64, 32), 11), Network.of(8, (8,) * 5, 2)],
    ids=["3 inputs", "800 inputs", "5 hidden layers"],
)
def test_a_network_is_drawn_anew_for_another_size(net: Network, check: Check) -> None:
    ax = pictures.network(net, initialize(net, np.random.default_rng(0)), title="Mine")
    figure = ax.figure
    assert isinstance(figure, Figure)
    whole = [text.get_text() for text in ax.texts]
    figure.set_size_inches(4, 3)
    check(ax)
    assert ax.get_title("left") == "Mine"
    figure.set_size_inches(10, 6.25)
    check(ax)
    assert [text.get_text() for text in ax.texts] == whole


@pytest.mark.parametrize(
    "name", ["profile", "one epoch", "confusion of 2", "roc of 60", "first layer of 800"]
)
def test_a_heading_is_written_anew_for_another_size(name: str, check: Check) -> None:
    ax = PLAIN[name]()
    ax.figure.set_size_inches(4, 3)  # type: ignore[union-attr]
    check(ax)


def test_a_few_neurons_are_drawn_even_in_small_figures() -> None:
    net = Network.of(3, (4,), 1)
    ax = pictures.network(net, initialize(net, np.random.default_rng(0)), ax=axes((4, 3)))
    shown = " ".join(text.get_text() for text in ax.texts)
    assert "not drawn" not in shown
    assert "3 × 4 = 12" in shown


def test_numbers_of_neurons_and_connections_are_written_however_little_room_there_is(check: Check) -> None:
    net = Network.of(8, (7,) * 5, 2)
    ax = check(pictures.network(net, initialize(net, np.random.default_rng(0)), ax=axes((4, 3))))
    shown = [text.get_text() for text in ax.texts]
    assert [shown.count(text) for text in ("8", "56", "49", "14")] == [1, 1, 4, 1]


def test_what_is_left_out_is_reported_in_small_figures_too(check: Check) -> None:
    ax = check(pictures.importances(np.arange(1, 41), [f"x{at}" for at in range(40)], ax=axes((4, 3))))
    drawn = len(ax.get_yticklabels())
    assert f"{drawn} of 40; the other {40 - drawn}" in " ".join(text.get_text() for text in ax.texts)


@pytest.mark.parametrize("name", ["roc of 60", "precision-recall of 60"])
def test_text_fits_into_a_quarter_of_a_common_figure(name: str, check: Check) -> None:
    check(PLAIN[name](ax=axes((3.2, 2.4))))


def test_a_legend_that_would_fill_a_small_figure_says_what_it_leaves_out(check: Check) -> None:
    lines = {f"a class number {at}": [at, at + 1] for at in range(12)}
    ax = check(pictures.profile([0, 1], lines, ax=axes((3.2, 2.4))))
    shown = [text.get_text() for text in ax.get_legend().get_texts()]  # type: ignore[union-attr]
    assert 2 < len(shown) < 12
    assert shown[-1] == f"+ {12 - len(shown[:-1])} more"


def test_ticks_between_powers_of_ten_give_way_where_they_would_run_into_each_other(check: Check) -> None:
    lines = {name: np.geomspace(2.7, 0.05, 5) for name in ("training", "validation", "held out")}
    ax = check(pictures.curves(lines, ax=axes((3.2, 2))))
    assert not {"0.2", "0.5"} & {label.get_text() for label in ax.get_yticklabels()}
    wide = pictures.curves(lines)
    assert {"0.2", "0.5"} < {label.get_text() for label in wide.get_yticklabels()}


@pytest.mark.parametrize("dpi", [50, 72, 100, 150, 220])
def test_text_fits_at_any_resolution(dpi: float, check: Check) -> None:
    net = Network.of(3, (300, 300), 2)
    ax = pictures.network(net, initialize(net, np.random.default_rng(0)), inputs=NAMES)
    ax.figure.set_dpi(dpi)
    check(ax)


def test_long_labels_are_broken_and_shortened(check: Check) -> None:
    x = np.linspace(2_000_000, 2_300_000, 40)
    for size in ((4, 3), (6.4, 4.8)):
        check(pictures.profile(x, x**2, name=NAMES[0], target=f"chance of {NAMES[1]}", ax=axes(size)))
        check(pictures.predicted_vs_actual(x, x + 5, ax=axes(size)))


@pytest.mark.parametrize("size", [(6.4, 4.8), (10, 6.25)])
def test_high_and_low_letters_keep_apart(size: tuple[float, float], check: Check) -> None:
    title = "Åĝ_Ûyj_Ǻ " * 12
    check(pictures.curves({"ÅÇgj_": [1, 2]}, title=title, ax=axes(size)))
    check(pictures.profile([1, 2], [1, 2], title=title, note="Ǻj_Û Åĝ_Ûyj_Ǻ " * 18, ax=axes(size)))


def test_beside_other_pictures(several: glassnet.Model, check: Check) -> None:
    figure = Figure(figsize=(12, 5))
    left, right = figure.subplots(1, 2)
    several.draw("curves", ax=left)
    several.draw("confusion", ax=right)
    check(left)
    assert left.get_position().x1 < right.get_position().x0


def test_among_others_that_join_later(check: Check) -> None:
    """Each takes space from those that were drawn before it."""
    first, second, third, fourth = Figure(figsize=(10, 7), layout="constrained").subplots(2, 2).ravel()
    rng, classes = np.random.default_rng(0), [f"class {at}" for at in range(10)]
    pictures.first_layer(rng.normal(size=(800, 20)), ax=first)
    pictures.confusion(rng.choice(classes, 9000), rng.choice(classes, 9000), ax=second)
    pictures.importances(rng.random(40), [f"x{at}" for at in range(40)], ax=third)
    pictures.roc(rng.choice(classes, 90), rng.dirichlet(np.ones(10), 90), classes=classes, ax=fourth)
    check(first)


def test_numbers_in_cells_follow_their_size(check: Check) -> None:
    rng, sizes = np.random.default_rng(0), []
    ax = check(pictures.confusion(rng.integers(0, 6, 9000), rng.integers(0, 6, 9000)))
    for size in ((8, 6), (3, 2.2), (8, 6)):
        ax.figure.set_size_inches(*size)  # type: ignore[union-attr]
        ax.figure.draw_without_rendering()  # type: ignore[union-attr]
        sizes.append([text.get_fontsize() for text in ax.texts if text.get_text().isdigit()])
        check(ax)
    assert sizes[0] == sizes[2] == [14.0] * 36
    assert sizes[1] < sizes[0]


def test_an_axis_keeps_two_ticks() -> None:
    values = np.linspace(-8_100, 9_000, 30)
    ax = pictures.predicted_vs_actual(values, values[::-1], ax=axes((4, 3), layout=None))
    low, high = ax.get_xlim()
    assert sum(low <= place <= high for place in ax.get_xticks()) >= 2


def test_layouts_of_others_still_work(several: glassnet.Model) -> None:
    ax = axes((6, 4), None)
    several.draw("weights", ax=ax)
    ax.figure.tight_layout()  # type: ignore[union-attr]
    assert ax.get_position().width > 0.3


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 1, 2], ["0", "1", "2"]),
        ([-0.5, 0, 0.5], ["−0.5", "0", "0.5"]),
        ([0, 0.25, 0.5], ["0", "0.25", "0.50"]),
        ([0.1, 0.2, 0.30000000000000004], ["0.1", "0.2", "0.3"]),
        ([999_500, 1_000_000], ["999,500", "1,000,000"]),
        ([0, 2e-6], ["0", "2e-6".replace("-", "−")]),
        ([-1e8, 1.5e8], ["−1.0e8", "1.5e8"]),
        ([7], ["7"]),
        ([], []),
    ],
)
def test_ticks_say_their_numbers_in_full(values: list[float], labels: list[str]) -> None:
    assert NumberFormatter().format_ticks(values) == labels


def test_small_pictures_have_smaller_text_and_thinner_lines() -> None:
    large, small = (pictures.profile([0, 1], [0, 1], ax=axes(size)) for size in ((8, 6), (3, 2.5)))
    assert float(small.xaxis.label.get_fontsize()) < float(large.xaxis.label.get_fontsize())
    assert small.lines[0].get_linewidth() < large.lines[0].get_linewidth()
    small.figure.set_size_inches(8, 6)  # type: ignore[union-attr]
    small.figure.draw_without_rendering()  # type: ignore[union-attr]
    assert small.xaxis.label.get_fontsize() == large.xaxis.label.get_fontsize()
    assert small.lines[0].get_linewidth() == large.lines[0].get_linewidth()


def test_axes_that_no_layout_places_get_space_for_the_heading(check: Check) -> None:
    ax = Figure(figsize=(6, 4)).add_axes((0.15, 0.2, 0.8, 0.75))
    check(pictures.roc([0, 1, 1], [0.2, 0.4, 0.3], ax=ax))
    assert ax.get_position().y1 < 0.9


def test_dates_have_short_labels(check: Check) -> None:
    for count, common in ((20, "day, 2024-Mar"), (40, "day, 2024"), (400, "day")):
        days = np.datetime64("2024-03-05") + np.arange(count)
        ax = check(pictures.profile(days, np.arange(count), name="day", ax=axes((4, 3))))
        assert ax.get_xlabel() == common
        assert all(len(label.get_text()) <= 5 for label in ax.get_xticklabels())
