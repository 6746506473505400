"""Several targets, and several networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_linnerud
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_score

import glassnet
from glassnet import TableClassifier, TableRegressor
from glassnet.errors import SettingsError
from glassnet.training.stop import INTERRUPTED
from table_classes import NUMBERS, WORDS, quick


def test_several_numbers_with_missing_values() -> None:
    """Where one target is missing the others still teach; what is missing teaches nothing."""
    X, y = load_linnerud(return_X_y=True)
    y = np.tile(y, (10, 1)) + np.random.default_rng(0).normal(size=(200, 3))
    X = np.tile(X, (10, 1))
    whole = TableRegressor(random_state=1, epochs=100, learning_rate=0.01, recipe="single").fit(X, y)
    holes = np.random.default_rng(1).random(y.shape) < 0.3
    gaps = TableRegressor(random_state=1, epochs=100, learning_rate=0.01, recipe="single").fit(
        X, np.where(holes, np.nan, y)
    )
    assert gaps.model_.provenance["rows"]["train"] == int((~holes.all(axis=1)).sum() * 0.8 + 0.5)
    assert gaps.score(X, y) > whole.score(X, y) - 0.15 > 0.4
    assert np.isfinite(gaps.predict(X)).all()
    frame = pd.DataFrame(np.where(holes, np.nan, y), columns=["weight", "waist", "pulse"])
    assert TableRegressor(epochs=2).fit(X, frame).model_.target.columns == ("weight", "waist", "pulse")


@pytest.mark.parametrize("scoring", ["r2", "neg_mean_absolute_error"])
def test_scores_of_several_numbers_with_missing_values(scoring: str) -> None:
    """Each number is judged on the rows that have it."""
    X, y = NUMBERS[0], np.column_stack([NUMBERS[1], -NUMBERS[1]])
    gaps = np.where(np.random.default_rng(0).random(y.shape) < 0.3, np.nan, y)
    model = quick(TableRegressor, scoring=scoring, members=2).fit(X, gaps)
    assert np.isfinite(model.validation_scores_).all()
    known = ~np.isnan(gaps)
    each = [r2_score(y[rows, o], model.predict(X)[rows, o]) for o, rows in enumerate(known.T)]
    assert model.score(X, gaps) == pytest.approx(np.mean(each))
    assert np.isfinite(cross_val_score(quick(TableRegressor), X, gaps, cv=2)).all()
    frame = pd.DataFrame(gaps).convert_dtypes()  # in pandas' own types a gap is no NaN
    assert model.score(X, frame) == model.score(X, gaps)
    one_known = np.column_stack([y[:, 0], np.full(len(y), np.nan)])
    assert model.score(X, one_known) == pytest.approx(r2_score(y[:, 0], model.predict(X)[:, 0]))
    held = np.arange(len(y)) % 3 == 0
    own = {"X_val": X[held], "y_val": y[held]}
    whole = quick(TableRegressor, scoring=scoring).fit(X[~held], y[~held], **own)
    own["y_val"] = np.vstack([y[held][:-1], [np.nan, y[held][-1, 1]]])
    almost = quick(TableRegressor, scoring=scoring).fit(X[~held], y[~held], **own)
    np.testing.assert_allclose(almost.validation_scores_, whole.validation_scores_, rtol=0.2)


def test_several_networks_are_averaged_and_their_spread_is_returned() -> None:
    model = quick(TableClassifier, members=3).fit(*WORDS)
    whole = model.model_
    each = np.stack([whole.member(number).predict_proba(WORDS[0]) for number in range(3)])
    mean, std = model.predict_proba(WORDS[0], return_std=True)
    np.testing.assert_array_equal(mean, whole.predict_proba(WORDS[0]))
    np.testing.assert_array_equal(mean, model.predict_proba(WORDS[0]))
    np.testing.assert_allclose(std, each.std(axis=0))
    labels, spread = model.predict(WORDS[0], return_std=True)
    np.testing.assert_array_equal(labels, model.classes_[mean.argmax(axis=1)])
    np.testing.assert_array_equal(labels, model.predict(WORDS[0]))
    np.testing.assert_allclose(spread, std[np.arange(len(std)), mean.argmax(axis=1)])
    assert (std > 0).any()
    numbers = quick(TableRegressor, members=3).fit(*NUMBERS)
    mean, std = numbers.predict(NUMBERS[0], return_std=True)
    assert mean.shape == std.shape == NUMBERS[1].shape
    assert (std > 0).all()
    assert (quick(TableRegressor).fit(*NUMBERS).predict(NUMBERS[0], return_std=True)[1] == 0).all()


def test_the_model_is_that_of_train_with_the_same_seed() -> None:
    X, y = NUMBERS
    fitted = quick(TableRegressor, members=2, random_state=4).fit(X, y).model_
    trained = glassnet.train((X, y), epochs=15, members=2, seed=4, recipe="single")
    for own, other in zip(fitted.members, trained.members, strict=True):
        np.testing.assert_array_equal(own.learnt.vector, other.learnt.vector)
    drawn = TableClassifier(members=2, epochs=2, random_state=np.random.RandomState(0)).fit(*WORDS).model_
    again = TableClassifier(members=2, epochs=2, random_state=np.random.RandomState(0)).fit(*WORDS).model_
    assert drawn.settings.seed == again.settings.seed != 0


@pytest.mark.parametrize("members", [0, -1, 1.5, "two"])
def test_no_networks_are_refused(members: Any) -> None:
    with pytest.raises(SettingsError, match="members"):
        TableClassifier(members=members).fit(*WORDS)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_a_number_of_threads_that_is_none_is_refused(threads: Any, members: int) -> None:
    with pytest.raises(SettingsError, match=f"threads is {threads!r}, but must be an integer"):
        quick(TableClassifier, threads=threads, members=members).fit(*WORDS)


def test_fit_can_be_interrupted_before_an_epoch() -> None:
    X, y = np.random.default_rng(0).random((60, 3)), np.arange(60) % 2

    def interrupt(event: Any) -> None:
        event.stop.stop(INTERRUPTED)

    settings = {"hidden": 3, "epochs": 5, "threads": 1, "progress": False}
    with pytest.raises(KeyboardInterrupt, match="no model to keep"):
        TableClassifier(members=3, callbacks=interrupt, **settings).fit(X, y)
