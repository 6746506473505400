"""The export to ONNX: checked in full, run by ONNX Runtime, for any number of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from exported import EXAMPLES, example
from glassnet.errors import InputError
from glassnet.ship.export import verify
from glassnet.ship.export.onnx import feed
from glassnet.ship.export.program import program_of
from glassnet.ship.export.rows import RawRows, adversarial
from glassnet.tables.schema import Column


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_answers_as_its_model(tmp_path: Path, name: str) -> None:
    model, table = example(name)
    path = tmp_path / "model.onnx"
    found = model.export(path, None, table)
    assert found.passed
    assert found.adversarial > 20
    assert found.difference is not None
    assert found.difference.size <= 1e-12
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]
    written = onnx.load(path)
    assert "Rows tried" in {each.key: each.value for each in written.metadata_props}["certificate"]
    assert {each.domain for each in written.opset_import} == {""}


def parts_of(name: str, folder: Path) -> tuple[Any, RawRows, Any]:
    """A session, adversarial rows, and the program."""
    model, _ = example(name)
    model.export(folder / "model.onnx", check=False)
    program = program_of(model)
    described: dict[str, Column] = {
        own.source.column: model.schema[own.source.column] for own in program.columns
    }
    return onnxruntime.InferenceSession(folder / "model.onnx"), adversarial(program, described), program


def test_the_number_of_rows_is_free(tmp_path: Path) -> None:
    session, rows, program = parts_of("classes", tmp_path)
    whole = session.run(None, feed(program, rows))
    for count in (0, 1, 7):
        some = {name: values[:count] for name, values in feed(program, rows).items()}
        for own, expected in zip(session.run(None, some), whole, strict=True):
            assert own.shape == (count, expected.shape[1])
            assert (own == expected[:count]).all() or np.allclose(own, expected[:count], rtol=1e-14)
    assert all(each.shape[0] == "N" for each in (*session.get_inputs(), *session.get_outputs()))


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("classes", ["tensor(string)", "tensor(double)"]),
        ("numbers", ["tensor(double)"] * 2),
        ("labels", ["tensor(string)", "tensor(double)"] * 2),
    ],
)
def test_outputs_have_the_targets_types(tmp_path: Path, name: str, types: list[str]) -> None:
    session, _, _ = parts_of(name, tmp_path)
    assert [each.type for each in session.get_outputs()] == types
    assert session.get_outputs()[0].name == example(name)[0].target.columns[0]


def test_another_weight_and_a_damaged_file_are_found(tmp_path: Path) -> None:
    model, table = example("classes")
    path = tmp_path / "model.onnx"
    model.export(path, None, table)
    assert verify(path, model, table).passed
    changed = onnx.load(path)
    weights = next(own for own in changed.graph.initializer if own.data_type == onnx.TensorProto.FLOAT)
    values = onnx.numpy_helper.to_array(weights).copy()
    values.flat[0] += 0.1
    weights.CopyFrom(onnx.numpy_helper.from_array(values, weights.name))
    path.write_bytes(changed.SerializeToString())
    assert len(verify(path, model, table).faults) >= 2  # by what it answers, and by its content
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(InputError, match="no file of ONNX"):
        verify(path, model, table)
