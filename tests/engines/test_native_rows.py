"""The native engine's outputs for a row are the same bits alone, in any batch, and by a predictor or a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.engines import native
from glassnet.net import Network, initialize
from glassnet.net.arrays import Array

_native = pytest.importorskip("glassnet.engines._native", reason="the native core is not built")


@settings(max_examples=60, deadline=None)
@given(
    inputs=st.integers(1, 140),
    widths=st.lists(st.integers(1, 140), max_size=3),
    outputs=st.integers(1, 20),
    rows=st.integers(1, 140),
    activation=st.sampled_from(["relu", "tanh", "silu", "gelu"]),
    output=st.sampled_from(["identity", "sigmoid", "softmax"]),
    name=st.sampled_from(_native.instruction_sets()),
    double=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_row_has_the_same_outputs_in_any_batch(
    inputs: int,
    widths: list[int],
    outputs: int,
    rows: int,
    activation: str,
    output: str,
    name: str,
    double: bool,
    seed: int,
) -> None:
    outputs += output == "softmax"
    network = Network.of(inputs, widths, outputs, activation=activation, output=output)
    dtype: type[np.floating[Any]] = np.float64 if double else np.float32
    rng = np.random.default_rng(seed)
    parameters, engine = initialize(network, rng, dtype=dtype), native.NativeEngine(name)
    predict, run = engine.predictor(network, parameters), engine.open_run(network, parameters)
    table: Array = rng.standard_normal((rows, inputs)).astype(dtype)
    alone = np.stack([predict(row) for row in table])
    first = int(rng.integers(rows))
    np.testing.assert_array_equal(predict(table[first:]), alone[first:])
    np.testing.assert_array_equal(run.predict(table), alone)
