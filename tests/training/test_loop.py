"""The training loop: what ends it, what it keeps, and that the sizes of its calls do not matter."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import pytest

from effort import Clock
from glassnet.engines import Rows, Run, get
from glassnet.errors import DivergenceError, InputError
from glassnet.net import SCHEDULES, Network, Objective, Parameters, initialize
from glassnet.net.optimizers import Adam, GradientDescent
from glassnet.training.events import Callbacks, EpochsDone, Event, TrainingEnded
from glassnet.training.loop import Loop
from glassnet.training.result import Result
from glassnet.training.row_source import RowsInMemory
from glassnet.training.settings import Settings
from glassnet.training.stop import StopToken
from glassnet.training.validation_metric import ValidationMetric

NETWORK = Network.of(3, (5,), 1, activation="tanh")


def rows(count: int = 40, seed: int = 0, noise: float = 0.1) -> Rows:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(count, 3))
    targets = np.sin(inputs[:, :1]) + noise * rng.normal(size=(count, 1))
    return Rows(inputs, targets)


def plan(**changes: object) -> Settings:
    given = {"epochs": 30, "batch_size": 8, "learning_rate": 0.01, "patience": None}
    return Settings.of(**{**given, **changes})


def loop(
    the_plan: Settings, validation: Rows | None = None, rate_rule: object = None, **more: object
) -> Loop:
    start = initialize(NETWORK, np.random.default_rng(1))
    run = get("reference").open_run(NETWORK, start, Objective(), rate_rule or Adam())  # type: ignore[arg-type]
    return Loop(run, RowsInMemory(rows()), validation, the_plan, np.random.default_rng(2), **more)  # type: ignore[arg-type]


def kept_by(result: Result) -> np.ndarray:
    """The parameters that a training keeps."""
    assert result.kept is not None
    return result.kept.parameters


def loss_of(parameters: np.ndarray, validation: Rows) -> float:
    return get("reference").open_run(NETWORK, Parameters(NETWORK, parameters)).evaluate(validation)


def test_the_sizes_of_the_calls_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for size in (1, 4, 30):
        trained = loop(plan())
        monkeypatch.setattr(Loop, "_epochs_per_call", lambda self, seconds, count, size=size: size)
        results.append((kept_by(trained.train()), trained.record.loss.values))
    for vector, losses in results[1:]:
        np.testing.assert_array_equal(vector, results[0][0])
        np.testing.assert_array_equal(losses, results[0][1])


def test_the_best_epoch_on_validation_is_kept() -> None:
    validation = rows(30, seed=5)
    trained = loop(plan(epochs=60, learning_rate=0.3), validation)
    history, kept = trained.train()
    best = history.validation_loss.min()
    assert history.best_epoch == int(history.validation_loss.argmin()) + 1
    assert kept is not None
    assert loss_of(kept.parameters, validation) == best
    assert kept.validation is not None
    assert kept.validation.losses.mean() == pytest.approx(best, rel=1e-12)
    run = get("reference").open_run(NETWORK, Parameters(NETWORK, kept.parameters))
    np.testing.assert_array_equal(kept.validation.outputs, run.predict(validation.inputs))


def test_a_metric_that_is_never_finite_gives_a_warning() -> None:
    silent = ValidationMetric("auc", lambda run: float("nan"))
    with pytest.warns(RuntimeWarning, match="the metric auc was not a finite number after any epoch"):
        history = loop(plan(), rows(30), metric=silent).train().history
    assert history.best_epoch == history.epochs


def test_patience_counts_epochs_since_the_best() -> None:
    trained = loop(plan(epochs=500, learning_rate=0.3, patience=5), rows(30, seed=5))
    history = trained.train().history
    assert history.epochs == history.best_epoch + 5
    assert history.stop_reason == "no better validation loss for 5 epochs"


def test_without_validation_all_epochs_are_done_and_the_last_is_kept() -> None:
    history = loop(plan(patience=1)).train().history
    assert (history.epochs, history.best_epoch) == (30, 30)
    assert len(history.validation_loss) == 0
    assert history.stop_reason == "all epochs done"


def test_max_time_ends_a_training() -> None:
    history = loop(plan(epochs=10**7, max_time=0.05)).train().history
    assert history.stop_reason == "0.05 seconds are over"
    assert 0 < history.epochs < 10**7


def test_a_callback_can_end_it_through_the_token_and_the_best_is_kept() -> None:
    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone) and event.epoch >= 3:
            event.stop.stop("seen enough")

    token = StopToken()
    validation = rows(30, seed=5)
    trained = loop(plan(epochs=10**6), validation, stop=token, callbacks=Callbacks(watch))
    result = trained.train()
    history = result.history
    assert history.stop_reason == "seen enough"
    assert 3 <= history.epochs < 10**6
    assert loss_of(kept_by(result), validation) == history.validation_loss.min()


def test_a_token_set_beforehand_keeps_the_start() -> None:
    token = StopToken()
    token.stop("never mind")
    history, kept = loop(plan(), stop=token).train()
    assert history.epochs == 0
    assert kept is not None
    np.testing.assert_array_equal(kept.parameters, initialize(NETWORK, np.random.default_rng(1)).vector)


def test_divergence_says_at_which_step_and_what_to_change() -> None:
    diverging = loop(plan(learning_rate=1e200), rate_rule=GradientDescent())
    with pytest.raises(DivergenceError, match=r"step \d+ .*smaller learning rate") as caught:
        diverging.train()
    assert caught.value.step > 1


def test_divergence_at_the_very_last_step_is_reported_too() -> None:
    class Endless(type(SCHEDULES["constant"]())):  # type: ignore[misc]
        def factor(self, step: np.ndarray, total: int) -> np.ndarray:
            return np.full_like(step, math.inf)

    last = loop(plan(schedule=Endless(), batch_size=40, epochs=1), rate_rule=GradientDescent())
    with pytest.raises(DivergenceError, match=r"step 1 \(epoch 1\)"), np.errstate(all="ignore"):
        last.train()


def test_divergence_after_a_validated_epoch_keeps_the_best() -> None:
    class Explode(type(SCHEDULES["constant"]())):  # type: ignore[misc]
        def factor(self, step: np.ndarray, total: int) -> np.ndarray:
            return np.where(step < 20, 1.0, 1e250)

    trained = loop(plan(schedule=Explode()), rows(30, seed=5), rate_rule=GradientDescent())
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Kept epoch"):
        result = trained.train()
    assert result.history.stop_reason.startswith("diverged at step")
    assert np.isfinite(kept_by(result)).all()


def test_a_failing_callback_is_detached_and_training_continues() -> None:
    seen: list[Event] = []

    def fails(event: Event) -> None:
        raise RuntimeError("no paper")

    with pytest.warns(RuntimeWarning, match="no paper"):
        history = loop(plan(), callbacks=Callbacks([fails, seen.append])).train().history
    assert history.epochs == 30
    assert isinstance(seen[-1], TrainingEnded)
    assert any(isinstance(event, EpochsDone) and event.epoch == 30 for event in seen)


def test_the_schedule_and_the_rate_reach_the_engine() -> None:
    history = loop(plan(schedule=SCHEDULES["cosine"](), epochs=10)).train().history
    assert history.rate[0] > history.rate[-1] > 0
    assert history.rate[0] <= 0.01


class Blocks:
    """The rows in blocks of these sizes."""

    def __init__(self, all_rows: Rows, sizes: tuple[int, ...]) -> None:
        self.all_rows, self.sizes = all_rows, sizes

    def blocks(self, epoch: int) -> Iterator[Rows]:
        ends = np.cumsum(self.sizes)
        for start, end in zip(ends - self.sizes, ends, strict=True):
            parts = (None if part is None else part[start:end] for part in vars(self.all_rows).values())
            yield Rows(*parts)  # type: ignore[arg-type]


def run_of() -> Run:
    start = initialize(NETWORK, np.random.default_rng(1))
    return get("reference").open_run(NETWORK, start, Objective(), Adam())


def test_a_pass_over_a_block_is_one_call_of_the_engine() -> None:
    given = rows()
    weighted = Rows(given.inputs, given.targets, np.linspace(0.5, 2, 40))
    source, cosine = Blocks(weighted, (20, 13, 7)), SCHEDULES["cosine"]()
    trained = Loop(run_of(), source, None, plan(epochs=4, schedule=cosine), np.random.default_rng(2))
    result = trained.train()
    history = result.history
    run, order, losses = run_of(), np.random.default_rng(2), []
    rates = 0.01 * cosine.factor(np.arange(24.0), 24).reshape(4, 6)
    for epoch in range(4):
        epoch_losses, weights = [], []
        for block, steps in zip(source.blocks(0), (slice(0, 3), slice(3, 5), slice(5, 6)), strict=True):
            orders = order.permuted(np.arange(len(block))[None], axis=1)
            done = run.epochs(block, 8, rates[epoch : epoch + 1, steps], orders)
            epoch_losses.append(done.losses[0])
            weights.append(block.weight)
        losses.append(np.average(epoch_losses, weights=weights))
    np.testing.assert_array_equal(kept_by(result), run.parameters())
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    np.testing.assert_array_equal(history.rate, rates[:, -1])


def test_one_block_of_all_rows_is_the_same_as_rows_in_memory() -> None:
    validation = rows(30, seed=5)
    ends = []
    for source in (RowsInMemory(rows()), Blocks(rows(), (40,))):
        trained = Loop(run_of(), source, validation, plan(), np.random.default_rng(2))
        result = trained.train()
        ends.append((kept_by(result), result.history.loss, result.history.validation_loss))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


def test_blocks_end_as_rows_in_memory_do() -> None:
    token = StopToken()

    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone) and event.epoch >= 3:
            event.stop.stop("seen enough")

    source = Blocks(rows(), (20, 20))
    stopped = Loop(
        run_of(), source, None, plan(epochs=10**6), np.random.default_rng(2),
        stop=token, callbacks=Callbacks(watch),
    )  # fmt: skip
    assert stopped.train().history.stop_reason == "seen enough"
    start = initialize(NETWORK, np.random.default_rng(1))
    run = get("reference").open_run(NETWORK, start, Objective(), GradientDescent())
    diverging = Loop(run, source, None, plan(learning_rate=1e200), np.random.default_rng(2))
    with pytest.raises(DivergenceError, match="step"):
        diverging.train()


def test_an_event_has_the_history_so_far_and_the_parameters_while_it_is_handled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glassnet.training.loop.time.perf_counter", Clock(tick=0.02))
    seen: list[tuple[EpochsDone, np.ndarray, int]] = []

    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone):
            seen.append((event, event.parameters(), event.history.epochs))

    the_plan = plan(epochs=400, snapshots=8)
    trained = loop(the_plan, rows(30, seed=5), callbacks=Callbacks(watch))
    history = trained.train().history
    assert len(seen) > 1
    for event, parameters, epochs in seen:
        assert event.history.epochs == event.epoch == epochs
        np.testing.assert_array_equal(event.history.loss, history.loss[:epochs])
        with pytest.raises(ValueError, match="read-only"):
            event.history.loss[0] = 0.0
        kept = event.history.snapshots
        assert kept is not None
        assert all(epoch <= epochs for epoch in kept.epochs)
        with pytest.raises(InputError, match="only until the callback returns"):
            event.parameters()
        assert parameters.shape == (NETWORK.parameter_count,)
    assert not np.array_equal(seen[0][1], seen[-1][1])
    assert seen[-1][0].history.stop_reason == history.stop_reason
    with pytest.raises(dataclasses.FrozenInstanceError):
        history.seconds = 0.0  # type: ignore[misc]
