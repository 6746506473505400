"""The options of reading a table: the same for every command that reads one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

import glassnet
from glassnet.cli import main
from glassnet.cli.app import VERBS, build
from glassnet.cli.reading import OPTIONS, read_keywords
from glassnet.errors import TableError
from glassnet.tables import read_table

READERS = {*VERBS} - {"show", "card", "lesson", "serve"}
ROWS = "".join(f"{at};{'none' if at % 5 == 1 else at % 4};{at * 2}\n" for at in range(60))


def test_the_options_are_those_of_read_table() -> None:
    own = set(inspect.signature(read_table).parameters) - {"source", "columns", "like"}
    assert own == set(OPTIONS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_that_reads_a_table_has_them(verb: str) -> None:
    command = build([verb, "--unknown"]).commands[verb]
    names = {param.name for param in command.params}
    assert (set(OPTIONS) <= names) == (verb in READERS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"header": "0"}, {"header": 0}),
        ({"header": "0,2"}, {"header": [0, 2]}),
        ({"header": "none"}, {"header": None}),
        ({"header": 'a, b,"c,d"'}, {"header": ["a", "b", "c,d"]}),
        ({"delimiter": "tab", "thousands": "space"}, {"delimiter": "\t", "thousands": " "}),
        ({"delimiter": "||", "skip_rows": "3"}, {"delimiter": "||", "skip_rows": 3}),
        ({"missing": ["-99", "ND"]}, {"missing": ["-99", "ND"]}),
        ({"missing": ["a=-99,ND", "b="]}, {"missing": {"a": ["-99", "ND"], "b": [""]}}),
        ({"sheet": None, "seed": "1"}, {}),
    ],
)
def test_text_stands_for_values(given: dict[str, object], expected: dict[str, object]) -> None:
    assert read_keywords(given) == expected


def test_words_with_and_without_a_column_are_refused() -> None:
    with pytest.raises(TableError, match="both with and without a column"):
        read_keywords({"missing": ["a=1", "2"]})


def test_a_table_is_read_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("report\n2024\nsize;grade;price\n" + ROWS)
    options = ["--skip-rows", "2", "--header", "0", "--missing", "grade=none"]
    assert main(["train", "t.csv", "-t", "price", "--epochs", "2", "--seed", "1", *options]) == 0
    assert "--skip-rows 2 --missing grade=none" in " ".join(
        capsys.readouterr().out.replace("\\\n", " ").split()
    )
    model = glassnet.load("model.glassnet")
    assert model.schema["grade"].missing == 12
    assert model.schema.read_options.missing == {"grade": ("none",)}
    Path("new.csv").write_text("title\nsize|grade|price\n1|none|2\n")
    asked = ["predict", "model.glassnet", "new.csv"]
    assert main([*asked, "--skip-rows", "1", "--delimiter", "|"]) == 0
    expected = capsys.readouterr().out
    assert main(asked) == 0
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--skip-rows", "x"], "--skip-rows is 'x', but must be"),
        (["--header", "a"], "--header has 1 names"),
        (["--delimiter", "|"], "--delimiter is '|', but no line"),
        (["--max-size", "much"], "--max-size is 'much', but must be"),
    ],
)
def test_faults_are_spelled_as_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("size;grade;price\n" + ROWS)
    read: Callable[[list[str]], int] = main
    assert read(["train", str(path), "-t", "price", "--out", str(tmp_path / "m"), *options]) == 2
    assert message in capsys.readouterr().err


def test_labels_that_are_taken_as_missing_can_be_kept_as_the_note_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{at},{'yn?'[at % 3]}\n" for at in range(60))
    (tmp_path / "votes.csv").write_text(f"x,vote\n{rows}", encoding="utf-8")
    common = ["train", str(tmp_path / "votes.csv"), "--target", "vote", "--epochs", "2", "--quiet"]
    assert main([*common, "--out", str(tmp_path / "m"), "--strict"]) == 2
    err = capsys.readouterr().err
    assert "20 rows without a label of the target 'vote', as those of '?'" in err
    assert "--missing vote=" in err
    assert main([*common, "--out", str(tmp_path / "m"), "--strict", "--missing", "vote="]) == 0
    assert sorted(glassnet.load(tmp_path / "m").classes) == ["?", "n", "y"]
