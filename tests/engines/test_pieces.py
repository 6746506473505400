"""The reference engine computes large batches and updates in pieces, so that it sees a stop flag between them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from agreement import Case, open_run, train
from glassnet import engines
from glassnet.engines import Rows, Run, reference
from glassnet.engines.protocol import StopFlag, Stopped
from glassnet.net import ACTIVATIONS, OPTIMIZERS, Network, Parameters
from glassnet.net.arrays import Array
from glassnet.net.optimizers import GradientDescent

CASES = [
    Case(weights=True, shuffle=True, l1=0.01, l2=0.02),
    Case(dropout=0.4, shuffle=True, l2=0.1, per_row=True),
    Case(gaps=True, weights=True),
    *(Case(optimizer=rule(max_norm=0.05), l2=0.1) for rule in OPTIMIZERS.values()),
]


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_pieces_give_the_same_steps(case: Case, sparse: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for pieces in (False, True):
        if pieces:
            monkeypatch.setattr(reference, "PIECE_ROWS", 3)
            monkeypatch.setattr(reference, "PIECE_NUMBERS", 7)
        run, rows = open_run("reference", case, np.float64)
        if sparse:
            rows = replace(rows, inputs=scipy.sparse.csr_array(rows.inputs))
        losses = train(run, rows, case, 4).losses
        end = run.snapshot()
        ends.append(
            [losses, run.evaluate(rows), run.predict(rows.inputs), end.parameters, *end.state.moments]
        )
    for whole, divided in zip(*ends, strict=True):
        np.testing.assert_allclose(divided, whole, rtol=1e-9, atol=1e-13)


def test_an_optimizer_of_ones_own_gets_the_whole_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    class Normalized(GradientDescent):
        def change(self, parameters: Array, gradient: Array, *rest: Any) -> Any:
            return -0.1 * gradient / np.linalg.norm(gradient), ()

    monkeypatch.setattr(reference, "PIECE_NUMBERS", 7)
    case = Case(optimizer=Normalized(), batch=23)
    run, rows = open_run("reference", case, np.float64)
    before = run.snapshot().parameters
    train(run, rows, case, 1)
    assert np.linalg.norm(run.snapshot().parameters - before) == pytest.approx(0.1)


def stopping(calls: int, layers: int = 1) -> tuple[Run, Rows, StopFlag, list[int]]:
    """A run whose activation sets a stop flag at one of its calls, rows for it, the flag, and the rows of each call."""
    stop = np.zeros(1, np.uint8)
    seen: list[int] = []

    def identity(z: Array) -> Array:
        seen.append(len(z))
        stop[0] = len(seen) >= calls
        return z

    activation = replace(ACTIVATIONS["identity"], name="own", function=identity)
    network = Network.of(2, (3,) * layers, 1, activation=activation)
    run = engines.get("reference").open_run(network, Parameters.zeros(network))
    count = 3 * reference.PIECE_ROWS
    return run, Rows(np.ones((count, 2)), np.ones((count, 1))), stop, seen


@pytest.mark.parametrize("what", ["epochs", "evaluate", "predict"])
def test_the_stop_flag_is_seen_between_pieces(what: str) -> None:
    run, rows, stop, seen = stopping(2)
    if what == "epochs":
        done = run.epochs(rows, len(rows), np.full((1, 1), 0.1), stop=stop)
        assert len(done.losses) == 0
        assert run.snapshot().state.step == 0
    else:
        with pytest.raises(Stopped):
            run.evaluate(rows, stop) if what == "evaluate" else run.predict(rows.inputs, stop)
    assert seen == [reference.PIECE_ROWS] * 2


@pytest.mark.parametrize("what", ["epochs", "evaluate", "predict"])
def test_the_stop_flag_is_seen_between_layers(what: str) -> None:
    run, rows, stop, seen = stopping(2, layers=9)
    calls: dict[str, Callable[[], Any]] = {
        "epochs": lambda: run.epochs(rows, 100, np.full((1, 123), 0.1), stop=stop),
        "evaluate": lambda: run.evaluate(rows, stop),
        "predict": lambda: run.predict(rows.inputs, stop),
    }
    with nullcontext() if what == "epochs" else pytest.raises(Stopped):
        calls[what]()
    assert len(seen) == 2


def test_an_update_that_is_stopped_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "PIECE_NUMBERS", 7)
    run, rows, stop, seen = stopping(3)  # the last piece of the batch
    before = run.snapshot()
    assert len(run.epochs(rows, len(rows), np.full((1, 1), 0.1), stop=stop).losses) == 0
    after = run.snapshot()
    assert len(seen) == 3
    assert after.state.step == 0
    np.testing.assert_array_equal(after.parameters, before.parameters)


@pytest.mark.parametrize("stored", [0.001, None])
def test_a_piece_takes_as_long_for_any_network(stored: float | None) -> None:
    """Between 32 and 4096 rows; sparse inputs count by the numbers that they store."""
    network = Network.of(10_000, (10_000,), 1)
    inputs: Any = np.broadcast_to(np.float32(0), (100_000, 10_000))
    if stored is not None:
        inputs = scipy.sparse.random_array((1000, 10_000), density=stored, format="csr", rng=0)
    sizes = {part.stop - part.start for part in reference._pieces(slice(0, 4096 * 3), network, inputs)}
    assert sizes == ({32} if stored is None else {4096})
