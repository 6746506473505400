"""Targets of the table estimators: labels of any type are returned, and wrong targets are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score

import glassnet
from glassnet import TableClassifier, TableRegressor
from glassnet.errors import SettingsError, TableError
from glassnet.training import EpochsDone
from table_classes import NUMBERS, WORDS, quick


@pytest.mark.parametrize(
    "labels",
    [["a", "b", "c"], [2, 5, 9], [0.0, 1.0, 2.0], ["10", "9", "a b"], ["False", "True", "maybe"]],
)
@pytest.mark.parametrize("several", [2, 3])
def test_labels_come_back_as_they_were(labels: list[Any], several: int) -> None:
    kept = WORDS[1].isin(["Adelie", "Chinstrap", "Gentoo"][:several])
    y = np.array(labels)[WORDS[1][kept].map({"Adelie": 0, "Chinstrap": 1, "Gentoo": 2}).to_numpy()]
    classifier = TableClassifier(random_state=1, epochs=60, recipe="single").fit(WORDS[0][kept], y)
    assert classifier.classes_.tolist() == sorted(labels[:several])
    predicted = classifier.predict(WORDS[0][kept])
    assert predicted.dtype == y.dtype
    assert accuracy_score(y, predicted) > 0.95
    np.testing.assert_allclose(classifier.predict_proba(WORDS[0]).sum(axis=1), 1)


def test_a_label_that_reads_as_missing_is_refused_rather_than_left_out() -> None:
    with pytest.raises(TableError, match=r"'NA'.*missing"):
        TableClassifier(recipe="single").fit(WORDS[0], WORDS[1].replace("Adelie", "NA"))


@pytest.mark.parametrize("labels", [["a", "a ", "b"], [" 1", "1", "2"]])
def test_labels_that_differ_by_spaces_are_refused_rather_than_taken_for_each_other(labels: list[str]) -> None:
    y = np.array(labels)[np.arange(len(WORDS[1])) % 3]
    with pytest.raises(TableError, match="are both read as"):
        TableClassifier(recipe="single").fit(WORDS[0], y)


def test_labels_that_are_large_numbers_stay_apart() -> None:
    y = np.where(WORDS[1] == "Adelie", 2**55 + 1, 2**55 + 3)  # the same number in float64
    classifier = quick(TableClassifier).fit(WORDS[0], y)
    assert classifier.score(WORDS[0], y) > 0.9


@pytest.mark.parametrize("dtype", ["boolean", "Int64", "category", "string"])
def test_pandas_own_types_of_labels(dtype: str) -> None:
    y = (WORDS[1] == "Adelie").astype("string" if dtype == "string" else int).astype(dtype)
    classifier = quick(TableClassifier).fit(WORDS[0], y)
    assert classifier.classes_.tolist() == sorted(y.unique().tolist())
    assert type(classifier.predict(WORDS[0]).tolist()[0]) is type(y.unique().tolist()[0])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_labels_that_are_missing_are_counted(missing: Any) -> None:
    labels = WORDS[1].astype(object)
    labels.iloc[:2] = missing
    with pytest.raises(ValueError, match=r"y is NaN or missing in 2 rows; leave them out of X and y\."):
        TableClassifier(recipe="single").fit(WORDS[0], labels)


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (
            WORDS[0].set_axis([*WORDS[0].columns[:-1], "island"], axis=1),
            TableError,
            "more than one column named",
        ),
        (WORDS[0].to_dict("list"), TypeError, r"made of dicts.*pandas.DataFrame\(X\)"),
        (WORDS[0].to_dict("records"), TypeError, r"made of dicts.*pandas.DataFrame\(X\)"),
        (WORDS[0][:0], TableError, "n_samples = 0 row"),
        (WORDS[0][:1], TableError, "n_samples = 1 row"),
    ],
)
def test_tables_that_cannot_be_used_for_training(inputs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TableClassifier(recipe="single").fit(inputs, WORDS[1][: len(inputs)] if len(inputs) < 2 else WORDS[1])


def test_true_and_false_are_1_and_0_to_a_regressor() -> None:
    y = WORDS[1] == "Adelie"
    predicted = [quick(TableRegressor).fit(WORDS[0], own).predict(WORDS[0]) for own in (y, y.astype(int))]
    np.testing.assert_array_equal(*predicted)


@pytest.mark.parametrize("labels", [[2**63, 2**63 + 1, 2**64 - 1], [3, 2**63 + 1]])
def test_labels_beyond_int64_stay_themselves(labels: list[int]) -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = np.array(labels, np.uint64)[np.arange(60) % len(labels)]
    fitted = quick(TableClassifier, epochs=60).fit(X, y)
    trained = glassnet.train((X, y), task="classification", epochs=5, progress=False, recipe="single")
    assert fitted.classes_.tolist() == fitted.model_.classes.tolist() == trained.classes.tolist() == labels
    assert fitted.predict(X).dtype == trained.predict(X).dtype == np.uint64
    assert fitted.score(X, y) == fitted.model_.evaluate((X, y))["accuracy"]
    frame = pd.DataFrame(X).assign(y=y)
    assert (
        glassnet.train(frame, "y", task="classification", epochs=5, recipe="single").classes.tolist()
        == labels
    )


def test_true_and_false_stay_themselves() -> None:
    y = (WORDS[1] == "Adelie").to_numpy()
    assert quick(TableClassifier).fit(WORDS[0], y).predict(WORDS[0]).dtype == bool


@pytest.mark.parametrize(
    "y",
    [
        np.array([True, False] * 167, object),
        pd.Series([1, True, 0.0, False, 1, 0] * 55 + [1, 0, 1, 0]),
        pd.DataFrame({"one": np.arange(334) % 2 > 0, "two": np.linspace(0, 1, 334)}),
        pd.DataFrame({"one": np.arange(334) % 2 > 0, "two": [None, *range(333)]}).convert_dtypes(),
        pl.DataFrame({"one": [True, False] * 167, "two": [None, *range(333)]}),
        pa.table({"one": [True, False] * 167, "two": [None, *range(333)]}),
    ],
    ids=["objects", "mixed", "frame", "nullable", "polars", "arrow"],
)
def test_a_regressor_takes_numbers_of_any_type(y: Any) -> None:
    X = WORDS[0][:334]
    values = pd.DataFrame(np.asarray(y)).astype("Float64").to_numpy(float, na_value=np.nan)
    values = values[:, 0] if np.ndim(y) == 1 else values
    model, wanted = (quick(TableRegressor).fit(X, own) for own in (y, values))
    np.testing.assert_array_equal(model.predict(X), wanted.predict(X))
    assert model.model_.target.columns == (("one", "two") if np.ndim(values) == 2 else ("y",))
    assert model.score(X, y) == wanted.score(X, values)


def test_what_is_masked_in_targets_is_missing() -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
    masked = np.ma.masked_array(y, mask=np.arange(60) < 5)
    with pytest.raises(ValueError, match=r"y is NaN or missing in 5 rows"):
        quick(TableClassifier).fit(X, masked)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        quick(TableRegressor).fit(X, masked)
    whole = np.ma.masked_array(y, mask=False)
    assert quick(TableClassifier).fit(X, whole).classes_.dtype == y.dtype
    both = np.ma.stack([masked, whole], axis=1)
    gaps = np.ma.filled(both.astype(float), np.nan)
    model, wanted = (quick(TableRegressor).fit(X, own) for own in (both, gaps))
    np.testing.assert_array_equal(model.predict(X), wanted.predict(X))
    assert model.score(X, both) == model.score(X, gaps)


@pytest.mark.parametrize(
    ("cls", "data", "held", "message"),
    [
        (
            TableClassifier,
            WORDS,
            pd.Series(["Adelie", None]),
            r"y_val is .* 1 row; leave them out of X_val",
        ),
        (TableRegressor, NUMBERS, np.array([3000, np.nan]), "Input y_val contains NaN"),
        (TableRegressor, NUMBERS, ["much", "little"], "could not convert string to float"),
    ],
)
def test_targets_of_validation_rows_are_checked_as_those_of_training(
    cls: Any, data: Any, held: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        quick(cls).fit(*data, X_val=data[0][:2], y_val=held)


@pytest.mark.filterwarnings("ignore:The number of unique classes")
@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (TableClassifier(recipe="single"), np.arange(344), "Use TableRegressor"),
        (TableClassifier(members=2), np.arange(344), "Use TableRegressor"),
        (TableRegressor(recipe="single"), np.arange(344).astype("M8[D]"), "predicted with TableClassifier"),
        (
            TableClassifier(scoring="accuracy", validation=0.0, recipe="single"),
            WORDS[1],
            "scoring needs validation rows",
        ),
    ],
)
def test_what_train_refuses_is_reported_with_the_names_of_the_parameters(
    model: Any, y: Any, message: str
) -> None:
    with pytest.raises((TableError, SettingsError), match=message) as error:
        model.fit(WORDS[0], y)
    assert "task=" not in str(error.value)


def test_callbacks_may_come_from_a_generator() -> None:
    seen: list[Any] = []
    watchers = (watch for watch in [seen.append])
    quick(TableClassifier, members=2, callbacks=watchers, epochs=2).fit(*WORDS)
    finished = [event for event in seen if isinstance(event, EpochsDone) and event.epoch == 2]
    assert len(finished) == 2


def test_several_targets_of_classes_are_for_train() -> None:
    labels = np.tile([[0, 1], [1, 0]], (20, 1))
    with pytest.raises(ValueError, match="y has 2 columns, but TableClassifier predicts one target"):
        TableClassifier(recipe="single").fit(np.arange(40.0)[:, None], labels)
