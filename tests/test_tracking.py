"""Trainings that are recorded in MLflow."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import DivergenceError
from glassnet.tables import penguins_path
from glassnet.training import EpochsDone, Event, TrainingFailed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its dependencies
    mlflow = pytest.importorskip("mlflow")

from glassnet.tracking import MLflow

SETTINGS: dict[str, Any] = {"hidden": 4, "epochs": 6, "recipe": "single", "seed": 1, "holdout": 0.2}
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),  # of MLflow, about stores of files
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # a database takes seconds to make
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())
    logging.getLogger("mlflow").setLevel(logging.ERROR)


def runs() -> list[Any]:
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    return list(client.search_runs([client.get_experiment_by_name("glassnet").experiment_id]))


def curve(run: Any, name: str) -> list[float]:
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    values = client.get_metric_history(run.info.run_id, name)
    assert [value.step for value in values] == list(range(1, len(values) + 1))
    return [value.value for value in values]


def test_a_run_has_settings_curves_metrics_model_and_report(tmp_path: Path) -> None:
    mine = MLflow(name="first", tags={"team": "birds"})
    model = glassnet.train(penguins_path(), "species", callbacks=mine, **SETTINGS)
    (run,) = runs()
    assert (run.info.status, run.info.run_name, run.data.tags["team"]) == ("FINISHED", "first", "birds")
    assert run.data.params["hidden"] == "[4]"
    assert run.data.params["target"] == "species"
    assert run.data.params["seed"] == "1"
    history = model.members[0].history
    for name in ("loss", "validation_loss", "rate"):
        np.testing.assert_array_equal(curve(run, name), history.curves[name])
    assert model.holdout is not None
    assert run.data.metrics["holdout/accuracy"] == model.holdout["accuracy"]
    assert run.data.metrics["best_epoch"] == history.best_epoch
    folder = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=str(tmp_path)))
    again = glassnet.load(folder / "model.glassnet")
    np.testing.assert_array_equal(again.members[0].learnt.vector, model.members[0].learnt.vector)
    assert "<html" in (folder / "report.html").read_text("utf-8")


def test_each_network_has_its_curves() -> None:
    mine = MLflow(model=False, report=False)
    model = glassnet.train(penguins_path(), "species", members=3, callbacks=mine, **SETTINGS)
    (run,) = runs()
    for number, own in enumerate(model.members):
        np.testing.assert_array_equal(
            curve(run, f"network {number}/validation_loss"), own.history.validation_loss
        )


def test_a_training_that_fails_ends_its_run_and_the_next_has_another() -> None:
    mine, failures = MLflow(model=False, report=False), []

    def note(event: Event) -> None:
        if isinstance(event, TrainingFailed):
            failures.append(event.error)

    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 3)), rng.normal(size=200)
    wild = {
        **SETTINGS,
        "learning_rate": 1e30,
        "optimizer": "gradient_descent",
        "activation": "relu",
        "patience": None,
    }
    with pytest.raises(DivergenceError) as caught:
        glassnet.train(table, callbacks=[mine, note], **{**wild, "validation": 0.0})
    assert failures == [caught.value]
    glassnet.train(table, callbacks=mine, **SETTINGS)
    assert sorted(run.info.status for run in runs()) == ["FAILED", "FINISHED"]


def test_a_server_that_cannot_be_reached_does_not_end_the_training() -> None:
    broken = MLflow(Path(__file__).as_uri())
    with pytest.warns(RuntimeWarning, match="the callback .* failed and is not called any more"):
        model = glassnet.train(penguins_path(), "species", callbacks=broken, **SETTINGS)
    assert model.members[0].history.epochs == 6


def test_a_stopped_training_is_recorded() -> None:
    def stop(event: Event) -> None:
        if isinstance(event, EpochsDone):
            event.stop.stop("enough")

    own = {**SETTINGS, "epochs": 100_000, "patience": None}
    glassnet.train(penguins_path(), "species", callbacks=[MLflow(model=False, report=False), stop], **own)
    (run,) = runs()
    assert run.info.status == "FINISHED"


def test_names_that_mlflow_does_not_allow_are_changed() -> None:
    rng = np.random.default_rng(0)
    table = {
        "a": rng.normal(size=100),
        "no//way?": rng.choice(["x", "y"], 100),
        "b": rng.choice(["x", "y"], 100),
    }
    mine = MLflow(model=False, report=False)
    glassnet.train(table, ["no//way?", "b"], callbacks=mine, **SETTINGS)
    own = {**SETTINGS, "metric": lambda actual, predicted: float((actual == predicted).mean())}
    glassnet.train(table, "b", callbacks=mine, **own)
    assert [run.info.status for run in runs()] == ["FINISHED", "FINISHED"]
    names = {name for run in runs() for name in run.data.metrics}
    assert {"validation/auc no__way_", "validation__lambda_"} <= names


def test_a_run_that_cannot_be_recorded_to_its_end_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(mlflow.MlflowClient, "log_artifact", full)
    with pytest.warns(RuntimeWarning, match="no space left on device"):
        glassnet.train(penguins_path(), "species", callbacks=MLflow(report=False), **SETTINGS)
    assert [run.info.status for run in runs()] == ["FAILED"]
