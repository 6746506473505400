"""The smallest change of a row that gets another prediction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import InputError

RNG = np.random.default_rng(0)
QUICK: dict[str, Any] = {"recipe": "single", "hidden": 8, "epochs": 150, "seed": 1}
ROWS = 300


def table() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "age": RNG.integers(18, 70, ROWS),
            "income": RNG.normal(50.0, 15.0, ROWS).round(2),
            "city": RNG.choice(["Bern", "Rome", "Oslo"], ROWS),
            "day": [f"{1 + at % 28}/{1 + at // 28}/2021" for at in range(ROWS)],
        }
    )
    score = frame["age"] / 10 + frame["income"] / 10 + 3 * (frame["city"] == "Rome")
    return frame.assign(score=score + RNG.normal(0, 0.1, ROWS), grade=np.where(score > 10, "high", "low"))


FRAME = table()
ROW = {"age": 30, "income": 40.0, "city": "Oslo", "day": "3/5/2021"}


@pytest.fixture(scope="module")
def grade() -> glassnet.Model:
    return glassnet.train(FRAME.drop(columns="score"), "grade", **QUICK)


@pytest.fixture(scope="module")
def score() -> glassnet.Model:
    return glassnet.train(FRAME.drop(columns="grade"), "score", **QUICK)


def test_the_changed_row_has_the_wanted_class_and_only_the_given_columns_are_changed(
    grade: glassnet.Model,
) -> None:
    found = grade.what_if(ROW, change=["age", "income"], to="high")
    assert found.found
    assert set(found.changes) <= {"age", "income"}
    assert grade.predict(found.row).tolist() == ["high"] == [found.after]
    assert found.before == "low"
    assert {**ROW, **{name: new for name, (_, new) in found.changes.items()}} == found.row
    assert isinstance(found.row["age"], int)


def test_the_change_of_a_single_column_is_the_smallest(score: glassnet.Model) -> None:
    before = float(score.predict(ROW)[0])
    found = score.what_if(ROW, change="age", to=before + 1)
    ((now, new),) = found.changes.values()
    reached = [age for age in range(18, 70) if score.predict({**ROW, "age": age})[0] >= before + 1]
    assert abs(new - now) == min(abs(age - now) for age in reached)
    assert found.after >= before + 1


def test_no_part_of_a_change_is_superfluous(grade: glassnet.Model) -> None:
    found = grade.what_if(ROW, to="high")
    for name in found.changes:
        assert grade.predict({**found.row, name: ROW[name]}).tolist() == ["low"]
    singles = [grade.what_if(ROW, change=name, to="high") for name in ROW]
    assert found.distance <= min(own.distance for own in singles if own.found)


def test_pairs_are_compared_with_all_of_their_values(score: glassnet.Model) -> None:
    goal = float(score.predict(ROW)[0]) + 2.5
    found = score.what_if(ROW, change={"age": (18, 40), "city": None}, to=goal)
    tried = [
        (abs(age - 30), city != "Oslo")
        for age in range(18, 41)
        for city in ("Bern", "Rome", "Oslo")
        if score.predict({**ROW, "age": age, "city": city})[0] >= goal
    ]
    unit = abs(found.changes["age"][1] - 30) / found.distances["age"] if "age" in found.changes else np.inf
    assert found.distance <= min(years / unit + other for years, other in tried) + 1e-9


@pytest.mark.parametrize("shift", [-1.0, 1.0])
def test_a_number_is_reached_from_where_the_prediction_is(score: glassnet.Model, shift: float) -> None:
    before = float(score.predict(ROW)[0])
    found = score.what_if(ROW, to=before + shift)
    assert (found.after - before) / shift >= 1
    both = score.what_if(ROW, to=(before + shift - 0.1, before + shift + 0.1))
    assert abs(both.after - before - shift) <= 0.1
    assert score.what_if(ROW, to=(before - 1, before + 1)).changes == {}


def test_values_are_possible_ones(score: glassnet.Model) -> None:
    up = score.what_if(ROW, change=["age", "income", "city", "day"], to=1e6)
    assert not up.found
    assert up.row["age"] <= 69
    assert up.row["income"] <= FRAME["income"].max()
    assert "Nothing was found" in str(up)
    far = score.what_if(ROW, change={"age": (0, 200)}, to=float(score.predict(ROW)[0]) + 8)
    assert 69 < far.row["age"] <= 200
    assert "above all training rows" in far.warnings[0]


def test_dates_are_written_as_in_the_table(score: glassnet.Model) -> None:
    before = float(score.predict(ROW)[0])
    found = score.what_if(ROW, change="day", to=before + 1000)
    day = found.row["day"]
    assert pd.to_datetime(day, format="%d/%m/%Y").year == 2021
    assert score.predict(found.row)[0] == pytest.approx(found.after)


def test_any_other_class_and_several_targets() -> None:
    model = glassnet.train(FRAME.drop(columns="score"), ["grade", "city"], **QUICK)
    with pytest.raises(InputError, match="for_target"):
        model.what_if(ROW)
    found = model.for_target("grade").what_if(ROW)
    assert found.after == "high"
    numbers = glassnet.train(FRAME[["age", "income", "score"]], ["income", "score"], **QUICK)
    with pytest.raises(InputError, match="single target"):
        numbers.what_if({"age": 3}, to=3)


def test_a_missing_value_is_one_to_be_changed(score: glassnet.Model) -> None:
    frame = FRAME.drop(columns="grade").assign(income=FRAME["income"].where(FRAME.index % 5 > 0))
    model = glassnet.train(frame, "score", **QUICK)
    found = model.what_if({**ROW, "income": None}, change="income", to=float(model.predict(ROW)[0]) + 2)
    assert found.changes["income"][0] is None
    assert "–" in found.to_text(width=60)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"change": ["agee", "x"], "to": 3}, "'agee'.*Did you mean 'age'.*\n.*'x'"),
        ({"change": [], "to": 3}, "names no column"),
        ({"to": None}, "is a number: give one that it should reach"),
        ({"to": "high"}, "is a number"),
        ({"to": (3, 1)}, "is a number"),
        ({"to": float("nan")}, "is a number"),
        ({"change": {"age": (5,)}, "to": 3}, "the lowest and the highest number"),
        ({"change": {"age": (5, 1)}, "to": 3}, "the lowest and the highest number"),
        ({"change": {"city": ["Roma"]}, "to": 3}, "Did you mean 'Rome'"),
        ({"change": {"day": (1, 2)}, "to": 3}, "a date"),
    ],
)
def test_what_cannot_be_asked_for(score: glassnet.Model, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        score.what_if(ROW, **arguments)


def test_the_class_must_be_known_and_one_row_given(grade: glassnet.Model) -> None:
    with pytest.raises(InputError, match=r"to is 'hgh'.*Did you mean 'high'"):
        grade.what_if(ROW, to="hgh")
    with pytest.raises(InputError, match="one row"):
        grade.what_if(FRAME, to="high")


def test_what_is_shown(grade: glassnet.Model) -> None:
    found = grade.what_if(ROW, change="income", to="high")
    text = found.to_text(width=60)
    assert max(map(len, text.split("\n"))) <= 60
    assert "probability of high" in text
    assert found.to_frame()["column"].tolist() == ["income"]
    assert found._repr_html_().count("<table") == 2
    assert found.to_dict()["found"] is True
    assert "already" in str(grade.what_if(ROW, to="low"))


def test_without_training_rows_the_ranges_must_be_given(score: glassnet.Model) -> None:
    columns = tuple(replace(own, minimum=None, maximum=None) for own in score.schema.columns)
    unknown = replace(score, schema=replace(score.schema, columns=columns), stats=None)
    with pytest.raises(InputError, match=r"range that 'age' had in training is not known; say .*\(0, 1\)"):
        unknown.what_if(ROW, change="age", to=9)
    assert unknown.what_if(ROW, change={"age": (18, 70)}, to=7.3).found
