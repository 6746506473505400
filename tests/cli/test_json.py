"""``--json``: one document on standard output, with the figures that the same call prints as text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.cli.app import VERBS
from glassnet.text import plain
from glassnet.version import VERSION

Run = Callable[..., Any]  # the fixture of conftest.py

FILES = {
    "draw",
    "report",
    "watch",
    "serve",
}  # verbs that make a picture or a page, or serve, and print no figures
MODEL, TABLE = "penguins.glassnet", "penguins.csv"
CALLS = {
    "train": (["train", "--epochs", "2", "--holdout", "0.2"], {"model", "saved"}),
    "search": (
        ["search", "--epochs", "2", "--trials", "2", "--recipe", "single"],
        {"search", "model", "saved"},
    ),
    "predict": (["predict", MODEL, TABLE, "--proba", "--keep", "sex"], {"predictions", "notes"}),
    "show": (["show", MODEL], {"model"}),
    "engines": (["show", "--engine"], {"engines", "unavailable"}),
    "explain": (["explain", MODEL, TABLE], {"arithmetic"}),
    "contributions": (["explain", MODEL, TABLE, "--contributions"], {"contributions"}),
    "importances": (["explain", MODEL, TABLE, "--importances"], {"importances"}),
    "what-if": (["what-if", MODEL, TABLE, "--change", "bill_length_mm"], {"what_if"}),
    "compare": (["compare", MODEL, "--table", TABLE, "--most", "3"], {"comparison"}),
    "mistakes": (["mistakes", MODEL, TABLE], {"mistakes"}),
    "export": (["export", MODEL, "model.py", "--rows", "3"], {"certificate"}),
    "verify": (["verify", "verified.py", MODEL, "--rows", "3"], {"certificate", "passed"}),
    "card": (["card", MODEL], {"card"}),
    "doctor": (["doctor", MODEL, TABLE], {"diagnosis"}),
    "lesson": (["lesson"], {"lesson"}),
}


def document(text: str) -> Any:
    """The only document in ``text``, in plain JSON without NaN."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert text.isascii()

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", CALLS)
def test_a_verb_prints_one_document(run: Run, model: Path, penguins: Path, name: str) -> None:
    arguments, expected = CALLS[name]
    if name == "verify":
        run("export", MODEL, "verified.py", "--no-check")
    result = run(*arguments, "--json")
    found = document(result.out)
    assert result.code == 0
    assert (found.pop("glassnet"), found.pop("verb")) == (VERSION, arguments[0])
    assert set(found) == expected


def test_every_verb_that_prints_figures_has_the_option(run: Run) -> None:
    assert {arguments[0] for arguments, _ in CALLS.values()} == set(VERBS) - FILES
    for verb in VERBS:
        assert ("--json" in run(verb, "--help").out) == (verb not in FILES)


def test_the_figures_are_those_of_the_model(run: Run, model: Path, penguins: Path) -> None:
    own = glassnet.load(model)
    shown = document(run("show", model.name, "--json").out)["model"]
    assert shown == own.to_dict()
    assert shown["networks"][0]["history"]["curves"]["loss"] == own.history.loss.tolist()
    assert shown["networks"][0]["layers"][0]["neurons"] == own.network.layers[0].width
    assert own.holdout is not None
    assert shown["holdout"]["metrics"] == own.holdout.metrics
    predicted = document(run("predict", model.name, penguins.name, "--proba", "--json").out)["predictions"]
    assert predicted["species"] == own.predict(penguins).tolist()
    assert np.array_equal(predicted["probability_Adelie"], own.predict_proba(penguins)[:, 0])
    row = glassnet.tables.read_table(penguins, like=own.schema).take([7])
    explained = document(run("explain", model.name, penguins.name, "--row", "7", "--json").out)["arithmetic"]
    arithmetic = own.explain(row)
    assert explained == arithmetic.to_dict() == json.loads(arithmetic.to_json())
    assert explained["layers"][0]["gradients"] == plain(arithmetic[0].gradients)
    assert explained["layers"][1]["changes"] == plain(arithmetic[1].changes)
    found = document(run("compare", model.name, "--most", "4", "--json").out)["comparison"]
    assert [each["change"] for each in found["largest"]] == sorted(
        (each["change"] for each in found["largest"]), key=lambda change: -abs(change)
    )
    assert len(found["largest"]) == 4


def test_numbers_that_are_not_finite_are_null(run: Run) -> None:
    Path("t.csv").write_text("a,y\n" + "".join(f"{at},{at % 7}\n" for at in range(40)), encoding="utf-8")
    result = run(
        "train",
        "--recipe",
        "single",
        "t.csv",
        "-t",
        "y",
        "--task",
        "regression",
        "--epochs",
        "2",
        "--holdout",
        "0.03",
        "--json",
    )
    holdout = glassnet.load("model.glassnet").holdout
    assert holdout is not None
    assert math.isnan(holdout.metrics["r2"])
    assert document(result.out)["model"]["holdout"]["metrics"]["r2"] is None


def test_progress_and_notes_are_not_on_standard_output(run: Run, model: Path, penguins: Path) -> None:
    result = run("train", "--recipe", "single", "--epochs", "2", "--json", "-o", "m.glassnet")
    assert document(result.out)["saved"] == "m.glassnet"
    assert "epoch 2/2" in result.err
    penguins.write_text(penguins.read_text(encoding="utf-8").replace("Biscoe", "Elsewhere"), encoding="utf-8")
    result = run("predict", model.name, penguins.name, "--json")
    [note] = document(result.out)["notes"]
    assert "Elsewhere" in note["text"]
    assert f"note: {note['text']}" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "type_", "said"),
    [
        (["show", "nowhere.glassnet"], 2, "ModelFileError", "There is no file 'nowhere.glassnet'."),
        (["train", "--hidden", "0", "--epochs", "0"], 2, "SettingsError", "--epochs is 0"),
        (["doctor", "--nonsense"], 2, "NoSuchOption", "--nonsense"),
        (["explain", MODEL, TABLE, "--form", "csv"], 2, "InputError", "--json"),
        (["predict", MODEL, TABLE, "--out", "p.csv"], 2, "InputError", "--json"),
    ],
)
def test_errors_are_a_document_too(
    run: Run, model: Path, penguins: Path, arguments: list[str], code: int, type_: str, said: str
) -> None:
    result = run(*arguments, "--json")
    found = document(result.out)
    assert found["verb"] == arguments[0]
    assert (found["error"]["exit_code"], found["error"]["type"]) == (code, type_)
    assert any(said in message for message in found["error"]["messages"])
    assert all(f"error: {message}" in result.err for message in found["error"]["messages"])
    assert result.code == code


def test_a_strict_doctor_prints_and_fails(run: Run) -> None:
    rows = [f"{at % 17},{at % 5},{3 * (at % 17)}" for at in range(300)]
    Path("t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    assert (
        run(
            "train", "--recipe", "single", "t.csv", "-t", "y", "--task", "regression", "--epochs", "5", "-q"
        ).code
        == 0
    )
    result = run("doctor", "model.glassnet", "--strict", "--json")
    diagnosis = document(result.out)["diagnosis"]
    assert (result.code, diagnosis["healthy"]) == (1, False)
    assert diagnosis["findings"][0]["severity"] == "serious"
