"""Calls of the native engine end early: handlers of signals run meanwhile, and a stop flag is seen within a step."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from agreement import ENGINES, Case, open_run, train
from glassnet import engines
from glassnet.engines import Rows, Run
from glassnet.engines.protocol import Stopped
from glassnet.net import Network, Parameters, initialize
from glassnet.net.optimizers import Adam

pytest.importorskip("glassnet.engines._native", reason="the native core is not built")
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="os.kill does not send signals there")

HANDLED = 3  # signals, each sent once the handler of the one before has run


@pytest.fixture(scope="module")
def long() -> tuple[Run, Rows]:
    """A run, and rows on which a single step takes minutes."""
    network = Network.of(8, (2000, 2000), 1)
    parameters = initialize(network, np.random.default_rng(0), dtype=np.float32)
    run = engines.get("native").open_run(network, parameters)
    return run, Rows(np.ones((1_000_000, 8), np.float32), np.ones((1_000_000, 1), np.float32))


@contextmanager
def signals(handle: Callable[[int], None]) -> Iterator[None]:
    """Sends this process signals from another thread, which runs when the main thread is in C++; counts the handled."""
    handled, begun, ended = 0, threading.Event(), threading.Event()

    def own_handler(number: int, frame: Any) -> None:
        nonlocal handled
        handled += 1
        handle(handled)

    def send() -> None:
        begun.wait()
        for number in range(HANDLED):
            while handled < number and not ended.is_set():
                ended.wait(0.001)
            if not ended.is_set():
                os.kill(os.getpid(), signal.SIGINT)

    previous, interval = signal.signal(signal.SIGINT, own_handler), sys.getswitchinterval()
    # The other thread gets its turn when the main thread gives it up; within a second, since Python 3.11 may not end a
    # thread that is traced, as for coverage, before the main thread has handled a signal.
    sys.setswitchinterval(1)
    sender = threading.Thread(target=send)
    try:
        sender.start()
        begun.set()
        yield
    finally:
        ended.set()
        sys.setswitchinterval(interval)
        sender.join()
        signal.signal(signal.SIGINT, previous)


class Enough(Exception):
    pass


def enough(handled: int) -> None:
    if handled == HANDLED:
        raise Enough


@needs_signals
@pytest.mark.parametrize("what", ["epochs", "predict", "evaluate", "gradients", "predictor"])
def test_handlers_of_signals_run_during_a_call_and_can_end_it(long: tuple[Run, Rows], what: str) -> None:
    run, rows = long
    rate = np.full((1, 1), 0.01)
    before = run.snapshot()
    parameters = Parameters(Network.of(8, (2000, 2000), 1), before.parameters)
    calls: dict[str, Callable[[], Any]] = {
        "epochs": lambda: run.epochs(rows, len(rows), rate),
        "predict": lambda: run.predict(rows.inputs),
        "evaluate": lambda: run.evaluate(rows),
        "gradients": lambda: run.gradients(rows),
        "predictor": lambda: engines.get("native").predictor(parameters.network, parameters)(rows.inputs),
    }
    with pytest.raises(Enough), signals(enough):
        calls[what]()
    after = run.snapshot()
    assert after.state.step == 0  # of the step, nothing was made
    np.testing.assert_array_equal(after.parameters, before.parameters)


@needs_signals
def test_a_handler_may_stop_training_amid_a_step(long: tuple[Run, Rows]) -> None:
    run, rows = long
    stop = np.zeros(1, np.uint8)

    def set_stop(handled: int) -> None:
        stop[0] = handled == HANDLED

    with signals(set_stop):
        done = run.epochs(rows, len(rows), np.full((1, 1), 0.01), stop=stop)
    assert (len(done.losses), done.diverged_at) == (0, None)
    assert run.snapshot().state.step == 0


@needs_signals
def test_a_handler_cannot_use_the_run_that_is_working(long: tuple[Run, Rows]) -> None:
    run, rows = long

    def use(handled: int) -> None:
        run.snapshot()

    with pytest.raises(RuntimeError, match="this thread is using this network already"), signals(use):
        run.predict(rows.inputs)
    assert run.snapshot().state.step == 0


@pytest.mark.parametrize("what", ["predict", "evaluate"])
def test_another_thread_stops_what_has_no_result_yet(long: tuple[Run, Rows], what: str) -> None:
    run, rows = long
    stop = np.zeros(1, np.uint8)
    thread = threading.Thread(target=lambda: stop.__setitem__(0, 1))
    with pytest.raises(Stopped):
        thread.start()
        if what == "predict":
            run.predict(rows.inputs, stop)
        else:
            run.evaluate(rows, stop)
    thread.join()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_stopped_beforehand_has_no_result(engine: str) -> None:
    run, rows = open_run(engine, Case(), np.float32)
    stop = np.ones(1, np.uint8)
    with pytest.raises(Stopped):
        run.predict(rows.inputs, stop)
    with pytest.raises(Stopped):
        run.evaluate(rows, stop)


@pytest.mark.parametrize("batch", [3, 40, 700])
def test_a_run_goes_on_after_a_stop_as_if_it_had_not_been_stopped(batch: int) -> None:
    """Whole steps are made, however many: the steps that are left give the same parameters."""
    case = Case(rows=700, batch=batch, hidden=("tanh",), widths=(300,), inputs=50)
    (stopped, rows), (whole, _) = (
        open_run("native", case, np.float32, 2),
        open_run("native", case, np.float32, 2),
    )
    steps, stop = -(-700 // batch), np.zeros(1, np.uint8)
    thread = threading.Thread(target=lambda: stop.__setitem__(0, 1))
    thread.start()
    stopped.epochs(rows, batch, np.full((400, steps), 1e-4), stop=stop)
    thread.join()
    made = stopped.snapshot().state.step
    epochs, more = divmod(made, steps)
    whole.epochs(rows, batch, np.full((epochs, steps), 1e-4))
    for number in range(more):
        part = slice(number * batch, (number + 1) * batch)
        whole.epochs(Rows(rows.inputs[part], rows.targets[part]), batch, np.full((1, 1), 1e-4))
    np.testing.assert_array_equal(stopped.snapshot().parameters, whole.snapshot().parameters)


def test_the_update_of_a_large_step_has_the_bits_of_the_gradient_and_the_update_apart() -> None:
    """Steps of over 2e9 products store the gradient, as clipping does: their update cannot be interrupted."""
    case = Case(
        rows=150, batch=61, hidden=("tanh",), widths=(300,), inputs=70, l2=0.01, l1=0.01, weights=True
    )
    ends = set()
    for norm in (None, 1e30):
        run, rows = open_run("native", case._replace(optimizer=Adam(max_norm=norm)), np.float32, 2)
        train(run, rows, case, 3)
        ends.add(run.snapshot().parameters.tobytes())
    assert len(ends) == 1
