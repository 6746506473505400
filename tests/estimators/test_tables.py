"""The table estimators: ``train`` with scikit-learn's conventions."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import glassnet
from glassnet import TableClassifier, TableRegressor
from glassnet.net import Quantile
from glassnet.tables import penguins_path
from glassnet.training import SETTINGS
from scikit_learn import since
from table_classes import NUMBERS, WORDS, quick


def test_the_parameters_are_the_settings_of_train() -> None:
    for cls, without in ((TableClassifier, set()), (TableRegressor, {"class_weight"})):
        parameters = cls().get_params()
        of_fit = {"sample_weight", "groups", "time"}
        shared = set(SETTINGS) - of_fit - {"holdout", "task", "seed", "metric", "memory", "cache"} - without
        assert set(parameters) == shared | {"scoring", "random_state", "progress", "callbacks"}
        assert all(parameters[name] == SETTINGS[name].signature_default for name in shared)
        assert list(inspect.signature(cls).parameters) == list(inspect.signature(cls.__init__).parameters)[1:]
    with pytest.raises(TypeError, match="hiden"):
        TableClassifier(hiden=3, recipe="single")


@pytest.mark.parametrize("kind", [float, int])
def test_masked_numbers_are_missing_values(kind: Any) -> None:
    X, y = np.random.default_rng(0).normal(0, 9, (60, 3)).astype(kind), np.arange(60) % 2
    masked = np.ma.masked_array(X, mask=X > 9)
    ours = quick(TableClassifier).fit(masked, y)
    assert [column.missing for column in ours.model_.schema.columns] == (X > 9).sum(axis=0).tolist()
    gaps = np.ma.filled(masked.astype(float), np.nan)
    np.testing.assert_array_equal(ours.predict_proba(masked), ours.predict_proba(gaps))


def test_it_runs_the_code_of_train() -> None:
    classifier = quick(TableClassifier, dropout=0.1, l1=1e-3, optimizer="adamw").fit(*WORDS)
    model = glassnet.train(
        WORDS,
        task="classification",
        seed=1,
        epochs=15,
        dropout=0.1,
        l1=1e-3,
        optimizer="adamw",
        progress=False,
        recipe="single",
    )
    np.testing.assert_array_equal(classifier.model_.learnt.vector, model.learnt.vector)
    np.testing.assert_array_equal(classifier.predict_proba(WORDS[0]), model.predict_proba(WORDS[0]))
    assert classifier.loss_curve_ == model.history.loss.tolist()
    assert classifier.validation_loss_curve_ == model.history.validation_loss.tolist()
    assert (classifier.n_iter_, classifier.best_epoch_) == (model.history.epochs, model.history.best_epoch)
    weights = np.linspace(0.1, 2, len(NUMBERS[1]))
    regressor = quick(TableRegressor, loss="quantile(level=0.8)").fit(*NUMBERS, sample_weight=weights)
    model = glassnet.train(
        NUMBERS,
        task="regression",
        seed=1,
        epochs=15,
        loss=Quantile(0.8),
        sample_weight=weights,
        progress=False,
        recipe="single",
    )
    np.testing.assert_array_equal(regressor.model_.learnt.vector, model.learnt.vector)


@since("1.9")  # the names of PyArrow's columns are not seen before
def test_tables_of_arrow_have_names_too() -> None:
    frame, y = NUMBERS
    table = pa.Table.from_pandas(frame, preserve_index=False)
    model = quick(TableRegressor).fit(table, y)
    wanted = model.predict(frame)
    np.testing.assert_array_equal(model.predict(table), wanted)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        np.testing.assert_array_equal(model.predict(frame.to_numpy()), wanted)


@since("1.9")  # the names of Polars' columns are not seen before, so they are missed in the other frame
@pytest.mark.parametrize("name", ["read", "column_names", "columns"])
def test_columns_may_have_the_names_of_what_tables_can_do(name: str) -> None:
    table = pl.DataFrame({name: np.arange(40.0) % 7, "b": np.arange(40.0)}).to_pandas()
    quick(TableRegressor).fit(table, np.arange(40.0)).predict(table)
    inputs = table[["b"]].rename(columns={"b": "x"})
    assert quick(TableRegressor).fit(inputs, table).model_.target.columns == (name, "b")


def test_frames_of_any_library_are_the_same() -> None:
    one = quick(TableClassifier).fit(*WORDS)
    frame = pl.read_csv(penguins_path(), null_values="NA").drop("species")
    other = quick(TableClassifier).fit(frame, WORDS[1])
    np.testing.assert_allclose(one.predict_proba(WORDS[0]), other.predict_proba(WORDS[0]), atol=1e-6)


def test_columns_without_names_go_by_place_and_it_is_reported() -> None:
    """As scikit-learn has it: its tools, and others, hand on the bare values of a frame."""
    frame, y = NUMBERS
    by_name = quick(TableRegressor).fit(frame, y)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        np.testing.assert_array_equal(by_name.predict(frame.to_numpy()), by_name.predict(frame))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        again = quick(TableRegressor).fit(frame, y, X_val=frame.to_numpy(), y_val=y)
    wanted = quick(TableRegressor).fit(frame, y, X_val=frame, y_val=y)
    assert again.validation_loss_curve_ == wanted.validation_loss_curve_
    values = frame[["bill_depth_mm", "year"]]
    by_place = quick(TableRegressor).fit(values.to_numpy(), y)
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        np.testing.assert_array_equal(by_place.predict(values), by_place.predict(values.to_numpy()))


def test_in_scikit_learns_tools() -> None:
    assert cross_val_score(quick(TableClassifier, epochs=60), *WORDS, cv=3, n_jobs=2).mean() > 0.95
    pipeline = make_pipeline(
        FunctionTransformer(lambda frame: frame.drop(columns="year")), quick(TableRegressor)
    )
    grid = GridSearchCV(pipeline, {"tableregressor__hidden": [(8,), (16, 8)]}, cv=2).fit(*NUMBERS)
    assert grid.best_params_["tableregressor__hidden"] in ((8,), (16, 8))
    assert cross_val_predict(quick(TableRegressor), *NUMBERS, cv=2).shape == NUMBERS[1].shape
    logs = TransformedTargetRegressor(quick(TableRegressor), func=np.log, inverse_func=np.exp)
    assert (logs.fit(*NUMBERS).predict(NUMBERS[0]) > 1000).all()
    copied = clone(
        TableClassifier(hidden=(3,), activation=("tanh",), class_weight={"Adelie": 2.0}, recipe="single")
    )
    assert copied.hidden == (3,)
    fitted = quick(TableClassifier, members=2).fit(*WORDS)
    fitted.predict(WORDS[0])
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(WORDS[0]), fitted.predict_proba(WORDS[0]))


def test_a_target_with_the_name_of_a_column_gets_another() -> None:
    X = WORDS[0].assign(y=1.5 * np.arange(len(WORDS[0])))
    assert quick(TableClassifier).fit(X, WORDS[1].to_numpy()).model_.target.columns == ("y_",)
