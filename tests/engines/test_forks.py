"""A forked process can use every run and predictor, whatever other threads were doing with them when it was forked.

This holds for the native engine. The reference engine computes with NumPy, whose BLAS library may hang after a fork.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import glassnet
from agreement import Case, open_run
from effort import HANG
from glassnet import engines
from glassnet.engines import Rows, Run
from glassnet.net import Network, initialize

pytest.importorskip("glassnet.engines._native", reason="the native core is not built")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
CHILDREN = 12
WIDTHS = (64, 64)


def succeeds_in_a_child(work: Callable[[], None]) -> None:
    """Fork, do ``work`` in the child, and fail if it hangs or raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of forks of processes with threads
        child = multiprocessing.get_context("fork").Process(target=work)
        child.start()
    child.join(HANG)
    code = child.exitcode
    child.kill()
    assert code == 0, "the child hangs" if code is None else f"the child ended with {code}"


@contextmanager
def busy(*works: Callable[[], object]) -> Iterator[None]:
    """Within, a thread for each of ``works`` does it again and again."""
    ended = threading.Event()
    begun = [threading.Event() for _ in works]

    def repeat(work: Callable[[], object], own: threading.Event) -> None:
        while not ended.is_set():
            work()
            own.set()

    threads = [threading.Thread(target=repeat, args=pair) for pair in zip(works, begun, strict=True)]
    for thread in threads:
        thread.start()
    for event in begun:
        event.wait()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def some_run() -> tuple[Run, Rows]:
    case = Case(rows=2000, batch=500, hidden=("tanh", "tanh"), widths=WIDTHS, inputs=20)
    return open_run("native", case, np.float32, 2)


def test_a_child_predicts_while_threads_of_its_parent_do() -> None:
    run, rows = some_run()
    wanted, loss, (_, gradient) = run.predict(rows.inputs), run.evaluate(rows), run.gradients(rows)

    def compare() -> None:
        for _ in range(2):
            np.testing.assert_array_equal(run.predict(rows.inputs), wanted)
            np.testing.assert_array_equal(run.gradients(rows)[1], gradient)
            assert run.evaluate(rows) == loss

    with busy(lambda: run.predict(rows.inputs), lambda: run.evaluate(rows), lambda: run.gradients(rows)):
        for _ in range(CHILDREN):
            succeeds_in_a_child(compare)
    compare()


def test_a_child_uses_a_predictor_that_threads_of_its_parent_use() -> None:
    network = Network.of(20, WIDTHS, 2, activation="tanh")
    predict = engines.get("native").predictor(network, initialize(network, np.random.default_rng(0)))
    many = np.random.default_rng(1).random((4000, 20))
    wanted = predict(many)

    def compare() -> None:
        np.testing.assert_array_equal(predict(many), wanted)
        np.testing.assert_allclose(predict(many[3]), wanted[3], rtol=1e-6)

    with busy(lambda: predict(many), lambda: predict(many[3])):
        for _ in range(CHILDREN):
            succeeds_in_a_child(compare)


def test_a_child_says_that_a_run_in_training_is_not_complete_until_it_is_restored() -> None:
    run, rows = some_run()
    start, rates = run.snapshot(), np.full((200, 4), 1e-4)
    wanted = run.predict(rows.inputs)

    def use() -> None:
        for call in (
            lambda: run.predict(rows.inputs),
            lambda: run.epochs(rows, 500, rates),
            run.snapshot,
        ):
            with pytest.raises(RuntimeError, match="restore a snapshot first"):
                call()
        run.restore(start)
        np.testing.assert_array_equal(run.predict(rows.inputs), wanted)

    with busy(lambda: run.epochs(rows, 500, rates)):  # nearly all the time it is within a call
        for _ in range(CHILDREN):
            try:
                succeeds_in_a_child(use)
                break
            except AssertionError:  # this fork fell between two calls
                continue
        else:
            pytest.fail("no fork was within a call")


def test_a_child_predicts_and_trains_while_its_parent_does_both() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((500, 6)), rng.random(500)

    def train() -> glassnet.Model:
        return glassnet.train((X, y), hidden=(16,), epochs=4, seed=1, progress=False, recipe="single")

    model = train()
    wanted, learnt = model.predict(X), model.learnt.vector

    def compare() -> None:
        np.testing.assert_array_equal(model.predict(X), wanted)
        np.testing.assert_array_equal(train().learnt.vector, learnt)

    with busy(train, lambda: model.predict(X), lambda: model.predict(X)):
        for _ in range(CHILDREN):
            succeeds_in_a_child(compare)
