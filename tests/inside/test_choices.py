"""Values that a column of a row could have instead: how they are given, and how they are returned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError

RNG = np.random.default_rng(3)
ROWS = 240
FRAME = pd.DataFrame(
    {
        "income": RNG.normal(50.0, 15.0, ROWS).round(2),
        "smoker": np.arange(ROWS) % 2 == 0,
        "plan": pd.Categorical(RNG.integers(1, 5, ROWS)),
        "rate": pd.Categorical(RNG.choice([0.5, 1.0, 2.5], ROWS)),
        "since": pd.date_range("2020-01-01", periods=ROWS, freq="D"),
        "city": [[None, "Rome", "Oslo"][at % 3] for at in range(ROWS)],
    }
)
SCORE = (
    FRAME["income"] / 10
    + 4 * FRAME["smoker"]
    + 2 * FRAME["plan"].astype(int)
    + 3 * FRAME["rate"].astype(float)
    + FRAME["since"].dt.day_of_year / 50
    + 4 * (FRAME["city"] == "Rome")
)
ROW: dict[str, Any] = {
    "income": 50.0,
    "smoker": False,
    "plan": 1,
    "rate": 0.5,
    "since": datetime(2020, 1, 5),
    "city": "Oslo",
}


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    return glassnet.train(FRAME.assign(score=SCORE), "score", recipe="single", hidden=8, epochs=150, seed=1)


@pytest.mark.parametrize(
    ("column", "allowed", "instead"),
    [
        ("smoker", [True], True),
        ("smoker", [np.True_], True),
        ("smoker", ["true"], True),
        ("smoker", [1], True),
        ("smoker", ["Yes"], True),
        ("smoker", None, True),
        ("plan", [3], 3),
        ("plan", [3.0], 3),
        ("plan", ["3"], 3),
        ("plan", [np.int8(3)], 3),
        ("rate", [2.5], 2.5),
        ("rate", [1], 1.0),
        ("city", ["Rome"], "Rome"),
        ("city", pd.Series(["Rome"]), "Rome"),
    ],
)
def test_levels_are_given_as_the_table_has_them_and_returned_in_its_type(
    model: glassnet.Model, column: str, allowed: Any, instead: Any
) -> None:
    found = model.what_if(ROW, change={column: allowed}, to=float(model.predict(ROW)[0]) + 0.1)
    assert found.found
    assert found.changes == {column: (ROW[column], instead)}
    assert type(found.row[column]) is type(instead)
    assert model.predict(found.row)[0] == pytest.approx(found.after)
    assert model.predict(pd.DataFrame([found.row]))[0] == pytest.approx(found.after)


@pytest.mark.parametrize("column", ["smoker", "plan", "rate", "city"])
def test_a_missing_level_becomes_one_of_the_type_that_training_had(
    model: glassnet.Model, column: str
) -> None:
    row = {**ROW, column: None}
    best = {"smoker": True, "plan": 4, "rate": 2.5, "city": "Rome"}[column]
    goal = float(model.predict({**ROW, column: best})[0]) - 0.1
    found = model.what_if(row, change=column, to=goal)
    assert found.changes == {column: (None, best)}
    assert type(found.row[column]) is type(best)


def test_a_timestamp_becomes_a_timestamp(model: glassnet.Model) -> None:
    found = model.what_if(ROW, change="since", to=float(model.predict(ROW)[0]) + 1)
    assert found.found
    now, instead = found.changes["since"]
    assert now == ROW["since"]
    assert isinstance(instead, datetime)
    assert model.predict(found.row)[0] == pytest.approx(found.after)


@pytest.mark.parametrize(
    ("column", "level"), [("plan", 7), ("plan", 3.5), ("smoker", "perhaps"), ("city", None)]
)
def test_levels_that_training_did_not_have_are_refused(
    model: glassnet.Model, column: str, level: Any
) -> None:
    with pytest.raises(InputError, match=rf"change\['{column}'\]: the level is '{level}'"):
        model.what_if(ROW, change={column: [level]}, to=99)


@pytest.mark.parametrize(
    "ends",
    [
        (0, 1e308),
        (-1e308, 1e308),
        (1e308, 1e308),
        (0, 1e-308),
        (0.0, 0.0),
        (-1.7e308, -1.7e308),
        (0, 10**300),
    ],
)
def test_ranges_of_all_sizes_are_searched(model: glassnet.Model, ends: tuple[float, float]) -> None:
    found = model.what_if(ROW, change={"income": ends}, to=float(model.predict(ROW)[0]) + 1000)
    assert found.row["income"] == 50.0 or ends[0] <= found.row["income"] <= ends[1]
    assert np.isfinite(found.after)


def test_a_reason_that_the_row_had_before_is_no_warning(model: glassnet.Model) -> None:
    strange = {**ROW, "income": 200.0, "smoker": None}
    goal = float(model.predict(strange)[0])
    assert model.unlike(strange).flags.all()
    found = model.what_if(strange, change={"income": (190, 260)}, to=goal + 0.5)
    assert found.changes
    assert found.warnings == ()


def test_an_unusual_combination_that_stays_one_is_no_warning() -> None:
    first = RNG.normal(0.0, 1.0, ROWS)
    frame = pd.DataFrame(
        {"a": first, "b": first + RNG.normal(0.0, 0.05, ROWS), "c": RNG.normal(0.0, 1.0, ROWS)}
    )
    trained = glassnet.train(
        frame.assign(y=frame["a"] + frame["c"]), "y", recipe="single", hidden=4, epochs=60, seed=1
    )
    usual, strange = {"a": 1.0, "b": 1.0, "c": 0.0}, {"a": 1.0, "b": -1.0, "c": 0.0}
    assert "combination" in trained.unlike(strange).reasons[0][0]
    assert trained.what_if(strange, change="c", to=float(trained.predict(strange)[0]) + 0.5).warnings == ()
    new = trained.what_if(usual, change={"a": (-2, -1)}, to=float(trained.predict(usual)[0]) - 0.1)
    assert new.changes
    assert "combination" in new.warnings[0]
