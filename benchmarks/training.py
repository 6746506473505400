"""The time of a training step of the native engine, compared with the JAX engine, scikit-learn, PyTorch and JAX itself.

    python benchmarks/training.py [--threads 2] [--rounds 7] [--shapes small,image] [--json FILE]

Adam, float32, softmax and log loss. scikit-learn trains an epoch by ``partial_fit``, PyTorch in eager mode with the
fused Adam, JAX in one jitted scan per epoch, whose compile time is reported separately. The peak is NumPy's float32
product of two 2048 × 2048 matrices, timed in the same rounds. The number of operations is 2·I·O per row and layer for
the forward pass and twice that for the backward pass, without the gradient of the first layer's inputs. On Linux, the
process uses no more processors than threads; elsewhere, --threads does not limit JAX.

It also runs the worked example (see worked_example.py), and compares the reference engine with scikit-learn. Libraries
that are not installed are skipped with a message.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import worked_example
from side_by_side import Timing, Work, in_turns, limit_threads, present, save, table


class Shape(NamedTuple):
    widths: tuple[int, ...]
    batch: int
    batches: int  # per epoch

    @property
    def rows(self) -> int:
        return self.batch * self.batches

    @property
    def operations(self) -> int:
        """Floating-point operations per step."""
        products = [2 * inputs * outputs for inputs, outputs in pairwise(self.widths)]
        return self.batch * (3 * sum(products) - products[0])


SHAPES = {
    "small": Shape((8, 32, 32, 2), 32, 512),
    "tabular32": Shape((54, 256, 128, 7), 32, 512),
    "tabular256": Shape((54, 256, 128, 7), 256, 192),
    "image": Shape((784, 512, 256, 10), 256, 32),
    "wide": Shape((784, 4096, 4096, 10), 512, 1),
}
PEAK = "peak"


def classes(shape: Shape) -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((shape.rows, shape.widths[0]), dtype=np.float32)
    return inputs, rng.integers(0, shape.widths[-1], shape.rows)


def glassnet_epoch(shape: Shape, engine: str, threads: int | None) -> Work:
    import numpy as np

    from glassnet import engines
    from glassnet.net import Network, Objective, initialize

    inputs, labels = classes(shape)
    network = Network.of(shape.widths[0], shape.widths[1:-1], shape.widths[-1], output="softmax")
    parameters = initialize(network, np.random.default_rng(0), dtype=np.float32)
    objective = Objective("categorical_log_loss")
    run = engines.get(engine).open_run(network, parameters, objective, threads=threads)
    rows = engines.Rows(inputs, np.eye(shape.widths[-1], dtype=np.float32)[labels])
    rng = np.random.default_rng(1)
    epochs = 20 if shape.operations < 1e6 else 1

    def work() -> int:
        orders = np.array([rng.permutation(shape.rows) for _ in range(epochs)])
        run.epochs(rows, shape.batch, np.full((epochs, shape.batches), 1e-3), orders)
        return epochs * shape.batches

    return work


def scikit_learn_epoch(shape: Shape) -> Work:
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    inputs, labels = classes(shape)
    model = MLPClassifier(shape.widths[1:-1], batch_size=shape.batch, alpha=0.0)

    def work() -> int:
        model.partial_fit(inputs, labels, classes=np.arange(shape.widths[-1]))
        return shape.batches

    return work


def torch_network(shape: Shape) -> Any:
    """A ``Sequential`` of PyTorch with the widths of ``shape`` and relu."""
    import torch

    layers: list[torch.nn.Module] = []
    for before, after in pairwise(shape.widths):
        layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def torch_epoch(shape: Shape, threads: int) -> Work:
    import torch

    torch.set_num_threads(threads)
    inputs, labels = (torch.from_numpy(array) for array in classes(shape))
    model = torch_network(shape)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    loss = torch.nn.CrossEntropyLoss()

    def work() -> int:
        for batch in torch.randperm(shape.rows).split(shape.batch):
            optimizer.zero_grad()
            loss(model(inputs[batch]), labels[batch]).backward()
            optimizer.step()
        return shape.batches

    return work


def jax_epoch(shape: Shape) -> tuple[Work, float]:
    """The epoch, and the seconds to compile it."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    inputs, labels = (jnp.asarray(array) for array in classes(shape))
    rng = np.random.default_rng(0)
    parameters = [
        (jnp.asarray(rng.standard_normal((i, o)) / i**0.5, jnp.float32), jnp.zeros(o))
        for i, o in pairwise(shape.widths)
    ]

    def loss(parameters: Any, inputs: Any, labels: Any) -> Any:
        *hidden, (weights, biases) = parameters
        for w, b in hidden:
            inputs = jax.nn.relu(inputs @ w + b)
        outputs = jax.nn.log_softmax(inputs @ weights + biases)
        return -outputs[jnp.arange(len(labels)), labels].mean()

    def step(state: Any, batch: Any) -> tuple[Any, Any]:
        parameters, m, v, t = state
        value, gradient = jax.value_and_grad(loss)(parameters, inputs[batch], labels[batch])
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, m, v)
        return (parameters, m, v, t), value

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state: Any = (parameters, zeros, zeros, jnp.float32(0))
    start = time.perf_counter()
    epoch = jax.jit(lambda state, orders: jax.lax.scan(step, state, orders))
    compiled = epoch.lower(state, jnp.zeros((shape.batches, shape.batch), jnp.int32)).compile()
    compile_seconds = time.perf_counter() - start

    def work() -> int:
        nonlocal state
        orders = jnp.asarray(rng.permutation(shape.rows).reshape(shape.batches, shape.batch), jnp.int32)
        state, values = compiled(state, orders)
        values.block_until_ready()
        return shape.batches

    return work, compile_seconds


def peak() -> Work:
    import numpy as np

    a, b = (np.random.default_rng(seed).standard_normal((2048, 2048), dtype=np.float32) for seed in (0, 1))
    out = np.empty_like(a)

    def work() -> int:
        np.matmul(a, b, out=out)
        return 2 * 2048**3

    return work


def compare_steps(names: list[str], threads: int, rounds: int) -> dict[str, Any]:
    results: dict[str, Any] = {}
    lines = []
    others = [name for name in ("sklearn", "torch", "jax") if present(name) is not None]
    for name in names:
        shape = SHAPES[name]
        contenders = {PEAK: peak(), "glassnet": glassnet_epoch(shape, "native", threads)}
        compile_seconds = 0.0
        if "sklearn" in others:
            contenders["scikit-learn"] = scikit_learn_epoch(shape)
        if "torch" in others:
            contenders["PyTorch"] = torch_epoch(shape, threads)
        if "jax" in others:
            contenders["glassnet, JAX"] = glassnet_epoch(shape, "jax", threads)
            contenders["JAX"], compile_seconds = jax_epoch(shape)
        timings = in_turns(contenders, rounds)
        top = timings.pop(PEAK)
        ours = timings["glassnet"]
        results[name] = {
            "operations": shape.operations,
            "peak_gflops": {"median": 1e-9 / top.median, "best": 1e-9 / top.least},
            "jax_compile_seconds": compile_seconds,
            "seconds": {peer: timing._asdict() for peer, timing in timings.items()},
        }
        for peer, timing in timings.items():
            lines.append(
                [
                    f"{name}, {peer}",
                    f"{timing.median * 1e6:.1f}",
                    f"{timing.least * 1e6:.1f}",
                    f"{share(shape, timing, top):.0%}",
                    f"{shape.operations * top.least / timing.least:.0%}",
                    "" if peer == "glassnet" else f"{timing.median / ours.median:.1f}",
                ]
            )
    header = ["shape", "µs per step", "least", "of peak", "most", "times glassnet"]
    table(f"Training, {threads} threads, medians of {rounds} rounds", header, lines)
    return results


def share(shape: Shape, timing: Timing, top: Timing) -> float:
    """The share of the machine's peak."""
    return shape.operations * top.median / timing.median


def compare_reference(threads: int, rounds: int) -> dict[str, Any]:
    if present("sklearn") is None:
        return {}
    shape = SHAPES["image"]
    contenders = {
        "reference engine": glassnet_epoch(shape, "reference", threads),
        "scikit-learn": scikit_learn_epoch(shape),
    }
    timings = in_turns(contenders, rounds)
    ours = timings["reference engine"]
    lines = [
        [
            name,
            f"{timing.median * 1e3:.2f}",
            f"{timing.least * 1e3:.2f}",
            f"{timing.median / ours.median:.2f}",
        ]
        for name, timing in timings.items()
    ]
    table("The reference engine, image", ["", "ms per step", "least", "times the first"], lines)
    return {name: timing._asdict() for name, timing in timings.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--shapes", default=",".join(SHAPES), help="names, separated by commas; empty for none"
    )
    parser.add_argument("--json", type=Path, help="file for all results")
    options = parser.parse_args()
    limit_threads(options.threads)
    if hasattr(os, "sched_setaffinity"):  # of XLA, which starts a thread for each processor that it may use
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    warnings.filterwarnings("ignore")
    names = [name for name in options.shapes.split(",") if name]
    results = {
        "threads": options.threads,
        "steps": compare_steps(names, options.threads, options.rounds),
        "example": worked_example.compare(options.rounds),
        "reference": compare_reference(options.threads, options.rounds),
    }
    save(results, options.json)


if __name__ == "__main__":
    main()
