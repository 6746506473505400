"""Whatever is wrong with what was given: one clear message, exit code 2, nothing written, no traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]  # the fixture of conftest.py

HEAD = "a,b,y\n"
ROWS = ["1,2,1", "2,3,2", "3,4,3", "4,5,1", "5,6,2"]
TABLES = {
    "directory": (None, "directory"),
    "empty": ("", "empty"),
    "binary": (b"\x00\x01\x89PNG\xff\xfe" * 300, "not a table"),
    "header_only": (HEAD, "no rows"),
    "one_row": (HEAD + ROWS[0] + "\n", "one row"),
    "constant_target": (HEAD + "1,2,5\n2,3,5\n3,4,5\n4,5,5\n", "'y'"),
    "missing_target": (HEAD + "1,2,\n2,3,\n3,4,\n4,5,\n", "'y'"),
    "infinite": (HEAD + "\n".join([*ROWS, "inf,1,1"]) + "\n", "'a'"),
    "long_row": (HEAD + "\n".join([*ROWS, "1,2,3,4"]) + "\n", "line 7"),
}


def refused(run: Run, folder: Path, *arguments: str) -> str:
    """The message with which these arguments are refused."""
    before = sorted(path.name for path in folder.iterdir())
    result = run(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert all(line.startswith("error: ") for line in result.err.splitlines())
    assert "Traceback" not in result.err
    assert sorted(path.name for path in folder.iterdir()) == before
    return result.err


@pytest.mark.parametrize("name", TABLES)
def test_bad_table(run: Run, tmp_path: Path, name: str) -> None:
    content, said = TABLES[name]
    path = tmp_path / "table.csv"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(run, tmp_path, "train", "table.csv", "--target", "y")
    assert said in message
    assert len(message.splitlines()) == 1


@pytest.mark.usefixtures("penguins")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--learning-rate", "-1"], "--learning-rate is -1.0, but must be"),
        (["--hidden", "0"], "--hidden is 0, but must be"),
        (["--class-weight", "x"], "--class-weight is 'x', but must be LABEL=NUMBER"),
        (["--metric", "rmse"], "--metric is 'rmse', but must be"),
        (["--column-types", "a=number"], "--column-types names the column 'a'"),
        (["--column-types", "species=ignore"], "--column-types species=ignore leaves out the target"),
        (
            ["--validation", "0.7", "--holdout", "0.5"],
            "--validation 0.7 and --holdout 0.5 leave no training rows",
        ),
        (["--dropout", "0.1,0.2,0.3"], "--dropout has 3 entries, but --hidden has 2"),
        (["--sample-weight", "wide"], "--sample-weight is 'wide', but there is no such column"),
        (["--engine", "fast"], "--engine is 'fast', but must be one of auto"),
        (["--metric", "auc", "--validation", "0"], "--metric needs validation rows; set --validation to"),
        (["--task", "binary"], "--task binary needs two classes"),
        (
            ["--task", "regression"],
            "The target 'species' holds words ('Adelie', 'Gentoo', 'Chinstrap'), but regression "
            "needs numbers; as the only target it can be predicted with --task classification.",
        ),
    ],
)
def test_settings_are_called_as_they_are_given(
    run: Run, tmp_path: Path, options: list[str], said: str
) -> None:
    assert refused(run, tmp_path, "train", "penguins.csv", "--target", "species", *options).startswith(
        f"error: {said}"
    )


def test_notes_call_settings_as_they_are_given(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    rows = [f"{place},{place % 7},01/02/{2000 + place % 9}" for place in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["a,y,the day", *rows]))
    result = run("train", "t.csv", "--target", "y", "--epochs", "1")
    notes = [line for line in result.err.splitlines() if line.startswith("note: ")]
    assert len(notes) == 2
    assert "7 classes (--task regression to change)" in notes[0]
    assert "could be read in another order (--column-types 'the day=datetime:FORMAT' to change)" in notes[1]
    assert "note: " not in result.out  # each is printed once
    assert not run("train", "t.csv", "--target", "y", "--epochs", "1", "--quiet").err


def test_strict_makes_an_error_of_each_note(run: Run, tmp_path: Path) -> None:
    rows = [f"{place},{place % 7},01/02/{2000 + place % 9}" for place in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["a,y,the day", *rows]))
    message = refused(run, tmp_path, "train", "t.csv", "--target", "y", "--strict")
    assert "error: The target 'y' has the values 0, 1, 2, 3, 4, 5, 6, taken as 7 classes (--task" in message
    assert "(--column-types 'the day=datetime:FORMAT' to change)" in message
    assert message.splitlines()[-1].startswith("error: --strict allows no assumption")
    settled = ("--task", "regression", "--column-types", "the day=datetime:%d/%m/%Y")
    assert run("train", "t.csv", "--target", "y", "--strict", "--epochs", "1", *settled).code == 0


def test_notes_on_new_rows_are_printed_once_and_are_no_warnings(run: Run, tmp_path: Path) -> None:
    rows = [f"{place},{'uvw'[place % 3]},{place % 2}" for place in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]))
    (tmp_path / "new.csv").write_text("a,b,y\n1,x,1\n")
    assert run("train", "t.csv", "--target", "y", "--epochs", "1").code == 0
    for verb in (("predict",), ("explain", "--row", "0"), ("doctor",)):
        err = run(verb[0], "model.glassnet", "new.csv", *verb[1:]).err
        assert err.count("levels unseen in training ('x')") == 1
        assert err.startswith("note: ")


def test_values_that_look_like_settings_stay_as_they_are(run: Run, tmp_path: Path) -> None:
    rows = [f"{place},batch_size=1" for place in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["max_norm,learning_rate", *rows]))
    message = refused(run, tmp_path, "train", "t.csv", "--target", "learning_rate")
    assert message.startswith("error: The target 'learning_rate' is 'batch_size=1' in every row")


@pytest.mark.usefixtures("penguins")
def test_remedies_are_called_as_they_are_given(run: Run) -> None:
    result = run(
        "train", "--recipe", "single", "penguins.csv", "--target", "species", "--learning-rate", "1e30"
    )
    assert "--optimizer 'adam(max_norm=1)' to clip gradients, or --scaling standard if" in result.err


def test_no_such_table(run: Run, tmp_path: Path) -> None:
    assert "nosuch.csv" in refused(run, tmp_path, "train", "nosuch.csv", "--target", "y")


@pytest.mark.usefixtures("penguins")
def test_unknown_target_suggests_the_nearest(run: Run, tmp_path: Path) -> None:
    message = refused(run, tmp_path, "train", "penguins.csv", "--target", "specie")
    assert "Did you mean 'species'?" in message


@pytest.mark.usefixtures("penguins")
def test_no_target(run: Run, tmp_path: Path) -> None:
    assert "species" in refused(run, tmp_path, "train", "penguins.csv")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--hidden", "0", "hidden is 0"),
        ("--hidden", "-3", "hidden is -3"),
        ("--hidden", "64,x", "hidden is 'x'"),
        ("--learning-rate", "0", "above 0"),
        ("--learning-rate", "-1", "above 0"),
        ("--learning-rate", "nan", "above 0"),
        ("--learning-rate", "fast", "--learning-rate is 'fast'"),
        ("--epochs", "2.5", "an integer"),
        ("--activation", "rleu", "Did you mean 'relu'?"),
        ("--optimizer", "adem", "Did you mean 'adam'?"),
        ("--init", "heuniform", "Did you mean 'he_uniform'?"),
        ("--engine", "nosuch", "engine"),
        ("--column-types", "year", "NAME=TYPE"),
        ("--column-types", "yaer=category", "Did you mean 'year'?"),
        ("--class-weight", "Adelie", "LABEL=NUMBER"),
        ("--class-weight", "Adelie=much", "'much' is not a number"),
        ("--class-weight", "Adeli=2", "Did you mean 'Adelie'?"),
        ("--target", "specie", "Did you mean 'species'?"),
        ("--out", "nosuch/model.glassnet", "no folder 'nosuch'"),
        ("--out", ".", "directory"),
        ("--out", "/dev/null", "not a file"),
    ],
)
def test_bad_option(run: Run, tmp_path: Path, option: str, value: str, said: str) -> None:
    assert said in refused(run, tmp_path, "train", f"{option}={value}")


def test_all_faults_are_reported_at_once(run: Run, tmp_path: Path) -> None:
    message = refused(
        run, tmp_path, "train", "--hidden=-3", "--learning-rate", "nan", "--out", "nosuch/model.glassnet"
    )
    assert [word for word in ("--out", "hidden", "--learning-rate") if word in message] == [
        "--out",
        "hidden",
        "--learning-rate",
    ]
    assert len(message.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trian"], "Did you mean 'train'?"),
        (["train", "--learing-rate", "1"], "--learning-rate"),
        (["train", "a.csv", "b.csv"], "b.csv"),
        (["predict"], "MODEL"),
        (["show"], "--engine"),
        (["--nosuch"], "--nosuch"),
    ],
)
def test_wrong_use(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    message = refused(run, tmp_path, *arguments)
    assert said in message
    assert len(message.splitlines()) == 1


@pytest.mark.usefixtures("penguins")
@pytest.mark.parametrize("verb", [["show"], ["predict"]])
@pytest.mark.parametrize("name", ["nosuch.glassnet", "penguins.csv", "."])
def test_not_a_model(run: Run, tmp_path: Path, verb: list[str], name: str) -> None:
    rest = ["penguins.csv", "--out", "out.csv"] if verb == ["predict"] else []
    assert name in refused(run, tmp_path, *verb, name, *rest)


@pytest.mark.usefixtures("penguins", "model")
def test_damaged_model(run: Run, tmp_path: Path) -> None:
    whole = (tmp_path / "penguins.glassnet").read_bytes()
    (tmp_path / "half.glassnet").write_bytes(whole[: len(whole) // 2])
    assert "half.glassnet" in refused(run, tmp_path, "show", "half.glassnet")


@pytest.mark.usefixtures("model")
def test_predicting_with_missing_columns_names_them_all(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("island,year\nBiscoe,2007\nDream,2008\n")
    message = refused(run, tmp_path, "predict", "penguins.glassnet", "new.csv", "--out", "out.csv")
    for column in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"):
        assert f"'{column}'" in message


@pytest.mark.usefixtures("model")
def test_words_in_a_number_column(run: Run, tmp_path: Path, penguins: Path) -> None:
    penguins.write_text(penguins.read_text().replace(",39.1,", ",wide,"))
    message = refused(run, tmp_path, "predict", "penguins.glassnet", "penguins.csv", "--out", "out.csv")
    assert "bill_length_mm" in message
    assert "wide" in message


@pytest.mark.usefixtures("model")
def test_predictions_do_not_overwrite_what_is_read(run: Run, tmp_path: Path, penguins: Path) -> None:
    before = penguins.read_bytes()
    refused(run, tmp_path, "predict", "penguins.glassnet", "penguins.csv", "--out", "penguins.csv")
    assert penguins.read_bytes() == before


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "penguins.glassnet", "penguins.csv", "--out"],
        ["explain", "penguins.glassnet", "penguins.csv", "--out"],
        ["compare", "penguins.glassnet", "other.glassnet", "--table", "penguins.csv", "--weights"],
    ],
)
def test_nothing_that_is_read_is_written_over(
    run: Run, tmp_path: Path, penguins: Path, arguments: list[str]
) -> None:
    (tmp_path / "other.glassnet").write_bytes((tmp_path / "penguins.glassnet").read_bytes())
    for name in arguments[1:]:
        if name.startswith("--"):
            continue
        before = (tmp_path / name).read_bytes()
        message = refused(run, tmp_path, *arguments, name)
        assert message == f"error: {arguments[-1]} is '{name}', but that file is read; name another one.\n"
        assert (tmp_path / name).read_bytes() == before


@pytest.mark.usefixtures("model", "penguins")
def test_tables_are_not_named_after_a_form_that_they_do_not_have(run: Run, tmp_path: Path) -> None:
    said = "but a table is written as CSV or Parquet; let the name end in .csv or .parquet."
    message = refused(run, tmp_path, "predict", "penguins.glassnet", "penguins.csv", "--out", "p.XLSX")
    assert message == f"error: --out is 'p.XLSX', {said}\n"
    message = refused(run, tmp_path, "compare", "penguins.glassnet", "--weights", "w.json")
    assert message == f"error: --weights is 'w.json', {said}\n"


def test_a_folder_that_takes_no_file_is_found_before_training(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(122, "Disk quota exceeded")

    with monkeypatch.context() as patch:
        patch.setattr("glassnet.cli.outputs.tempfile.TemporaryFile", refuse)
        message = refused(run, tmp_path, "train", "--out", "m")
    assert "the folder '.' cannot be written to (Disk quota exceeded)" in message
    (tmp_path / "m").touch()
    monkeypatch.setattr("glassnet.cli.outputs.os.access", lambda path, mode: mode != os.W_OK)
    assert "'m', but that file cannot be written" in refused(run, tmp_path, "train", "--out", "m")


def test_probabilities_of_a_number(run: Run, tmp_path: Path, penguins: Path) -> None:
    assert run("train", "--target", "body_mass_g", "--epochs", "2", "-q").code == 0
    arguments = ["predict", "model.glassnet", "penguins.csv", "--out", "out.csv"]
    assert "--proba" in refused(run, tmp_path, *arguments, "--proba")
    assert "'yaer'" in refused(run, tmp_path, *arguments, "--keep", "yaer")
