"""README and docs are true: every snippet runs, every table is that of the code, every link has a target."""

import re
import tomllib
from pathlib import Path

import pytest

import documents
from documents import PAGES, ROOT, TABLES, agrees
from glassnet.cli.app import VERBS

SITE = [
    ROOT / "docs" / name for name in ("index.md", "contributing.md", "changes.md")
]  # include pages of ROOT
PAGE = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@PAGE
def test_every_snippet_prints_what_the_page_says(path: Path) -> None:
    mismatches = documents.run(path)
    assert not mismatches, "\n\n".join(map(str, mismatches))


@PAGE
def test_every_table_is_the_codes(path: Path) -> None:
    stale = [name for name, text in documents.tables(path) if text.strip() != TABLES[name]().strip()]
    assert stale == [], "to mend: python tests/documents.py --update"


def test_every_table_has_its_place() -> None:
    placed = [name for path in PAGES for name, _ in documents.tables(path)]
    assert sorted(placed) == sorted(TABLES)


@PAGE
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        linked = (path.parent / file).resolve() if file else path
        assert linked.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}, (
                target
            )


@PAGE
def test_blocks_are_of_kinds_that_are_run_or_need_not_be(path: Path) -> None:
    kinds = {language for language, _, _ in documents.Page(path, path.parent).blocks()}
    assert kinds <= {"python", "console", "sh", "text", "js"}
    if "sh" in kinds:  # set-up, which scripts/test itself goes through, and servers, which do not end
        assert path.name in ("README.md", "CONTRIBUTING.md", "page.md", "serve.md")


def test_the_readme_sets_up_in_one_command_and_tests_in_another() -> None:
    blocks = [
        text.strip()
        for language, text, _ in documents.Page(ROOT / "README.md", ROOT).blocks()
        if language == "sh"
    ]
    set_up, extras, test = blocks
    assert len(set_up.splitlines()) == 1
    assert set_up.startswith("python3 -m venv .venv && . .venv/bin/activate && ")  # for all commands after it
    assert set_up.endswith(" && glassnet train")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.findall(r'^pip install "\.\[(\w+)\]" ', extras, re.MULTILINE) == sorted(
        project["optional-dependencies"]
    )
    assert test == "scripts/test"


def test_the_page_of_the_command_line_has_every_verb() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `glassnet ([\w-]+)", page, re.MULTILINE)) == sorted(VERBS)


def test_every_page_is_reached_from_the_readme() -> None:
    reached, found = {ROOT / "README.md"}, [ROOT / "README.md"]
    while found:
        page = found.pop()
        for target in re.findall(r"\]\(([^)\s#]+\.md)", page.read_text(encoding="utf-8")):
            linked = (page.parent / target).resolve()
            if "://" not in target and linked not in reached:
                reached.add(linked)
                found.append(linked)
    assert {path.resolve() for path in PAGES if path not in SITE} <= reached


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("loss 0.1234\n", "loss  0.1235\n", True),
        ("loss 0.1234", "loss 0.2", False),
        ("loss 0.1234", "loss 0.1234 0.1234", False),
        ("200 rows", "201 rows", False),
        ("ended after ... epochs", "ended after 17 epochs", True),
        ("ended after ... epochs", "ended after 17 steps", False),
        ("1.5 then ... then 2.5", "1.5 then 9.9 then 2.5", True),
        ("1.5 then ... then 2.5", "1.5 then 9.9 then 3.5", False),
        ("a (b) [c]", "a (b) [c]", True),
        ("-1.0", "1.0", False),
        ("1e-05", "1.01e-05", True),
        ("1e-05", "2e-05", False),
        ("1,234.5", "1,244.9", True),
        ("", "something", False),
    ],
)
def test_what_counts_as_the_same_output(expected: str, printed: str, same: bool) -> None:
    assert agrees(expected, printed) == same


def test_an_update_keeps_the_ellipses_that_still_hold() -> None:
    expected = "epoch ... left\nended after ... epochs\n...\nscore 0.5 in ... s\n"
    printed = "epoch 3 left\nended after 7 steps\nscore 0.7 in 3 s\n"
    assert (
        documents.with_ellipses(expected, printed)
        == "epoch ... left\nended after 7 steps\nscore 0.7 in 3 s\n"
    )


def test_a_page_that_is_wrong_is_found_and_can_be_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n```python\nx = 1\n```\n```python\n>>> x + 1\n3\n>>> x\n1\n>>> 1 / 0\n"
        "Traceback (most recent call last):\nZeroDivisionError: division by zero\n```\n"
        "```console\n$ echo one; echo two\none\n$ echo error: no; exit 3\nerror: no\n$ exit 4\n"
        "$ touch file; ls\nfile\n```\n",
        encoding="utf-8",
    )
    wrong = documents.run(page)
    assert [(found.line, found.expected, found.printed) for found in wrong] == [
        (6, "3\n", "2\n"),
        (15, "one\n", "one\ntwo\n"),
        (19, "", "exit code 4\n"),
    ]
    assert "page.md:6: x + 1" in str(wrong[0])
    monkeypatch.setattr(documents, "PAGES", [page])
    assert documents.main([]) == 1
    assert documents.main(["--update"]) == 0
    assert documents.run(page) == []
    assert ">>> x + 1\n2\n>>> x" in page.read_text(encoding="utf-8")


def test_a_script_that_fails_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nundefined\n```\n", encoding="utf-8")
    with pytest.raises(NameError):
        documents.run(page)
