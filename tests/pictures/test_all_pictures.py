"""What holds of every picture: its layout, its axes, and that nothing stays behind."""

from __future__ import annotations

import gc
import inspect
import json
import subprocess
import sys
import threading
import weakref
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

import glassnet
from drawings import PLAIN, of_a_model
from glassnet import pictures
from glassnet.errors import InputError, InputTypeError
from glassnet.net import Network, initialize
from glassnet.pictures import CATALOG

Check = Callable[[Axes], Axes]
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_data(name: str, check: Check) -> None:
    """In the dark theme, and at other sizes: in test_sizes.py."""
    check(PLAIN[name]())


@pytest.mark.parametrize("kind", ["several", "two", "numbers", "wide"])
@pytest.mark.parametrize("name", CATALOG)
def test_models(
    name: str, kind: str, check: Check, table: Any, wide_table: Any, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(kind)
    theme = "dark" if len(name) % 2 else "light"
    ax = of_a_model(name, model, wide_table if kind == "wide" else table, theme=theme)
    if ax is not None:
        check(ax)


@pytest.mark.parametrize("name", CATALOG)
def test_one_input_and_one_output(name: str, check: Check) -> None:
    x = np.linspace(-1, 1, 60)
    model = glassnet.train((x[:, None], 2 * x), hidden=(), epochs=3, seed=0, holdout=0.2, recipe="single")
    if name == "surface":
        with pytest.raises(InputError, match="needs two columns"):
            model.draw(name)
        return
    ax = of_a_model(name, model, (x[:, None], 2 * x))
    if ax is not None:
        check(ax)


@pytest.mark.parametrize("name", CATALOG)
def test_a_model_without_held_out_rows(name: str, table: Any) -> None:
    model = glassnet.train(table, "species", hidden=(3,), epochs=2, seed=0, validation=0, recipe="single")
    if name in ("confusion", "roc", "reliability"):
        with pytest.raises(InputError, match="no held-out rows"):
            model.draw(name)
    of_a_model(name, model, table)


def test_weights_and_activations_over_time(check: Check, table: Any) -> None:
    model = glassnet.train(
        table, "species", hidden=(5,), epochs=40, snapshots=32, patience=None, seed=0, recipe="single"
    )
    for ax in (model.draw("weights", layer=1), model.draw("activation-histograms", table, layer=2)):
        labels = [text.get_text() for text in check(ax).get_yticklabels()]
        assert labels[0].startswith("initial")
        assert labels[-1].startswith("learnt")
        assert 5 < len(labels) <= 14
        assert all(label.startswith("epoch") for label in labels[1:-1])
    with pytest.raises(InputError, match="layer is 3"):
        model.draw("weights", layer=3)


@pytest.mark.parametrize(
    "name", ["importances of 3", "profile", "one epoch", "neuron", "confusion of 2", "roc of 60"]
)
def test_axes_that_are_given_are_drawn_in_and_returned(name: str) -> None:
    figure = Figure(figsize=(12, 6), layout="constrained")
    left, right = figure.subplots(1, 2)
    assert PLAIN[name](ax=left) is left
    assert not right.lines
    assert left.get_title("left")


def test_given_axes_get_the_theme_of_their_figure() -> None:
    dark = Figure(facecolor="black").add_subplot()
    pictures.activations("relu", ax=dark)
    assert dark.title.get_text() == ""
    assert dark.get_title("left") == "relu"
    assert dark.xaxis.label.get_color() == pictures.DARK.ink
    painted = Figure().add_subplot()
    pictures.activations("relu", ax=painted, theme="dark")
    assert painted.figure.get_facecolor() == Figure(facecolor=pictures.DARK.background).get_facecolor()


def test_figures_that_are_no_longer_used_are_freed() -> None:
    figure = weakref.ref(pictures.activations("relu").figure)
    gc.collect()
    assert figure() is None


def test_no_pyplot_and_no_changed_default(tmp_path: Path) -> None:
    code = f"""
import sys, json, matplotlib
defaults = lambda: {{key: value for key, value in dict.items(matplotlib.rcParams) if key != "backend"}}
before = defaults()
import glassnet
from glassnet.net import Network, initialize
import matplotlib
import numpy as np
net = Network.of(3, (4,), 2)
ax = glassnet.pictures.network(net, initialize(net, np.random.default_rng(0)))
glassnet.pictures.save(ax, {str(tmp_path / "a.png")!r})
print(json.dumps(["matplotlib.pyplot" in sys.modules, before == defaults()]))
"""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == [False, True]


def test_threads_draw_at_once(tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def draw(number: int) -> None:
        try:
            net = Network.of(3, (4,), 2)
            ax = pictures.network(net, initialize(net, np.random.default_rng(number)))
            pictures.save(ax, tmp_path / f"{number}.png", dpi=40)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(list(tmp_path.iterdir())) == 4


def test_notebooks_show_the_axes_as_the_picture() -> None:
    assert pictures.activations("tanh")._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_every_function_takes_axes_and_a_theme() -> None:
    others = {"chapter", "functions", "save", "check_ending"}
    for name in pictures.__all__:
        function = getattr(pictures, name)
        if inspect.isfunction(function) and name not in others:
            parameters = inspect.signature(function).parameters.values()
            own = {"title", "ax", "theme"} & {each.name for each in parameters}
            assert own == {"ax", "theme"} or any("Unpack[Style]" in str(each) for each in parameters), name


def test_text_of_a_table_is_never_mathematics(check: Check) -> None:
    names = ["$a$", "$_{b", "\\frac", "_c", "\U0001f427 \u4fa1\u683c", "line\nbreak"]
    check(pictures.confusion(names, names[::-1]))
    check(pictures.roc(names, np.eye(6), classes=names))
    check(pictures.importances(np.arange(6), names))
    net = Network.of(6, (), 6)
    check(pictures.network(net, initialize(net, np.random.default_rng(0)), inputs=names, outputs=names))
    labels = pictures.confusion(names, names[::-1]).get_yticklabels()
    assert {"$a$", "$_{b"} < {label.get_text() for label in labels}
    assert not any(label.get_parse_math() for label in labels)


def test_wrong_use(several: glassnet.Model, table: Any) -> None:
    with pytest.raises(InputError, match="Did you mean 'network'"):
        several.draw("netwrok")
    with pytest.raises(InputError, match="Did you mean 'dark'"):
        several.draw(theme="drak")
    with pytest.raises(InputError, match="needs rows"):
        several.draw("flow")
    with pytest.raises(InputError) as caught:
        several.draw("curves", table, mots=3)
    assert len(caught.value.faults) == 2
    with pytest.raises(InputTypeError, match="ax is"):
        several.draw(ax="here")  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_functions_of_the_chapter(check: Check, theme: str) -> None:
    ax = check(pictures.functions(theme=theme))
    assert [each.get_title("left") for each in ax.figure.axes] == ["relu", "sigmoid", "tanh"]


def test_svgs_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is elided is not in the file, and very many marks are one image in it."""
    net = Network.of(800, (256, 128), 7)
    ax = pictures.network(net, initialize(net, np.random.default_rng(0)))
    many = pictures.residuals(RNG.normal(size=30_000), RNG.normal(size=30_000))
    path = tmp_path / "a.svg"
    for shown, most_marks, images in ((ax, 20_000, False), (many, 20_000, True), (ax, 100, True)):
        monkeypatch.setattr("glassnet.pictures.network_layout.MANY_MARKS", most_marks)
        shown.figure.set_dpi(150 if most_marks == 100 else 100)
        shown.figure.draw_without_rendering()  # type: ignore[union-attr]
        pictures.save(shown, path, dpi=50)
        assert path.stat().st_size < 500_000
        assert ("<image" in path.read_text(encoding="utf-8")) == images


def test_svgs_have_text_a_title_and_a_description(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    pictures.save(pictures.roc([0, 1, 0, 1], [0.1, 0.8, 0.4, 0.3], title="A < B & \x1b"), path)
    root = ElementTree.parse(path).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "A < B & □"
    assert root.findtext(f"{space}desc") == "4 rows."
    words = {"".join(each.itertext()).strip() for each in root.iter(f"{space}text")}
    assert {"false positive rate", "chance level", "4 rows."} < words
    assert matplotlib.rcParams["svg.fonttype"] == "path"


def test_the_same_picture_twice_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        pictures.save(pictures.activations("relu"), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_over_time_without_snapshots_the_note_says_how_to_keep_some(
    several: glassnet.Model, table: Any, check: Check
) -> None:
    assert "snapshots=32" in words_in(check(pictures.weights(several, layer=1)))
    kept = glassnet.train(table, "species", epochs=4, seed=1, snapshots=4, recipe="single")
    assert "snapshots" not in words_in(check(pictures.weights(kept, layer=1)))


def test_error_bars_are_explained(several: glassnet.Model, table: Any, check: Check) -> None:
    ax = check(several.draw("importances", table))
    assert "± the standard deviation over 5 shuffles" in words_in(ax)
    other = glassnet.train(table, "species", epochs=4, seed=2, hidden=(6, 5), recipe="single")
    ax = check(several.draw("importances", method=["garson", "olden"], ensemble=[other]))
    assert "± the standard deviation over 2 networks" in words_in(ax)


def test_classes_that_are_not_drawn_are_counted(check: Check) -> None:
    codes = np.arange(220) % 11
    x = np.column_stack([codes + RNG.normal(size=220), RNG.normal(size=(220, 2))])
    labels = np.array([f"class {at:02}" for at in codes])
    model = glassnet.train((x, labels), hidden=(8,), epochs=20, seed=0, recipe="single")
    assert "The 7 of 11 classes whose probability changes most" in words_in(
        check(model.draw("profile", (x, labels)))
    )
    legend = check(model.draw("surface", (x, labels), theme="dark")).get_legend()
    assert legend is not None
    assert "5 other classes" in [text.get_text() for text in legend.get_texts()]
    colors = [patch.get_facecolor() for patch in legend.get_patches()]
    assert len(set(colors)) == len(colors)


def test_a_line_over_another_leaves_it_to_be_seen() -> None:
    first, _, second, _ = pictures.activations(["relu", "identity"]).lines[:4]
    assert first.get_linewidth() >= second.get_linewidth() + 1.5
    assert first.get_zorder() <= second.get_zorder()


def test_a_slope_is_seen_on_its_function() -> None:
    """As that of relu, which is 0 where relu is."""
    function, slope = pictures.activations("relu").lines[:2]
    assert slope.get_gapcolor() == pictures.LIGHT.background
    assert slope.get_linewidth() <= function.get_linewidth() - 1.5
    assert slope.get_zorder() >= function.get_zorder()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_error_bars_are_seen_on_any_bar(theme: str) -> None:
    ax = pictures.importances([1.0, 2.0], ["a", "b"], errors=[0.5, 0.5], theme=theme)
    lines = [each for each in ax.collections if isinstance(each, LineCollection)]
    edges = [
        (to_hex(np.asarray(each.get_color())[0]).upper(), np.min(each.get_linewidth())) for each in lines
    ]
    (below, wide), (above, narrow) = edges
    own = pictures.THEMES[theme]
    assert (below, above) == (own.background, own.ink)
    assert wide > narrow


def test_a_rug_is_explained(check: Check) -> None:
    legend = check(pictures.profile([0.0, 1.0], [0.0, 1.0], rug=[0.2, 0.3])).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["values of the rows"]


def words_in(ax: Axes) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in ax.texts)


@pytest.mark.parametrize("given", ["three", 2.5, -1], ids=repr)
def test_numbers_that_make_no_sense(given: Any, several: glassnet.Model, table: Any) -> None:
    for what, name, rows in (
        ("max_display", "network", None),
        ("max_display", "first-layer", None),
        ("max_display", "importances", None),
        ("layer", "weights", None),
        ("bins", "reliability", table),
    ):
        with pytest.raises(InputError, match=f"{what} is {given!r}, but must be a whole number"):
            several.draw(name, rows, **{what: given})
    for limit in ("three", 0, -1):
        with pytest.raises(InputError, match=f"limit is {limit!r}, but must be a number above 0"):
            pictures.activations("relu", limit=limit)  # type: ignore[arg-type]


def test_the_title_of_a_profile_has_names_as_they_are() -> None:
    for target, title in (("mass_g", "mass_g by x"), ("probability of yes", "Probability of yes by x")):
        ax = pictures.profile([0.0, 1.0], [0.0, 1.0], name="x", target=target)
        assert title in {text.get_text() for text in ax.figure.findobj(Text)}
