"""Networks that see numbers without their bins: their weights, and which networks a model keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

import glassnet
from glassnet import Model
from glassnet.engines import Rows
from glassnet.engines import get as engine_of
from glassnet.errors import AssumptionWarning, SettingsError
from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.streaming import budget
from glassnet.tables import read_table
from glassnet.training import Settings
from glassnet.training.judged import best_of
from glassnet.training.setup import initial_parameters, places_of
from glassnet.training.without_bins import RunOfInputs

RNG = np.random.default_rng(4)
A, B = RNG.normal(size=(2, 200))
SMOOTH: dict[str, Any] = {"a": A, "b": B, "y": A - B}
STEPS: dict[str, Any] = {"a": A, "b": B, "y": np.floor(2 * A) % 2}
SETTINGS: dict[str, Any] = {
    "recipe": "single",
    "hidden": (16,),
    "bins": 12,
    "seed": 3,
    "task": "regression",
    "epochs": 20,
    "members": 4,
    "validation": 0.5,
}


def trained(table: dict[str, Any] = SMOOTH, **settings: Any) -> Model:
    return glassnet.train(table, "y", **{**SETTINGS, **settings})


def bin_weights(model: Model, vector: str = "learnt") -> list[float]:
    """The largest weight of a bin in each of the networks."""
    found = []
    for member in model.members:
        weights: Array = getattr(member, vector)[0].weights
        found.append(float(np.abs(np.delete(weights, model.encoder.plain, axis=0)).max()))
    return found


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize(
    "more", [{}, {"validation": SMOOTH}, {"validation": 0}, {"l2": 0.1, "init": "normal"}]
)
def test_the_weights_of_bins_are_0_before_and_after_training(engine: str, more: dict[str, Any]) -> None:
    model = trained(without_bins=1, engine=engine, **more)
    assert bin_weights(model, "initial") == bin_weights(model) == [0.0] * 4
    start, end = model.members[0].initial, model.members[0].learnt
    plain = model.encoder.plain
    assert (start[0].weights[plain] != end[0].weights[plain]).all()


def test_the_first_networks_are_those_of_a_training_with_bins_alone() -> None:
    """Which networks have no bins changes nothing of the others."""
    alone, both = trained(STEPS, members=2), trained(STEPS, without_bins=0.5)
    for own, other in zip(alone.members, both.members, strict=False):
        assert np.array_equal(own.learnt.vector, other.learnt.vector)


KEPT = {"with bins": [False, False], "without bins": [True, True], "all": [False, False, True, True]}


@pytest.mark.parametrize(("table", "bins"), [(STEPS, 12), (SMOOTH, 100)], ids=["steps", "smooth"])
def test_the_networks_that_predict_unknown_rows_best_are_kept(table: dict[str, Any], bins: int) -> None:
    model = trained(table, bins=bins, without_bins=0.5, epochs=60, scaling="none")
    errors: dict[str, float] = model.provenance["errors"]
    best = best_of(errors)
    assert (best == "with bins") == (table is STEPS)
    assert [weight == 0 for weight in bin_weights(model)] == KEPT[best]
    assert model.validation is not None
    assert errors[best] == pytest.approx(model.validation["rmse"] ** 2)
    assert f"kept  {best}: mean squared error of outputs {errors[best]:.4g}" in str(model)


@pytest.mark.parametrize("more", [{"bins": 0}, {"validation": 0}, {"members": 1}, {"without_bins": 1}])
def test_there_is_no_choice_without_bins_or_validation_rows(more: dict[str, Any]) -> None:
    model = trained(**{"without_bins": 0.5, "epochs": 1, **more})
    assert "errors" not in model.provenance
    assert len(model.members) == more.get("members", 4)


@pytest.mark.parametrize("table", [STEPS, SMOOTH], ids=["steps", "smooth"])
def test_training_that_goes_on_keeps_which_networks_see_bins(table: dict[str, Any]) -> None:
    model = trained(table, without_bins=0.5, bins=100)
    more = glassnet.train_more(model, table, epochs=2, validation=0)
    assert [weight == 0 for weight in bin_weights(more)] == [weight == 0 for weight in bin_weights(model)]
    for member in more.members:
        assert not np.array_equal(member.initial.vector, member.learnt.vector)


def test_the_recorded_settings_make_the_same_model_again() -> None:
    model = trained(SMOOTH, without_bins=0.5, bins=100, epochs=3)
    again = trained(
        SMOOTH, without_bins=model.settings.without_bins, members=model.settings.members, bins=100, epochs=3
    )
    assert [own.learnt.vector.tobytes() for own in model.members] == [
        own.learnt.vector.tobytes() for own in again.members
    ]


def test_start_values_that_are_given_lose_the_weights_of_bins() -> None:
    own = trained(members=1).learnt.vector
    model = trained(init=own, without_bins=1, epochs=1)
    assert bin_weights(model, "initial") == [0.0] * 4


def test_rows_beyond_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "LEAST", 1)
    many = {"a": RNG.normal(size=6000), "y": RNG.normal(size=6000)}
    pyarrow.parquet.write_table(read_table(many).to_arrow(), tmp_path / "many.parquet", row_group_size=500)
    with (
        pytest.warns(AssumptionWarning),
        pytest.raises(SettingsError, match="needs rows that fit into memory; set bins=0"),
    ):
        glassnet.train(
            tmp_path / "many.parquet", "y", memory=60_000, **{**SETTINGS, "without_bins": 1, "epochs": 1}
        )


def test_a_run_of_some_inputs_makes_the_steps_of_the_whole_network_whose_other_inputs_are_0() -> None:
    network, used = Network.of(7, (6, 5), 2), np.array([0, 3, 4])
    rows = Rows(RNG.normal(size=(60, 7)), RNG.normal(size=(60, 2)))
    rates, orders = np.full((3, 4), 0.01), np.array([RNG.permutation(60) for _ in range(3)])
    cleared = Rows(rows.inputs * np.isin(np.arange(7), used), rows.targets)
    start = initial_parameters(Settings(dtype="float64"), network, np.random.default_rng(1), used)
    places = places_of(network, used)
    narrow = Network.of(3, (6, 5), 2)
    assert not np.delete(start.vector, places).any()

    def opened() -> RunOfInputs:
        own = engine_of("reference").open_run(narrow, Parameters(narrow, start.vector[places]))
        return RunOfInputs(own, used, places, network.parameter_count)

    whole, run, later = engine_of("reference").open_run(network, start), opened(), opened()
    for each in (whole, run):
        each.epochs(cleared if each is whole else rows, 15, rates, orders)
    np.testing.assert_allclose(run.parameters(), whole.parameters(), rtol=0, atol=1e-13)
    np.testing.assert_allclose(run.predict(rows.inputs), whole.predict(rows.inputs), rtol=0, atol=1e-13)
    assert run.evaluate(rows) == pytest.approx(whole.evaluate(rows), rel=1e-12)
    gradient = whole.gradients(cleared)[1]
    np.testing.assert_allclose(run.gradients(rows)[1], gradient, rtol=0, atol=1e-13)
    later.restore(run.snapshot())
    for own in (run, later):
        own.epochs(rows, 15, rates, orders)
    assert np.array_equal(run.parameters(), later.parameters())
