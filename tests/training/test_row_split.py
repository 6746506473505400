"""Training, validation and holdout rows by group and by time: in ``train``, on the command line and in estimators."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import SettingsError
from glassnet.net.arrays import Array
from glassnet.tables.seeds import Stream
from glassnet.training.prepare import Prepared, prepare
from glassnet.training.settings import Settings

SETTINGS: dict[str, Any] = {"epochs": 1, "hidden": 2, "seed": 1}
ROWS = 120


def table() -> dict[str, Any]:
    """Six rows of each of 20 patients, one a day, in another order."""
    order = np.random.default_rng(0).permutation(ROWS)
    days = [(date(2024, 1, 1) + timedelta(days=int(at))).isoformat() for at in order]
    return {
        "patient": [f"p{at % 20}" for at in order],
        "day": days,
        "size": order * 1.5,
        "y": ["ill" if at % 20 < 7 else "well" for at in order],
    }


def prepared(source: Any = None, **settings: Any) -> Prepared:
    return prepare(
        table() if source is None else source,
        "y",
        Settings.of(**{"recipe": "single", "holdout": 0.2, **settings}),
        Stream(1, 0),
    )


def parts(found: Prepared) -> list[Array]:
    """The numbers of the rows in training, validation and holdout."""
    assert found.validation is not None
    assert found.holdout is not None
    judged = np.concatenate([found.validation.numbers, found.holdout.numbers])
    return [np.setdiff1d(np.arange(ROWS), judged), found.validation.numbers, found.holdout.numbers]


@pytest.mark.parametrize("given", ["patient", table()["patient"], np.array(table()["patient"])])
def test_rows_of_a_group_stay_together(given: Any) -> None:
    groups = np.array(table()["patient"])
    own = [set(groups[rows]) for rows in parts(prepared(groups=given))]
    assert sum(map(len, own)) == 20
    assert [len(part) for part in own] == [12, 4, 4]


def test_the_column_of_groups_is_an_input_only_if_its_type_is_declared() -> None:
    found = prepared(groups="patient")
    assert "patient" not in {column.name for column in found.schema.inputs}
    [note] = [note for note in found.notes if note.code == "groups"]
    assert "column_types={'patient': 'category'}" in str(note)
    assert not note.is_assumption
    kept = prepared(groups="patient", column_types={"patient": "category"})
    assert "patient" in {column.name for column in kept.schema.inputs}
    assert all((a == b).all() for a, b in zip(parts(found), parts(kept), strict=True))


@pytest.mark.parametrize("given", ["day", table()["day"], np.array(table()["day"], "datetime64[s]"), "size"])
def test_the_latest_rows_are_held_out(given: Any) -> None:
    found = prepared(time=given)
    days = np.array(table()["day"], "datetime64[D]")
    train, validation, holdout = (days[rows] for rows in parts(found))
    assert train.max() < validation.min()
    assert validation.max() < holdout.min()
    assert [len(train), len(validation), len(holdout)] == [72, 24, 24]
    assert "day" in {column.name for column in found.schema.inputs}


def test_rows_without_a_target_need_no_group() -> None:
    own = table()
    own["y"][3] = own["patient"][3] = None
    assert len(prepared(own, groups="patient").train)
    own["y"][3] = "ill"
    with pytest.raises(SettingsError, match=r"groups='patient' has no value in 1 row \(row 3\)"):
        prepared(own, groups="patient")
    own["day"][3] = "soon"
    with pytest.raises(SettingsError, match=r"time='day' has no value in 1 row \(row 3\)"):
        prepared(own, time="day", column_types={"day": "datetime"})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"groups": "patients"}, "Did you mean 'patient'"),
        ({"groups": [1, 2]}, "120 values"),
        ({"groups": "y"}, "is the target"),
        ({"time": "patient"}, "needs dates or numbers"),
        ({"time": "patient", "groups": "patient"}, "are both given"),
        ({"groups": [0] * ROWS}, r"1 group is too few"),
        ({"groups": [(1, 2)] * ROWS}, "needs numbers, words or dates"),
        ({"groups": np.ones((ROWS, 2))}, r"of the shape \(120, 2\), but must be the name of a column"),
        ({"time": [(1, 2)] * ROWS}, "needs dates or numbers"),
    ],
)
def test_what_cannot_divide_rows_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        prepared(**settings)


def test_groups_shared_with_the_table_of_validation_rows_are_refused() -> None:
    own = table()
    with pytest.raises(SettingsError, match="20 group"):
        glassnet.train(own, "y", groups="patient", validation=own, **SETTINGS, recipe="single")
    others = {**own, "patient": [f"q{at}" for at in range(ROWS)]}
    glassnet.train(own, "y", groups="patient", validation=others, **SETTINGS, recipe="single")


def test_models_record_how_rows_were_divided() -> None:
    assert (
        glassnet.train(table(), "y", groups="patient", **SETTINGS, recipe="single").settings.groups
        == "patient"
    )
    model = glassnet.train(table(), "y", time=table()["day"], **SETTINGS, recipe="single")
    assert model.settings.time == "given"
    assert (
        glassnet.train(table(), "y", time="day", **SETTINGS, recipe="single").provenance["rows"]["validation"]
        == 24
    )


def test_estimators_take_groups_and_times_in_fit() -> None:
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame(table())
    X, y = data.drop(columns="y"), data["y"]
    classifier = glassnet.TableClassifier(random_state=1, epochs=1, recipe="single")
    by_name = classifier.fit(X, y, groups="patient").model_
    assert "patient" not in {column.name for column in by_name.schema.inputs}
    by_value = classifier.fit(X.drop(columns="patient"), y, groups=X["patient"]).model_
    assert (by_name.learnt.vector == by_value.learnt.vector).all()
    assert classifier.fit(X, y, time="day").model_.settings.time == "day"
