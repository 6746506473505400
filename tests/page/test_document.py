"""The document of a model, and the page's own arithmetic in JavaScript, which agrees with Python's."""

import base64
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.page import document as document_module
from glassnet.page.document import describe
from glassnet.targets import single
from page_models import EXAMPLES, example

HERE = Path(__file__).parent
node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js to run the page's code")


@cache
def computed(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document, and what JavaScript makes of it."""
    model, table = example(name)
    document = describe(model, table)
    return document, run(document)


def run(document: dict[str, Any]) -> dict[str, Any]:
    """What JavaScript makes of a document."""
    done = subprocess.run(
        ["node", HERE / "predictor.mjs"],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@node
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_predicts_what_python_predicts(name: str) -> None:
    model, table = example(name)
    _, found = computed(name)
    inputs = model.encode(table).inputs
    np.testing.assert_allclose(found["inputs"], inputs, rtol=1e-7, atol=1e-9)
    outputs = model.outputs(inputs)
    np.testing.assert_allclose(found["outputs"], outputs, rtol=1e-6, atol=1e-6)
    if model.target.classes is None:
        predicted = np.array(found["numbers"]).reshape(len(outputs), -1)
        scale = np.array(model.target.scale)
        expected = model.predict(table).reshape(len(outputs), -1)
        np.testing.assert_allclose(predicted / scale, expected / scale, rtol=1e-6, atol=1e-6)
    else:
        assert found["labels"] == [str(label) for label in model.predict(table)]


@node
def test_the_page_predicts_with_the_mean_of_several_networks_and_their_temperature() -> None:
    model, table = example("several networks")
    document = describe(model, table)
    found = run(document)
    outputs = model.outputs(model.encode(table).inputs)
    assert len(document["members"]) == len(model.members) == 3
    assert single(model.target).temperature != 1
    np.testing.assert_allclose(found["outputs"], outputs, rtol=1e-6, atol=1e-6)
    assert np.abs(outputs - model.member(0).outputs(model.encode(table).inputs)).max() > 1e-3
    assert found["labels"] == [str(label) for label in model.predict(table)]
    np.testing.assert_allclose(found["probabilities"], model.predict_proba(table), rtol=1e-6, atol=1e-6)
    assert model.stats is not None
    start = model.outputs(model.stats.rows.means[None].astype(model.dtype))
    assert sum(found["contributions"]) == pytest.approx(outputs[0, 0] - start[0, 0], abs=1e-3)


@node
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_explains_a_row_as_python_does(name: str) -> None:
    model, table = example(name)
    _, found = computed(name)
    row = model.encode(table).table.take([0])
    arithmetic = model.explain(row)
    assert found["loss"] == pytest.approx(arithmetic.loss, rel=1e-5, abs=1e-7)
    gradients: list[np.ndarray] = []
    changes: list[np.ndarray] = []
    for layer, deltas, errors, slopes in zip(
        arithmetic, found["deltas"], found["errors"], found["slopes"], strict=True
    ):
        assert layer.deltas is not None
        assert layer.errors is not None
        assert layer.slopes is not None
        assert layer.gradients is not None
        assert layer.changes is not None
        assert layer.bias_changes is not None
        np.testing.assert_allclose(deltas, layer.deltas, rtol=1e-4, atol=2e-6)
        np.testing.assert_allclose(errors, layer.errors, rtol=1e-4, atol=2e-6)
        np.testing.assert_allclose(slopes, layer.slopes, rtol=1e-4, atol=2e-6)
        gradients += [layer.gradients.ravel(), layer.deltas]
        changes += [layer.changes.ravel(), layer.bias_changes]
    gradient = np.concatenate(gradients)
    np.testing.assert_allclose(found["gradient"], gradient, rtol=1e-4, atol=2e-6)
    large = np.abs(gradient) > 1e-4  # a rule that scales each step turns on the sign of the smallest
    expected = np.concatenate(changes)[large]
    np.testing.assert_allclose(np.array(found["change"])[large], expected, rtol=2e-3, atol=1e-7)


@node
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_computes_the_contributions_of_the_columns(name: str) -> None:
    model, table = example(name)
    _, found = computed(name)
    row = model.encode(table).table.take([0])
    expected = model.attributions(row, output=model.output_names[0]).values[0]
    scale = 1.0 if model.target.classes else model.target.scale[0]
    np.testing.assert_allclose(np.array(found["contributions"]) * scale, expected, atol=2e-3 * scale)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_document_is_json(name: str) -> None:
    model, table = example(name)
    document = describe(model, table, importances=model.importances(), diagnosis=model.doctor())
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert document["rows"]["total"] == len(document["rows"]["numbers"])
    assert {each["column"] for each in document["encoders"]} == {
        column.name for column in model.schema.inputs
    }


def test_rows_are_sampled_evenly_and_the_document_says_so() -> None:
    model, table = example("penguins")
    rows = describe(model, table, rows=10)["rows"]
    assert rows["total"] == 344
    assert rows["numbers"][0] == 0
    assert rows["numbers"][-1] == 343
    assert len(rows["numbers"]) == len(rows["columns"]["island"]) == 10


def test_numbers_of_rows_are_packed_without_loss() -> None:
    exact, rough = [1.5, None, -2.25, 1e300], [0.1, 0.2, None, 0.4]
    table = {"exact": [1.5, 2.5, 3.5, 4.5], "rough": [0.1, 0.2, 0.3, 0.4], "y": [1.0, 2.0, 3.0, 4.0]}
    model = glassnet.train(table, "y", hidden=(2,), epochs=1, validation=0, progress=False)
    with pytest.warns(glassnet.errors.AssumptionWarning):
        columns = describe(model, {"exact": exact, "rough": rough})["rows"]["columns"]
    for name, values in {"exact": exact, "rough": rough}.items():
        found = np.frombuffer(base64.b64decode(columns[name]["data"]), "<f8")
        np.testing.assert_array_equal(found, np.array(values, float))
    single = describe(model, {"exact": [1.5, 2.5], "rough": [1.0, 2.0]})["rows"]["columns"]["exact"]
    assert single["dtype"] == "float32"


def test_tables_of_many_columns_show_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    model, table = example("penguins")
    monkeypatch.setattr(document_module, "MOST_VALUES", 130 * len(model.encoder.encoders))
    assert len(describe(model, table)["rows"]["numbers"]) == 130


def test_snapshots_are_thinned_out_to_the_given_size() -> None:
    model, _ = example("penguins")
    size = model.learnt.vector.size
    whole = describe(model)["members"][0]["snapshots"]
    some = describe(model, most_numbers=2 * size)["members"][0]["snapshots"]
    assert len(whole["epochs"]) > len(some["epochs"]) == 2
    assert some["parameters"]["shape"] == [2, size]
    several, _ = example("several networks")
    size = several.members[0].learnt.vector.size
    members = describe(several, most_numbers=6 * size)["members"]
    assert {len(own["snapshots"]["epochs"]) for own in members} == {2}  # the limit is that of all together
