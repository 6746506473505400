"""Mistakes are listed by the numbers of the rows in the table, the most surprising first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError
from glassnet.tables import penguins_path

FRAME = pd.read_csv(penguins_path())


@pytest.mark.parametrize("holdout", [0.0, 0.3])
def test_wrong_classes(holdout: float, tmp_path: Path) -> None:
    model = glassnet.train(FRAME, "island", seed=1, epochs=3, holdout=holdout, recipe="single")
    model.save(tmp_path / "m")
    for own in (model, glassnet.load(tmp_path / "m")):
        found = own.mistakes()
        assert 0 < len(found) < found.count == len(own.held_out or ())
        assert found.what == ("held-out rows" if holdout else "validation rows")
        frame = FRAME.iloc[found.rows]
        np.testing.assert_array_equal(found.actual, frame["island"])
        np.testing.assert_array_equal(found.predicted, own.predict(frame))
        assert (found.actual != found.predicted).all()
        given = own.predict_proba(frame)
        np.testing.assert_array_equal(found.probability, given.max(axis=1))
        codes = [list(own.classes).index(label) for label in found.actual]
        np.testing.assert_allclose(np.exp(-found.surprise), given[np.arange(len(found)), codes])
        assert (np.diff(found.surprise) <= 0).all()
        assert str(found.rows[0]) in repr(found)
        assert len(found.to_frame()) == len(found)


@pytest.mark.parametrize("target", ["body_mass_g", ["body_mass_g", "bill_depth_mm"]])
def test_largest_errors_of_numbers(target: Any) -> None:
    table = FRAME.copy()
    table.loc[3, "body_mass_g"] = np.nan
    model = glassnet.train(table, target, seed=1, epochs=3, holdout=0.3, recipe="single")
    found = model.mistakes()
    assert (np.diff(found.surprise) <= 0).all()
    for row, name, actual in zip(found.rows[:20], found.target, found.actual, strict=False):
        assert table[name][row] == actual
    assert {*found.target} == {*([target] if isinstance(target, str) else target)}


def test_of_a_given_table_and_of_a_model_without_held_out_rows() -> None:
    model = glassnet.train(FRAME, "species", seed=1, epochs=1, hidden=(2,), validation=0, recipe="single")
    with pytest.raises(InputError, match="neither held-out nor validation rows"):
        model.mistakes()
    found = model.mistakes(FRAME.iloc[50:150].assign(species="Gentoo"))
    assert found.rows.max() < 100
    assert found.count == 100


def test_a_model_without_mistakes_prints_that() -> None:
    table = {"a": np.arange(300.0), "y": np.where(np.arange(300) % 2, "odd", "even"), "b": np.arange(300) % 2}
    model = glassnet.train(table, "y", seed=1, epochs=50, recipe="single")
    assert len(model.mistakes()) == 0
    assert "Wrong predictions: 0 of 60 validation rows" in repr(model.mistakes())
