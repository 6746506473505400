"""The record of a training: models of one and of several networks, and tables as the networks take them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from agreement import ENGINES
from glassnet import engines
from glassnet.errors import InputError, TableError
from glassnet.tables import penguins_path
from glassnet.trained import TrainedModel

FRAME = pd.read_csv(penguins_path())
SETTINGS: dict[str, Any] = {"hidden": 6, "epochs": 4, "snapshots": 4, "validation": FRAME}


def together(*models: glassnet.Model) -> glassnet.Model:
    """One model of the networks of several, which have the same encoder."""
    assert all(model.encoder == models[0].encoder for model in models)
    stats = models[0].stats
    assert stats is not None
    networks = tuple(model.stats.networks[0] for model in models if model.stats is not None)
    return replace(
        models[0],
        members=tuple(model.members[0] for model in models),
        stats=type(stats)(lambda: stats.rows, lambda: networks),
    )


def trained(target: str, count: int, **settings: Any) -> list[glassnet.Model]:
    return [
        glassnet.train(FRAME, target, seed=seed, **{**SETTINGS, **settings}, recipe="single")
        for seed in range(1, count + 1)
    ]


@pytest.fixture(scope="module")
def species() -> list[glassnet.Model]:
    return trained("species", 3)


@pytest.fixture(scope="module")
def mass() -> list[glassnet.Model]:
    return trained("body_mass_g", 2, dtype="float64")


def test_one_network_is_a_model_of_one_member(mass: list[glassnet.Model]) -> None:
    model = mass[0]
    (member,) = model.members
    assert (model.network, model.initial, model.learnt) == (member.network, member.initial, member.learnt)
    assert model.history is member.history
    assert model.member(0) is model


@pytest.mark.parametrize("engine", ENGINES)
def test_predictions_are_the_mean_of_the_networks(species: list[glassnet.Model], engine: str) -> None:
    model = replace(together(*species), engine_name=engine)
    inputs = model.encode(FRAME).inputs
    each = [own.outputs(inputs) for own in (replace(one, engine_name=engine) for one in species)]
    mean = np.asarray(np.mean(each, axis=0, dtype=np.float64)).astype(np.float32)
    np.testing.assert_array_equal(model.outputs(inputs), mean)
    np.testing.assert_array_equal(model.predict_proba(FRAME), model.target.probabilities(mean))
    np.testing.assert_array_equal(model.predict(FRAME), model.classes[mean.argmax(axis=1)])
    predict = model.predictor()
    np.testing.assert_allclose(predict(inputs), mean, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(predict(inputs[7]), mean[7], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ENGINES)
def test_the_predictor_is_of_the_engine_that_predicts(mass: list[glassnet.Model], name: str) -> None:
    model = replace(mass[0], engine_name=name)
    inputs = model.encode(FRAME).inputs
    own = engines.get(name).predictor(model.network, model.learnt)
    assert model.engine.name == name
    np.testing.assert_array_equal(model.predictor()(inputs), own(inputs))
    elsewhere = replace(mass[0], engine_name="an engine of another machine")
    assert elsewhere.engine.name == engines.available()[0]


def test_numbers_are_averaged_in_the_targets_units(mass: list[glassnet.Model]) -> None:
    model = together(*mass)
    np.testing.assert_allclose(model.predict(FRAME), np.mean([one.predict(FRAME) for one in mass], axis=0))
    known = FRAME.dropna(subset="body_mass_g")
    error = model.predict(known) - known["body_mass_g"].to_numpy()
    assert model.evaluate(FRAME)["rmse"] == pytest.approx(np.sqrt((error**2).mean()))


@pytest.mark.parametrize("count", [2, 3])
def test_all_networks_are_saved_copied_and_loaded(
    species: list[glassnet.Model], count: int, tmp_path: Path
) -> None:
    model = together(*species[:count])
    model.save(tmp_path / "m")
    for again in (glassnet.load(tmp_path / "m"), copy.deepcopy(model)):
        assert len(again.members) == count
        assert repr(again) == repr(model)
        np.testing.assert_array_equal(again.predict_proba(FRAME), model.predict_proba(FRAME))
        for number, one in enumerate(species[:count]):
            own = again.member(number)
            assert isinstance(own, glassnet.Model)
            np.testing.assert_array_equal(own.predict_proba(FRAME), one.predict_proba(FRAME))
            np.testing.assert_array_equal(own.learnt.vector, again.members[number].learnt.vector)
            assert own.history.stop_reason == one.history.stop_reason
            assert (
                own.doctor().to_frame().equals(one.doctor().to_frame())
            )  # the checks differ: one was evaluated
            assert list(own.kept) == list(one.kept)
    model.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "m").read_bytes()


def test_what_looks_inside_a_network_says_which_to_take(species: list[glassnet.Model]) -> None:
    model = together(*species)
    looks: list[Callable[[], object]] = [
        lambda: model.learnt,
        lambda: model.at(0),
        lambda: model.weight_history(1, 1, 1),
    ]
    for look in looks:
        with pytest.raises(InputError, match=r"has 3 networks.*model\.member\(0\)"):
            look()
    for number in (-1, 3, "0", None):
        with pytest.raises(InputError, match="must be from 0 to 2"):
            model.member(number)  # type: ignore[arg-type]
    assert "networks  3 × " in repr(model)
    model.draw("confusion", FRAME)
    assert model.profile("bill_length_mm", FRAME, points=3).partial is not None


def test_an_encoded_table_has_inputs_notes_and_rows(species: list[glassnet.Model]) -> None:
    model = species[0]
    encoded = model.encode(FRAME.assign(color="blue"))
    assert encoded.inputs.shape == (344, model.network.inputs)
    assert encoded.inputs.dtype == model.dtype == np.float32
    assert "color" in encoded.notes[0].text
    assert encoded.table.num_rows == len(encoded) == 344


def test_labeled_rows_are_those_with_a_target(mass: list[glassnet.Model]) -> None:
    model = mass[0]
    weights = np.arange(344.0)
    labeled = model.encode_labeled(FRAME, sample_weight=weights)
    known = np.flatnonzero(FRAME["body_mass_g"].notna())
    np.testing.assert_array_equal(labeled.numbers, known)
    np.testing.assert_allclose(labeled.actual, FRAME["body_mass_g"].to_numpy()[known])
    np.testing.assert_array_equal(labeled.sample_weight, weights[known])
    np.testing.assert_array_equal(labeled.rows.inputs, model.encode(FRAME).inputs[known])
    again = model.labeled(model.encode(FRAME))
    assert again is not None
    np.testing.assert_array_equal(again.rows.targets, labeled.rows.targets)
    in_a_pair = model.encode_labeled(FRAME.drop(columns="body_mass_g"), FRAME["body_mass_g"])
    np.testing.assert_array_equal(in_a_pair.rows.targets, labeled.rows.targets)


def test_rows_without_a_target_are_no_labeled_rows(mass: list[glassnet.Model]) -> None:
    model, bare, empty = mass[0], FRAME.drop(columns="body_mass_g"), FRAME.assign(body_mass_g=None)
    assert model.labeled(model.encode(bare)) is None
    assert model.labeled(model.encode(empty)) is None
    with pytest.raises(TableError, match="body_mass_g"):
        model.encode_labeled(bare)
    with pytest.raises(InputError, match="no row with a target"):
        model.encode_labeled(empty)


def test_the_record_is_enough_to_predict(species: list[glassnet.Model]) -> None:
    fields = {name: getattr(species[0], name) for name in species[0].__dataclass_fields__}
    record = TrainedModel(**fields)
    np.testing.assert_array_equal(record.predict(FRAME), species[0].predict(FRAME))
