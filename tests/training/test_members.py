"""Several networks in one model: their rows, their streams of random numbers, and what ends their training."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.engines import Rows, get
from glassnet.errors import DivergenceError, SettingsError
from glassnet.net import Parameters
from glassnet.net.arrays import Array
from glassnet.tables import penguins_path
from glassnet.training import EpochsDone, Event, Pace, StopToken, TrainingEnded, TrainingStarted, members
from glassnet.training.loop import Loop
from glassnet.training.prepare import Prepared, prepare
from glassnet.training.row_source import RowsInMemory
from glassnet.training.settings import Settings
from glassnet.training.setup import Streams, initial_parameters, network_of

PENGUINS = penguins_path()
SETTINGS: dict[str, Any] = {"hidden": 6, "epochs": 4, "seed": 3, "members": 5}


def trained(**changes: Any) -> glassnet.Model:
    return glassnet.train(PENGUINS, "species", **{**SETTINGS, **changes})


def vectors(model: glassnet.Model) -> list[Array]:
    return [member.learnt.vector for member in model.members]


def assert_same(one: glassnet.Model, other: glassnet.Model) -> None:
    for own, its in zip(one.members, other.members, strict=True):
        np.testing.assert_array_equal(own.learnt.vector, its.learnt.vector)
        np.testing.assert_array_equal(own.history.validation_loss, its.history.validation_loss)


def prepared(target: str = "species", **changes: Any) -> Prepared:
    settings = Settings.of(**{**SETTINGS, **changes})
    return prepare(PENGUINS, target, settings, Streams.of(3).split)


@pytest.mark.parametrize("more", [{}, {"dropout": 0.3, "batch_size": None}])
def test_the_same_bits_for_any_number_of_threads_and_one_after_another(
    more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(threads=1, **more)
    for threads in (2, 4, 16):
        assert_same(first, trained(threads=threads, **more))
    monkeypatch.setattr(members, "memory", lambda: 0)
    assert_same(first, trained(threads=2, **more))


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_each_network_is_that_of_a_training_on_its_rows_with_its_streams(engine: str) -> None:
    if engine not in glassnet.engines.available():
        pytest.skip("there is no native engine here")
    model, found = trained(engine=engine, dropout=0.2), prepared(dropout=0.2)
    settings = found.settings
    for number, member in enumerate(model.members):
        own, streams = found.of_member(number), Streams.of(3, number)
        assert own.validation is not None
        network = network_of(settings, own.train.inputs.shape[1], own.train.targets.shape[1])
        first = initial_parameters(settings, network, streams.start)
        run = get(engine).open_run(
            network, first, settings.objective, settings.optimizer, dropout_seed=streams.dropout_seed
        )
        rows = Rows(own.train.inputs.copy(), own.train.targets.copy())
        history, kept = Loop(run, RowsInMemory(rows), own.validation.rows, settings, streams.order).train()
        assert kept is not None
        np.testing.assert_array_equal(member.initial.vector, first.vector)
        np.testing.assert_array_equal(member.learnt.vector, kept.parameters)
        np.testing.assert_array_equal(member.history.loss, history.loss)


def test_networks_start_differently_and_the_first_as_a_single_one() -> None:
    model, one = trained(), trained(members=1)
    starts = {member.initial.vector.tobytes() for member in model.members}
    assert len(starts) == 5
    assert one.members[0].initial.vector.tobytes() == model.members[0].initial.vector.tobytes()


@pytest.mark.parametrize("more", [{}, {"members": 3}, {"members": 12}, {"validation": 0.5}, {"holdout": 0.3}])
def test_rows_are_trained_on_by_all_networks_but_those_of_their_fold(more: dict[str, Any]) -> None:
    found = prepared(**more)
    folds = found.folds
    assert folds is not None
    count = len(found.parts["train"])
    assert (len(found.train), len(found.train) + len(found.parts["holdout"])) == (count, 344)
    assert len(folds.ring) <= 2 * count
    whole = {row.tobytes() for row in found.train.inputs}
    for number in range(found.settings.members):
        own = found.of_member(number)
        assert own.validation is not None
        validation = {row.tobytes() for row in own.validation.rows.inputs}
        train = {row.tobytes() for row in own.train.inputs}
        assert train.isdisjoint(validation)
        assert train | validation == whole
        assert len(own.train) + len(own.validation) == count
        assert abs(len(own.validation) - count / len(folds)) < 1
        assert np.shares_memory(own.train.inputs, folds.ring.inputs)
        assert np.shares_memory(own.validation.rows.inputs, folds.ring.inputs)
        table = own.validation_table
        assert table is not None
        assert table.num_rows == len(own.validation)


def test_without_a_share_for_validation_all_networks_have_the_same_rows() -> None:
    rows = pd.read_csv(PENGUINS)
    for more in ({"validation": 0}, {"validation": rows.iloc[::3]}, {"time": "year"}):
        model = trained(**more)
        assert "folds" not in model.provenance["rows"]
        assert len({vector.tobytes() for vector in vectors(model)}) == 5


def test_every_row_has_one_out_of_fold_prediction() -> None:
    model, found = trained(holdout=0.2), prepared(holdout=0.2)
    assert model.validation is not None
    assert model.validation.probabilities is not None
    assert model.validation.rows is not None
    np.testing.assert_array_equal(model.validation.rows, found.parts["train"])
    assert model.provenance["rows"] == {"train": 275, "validation": 275, "holdout": 69, "folds": 5}
    for number in range(5):
        own = found.of_member(number).validation
        assert own is not None
        wanted = model.target.probabilities(model.outputs(own.rows.inputs, [number]))
        places = np.searchsorted(model.validation.rows, own.numbers)
        np.testing.assert_array_equal(model.validation.probabilities[places], wanted)


def test_of_networks_with_the_same_fold_the_mean_is_taken() -> None:
    model, found = trained(members=4, validation=0.5), prepared(members=4, validation=0.5)
    own = found.of_member(1).validation
    assert own is not None
    assert model.validation is not None
    assert model.validation.probabilities is not None
    assert own.rows.inputs.tobytes() == found.of_member(3).validation.rows.inputs.tobytes()  # type: ignore[union-attr]
    wanted = model.target.probabilities(model.outputs(own.rows.inputs, [1, 3]))
    np.testing.assert_array_equal(model.validation.probabilities[own.numbers], wanted)


def test_groups_stay_together_and_weights_count() -> None:
    rows = pd.read_csv(PENGUINS).assign(nest=lambda own: np.arange(len(own)) // 7, heavy=1.5)
    found = prepare(
        rows,
        "species",
        Settings.of(**SETTINGS, groups="nest", sample_weight="heavy"),
        Streams.of(3).split,
    )
    nests = [set(rows["nest"][found.of_member(number).validation.numbers]) for number in range(5)]  # type: ignore[union-attr]
    assert sum(map(len, nests)) == len(set().union(*nests)) == rows["nest"].nunique()
    weights = found.of_member(2).train.weights
    assert weights is not None
    assert (weights == 1.5).all()
    with pytest.raises(SettingsError, match="needs rows with a weight"):
        glassnet.train(rows, "species", **SETTINGS, sample_weight=np.r_[1.0, np.zeros(343)])


@pytest.mark.parametrize("target", ["body_mass_g", ["body_mass_g", "bill_depth_mm"], ["species", "sex"]])
def test_every_kind_of_target_is_saved_and_loaded(target: Any, tmp_path: Path) -> None:
    model = glassnet.train(PENGUINS, target, **SETTINGS, holdout=0.2, snapshots=2)
    assert model.validation is not None
    model.save(tmp_path / "one.glassnet")
    again = glassnet.load(tmp_path / "one.glassnet")
    again.save(tmp_path / "two.glassnet")
    assert (tmp_path / "one.glassnet").read_bytes() == (tmp_path / "two.glassnet").read_bytes()
    assert_same(model, again)
    np.testing.assert_array_equal(model.predict(PENGUINS), again.predict(PENGUINS))
    assert again.validation is not None
    assert again.validation.metrics == model.validation.metrics


def test_events_come_from_one_thread_and_name_the_network() -> None:
    seen: list[Event] = []

    def watch(event: Event) -> None:
        assert threading.current_thread() is threading.main_thread()
        event.parameters()
        seen.append(event)

    model = trained(callbacks=watch)
    [started] = [event for event in seen if isinstance(event, TrainingStarted)]
    assert (started.rows, started.validation_rows, started.folds, started.members) == (344, 344, 5, 5)
    ended = [event for event in seen if isinstance(event, TrainingEnded)]
    assert sorted(event.member for event in ended) == list(range(5))
    for event in ended:
        assert event.history.best_epoch == model.members[event.member].history.best_epoch
    assert {event.members for event in seen} == {5}


def test_ctrl_c_ends_all_networks_and_keeps_the_best_of_each() -> None:
    known: set[int] = set()

    def press(event: Event) -> None:
        if isinstance(event, EpochsDone):
            known.add(event.member)
            if len(known) == 5:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)  # a second one loses nothing

    model = trained(epochs=10**7, patience=None, callbacks=press)
    assert {member.history.stop_reason for member in model.members} == {"interrupted"}
    for member in model.members:
        assert member.history.best_epoch == int(member.history.validation_score.argmin()) + 1


def test_networks_without_an_epoch_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "memory", lambda: 0)  # so that they are trained one after another

    def stop(event: Event) -> None:
        if event.member == 1 and isinstance(event, EpochsDone):
            event.stop.stop("seen enough")

    with pytest.warns(RuntimeWarning, match=r"3 of the 5 networks was complete: the model has the other 2"):
        model = trained(callbacks=stop)
    assert len(model.members) == 2
    found = prepared()
    judged = [found.of_member(number).validation.numbers for number in (0, 1)]  # type: ignore[union-attr]
    assert model.validation is not None
    np.testing.assert_array_equal(model.validation.rows, np.sort(np.concatenate(judged)))
    with pytest.raises(KeyboardInterrupt, match="no model to keep"):
        trained(callbacks=lambda event: signal.raise_signal(signal.SIGINT))


@pytest.mark.parametrize("room", [0, 2**40])
def test_the_time_is_for_all_networks_together(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "memory", lambda: room)
    model = trained(epochs=10**7, patience=None, max_time=0.2)
    assert {member.history.ended_by for member in model.members} == {"max_time"}


def test_a_network_that_diverges_is_named_and_stops_the_others_alone() -> None:
    token = StopToken()
    start = trained(members=1).initial.vector * np.float32(1e30)
    with pytest.raises(DivergenceError, match=r"training of network \d diverged"):
        trained(init=start, epochs=10**7, callbacks=token)
    assert not token.stopped


def test_given_parameters_are_the_start_of_all_networks() -> None:
    one = trained(members=1)
    model = trained(init=one.learnt.vector)
    for member in model.members:
        np.testing.assert_array_equal(member.initial.vector, one.learnt.vector)
    assert len({vector.tobytes() for vector in vectors(model)}) == 5


def test_an_own_metric_is_not_called_by_two_networks_at_a_time() -> None:
    busy = threading.Lock()

    def share(actual: Array, predicted: Array) -> float:
        assert busy.acquire(blocking=False)
        found = float(np.mean(actual == predicted))
        busy.release()
        return found

    model = trained(metric=share, epochs=20, threads=4)
    assert model.history.metric == "share"
    assert [len(member.history.validation_score) for member in model.members] == [20] * 5


def test_a_failing_metric_raises_its_error() -> None:
    def broken(actual: Array, predicted: Array) -> float:
        raise ZeroDivisionError("no such metric")

    with pytest.raises(ZeroDivisionError, match="no such metric"):
        trained(metric=broken)


def test_a_pace_is_refused() -> None:
    with pytest.raises(SettingsError, match="members=5: the training of several networks cannot be paused"):
        trained(callbacks=Pace())


def test_the_page_refuses_several_networks() -> None:
    pytest.importorskip("starlette")
    with pytest.raises(SettingsError, match="the page shows the training of one network"):
        glassnet.watch(PENGUINS, "species", members=3, browser=False)


def test_the_history_of_several_is_their_mean() -> None:
    model = trained(epochs=30, patience=2)
    epochs = min(member.history.epochs for member in model.members)
    assert model.history.epochs == epochs
    np.testing.assert_allclose(
        model.history.loss, np.mean([own.history.loss[:epochs] for own in model.members], axis=0)
    )
    assert 1 <= model.history.best_epoch <= epochs
    assert Parameters(model.network, vectors(model)[0])[0].weights.shape == (model.network.inputs, 6)
