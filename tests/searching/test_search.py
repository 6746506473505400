"""A search with Optuna: its trials, what it keeps, and studies that several searches share."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import AssumptionWarning, InputError, InputTypeError, SettingsError
from glassnet.tables import penguins_path, read_table
from glassnet.training import StopToken

optuna = pytest.importorskip(
    "optuna", reason="Optuna is not installed: the extra search of glassnet installs it"
)

from glassnet import searching  # noqa: E402

TABLE = read_table(penguins_path())
SPACE: dict[str, Any] = {
    "hidden": [(8,), (16, 8)],
    "learning_rate": (0.0001, 0.05, "log"),
    "bins": None,
    "batch_size": (16, 64, 16),
}
OF_ALL: dict[str, Any] = {"recipe": "single", "epochs": 12}


def search(**more: Any) -> searching.SearchResult:
    given: dict[str, Any] = {"space": SPACE, "trials": 6, "seed": 1, **OF_ALL, **more}
    return glassnet.search(TABLE, "species", **given)


@pytest.fixture(scope="module")
def found() -> searching.SearchResult:
    return search(trials=12)


def comparable(result: searching.SearchResult) -> list[Any]:
    return [(own.number, own.score, own.state, own.settings, own.epochs) for own in result.trials]


def test_the_best_model_is_that_of_the_best_trial(found: searching.SearchResult) -> None:
    complete = [own for own in found.trials if own.state == "complete"]
    assert found.metric == "log_loss"
    assert not found.greater
    assert found.best.score == min(own.score for own in complete if own.score is not None)
    assert found.model.validation is not None
    assert found.model.validation["log_loss"] == found.best.score
    settings = found.model.settings
    assert settings.hidden == found.settings["hidden"]
    assert settings.learning_rate == found.settings["learning_rate"]
    assert settings.optimizer.weight_decay == found.settings["optimizer.weight_decay"]  # type: ignore[attr-defined]
    assert {own.state for own in found.trials} == {"complete", "pruned"}


def test_the_first_trial_is_that_of_the_recipe(found: searching.SearchResult) -> None:
    first = found.trials[0]
    model = glassnet.train(TABLE, "species", seed=1, **OF_ALL)
    assert not first.settings
    assert model.validation is not None
    assert first.score == model.validation["log_loss"]


def test_settings_are_drawn_from_the_space(found: searching.SearchResult) -> None:
    for own in found.trials[1:]:
        assert own.settings["hidden"] in [(8,), (16, 8)]
        assert 0.0001 <= own.settings["learning_rate"] <= 0.05
        assert own.settings["batch_size"] in (16, 32, 48, 64)
        assert "bins" not in own.settings


def test_the_same_seed_gives_the_same_trials(found: searching.SearchResult) -> None:
    again = search(trials=12)
    assert comparable(again) == comparable(found)
    np.testing.assert_array_equal(again.model.learnt.vector, found.model.learnt.vector)
    assert comparable(search(seed=2)) != comparable(found)[:6]


def test_a_trial_is_pruned_at_the_same_epoch_whenever_events_come(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for rate in (1e-9, 1e9):  # an event at the end alone, and after each epoch
        monkeypatch.setattr("glassnet.training.loop.EVENTS_PER_SECOND", rate)
        ends.append(comparable(search(trials=8)))
    assert ends[0] == ends[1]
    assert "pruned" in {state for _, _, state, *_ in ends[0]}


def test_a_metric_that_is_greater_when_better_is_maximized() -> None:
    result = search(metric="accuracy", trials=4)
    assert result.metric == "accuracy"
    assert result.greater
    assert result.best.score == max(
        own.score for own in result.trials if own.state == "complete" and own.score
    )


def test_several_networks_are_compared_on_the_rows_of_all_folds() -> None:
    result = search(members=3, trials=3)
    assert len(result.model.members) == 3
    assert result.model.validation is not None
    assert result.model.validation["log_loss"] == result.best.score


def test_numbers_are_compared_by_rmse_and_functions_by_themselves() -> None:
    own = {"space": SPACE, "trials": 2, **OF_ALL}
    numbers = glassnet.search(TABLE, "body_mass_g", **own)
    assert (numbers.metric, numbers.greater) == ("rmse", False)
    two = glassnet.search(TABLE, ["body_mass_g", "bill_length_mm"], **own)
    assert two.metric == "validation_loss"
    assert two.best.score == two.model.history.validation_loss.min()

    def closeness(actual: Any, predicted: Any) -> float:
        return -float(np.abs(np.asarray(actual) - predicted).mean())

    by_function = glassnet.search(TABLE, "body_mass_g", metric=closeness, **own)
    assert (by_function.metric, by_function.greater) == ("closeness", True)
    assert by_function.best.score == by_function.model.history.validation_score.max()


def test_a_setting_that_is_given_is_not_searched() -> None:
    result = search(optimizer="nesterov", dropout=0.1, trials=3)
    assert not {"dropout", "optimizer", "optimizer.weight_decay"} & {*result.trials[2].settings}
    assert result.model.settings.optimizer.name == "nesterov"


def test_constants_are_searched_for_the_optimizers_that_have_them() -> None:
    space = {**SPACE, "optimizer": ["adamw", "momentum"], "optimizer.momentum": (0.5, 0.9)}
    result = search(space=space, trials=8)
    own = {"adamw": "optimizer.weight_decay", "momentum": "optimizer.momentum"}
    drawn = [trial.settings for trial in result.trials[1:]]
    assert {settings["optimizer"] for settings in drawn} == {*own}
    for settings in drawn:
        assert {name for name in settings if "." in name} == {own[settings["optimizer"]]}


def test_a_search_goes_on_and_another_one_is_refused(tmp_path: Path) -> None:
    storages = optuna.storages
    storage = storages.JournalStorage(storages.journal.JournalFileBackend(str(tmp_path / "trials.log")))
    space = {**dict.fromkeys(searching.SPACE), "learning_rate": [0.001, 0.01], "epochs": (1, 3)}
    given: dict[str, Any] = {"recipe": "single", "seed": 1, "storage": storage, "space": space}
    first = glassnet.search(TABLE, "species", trials=2, **given)
    second = glassnet.search(TABLE, "species", trials=4, **given)
    assert comparable(second)[:2] == comparable(first)
    assert len(second.trials) == 4
    third = glassnet.search(TABLE, "species", trials=4, **given)  # trains the best once more
    assert comparable(third) == comparable(second)
    np.testing.assert_array_equal(third.model.learnt.vector, second.model.learnt.vector)
    with pytest.raises(SettingsError) as refused:
        glassnet.search(TABLE, "island", trials=4, **{**given, "seed": 2, "dropout": 0.1})
    assert [fault.split(": ")[1].split(" ")[0] for fault in refused.value.faults[:-1]] == [
        "target",
        "settings",
        "seed",
    ]


def test_processes_with_the_same_storage_search_together(tmp_path: Path) -> None:
    program = f"""
import glassnet
from glassnet.tables import penguins_path
glassnet.search(penguins_path(), "species", storage="sqlite:///{tmp_path / "trials.db"}", trials=6, recipe="single",
                epochs=2, space={{"hidden": [(4,)]}}, seed=1)
"""
    first = subprocess.Popen([sys.executable, "-c", program])
    second = subprocess.run([sys.executable, "-c", program], check=False)
    assert first.wait() == second.returncode == 0
    study = optuna.load_study(study_name="glassnet", storage=f"sqlite:///{tmp_path / 'trials.db'}")
    assert len(study.trials) in (6, 7)  # both may begin the last


def test_the_time_ends_the_search_and_the_best_is_kept() -> None:
    begun = time.monotonic()
    result = search(timeout=0.5, trials=10_000, epochs=10**6, patience=None)
    assert time.monotonic() - begun < 60
    assert result.model.history.stop_reason == "the time of the search is over" == result.best.reason
    assert result.best.state == "stopped"
    assert result.best.score == result.model.validation["log_loss"]  # type: ignore[index]
    pytest.importorskip("matplotlib")
    assert result.draw().has_data()


def test_a_stop_token_ends_the_search() -> None:
    token = StopToken()

    def stop(event: Any) -> None:
        if getattr(event, "epoch", 0) >= 3:
            token.stop("enough")

    result = search(trials=100, callbacks=[token, stop])
    assert len(result.trials) < 100


def test_trials_that_diverge_fail_and_the_others_count() -> None:
    space = {**dict.fromkeys(searching.SPACE), "learning_rate": [1e300]}
    result = search(space=space, validation=0.2, trials=3, optimizer="gradient_descent", activation="relu")
    assert [own.state for own in result.trials] == ["complete", "failed", "failed"]
    assert "2 failed" in str(result)
    assert "Failed, trials 1, 2: " in str(result)
    assert result.trials[1].reason in str(result).replace("\n  ", " ")


def test_assumptions_are_reported_once() -> None:
    table = {"x": [*range(40)], "y": [0, 1] * 20, "id": [*range(40)]}
    with pytest.warns(AssumptionWarning) as warned:
        glassnet.search(table, "y", trials=3, space={"hidden": [(2,)]}, **OF_ALL)
    assert len([one for one in warned if one.category is AssumptionWarning]) == 1


def test_the_result_is_printed_drawn_and_written(found: searching.SearchResult) -> None:
    text = str(found)
    assert "12 trials" in text
    assert "best" in text
    assert len(found.to_text(trials=3).splitlines()) < len(text.splitlines())
    assert found._repr_html_().count("<table") >= 1
    document = json.loads(found.to_json())
    assert document["best"] == found.best.number
    assert document["trials"][0]["settings"] == {}
    pytest.importorskip("matplotlib")
    for setting in (None, "learning_rate", "hidden"):
        assert found.draw(setting).has_data()
    with pytest.raises(InputError, match=r"'hiden'.*'hidden'"):
        found.draw("hiden")


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        (
            {
                "space": {
                    "hiden": [8],
                    "hidden": (8, 16),
                    "dropout": (0.5, 1.5),
                    "learning_rate": (0.1, 0.01),
                    "l2": (0.0, 0.1, "log"),
                    "bins": [],
                    "activation": ["relu", "rely"],
                    "seed": [1, 2],
                    "optimizer.rho": (0, 1),
                    "optimizer.momentum": (0.5, 3.0),
                    "batch_size": [0, 32],
                    "epochs": (1, 2, "lin"),
                },
                "trials": 0,
                "timeout": -1,
                "checkpoint": "file",
                "l1": -1,
            },
            [
                "checkpoint", "trials is 0", "timeout is -1", "'hiden'", "'seed' cannot be searched", "'optimizer.rho'",
                "for 'hidden'", "dropout is 1.5", "range of 'learning_rate'", "range of 'l2'", "no value for 'bins'",
                "'rely'", "'optimizer.momentum' is 3.0",
                "'optimizer.momentum' is in the space, but has no effect", "batch_size is 0", "for 'epochs'",
                "l1 is -1",
            ],
        ),
        ({"validation": 0}, ["validation is 0"]),
        ({"space": [1]}, ["space is [1], but must be a mapping"]),
        ({"space": dict.fromkeys(searching.SPACE)}, ["the space is empty"]),
        ({"space": {"hidden": [(4,)]}, "hidden": (4,)}, ["'hidden' is in the space and a setting of all trials"]),
    ],
)  # fmt: skip
def test_all_faults_are_told_at_once(arguments: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(SettingsError) as refused:
        glassnet.search(TABLE, "species", **arguments)
    told = list(refused.value.faults)
    for fault in faults:
        assert any(fault in one for one in told), fault
    assert len(told) == len(faults)


def test_unknown_arguments_are_refused_with_the_right_name() -> None:
    with pytest.raises(InputTypeError, match=r"no argument 'n_trails'|no argument 'random_state'.*seed"):
        glassnet.search(TABLE, "species", random_state=1)


def test_distributions_of_optuna_are_taken() -> None:
    space = {
        **dict.fromkeys(searching.SPACE),
        "dropout": optuna.distributions.FloatDistribution(0.1, 0.3),
        "activation": optuna.distributions.CategoricalDistribution(["tanh", "relu"]),
        "patience": optuna.distributions.IntDistribution(2, 4),
    }
    drawn = [own.settings for own in search(space=space, trials=4).trials[1:]]
    assert all(0.1 <= own["dropout"] <= 0.3 and own["patience"] in (2, 3, 4) for own in drawn)
    assert {own["activation"] for own in drawn} <= {"tanh", "relu"}


def test_without_optuna_the_message_names_the_extra() -> None:
    program = "import sys; sys.modules['optuna'] = None; import glassnet; glassnet.search()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "glassnet.search needs Optuna: pip install" in ended.stderr
    assert "[search]" in ended.stderr
