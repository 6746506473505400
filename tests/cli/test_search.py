"""``glassnet search``"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import glassnet

pytest.importorskip("optuna", reason="Optuna is not installed: the extra search of glassnet installs it")

Run = Callable[..., Any]  # the fixture of conftest.py
SEARCH = ("search", "--recipe", "single", "--epochs", "3", "--seed", "1", "--trials", "3")
SPACE = ("--space", "hidden=4|8,4", "--space", "dropout=0:0.3:0.1", "--space", "bins=none")


def test_the_space_is_read_and_the_best_model_saved(run: Run) -> None:
    rates = ("--space", "learning-rate=0.001:0.02:log", "--space", "optimizer.weight-decay=0.1|0.2")
    result = run(*SEARCH, *SPACE, *rates, "--json", "--out", "best.glassnet")
    assert (result.code, result.err) == (0, "")
    written = json.loads(result.out)
    drawn = [own["settings"] for own in written["search"]["trials"]]
    assert not drawn[0]
    for own in drawn[1:]:
        assert own["hidden"] in (4, [8, 4])
        assert 0.001 <= own["learning_rate"] <= 0.02
        assert round(own["dropout"] * 10, 6) in (0, 1, 2, 3)
        assert own["optimizer.weight_decay"] in (0.1, 0.2)
        assert "bins" not in own
    assert glassnet.load("best.glassnet").settings.epochs == 3


def test_a_storage_is_searched_on_and_the_trials_are_drawn(run: Run) -> None:
    pytest.importorskip("matplotlib")
    asked = (*SEARCH, *SPACE, "--storage", "sqlite:///trials.db", "--study", "mine")
    first = run(*asked)
    assert first.code == 0
    assert [line.split(":")[0] for line in first.err.splitlines()][:3] == ["trial 0", "trial 1", "trial 2"]
    assert "Saved as model.glassnet" in first.out
    again = run(*asked, "--quiet", "--picture", "trials.png")
    assert (again.code, again.out, again.err) == (0, "", "")
    assert Path("trials.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--space", "hidden=8", "--space", "hidden=16"], "--space names hidden several times"),
        (["--space", "hidden"], "must be NAME=VALUES"),
        (["--space", "hidden=4:8"], "it is no number"),
        (["--space", "dropout=a:b"], "a range is (low, high)"),
        (["--study", "mine"], "without a storage no study is kept"),
        (["--storage", "trials.db"], "must be a URL such as 'sqlite:///trials.db'"),
        (["--storage", "sqlite:///missing/trials.db"], "cannot be used"),
    ],
)
def test_what_cannot_be_searched_is_refused(run: Run, arguments: list[str], message: str) -> None:
    result = run(*SEARCH, *arguments)
    assert result.code == 2
    assert message in " ".join(result.err.split())
    assert not Path("model.glassnet").exists()
