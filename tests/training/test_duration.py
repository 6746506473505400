"""The time of a training: estimated from trials with few rows, and planned for where it is limited."""

from __future__ import annotations

import numpy as np
import pytest

import glassnet
from glassnet.engines import Rows, get
from glassnet.net import SCHEDULES, Adam, Network, Objective, initialize
from glassnet.training.duration import ROWS, Duration, seconds_of_epoch
from glassnet.training.events import TrainingStarted

COSINE, CONSTANT = SCHEDULES["cosine"](), SCHEDULES["constant"]()


def test_a_schedule_is_planned_for_the_time_and_a_constant_rate_is_not() -> None:
    limited = Duration(allowed=2.0, epoch=0.1)
    assert limited.epochs(100, COSINE) == 20
    assert limited.epochs(5, COSINE) == 5
    assert limited.epochs(100, CONSTANT) == 100
    assert Duration(2.0).epochs(100, COSINE) == Duration(None, 0.1).epochs(100, COSINE) == 100
    assert Duration(0.01, 0.1).epochs(100, COSINE) == 1


def test_the_expected_time_is_at_most_the_allowed() -> None:
    assert Duration(None, 0.5).expected(10) == 5
    assert Duration(2.0, 0.5).expected(10) == 2
    assert Duration().expected(10) == 0


def test_an_epoch_that_would_end_too_late_is_not_begun() -> None:
    assert not Duration().is_over(1e9, 1)
    assert not Duration(10.0).is_over(5.0, 10)
    assert Duration(10.0).is_over(10.0, 1000)
    assert Duration(10.0).is_over(9.0, 3)  # a fourth would end after 12 seconds
    assert not Duration(10.0).is_over(0.0, 0)


def test_several_trainings_share_what_is_left() -> None:
    assert Duration(10.0, 0.1).shared(4.0, 3) == Duration(2.0, 0.1)
    assert Duration(None, 0.1).shared(4.0, 3) == Duration(None, 0.1)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("batch_size", [1, 32, 10**6])
def test_few_rows_are_computed_however_many_there_are(engine: str, batch_size: int) -> None:
    if engine == "native":
        pytest.importorskip("glassnet.engines._native")
    network = Network.of(3, (4,), 1)
    start = initialize(network, np.random.default_rng(0))
    seen = []

    class Counted(Rows):
        def take(self, at: object) -> Rows:
            seen.append(at.stop)  # type: ignore[attr-defined]
            return super().take(at)  # type: ignore[arg-type]

    many = 50_000
    rows = Counted(np.ones((many, 3)), np.ones((many, 1)))
    run = get(engine).open_run(network, start, Objective(), Adam())
    assert seconds_of_epoch(run, rows, rows, batch_size) > 0
    assert max(seen) <= ROWS


def test_the_event_tells_the_seconds_and_the_time_ends_the_training() -> None:
    table = {"a": np.arange(400.0), "y": np.arange(400.0) % 7}
    started = []

    def watch(event: object) -> None:
        if isinstance(event, TrainingStarted):
            started.append(event.seconds)

    glassnet.train(table, "y", epochs=3, seed=1, callbacks=watch)
    assert started[0] > 0
    model = glassnet.train(table, "y", epochs=10**6, max_time=0.3, seed=1, callbacks=watch)
    assert 0 < started[1] <= 0.3
    assert {member.history.ended_by for member in model.members} == {"max_time"}
