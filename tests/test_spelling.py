"""Messages call settings as the caller does: ``batch_size=64`` in Python, ``--batch-size 64`` on the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassnet.cli import main
from glassnet.tables import penguins_path
from glassnet.training.settings import SETTINGS

SOURCE = Path(__file__).parents[1] / "src" / "glassnet"
OTHERS = ("table", "layer", "neuron", "digits", "terms", "neurons", "most", "row", "output", "baseline")
ARGUMENT = re.compile(rf"(?<![\w.(\[\"-])({'|'.join([*SETTINGS, *OTHERS])})=")
OPTION = re.compile(r"(?<![\w-])--[a-z]")
WRITES_COMMANDS = ("cli", "lessons")  # of the command line
WRITES_PYTHON = "downloads.py"  # scripts to be run
RUNS_PROGRAMS = ("_run.py", "_office.py")  # other programs, with options of theirs


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module but docstrings, each with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented)
                  and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_no_message_is_spelled_for_one_door_alone() -> None:
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        commands = path.relative_to(SOURCE).parts[0] in WRITES_COMMANDS
        for line, text in texts(path):
            as_option = not commands and not path.name.endswith(RUNS_PROGRAMS) and OPTION.search(text)
            as_argument = path.name != WRITES_PYTHON and ARGUMENT.search(text)
            if as_option or as_argument:
                wrong.append(f"{path.relative_to(SOURCE)}:{line}: {text!r:.80} (use glassnet.errors.called)")
    assert wrong == []


def test_both_are_found() -> None:
    assert OPTION.search("pass --batch-size 64")
    assert not OPTION.search("a -- b")
    assert ARGUMENT.search("pass batch_size=64")
    assert not ARGUMENT.search("loss = 3")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["compare", "m.glassnet", "--to", "3"], "--snapshots 32"),
        (["draw", "m.glassnet", "--what", "weights", "--layer", "9"], "--layer is 9"),
        (["explain", "m.glassnet", "wide.csv", "--importances", "--most", "3"], "--most 0"),
        (["explain", "m.glassnet", "wide.csv", "--digits", "all", "--neurons", "2"], "--neurons 0"),
        (["doctor", "m.glassnet", "wide.csv"], "--"),
        (["train", "wide.csv", "-t", "y", "--validation", "0.6", "--holdout", "0.6"], "--validation 0.6"),
    ],
)
def test_what_the_command_line_prints(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    option: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ["x1,x2,x3,x4,x5,y", *(f"{at},{at % 3},{at % 5},{at % 7},{-at},{at % 2}" for at in range(60))]
    Path("wide.csv").write_text("\n".join(rows), encoding="utf-8")
    assert (
        main(["train", "wide.csv", "-t", "y", "--epochs", "2", "--hidden", "4", "-q", "-o", "m.glassnet"])
        == 0
    )
    capfd.readouterr()
    main(arguments)
    printed = " ".join("".join(capfd.readouterr()).split())
    assert option in printed
    assert not ARGUMENT.search(printed)


def test_what_python_says() -> None:
    import glassnet

    model = glassnet.train(penguins_path(), "species", hidden=2, epochs=1, seed=1, recipe="single")
    with pytest.raises(ValueError, match="snapshots=32") as raised:
        model.at(5)
    assert not OPTION.search(str(raised.value))
    assert not OPTION.search(model.importances(penguins_path()).to_text(most=2))
