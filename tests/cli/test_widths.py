"""Everything that is printed fits the terminal, and no number is broken."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glassnet.cli.app import VERBS

Run = Callable[..., Any]  # the fixture of conftest.py

MODEL, TABLE = "penguins.glassnet", "penguins"
CALLS = {
    "train": ["train", "--epochs", "3", "--seed", "1", "--l1", "0.001"],
    "search": ["search", "--epochs", "3", "--trials", "2", "--recipe", "single"],
    "predict": ["predict", MODEL, TABLE, "--out", "predictions.csv"],
    "show": ["show", MODEL],
    "engines": ["show", "--engine"],
    "explain": ["explain", MODEL, TABLE],
    "layer": ["explain", MODEL, TABLE, "--layer", "2"],
    "neuron": ["explain", MODEL, TABLE, "--layer", "3", "--neuron", "Gentoo", "--digits", "all"],
    "contributions": ["explain", MODEL, TABLE, "--contributions"],
    "importances": ["explain", MODEL, TABLE, "--importances"],
    "what-if": ["what-if", MODEL, TABLE, "--change", "bill_length_mm"],
    "draw": ["draw", MODEL],
    "report": ["report", MODEL],
    "export": ["export", MODEL, "model.py", "--rows", "3"],
    "verify": ["verify", "model.py", MODEL, "--rows", "3"],
    "compare": ["compare", MODEL, "--table", TABLE],
    "mistakes": ["mistakes", MODEL, TABLE],
    "card": ["card", MODEL],
    "doctor": ["doctor", MODEL, TABLE],
    "lesson": ["lesson"],
}
WIDTHS = pytest.mark.parametrize("width", [60, 80, 120])


def tokens(text: str) -> set[str]:
    return set(re.sub(r"[│╭╮╰╯─\\]", " ", text).split())


@WIDTHS
@pytest.mark.parametrize("name", CALLS)
def test_a_verb_fits(run: Run, monkeypatch: pytest.MonkeyPatch, model: Path, name: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    if name == "verify":
        run("export", MODEL, "model.py", "--no-check")
    shown = run(*CALLS[name])
    assert shown.code == 0
    assert [line for line in shown.out.splitlines() if len(line) > width] == []
    if name in ("train", "search", "engines"):  # whose seconds and rates differ from run to run
        return
    monkeypatch.setenv("COLUMNS", "500")
    numbers = {token for token in tokens(shown.out) if re.search(r"\d", token)}
    assert numbers <= tokens(run(*CALLS[name]).out)


@WIDTHS
@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_fits_and_speaks_no_python(
    run: Run, monkeypatch: pytest.MonkeyPatch, verb: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = run(*([verb] if verb else []), "--help").out
    assert [line for line in shown.splitlines() if len(line) > width] == []
    assert "…" not in shown.replace(",…", "")  # nothing is cut off
    assert not re.search(r"<\w+>|[{}]|\bNone\b|\bTrue\b|\bFalse\b", shown)


def test_every_verb_is_looked_at() -> None:
    assert {arguments[0] for arguments in CALLS.values()} == set(VERBS) - {"watch", "serve"}
