"""Prediction intervals and sets of classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import InputError
from glassnet.evaluation import Evaluation
from glassnet.intervals import ErrorScale, predicted_within, rows_needed
from glassnet.tables import penguins_path, read_table
from glassnet.targets import TargetEncoding

RNG = np.random.default_rng(0)
PENGUINS = read_table(penguins_path())
NUMBERS = TargetEncoding(("y",), "regression", None, (0.0,), (1.0,), "float64")
CLASSES = TargetEncoding(("y",), "multiclass", ("a", "b", "c"), (0.0,), (1.0,), "float64")
QUICK: dict[str, Any] = {"recipe": "single", "hidden": 8, "epochs": 15, "seed": 1}


def evaluated(actual: Any, predicted: Any, probabilities: Any = None) -> Evaluation:
    return Evaluation({}, {}, np.asarray(actual), np.asarray(predicted), probabilities)


def draw_numbers(rows: int) -> tuple[Any, Any]:
    """Predictions, and actual values whose errors are proportional to them."""
    predicted = RNG.uniform(1, 10, rows)
    return predicted, predicted + predicted * RNG.standard_t(5, rows)


def draw_classes(rows: int) -> tuple[Any, Any]:
    """Probabilities that are too certain, and actual labels."""
    true = RNG.dirichlet((1, 1, 1), rows)
    labels = np.array([RNG.choice(["a", "b", "c"], p=own) for own in true], object)
    certain = true**3
    return certain / certain.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_of_numbers_cover_the_share_of_new_rows(level: float) -> None:
    found = []
    for _ in range(300):
        predicted, actual = draw_numbers(150)
        known = evaluated(actual[:100], predicted[:100])
        ends = predicted_within(NUMBERS, predicted[100:, None], [known], level)
        assert ends.shape == (50, 2)
        found.append(((ends[:, 0] <= actual[100:]) & (actual[100:] <= ends[:, 1])).mean())
    assert np.mean(found) == pytest.approx(level, abs=0.015)


@pytest.mark.parametrize("values", [(3.0,), (1.0, 2.0), (1.0, 2.0, 3.0, 3.1, 3.2)])
@pytest.mark.parametrize("level", [0.5, 0.9])
def test_equal_predictions_have_intervals_that_cover_the_share(values: Any, level: float) -> None:
    found = []
    for _ in range(200):
        place = RNG.integers(0, len(values), 250)
        spread = np.geomspace(1, 10, len(values))[place] if len(values) > 1 else 1.0
        predicted = np.array(values)[place]
        errors = RNG.normal(0, spread, 250)
        errors[:200] = np.sort(errors[:200])  # of rows in the order of a table that is sorted by its target
        actual = predicted + errors
        known = evaluated(actual[:200], predicted[:200])
        ends = predicted_within(NUMBERS, predicted[200:, None], [known], level)
        found.append(((ends[:, 0] <= actual[200:]) & (actual[200:] <= ends[:, 1])).mean())
    assert np.mean(found) == pytest.approx(level, abs=0.02)


def test_intervals_do_not_depend_on_the_order_of_the_known_rows() -> None:
    predicted, actual = RNG.integers(0, 6, 300) / 3, RNG.normal(size=300)
    new = np.linspace(-1, 3, 40)[:, None]
    first = predicted_within(NUMBERS, new, [evaluated(actual, predicted)], 0.8)
    for order in (np.argsort(actual), np.argsort(-actual), RNG.permutation(300)):
        again = predicted_within(NUMBERS, new, [evaluated(actual[order], predicted[order])], 0.8)
        assert np.array_equal(first, again)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_sets_of_classes_cover_the_share_of_new_rows(level: float) -> None:
    found = []
    for _ in range(300):
        shares, labels = draw_classes(150)
        known = evaluated(labels[:100], labels[:100], shares[:100])
        sets = predicted_within(CLASSES, shares[100:], [known], level)
        found.append(np.mean([label in own for label, own in zip(labels[100:], sets, strict=True)]))
    assert np.mean(found) == pytest.approx(level, abs=0.015)


def test_intervals_are_wide_where_errors_are_large() -> None:
    predicted, actual = draw_numbers(2000)
    ends = predicted_within(NUMBERS, np.array([[2.0], [9.0]]), [evaluated(actual, predicted)], 0.9)
    narrow, wide = np.diff(ends)[:, 0]
    assert 3 < wide / narrow < 6  # 4.5 but for the rows nearby
    assert ends.mean(axis=1) == pytest.approx([2, 9])


def test_sets_have_the_most_probable_classes_first_and_no_improbable_one() -> None:
    shares = np.array([[0.1, 0.2, 0.7], [0.4, 0.35, 0.25], [0.34, 0.33, 0.33]])
    labels = np.array(["a"] * 19, object)
    known = evaluated(labels, labels, np.tile([0.35, 0.35, 0.3], (19, 1)))
    found = predicted_within(CLASSES, shares, [known], 0.9)
    assert found.tolist() == [("c",), ("a", "b"), ()]


def test_the_limit_is_the_score_with_the_rank_that_split_conformal_prediction_asks_for() -> None:
    errors = np.arange(1.0, 10.0)  # 9 rows with one prediction: all are similar
    known = evaluated(errors, np.zeros(9))
    assert rows_needed(0.9) == 9
    scale = ErrorScale.of(np.zeros(9), errors)
    for level, place in ((0.9, 9), (0.5, 5), (0.1, 1)):
        (ends,) = predicted_within(NUMBERS, np.array([[0.0]]), [known], level)
        assert ends[1] == pytest.approx(np.sort(scale.scores)[place - 1] * scale.of_new(np.zeros(1))[0])


def test_rows_without_an_actual_value_do_not_count() -> None:
    two = replace(NUMBERS, columns=("y", "z"), mean=(0.0, 0.0), scale=(1.0, 1.0))
    predicted, actual = draw_numbers(40)
    both = np.stack([actual, actual], axis=1)
    both[30:, 1] = np.nan
    known = evaluated(both, np.stack([predicted, predicted], axis=1))
    ends = predicted_within(two, np.ones((3, 2)), [known], 0.9)
    assert ends.shape == (3, 2, 2)
    alone = predicted_within(NUMBERS, np.ones((3, 1)), [evaluated(actual[:30], predicted[:30])], 0.9)
    assert np.array_equal(ends[:, 1], alone)


def test_extreme_and_perfect_predictions() -> None:
    known = evaluated(np.full(30, 1e307), np.linspace(-1e307, 1e307, 30))
    with np.errstate(all="raise"):
        assert np.isfinite(predicted_within(NUMBERS, np.zeros((1, 1)), [known], 0.5)).all()
        perfect = evaluated(np.arange(30.0), np.arange(30.0))
        assert predicted_within(NUMBERS, np.array([[4.0]]), [perfect], 0.9).tolist() == [[4.0, 4.0]]


@pytest.mark.parametrize("level", [0, 1, 90, -0.1, True, "0.9", float("nan"), [0.9]])
def test_what_is_no_share_is_refused(level: Any) -> None:
    with pytest.raises(InputError, match="above 0 and below 1"):
        predicted_within(NUMBERS, np.zeros((1, 1)), [evaluated(np.zeros(30), np.zeros(30))], level)


def test_held_out_rows_come_first_unless_they_are_too_few() -> None:
    few, many = evaluated(np.ones(8), np.zeros(8)), evaluated(np.full(50, 7.0), np.zeros(50))
    assert predicted_within(NUMBERS, np.zeros((1, 1)), [few, many], 0.9).tolist() == [[-7, 7]]
    assert predicted_within(NUMBERS, np.zeros((1, 1)), [few, many], 0.8).tolist() == [[-1, 1]]
    with pytest.raises(InputError, match=r"needs 9 rows .* this model has 8: ask for at most 0.88"):
        predicted_within(NUMBERS, np.zeros((1, 1)), [few, None], 0.9)


def test_models_give_the_same_intervals_after_saving(tmp_path: Path) -> None:
    rows = PENGUINS.take(range(0, 340, 20))
    for target in ("body_mass_g", "species", ["species", "sex"]):
        model = glassnet.train(PENGUINS, target, members=2, **QUICK)
        model.save(tmp_path / "m.glassnet")
        found = model.predict(rows, interval=0.8)
        assert np.array_equal(glassnet.load(tmp_path / "m.glassnet").predict(rows, interval=0.8), found)
        assert len(found) == 17
    part = model.for_target("sex").predict(rows, interval=0.8)
    assert part.tolist() == found[:, 1].tolist()


def test_a_model_without_such_rows_says_what_to_do() -> None:
    model = glassnet.train(PENGUINS, "species", validation=0, **QUICK)
    with pytest.raises(InputError, match="rows that training did not see, and this model has none"):
        model.predict(PENGUINS, interval=0.9)


def test_clamped_predictions_have_intervals_that_reach_values_beyond_the_training_range() -> None:
    clamped = replace(NUMBERS, lowest=(0.0,), highest=(1.0,))
    actual = np.linspace(-0.5, 1.5, 99)
    ends = predicted_within(clamped, np.array([[3.0]]), [evaluated(actual, np.full(99, 0.5))], 0.9)
    assert ends.mean() == pytest.approx(1.0)  # the prediction is clamped
    assert ends[0, 1] > 1.5
