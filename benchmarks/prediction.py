"""The time of predictions of the native engine, ONNX Runtime, PyTorch and scikit-learn: of one row and of 100,000.

    python benchmarks/prediction.py [--threads 2] [--rounds 9] [--json FILE]

A 54-256-128-7 network, float32, with the same weights in all libraries. One row: calls from Python on one thread.
Many rows: on one thread and on ``--threads``. Libraries that are not installed are skipped with a message.
"""

from __future__ import annotations

import argparse
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from side_by_side import Work, in_turns, limit_threads, present, save, table

WIDTHS = (54, 256, 128, 7)
MANY = 100_000


class Problem(NamedTuple):
    """Inputs (N, 54) and the network's weights and biases, layer by layer."""

    inputs: Any
    layers: list[tuple[Any, Any]]


def problem() -> Problem:
    import numpy as np

    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((MANY, WIDTHS[0]), dtype=np.float32)
    layers = [
        ((rng.standard_normal((i, o)) / i**0.5).astype(np.float32), rng.standard_normal(o, dtype=np.float32))
        for i, o in pairwise(WIDTHS)
    ]
    return Problem(inputs, layers)


def glassnet_predictor(given: Problem, threads: int) -> Any:
    import os

    import numpy as np

    from glassnet import engines
    from glassnet.net import Network, Parameters

    os.environ["GLASSNET_THREADS"] = str(threads)
    network = Network.of(WIDTHS[0], WIDTHS[1:-1], WIDTHS[-1], output="softmax")
    return engines.get("native").predictor(network, Parameters.of(network, given.layers, np.float32))


def onnx_predictor(given: Problem, threads: int) -> Any:
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    nodes, values, signal = [], [], "inputs"
    for number, (weights, biases) in enumerate(given.layers):
        values += [
            numpy_helper.from_array(weights, f"w{number}"),
            numpy_helper.from_array(biases, f"b{number}"),
        ]
        nodes.append(helper.make_node("Gemm", [signal, f"w{number}", f"b{number}"], [f"z{number}"]))
        last = number == len(given.layers) - 1
        signal = "outputs" if last else f"a{number}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"z{number}"], [signal]))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
        for name, width in (("inputs", WIDTHS[0]), ("outputs", WIDTHS[-1]))
    ]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    return lambda rows: session.run(None, {"inputs": rows})[0]


def torch_predictor(given: Problem, threads: int) -> Any:
    import torch

    layers: list[torch.nn.Module] = []
    for weights, biases in given.layers:
        linear = torch.nn.Linear(*weights.shape)
        linear.weight.data, linear.bias.data = torch.from_numpy(weights.T.copy()), torch.from_numpy(biases)
        layers += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1], torch.nn.Softmax(-1))

    def predict(rows: Any) -> Any:
        torch.set_num_threads(threads)
        with torch.inference_mode():
            return model(torch.from_numpy(rows)).numpy()

    return predict


def scikit_learn_predictor(given: Problem, threads: int) -> Any:
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(WIDTHS[1:-1], max_iter=1)
    model.fit(given.inputs[:70], np.arange(70) % WIDTHS[-1])
    model.coefs_, model.intercepts_ = [list(part) for part in zip(*given.layers, strict=True)]
    return model.predict_proba


PEERS = {
    "glassnet": ("glassnet", glassnet_predictor),
    "ONNX Runtime": ("onnxruntime", onnx_predictor),
    "PyTorch": ("torch", torch_predictor),
    "scikit-learn": ("sklearn", scikit_learn_predictor),
}


def contenders(given: Problem, threads: int) -> dict[str, Any]:
    import numpy as np

    made = {
        name: make(given, threads) for name, (module, make) in PEERS.items() if present(module) is not None
    }
    wanted = made["glassnet"](given.inputs[:50])
    for name, predict in made.items():
        if not np.allclose(predict(given.inputs[:50]), wanted, rtol=1e-3, atol=1e-5):
            raise SystemExit(f"{name} does not give the same outputs")
    return made


def repeated(predict: Any, rows: Any, calls: int, units: int) -> Work:
    def work() -> int:
        for _ in range(calls):
            predict(rows)
        return calls * units

    return work


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="file for all results")
    options = parser.parse_args()
    limit_threads(options.threads)
    warnings.filterwarnings("ignore")
    given = problem()
    results: dict[str, Any] = {}

    single = contenders(given, 1)
    works = {name: repeated(predict, given.inputs[:1], 300, 1) for name, predict in single.items()}
    works["glassnet, row (I,)"] = repeated(single["glassnet"], given.inputs[0], 300, 1)
    timings = in_turns(works, options.rounds)
    ours = timings["glassnet"]
    lines = [
        [
            name,
            f"{timing.median * 1e6:.2f}",
            f"{timing.least * 1e6:.2f}",
            f"{timing.median / ours.median:.1f}",
        ]
        for name, timing in timings.items()
    ]
    table("One row, one thread", ["", "µs per call", "least", "times glassnet"], lines)
    results["one row"] = {name: timing._asdict() for name, timing in timings.items()}

    for threads in sorted({1, options.threads}):
        made = contenders(given, threads)
        if threads > 1:
            made.pop("scikit-learn", None)  # its number of threads is fixed when NumPy is imported
        timings = in_turns(
            {name: repeated(predict, given.inputs, 1, MANY) for name, predict in made.items()}, options.rounds
        )
        ours = timings["glassnet"]
        lines = [
            [
                name,
                f"{1e-6 / timing.median:.2f}",
                f"{1e-6 / timing.least:.2f}",
                f"{timing.median / ours.median:.2f}",
            ]
            for name, timing in timings.items()
        ]
        table(
            f"{MANY:,} rows, threads: {threads}", ["", "M rows per second", "most", "times glassnet"], lines
        )
        results[f"many rows, {threads} threads"] = {
            name: timing._asdict() for name, timing in timings.items()
        }
    save(results, options.json)


if __name__ == "__main__":
    main()
