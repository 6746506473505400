"""The scores in the pictures of predictions are those of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.image import AxesImage
from sklearn import metrics

import glassnet
from glassnet.errors import InputError, InputTypeError
from glassnet.evaluation import Evaluation
from glassnet.pictures import confusion, precision_recall, predicted_vs_actual, reliability, roc
from glassnet.pictures.thresholds import area_under, precision_recall_points, roc_points
from glassnet.tables import read_table

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("levels", [3, 1000])
def test_points_and_areas(levels: int) -> None:
    positive = RNG.random(400) < 0.3
    scores = np.round(RNG.random(400) * levels) + positive * levels // 3
    across, up = roc_points(positive, scores)
    assert (across[0], up[0], across[-1], up[-1]) == (0, 0, 1, 1)
    assert area_under(across, up) == pytest.approx(metrics.roc_auc_score(positive, scores))
    expected = metrics.roc_curve(positive, scores, drop_intermediate=True)
    np.testing.assert_allclose(np.interp(expected[0], across, up), expected[1], atol=1)
    assert set(zip(across.round(9), up.round(9), strict=True)) <= set(
        zip(
            *(own.round(9) for own in metrics.roc_curve(positive, scores, drop_intermediate=False)[:2]),
            strict=True,
        )
    )
    average = area_under(*precision_recall_points(positive, scores))
    assert average == pytest.approx(metrics.average_precision_score(positive, scores))


def shown(ax: object) -> np.ndarray:
    texts = [text.get_text().replace(",", "") for text in ax.texts]  # type: ignore[attr-defined]
    return np.array([int(text) for text in texts if text.isdigit()])


def test_confusion_counts() -> None:
    classes = ["a", "b", "c"]
    actual, predicted = RNG.choice(classes, 200), RNG.choice(classes, 200)
    ax = confusion(actual, predicted)
    np.testing.assert_array_equal(shown(ax).reshape(3, 3), metrics.confusion_matrix(actual, predicted))
    assert [text.get_text() for text in ax.get_xticklabels()] == classes
    turned = confusion(actual, predicted, classes=classes[::-1])
    assert [text.get_text() for text in turned.get_yticklabels()] == classes[::-1]


def test_no_row_is_lost_among_many_classes() -> None:
    names = [f"{at:03}" for at in range(100)]
    actual = RNG.choice(names, 500)
    predicted = np.where(RNG.random(500) < 0.7, actual, RNG.choice(names[:5], 500))
    ax = confusion(actual, predicted)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert len(labels) == 25
    assert labels[-1] == f"{len({*actual, *predicted}) - 24} others"
    (image,) = (each for each in ax.images if isinstance(each, AxesImage))
    shares = np.asarray(image.get_array())
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert f"500 rows, {(actual == predicted).mean():.1%} right" in ax.texts[0].get_text()


def test_legends_have_the_areas() -> None:
    actual = RNG.integers(0, 2, 300)
    probabilities = np.clip(RNG.random(300) * 0.6 + 0.3 * actual, 0, 1)
    for draw, score in ((roc, metrics.roc_auc_score), (precision_recall, metrics.average_precision_score)):
        legend = draw(actual, probabilities).get_legend()
        assert legend is not None
        assert f"{score(actual, probabilities):.3f}" in legend.get_texts()[0].get_text()
        assert legend.get_texts()[1].get_text().startswith("chance level")


def test_classes_without_rows_have_no_curve_and_a_note() -> None:
    ax = roc(["a", "b", "a"], np.full((3, 3), 1 / 3), classes=["a", "b", "c"])
    assert "1 without a curve" in ax.texts[0].get_text()


def test_reliability_notes_the_calibration_error() -> None:
    predicted = np.repeat([0.25, 0.75], 100)
    true = np.concatenate([np.arange(100) < 25, np.arange(100) < 55])
    ax = reliability(true.astype(int), predicted)
    assert "Expected calibration error 0.100" in ax.texts[0].get_text()


def test_weights_of_an_evaluation_count() -> None:
    codes, scores = (RNG.random(300) < 0.4).astype(int), RNG.random(300)
    repeats = RNG.integers(1, 5, 300)
    labels = np.array(["no", "yes"])[codes]
    probabilities = np.column_stack([1 - scores, scores])
    weighted = Evaluation({}, {}, labels, labels, probabilities, weights=repeats.astype(float))
    whole = np.repeat(labels, repeats), np.repeat(scores, repeats)
    for draw in (roc, precision_recall):
        one, other = draw(weighted), draw(*whole)
        for own, expected in zip(one.get_lines(), other.get_lines(), strict=True):
            np.testing.assert_allclose(
                np.asarray(own.get_ydata(), float).sum(), np.asarray(expected.get_ydata(), float).sum()
            )
    one, other = reliability(weighted), reliability(*whole)
    offsets: list[Any] = [np.asarray(ax.collections[1].get_offsets()) for ax in (one, other)]
    np.testing.assert_allclose(offsets[0], offsets[1])
    ends: list[Any] = [
        np.array([path.vertices for path in ax.collections[0].get_paths()]) for ax in (one, other)
    ]
    heights = [np.ptp(own[:, :, 1], axis=1) for own in ends]
    assert (heights[0] > heights[1]).all()  # rows of several weights tell less than as many equal rows
    assert "300 rows, weighted" in one.texts[0].get_text()


def test_models_are_judged_on_their_held_out_rows(several: glassnet.Model, numbers: glassnet.Model) -> None:
    assert several.holdout is not None
    assert numbers.holdout is not None
    assert f"{several.holdout['accuracy']:.1%} right" in confusion(several).texts[0].get_text()
    assert f"R² {numbers.holdout['r2']:.3f}" in predicted_vs_actual(numbers).texts[0].get_text()
    own, given = (confusion(each).texts[0].get_text() for each in (several, several.holdout))
    assert own.startswith("69 held-out rows, ")
    assert own.replace("held-out ", "") == given


def test_held_out_rows_have_probabilities(several: glassnet.Model, table: Any) -> None:
    assert several.holdout is not None
    assert several.holdout.rows is not None
    rows = read_table(table).take(several.holdout.rows)
    for draw in (roc, precision_recall, reliability):
        alone, given = (
            [line.get_xydata() for line in ax.get_lines()] for ax in (draw(several), draw(several, rows))
        )
        for own, other in zip(alone, given, strict=True):
            np.testing.assert_array_equal(own, other)


def test_wrong_use(numbers: glassnet.Model) -> None:
    with pytest.raises(InputError, match="for classes, but the evaluation is one of numbers"):
        roc(numbers.holdout)
    with pytest.raises(InputTypeError, match="3 actual values, but 2 predictions"):
        confusion([1, 2, 3], [1, 2])
    with pytest.raises(InputError, match="no rows"):
        confusion([], [])
    with pytest.raises(InputError, match="not among the classes: c"):
        roc(["a", "c"], [[0.5, 0.5], [0.5, 0.5]], classes=["a", "b"])
    with pytest.raises(InputError, match="name them all"):
        roc(["a", "a"], [[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(InputError, match="counted from 0"):
        predicted_vs_actual([1.0, 2.0], [1.0, 2.0], output=1)


def test_many_rows_are_drawn_as_their_density() -> None:
    few, many = RNG.normal(size=(2, 100)), RNG.normal(size=(2, 5000))
    assert not predicted_vs_actual(*few).figure.axes[1:]
    ax = predicted_vs_actual(*many)
    (cells,) = (each for each in ax.collections if isinstance(each, PolyCollection))
    assert np.asarray(cells.get_array()).sum() == 5000
    assert ax.figure.axes[1].get_ylabel() == "rows"


@pytest.mark.parametrize("draw", [roc, precision_recall])
def test_curves_in_a_corner_are_magnified(draw: Callable[..., Axes]) -> None:
    actual = RNG.integers(0, 2, 300)
    good, bad = actual + 0.25 * RNG.normal(size=300), RNG.random(300)
    ax = draw(actual, good)
    (inset,) = ax.child_axes
    assert inset.get_ylim() == (0.79, 1.01)
    np.testing.assert_array_equal(inset.lines[0].get_ydata(), ax.lines[0].get_ydata())
    assert not draw(actual, bad).child_axes
    ax.figure.set_size_inches(3, 2)  # type: ignore[union-attr]
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    assert not ax.child_axes
