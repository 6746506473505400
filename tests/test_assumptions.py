"""What is assumed about a table is said: one warning for each call, at the caller's line; or one error."""

from __future__ import annotations

import ast
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import AssumptionWarning, Model, TableClassifier
from glassnet.errors import InputError, TableError
from glassnet.tables import Note, read_table
from glassnet.tables.notes import INFORMATION

SOURCE = Path(glassnet.__file__).parent
SETTINGS: dict[str, Any] = {"epochs": 1, "hidden": 2, "seed": 1}


def table(rows: int = 60) -> dict[str, list[Any]]:
    """A table with an id, a word among numbers, a category and a target of words."""
    return {
        "customer id": [1000 + 37 * row % 997 for row in range(rows)],
        "size": [str(row % 11) if row != 3 else "tall" for row in range(rows)],
        "color": ["red", "blue", "green"] * (rows // 3),
        "bought": ["yes" if row % 2 else "no" for row in range(rows)],
    }


SETTLED = {"customer id": "ignore", "size": "number"}


@pytest.fixture(scope="module")
def model() -> Model:
    return glassnet.train(table(), "bought", column_types=SETTLED, **SETTINGS, recipe="single")


def codes(caught: pytest.WarningsRecorder) -> list[list[str]]:
    """The codes of the notes of each warning."""
    messages = [each.message for each in caught]
    return [[note.code for note in each.notes] for each in messages if isinstance(each, AssumptionWarning)]


def test_training_warns_once_of_all_assumptions() -> None:
    with pytest.warns(AssumptionWarning) as caught:
        glassnet.train(table(), "bought", **SETTINGS, recipe="single")
    assert codes(caught) == [["words_as_missing", "id"]]
    lines = str(caught[0].message).splitlines()
    assert len(lines) == 2
    assert "'size'" in lines[0]
    assert "column_types={'size': 'category'}" in lines[0]
    assert "column_types={'customer id': 'number'}" in lines[1]


def test_the_warning_is_at_the_line_of_the_caller(model: Model) -> None:
    frame, classifier = read_table(table()).to_arrow(), TableClassifier(members=2, random_state=1, epochs=1)
    calls: list[Callable[[], Any]] = [
        lambda: glassnet.train(table(), "bought", **SETTINGS, recipe="single"),
        lambda: model.predict({**table(), "color": ["pink"] * 60}),
        lambda: model.nearest({"size": 1, "color": "pink"}, table()),
        lambda: classifier.fit(frame.drop_columns("bought"), table()["bought"]),
    ]
    for call in calls:
        with pytest.warns(AssumptionWarning) as caught:
            call()
        assert [Path(each.filename).name for each in caught if each.category is AssumptionWarning] == [
            "test_assumptions.py"
        ]


def test_the_warning_comes_before_training_starts() -> None:
    heard: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", glassnet.AssumptionWarning)
        warnings.showwarning = lambda *_, **__: heard.append("warning")
        glassnet.train(
            table(),
            "bought",
            callbacks=lambda event: heard.append(type(event).__name__),
            **SETTINGS,
            recipe="single",
        )
    assert heard[:2] == ["warning", "TrainingStarted"]
    assert heard.count("warning") == 1


def test_strict_refuses_all_assumptions_at_once_before_training() -> None:
    events: list[object] = []
    with pytest.raises(TableError) as caught:
        glassnet.train(table(), "bought", strict=True, callbacks=events.append, **SETTINGS, recipe="single")
    assert not events
    said = "\n".join(caught.value.faults)
    assert "column_types={'size': 'category'}" in said
    assert "column_types={'customer id': 'number'}" in said
    assert "strict=True" in said


def test_a_declared_type_is_no_assumption() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", glassnet.AssumptionWarning)
        found = glassnet.train(
            table(), "bought", strict=True, column_types=SETTLED, **SETTINGS, recipe="single"
        )
    assert [column.name for column in found.schema.inputs] == ["size", "color"]
    assert found.settings.strict


def test_two_classes_of_zeros_and_ones_are_no_assumption_but_grades_are() -> None:
    size = np.arange(60.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", glassnet.AssumptionWarning)
        glassnet.train({"size": size, "y": np.arange(60) % 2}, "y", strict=True, **SETTINGS, recipe="single")
    with pytest.warns(AssumptionWarning, match="task='regression'"):
        glassnet.train({"size": size, "y": np.arange(60) % 5}, "y", **SETTINGS, recipe="single")
    with warnings.catch_warnings():
        warnings.simplefilter("error", glassnet.AssumptionWarning)
        glassnet.train(
            {"size": size, "y": np.arange(60) % 5}, "y", task="regression", **SETTINGS, recipe="single"
        )


@pytest.mark.parametrize(
    "use",
    [
        lambda model, rows: model.predict(rows),
        lambda model, rows: model.predict_proba(rows),
        lambda model, rows: model.evaluate(rows),
        lambda model, rows: model.explain({key: own[0] for key, own in rows.items()}),
        lambda model, rows: model.attributions(rows, baseline=rows),
        lambda model, rows: model.importances(rows, ensemble=[model]),
        lambda model, rows: model.nearest({key: own[0] for key, own in rows.items()}, rows),
        lambda model, rows: model.profile("size", rows),
        lambda model, rows: model.doctor(rows),
        lambda model, rows: glassnet.compare(model, model, rows),
    ],
)  # fmt: skip
def test_every_use_of_a_table_warns_once(model: Model, use: Any) -> None:
    rows = {**table(), "color": ["pink"] * 60}
    with pytest.warns(AssumptionWarning) as caught:
        use(model, rows)
    [found] = codes(caught)
    assert set(found) == {"unseen_levels"}


def test_a_table_like_that_of_training_gives_no_warning(model: Model) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", glassnet.AssumptionWarning)
        model.evaluate(table())  # also its word among numbers is as in training
        model.predict({**table(), "extra": [1] * 60})


def test_rows_for_early_stopping_are_warned_of_too() -> None:
    with pytest.warns(AssumptionWarning) as caught:
        glassnet.train(
            table(),
            "bought",
            column_types=SETTLED,
            validation={**table(), "color": ["pink"] * 60},
            **SETTINGS,
            recipe="single",
        )
    assert codes(caught) == [["unseen_levels"]]


def test_several_networks_warn_once_of_their_table() -> None:
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame(table())
    X, y = data.drop(columns="bought"), data["bought"]
    classifier = TableClassifier(members=3, random_state=1, epochs=1, column_types=SETTLED)
    with warnings.catch_warnings():
        warnings.simplefilter("error", glassnet.AssumptionWarning)
        classifier.fit(X, y)
    with pytest.warns(AssumptionWarning) as caught:
        classifier.predict(X.assign(color="pink"))
    [found] = codes(caught)
    assert found.count("unseen_levels") == 1
    with pytest.raises(TableError, match="customer id"):
        classifier.set_params(column_types=None, strict=True).fit(X, y)


def test_many_assumptions_are_listed_in_part() -> None:
    wide = {f"id {at}": np.random.default_rng(at).permutation(500) for at in range(100)}
    with pytest.warns(AssumptionWarning) as caught:
        glassnet.train(
            {**wide, "size": np.arange(500) / 7, "y": ["a", "b"] * 250}, "y", **SETTINGS, recipe="single"
        )
    [warning] = [each.message for each in caught if each.category is AssumptionWarning]
    assert len(warning.notes) == 100  # type: ignore[union-attr]
    assert len(str(warning).splitlines()) == 31


def test_the_warning_can_be_pickled() -> None:
    warning = AssumptionWarning([Note("id", "an id", "column_types", {"a": "number"})])
    again = pickle.loads(pickle.dumps(warning))
    assert (str(again), again.notes) == (str(warning), warning.notes)


def test_every_code_of_information_exists() -> None:
    given = {
        node.value
        for path in SOURCE.rglob("*.py")
        if path.name != "notes.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert given >= INFORMATION


def test_an_error_comes_without_the_warning(model: Model) -> None:
    with warnings.catch_warnings(), pytest.raises(InputError):
        warnings.simplefilter("error", glassnet.AssumptionWarning)
        model.nearest({"size": "wrong", "color": "pink"}, table())
