"""``glassnet card``"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]  # the fixture of conftest.py


@pytest.mark.parametrize(
    ("form", "start"),
    [
        (".md", "# Model card"),
        (".html", "<!doctype html>"),
        (".txt", "Model card"),
        (".tex", "\n\\section"),
        (".json", "{"),
    ],
)
def test_the_ending_chooses_the_form(run: Run, model: Path, tmp_path: Path, form: str, start: str) -> None:
    result = run("card", model, "--out", f"card{form}")
    assert (result.code, result.err) == (0, "")
    text = (tmp_path / f"card{form}").read_text(encoding="utf-8")
    assert text.startswith(start)
    assert text.endswith("\n")
    if form == ".json":
        assert json.loads(text)["figures"]


def test_another_ending_is_refused_and_nothing_written(run: Run, model: Path, tmp_path: Path) -> None:
    result = run("card", model, "--out", "card.docx")
    assert result.code == 2
    assert "must end in one of .md, .html" in result.err
    assert not (tmp_path / "card.docx").exists()
