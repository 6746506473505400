"""Stop tokens, and Ctrl-C, which ends a training; only where it hangs, a later one interrupts as usual."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import glassnet
from agreement import ENGINES, Case, open_run
from effort import Clock
from glassnet.engines.protocol import Stopped
from glassnet.training import stop
from glassnet.training.events import EpochsDone, Event, TrainingStarted
from glassnet.training.stop import PATIENCE, StopToken, stop_on_interrupt


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_interrupts_stop_and_only_a_late_one_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(stop, "time", SimpleNamespace(monotonic=clock))
    token = StopToken()
    with pytest.raises(KeyboardInterrupt), stop_on_interrupt(token):
        clock.now = 5.0
        interrupt()
        assert token.reason == "interrupted"
        for _ in range(3):  # held down
            clock.now += PATIENCE / 4
            interrupt()
        clock.now = 5.1 + PATIENCE
        interrupt()
        pytest.fail("something hangs, and Ctrl-C does not end it")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_signal_of_kill_stops_where_it_means_the_same_as_ctrl_c() -> None:
    token = StopToken()
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with stop_on_interrupt(token):
            os.kill(os.getpid(), signal.SIGTERM)
        assert token.reason == "interrupted"
        assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, previous)
    with stop_on_interrupt(StopToken()):
        assert signal.getsignal(signal.SIGTERM) is previous


def test_the_handler_is_given_back() -> None:
    with stop_on_interrupt(StopToken()):
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_somebody_elses_handler_is_left_alone() -> None:
    heard: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with stop_on_interrupt(StopToken()) as _:
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert heard == [signal.SIGINT]


def test_other_threads_train_without_signals() -> None:
    entered: list[bool] = []

    def work() -> None:
        with stop_on_interrupt(StopToken()):
            entered.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered == [True]


def test_the_first_reason_stays() -> None:
    token = StopToken()
    token.stop("first")
    token.stop("second")
    assert token.reason == "first"


def test_a_token_among_callbacks_links_the_tokens_of_trainings() -> None:
    shared, one, other, late = (StopToken() for _ in range(4))
    for own in (one, other):
        shared(SimpleNamespace(stop=own))
    assert not one.stopped
    one.stop("enough")
    assert (other.stopped, other.reason, shared.reason) == (True, "enough", "enough")
    shared(SimpleNamespace(stop=late))
    assert late.reason == "enough"
    late.stop("again")
    assert late.reason == "enough"
    early, fresh = StopToken(), StopToken()
    early.stop("before it was linked")
    fresh(SimpleNamespace(stop=early))
    assert fresh.reason == "before it was linked"


TABLE = {"x": list(range(40)), "y": [float(i % 7) for i in range(40)]}
SETTINGS = {"hidden": 4, "epochs": 10**6, "patience": None, "seed": 1, "progress": False}


def test_ctrl_c_keeps_the_best_so_far_however_often_it_comes() -> None:
    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone) or event.stop.stopped:  # and at the end
            interrupt()

    model = glassnet.train(TABLE, "y", callbacks=watch, **SETTINGS, recipe="single")  # type: ignore[arg-type]
    assert model.history.stop_reason == "interrupted"
    assert model.history.epochs >= model.history.best_epoch >= 1
    assert not np.array_equal(model.learnt.vector, model.initial.vector)


def test_ctrl_c_within_the_first_epoch_is_an_interrupt_since_there_is_nothing_to_keep() -> None:
    def watch(event: Event) -> None:
        if isinstance(event, TrainingStarted):
            event.stop.stop(stop.INTERRUPTED)  # as the handler does, once the loop has begun

    with pytest.raises(
        KeyboardInterrupt, match="before its first epoch was complete, so there is no model to keep"
    ):
        glassnet.train(TABLE, "y", callbacks=watch, **SETTINGS, recipe="single")  # type: ignore[arg-type]


def test_a_token_that_stops_within_the_first_epoch_gives_a_model_with_a_warning() -> None:
    def watch(event: Event) -> None:
        event.stop.stop("enough")

    with pytest.warns(RuntimeWarning, match="before its first epoch was complete: the model is not trained"):
        model = glassnet.train(TABLE, "y", callbacks=watch, **SETTINGS, recipe="single")  # type: ignore[arg-type]
    assert (model.history.epochs, model.history.stop_reason) == (0, "enough")
    np.testing.assert_array_equal(model.learnt.vector, model.initial.vector)
    assert np.isfinite(model.predict(TABLE)).all()


def test_an_epoch_whose_measurement_was_stopped_does_not_count() -> None:
    token, measured = StopToken(), 0

    def metric(actual: np.ndarray, predicted: np.ndarray) -> float:
        nonlocal measured
        measured += 1
        if measured == 3:
            token.stop("enough")
            raise Stopped
        return float(measured)

    model = glassnet.train(TABLE, "y", callbacks=token, metric=metric, **SETTINGS, recipe="single")  # type: ignore[arg-type]
    history = model.history
    assert (history.epochs, history.best_epoch, history.stop_reason) == (2, 2, "enough")
    assert len(history.validation_loss) == len(history.validation_score) == 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("members", [1, 3])
def test_after_a_stop_no_row_is_computed_again(
    engine: str, members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is returned is what training has measured, so the time until then does not grow with the rows."""
    run = type(open_run(engine, Case(), np.float32)[0])
    computed: list[str] = []
    done: set[int] = set()

    def watched(name: str) -> Callable[..., Any]:
        own = getattr(run, name)

        def call(self: Any, *given: Any) -> Any:
            computed.append(name)
            return own(self, *given)

        return call

    for name in ("epochs", "evaluate", "predict", "gradients", "snapshot", "restore"):
        monkeypatch.setattr(run, name, watched(name))

    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone) and event.epoch >= 2:
            done.add(event.member)
            if len(done) == members:
                event.stop.stop()
                computed.clear()

    table = {"x": np.arange(90.0), "kind": np.repeat(["low", "middle", "high"], 30)}
    more: dict[str, Any] = {"patience": None, "progress": False, "seed": 1, "threads": 1}
    model = glassnet.train(
        table, "kind", hidden=4, epochs=10**6, members=members, engine=engine, callbacks=watch, **more
    )
    assert model.validation is not None
    assert len(model.validation.actual) == 18 * members
    # a call of epochs sees the flag at once; the other networks may be measuring
    assert set(computed) <= ({"epochs", "evaluate"} if members == 3 else {"epochs"})
