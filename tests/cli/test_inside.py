"""``glassnet explain``, ``compare`` and ``doctor``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import glassnet

Run = Callable[..., Any]  # the fixture of conftest.py


def test_explain_prints_the_arithmetic_of_a_row(run: Run, model: Path, penguins: Path) -> None:
    own = glassnet.load(model)
    arithmetic = own.explain(glassnet.tables.read_table(penguins, like=own.schema).take([5]))
    row = ["explain", model.name, penguins.name, "--row", "5"]
    result = run(*row)
    assert (result.code, result.err) == (0, "")
    assert "--layer 1 shows one layer, --digits all every number of all layers." in result.out
    assert result.out.splitlines()[:-1] == arithmetic.to_text(width=100).splitlines()[:-1]
    result = run(*row, "--digits", "all", "--terms", "2", "--neurons", "2")
    assert "--neurons 0 prints all" in " ".join(result.out.split())
    text = arithmetic.to_text(width=100, digits="all", terms=2, neurons=2)
    assert len(result.out.splitlines()) >= len(text.splitlines()) - 3
    assert text.split("Layer 3 of 3")[1] == result.out.rstrip("\n").split("Layer 3 of 3")[1]
    result = run(*row, "--layer", "2", "--neuron", "neuron 5", "--digits", "6")
    assert result.out.rstrip("\n") == arithmetic.to_text(width=100, layer=2, neuron=5, digits=6).replace(
        "neurons=None", "--neurons 0"
    )


@pytest.mark.parametrize(
    ("form", "start"), [("latex", "\n\\section*"), ("html", '<div class="glassnet">'), ("csv", "layer,")]
)
def test_explain_in_other_forms(run: Run, model: Path, penguins: Path, form: str, start: str) -> None:
    result = run("explain", model.name, penguins.name, "--form", form, "--out", "row")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path("row").read_text(encoding="utf-8").startswith(start)


def test_explain_contributions_and_importances(run: Run, model: Path, penguins: Path) -> None:
    result = run("explain", model.name, penguins.name, "--contributions")
    assert "Error of the sum" in result.out
    result = run("explain", model.name, penguins.name, "--importances")
    assert "They disagree most about" in result.out
    assert run("explain", model.name, penguins.name, "--importances", "--form", "csv").out.startswith(
        "column,"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--row", "-1"], "--row is -1, but the table has rows 0 to 343."),
        (["--row", "344"], "--row is 344"),
        (["--form", "pdf"], "--form is 'pdf', but must be one of text"),
        (["--contributions", "--importances"], "give one of them"),
        (["--layer", "9"], "--layer is 9, but must be a whole number from 1 to 3"),
        (["--digits", "many"], "--digits is 'many', but must be 'all' or a whole number"),
        (["--terms", "-1"], "--terms is -1, but must be at least 1, or 0"),
    ],
)
def test_explain_refuses_in_one_line(
    run: Run, model: Path, penguins: Path, options: list[str], said: str
) -> None:
    result = run("explain", model.name, penguins.name, *options)
    assert result.code == 2
    assert said in result.err
    assert result.err.count("\n") == 1


def test_compare_two_models_and_two_epochs(run: Run, model: Path, penguins: Path) -> None:
    result = run("compare", model.name)
    assert result.code == 0
    assert "Single weights that differ most" in result.out
    assert (
        run(
            "train",
            "--recipe",
            "single",
            "--seed",
            "2",
            "--hidden",
            "4",
            "--epochs",
            "20",
            "--snapshots",
            "4",
            "-q",
            "-o",
            "b.glassnet",
        ).code
        == 0
    )
    result = run("compare", model.name, "b.glassnet", "--table", penguins.name)
    assert "share of rows with the same label" in result.out
    assert "different shapes" in result.out
    result = run("compare", "b.glassnet", "--from", "8", "--to", "16", "--weights", "weights.csv")
    assert "weights and biases written to weights.csv" in result.out
    rows = list(csv.DictReader(Path("weights.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == glassnet.load("b.glassnet").network.parameter_count
    assert set(rows[0]) == {"layer", "source", "neuron", "first", "second", "change"}
    result = run("compare", "b.glassnet", "--to", "7")
    assert (result.code, result.out) == (2, "")
    assert "epoch 7 was not kept" in result.err


def test_doctor(run: Run, model: Path, penguins: Path) -> None:
    alone = run("doctor", model.name)
    assert alone.code == 0
    assert "Checked: unscaled column" in alone.out
    assert "Not checked: wrong labels, trained on (it needs rows with their target)." in alone.out
    assert "Not checked" not in run("doctor", model.name, penguins.name).out


def test_a_strict_doctor_fails_what_is_ill(run: Run) -> None:
    rows = [f"{at % 17},{at % 5},{3 * (at % 17)}" for at in range(300)]
    Path("t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    assert (
        run(
            "train",
            "--recipe",
            "single",
            "t.csv",
            "--target",
            "y",
            "--epochs",
            "5",
            "--task",
            "regression",
            "-q",
            "-o",
            "t.glassnet",
        ).code
        == 0
    )
    result = run("doctor", "t.glassnet", "--strict")
    assert result.code == 1
    assert "serious: a determines y." in result.out
    assert "--column-types a=ignore" in " ".join(result.out.split())
    assert run("doctor", "t.glassnet").code == 0


def test_mistakes_are_listed_and_the_first_can_be_explained(run: Run, penguins: Path) -> None:
    run(
        "train",
        "--recipe",
        "single",
        penguins.name,
        "--target",
        "island",
        "--epochs",
        "3",
        "--seed",
        "1",
        "--out",
        "i.glassnet",
    )
    own = glassnet.load("i.glassnet").mistakes()
    result = run("mistakes", "i.glassnet", penguins.name)
    assert "training rows: figures and pictures of them are not those of held-out rows" in result.err
    result = run("mistakes", "i.glassnet")
    assert (result.code, result.err) == (0, "")
    assert f"Wrong predictions: {len(own)} of 69 held-out rows" in result.out
    row, actual, predicted = own.rows[0], own.actual[0], own.predicted[0]
    assert f" {row} {actual} {predicted} " in " ".join(result.out.split())
    assert f"glassnet explain i.glassnet TABLE --row {row}" in result.out
    explained = run("explain", "i.glassnet", penguins.name, "--row", str(row))
    assert str(predicted) in explained.out
    listed = json.loads(run("mistakes", "i.glassnet", "--json").out)
    assert listed["mistakes"]["row"] == own.rows.tolist()
