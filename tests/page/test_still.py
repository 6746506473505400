"""The still picture of a notebook, and the moving one of README."""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet.page import notebook
from glassnet.page.notebook import mime_bundle
from glassnet.page.still import learning_picture, model_html
from page_models import example

PICTURE = Path(__file__).parents[2] / "docs" / "learning.svg"


def test_readme_has_the_picture_that_the_package_draws() -> None:
    drawn = learning_picture() + "\n"
    if os.environ.get("GLASSNET_REDRAW"):
        PICTURE.write_text(drawn, encoding="utf-8")
    kept = PICTURE.read_text(encoding="utf-8")
    number = re.compile(r"-?\d+\.\d+")
    assert number.sub("0.0", kept) == number.sub("0.0", drawn)
    both = [np.array(number.findall(text), np.float64) for text in (kept, drawn)]
    np.testing.assert_allclose(
        both[0], both[1], atol=0.05
    )  # another machine may round the last digit otherwise
    root = ElementTree.fromstring(drawn)
    assert len(root.findall(".//{http://www.w3.org/2000/svg}animate")) > 100
    assert "learning.svg" in (PICTURE.parents[1] / "README.md").read_text(encoding="utf-8")


def test_a_model_shows_itself_in_a_notebook() -> None:
    model, _ = example("penguins")
    shown = model._repr_html_()
    assert shown == model_html(model)
    ElementTree.fromstring(shown.partition("<br>")[0] + "</div>" if "<br>" in shown else shown)
    assert "island=Biscoe" in shown
    assert mime_bundle(model) == {}  # not in a notebook


@pytest.mark.parametrize("interactive", [True, False])
def test_a_notebook_that_cannot_run_the_widget_has_the_picture(
    interactive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an exported page, or a notebook that is opened without the extension for widgets."""
    if interactive:
        pytest.importorskip("anywidget")
    else:
        monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.setattr(notebook, "in_notebook", lambda: True)
    model, _ = example("penguins")
    shown = model._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    assert data["text/html"] == model_html(model)
    assert data["text/plain"] == repr(model)
    assert (notebook.WIDGET in data) == interactive


@pytest.mark.parametrize("interactive", [True, False])
def test_marimo_has_the_widget_or_the_picture(interactive: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if interactive:
        pytest.importorskip("anywidget")
    else:
        monkeypatch.setitem(sys.modules, "anywidget", None)
    model, _ = example("penguins")
    shown = model._display_()
    if interactive:
        assert shown.document["target"]["columns"] == ["species"]
    else:
        assert shown._repr_html_() == model_html(model)


def test_of_several_networks_it_says_which_is_drawn() -> None:
    model, _ = example("several networks")
    assert "This is network 0; the model predicts with the mean of its 3 networks." in model_html(model)


def test_names_are_text_in_the_picture() -> None:
    table = {"<script>alert(1)</script>": [0.0, 1, 2, 3] * 5, "y": [1.0, 3, 5, 7] * 5}
    model = glassnet.train(table, "y", hidden=(2,), epochs=1, seed=0)
    assert "<script" not in model._repr_html_()


def test_long_names_keep_their_ends() -> None:
    table = {f"a column with a long name {at}": [0.5 * at, 1.0, 2.0, at] * 5 for at in (1, 2)}
    model = glassnet.train({**table, "y": [*map(float, range(20))]}, "y", epochs=1, recipe="single")
    assert all(f"a column wi…name {at}" in model._repr_html_() for at in (1, 2))
