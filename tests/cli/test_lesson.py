"""The lesson as a model."""

from __future__ import annotations

import numpy as np

from glassnet.cli.lesson import _model
from glassnet.lessons import worked_example
from glassnet.net import forward


def test_the_model_predicts_what_the_lesson_computes() -> None:
    example = worked_example.run(steps=30)
    model = _model(example)
    rows = {f"input {at + 1}": column for at, column in enumerate(example.inputs.T)}
    expected = forward(example.network, example.as_the_example.learnt, example.inputs).outputs
    np.testing.assert_allclose(model.predict(rows), expected[:, 0], rtol=1e-12)
    assert model.member(0).members[0].network.parameter_count == 61
    assert [column.examples for column in model.schema.inputs] == [("1",), ("0",), ("1",), ("0",)]
