"""The numbers of a traced prediction are those of the prediction, on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agreement import ENGINES
from glassnet import engines
from glassnet.engines.tracing import Tracer
from glassnet.net import ACTIVATIONS, Layer, Network, Objective, Parameters, initialize

HIDDEN = [name for name, row in ACTIVATIONS.items() if not row.output_only]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("output", ["identity", "softmax", "sigmoid"])
def test_the_trace_is_what_predicts_to_the_last_bit(
    engine: str, dtype: type[np.floating[Any]], activation: str, output: str
) -> None:
    rng = np.random.default_rng(0)
    network = Network.of(54, (96, 70), 7, activation=activation, output=output, dropout=0.2)
    parameters = initialize(network, rng, None, dtype)
    serving = engines.get(engine)
    inputs = rng.normal(size=(3, 54)).astype(dtype)
    for rows in (inputs, np.ascontiguousarray(inputs[:1])):
        trace = Tracer(serving, network, parameters)(rows)
        run = serving.open_run(network, parameters, Objective("squared_error"))
        np.testing.assert_array_equal(trace.outputs, run.predict(rows))
        # the activations of one layer are the inputs of the next
        last = Network(70, (Layer(7, "identity"),))
        alone = serving.predictor(last, Parameters.of(last, [parameters[2]], dtype))
        np.testing.assert_array_equal(
            alone(np.ascontiguousarray(trace.activations[1])), trace.pre_activations[2]
        )
        np.testing.assert_array_equal(trace.inputs[2], trace.activations[1])
