"""The verbs do what they say, and say what they do."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.cli.app import VERBS
from glassnet.tables import penguins_path, read_table
from glassnet.training.settings import SETTINGS

Run = Callable[..., Any]  # the fixture of conftest.py


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_train_alone_tells_everything(run: Run) -> None:
    result = run("train", "--recipe", "single", "--epochs", "5", "--seed", "3")
    assert result.code == 0
    for said in (
        "bill_length_mm",  # what it understood of the columns
        "2 missing",
        "128 relu → 64 relu → 3 softmax",
        "all epochs done",
        "206 training rows, 69 validation rows",
        "Held-out rows (69)",
        "accuracy",
        "baseline: always predict 'Adelie' (45 % of training rows)",
        "largest change",  # of the weights
        "Actual and predicted",
        "Saved as model.glassnet",
        "glassnet show model.glassnet",
        "glassnet predict model.glassnet",
        "glassnet train --recipe single --epochs 15",
        "--seed 3",
    ):
        assert said in result.out
    for said in ("epoch 5/5", "loss", "validation", "rate", "left"):  # progress, in plain lines
        assert said in result.err
    assert len(result.err.splitlines()) <= 10
    assert "\x1b" not in result.out + result.err


def test_train_notes_that_the_fast_engine_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_ISA", "mmx")
    result = run("train", "--recipe", "single", "--epochs", "1")
    assert result.code == 0
    assert result.err.count("note: the native engine is not available: ") == 1


def test_train_saves_the_model_it_tells_of(run: Run) -> None:
    result = run("train", "--recipe", "single", "--epochs", "5", "--out", "p.glassnet")
    model = glassnet.load("p.glassnet")
    assert model.holdout is not None
    assert f"{model.holdout['accuracy']:.4f}" in result.out
    assert f"--seed {model.settings.seed}" in result.out
    assert model.provenance["rows"] == {"train": 206, "validation": 69, "holdout": 69}


def test_quiet_is_silent(run: Run) -> None:
    result = run("train", "--epochs", "2", "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path("model.glassnet").exists()


def test_regression_of_ones_own_table(run: Run) -> None:
    rng = np.random.default_rng(0)
    rooms = rng.integers(1, 6, 200)
    lines = ["rooms;garden;price"]
    lines += [f"{room};{'yes' if room % 2 else 'no'};{100.5 * room:.1f}".replace(".", ",") for room in rooms]
    Path("houses.csv").write_text("\n".join(lines))
    result = run(
        *("train", "houses.csv", "-t", "price", "-o", "houses.glassnet", "--epochs", "40", "--seed", "1"),
        *("--members", "10", "--without-bins", "0.5"),
    )
    assert result.code == 0
    assert "mean squared error of outputs" in result.out
    assert "root mean squared error" in result.out
    assert "mean of the training rows" in result.out
    holdout = glassnet.load("houses.glassnet").holdout
    assert holdout is not None
    assert holdout["r2"] > 0.9


def test_every_setting_reaches_the_model(run: Run) -> None:
    given = {
        "recipe": ("balanced", "balanced"),
        "hidden": ("8,4", [8, 4]),
        "activation": ("tanh,relu", ["tanh", "relu"]),
        "output_activation": ("softmax", "softmax"),
        "dropout": ("0.1", 0.1),
        "init": ("he_normal", "he_normal"),
        "members": ("2", 2),
        "loss": ("categorical_log_loss", "categorical_log_loss"),
        "l1": ("1e-5", 1e-5),
        "l2": ("0.001", 0.001),
        "optimizer": (
            "adamw(beta1=0.8, beta2=0.99, epsilon=1e-7, weight_decay=0.1, max_norm=5)",
            "adamw(max_norm=5, beta1=0.8, beta2=0.99, epsilon=1e-07, weight_decay=0.1)",
        ),
        "learning_rate": ("0.01", 0.01),
        "schedule": (
            "warm_up(share=0.1, then=cosine(final=0.1))",
            "warm_up(share=0.1, then=cosine(final=0.1))",
        ),
        "epochs": ("3", 3),
        "batch_size": ("none", None),
        "patience": ("2", 2),
        "max_time": ("60", 60.0),
        "snapshots": ("3", 3),
        "validation": ("0.1", 0.1),
        "holdout": ("0.1", 0.1),
        "groups": ("body_mass_g", "body_mass_g"),
        "task": ("multiclass", "multiclass"),
        "column_types": ("year=category", {"year": "category"}),
        "sample_weight": ("flipper_length_mm", "flipper_length_mm"),
        "class_weight": ("Gentoo=2", {"Gentoo": 2.0}),
        "metric": ("log_loss", "log_loss"),
        "scaling": ("robust", "robust"),
        "bins": ("4", 4),
        "without_bins": ("1", 1.0),
        "clamp": (None, True),
        "memory": ("2 GB", "2 GB"),
        "cache": ("rows", "rows"),
        "strict": (None, True),
        "dtype": ("float64", "float64"),
        "seed": ("7", 7),
        "engine": ("reference", "reference"),
        "threads": ("1", None),  # those of the machine that trains are not saved
    }
    assert given.keys() | {"time"} == SETTINGS.keys()  # which excludes groups
    table = read_table(penguins_path()).to_arrow()
    complete = table.filter(table.column("flipper_length_mm").is_valid())
    write_csv(complete, Path("complete.csv"))
    arguments = []
    for name, (text, value) in given.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            arguments.append(f"--{option}" if value else f"--no-{option}")
        else:
            arguments += [f"--{option}", str(text)]
    result = run("train", "complete.csv", "--target", "species", *arguments)
    assert result.err.count("error") == 0
    assert result.code == 0
    settings = glassnet.load("model.glassnet").settings.to_dict()
    assert {name: settings[name] for name in given} == {name: value for name, (_, value) in given.items()}


def test_the_latest_rows_are_held_out(run: Run) -> None:
    rows = [f"2024-{1 + at // 28:02}-{1 + at % 28:02},{at},{'uv'[at % 2]}" for at in range(100)]
    Path("t.csv").write_text("\n".join(["day,size,y", *rows]))
    assert run("train", "t.csv", "-t", "y", "--time", "day", "--epochs", "1").code == 0
    shown = run("show", "model.glassnet").out
    assert re.search(r"time +day", shown)
    assert run("train", "t.csv", "-t", "y", "--time", "size", "--groups", "day").err.startswith(
        "error: --groups and --time are both given"
    )


def test_init_continues_the_training_of_a_saved_model(run: Run, model: Path, penguins: Path) -> None:
    first = glassnet.load(model)
    result = run(
        "train",
        "--recipe",
        "single",
        penguins,
        "--init",
        model,
        "--out",
        "more.glassnet",
        "--epochs",
        "2",
        "--seed",
        "3",
    )
    assert result.code == 0
    assert "--init" in result.out  # in the command that repeats it
    more = glassnet.load("more.glassnet")
    assert (more.initial.vector == first.learnt.vector).all()
    assert more.settings.holdout == first.settings.holdout
    assert run("train", penguins, "--init", model, "-t", "island").code == 2
    refused = run("train", penguins, "--init", model, "--hidden", "3")
    assert refused.err == "error: --hidden follows from the model that is continued and cannot be set.\n"
    assert "There is no file" in run("train", penguins, "--init", "nosuch.glassnet").err
    assert "must be one of" in run("train", penguins, "--init", "nosuch", "-t", "sex").err


def write_csv(table: Any, path: Path) -> None:
    from pyarrow.csv import write_csv

    write_csv(table, path)


def test_no_hidden_layer(run: Run) -> None:
    assert run("train", "--hidden", "none", "--epochs", "2", "-q").code == 0
    assert glassnet.load("model.glassnet").network.hidden == ()


def test_divergence_fails_with_advice_and_saves_nothing(run: Run, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = run(
            "train", "--target", "body_mass_g", "--optimizer", "gradient_descent", "--learning-rate", "1e9",
            "--scaling", "none", "--validation", "0",
        )  # fmt: skip
    assert result.code == 1
    message = [line for line in result.err.splitlines() if line.startswith("error: ")]
    assert len(message) == 1
    assert "step" in message[0]
    assert "learning rate" in message[0]
    assert list(tmp_path.iterdir()) == []


def test_an_older_model_is_replaced(run: Run, model: Path) -> None:
    before = model.read_bytes()
    assert run("train", "--epochs", "2", "-q", "--out", model).code == 0
    assert model.read_bytes() != before
    assert [path.name for path in model.parent.iterdir()] == [model.name]


def test_predict_to_standard_output(run: Run, model: Path, penguins: Path) -> None:
    result = run("predict", model, penguins)
    rows = rows_of(result.out)
    assert rows[0] == ["species"]
    assert [row[0] for row in rows[1:]] == glassnet.load(model).predict(penguins).tolist()
    assert result.code == 0


def test_predict_with_probabilities_and_kept_columns(run: Run, model: Path, penguins: Path) -> None:
    result = run("predict", model, penguins, "--proba", "--keep", "species", "--keep", "sex", "-o", "out.csv")
    rows = rows_of(Path("out.csv").read_text(encoding="utf-8"))
    names = ["probability_Adelie", "probability_Chinstrap", "probability_Gentoo"]
    assert rows[0] == ["species", "sex", "predicted_species", *names]
    assert len(rows) == 345
    assert rows[4][1] == ""  # a gap stays a gap
    chances = np.array([row[3:] for row in rows[1:]], float)
    assert np.array_equal(chances, glassnet.load(model).predict_proba(penguins))
    assert "344 predictions written to out.csv" in result.out


def test_predict_to_parquet(run: Run, model: Path, penguins: Path) -> None:
    assert run("predict", model, penguins, "--out", "out.parquet").code == 0
    assert read_table("out.parquet").column("species").to_list() == (
        glassnet.load(model).predict(penguins).tolist()
    )


def test_predict_notes_what_is_unusual(run: Run, model: Path, penguins: Path) -> None:
    lines = penguins.read_text().splitlines()
    lines[1] = lines[1].replace("Torgersen", "Atlantis")
    penguins.write_text("\n".join([f"{lines[0]},diet", *(f"{line},fish" for line in lines[1:])]))
    result = run("predict", model, penguins)
    assert result.code == 0
    assert len(rows_of(result.out)) == 345
    assert any("'Atlantis'" in line and line.startswith("note: ") for line in result.err.splitlines())
    assert any("'diet'" in line and line.startswith("note: ") for line in result.err.splitlines())
    assert run("predict", model, penguins, "--quiet").err == ""


def test_a_full_disk_fails(run: Run, model: Path, penguins: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    result = run("predict", model, penguins, "--out", "/dev/full", "-q")
    assert result.code == 1
    assert result.err.startswith("error: /dev/full: No space left")


def test_show_a_model(run: Run, model: Path) -> None:
    result = run("show", model)
    assert result.code == 0
    for said in (
        "'species' (multiclass)",
        "Columns",
        "*  30",
        "kept",
        "baseline",
        "parameters",
        "largest change",
        "seed",
    ):
        assert said in result.out
    for name in SETTINGS:
        assert f"  {name} " in result.out


def test_show_and_predict_with_a_model_of_two_networks(run: Run, model: Path, penguins: Path) -> None:
    one = glassnet.load(model)
    replace(one, members=one.members * 2, stats=None).save("two.glassnet")
    result = run("show", "two.glassnet")
    assert result.code == 0
    assert result.out.count("Layers") == result.out.count("History") == 1
    assert "means over 2 networks" in result.out
    assert "means over" not in run("show", "two.glassnet", "--member", "1").out
    assert result.out.count("Held-out rows") == 1
    assert run("predict", "two.glassnet", penguins).out == run("predict", model, penguins).out
    assert "The mean of 2 networks" in run("explain", "two.glassnet", penguins).out
    assert run("draw", "two.glassnet").code == run("draw", "two.glassnet", "--member", "1").code == 0
    assert run("compare", "two.glassnet").err.startswith(
        "note: compares network 0 of 2; --member chooses another"
    )
    assert "member is 2, but must be from 0 to 1" in run("doctor", "two.glassnet", "--member", "2").err


def test_show_the_engines(run: Run) -> None:
    result = run("show", "--engine")
    assert result.code == 0
    assert "reference" in result.out
    assert "NumPy" in result.out


def test_lesson(run: Run) -> None:
    result = run("lesson")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Input times weight, add a bias, activate!\n")
    assert "0.01430392013" in result.out  # its own tests look at every figure


def test_version(run: Run) -> None:
    result = run("--version")
    assert (result.code, result.out) == (0, f"glassnet {glassnet.__version__}\n")


@pytest.mark.parametrize("verb", ["train", "predict", "show", "lesson"])
def test_help_has_examples(run: Run, verb: str) -> None:
    result = run(verb, "--help")
    assert result.code == 0
    assert "Example" in result.out
    assert f"glassnet {verb}" in result.out.split("Example")[1]


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_no_types_of_python(run: Run, verb: str) -> None:
    text = run(verb, "--help").out
    assert text.count("Usage: ") == 1
    assert not re.search(r"<\w+>|\{\w+\}|\[\[", text)


def test_help_of_train_has_every_setting(run: Run) -> None:
    text = run("train", "--help").out
    for name in SETTINGS:
        option = name.replace("_", "-")
        assert f"--{option} " in text or f"--[no-]{option} " in text


def test_without_a_verb_it_helps(run: Run) -> None:
    result = run()
    assert result.code == 0
    assert result.out == run("--help").out
    for verb in ("train", "predict", "show", "lesson"):
        assert f" {verb} " in result.out
