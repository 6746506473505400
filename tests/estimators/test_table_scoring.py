"""Early stopping of the table estimators: weights, validation rows, scorers, callbacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet import TableClassifier, TableRegressor
from glassnet.errors import SettingsError, TableError
from glassnet.training import EpochsDone
from table_classes import NUMBERS, WORDS, quick


def test_class_weights_turn_the_balance() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = np.where(X[:, 0] + rng.normal(scale=2, size=600) > 2.2, "rare", "usual")
    recalls = []
    for class_weight in (None, "balanced", {"rare": 30.0}):
        model = TableClassifier(class_weight=class_weight, random_state=1, epochs=60, recipe="single").fit(
            X, y
        )
        recalls.append((model.predict(X)[y == "rare"] == "rare").mean())
    assert recalls[0] < recalls[1] < recalls[2]


@pytest.mark.parametrize("class_weight", ["even", {"Emu": 1.0}, {"Adelie": -1.0}, 3])
def test_class_weights_that_make_no_sense_are_refused(class_weight: Any) -> None:
    with pytest.raises(SettingsError, match="class_weight"):
        TableClassifier(class_weight=class_weight, recipe="single").fit(*WORDS)


def test_validation_rows_of_another_table() -> None:
    held = np.arange(len(WORDS[1])) % 4 == 0
    X, y = WORDS
    classifier = quick(TableClassifier).fit(X[~held], y[~held], X_val=X[held], y_val=y[held])
    rows = classifier.model_.provenance["rows"]
    assert (rows["train"], rows["validation"]) == ((~held).sum(), held.sum())
    evaluation = classifier.model_.evaluate((X[held], y[held]))
    assert min(classifier.validation_loss_curve_) == pytest.approx(evaluation["log_loss"], rel=1e-5)
    with pytest.raises(SettingsError, match="y_val"):
        classifier.fit(X, y, X_val=X)
    with pytest.raises(SettingsError, match="X_val"):
        classifier.fit(X, y, y_val=y)
    with pytest.raises(TableError, match="Emu"):
        classifier.fit(X, y, X_val=X[:3], y_val=["Emu", "Adelie", "Gentoo"])


@pytest.mark.parametrize("labels", [["False", "True"], ["10", "9"], [False, True]])
def test_labels_of_validation_rows_are_read_as_those_of_training(labels: list[Any]) -> None:
    X, y = WORDS[0], np.array(labels)[(WORDS[1] == "Adelie").to_numpy().astype(int)]
    held = np.arange(len(y)) % 4 == 0
    for some in (X[held], y[held]), (X[y == labels[0]], y[y == labels[0]]):
        model = quick(TableClassifier, scoring="accuracy")
        model.fit(X[~held], y[~held], X_val=some[0], y_val=some[1])
        assert max(model.validation_scores_) > 0.9


@pytest.mark.parametrize(
    ("cls", "data", "scoring"),
    [
        (TableClassifier, WORDS, "accuracy"),
        (TableClassifier, WORDS, "neg_log_loss"),
        (TableClassifier, WORDS, "roc_auc_ovr"),
        (TableRegressor, NUMBERS, "r2"),
        (TableRegressor, NUMBERS, "neg_mean_absolute_error"),
        (TableRegressor, NUMBERS, lambda estimator, X, y: -float(np.abs(estimator.predict(X) - y).max())),
    ],
)
def test_any_scorer_can_end_a_training(cls: Any, data: Any, scoring: Any) -> None:
    model = cls(scoring=scoring, patience=5, learning_rate=0.01, random_state=2, recipe="single").fit(*data)
    scores = model.validation_scores_
    assert len(scores) == model.n_iter_ == len(model.validation_loss_curve_)
    assert model.best_epoch_ == int(np.argmax(scores)) + 1
    assert model.n_iter_ in (model.best_epoch_ + 5, 200)


@pytest.mark.parametrize("scoring", ["accuracy", "matthews_corrcoef", "function"])
def test_a_scorer_weights_the_rows_as_the_loss_does(scoring: str) -> None:
    def share(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
        return float(np.average(estimator.predict(X) == y, weights=sample_weight))

    X, y = WORDS
    scores = []
    for class_weight, rows in (({"Gentoo": 0.0}, slice(None)), ({"Gentoo": 0.0}, y[::2] != "Gentoo")):
        model = quick(TableClassifier, scoring=share if scoring == "function" else scoring, epochs=4)
        model.set_params(class_weight=class_weight)
        scores.append(model.fit(X, y, X_val=X[::2][rows], y_val=y[::2][rows]).validation_scores_)
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-6)


def test_a_scorer_may_predict_a_part_of_the_validation_rows() -> None:
    seen = []

    def on_some_islands(estimator: Any, X: Any, y: Any) -> float:
        some = np.flatnonzero(np.array(X["island"].to_pylist()) != "Biscoe")
        part = X.take(some)
        np.testing.assert_array_equal(estimator.predict(part), estimator.predict(X)[some])
        seen.append(len(part))
        return float(np.mean(estimator.predict(part) == np.asarray(y)[some]))

    quick(TableClassifier, scoring=on_some_islands, epochs=2).fit(*WORDS)
    assert len(seen) == 2
    assert 0 < seen[0] < len(WORDS[1])


def test_a_scorer_without_weights_is_called_without_them() -> None:
    X, y = NUMBERS
    model = quick(TableRegressor, scoring="neg_max_error", epochs=3)
    assert len(model.fit(X, y, sample_weight=np.linspace(0, 1, len(y))).validation_scores_) == 3


@pytest.mark.parametrize("scoring", [["accuracy", "f1_macro"], {"accuracy": "accuracy"}, 3])
def test_only_one_scorer_can_end_a_training(scoring: Any) -> None:
    with pytest.raises(SettingsError, match="scoring is"):
        TableClassifier(scoring=scoring, recipe="single").fit(*WORDS)


def test_callbacks_see_several_networks_and_can_end_them() -> None:
    seen = []

    def watch(event: Any) -> None:
        if isinstance(event, EpochsDone):
            seen.append(event.epoch)
            event.stop.stop("seen enough")

    model = TableRegressor(members=2, callbacks=watch, epochs=10**6, patience=None, random_state=1).fit(
        *NUMBERS
    )
    assert seen
    assert {network.history.stop_reason for network in model.model_.members} == {"seen enough"}
