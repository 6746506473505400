"""What looks inside a model adds the bins of a column up, and says of each what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import pictures

ROWS = 400
RNG = np.random.default_rng(0)
TABLE = {
    "age": RNG.integers(18, 80, ROWS).astype(float).tolist(),
    "gain": np.where(RNG.random(ROWS) < 0.9, 0, RNG.lognormal(8, 1, ROWS).round()).tolist(),
    "gaps": [None if at % 7 == 0 else float(at % 50) for at in range(ROWS)],
    "sex": RNG.choice(["f", "m"], ROWS).tolist(),
}
TABLE["y"] = [np.sin(age / 10) + (gain > 0) for age, gain in zip(TABLE["age"], TABLE["gain"], strict=True)]
COLUMNS = ("age", "gain", "gaps", "sex")


@pytest.fixture(scope="module", params=["standard", "robust"])
def model(request: pytest.FixtureRequest) -> glassnet.Model:
    return glassnet.train(
        TABLE,
        "y",
        scaling=request.param,
        bins=8,
        hidden=(16,),
        epochs=30,
        seed=1,
        validation=0,
        recipe="single",
    )


def test_importances_and_contributions_are_of_columns(model: glassnet.Model) -> None:
    found = model.importances(TABLE)
    assert found.names == COLUMNS
    assert found.ranking("permutation")[0] in ("age", "gain")
    parts = model.attributions(TABLE)
    assert parts.names == COLUMNS


def test_the_variance_of_what_a_column_feeds_is_near_that_of_its_rows(model: glassnet.Model) -> None:
    from glassnet.inside.importance_methods import spreads

    factors = model.learnt[0].weights.astype(np.float64)
    inputs = model.encode(TABLE).inputs.astype(np.float64)
    measured = [(inputs[:, own] @ factors[own]).std(axis=0) for own in model.encoder.slices.values()]
    found = spreads(model, factors)
    numbers = [0, 1]  # a mark of missing values counts as uncorrelated
    np.testing.assert_allclose(found[numbers], np.array(measured)[numbers], rtol=0.2)


def test_each_input_is_explained(model: glassnet.Model) -> None:
    text = model.explain({name: own[:1] for name, own in TABLE.items()}).to_text(digits="all")
    for name in model.encoder.input_names:
        assert name in text
    assert "kept from 0 to 1" in text


def test_profiles_run_over_the_values_of_the_column(model: glassnet.Model) -> None:
    curve = model.profile("age", TABLE)
    assert curve.partial is not None
    assert curve.x.min() >= 18
    assert curve.x.max() <= 79
    moved = {**TABLE, "age": [float(curve.x[-1])] * ROWS}
    np.testing.assert_allclose(curve.partial[-1], model.predict(moved).mean(), rtol=1e-4)


def test_a_far_value_is_unlike_the_training_rows(model: glassnet.Model) -> None:
    far = {**TABLE, "age": [*TABLE["age"][:-1], 5000.0]}
    assert "unlike_training" in model.doctor(far).names
    assert "unlike_training" not in model.doctor(TABLE).names


def test_a_column_that_determines_the_target_is_found() -> None:
    leaking = {**TABLE, "copy": [3 * y + 1 for y in TABLE["y"]]}
    found = glassnet.train(leaking, "y", bins=8, hidden=(4,), epochs=2, seed=1, recipe="single").doctor()
    assert [finding.about for finding in found if finding.name == "target_leakage"] == [("copy",)]


def test_columns_with_the_same_values_are_found_whatever_their_edges() -> None:
    mirrored = {**TABLE, "copy": [-2 * age for age in TABLE["age"]]}
    found = glassnet.train(mirrored, "y", bins=8, hidden=(4,), epochs=2, seed=1, recipe="single").doctor()
    assert [each.about for each in found if each.name == "duplicated_column"] == [("age", "copy")]


def test_it_is_drawn_saved_and_continued(model: glassnet.Model, tmp_path: Path) -> None:
    pictures.network(model)
    pictures.surface(model, TABLE, x="age", y="gain")
    model.save(tmp_path / "m.glassnet")
    again = glassnet.load(tmp_path / "m.glassnet")
    assert again.encoder == model.encoder
    assert np.array_equal(again.predict(TABLE), model.predict(TABLE))
    more = glassnet.train_more(again, TABLE, epochs=1)
    assert more.encoder == model.encoder
