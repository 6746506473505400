"""Names and figures as a person wrote them: never mathematics, never left out, whole where it matters."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import glassnet
from drawings import LONG, of_a_model
from glassnet import pictures
from glassnet.pictures import CATALOG, text_fit

Check = Callable[[Axes], Axes]
RNG = np.random.default_rng(0)
FAULTY = "$\\frac$"  # mathematics that Matplotlib cannot read


@cache
def faulty(kind: str) -> tuple[glassnet.Model, dict[str, Any]]:
    words = np.array([FAULTY, "$\\bad$", "_c"])
    table = {
        FAULTY: RNG.normal(size=60),
        "価格 $_{b $": RNG.normal(size=60),
        "w $\\x$": words[RNG.integers(0, 3, 60)],
        f"t {FAULTY}": words[RNG.integers(0, 3, 60)] if kind == "classes" else RNG.normal(size=60),
    }
    return glassnet.train(
        table, f"t {FAULTY}", hidden=(3,), epochs=2, seed=0, holdout=0.2, recipe="single"
    ), table


@pytest.mark.parametrize("name", CATALOG)
def test_mathematics_with_faults_are_words(name: str, check: Check) -> None:
    model, table = faulty("numbers" if name in ("predictions", "residuals", "surface") else "classes")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of characters that no font has
        warnings.simplefilter("ignore", glassnet.AssumptionWarning)  # of training rows in the table
        ax = of_a_model(name, model, table)
        assert ax is not None
        check(ax)


@pytest.mark.parametrize("column", [FAULTY, "w $\\x$"])
def test_mathematics_with_faults_along_an_axis(column: str, check: Check) -> None:
    model, table = faulty("classes")
    check(model.draw("profile", table, column=column))
    check(model.draw("surface", table, x=column, y="価格 $_{b $"))


def test_curves_of_any_name(check: Check) -> None:
    check(pictures.curves({FAULTY: [1, 2]}, metrics={"$\\bad$": [1, 2]}, title=FAULTY))


def test_legends_have_the_names_themselves() -> None:
    names = ["_low", "$high$", "c"]
    legend = pictures.profile([0.0, 1.0], {name: [0.0, 1.0] for name in names}).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == names


def test_fonts_have_their_successors_after_a_change_of_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.pictures.figure.font_families", lambda: ("DejaVu Serif",))
    ax = pictures.roc(["a", "b"], [0.1, 0.9], title="title")
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    for size in ((4, 3), (8, 7)):
        figure.set_size_inches(size)
        figure.draw_without_rendering()
        legend = ax.get_legend()
        assert legend is not None
        for text in (*legend.get_texts(), *ax.texts, ax.xaxis.label, ax.title):
            assert text.get_fontfamily().count("DejaVu Serif") == 1


@pytest.mark.parametrize("draw", [pictures.roc, pictures.precision_recall])
def test_figures_in_legends_stay_whole(draw: Callable[..., Axes]) -> None:
    classes, ax = LONG[:5], Figure(figsize=(4, 3), layout="constrained").add_subplot()
    draw(RNG.choice(classes, 90), RNG.dirichlet(np.ones(5), 90), classes=classes, ax=ax)
    legend = ax.get_legend()
    assert legend is not None
    assert all(re.search(r"….* \((AUC|AP) \d\.\d{3}\)$", text.get_text()) for text in legend.get_texts()[:5])


def test_one_is_reported_as_one(check: Check) -> None:
    weights = RNG.normal(size=(4, 3))
    assert "The 3 inputs with the largest weights; 1 is not drawn" in words_in(
        pictures.first_layer(weights, max_display=3)
    )
    images = pictures.first_layer(weights, image=True, max_display=2)
    assert "1 is not drawn" in words_in(check(images))
    seven = pictures.roc(RNG.integers(0, 7, 90), RNG.dirichlet(np.ones(7), 90), classes=range(7))
    assert "1 input × 1 neuron = 1 weight." in words_in(pictures.first_layer([[2.0]]))
    assert "1 row. Root" in words_in(pictures.residuals([1.0], [1.0]))
    legend = check(seven).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-2:] == ["1 other class", "chance level"]


def test_a_minus_is_a_minus() -> None:
    assert "R² −3.000" in words_in(pictures.predicted_vs_actual([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]))


def test_widths_are_those_of_words() -> None:
    assert text_fit.text_width("$\\frac$", 12) > text_fit.text_width("frac", 12)


def words_in(ax: Axes) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in ax.texts)
