"""The model card, its figures with intervals, and its limits."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.evaluation import evaluate_numbers
from glassnet.inside.figures import figures, wilson
from glassnet.tables import penguins_path, read_table

RNG = np.random.default_rng(0)
PENGUINS = read_table(penguins_path())
QUICK: dict[str, Any] = {"recipe": "single", "hidden": 8, "epochs": 20, "seed": 1}


@pytest.fixture(scope="module")
def species() -> glassnet.Model:
    return glassnet.train(PENGUINS, "species", holdout=0.2, members=2, validation=0.5, **QUICK)


def judged(model: glassnet.Model, actual: Any, predicted: Any) -> glassnet.Model:
    """``model`` with another evaluation."""
    found = evaluate_numbers(actual, predicted, 0.0)
    return replace(model, holdout=replace(found, rows=np.arange(len(actual))))


def test_the_script_makes_the_model_again() -> None:
    settings: dict[str, Any] = {
        "members": 3,
        "bins": 4,
        "schedule": "cosine",
        "optimizer": "adam(beta1=0.8)",
        "holdout": 0.1,
        "seed": 5,
    }
    plain = {
        "recipe": "single",
        "epochs": 5,
        "hidden": (4, 3),
        "column_types": {"year": "category"},
        **settings,
    }
    for given in (plain, {"recipe": "balanced", "epochs": 3, "hidden": 8, "seed": 2}):
        model = glassnet.train(PENGUINS, "species", **given)
        script = "\n".join(model.card().script).replace('"table.csv"', "table")
        assert model.provenance["data"] in script
        names: dict[str, Any] = {"table": PENGUINS}
        exec(script, names)
        assert np.array_equal(names["model"].predict_proba(PENGUINS), model.predict_proba(PENGUINS))


def test_what_cannot_be_written_is_a_comment() -> None:
    model = glassnet.train(
        PENGUINS, "species", sample_weight=np.ones(344), validation=PENGUINS.take(range(0, 344, 9)), **QUICK
    )
    script = model.card().script
    assert "    # sample_weight was given as an array or a function" in script
    assert "    # validation was a table of 39 rows" in script


def test_the_script_reads_the_table_as_it_was_read() -> None:
    text = "a;y\n" + "\n".join(f"{row % 7 if row % 5 else '#'};{row % 7 + row / 50}" for row in range(60))
    source = text.encode()
    model = glassnet.train(read_table(io.BytesIO(source), missing="#", delimiter=";"), "y", **QUICK)
    script = "\n".join(model.card().script).replace('"table.csv"', "io.BytesIO(source)")
    assert "missing=('#',)" in script
    names: dict[str, Any] = {"io": io, "source": source}
    exec(script, names)
    assert np.array_equal(names["model"].learnt.vector, model.learnt.vector)


def test_the_script_says_that_a_time_limit_is_not_repeated() -> None:
    model = glassnet.train(PENGUINS, "species", **{**QUICK, "max_time": 60, "epochs": 2})
    assert "# A time limit or a stop decided how long training took, 2 epochs" in "\n".join(
        model.card().script
    )


def test_shares_of_gaps_are_of_the_rows_in_which_they_were_counted() -> None:
    """Rows without a target, validation rows of their own and a training that is continued do not change them."""
    rows = {
        "a": [np.nan if row % 2 else float(row) for row in range(200)],
        "b": np.arange(200.0) % 13,
        "y": [float(row) if row < 60 else np.nan for row in range(200)],
    }
    new = {"a": np.arange(40.0), "b": np.arange(40.0), "y": np.arange(40.0)}
    model = glassnet.train(rows, "y", validation=new, **QUICK)
    more = glassnet.train_more(model, new, epochs=1)
    for own in (model, more):
        assert "no value of a (50%):" in "\n".join(own.card().limits)


def test_rows_of_the_earlier_training_are_named_after_it_was_continued() -> None:
    first = glassnet.train(PENGUINS.take(range(0, 344, 2)), "species", **QUICK)
    with pytest.warns(glassnet.ResultWarning, match="validation rows were training rows of the model"):
        own = glassnet.train_more(first, PENGUINS, validation=0.5, epochs=1, seed=2)
    assert own.validation is not None
    assert own.validation.rows is not None
    assert first.training_rows is not None
    known = len(set(own.validation.rows) & set(2 * first.training_rows.numbers))
    assert 0 < known < len(own.validation)
    said = f"{known} of {len(own.validation)} validation rows were training rows of the model"
    assert any(limit.startswith(said) for limit in own.card().limits)
    new = glassnet.train_more(first, PENGUINS.take(range(1, 344, 2)), epochs=1, seed=2)
    assert not any("were training rows of the model" in limit for limit in new.card().limits)


def test_a_target_whose_rows_have_no_weight_has_no_figures() -> None:
    weights = np.where(np.array([value is None for value in PENGUINS.column("sex").to_list()]), 1.0, 0.0)
    weights[:100] = 1
    model = glassnet.train(PENGUINS, ["species", "sex"], sample_weight=weights, **QUICK)
    assert model.validation is not None
    assert model.validation.weights is not None
    gone = replace(model.validation, weights=np.zeros(len(model.validation)))
    assert replace(model, validation=gone).for_target("sex").validation is None


def test_figures_of_weighted_rows_have_no_intervals() -> None:
    each: list[dict[str, Any]] = [
        {"class_weight": "balanced"},
        {"class_weight": "balanced", "members": 3},
    ]
    for settings in each:
        model = glassnet.train(PENGUINS, "species", **{**QUICK, **settings})
        card = model.card()
        assert np.isnan([own.low for own in card.figures]).all()
        assert np.isnan([own.low for own in card.classes]).all()
        assert "no intervals, because rows have weights" in str(card)
        assert "weighted as the training rows" in card.judged
        held_out = glassnet.train(PENGUINS, "species", holdout=0.2, **{**QUICK, **settings}).card()
        for name, value, low, high, _ in held_out.figures:  # of rows that are not weighted
            assert low <= value <= high, name


def test_rows_of_weight_0_do_not_count() -> None:
    weights = np.where(np.arange(344) % 4 == 0, 0.0, 2.0)
    model = glassnet.train(PENGUINS, "species", sample_weight=weights, **QUICK)
    found, card = model.validation, model.card()
    assert found is not None
    rows = np.flatnonzero(weights[found.rows])
    assert 0 < len(rows) < len(found)
    assert sum(own.rows for own in card.classes) == card.calibration[0].rows == len(rows)
    assert card.judged == f"{len(rows)} validation rows"
    lows = [own.low for own in card.figures]
    assert not np.isnan(lows + [own.low for own in card.classes]).any()  # all that count, count the same
    assert card.calibration[0].log_loss[1] == pytest.approx(found["log_loss"])
    sets = model.predict(PENGUINS, interval=0.8)
    other = replace(found, actual=found.actual.copy())
    other.actual[found.weights == 0] = "Gentoo"
    assert replace(model, validation=other).predict(PENGUINS, interval=0.8).tolist() == sets.tolist()
    few = PENGUINS.take(range(0, 344, 3))  # shares of weights are not numbers of rows
    rare = glassnet.train(few, "species", sample_weight=np.linspace(0.01, 1, few.num_rows), **QUICK).card()
    assert not any("Few training rows had the class" in own for own in rare.limits)


def test_intervals_cover_the_true_figure() -> None:
    """Of 100 tables, about 95 intervals hold the figure of all rows."""
    model = glassnet.train(PENGUINS, "body_mass_g", **QUICK)
    actual = RNG.normal(size=100_000)
    predicted = actual + RNG.normal(0, 0.5, 100_000)
    within = dict.fromkeys(("rmse", "mae", "r2"), 0)
    for start in range(0, 10_000, 100):
        rows = slice(start, start + 100)
        for own in figures(judged(model, actual[rows], predicted[rows])):
            true = {"rmse": 0.5, "mae": 0.5 * np.sqrt(2 / np.pi), "r2": 0.75}[own.name]
            within[own.name] += own.low <= true <= own.high
    assert all(88 <= count <= 100 for count in within.values()), within


def test_intervals_of_many_rows_are_as_narrow_as_these_rows_make_them() -> None:
    model = glassnet.train(PENGUINS, "body_mass_g", **QUICK)
    actual = RNG.normal(size=40_000)
    predicted = actual + RNG.normal(0, 0.5, 40_000)
    (many,) = (own for own in figures(judged(model, actual, predicted)) if own.name == "rmse")
    assert (many.high - many.low) / 2 == pytest.approx(1.96 * 0.5 / np.sqrt(2 * 40_000), rel=0.2)
    assert many.low < many.value < many.high


def test_wilson_is_that_of_the_paper() -> None:
    low, high = wilson(np.array([1.0, 0.5]), np.array([10, 100]))
    assert low.tolist() == pytest.approx([0.7225, 0.4038], abs=1e-4)
    assert high.tolist() == pytest.approx([1.0, 0.5962], abs=1e-4)


def test_figures_and_classes_are_those_of_the_held_out_rows(species: glassnet.Model) -> None:
    card = species.card()
    assert species.holdout is not None
    assert {own.name: own.value for own in card.figures} == species.holdout.metrics
    assert sum(own.rows for own in card.classes) == len(species.holdout)
    correct = sum(own.rows * own.recall for own in card.classes)
    assert correct / len(species.holdout) == pytest.approx(species.holdout["accuracy"])
    assert card.judged == "69 rows that were held out"


def test_limits_that_the_training_tells() -> None:
    def limits(target: Any, rows: Any = PENGUINS, **settings: Any) -> str:
        return "\n".join(glassnet.train(rows, target, **{**QUICK, **settings}).card().limits)

    assert "No row was held out" in limits("species")
    assert "No row was kept from training" in limits("species", validation=0)
    few = PENGUINS.take([*range(0, 151, 5), *range(276, 282)])
    assert "Few training rows had the class Chinstrap" in limits("species", few)
    assert "Only" in limits("species", few)
    noise = {"a": RNG.normal(size=300), "y": RNG.normal(size=300)}
    with pytest.warns(glassnet.ResultWarning):
        assert "no better than a constant prediction" in limits("y", noise)
    gaps = {
        "a": np.where(np.arange(300) % 2 == 0, np.nan, 1.0 + np.arange(300)),
        "b": noise["a"],
        "y": noise["a"],
    }
    assert "Many rows have no value of a (50%)" in limits("y", gaps)
    assert "unlike the training rows" in limits("species")


def test_every_form_has_all_sections(species: glassnet.Model) -> None:
    card = species.card()
    for text in (str(card), card.to_markdown(), card.to_html(), card.to_latex()):
        for section in (
            "Model card",
            "should not be used for",
            "How good",
            "Data",
            "Settings",
            "make it again",
        ):
            assert section in text
    assert max(map(len, card.to_text(width=60).split("\n"))) <= 100  # the script is not wrapped
    assert set(card.to_dict()) >= {"figures", "limits", "script", "schema"}


def test_several_targets_and_converted_models() -> None:
    several = glassnet.train(PENGUINS, ["species", "sex"], **QUICK).card()
    assert {own.name for own in several.figures} >= {"accuracy species", "accuracy sex", "auc sex"}
    network = pytest.importorskip("sklearn.neural_network")
    inputs = RNG.normal(size=(60, 2))
    fitted = network.MLPRegressor(hidden_layer_sizes=(3,), max_iter=2000, random_state=0).fit(
        inputs, inputs[:, 0]
    )
    converted = glassnet.from_sklearn(fitted).card()
    assert converted.script == ()
    assert "converted from" in converted.limits[0]
    assert "not trained here" in str(converted)
