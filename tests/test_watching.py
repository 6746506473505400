"""``glassnet.watch`` and ``glassnet watch``: what they open, and what they refuse."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

import glassnet
from effort import wait_for
from glassnet.cli import main
from glassnet.errors import InputError, SettingsError
from glassnet.net import ACTIVATIONS, Adam, Huber
from page_server import ask


def test_watch_opens_a_table(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text("a,b\n" + "\n".join(f"{at},{at * at}" for at in range(40)), encoding="utf-8")
    with glassnet.watch(str(path), "b", browser=False, port=0, epochs=3) as page:
        page.session.control("finish")
        wait_for(lambda: page.model is not None)
        assert page.model.target.columns == ("b",)
    with pytest.raises(InputError, match="hiden"):
        glassnet.watch(str(path), "b", browser=False, port=0, hiden=(3,))


def test_several_targets_of_classes_are_refused() -> None:
    table = {"x": list(range(40)), "a": ["p", "q"] * 20, "b": ["r", "r", "s", "s"] * 10}
    with pytest.raises(InputError, match="one target of classes, but got 'a', 'b'"):
        glassnet.watch(table, ["a", "b"], browser=False, port=0)
    model = glassnet.train(table, ["a", "b"], hidden=(2,), epochs=1, seed=1, progress=False, recipe="single")
    with pytest.raises(InputError, match="for_target"):
        model.report("never.html", table)
    assert not Path("never.html").exists()


def test_the_command_wants_a_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(tmp_path / "my.csv")]) == 2
    assert "--target" in capsys.readouterr().err


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": Adam(beta1=0.8), "hidden": np.array([3, 2]), "activation": ACTIVATIONS["tanh"]},
        {
            "loss": Huber(delta=2.0),
            "hidden": 3,
            "learning_rate": np.float32(0.01),
            "seed": None,
            "patience": 4,
        },
        {"optimizer": "adam(beta1=0.7)", "learning_rate": "auto", "dropout": (0.1, 0.0)},
    ],
)
def test_settings_in_every_form_of_train_are_shown_and_in_the_script(settings: dict[str, Any]) -> None:
    column = np.linspace(0, 1, 40)
    table = {"a": column.tolist(), "b": (column**2).tolist(), "y": (3 * column).tolist()}
    with glassnet.watch(
        table, "y", browser=False, port=0, **{"hidden": (2, 2), **settings}, epochs=3
    ) as page:
        assert set(settings) <= set(ask(page, "/state")[1]["workshop"]["settings"])
        page.session.control("finish")
        wait_for(lambda: page.model is not None)
        text = ask(page, "/download/script")[1].decode()
        scope = {"table": table}
        exec(text.replace("table = 'dict'", "#"), scope)
        assert (scope["model"].learnt.vector == page.model.learnt.vector).all()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "settings", [{"hidden": "8,4"}, {"epochs": "auto"}, {"validation": {"y": [1.0]}}, {"optimizer": "adm"}]
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"^{next(iter(settings))} is "):
        glassnet.watch(browser=False, port=0, **settings)


@pytest.mark.parametrize("settings", [{"recipe": "balanced"}, {"members": 5}])
def test_several_networks_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="one network"):
        glassnet.watch(browser=False, port=0, **settings)
    with glassnet.watch(browser=False, port=0, recipe="single", members=1) as page:
        assert page.session.run.settings["epochs"] == 10_001
