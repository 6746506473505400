"""What ``train`` prints at its end: commands that can be copied and run as they are."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.tables import penguins_path

Run = Callable[..., Any]  # the fixture of conftest.py

VERBS = ["show", "explain", "draw", "doctor", "lesson", "predict", "train"]


def commands(text: str) -> dict[str, list[str]]:
    """The words of each command at the end of ``text``, as a shell reads them, by its title."""
    found: dict[str, str] = {}
    title = ""
    for line in text.split("Saved as ")[1].splitlines()[1:]:
        if found.get(title, "").endswith("\\"):
            found[title] += f"\n{line}"
        elif "  glassnet " in line:
            title, _, command = line.partition("  glassnet ")
            found[title := title.strip()] = f"glassnet {command}"
    return {title: words(command) for title, command in found.items()}


def words(command: str) -> list[str]:
    script = f'show() {{ printf "%s\\0" "$@"; }}\nshow {command}'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, check=True, text=True).stdout
    name, *rest = shown.split("\0")[:-1]
    assert name == "glassnet"
    return rest


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("table", [None, "penguins", "my penguins' table.csv"])
def test_every_command_runs(
    run: Run, monkeypatch: pytest.MonkeyPatch, table: str | None, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    name = "model.glassnet"
    options = []
    if table not in (None, "penguins"):
        shutil.copy(penguins_path(), table)
        name = "a $model.glassnet"
        options = ["-t", "species", "--out", name, "--column-types", "year=category"]
    result = run(
        "train", "--recipe", "single", *([table] if table else []), *options, "--epochs", "3", "--hidden", "5"
    )
    assert result.code == 0
    found = [*commands(result.out).values()]
    assert [each[0] for each in found][:7] == VERBS
    assert [each[1] for each in found[:4]] == [name] * 4
    shutil.copy(penguins_path(), "new.csv")
    for each in found if columns == 60 else []:
        assert run(*each).code == 0
    assert max(map(len, result.out.splitlines())) <= columns


def test_the_name_penguins_is_that_of_the_bundled_table_where_there_is_no_such_file(
    run: Run, model: Path
) -> None:
    assert run("predict", model.name, "penguins").out.count("\n") == 345
    Path("penguins").write_text("a\n1\n", encoding="utf-8")
    assert "bill_length_mm" in run("predict", model.name, "penguins").err


def test_the_command_that_makes_the_same_again_does(run: Run) -> None:
    first = run(
        "train",
        "--recipe",
        "single",
        "--hidden",
        "8",
        "--epochs",
        "5",
        "--column-types",
        "year=ignore",
        "--scaling",
        "none",
    )
    again = commands(first.out)["repeat"]
    assert run(*again, "--out", "again.glassnet").code == 0
    models = [glassnet.load(path) for path in ("model.glassnet", "again.glassnet")]
    assert np.array_equal(models[0].learnt.vector, models[1].learnt.vector)


def test_what_is_suggested_keeps_the_seed_and_every_option(run: Run) -> None:
    given = [
        "--hidden",
        "8",
        "--seed",
        "7",
        "--class-weight",
        "Adelie=2",
        "--scaling",
        "none",
        "--out",
        "p.glassnet",
    ]
    result = run("train", "--recipe", "single", "--epochs", "12", *given)
    words = commands(result.out)["try to improve"]
    assert words[0] == "train"
    assert words[words.index("--epochs") + 1] == "36"
    for option, value in zip(given[::2], given[1::2], strict=False):
        assert option in words
        assert value in words
    assert "To improve: The validation loss was still falling" in result.out
    assert "--epochs 36" in result.out.partition("To improve")[2]
    assert run(*words).code == 0
