"""``train``: accurate and repeatable models from tables and arrays, and its errors."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.engines import get
from glassnet.errors import DivergenceError, InputError, InputTypeError, SettingsError, TableError
from glassnet.net import Network, Quantile, initialize, penalty
from glassnet.tables import penguins_path
from glassnet.training import EpochsDone, Event, ModelTrained, StopToken, TrainingEnded, TrainingStarted

PENGUINS = penguins_path()


def test_penguins_are_reported_apart() -> None:
    model = glassnet.train(PENGUINS, "species", holdout=0.2, seed=1, recipe="single")
    assert model.holdout is not None
    assert len(model.holdout) == 69
    assert model.holdout["accuracy"] > 0.95 > 0.5 > model.holdout.baseline["accuracy"]
    assert model.holdout["log_loss"] < 0.2
    assert model.provenance["rows"] == {"train": 206, "validation": 69, "holdout": 69}


def test_held_out_rows_are_weighed_as_they_are_in_training() -> None:
    X, y = np.random.default_rng(0).normal(size=(2, 100, 1))
    model = glassnet.train(
        (X, y[:, 0]), sample_weight=np.abs(y), holdout=0.3, epochs=5, seed=1, recipe="single"
    )
    assert model.holdout is not None
    actual, predicted = model.holdout.actual, model.holdout.predicted
    wanted = np.average((actual - predicted) ** 2, weights=np.abs(actual)) ** 0.5
    assert model.holdout["rmse"] == pytest.approx(wanted)


def test_body_mass_is_predicted_in_grams() -> None:
    model = glassnet.train(PENGUINS, "body_mass_g", holdout=0.2, seed=1, recipe="single")
    assert model.holdout is not None
    assert model.holdout["r2"] > 0.7
    assert 200 < model.holdout["rmse"] < 450 < model.holdout.baseline["rmse"] < 1000
    assert 2000 < model.predict(PENGUINS).mean() < 6000


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile", "poisson"])
def test_every_loss_for_numbers_learns(loss: str) -> None:
    model = glassnet.train(PENGUINS, "body_mass_g", loss=loss, holdout=0.2, seed=1, recipe="single")
    assert model.holdout is not None
    assert model.holdout["r2"] > 0.65


def test_a_quantile_lies_where_it_says() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (3000, 1))
    y = x[:, 0] + rng.exponential(1, 3000)
    model = glassnet.train((x, y), loss=Quantile(0.9), seed=1, recipe="single")
    assert np.mean(y < model.predict(x)) == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize(
    "optimizer", ["gradient_descent", "momentum", "nesterov", "rmsprop", "adam", "adamw"]
)
def test_every_optimizer_learns_with_its_own_learning_rate(optimizer: str) -> None:
    model = glassnet.train(
        PENGUINS, "species", optimizer=optimizer, epochs=60, holdout=0.2, seed=1, recipe="single"
    )
    assert model.holdout is not None
    assert model.holdout["accuracy"] > 0.9


def test_the_same_seed_gives_the_same_model_and_another_seed_another() -> None:
    one, same, other = (
        glassnet.train(PENGUINS, "species", epochs=3, seed=seed, recipe="single") for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.learnt.vector, same.learnt.vector)
    assert not np.array_equal(one.learnt.vector, other.learnt.vector)


def test_a_drawn_seed_is_recorded_and_makes_the_model_again() -> None:
    drawn = glassnet.train(PENGUINS, "species", epochs=3, dropout=0.2, recipe="single")
    again = glassnet.train(
        PENGUINS, "species", epochs=3, dropout=0.2, seed=drawn.settings.seed, recipe="single"
    )
    np.testing.assert_array_equal(drawn.learnt.vector, again.learnt.vector)
    assert drawn.provenance["data"] == again.provenance["data"]


def test_the_recorded_settings_make_the_model_again() -> None:
    first = glassnet.train(
        PENGUINS, "species", epochs=3, hidden=(7,), activation="tanh", schedule="cosine", recipe="single"
    )
    again = glassnet.train(PENGUINS, "species", **first.settings.to_dict())
    np.testing.assert_array_equal(first.learnt.vector, again.learnt.vector)


def test_more_epochs_do_not_change_the_start() -> None:
    short, long = (
        glassnet.train(PENGUINS, "species", epochs=epochs, seed=3, recipe="single") for epochs in (1, 5)
    )
    np.testing.assert_array_equal(short.initial.vector, long.initial.vector)
    np.testing.assert_array_equal(short.history.loss, long.history.loss[:1])


def test_float64_and_no_hidden_layer_are_legal() -> None:
    model = glassnet.train(PENGUINS, "species", hidden=(), dtype="float64", seed=1, recipe="single")
    assert model.learnt.dtype == np.float64
    assert len(model.network.layers) == 1
    assert model.evaluate(PENGUINS)["accuracy"] > 0.95


def test_a_start_can_be_given_in_every_form() -> None:
    network = Network.of(15, (4,), 3, output="softmax")
    start = initialize(network, np.random.default_rng(9), "normal", "float32")
    pairs = [(layer.weights, layer.biases) for layer in start]
    for init in (start, start.vector, pairs):
        model = glassnet.train(PENGUINS, "species", hidden=4, init=init, epochs=1, seed=1, recipe="single")
        np.testing.assert_array_equal(model.initial.vector, start.vector)
        assert model.settings.init == "given"
    named = glassnet.train(PENGUINS, "species", hidden=4, init="normal", epochs=1, seed=1, recipe="single")
    assert named.settings.init == "normal"


@pytest.mark.parametrize(
    ("init", "error"),
    [
        ("norml", SettingsError),
        (3, InputTypeError),
        ([(np.zeros((2, 2)), np.zeros(2))], InputError),
        (np.zeros(5), InputError),
        (np.full(79, "0"), InputTypeError),
        (np.zeros(79, complex), InputTypeError),
        (np.full(79, np.nan), SettingsError),
    ],
)
def test_a_start_that_does_not_fit_is_refused(init: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        glassnet.train(PENGUINS, "species", hidden=4, init=init, seed=1, recipe="single")  # type: ignore[arg-type]


def test_full_batch_descent_is_the_textbooks() -> None:
    """The worked example's network: rate 0.3 on the mean of 3 rows is rate 0.1 on their sum."""
    x = np.array([[1, 0, 1, 0], [1, 0, 1, 1], [0, 1, 0, 1]], float)
    y = np.array([[1], [1], [0]], float)
    rng = np.random.RandomState(3)
    shapes = ((4, 5), (5, 5), (5, 1))
    start = [(rng.normal(size=shape), rng.normal(size=(1, shape[1]))) for shape in shapes]
    settings = dict(
        hidden=(5, 5), activation="sigmoid", output_activation="sigmoid", loss="squared_error", task="regression",
        optimizer="gradient_descent", learning_rate=0.3, l2=0, init=start, batch_size=None,
        validation=0, scaling="none", dtype="float64", seed=0,
    )  # fmt: skip
    model = glassnet.train((x, y), epochs=10_001, **settings, recipe="single")  # type: ignore[arg-type]
    assert model.learnt[0].weights.sum() == pytest.approx(-0.512992425, abs=5e-10)
    assert model.history.epochs == 10_001
    a_step_before = glassnet.train((x, y), epochs=10_000, **settings, recipe="single")  # type: ignore[arg-type]
    np.testing.assert_allclose(a_step_before.predict(x), [0.98600643, 0.98069469, 0.01902447], atol=5e-9)


def test_events_tell_the_training() -> None:
    events: list[Event] = []
    glassnet.train(PENGUINS, "species", epochs=5, seed=1, callbacks=events.append, recipe="single")
    assert isinstance(events[0], TrainingStarted)
    assert events[0].schema.task == "multiclass"
    assert isinstance(events[-3], EpochsDone)
    assert events[-3].epoch == 5
    assert isinstance(events[-2], TrainingEnded)
    assert isinstance(events[-1], ModelTrained)


def test_another_thread_can_stop_it() -> None:
    stop, under_way = StopToken(), threading.Event()

    def other() -> None:
        under_way.wait()
        stop.stop("enough")

    def watch(event: Event) -> None:
        if isinstance(event, EpochsDone) and event.epoch > 20:
            under_way.set()

    thread = threading.Thread(target=other)
    thread.start()
    model = glassnet.train(
        PENGUINS, "species", epochs=10**7, patience=None, seed=1, callbacks=[stop, watch], recipe="single"
    )
    thread.join()
    assert model.history.stop_reason == "enough"
    assert model.evaluate(PENGUINS)["accuracy"] > 0.8


class Writer:
    """The least that programs put in the place of the standard error."""

    def write(self, text: str) -> None: ...

    def flush(self) -> None: ...


@pytest.mark.parametrize("progress", [None, True])
@pytest.mark.parametrize("stream", [None, Writer()])  # None: as under pythonw
def test_a_program_without_streams_can_train(
    monkeypatch: pytest.MonkeyPatch, progress: bool | None, stream: object
) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    assert (
        glassnet.train(
            PENGUINS, "species", epochs=2, progress=progress, seed=1, recipe="single"
        ).history.epochs
        == 2
    )


def test_ctrl_c_keeps_the_best_so_far() -> None:
    def press(event: Event) -> None:
        if isinstance(event, EpochsDone):
            os.kill(os.getpid(), signal.SIGINT)

    model = glassnet.train(
        PENGUINS, "species", epochs=10**7, patience=None, seed=1, callbacks=press, recipe="single"
    )
    assert model.history.stop_reason == "interrupted"
    assert model.history.best_epoch == int(model.history.validation_loss.argmin()) + 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"callbacks": 3}, "callbacks takes functions of one event, but got 3"),
        ({"metric": lambda actual, predicted: "good"}, "returned 'good', but must return a number"),
    ],
)
def test_helpers_of_a_wrong_type_are_reported(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputTypeError, match=message):
        glassnet.train(PENGUINS, "species", epochs=1, **settings, recipe="single")


def test_divergence_is_an_error_with_a_remedy() -> None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with pytest.raises(DivergenceError, match="smaller learning rate"):
            glassnet.train(
                PENGUINS,
                "body_mass_g",
                optimizer="gradient_descent",
                learning_rate=1e30,
                validation=0,
                seed=1,
                recipe="single",
            )


def test_targets_of_a_table_keep_their_names() -> None:
    inputs = {"a": np.arange(40.0)}
    own = pd.DataFrame({"mass": np.arange(40.0), "size": -np.arange(40.0)})
    assert glassnet.train((inputs, own), epochs=1, recipe="single").target.columns == ("mass", "size")
    assert glassnet.train((inputs, own[["size"]]), epochs=1, recipe="single").target.columns == ("size",)
    assert glassnet.train((inputs, own), ["m", "s"], epochs=1, recipe="single").target.columns == ("m", "s")


def test_the_values_of_a_target_are_not_its_name() -> None:
    with pytest.raises(InputTypeError, match="target is 3 values, but must be the name of a column"):
        glassnet.train({"a": [1.0, 2.0, 3.0]}, np.array([1.0, 2.0, 3.0]), recipe="single")  # type: ignore[arg-type]
    with pytest.raises(TableError, match=r"^column_types=\{'species': 'ignore'\} leaves out the target"):
        glassnet.train(PENGUINS, "species", column_types={"species": "ignore"}, recipe="single")


def test_numbers_of_any_type_can_name_the_target() -> None:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=[10, 20, 30])
    for target in (30, np.int64(30), table.columns[-1:], np.array([30])):
        assert glassnet.train(table, target, epochs=1, recipe="single").target.columns == ("30",)  # type: ignore[arg-type]
    with pytest.raises(TableError, match=r"target '2\.5' is not among the columns"):
        glassnet.train(table, np.float64(2.5), recipe="single")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["read", "collect", "column_names", "columns", "filled", "name"])
def test_columns_may_have_the_names_of_what_tables_can_do(name: str) -> None:
    table = pd.DataFrame({name: np.arange(40.0) % 7, "b": np.arange(40.0)})
    assert glassnet.train(table, "b", epochs=1, recipe="single").encoder.input_names == (name,)
    assert glassnet.train((table[["b"]], table[[name]]), epochs=1, recipe="single").target.columns == (name,)


def test_bad_tables_are_one_clear_error() -> None:
    with pytest.raises(TableError, match=r"specie.*Did you mean 'species'"):
        glassnet.train(PENGUINS, "specie", recipe="single")
    with pytest.raises(TableError):
        glassnet.train("no such file.csv", "y", recipe="single")
    with pytest.raises(TableError, match="one row"):
        glassnet.train(pd.DataFrame({"a": [1.0], "y": [2.0]}), "y", recipe="single")
    with pytest.raises(SettingsError, match="engine"):
        glassnet.train(PENGUINS, "species", engine="referense", recipe="single")


def test_a_class_with_a_single_row_is_a_warning() -> None:
    frame = pd.read_csv(PENGUINS)
    frame.loc[0, "species"] = "Emperor"
    model = glassnet.train(frame, "species", epochs=2, seed=1, recipe="single")
    assert model.classes.tolist() == ["Adelie", "Chinstrap", "Emperor", "Gentoo"]
    assert any("Emperor" in note.text for note in model.schema.notes)


def test_two_rows_can_be_learnt_and_the_fault_is_reported_when_split() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "y": [1.5, 3.25]})
    model = glassnet.train(frame, "y", validation=0, epochs=5, seed=1, recipe="single")
    assert model.predict(frame).shape == (2,)


@pytest.mark.parametrize("engine", ["reference", get().name])
def test_threads_and_engine_are_passed_on(engine: str) -> None:
    model = glassnet.train(PENGUINS, "species", engine=engine, threads=1, epochs=2, seed=1, recipe="single")
    assert model.engine_name == model.engine.name == engine


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_the_training_loss_is_without_penalties_and_they_are_recorded_apart(engine: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    rows = (x, x[:, 0] - x[:, 1])
    options: dict[str, Any] = {
        "hidden": (4,),
        "batch_size": None,
        "seed": 1,
        "validation": 0,
        "engine": engine,
    }
    model = glassnet.train(rows, epochs=3, l2=0.5, l1=0.1, **options, recipe="single")
    start = model.at(0)
    encoded = start.encode_labeled(rows).rows
    assert model.history.loss[0] == pytest.approx(start.run.evaluate(encoded), rel=1e-5)
    assert model.history.penalty[0] == pytest.approx(penalty(model.initial, model.objective), rel=1e-5)
    assert model.history.penalty[0] > model.history.loss[0]
    assert set(model.history.curves) == {"epoch", "loss", "rate", "penalty"}
    free = glassnet.train(rows, epochs=3, l2=0.0, **options, recipe="single")
    assert not free.history.penalty.any()
    assert set(free.history.curves) == {"epoch", "loss", "rate"}
