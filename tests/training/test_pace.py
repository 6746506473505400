"""The pace of a training: when its epochs are run; never what they compute."""

import threading
import time
from typing import Any

import numpy as np
import pytest

import glassnet
from effort import HANG, wait_for
from glassnet.net import OPTIMIZERS, Parameters, backward, forward
from glassnet.training import EpochsDone, Pace, StepDone, StopToken

TABLE = {"x": np.linspace(-1, 1, 60).tolist(), "y": (np.linspace(-1, 1, 60) ** 2).tolist()}
SETTINGS: dict[str, Any] = {"hidden": (4,), "epochs": 12, "seed": 1, "progress": False, "validation": 0.0}


def test_a_paced_training_computes_the_same() -> None:
    pace = Pace()
    epochs: list[int] = []
    pace.allow(3)

    def on_event(event: object) -> None:
        if isinstance(event, EpochsDone):
            epochs.append(event.epoch)
            if event.epoch == 3:
                pace.allow(2)
            elif event.epoch == 5:
                pace.release()

    paced = glassnet.train(TABLE, "y", callbacks=[pace, on_event], **SETTINGS, recipe="single")
    whole = glassnet.train(TABLE, "y", **SETTINGS, recipe="single")
    assert (paced.learnt.vector == whole.learnt.vector).all()
    assert (paced.history.loss == whole.history.loss).all()
    assert {3, 5, 12} <= set(epochs)


@pytest.mark.filterwarnings("ignore:training was stopped before its first epoch")
def test_it_starts_paused_and_a_stop_ends_the_wait() -> None:
    pace, token = Pace(), StopToken()
    found: list[glassnet.Model] = []

    thread = threading.Thread(
        target=lambda: found.append(
            glassnet.train(TABLE, "y", callbacks=[pace, token], **SETTINGS, recipe="single")
        )
    )
    thread.start()
    while thread.is_alive() and not pace.waits:
        time.sleep(0.01)
    assert pace.waits
    assert not found
    token.stop("enough")
    thread.join(HANG)
    assert found[0].history.epochs == 0
    assert found[0].history.stop_reason == "enough"


def test_the_speed_is_a_number_of_epochs_per_second() -> None:
    pace = Pace(speed=50)
    pace.play()
    started = time.perf_counter()
    glassnet.train(TABLE, "y", callbacks=pace, **SETTINGS, recipe="single")
    assert time.perf_counter() - started >= 11 / 50


def test_the_seconds_of_a_training_are_without_those_that_it_waits() -> None:
    pace = Pace(speed=10)
    pace.play()
    started = time.perf_counter()
    model = glassnet.train(TABLE, "y", callbacks=pace, **SETTINGS, recipe="single")
    assert pace.waited > 0
    assert model.history.seconds <= time.perf_counter() - started - pace.waited


def test_a_pause_tells_of_all_epochs_that_were_run() -> None:
    pace, token = Pace(speed=200), StopToken()
    told: list[int] = []
    found: list[glassnet.Model] = []

    def on_event(event: object) -> None:
        if isinstance(event, EpochsDone):
            told.append(event.epoch)

    settings = {**SETTINGS, "recipe": "single", "epochs": 100_000, "callbacks": [pace, token, on_event]}
    thread = threading.Thread(target=lambda: found.append(glassnet.train(TABLE, "y", **settings)))
    thread.start()
    pace.play()
    wait_for(lambda: bool(told) and told[-1] > 20)
    pace.pause()
    waited = pace.waited
    wait_for(lambda: pace.waited > waited)  # it computes nothing more
    before = told[-1]
    token.stop("enough")
    thread.join(HANG)
    assert before == found[0].history.epochs


def in_its_own_time(table: dict[str, Any], presses: list[str], **settings: Any) -> tuple[Any, list[StepDone]]:
    """The model and the steps of a training that goes on as it is asked to: each press when it waits for the next."""
    pace, token = Pace(), StopToken()
    steps: list[StepDone] = []
    found: list[glassnet.Model] = []

    def on_event(event: object) -> None:
        if isinstance(event, StepDone):
            steps.append(event)

    def work() -> None:
        found.append(
            glassnet.train(table, "y", callbacks=[pace, token, on_event], **settings, recipe="single")
        )

    thread = threading.Thread(target=work)
    thread.start()
    for at, press in enumerate(presses):
        asked = presses[:at].count("step")
        while thread.is_alive() and not (pace.waits and len(steps) == asked):
            time.sleep(0.001)
        {"step": pace.step, "epoch": lambda: pace.allow(1), "finish": pace.release, "stop": token.stop}[
            press
        ]()
    thread.join(HANG)
    return found[0], steps


@pytest.mark.parametrize("engine", ["auto", "reference"])
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_single_steps_do_not_change_what_is_computed(engine: str, optimizer: str) -> None:
    settings = {
        **SETTINGS,
        "epochs": 6,
        "batch_size": 16,
        "dropout": 0.2,
        "engine": engine,
        "optimizer": optimizer,
    }
    settings |= {"hidden": (8, 4), "l2": 0.01, "validation": 0.2}
    presses = ["step", "step", "epoch", "epoch", *["step"] * 4, "finish"]
    stepped, steps = in_its_own_time(TABLE, presses, **settings)
    whole = glassnet.train(TABLE, "y", **settings, recipe="single")
    assert (stepped.learnt.vector == whole.learnt.vector).all()
    assert (stepped.history.validation_loss == whole.history.validation_loss).all()
    np.testing.assert_allclose(stepped.history.loss, whole.history.loss, rtol=1e-12)
    places = [(1, 1), (1, 2), (3, 1), (3, 2), (3, 3), (4, 1)]
    assert [(own.epoch, own.place) for own in steps] == places
    assert {own.steps for own in steps} == {3}
    assert [len(own.rows) for own in steps] == [16, 16, 16, 16, 16, 16]
    assert len({*np.concatenate([own.rows for own in steps[2:5]])}) == 48


def test_a_step_has_its_batch_and_the_parameters_on_both_sides() -> None:
    model, steps = in_its_own_time(
        TABLE, ["step", "step", "finish"], **SETTINGS, batch_size=16, optimizer="momentum"
    )
    first, second = steps
    assert (first.before.parameters == model.initial.vector).all()
    assert (first.after.parameters == second.before.parameters).all()
    rule = model.settings.optimizer
    gradient = backward_of(model, first)
    made, _ = rule.update(first.before.parameters, gradient, first.before.state, first.rate)
    np.testing.assert_allclose(made, first.after.parameters, rtol=1e-5, atol=1e-7)


def backward_of(model: Any, step: StepDone) -> Any:
    """The gradient (P,) of a step."""
    start = Parameters(model.network, step.before.parameters)
    trace = forward(model.network, start, step.batch.inputs)
    return backward(model.network, start, trace, step.batch.targets, model.objective).parameters.vector


@pytest.mark.filterwarnings("ignore:training was stopped before its first epoch")
def test_a_stop_within_an_epoch_ends_it_before_the_next_step() -> None:
    model, steps = in_its_own_time(TABLE, ["step", "stop"], **SETTINGS, batch_size=16)
    assert model.history.epochs == 0
    assert (model.learnt.vector == steps[0].after.parameters).all()
