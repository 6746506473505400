"""``glassnet draw`` and ``glassnet lesson --pictures``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glassnet.cli.draw import PICTURES
from glassnet.pictures import CATALOG

Run = Callable[..., Any]  # the fixture of conftest.py

STARTS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".jpg": b"\xff\xd8", ".webp": b"RIFF"}


def test_the_help_knows_every_picture() -> None:
    assert tuple(CATALOG) == PICTURES


def test_the_network_by_default(run: Run, model: Path) -> None:
    result = run("draw", model.name)
    assert (result.code, result.out, result.err) == (0, "network drawn to network.png\n", "")
    assert Path("network.png").read_bytes().startswith(STARTS[".png"])


@pytest.mark.parametrize("ending", STARTS)
def test_the_ending_of_the_name_says_the_kind_of_file(run: Run, model: Path, ending: str) -> None:
    result = run(
        "draw", model.name, "--what", "curves", "--theme", "dark", "--out", f"curves{ending}", "--quiet"
    )
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path(f"curves{ending}").read_bytes().startswith(STARTS[ending])


def test_options_reach_the_picture(run: Run, model: Path, penguins: Path) -> None:
    asked = ("--table", penguins.name, "--x", "bill_length_mm", "--y", "island", "--out", "a.svg")
    assert run("draw", model.name, "--what", "surface", *asked).code == 0
    assert (
        run(
            "draw", model.name, "--what", "flow", "--table", penguins.name, "--row", "5", "--max-display", "4"
        ).code
        == 0
    )
    assert Path("flow.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--what", "confusoin"], "Did you mean 'confusion'?"),
        (["--what", "flow"], "the picture 'flow' needs rows"),
        (["--what", "curves", "--table", "penguins.csv"], "pass no table"),
        (["--what", "curves", "--x", "year"], "takes no 'x'"),
        (["--what", "residuals"], "this picture is for numbers"),
        (["--what", "surface", "--x", "yaer"], "Did you mean 'year'?"),
        (
            ["--what", "flow", "--table", "penguins.csv", "--row", "9999"],
            "--row is 9999, but",
        ),
        (["--what", "flow", "--table", "nowhere.csv"], "nowhere.csv"),
        (["--theme", "drak"], "Did you mean 'dark'?"),
        (["--out", "a.gif"], "must end in"),
        (["--out", "picture"], "has no ending"),
        (["--out", "nowhere/a.png"], "there is no folder 'nowhere'"),
        (["--what", "first-layer", "--image", "28"], "must be such as 28x28"),
        (["--what", "first-layer", "--image", "3x5x4"], "must be such as 28x28"),
        (["--what", "first-layer", "--image", "400x500"], "not 400 × 500 pixels"),
        (["--max-display", "1"], "at least 2"),
        (["--max-display", "some"], "valid integer"),
    ],
)
def test_wrong_use(run: Run, model: Path, penguins: Path, arguments: list[str], message: str) -> None:
    before = set(model.parent.iterdir())
    result = run("draw", model.name, *arguments)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert message in result.err
    assert len(result.err.splitlines()) == 1
    assert set(model.parent.iterdir()) == before


def test_all_faults_are_reported_at_once(run: Run, model: Path) -> None:
    result = run("draw", model.name, "--what", "crves", "--theme", "drak", "--out", "nowhere/a.gif")
    assert result.code == 2
    assert len(result.err.splitlines()) == 4


def test_a_folder_that_may_not_be_written_leaves_the_older_picture(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("network.png").write_bytes(b"older")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    result = run("draw", model.name)
    assert result.code == 1
    assert "No space left on device" in result.err
    assert Path("network.png").read_bytes() == b"older"
    assert [path.name for path in model.parent.glob(".*")] == []


def test_the_chapter(run: Run) -> None:
    result = run("lesson", "--pictures", "chapter", "--theme", "dark")
    assert result.code == 0
    names = sorted(path.name for path in Path("chapter").iterdir())
    assert names == [
        "1-one-neuron.png",
        "2-no-hidden-layer.png",
        "3-one-hidden-layer.png",
        "4-two-hidden-layers.png",
        "5-activations.png",
        "6-worked-example-before.png",
        "7-worked-example-after.png",
    ]
    assert all(f"chapter/{name}" in result.out for name in names)


def test_the_chapter_into_what_is_no_folder(run: Run) -> None:
    Path("taken").write_text("")
    for folder, message in (("taken", "that is a file"), ("no/where", "there is no folder 'no'")):
        result = run("lesson", "--pictures", folder)
        assert (result.code, result.out) == (2, "")
        assert message in result.err
