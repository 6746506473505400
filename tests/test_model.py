"""``Model``: predicting, judging, and what it says of itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet
from glassnet.errors import InputError, InputTypeError, TableError
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())


@pytest.fixture(scope="module")
def species() -> glassnet.Model:
    return glassnet.train(FRAME, "species", epochs=40, holdout=0.2, seed=1, recipe="single")


@pytest.fixture(scope="module")
def mass() -> glassnet.Model:
    return glassnet.train(FRAME, "body_mass_g", epochs=40, seed=1, recipe="single")


def test_every_form_of_the_table_gets_the_same_predictions(species: glassnet.Model) -> None:
    expected = species.predict(penguins_path())
    for form in (FRAME, FRAME.drop(columns="species"), pl.from_pandas(FRAME), FRAME.to_dict("records")):
        np.testing.assert_array_equal(species.predict(form), expected)


def test_predictions_do_not_depend_on_the_other_rows(species: glassnet.Model) -> None:
    together = species.predict_proba(FRAME)
    alone = np.vstack([species.predict_proba(FRAME.iloc[[row]]) for row in range(0, 344, 43)])
    np.testing.assert_allclose(alone, together[::43], rtol=1e-5, atol=1e-7)


def test_probabilities_are_probabilities(species: glassnet.Model) -> None:
    probabilities = species.predict_proba(FRAME)
    assert probabilities.shape == (344, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    labels = species.classes[probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(labels, species.predict(FRAME))


def test_labels_come_back_as_their_own_type() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    sign = x[:, 0] > 0
    for labels in (sign, np.where(sign, 7, 3), np.where(sign, "ja", "nein")):
        model = glassnet.train((x, labels), epochs=30, seed=1, recipe="single")
        predicted = model.predict(x)
        assert set(predicted.tolist()) <= set(labels.tolist())
        assert type(predicted.tolist()[0]) is type(labels.tolist()[0])
        assert np.mean(predicted == labels) > 0.9


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, dict])
@pytest.mark.parametrize("labels", [("1", "2"), ("True", "False"), ("01", "02"), ("0", "1", "2")])
def test_text_labels_stay_text_whatever_they_look_like(labels: tuple[str, ...], frame: type) -> None:
    x = np.linspace(-1, 1, 90)
    y = [labels[at * len(labels) // 90] for at in range(90)]
    table = frame({"x": x, "y": y})
    model = glassnet.train(table, "y", hidden=8, validation=0, seed=1, recipe="single")
    assert set(model.predict(table).tolist()) <= set(labels)
    assert model.evaluate(table)["accuracy"] > 0.8
    in_a_pair = glassnet.train(
        (x.reshape(-1, 1), np.array(y)), hidden=8, validation=0, seed=1, recipe="single"
    )
    assert in_a_pair.evaluate((x.reshape(-1, 1), np.array(y)))["accuracy"] > 0.8
    assert set(in_a_pair.classes.tolist()) == set(labels)


@pytest.mark.parametrize(
    "settings", [{"loss": "squared_error"}, {"output_activation": "tanh"}, {"output_activation": "softmax"}]
)
def test_other_losses_for_classes_still_give_probabilities(settings: dict[str, str]) -> None:
    x = np.random.default_rng(0).normal(size=(200, 2))
    model = glassnet.train(
        (x, np.where(x[:, 0] > 0, "b", "a")),
        epochs=30,
        seed=1,
        recipe="single",
        **settings,  # type: ignore[arg-type]
    )
    probabilities = model.predict_proba(x)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities.min() >= 0
    assert model.evaluate((x, np.where(x[:, 0] > 0, "b", "a")))["accuracy"] > 0.9


def test_several_targets_are_predicted_in_their_own_units() -> None:
    model = glassnet.train(FRAME, ["body_mass_g", "flipper_length_mm"], epochs=60, seed=1, recipe="single")
    predicted = model.predict(FRAME)
    assert predicted.shape == (344, 2)
    assert 3500 < predicted[:, 0].mean() < 5000
    assert 180 < predicted[:, 1].mean() < 220
    assert len(model.evaluate(FRAME).actual) == 342


def test_an_unseen_category_a_new_gap_and_an_extra_column_are_reported_not_fatal(
    species: glassnet.Model,
) -> None:
    other = FRAME.assign(island="Atlantis", color="blue")
    notes = "\n".join(map(str, species.encode(other).notes))
    assert "Atlantis" in notes
    assert "color" in notes
    assert len(species.predict(other)) == 344


def test_missing_columns_and_words_among_numbers_are_faults(species: glassnet.Model) -> None:
    with pytest.raises(TableError) as caught:
        species.predict(FRAME.drop(columns=["island", "sex"]))
    assert len(caught.value.faults) == 2
    wordy = FRAME.assign(bill_length_mm=["long"] * 344)
    with pytest.raises(TableError, match=r"bill_length_mm.*long"):
        species.predict(wordy)
    with pytest.raises(TableError, match="bill_length_mm"):
        species.predict(FRAME.assign(bill_length_mm=np.inf))


def test_predict_proba_is_for_classes(mass: glassnet.Model) -> None:
    with pytest.raises(InputTypeError, match="use predict"):
        mass.predict_proba(FRAME)
    assert mass.classes.size == 0


def test_evaluation_is_that_of_the_predictions(mass: glassnet.Model, species: glassnet.Model) -> None:
    known = FRAME.dropna(subset="body_mass_g")
    result = mass.evaluate(FRAME)
    error = mass.predict(known) - known["body_mass_g"].to_numpy()
    assert result["rmse"] == pytest.approx(np.sqrt((error**2).mean()), rel=1e-5)
    assert result["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-5)
    accuracy = species.evaluate(FRAME)["accuracy"]
    assert accuracy == np.mean(species.predict(FRAME) == FRAME["species"])


def test_evaluating_without_target_or_with_new_labels_is_an_error(species: glassnet.Model) -> None:
    with pytest.raises(TableError, match="species"):
        species.evaluate(FRAME.drop(columns="species"))
    with pytest.raises(TableError, match="Emperor"):
        species.evaluate(FRAME.assign(species="Emperor"))
    with pytest.raises(InputError, match="no row with a target"):
        species.evaluate(FRAME.assign(species=None))


def test_the_predictor_takes_a_row_or_rows_of_encoded_inputs(species: glassnet.Model) -> None:
    inputs = species.encode(FRAME).inputs
    predict = species.predictor()
    outputs = predict(inputs)
    assert outputs.shape == (344, 3)
    np.testing.assert_allclose(predict(inputs[5]), outputs[5], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(outputs, species.predict_proba(FRAME), rtol=1e-5, atol=1e-7)


def test_the_summary_has_the_layers_and_their_initial_and_learnt_parameters(species: glassnet.Model) -> None:
    summary = species.summary()
    assert len(summary.changes) == 6
    weights = summary.changes[0]
    before, after = species.initial[0].weights.astype(float), species.learnt[0].weights.astype(float)
    assert (weights.layer, weights.part, weights.shape, weights.count) == (1, "weights", (15, 128), 15 * 128)
    assert weights.after.sum == pytest.approx(after.sum())
    assert weights.before.norm == pytest.approx(np.sqrt((before**2).sum()))
    assert weights.largest_change == np.abs(after - before).max()
    frame = pd.DataFrame(summary.to_frame())
    assert len(frame) == 6
    assert set(frame) >= {
        "layer",
        "activation",
        "shape",
        "part",
        "initial_sum",
        "learnt_sum",
        "largest_change",
    }
    assert frame["count"].sum() == 10_499
    lines = [line.split() for line in summary.to_text().splitlines()]
    assert ["2", "128", "64", "relu", "8,256"] in lines
    assert ["total", "10,499"] in lines
    first, second = next((line, lines[at + 1]) for at, line in enumerate(lines) if "initial" in line[2:])
    assert first[:5] == ["1", "weights", "initial", "1,920", f"{before.sum():.4g}"]
    assert second[:2] == ["learnt", f"{after.sum():.4g}"]
    assert "<table>" in summary._repr_html_()


def test_a_model_says_what_it_is(species: glassnet.Model) -> None:
    text = repr(species)
    for part in (
        "'species'",
        "15 inputs → 128 relu → 64 relu → 3 softmax",
        "10,499 parameters",
        "accuracy",
        "baseline",
    ):
        assert part in text
