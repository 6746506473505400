"""Profiles of columns, neighbors of rows, and two models side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    return glassnet.train(
        FRAME, "species", hidden=(8, 6), epochs=30, seed=1, snapshots=8, patience=None, recipe="single"
    )


@pytest.fixture(scope="module")
def linear() -> tuple[glassnet.Model, pd.DataFrame]:
    """A network without hidden layers, whose profiles are straight lines."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.uniform(-3, 5, 400), "b": rng.normal(size=400)})
    table["on"] = np.where(rng.random(400) < 0.5, "yes", "no")
    table["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, 400), unit="D")
    table["y"] = 3 * table["a"] - table["b"] + 2 * (table["on"] == "yes")
    return glassnet.train(
        table, "y", hidden=(), epochs=400, seed=1, l2=0, learning_rate=0.02, recipe="single"
    ), table


# -- profiles


def test_partial_dependence_of_a_straight_line_is_straight(
    linear: tuple[glassnet.Model, pd.DataFrame],
) -> None:
    model, table = linear
    profile = model.profile("a", table, points=9)
    assert profile.x.min() >= table["a"].min() - 1e-5
    assert profile.x.max() <= table["a"].max() + 1e-5
    assert profile.partial is not None
    assert profile.individual is not None
    slope = np.diff(profile.partial[:, 0]) / np.diff(profile.x)
    np.testing.assert_allclose(slope, 3, rtol=0.05)
    assert profile.individual.shape == (200, 9, 1)
    assert profile.lek is not None
    assert profile.lek.shape == (6, 9, 1)
    np.testing.assert_allclose(np.diff(profile.lek[:, :, 0], axis=1) / np.diff(profile.x), 3, rtol=0.05)


def test_partial_dependence_is_the_mean_of_predictions(model: glassnet.Model) -> None:
    profile = model.profile("bill_length_mm", FRAME, points=3)
    changed = FRAME.assign(bill_length_mm=float(profile.x[1]))
    assert profile.partial is not None
    np.testing.assert_allclose(
        profile.partial[1], model.predict_proba(changed).mean(axis=0), rtol=1e-3, atol=1e-5
    )
    assert profile.outputs == ("Adelie", "Chinstrap", "Gentoo")
    np.testing.assert_allclose(profile.partial.sum(axis=1), 1, rtol=1e-5)


def test_every_kind_of_column_has_a_grid(linear: tuple[glassnet.Model, pd.DataFrame]) -> None:
    model, table = linear
    boolean = model.profile("on", table)
    assert boolean.x.tolist() == ["no", "yes"]
    assert boolean.partial is not None
    assert float(np.diff(boolean.partial[:, 0])[0]) == pytest.approx(2, rel=0.1)
    days = model.profile("day", table, points=5).x
    assert np.datetime64("2024-01-01") <= days[0] < days[-1] < np.datetime64("2025-12-02")
    assert days.dtype.kind == "M"
    with pytest.raises(InputError, match="Did you mean 'day'"):
        model.profile("days")


def test_a_date_keeps_its_weekday_so_that_the_time_elapsed_is_seen() -> None:
    days = pd.date_range("2024-01-01", periods=420, freq="D")
    table = pd.DataFrame({"day": days, "sold": np.arange(420) / 100 + 3 * (days.day_of_week >= 5)})
    model = glassnet.train(table, "sold", hidden=(16,), epochs=60, seed=1, recipe="single")
    profile = model.profile("day", table)
    assert 20 < len(profile.x) <= 41
    assert set(np.diff(profile.x.astype("datetime64[D]")).astype(int) % 7) == {0}
    assert profile.partial is not None
    assert (np.diff(profile.partial[:, 0]) > -0.5).all()
    assert len(model.profile("day", points=2).x) == 2


def test_a_category_runs_through_its_levels(model: glassnet.Model) -> None:
    profile = model.profile("island", FRAME)
    assert profile.x.tolist() == ["Biscoe", "Dream", "Torgersen"]
    assert profile.partial is not None
    np.testing.assert_allclose(
        profile.partial[2],
        model.predict_proba(FRAME.assign(island="Torgersen")).mean(axis=0),
        rtol=1e-3,
        atol=1e-5,
    )


def test_a_profile_without_rows_is_leks(model: glassnet.Model) -> None:
    profile = model.profile("flipper_length_mm")
    assert profile.partial is None
    assert profile.individual is None
    assert "over the quantiles" in repr(profile)
    assert "<table>" in profile._repr_html_()
    frame = pd.DataFrame(profile.to_frame())
    assert len(frame) == 6 * 41 * 3
    assert set(frame["curve"]) == {"lek"}
    whole = pd.DataFrame(model.profile("year", FRAME.head(7)).to_frame())
    assert set(whole["curve"]) == {"lek", "partial", "individual"}


def test_a_column_may_be_called_as_a_column_of_the_frame_is() -> None:
    table = pd.DataFrame({"curve": np.arange(40.0), "output": np.arange(40.0) % 7, "y": np.arange(40.0)})
    frame = pd.DataFrame(
        glassnet.train(table, "y", hidden=(3,), epochs=2, seed=1, recipe="single").profile("curve").to_frame()
    )
    assert list(frame) == ["curve", "which", "x", "output", "prediction"]
    assert set(frame["curve"]) == {"lek"}
    assert 0 < frame["x"].min() < 3
    assert 35 < frame["x"].max() < 39


def test_a_profile_runs_over_the_middle_of_the_training_rows() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=400)
    a[:3] = 1e4  # outliers, far from which the other rows lie
    rare = np.where(np.arange(400) % 50, 0.0, 1.0)
    table = pd.DataFrame({"a": a, "rare": rare, "y": a.clip(-3, 3)})
    model = glassnet.train(table, "y", hidden=(3,), epochs=2, seed=1, validation=0, recipe="single")
    low, high = np.quantile(a, [0.05, 0.95])
    assert model.profile("a").x[[0, -1]] == pytest.approx([low, high], rel=1e-3)
    assert model.profile("rare").x[[0, -1]] == pytest.approx(
        [0, 1], abs=1e-6
    )  # nearly constant: the whole range


# -- neighbors


def test_neighbors_of_several_targets_have_a_column_for_each() -> None:
    model = glassnet.train(
        FRAME.dropna(), ["body_mass_g", "bill_length_mm"], hidden=(3,), epochs=2, seed=1, recipe="single"
    )
    frame = pd.DataFrame(model.nearest(FRAME.iloc[33], FRAME.dropna(), count=4).to_frame())
    assert list(frame)[2:] == [
        "predicted body_mass_g",
        "predicted bill_length_mm",
        "actual body_mass_g",
        "actual bill_length_mm",
    ]
    assert len(frame) == 4


@pytest.mark.parametrize("space", ["inputs", "hidden"])
def test_a_row_is_nearest_to_itself(model: glassnet.Model, space: str) -> None:
    found = model.nearest(FRAME.iloc[33], FRAME, count=4, space=space)
    assert found.rows[0] == 33
    assert found.distances[0] == 0
    assert (np.diff(found.distances) >= 0).all()
    assert found.distances[-1] < found.typical
    assert found.actual is not None
    assert found.actual[0] == FRAME["species"][33]
    assert len(found.to_frame()) == len(found) == 4
    assert " 33 " in repr(found)


def test_neighbors_need_no_target(model: glassnet.Model) -> None:
    found = model.nearest(FRAME.iloc[33].drop("species"), FRAME.drop(columns="species"), count=2)
    assert found.actual is None
    with pytest.raises(InputError, match="space"):
        model.nearest(FRAME.iloc[33], FRAME, space="outputs")


# -- comparing


def test_two_epochs_down_to_single_weights(model: glassnet.Model) -> None:
    start, end = model.at(0), model
    comparison = glassnet.compare(start, end)
    assert comparison.same_start
    difference = model.learnt.vector.astype(np.float64) - model.initial.vector
    np.testing.assert_array_equal(comparison.differences.vector, difference)
    largest = comparison.largest(3)
    assert [abs(each.change) for each in largest] == sorted(np.abs(difference))[-3:][::-1]
    first = comparison.changes[0]
    assert first.before.sum == pytest.approx(float(model.initial[0].weights.sum(dtype=np.float64)))
    assert first.distance == pytest.approx(float(np.linalg.norm(comparison.differences[0].weights)))
    frame = pd.DataFrame(comparison.weights_to_frame())
    assert len(frame) == model.network.parameter_count
    row = frame[(frame["source"] == "year") & (frame["neuron"] == "neuron 2") & (frame["layer"] == 1)]
    at = model.encoder.input_names.index("year")
    assert float(row["second"].iloc[0]) == float(model.learnt[0].weights[at, 1])


def test_two_models_are_compared_with_their_predictions(model: glassnet.Model) -> None:
    other = glassnet.train(FRAME, "species", hidden=(8, 6), epochs=30, seed=2, l2=0.1, recipe="single")
    comparison = glassnet.compare(model, other, FRAME)
    assert not comparison.same_start
    assert comparison.settings["l2"] == (1e-4, 0.1)
    share = (model.predict(FRAME) == other.predict(FRAME)).mean()
    assert comparison.predictions["share of rows with the same label"] == pytest.approx(share)
    assert "did not start from the same parameters" in str(comparison)


def test_losses_that_differ_in_kind_hide_no_figure(model: glassnet.Model) -> None:
    numbers = glassnet.train(FRAME, "body_mass_g", hidden=(8, 6), epochs=3, seed=1, recipe="single")
    text = repr(glassnet.compare(model, numbers))
    assert "training loss" in text
    assert "squared_error" in text


def test_the_loss_of_the_start_is_not_known(model: glassnet.Model) -> None:
    text = repr(glassnet.compare(model.at(0), model))
    assert "–" in text
    assert "nan" not in text


def test_only_models_are_compared(model: glassnet.Model) -> None:
    with pytest.raises(InputTypeError, match=r"second is 'm\.glassnet', but must be a model"):
        glassnet.compare(model, "m.glassnet")  # type: ignore[arg-type]


def test_networks_of_other_shapes_are_still_compared(model: glassnet.Model) -> None:
    comparison = glassnet.compare(
        model, glassnet.train(FRAME, "species", hidden=(3,), epochs=3, seed=1, recipe="single"), FRAME
    )
    assert not comparison.same_shape
    assert "different shapes" in repr(comparison)
    with pytest.raises(InputError, match="one by one"):
        comparison.largest()


def test_the_history_of_a_weight(model: glassnet.Model) -> None:
    kept = model.history.snapshots
    assert kept is not None
    path = model.weight_history(2, 3, "neuron 1")
    assert path.epochs[0] == 0
    assert set(kept.epochs.tolist()) <= set(path.epochs.tolist())
    assert path.values[0] == model.initial[1].weights[2, 0]
    at = path.epochs.tolist().index(model.history.best_epoch)
    assert path.values[at] == model.learnt[1].weights[2, 0]
    bias = model.weight_history(3, "bias", "Gentoo")
    assert bias.values[bias.epochs.tolist().index(model.history.best_epoch)] == model.learnt[2].biases[2]
    with pytest.raises(InputError, match="a whole number from 1 to 3"):
        model.weight_history(4, 1, 1)
    with pytest.raises(InputError, match="Did you mean 'year'"):
        model.weight_history(1, "years", 1)
    assert len(path.to_frame()) == len(path.epochs)


def test_models_of_other_inputs_are_distinguished() -> None:
    frame = FRAME.dropna()
    first, second = (
        glassnet.train(
            frame[["body_mass_g", "year", *columns, "sex"]],
            "sex",
            hidden=(3,),
            epochs=2,
            seed=1,
            recipe="single",
        )
        for columns in (["bill_length_mm"], ["bill_depth_mm"])
    )
    text = " ".join(str(glassnet.compare(first, second)).split())
    assert "The inputs are not the same" in text
    assert "Input 3 is bill_length_mm in the first, bill_depth_mm in the second" in text
    assert "The inputs" not in repr(glassnet.compare(first.at(0), first))
