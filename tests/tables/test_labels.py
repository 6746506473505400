"""Labels: words that mean "missing" elsewhere, and labels that are spelled in several ways."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.tables import infer_schema, read_table
from glassnet.targets import TargetEncoding
from written_down import through_json

X = np.random.default_rng(0).normal(size=60).tolist()


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        (["+", "-"], ["+", "-"]),
        (["EU", "NA", "AS"], ["AS", "EU", "NA"]),
        (["x", "-"], ["-", "x"]),
        (["+", "-", "?"], ["+", "-"]),
        (["Good", "Bad", "NA"], ["Bad", "Good"]),
        (["setosa", "virginica", "-"], ["setosa", "virginica"]),
    ],
)
@pytest.mark.parametrize("form", ["file", "columns"])
def test_marks_of_a_missing_value_are_labels_beside_others_like_them(
    labels: list[str], kept: list[str], form: str
) -> None:
    values = (labels * 60)[:60]
    source: Any = {"x": X, "y": values}
    if form == "file":
        rows = "".join(f"{x},{y}\n" for x, y in zip(X, values, strict=True))
        source = io.BytesIO(f"x,y\n{rows}".encode())
    table = read_table(source)
    schema = infer_schema(table, "y")
    encoding = TargetEncoding.fit(table, schema)
    assert list(encoding.classes or ()) == kept
    assert through_json(encoding) == encoding
    targets, rows_with_target = encoding.encode(table)
    assert encoding.decode(targets).tolist() == [values[row] for row in rows_with_target]
    assert len(rows_with_target) == sum(value in kept for value in values)


def test_a_model_of_such_labels_is_evaluated_on_them() -> None:
    table = {"x": X, "y": ["+" if x > 0 else "-" for x in X]}
    model = glassnet.train(table, "y", hidden=4, epochs=30, seed=1, validation=0, recipe="single")
    assert model.evaluate(table)["accuracy"] > 0.9
    assert glassnet.TableClassifier(random_state=0).fit(
        np.array(X)[:, None], table["y"]
    ).classes_.tolist() == ["+", "-"]


def test_labels_that_are_taken_as_missing_are_noted_and_can_be_kept() -> None:
    rows = "".join(f"{x},{label}\n" for x, label in zip(X, ["y", "n", "?", ""] * 15, strict=True))
    source = f"x,vote\n{rows}".encode()
    [note] = infer_schema(read_table(io.BytesIO(source)), "vote").notes
    assert note.text == "30 rows without a label of the target 'vote', as those of '?': left out."
    assert note.is_assumption
    assert (note.setting, note.value) == ("missing", {"vote": []})
    kept, confirmed = (read_table(io.BytesIO(source), missing={"vote": words}) for words in ([], ["?"]))
    schemas = [infer_schema(table, "vote") for table in (kept, confirmed)]
    assert [schema.target[0].levels for schema in schemas] == [3, 2]
    assert not any(each.is_assumption for schema in schemas for each in schema.notes)


def test_labels_that_differ_in_case_are_noted_and_can_be_made_two() -> None:
    labels = ["Yes", "yes", "No", "N", "Y", "NO"] * 10
    table = read_table({"x": X, "y": labels})
    schema = infer_schema(table, "y")
    assert schema.task == "multiclass"
    assert "differ only in case or blanks: 'Yes', 'yes'; 'No', 'NO'" in schema.notes[0].text
    two = infer_schema(table, "y", column_types=schema.notes[0].value)
    encoding = TargetEncoding.fit(table, two)
    assert (two.task, encoding.classes) == ("binary", ("no", "yes"))
    assert encoding.encode(table)[0][:3, 0].tolist() == [1, 1, 0]


def test_an_input_of_mixed_spellings_of_yes_and_no_is_a_boolean() -> None:
    table = read_table({"x": ["Y", "N", "yes", "NO"] * 15, "y": X})
    assert infer_schema(table, "y")["x"].type == "boolean"
