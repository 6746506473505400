"""The loop: what ends a training, what is kept, and that its calls' sizes do not matter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from glassnet.engines import Rows, get
from glassnet.errors import DivergenceError
from glassnet.net import SCHEDULES, Network, Objective, Parameters, initialize
from glassnet.net.optimizers import Adam, GradientDescent
from glassnet.training.events import EpochsDone, Event, TrainingEnded, Watchers
from glassnet.training.loop import Loop
from glassnet.training.plan import Plan
from glassnet.training.stop import StopToken
from glassnet.training.validation_metric import Judge

NETWORK = Network.of(3, (5,), 1, activation="tanh")


def rows(count: int = 40, seed: int = 0, noise: float = 0.1) -> Rows:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(count, 3))
    targets = np.sin(inputs[:, :1]) + noise * rng.normal(size=(count, 1))
    return Rows(inputs, targets)


def plan(**changes: object) -> Plan:
    settings = {
        "epochs": 30,
        "batch_size": 8,
        "learning_rate": 0.01,
        "schedule": SCHEDULES["constant"](),
        "optimizer": Adam(),
    }
    return Plan(**{**settings, **changes})  # type: ignore[arg-type]


def loop(the_plan: Plan, validation: Rows | None = None, rate_rule: object = None, **more: object) -> Loop:
    start = initialize(NETWORK, np.random.default_rng(1))
    run = get("reference").open_run(NETWORK, start, Objective(), rate_rule or Adam())  # type: ignore[arg-type]
    return Loop(run, rows(), validation, the_plan, np.random.default_rng(2), **more)  # type: ignore[arg-type]


def learnt(trained: Loop) -> np.ndarray:
    return trained.run.snapshot().parameters


def test_the_sizes_of_the_calls_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for size in (1, 4, 30):
        trained = loop(plan())
        monkeypatch.setattr(Loop, "_epochs_a_look", lambda self, seconds, count, size=size: size)
        trained.train()
        results.append((learnt(trained), trained.history.loss))
    for vector, losses in results[1:]:
        np.testing.assert_array_equal(vector, results[0][0])
        np.testing.assert_array_equal(losses, results[0][1])


def test_the_best_epoch_on_validation_is_kept() -> None:
    validation = rows(30, seed=5)
    trained = loop(plan(epochs=60, learning_rate=0.3), validation)
    history = trained.train()
    assert history.best_epoch == int(history.validation_loss.argmin()) + 1
    assert trained.run.evaluate(validation) == history.validation_loss.min()


def test_a_judge_that_never_tells_is_told_of() -> None:
    silent = Judge("auc", lambda vector: float("nan"))
    with pytest.warns(RuntimeWarning, match="the metric auc was not a finite number after any epoch"):
        history = loop(plan(), rows(30), judge=silent).train()
    assert history.best_epoch == history.epochs


def test_patience_counts_epochs_since_the_best() -> None:
    trained = loop(plan(epochs=500, learning_rate=0.3, patience=5), rows(30, seed=5))
    history = trained.train()
    assert history.epochs == history.best_epoch + 5
    assert history.stop_reason == "no better validation loss for 5 epochs"


def test_without_validation_all_epochs_are_done_and_the_last_is_kept() -> None:
    history = loop(plan(patience=1)).train()
    assert (history.epochs, history.best_epoch) == (30, 30)
    assert len(history.validation_loss) == 0
    assert history.stop_reason == "all epochs done"


def test_max_time_ends_a_training() -> None:
    history = loop(plan(epochs=10**7, max_time=0.05)).train()
    assert history.stop_reason == "0.05 seconds are over"
    assert 0 < history.epochs < 10**7


def test_a_watcher_can_end_it_through_the_token_and_the_best_is_kept() -> None:
    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone) and event.epoch >= 3:
            event.stop.stop("seen enough")

    token = StopToken()
    validation = rows(30, seed=5)
    trained = loop(plan(epochs=10**6), validation, stop=token, watchers=Watchers(watch))
    history = trained.train()
    assert history.stop_reason == "seen enough"
    assert 3 <= history.epochs < 10**6
    assert trained.run.evaluate(validation) == history.validation_loss.min()


def test_a_token_set_beforehand_keeps_the_start() -> None:
    token = StopToken()
    token.stop("never mind")
    trained = loop(plan(), stop=token)
    history = trained.train()
    assert history.epochs == 0
    np.testing.assert_array_equal(learnt(trained), initialize(NETWORK, np.random.default_rng(1)).vector)


def test_divergence_says_at_which_step_and_what_to_change() -> None:
    diverging = loop(plan(learning_rate=1e200), rate_rule=GradientDescent())
    with pytest.raises(DivergenceError, match=r"step \d+ .*smaller learning rate") as caught:
        diverging.train()
    assert caught.value.step > 1


def test_divergence_at_the_very_last_step_is_told_too() -> None:
    last = loop(plan(learning_rate=math.inf, batch_size=40, epochs=1), rate_rule=GradientDescent())
    with pytest.raises(DivergenceError, match=r"step 1 \(epoch 1\)"), np.errstate(all="ignore"):
        last.train()


def test_divergence_after_a_validated_epoch_keeps_the_best() -> None:
    class Explode(type(SCHEDULES["constant"]())):  # type: ignore[misc]
        def factor(self, step: np.ndarray, total: int) -> np.ndarray:
            return np.where(step < 20, 1.0, 1e250)

    trained = loop(plan(schedule=Explode()), rows(30, seed=5), rate_rule=GradientDescent())
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Kept is epoch"):
        history = trained.train()
    assert history.stop_reason.startswith("diverged at step")
    assert np.isfinite(learnt(trained)).all()


def test_a_failing_watcher_is_detached_and_training_goes_on() -> None:
    seen: list[Event] = []

    def fails(event: Event) -> None:
        raise RuntimeError("no paper")

    with pytest.warns(RuntimeWarning, match="no paper"):
        history = loop(plan(), watchers=Watchers([fails, seen.append])).train()
    assert history.epochs == 30
    assert isinstance(seen[-1], TrainingEnded)
    assert any(isinstance(event, EpochsDone) and event.epoch == 30 for event in seen)


def test_the_schedule_and_the_rate_reach_the_engine() -> None:
    history = loop(plan(schedule=SCHEDULES["cosine"](), epochs=10)).train()
    assert history.rate[0] > history.rate[-1] > 0
    assert history.rate[0] <= 0.01


def test_a_run_can_be_seen_through_its_parameters() -> None:
    trained = loop(plan())
    trained.train()
    assert Parameters(NETWORK, learnt(trained))[0].weights.shape == (3, 5)
