"""``glassnet predict``: intervals and sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
