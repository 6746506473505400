"""Control characters and markup in names: no terminal acts on them, and whatever is written is well-formed."""

from __future__ import annotations

import ast
import html.parser
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import glassnet
from glassnet import cli
from glassnet.cli.csv_text import write_csv
from glassnet.printable import one_line, printable

Run = Callable[..., Any]  # the fixture of conftest.py

HOSTILE = [
    "\x1b[31m", "\x1b]0;title\x07", "\x00", "\x9b31m", "\x08\x08", "\x7f", "\u202etxt.exe", "\u2066a\u2069",
    "a\rb", "a\nb", "\u2028",
    "<script>alert(1)</script>", "]]>", "&amp;", '"><img src=x>', "$\\input{/etc/passwd}$", "\\end{verbatim}",
    "%", "=1+1", "{}", "{0}", "[bold]",
]  # fmt: skip
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
ROWS = 60


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of columns and labels of such names, and its table, whose last column is not used."""
    folder = tmp_path_factory.mktemp("\x1b[31mfolder")
    numbers = np.random.default_rng(0).normal(size=(ROWS, len(HOSTILE)))
    table: dict[str, Any] = {f"{name}1": numbers[:, at].tolist() for at, name in enumerate(HOSTILE)}
    table["\x1b[1mcolor"] = [HOSTILE[at % len(HOSTILE)] for at in range(ROWS)]
    table["\x1b[2mclass"] = np.where(numbers[:, 0] > 0, HOSTILE[0], HOSTILE[6]).tolist()
    parquet.write_table(pa.table(table), folder / "t.parquet")
    model = glassnet.train(
        folder / "t.parquet", "\x1b[2mclass", hidden=4, epochs=3, seed=1, holdout=0.2, recipe="single"
    )
    model.save(folder / "m")
    return folder


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "command",
    [
        "show {}/m",
        "show {}/t.parquet",
        "train {}/t.parquet -t \x1b[2mclass --epochs 2 --hidden 3",
        "train {}/t.parquet -t \x1b[2mclasses",
        "train {}/none.csv -t x",
        "predict {}/m {}/t.parquet",
        "predict {}/m {}/t.parquet --keep \x1b[1mcolor --proba",
        "predict {}/m {}/t.parquet --keep \x1b[1m",
        "predict {}/m {}/t.parquet --out {}/\x1b[31m.csv",
        "explain {}/m {}/t.parquet",
        "explain {}/m {}/t.parquet --digits all",
        "explain {}/m {}/t.parquet --contributions",
        "explain {}/m {}/t.parquet --importances",
        "explain {}/m {}/t.parquet --form html",
        "explain {}/m {}/t.parquet --form latex",
        "explain {}/m {}/t.parquet --form csv",
        "compare {}/m {}/m --table {}/t.parquet",
        "doctor {}/m {}/t.parquet",
        "draw {}/m --what \x1b[31m",
        "draw {}/m --out {}/\x1b[31m.png --what curves",
        "report {}/m --out {}/\x1b[31m.html",
        "\x1b[31m",
        "show --\x1b[31m",
    ],
)
def test_nothing_acts_on_a_terminal(
    hostile: Path, command: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.training.progress.is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "dumb")  # no bold, which is ours
    result = run(*(word.replace("{}", str(hostile)) for word in command.split(" ")))
    said = result.out + result.err
    assert said.strip()
    assert ACTING.findall(said) == []


def test_only_one_module_prints_texts() -> None:
    """Everything else prints blocks, which are made printable where they become text."""
    safe = {"render", "to_json", "lesson_text"}
    wrong = []
    for path in sorted(Path(cli.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                inner = {getattr(each.func, "id", "") for each in node.args if isinstance(each, ast.Call)}
                constant = ast.unparse(node) == "print(f'glassnet {VERSION}')"
                if path.name != "terminal.py" and not constant and not (inner and inner <= safe):
                    wrong.append(f"{path.name}: {ast.unparse(node)}")
    assert wrong == []


class Tags(html.parser.HTMLParser):
    """The names of all elements, and of all their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attributes)}


def test_html_and_latex_hold_the_names_as_text(hostile: Path) -> None:
    model = glassnet.load(hostile / "m")
    row = glassnet.tables.read_table(hostile / "t.parquet").take([0])
    for shown in (model.summary(), model.explain(row), model.doctor(), model.importances()):
        own = {"div", "class", "style", "table", "tr", "th", "td", "h3", "h4", "h5", "p"}
        assert Tags(shown.to_html()).found <= own
        assert ACTING.findall(shown.to_html()) == []
        latex = shown.to_latex()
        assert ACTING.findall(latex) == []
        assert "\\input" not in latex
        assert latex.count("\\begin{") == latex.count("\\end{")


def test_a_notebook_shows_the_names_as_text(hostile: Path) -> None:
    page = glassnet.load(hostile / "m")._repr_html_()
    assert not Tags(page).found & {"script", "img", "src", "onerror"}
    assert ACTING.findall(page) == []
    svg = re.search("<svg.*</svg>", page, re.DOTALL)
    assert svg is not None
    ET.fromstring(svg[0])


def test_the_report_holds_the_names_as_data(hostile: Path, tmp_path: Path) -> None:
    model = glassnet.load(hostile / "m")
    model.report(tmp_path / "plain.html")
    text = (tmp_path / "plain.html").read_text("utf-8")
    assert "alert(1)" in text
    assert ACTING.findall(re.search("<title>.*?</title>", text, re.DOTALL)[0]) == []  # type: ignore[index]
    assert "<script>alert" not in text
    assert text.count("<script") == text.count("</script>") == 2


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "what", ["network", "curves", "importances", "confusion", "profile", "weights", "flow"]
)
def test_pictures_are_well_formed(hostile: Path, what: str, tmp_path: Path) -> None:
    from glassnet import pictures

    model = glassnet.load(hostile / "m")
    table = hostile / "t.parquet"
    rows = (
        model.encode(table)
        if what in ("confusion", "importances")
        else glassnet.tables.read_table(table).take([0])
    )
    axes = model.draw(what, None if what in ("network", "curves", "weights", "profile") else rows)
    pictures.save(axes, tmp_path / "p.svg")
    root = ET.fromstring((tmp_path / "p.svg").read_bytes())
    assert not {element.tag for element in root.iter()} & {
        "script",
        "img",
        "{http://www.w3.org/2000/svg}script",
    }
    assert ACTING.findall("".join(root.itertext())) == []


def test_tables_on_a_terminal_have_escapes_and_files_have_the_texts() -> None:
    table = pa.table({"\x1b[31m": ["a\x1b[1mb", "c\rd", "e\nf"]})
    shown, kept = io.BytesIO(), io.BytesIO()
    write_csv(table, shown, to_terminal=True)
    write_csv(table, kept)
    assert shown.getvalue() == b'"\\x1b[31m"\n"a\\x1b[1mb"\n"c\\rd"\n"e\nf"\n'
    assert kept.getvalue() == b'"\x1b[31m"\n"a\x1b[1mb"\n"c\rd"\n"e\nf"\n'


def test_letters_of_every_language_and_emoji_stay() -> None:
    for text in ("größe_%", "列", "עברית", "عربي", "می‌خواهم", "हिन्दी", "👩‍👩‍👧", "naïve", "a b", "→ ½ ∂"):
        assert printable(text) == one_line(text) == text
    assert one_line("a\tb\r\nc\u2028d\x1be") == "a b c d\\x1be"
    assert printable("a\nb\x9b\u202e\ud800") == "a\nb\\x9b\\u202e\\ud800"
