"""Rows that the table estimators and models predict from: columns by name in any order, single rows in any form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet
from glassnet import TableClassifier, TableRegressor
from glassnet.tables import penguins_path, read_table

pytest.importorskip("polars", minversion="1.20", reason="older versions do not take NaN among words")

PENGUINS = pd.read_csv(penguins_path())
X, Y = PENGUINS.drop(columns="species"), PENGUINS["species"]


@pytest.fixture(scope="module")
def classifier() -> TableClassifier:
    return TableClassifier(hidden=4, epochs=3, random_state=1, recipe="single").fit(X, Y)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.from_pandas, lambda X: pl.from_pandas(X).to_arrow()])
def test_columns_in_another_order_are_found_by_name(
    classifier: TableClassifier, make: Callable[[Any], Any]
) -> None:
    assert list(classifier.feature_names_in_) == list(X.columns)
    other = make(X[X.columns[::-1]])
    assert (classifier.predict_proba(other) == classifier.predict_proba(X)).all()


def test_validation_rows_in_another_order() -> None:
    fits = [
        TableRegressor(hidden=4, epochs=3, random_state=1, recipe="single").fit(
            X[["bill_length_mm", "year"]].fillna(0),
            X["body_mass_g"].fillna(0),
            X_val=X[names].fillna(0),
            y_val=X["body_mass_g"].fillna(0),
        )
        for names in (["bill_length_mm", "year"], ["year", "bill_length_mm"])
    ]
    assert fits[0].validation_loss_curve_ == fits[1].validation_loss_curve_


def test_other_columns_are_still_refused(classifier: TableClassifier) -> None:
    with pytest.raises(ValueError, match="yet now missing"):
        classifier.predict(X.drop(columns="sex"))
    with pytest.raises(ValueError, match="unseen at fit time"):
        classifier.predict(X.assign(more=1))


ROWS: dict[str, Callable[[], Any]] = {
    "dict": lambda: X.iloc[7].to_dict(),
    "list of dicts": lambda: X.iloc[[7]].to_dict("records"),
    "dict of columns": lambda: X.iloc[[7]].to_dict("list"),
    "series": lambda: X.iloc[7],
    "named tuple": lambda: next(X.iloc[[7]].itertuples(index=False)),
    "frame": lambda: X.iloc[[7]],
    "row of polars": lambda: pl.from_pandas(X).row(7, named=True),
    "frame of polars": lambda: pl.from_pandas(X)[7],
}


@pytest.mark.parametrize("form", ROWS)
def test_a_single_row(classifier: TableClassifier, form: str) -> None:
    row, model = ROWS[form](), classifier.model_
    expected = classifier.predict_proba(X.iloc[[7]])
    assert np.array_equal(classifier.predict_proba(row), expected)
    assert np.array_equal(model.predict_proba(row)[0], expected[0])
    assert model.explain(row).prediction == model.predict(row)[0]
    assert model.attributions(row).predictions == pytest.approx(expected.max(), rel=1e-5)


def test_a_single_row_with_its_target() -> None:
    model = glassnet.train(PENGUINS, "species", hidden=4, epochs=3, seed=1, recipe="single")
    row = PENGUINS.iloc[7]
    assert len(model.evaluate(row)) == 1
    assert model.explain(row.to_dict()).loss is not None


@pytest.mark.parametrize("row", [[1.5, 2.0], (1.5, 2.0), np.array([1.5, 2.0]), np.array([[1.5, 2.0]])])
def test_a_row_without_names(row: Any) -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 2))
    model = glassnet.train((inputs, inputs[:, 0] * 2), hidden=3, epochs=2, seed=1, recipe="single")
    wanted = model.predict(np.array([[1.5, 2.0]]))
    assert (
        model.predict(row) == wanted if not isinstance(row, tuple) else True
    )  # a tuple of two is a pair (X, y)
    assert model.explain(np.array(row)).prediction == wanted[0]


def test_a_column_is_no_row(classifier: TableClassifier) -> None:
    with pytest.raises(ValueError, match="Expected 2D array"):
        classifier.predict(X["year"])
    with pytest.raises(TypeError, match="cannot be made of Series"):
        classifier.model_.predict(X["year"])
    assert read_table(X).num_rows == len(X)
