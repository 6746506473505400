"""Several targets of classes on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

Run = Callable[..., Any]  # the fixture of conftest.py


@pytest.fixture
def trained(run: Run, tmp_path: Path) -> Path:
    X = np.random.default_rng(0).normal(size=(120, 2))
    table = {
        "a": X[:, 0],
        "b": X[:, 1],
        "flu": np.where(X[:, 0] > 0, "yes", "no"),
        "kind": np.where(X[:, 1] > 0.4, "p", np.where(X[:, 1] < -0.4, "q", "r")),
    }
    csv.write_csv(pa.table(table), tmp_path / "t.csv")
    result = run("train", "t.csv", "-t", "flu", "-t", "kind", "--epochs", "5", "--seed", "1")
    assert result.code == 0
    assert "accuracy, share of correct rows of kind" in result.out
    assert "glassnet explain model.glassnet t.csv --for-target flu" in result.out
    return tmp_path / "model.glassnet"


@pytest.mark.usefixtures("trained")
def test_predictions_have_a_column_for_each_target_and_class(run: Run) -> None:
    lines = run("predict", "model.glassnet", "t.csv", "--proba").out.splitlines()
    expected = [
        "flu",
        "kind",
        *(f"probability_{own}" for own in ("flu=no", "flu=yes", "kind=p", "kind=q", "kind=r")),
    ]
    assert lines[0].split(",") == expected
    values = lines[1].split(",")
    assert sum(map(float, values[2:4])) == pytest.approx(1)
    assert sum(map(float, values[4:])) == pytest.approx(1)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize(
    "verb",
    [
        ("explain", "t.csv"),
        ("doctor",),
        ("draw", "--what", "confusion", "--out", "c.png"),
        ("report", "--out", "r.html"),
    ],
)
def test_what_looks_inside_takes_a_target(run: Run, verb: tuple[str, ...]) -> None:
    command = (verb[0], "model.glassnet", *verb[1:])
    refused = run(*command)
    assert refused.code == 2
    assert "--for-target flu" in refused.err
    assert run(*command, "--for-target", "kind").code == 0
    wrong = run(*command, "--for-target", "kinds")
    assert wrong.code == 2
    assert "Did you mean 'kind'?" in wrong.err
