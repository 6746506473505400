"""``glassnet.watch`` and ``glassnet watch``: what they open, and what they refuse."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

import glassnet
from effort import wait_for
from glassnet.cli import main
from glassnet.errors import InputError, SettingsError


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
    model = glassnet.train(table, ["a", "b"], hidden=(2,), epochs=1, seed=1, progress=False)
    with pytest.raises(InputError, match="for_target"):
        model.report("never.html", table)
    assert not Path("never.html").exists()


def test_the_command_wants_a_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(tmp_path / "my.csv")]) == 2
    assert "--target" in capsys.readouterr().err


@pytest.mark.parametrize("settings", [{"recipe": "balanced"}, {"members": 5}])
def test_several_networks_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="one network"):
        glassnet.watch(browser=False, port=0, **settings)
    with glassnet.watch(browser=False, port=0, recipe="single", members=1) as page:
        assert page.session.run.settings["epochs"] == 10_001
