"""Rows that are unlike the training rows, and the reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet
from glassnet.errors import AssumptionWarning

RNG = np.random.default_rng(0)
QUICK: dict[str, Any] = {"recipe": "single", "hidden": 4, "epochs": 2, "seed": 1}


def table(rows: int) -> pd.DataFrame:
    length = RNG.normal(50, 10, rows)
    return pd.DataFrame(
        {
            "length": length,
            "weight": 2 * length + RNG.normal(0, 2, rows),
            "color": RNG.choice(["red", "green"], rows),
            "day": pd.date_range("2020-01-01", periods=rows, freq="D"),
            "y": length + RNG.normal(size=rows),
        }
    )


FRAME = table(400)


@pytest.fixture(scope="module")
def model() -> glassnet.Model:
    return glassnet.train(FRAME, "y", bins=4, **QUICK)


def row(**values: Any) -> dict[str, Any]:
    return {"length": 50.0, "weight": 100.0, "color": "red", "day": "2020-06-01", **values}


def reasons(model: glassnet.Model, **values: Any) -> tuple[str, ...]:
    return model.unlike(row(**values)).reasons[0]


def test_rows_like_the_training_rows_have_no_reason(model: glassnet.Model) -> None:
    assert reasons(model) == ()
    found = model.unlike(FRAME)
    assert found.flags.mean() <= 0.02
    assert len(found) == len(found.texts) == len(found.distances) == 400


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"length": 500.0}, "length is 500, above all training rows"),
        ({"length": -5.0}, "length is -5, below all training rows"),
        ({"day": "2031-01-01"}, "day is 2031-01-01, above all training rows (2020-01-01 to 2021-02-03)"),
        ({"color": "blue"}, "color is 'blue', which training did not have"),
        ({"weight": None}, "weight is missing, which it was in no training row"),
        ({"color": None}, "color is missing, which it was in no training row"),
        ({"length": 70.0, "weight": 70.0}, "unusual combination, mostly of length and weight: distance"),
    ],
)
@pytest.mark.filterwarnings("ignore::glassnet.errors.AssumptionWarning")
def test_each_reason(model: glassnet.Model, values: dict[str, Any], expected: str) -> None:
    (found,) = reasons(model, **values)
    assert found.startswith(expected)


@pytest.mark.filterwarnings("ignore::glassnet.errors.AssumptionWarning")
def test_a_row_can_have_several_reasons_and_says_nothing_of_the_combination_then(
    model: glassnet.Model,
) -> None:
    found = reasons(model, length=500.0, color="blue")
    assert [text.split()[0] for text in found] == ["length", "color"]


def test_the_ends_of_the_range_are_within_it(model: glassnet.Model) -> None:
    for name in ("length", "day"):
        for end in (FRAME[name].min(), FRAME[name].max()):
            assert not any(
                name in text for text in reasons(model, **{name: end}) if "combination" not in text
            )


def test_what_is_printed_and_the_frame(model: glassnet.Model) -> None:
    with pytest.warns(AssumptionWarning, match="unseen"):
        found = model.unlike(pd.DataFrame([row(), row(color="blue")]))
    assert "1 of 2 rows unlike the training rows" in str(found)
    assert "row 1" in found.to_html()
    frame = found.to_frame()
    assert frame["unlike"].tolist() == [False, True]
    assert frame["reasons"].tolist()[0] == ""
    assert max(map(len, found.to_text(width=60).split("\n"))) <= 60


def test_a_saved_model_says_the_same_and_one_without_training_rows_only_what_its_columns_say(
    model: glassnet.Model, tmp_path: Path
) -> None:
    model.save(tmp_path / "m.glassnet")
    other = glassnet.load(tmp_path / "m.glassnet")
    assert np.array_equal(other.unlike(FRAME).distances, model.unlike(FRAME).distances)
    assert other.unlike(FRAME).reasons == model.unlike(FRAME).reasons
    unknown = replace(model, stats=None)
    assert unknown.unlike(row(length=70.0, weight=70.0)).reasons == ((),)
    found = unknown.unlike(row(length=500.0))
    assert found.flags.tolist() == [True]
    assert np.isnan(found.distances).all()


def test_times_of_day() -> None:
    frame = FRAME.assign(time=[f"{hour % 10 + 8:02}:30" for hour in range(400)])
    model = glassnet.train(frame, "y", **QUICK)
    (found,) = model.unlike(row(time="23:00")).reasons[0]
    assert "time is" in found
    assert "(08:30:00 to 17:30:00)" in found
