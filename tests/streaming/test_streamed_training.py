"""Training on rows that do not fit into memory: the same answers as in memory, and nothing overlooked."""

import io
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

import glassnet
from glassnet.errors import AssumptionWarning, SettingsError, TableError
from glassnet.streaming import survey, training_table
from glassnet.tables import read_table
from glassnet.training import RowsRead, StopToken, progress
from glassnet.training.events import CurrentParameters
from streamed import ROWS, SETTINGS, lower_thresholds, streamed
from tables_on_disk import a_table, write_parts


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    lower_thresholds(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_parts(tmp_path / "table", a_table(ROWS))


def test_a_table_that_does_not_fit_is_announced(folder: Path) -> None:
    with pytest.warns(
        AssumptionWarning, match=r"need about .* of memory, and .* are for them: they are read in blocks"
    ):
        glassnet.train(folder, "grade", memory=200_000, **SETTINGS)
    with pytest.raises(TableError, match="no assumption"):
        glassnet.train(folder, "grade", memory=200_000, strict=True, **SETTINGS)


def test_the_model_is_as_good_as_one_trained_in_memory(folder: Path) -> None:
    model, usual = streamed(folder, epochs=8), glassnet.train(folder, "grade", **SETTINGS | {"epochs": 8})
    new = a_table(3000, seed=9)
    found, expected = (own.evaluate(new).metrics for own in (model, usual))
    assert found["log_loss"] == pytest.approx(expected["log_loss"], abs=0.04)
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=0.02)


def test_all_rows_are_in_one_part(folder: Path) -> None:
    model = streamed(folder, holdout=0.1)
    counts = model.provenance["rows"]
    assert sum(counts.values()) == ROWS
    assert counts["holdout"] == pytest.approx(600, rel=0.1)
    assert model.holdout is not None
    assert model.holdout.rows is not None
    own = a_table(ROWS).take(model.holdout.rows)
    assert own.column("grade").to_pylist() == model.holdout.actual.tolist()
    assert model.predict(own).tolist() == model.holdout.predicted.tolist()


def test_the_schema_has_the_figures_of_all_rows(folder: Path) -> None:
    table = a_table(ROWS)
    model = streamed(folder)
    assert model.schema.rows == ROWS
    assert model.schema["a"].missing == table.column("a").null_count
    assert model.schema["b"].maximum == max(table.column("b").to_pylist())
    assert model.encoder["b"].to_dict()["center"] == pytest.approx(np.mean(table.column("b")), abs=0.1)


def test_a_label_a_level_and_a_gap_of_a_single_row_are_known(tmp_path: Path) -> None:
    columns = {
        name: own.to_pylist()
        for name, own in zip(a_table(0).column_names, a_table(ROWS).columns, strict=True)
    }
    columns["grade"][4321], columns["color"][2222], columns["b"][5555] = "perfect", "violet", None
    model = streamed(write_parts(tmp_path / "t", pa.table(columns)), validation=0.0)
    assert "perfect" in model.classes
    assert "color=violet" in model.encoder.input_names
    assert "b missing" in model.encoder.input_names


def test_the_same_call_gives_the_same_model(folder: Path) -> None:
    first, second = streamed(folder), streamed(folder)
    assert first.learnt.vector.tobytes() == second.learnt.vector.tobytes()
    threads = streamed(folder, threads=1)
    assert first.learnt.vector.tobytes() == threads.learnt.vector.tobytes()


def test_a_table_sorted_by_class_is_learned_as_well(tmp_path: Path) -> None:
    table = a_table(ROWS)
    mixed = streamed(write_parts(tmp_path / "mixed", table), epochs=8)
    ordered = streamed(write_parts(tmp_path / "sorted", table.sort_by("grade")), epochs=8)
    new = a_table(3000, seed=9)
    losses = [own.evaluate(new).metrics["log_loss"] for own in (mixed, ordered)]
    assert losses[1] < 1.05 * losses[0]


def test_numbers_weights_and_groups(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    x, group = rng.normal(size=ROWS), np.arange(ROWS) % 97
    weights = (np.arange(ROWS) % 2).astype(float)
    y = np.where(weights > 0, 3 * x + 10, 1000)  # what has no weight must not matter
    table = pa.table({"x": x, "z": rng.normal(size=ROWS), "site": group, "w": weights, "y": y})
    model = streamed(
        write_parts(tmp_path / "t", table), "y", sample_weight="w", groups="site", holdout=0.2, epochs=20
    )
    assert model.holdout is not None
    assert model.validation is not None
    sites = [
        set((own.rows % 97).tolist()) for own in (model.holdout, model.validation) if own.rows is not None
    ]
    assert not sites[0] & sites[1]
    assert model.baseline[0] == pytest.approx(10, abs=0.3)
    assert model.holdout.metrics["r2"] > 0.95
    assert "site" not in model.encoder.slices


def test_several_members_and_targets(folder: Path) -> None:
    model = streamed(folder, ["grade", "color"], members=2)
    assert len(model.members) == 2
    assert not np.array_equal(model.members[0].learnt.vector, model.members[1].learnt.vector)
    assert model.predict(a_table(5)).shape == (5, 2)


def test_the_default_recipe_trains_one_network(folder: Path) -> None:
    model = streamed(folder, recipe="balanced", epochs=1, hidden=4, memory=500_000)
    assert model.settings.members == 1


def test_a_validation_table_of_its_own(folder: Path) -> None:
    model = streamed(folder, validation=a_table(500, seed=4))
    assert model.provenance["rows"] == {"train": ROWS, "validation": 500, "holdout": 0}


def test_validation_rows_are_limited_to_what_fits(folder: Path) -> None:
    with pytest.warns(AssumptionWarning, match="There are about .* validation rows instead of 4,800"):
        model = glassnet.train(folder, "grade", memory=200_000, validation=0.8, **SETTINGS)
    counts = model.provenance["rows"]
    assert counts["validation"] < 1500
    assert counts["train"] + counts["validation"] == ROWS


def test_a_cache_is_used_again(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = streamed(folder, cache=cache)
    stamps = {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    second = streamed(folder, cache=cache)
    assert stamps == {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert first.learnt.vector.tobytes() == second.learnt.vector.tobytes()
    other = streamed(folder, cache=cache, seed=2, hidden=4)
    assert stamps != {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert other.provenance["rows"] != first.provenance["rows"]


def test_a_stray_word_in_a_late_block_is_reported_with_its_rows(tmp_path: Path) -> None:
    table = a_table(ROWS)
    texts = pa.array([f"{value:.4f}" for value in table.column("b").to_pylist()])
    folder = write_parts(tmp_path / "t", table.set_column(1, "b", texts), form="csv")
    model = streamed(folder)
    assert model.schema["b"].type == "number"
    with (folder / "part-2.csv").open("a", encoding="utf-8") as stream:
        stream.write('0.5,n/k,"red","low"\n')
    with pytest.warns(AssumptionWarning, match="n/k"):
        glassnet.train(folder, "grade", memory=200_000, **SETTINGS)


@pytest.mark.parametrize(
    ("setting", "value"), [("sample_weight", np.ones(ROWS)), ("groups", np.arange(ROWS)), ("time", "a")]
)
def test_settings_for_which_all_rows_must_be_in_memory_are_refused(
    folder: Path, setting: str, value: Any
) -> None:
    with pytest.raises(SettingsError, match=setting):
        streamed(folder, **{setting: value})


@pytest.mark.parametrize("memory", ["much", -1, "0 MB", 1.5, True, [1]])
def test_no_size_is_refused(folder: Path, memory: Any) -> None:
    with pytest.raises(SettingsError, match=r"memory is .* but must be a number of bytes"):
        glassnet.train(folder, "grade", memory=memory, **SETTINGS)


def test_a_killed_training_goes_on_from_its_checkpoint(folder: Path, tmp_path: Path) -> None:
    expected = streamed(folder, epochs=6)
    checkpoint = tmp_path / "half"
    code = f"""
import os, signal, warnings, glassnet
from glassnet.streaming import budget, survey, training_table
from glassnet.tables.read import block_sources as blocks
from glassnet.targets import TargetEncoding
from glassnet.training import Checkpoint
warnings.simplefilter("ignore")
budget.LEAST, budget.PACKED, survey.MOST, survey.WORDS, survey.LABELS, blocks.ROWS = 1, 1e9, 1000, 200, 300, 900
def kill(event):
    if getattr(event, "epoch", 0) >= 3:
        os.kill(os.getpid(), signal.SIGKILL)
glassnet.train({str(folder)!r}, "grade", memory=200_000, epochs=6, recipe="single", hidden=8, seed=1,
               checkpoint=Checkpoint({str(checkpoint)!r}, seconds=0), callbacks=kill)
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    with pytest.warns(Warning, match="goes on from the checkpoint"):
        found = glassnet.train(
            folder, "grade", memory=200_000, checkpoint=checkpoint, **SETTINGS | {"epochs": 6}
        )
    assert found.learnt.vector.tobytes() == expected.learnt.vector.tobytes()


def test_a_saved_model_explains_itself(folder: Path, tmp_path: Path) -> None:
    model = streamed(folder, holdout=0.1)
    model.save(tmp_path / "m.glassnet")
    loaded = glassnet.load(tmp_path / "m.glassnet")
    rows = a_table(200, seed=5)
    assert loaded.predict(rows).tolist() == model.predict(rows).tolist()
    assert loaded.importances(rows)
    assert loaded.doctor() is not None
    assert loaded.explain(rows.slice(0, 1))
    assert str(loaded.card())
    with pytest.warns(Warning, match="were training rows"):
        loaded.evaluate(a_table(ROWS))


def test_predictions_and_evaluations_of_files_are_those_of_their_rows(folder: Path) -> None:
    table = a_table(ROWS)
    model = streamed(folder)
    assert model.predict(folder).tolist() == model.predict(table).tolist()
    assert np.array_equal(model.predict_proba(folder / "*.parquet"), model.predict_proba(table))
    with pytest.warns(Warning, match="were training rows"):
        found = model.evaluate(folder)
    with pytest.warns(Warning, match="were training rows"):
        expected = model.evaluate(table)
    assert found.metrics == pytest.approx(expected.metrics)
    assert found.rows is not None
    assert found.rows.tolist() == [*range(ROWS)]
    assert found.training_rows == pytest.approx(expected.training_rows, rel=0.02)


def test_a_fault_in_a_file_says_in_which_rows(folder: Path, tmp_path: Path) -> None:
    model = streamed(folder)
    texts = [f"{at}" for at in range(2000)]
    texts[1950] = "oops"
    other = a_table(2000).set_column(1, "b", pa.array(texts))
    with pytest.raises(TableError, match=r"In rows 1,800 to 1,999 of .*oops.* in row 150"):
        model.predict(write_parts(tmp_path / "wrong", other, parts=1))


def test_callbacks_hear_of_both_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_table, "EVENTS_PER_SECOND", 1e9)
    events: list[RowsRead] = []
    streamed(folder, callbacks=lambda event: events.append(event) if isinstance(event, RowsRead) else None)
    assert [event.doing for event in events] == sorted([event.doing for event in events], reverse=True)
    for doing in ("reading", "encoding"):
        rows = [event.rows for event in events if event.doing == doing]
        assert rows == sorted(set(rows))
        assert rows[-1] == ROWS
    assert all(event.of == ROWS for event in events)


def test_the_passes_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "in_notebook", lambda: False)
    shown = io.StringIO()
    display = progress.ProgressDisplay(shown)
    for seconds in (1, 3, 4, 10):
        display(RowsRead(StopToken(), CurrentParameters(None), "encoding", 1000 * seconds, 50_000, seconds))
    assert shown.getvalue() == "encoding: 3,000 of 50,000 rows\nencoding: 10,000 of 50,000 rows\n"


@pytest.mark.parametrize("form", ["arrow", "pandas", "read"])
def test_a_table_in_memory_whose_inputs_do_not_fit(folder: Path, form: str) -> None:
    table = a_table(ROWS)
    source = {"arrow": table, "pandas": table.to_pandas(), "read": read_table(table)}[form]
    assert (
        streamed(source).learnt.vector.tobytes()
        == streamed(write_parts(folder / "one", table, 1)).learnt.vector.tobytes()
    )


def test_arrays_with_a_memory_are_refused() -> None:
    with pytest.raises(SettingsError, match="is for tables, but"):
        glassnet.train((np.zeros((9, 2)), np.arange(9)), memory="1 GB", **SETTINGS)


def test_a_partitioned_dataset(tmp_path: Path) -> None:
    table = a_table(ROWS)
    pyarrow.dataset.write_dataset(
        table, tmp_path / "d", format="parquet", partitioning=["color"], partitioning_flavor="hive"
    )
    dataset = pyarrow.dataset.dataset(tmp_path / "d", partitioning="hive")
    model = streamed(dataset)
    assert "color=red" in model.encoder.input_names
    assert model.evaluate(a_table(500, seed=7))["accuracy"] > 0.8


@pytest.mark.parametrize(
    ("target", "settings", "message"),
    [
        ("grad", {}, "The target 'grad' is not among the columns. Did you mean 'grade'"),
        (None, {}, "no target: name the column to predict"),
        ("grade", {"sample_weight": "w"}, "sample_weight is 'w', but there is no such column"),
        ("grade", {"groups": "site"}, "groups is 'site', but there is no such column"),
        ("grade", {"column_types": {"aa": "number"}}, "names the column 'aa', which is not in the table"),
    ],
)
def test_wrong_names_are_refused_before_the_table_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, target: Any, settings: dict[str, Any], message: str
) -> None:
    monkeypatch.setattr(survey.Survey, "of", None)
    with pytest.raises((TableError, SettingsError), match=message):
        streamed(folder, target, **settings)


def test_what_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    code = f"""
import resource, signal, glassnet
from glassnet.streaming import budget
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
budget.LEAST, budget.PACKED = 1, 1e9
glassnet.train({str(folder)!r}, "grade", memory=200_000, recipe="single", seed=1, cache={str(cache)!r})
"""
    failed = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "File too large: " in failed.stderr.splitlines()[-1]
    assert str(cache) in failed.stderr.splitlines()[-1]
    assert not (cache / "contents.json").exists()
    assert (
        streamed(folder, cache=cache).history.epochs == 4
    )  # what is there is no cache, and is written again
