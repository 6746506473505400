"""``glassnet predict``: intervals and sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import glassnet
from glassnet.tables import penguins_path

Run = Callable[..., Any]  # the fixture of conftest.py


@pytest.fixture(scope="module", params=["body_mass_g", "sex"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / f"{request.param}.glassnet"
    glassnet.train(penguins_path(), request.param, recipe="single", seed=1, epochs=5).save(path)
    return path


@pytest.mark.parametrize("saved", ["body_mass_g"], indirect=True)
def test_intervals_are_columns(run: Run, saved: Path, penguins: Path) -> None:
    result = run("predict", saved, penguins, "--interval", "0.9", "--keep", "sex")
    lines = result.out.splitlines()
    assert lines[0] == "sex,body_mass_g,lower,upper"
    ends = glassnet.load(saved).predict(penguins, interval=0.9)
    assert [float(text) for text in lines[1].split(",")[2:]] == ends[0].tolist()


@pytest.mark.parametrize("saved", ["sex"], indirect=True)
def test_sets_are_texts_in_csv_and_lists_elsewhere(run: Run, saved: Path, penguins: Path) -> None:
    sets = glassnet.load(saved).predict(penguins, interval=0.98).tolist()
    options = ["predict", saved, penguins, "--interval", "0.98", "-q"]
    at = list(map(len, sets)).index(2)
    assert run(*options).out.splitlines()[at + 1].split(",")[1] == f'"{" | ".join(sets[at])}"'
    shown = json.loads(run(*options, "--json").out)["predictions"]["set"]
    assert shown == list(map(list, sets))
    assert run(*options, "--out", "p.parquet").code == 0
    assert parquet.read_table("p.parquet").column("set").to_pylist() == shown


def test_what_is_no_share_is_refused_as_the_option_is_written(run: Run, model: Path, penguins: Path) -> None:
    result = run("predict", model, penguins, "--interval", "90")
    assert (result.code, result.out) == (2, "")
    assert "--interval 90" in result.err
    assert "such as 0.9" in result.err


def test_reasons_why_rows_are_unlike_the_training_rows_are_a_column(
    run: Run, model: Path, tmp_path: Path
) -> None:
    names = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year"
    lines = [names, "Dream,40,18,190,3800,male,2008", "Mars,40,18,190,9000,male,2008"]
    (tmp_path / "new.csv").write_text("\n".join(lines))
    result = run("predict", model, "new.csv", "--unlike", "--quiet")
    header, usual, strange = result.out.splitlines()
    assert header == "species,unlike"
    assert usual == "Adelie,"
    assert "island is 'Mars'" in strange
    assert "body_mass_g is 9000, above all training rows" in strange


def train_table(columns: dict[str, Any], target: str | list[str], **options: Any) -> None:
    """``t.csv`` with 60 rows, and a model of it, ``m.glassnet``."""
    frame = pd.DataFrame({"x": np.arange(60.0), **columns})
    frame.to_csv("t.csv", index=False)
    quick: dict[str, Any] = {"recipe": "single", "hidden": 2, "epochs": 2, "seed": 1}
    glassnet.train(frame, target, **quick, **options).save("m.glassnet")


NUMBERS = np.linspace(0.5, 9.0, 60) ** 2
HALVES = np.where(np.arange(60) % 2, "b", "a")


@pytest.mark.parametrize(
    ("columns", "target", "options"),
    [
        ({"lower": NUMBERS}, "lower", ["--interval", "0.9"]),
        ({"a": NUMBERS, "lower_a": NUMBERS}, ["a", "lower_a"], ["--interval", "0.9"]),
        ({"set": HALVES}, "set", ["--interval", "0.9"]),
        ({"unlike": HALVES}, "unlike", ["--unlike"]),
        ({"y": HALVES, "probability_y=a": HALVES}, ["y", "probability_y=a"], ["--proba"]),
    ],
)
def test_no_column_replaces_a_prediction(
    run: Run, columns: dict[str, Any], target: str | list[str], options: list[str]
) -> None:
    train_table(columns, target, holdout=0.4)
    name = target if isinstance(target, str) else target[1]
    result = run("predict", "m.glassnet", "t.csv", *options)
    assert (result.code, result.out) == (2, "")
    assert f"{options[0]} adds a column '{name}', but another column" in result.err
    assert run("predict", "m.glassnet", "t.csv").code == 0


def test_no_column_replaces_a_kept_one(run: Run) -> None:
    others = {"predicted_y": HALVES, "lower": HALVES, "predicted_lower": HALVES}
    train_table({"y": NUMBERS, **others}, "y", holdout=0.4)
    keep = [part for name in ("y", *others) for part in ("--keep", name)]
    result = run("predict", "m.glassnet", "t.csv", "--interval", "0.9", *keep)
    header, first = result.out.splitlines()[:2]
    added = ["predicted_predicted_y", "predicted_predicted_lower", "upper"]
    assert header.split(",") == ["y", *others, *added]
    assert first.split(",")[1:4] == ["a"] * 3


def test_sets_of_labels_with_the_separator_can_be_read_back(run: Run) -> None:
    labels = ["a | b", "a", "b"]
    train_table({"y": [labels[at % 3] for at in range(60)]}, "y", holdout=0.4)
    expected = glassnet.load("m.glassnet").predict("t.csv", interval=0.9).tolist()
    assert run("predict", "m.glassnet", "t.csv", "--interval", "0.9", "--out", "p.csv").code == 0
    texts = pd.read_csv("p.csv", dtype=str)["set"]
    assert [tuple(json.loads(text)) for text in texts] == expected


def test_sets_that_are_all_empty_are_lists_of_labels_in_parquet(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_table({"y": HALVES}, "y", holdout=0.4)
    monkeypatch.setattr(
        "glassnet.intervals._limit", lambda scores, level: -2.0
    )  # no class is probable enough
    assert run("predict", "m.glassnet", "t.csv", "--interval", "0.9", "--out", "p.parquet").code == 0
    found = parquet.read_table("p.parquet").column("set")
    assert found.type == pa.list_(pa.string())
    assert found.to_pylist() == [[]] * 60


def test_outputs_are_computed_once(
    run: Run, model: Path, penguins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    known = glassnet.Model.known_outputs

    def counted(model: glassnet.Model, inputs: Any) -> Any:
        calls.append(len(inputs))
        return known(model, inputs)

    monkeypatch.setattr(glassnet.Model, "known_outputs", counted)
    assert run("predict", model, penguins, "--interval", "0.9", "--quiet").code == 0
    assert len(calls) == 1
