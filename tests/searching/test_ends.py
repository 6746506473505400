"""How trials of a search end, and what of that ends the search."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError, ResultWarning, SettingsError
from glassnet.tables import penguins_path, read_table
from glassnet.training import StopToken

optuna = pytest.importorskip(
    "optuna", reason="Optuna is not installed: the extra search of glassnet installs it"
)

from glassnet import searching  # noqa: E402

TABLE = read_table(penguins_path())
NONE: dict[str, Any] = dict.fromkeys(searching.SPACE)
OF_ALL: dict[str, Any] = {"recipe": "single", "epochs": 12, "seed": 1}
RATES = {**NONE, "learning_rate": (1e-5, 0.05, "log")}


@pytest.fixture(autouse=True)
def _an_event_after_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.training.loop.EVENTS_PER_SECOND", 1e9)


def search(target: str = "species", **more: Any) -> searching.SearchResult:
    given = {"space": RATES, "trials": 3, **OF_ALL, **more}
    return glassnet.search(TABLE, target, **given)


def pruned_after(number: int) -> Any:
    """A pruner that prunes the trials from that number on, at their third epoch."""

    class Pruner(optuna.pruners.BasePruner):  # type: ignore[misc, name-defined]
        def prune(self, study: Any, trial: Any) -> bool:
            return bool(trial.number >= number and trial.last_step >= 3)

    return Pruner()


def stop_after(epochs: int) -> Any:
    """A callback that stops each training after these epochs."""

    def callback(event: Any) -> None:
        if getattr(event, "epoch", 0) >= epochs:
            event.stop.stop("mine")

    return callback


def test_a_pruned_trial_has_a_score_only_if_its_curve_is_of_the_metric() -> None:
    numbers = search("body_mass_g", pruner=pruned_after(1))
    assert [own.state for own in numbers.trials] == ["complete", "pruned", "pruned"]
    assert [own.score for own in numbers.trials[1:]] == [None, None]
    losses = search("body_mass_g", pruner=pruned_after(1), loss="absolute_error")
    classes = search(pruner=pruned_after(1))
    own = search("body_mass_g", pruner=pruned_after(1), metric="mae")
    for result in (losses, classes, own):
        assert all(trial.score is not None for trial in result.trials)
    weighted = search(pruner=pruned_after(1), class_weight="balanced")
    assert weighted.trials[1].score is None


def test_numbers_with_another_loss_are_compared_by_that_loss() -> None:
    result = search("body_mass_g", loss="quantile(level=0.9)", trials=2)
    assert result.metric == "validation_loss"
    assert result.best.score == result.model.history.validation_loss.min()
    assert search("body_mass_g", loss="quantile", metric="rmse", trials=1).metric == "rmse"


def test_a_pruned_trial_does_not_stop_the_token_of_the_caller() -> None:
    token = StopToken()
    result = search(trials=4, pruner=pruned_after(1), callbacks=[token])
    assert [own.state for own in result.trials] == ["complete", "pruned", "pruned", "pruned"]
    assert not token.stopped


def test_a_callback_that_stops_a_training_ends_that_trial_alone() -> None:
    result = search(callbacks=[stop_after(2)], pruner=optuna.pruners.NopPruner())
    assert [own.state for own in result.trials] == ["complete"] * 3
    assert result.model.history.stop_reason == "mine"


def test_values_that_do_not_fit_together_fail_with_their_reason(capsys: pytest.CaptureFixture[str]) -> None:
    space = {**NONE, "hidden": [(8,), (16, 8)], "dropout": [(0.1,)]}
    result = search(space=space, trials=8, progress=True)
    failed = [own for own in result.trials if own.state == "failed"]
    assert failed
    assert {own.settings["hidden"] for own in failed} == {(16, 8)}
    assert all("dropout" in own.reason for own in failed)
    assert failed[0].reason in " ".join(str(result).split())
    printed = capsys.readouterr().err
    assert f"failed ({failed[0].reason})" in printed
    assert "Traceback" not in printed
    with pytest.raises(InputError, match="no trial was complete; the first that failed: no epoch"):
        search(metric=lambda actual, predicted: float("nan"), trials=1)


def test_without_validated_epochs_the_message_names_the_cause() -> None:
    for timeout in (1e-6, 0.02):
        with pytest.raises(InputError, match="no trial was complete within the time; allow more"):
            search(timeout=timeout, hidden=(400, 400), epochs=10**6)
    with pytest.raises(SettingsError, match="validation is None"):
        search(validation=None)


def test_a_trial_that_was_stopped_is_trained_again_by_the_next_search(tmp_path: Path) -> None:
    given: dict[str, Any] = {"storage": f"sqlite:///{tmp_path / 'trials.db'}", "trials": 1}
    token = StopToken()

    def stop(event: Any) -> None:
        if getattr(event, "epoch", 0) >= 2:
            token.stop("enough")

    stopped = search(callbacks=[token, stop], **given)
    assert (stopped.best.state, stopped.best.reason) == ("stopped", "enough")
    whole = search(**given)
    assert [own.state for own in whole.trials] == ["stopped", "complete"]
    assert whole.best.number == 1
    assert whole.model.history.ended_by != "stop"
    assert whole.best.score == whole.model.validation["log_loss"]  # type: ignore[index]


def test_the_best_of_another_process_is_trained_with_the_callbacks_and_until_the_end(tmp_path: Path) -> None:
    given: dict[str, Any] = {"storage": f"sqlite:///{tmp_path / 'trials.db'}", "trials": 1}
    whole = search(**given)
    epochs: list[int] = []
    again = search(callbacks=lambda event: epochs.append(getattr(event, "epoch", 0)), **given)
    assert max(epochs) >= again.best.epochs == whole.best.epochs
    np.testing.assert_array_equal(again.model.learnt.vector, whole.model.learnt.vector)

    def interrupt(event: Any) -> None:
        if getattr(event, "epoch", 0) >= 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(InputError, match=r"ended early \(interrupted\); search again with more time"):
        search(callbacks=interrupt, **given)


def test_what_decides_the_rows_of_the_score_is_not_searched() -> None:
    with pytest.raises(SettingsError) as refused:
        glassnet.search(TABLE, "species", space={"recipe": ["single", "balanced"], "members": [1, 3]})
    assert [fault.split(":")[0] for fault in refused.value.faults] == [
        "'recipe' cannot be searched",
        "'members' cannot be searched",
    ]


def test_a_best_model_that_is_no_better_than_a_constant_is_reported_once() -> None:
    rng = np.random.default_rng(1)
    table = {"x": rng.normal(size=60), "y": rng.normal(size=60)}
    with pytest.warns(ResultWarning) as warned:
        glassnet.search(table, "y", space={**NONE, "learning_rate": [1e-5]}, trials=2, **OF_ALL)
    assert len(warned) == 1
