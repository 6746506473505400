"""The worked example (4-5-5-1, sigmoid, 10,001 steps on 3 rows, float64), compared with a NumPy script and FANN.

    python benchmarks/worked_example.py [--rounds 7]

FANN trains in float32, in one program that repeats the training, so that its start is not timed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from side_by_side import Timing, Work, in_turns, limit_threads, table

STEPS = 10_001
TRAININGS = 20  # per turn, which then takes as long as a turn of the script
INPUTS = [[1.0, 0, 1, 0], [1, 0, 1, 1], [0, 1, 0, 1]]
TARGETS = [[1.0], [1], [0]]


def bare_script() -> Work:
    """The example as a NumPy script: gradient descent on ½ Σ (y - a)²."""
    import numpy as np

    x, y = np.array(INPUTS), np.array(TARGETS)

    def work() -> int:
        rng = np.random.default_rng(3)
        w1, w2, w3 = (rng.standard_normal(shape) for shape in ((4, 5), (5, 5), (5, 1)))
        b1, b2, b3 = (rng.standard_normal((1, width)) for width in (5, 5, 1))
        for _ in range(STEPS):
            a1 = 1 / (1 + np.exp(-(x @ w1 + b1)))
            a2 = 1 / (1 + np.exp(-(a1 @ w2 + b2)))
            a3 = 1 / (1 + np.exp(-(a2 @ w3 + b3)))
            d3 = (y - a3) * a3 * (1 - a3)
            d2 = d3 @ w3.T * a2 * (1 - a2)
            d1 = d2 @ w2.T * a1 * (1 - a1)
            w3 += a2.T @ d3 * 0.1
            w2 += a1.T @ d2 * 0.1
            w1 += x.T @ d1 * 0.1
            b3 += d3.sum(axis=0, keepdims=True) * 0.1
            b2 += d2.sum(axis=0, keepdims=True) * 0.1
            b1 += d1.sum(axis=0, keepdims=True) * 0.1
        return 1

    return work


def glassnet_train() -> Work:
    import numpy as np

    import glassnet

    pair = np.array(INPUTS), np.array(TARGETS)

    def work() -> int:
        for _ in range(TRAININGS):
            glassnet.train(
                pair,
                hidden=(5, 5),
                activation="sigmoid",
                output_activation="sigmoid",
                loss="squared_error",
                optimizer="gradient_descent",
                learning_rate=0.3,
                l2=0.0,
                batch_size=None,
                epochs=STEPS,
                validation=0,
                scaling="none",
                dtype="float64",
                seed=3,
                progress=False,
            )
        return TRAININGS

    return work


def glassnet_run() -> Work:
    """Only the steps: the engine's part of the time."""
    import numpy as np

    from glassnet import engines
    from glassnet.net import Network, initialize
    from glassnet.net.optimizers import GradientDescent

    network = Network.of(4, (5, 5), 1, activation="sigmoid", output="sigmoid")
    parameters = initialize(network, np.random.default_rng(3))
    rows = engines.Rows(np.array(INPUTS), np.array(TARGETS))
    rates = np.full((STEPS, 1), 0.3)
    engine = engines.get("native")

    def work() -> int:
        for _ in range(TRAININGS):
            engine.open_run(network, parameters, optimizer=GradientDescent()).epochs(rows, 3, rates)
        return TRAININGS

    return work


FANN_PROGRAM = r"""
#include <fann.h>
#include <stdio.h>
#include <time.h>

int main(void) {
    float inputs[3][4] = {{1, 0, 1, 0}, {1, 0, 1, 1}, {0, 1, 0, 1}}, targets[3][1] = {{1}, {1}, {0}};
    struct fann_train_data *data = fann_create_train(3, 4, 1);
    for (int row = 0; row < 3; ++row) {
        for (int i = 0; i < 4; ++i) data->input[row][i] = inputs[row][i];
        data->output[row][0] = targets[row][0];
    }
    for (int round = 0; round < ROUNDS; ++round) {
        struct fann *network = fann_create_standard(4, 4, 5, 5, 1);
        fann_set_activation_function_hidden(network, FANN_SIGMOID);
        fann_set_activation_function_output(network, FANN_SIGMOID);
        fann_set_training_algorithm(network, FANN_TRAIN_BATCH);
        fann_set_learning_rate(network, 0.3f);
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (int step = 0; step < STEPS; ++step) fann_train_epoch(network, data);
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("%.9f\n", end.tv_sec - start.tv_sec + 1e-9 * (end.tv_nsec - start.tv_nsec));
        fann_destroy(network);
    }
    return 0;
}
"""


def fann_seconds(rounds: int) -> list[float] | None:
    """Seconds per training in FANN, in float32; ``None`` if it is not installed."""
    compiler = shutil.which("cc")
    with tempfile.TemporaryDirectory() as folder:
        program, source = Path(folder, "example"), Path(folder, "example.c")
        source.write_text(FANN_PROGRAM)
        command = [str(compiler), "-O3", f"-DSTEPS={STEPS}", f"-DROUNDS={rounds}"]
        build = [*command, str(source), "-o", str(program), "-lfann", "-lm"]
        if compiler is None or subprocess.run(build, capture_output=True).returncode:
            print("not compared: FANN (it needs a C compiler and libfann-dev)")
            return None
        done = subprocess.run([str(program)], capture_output=True, text=True, check=True)
        return [float(line) for line in done.stdout.split()]


def compare(rounds: int) -> dict[str, Any]:
    names = {
        "NumPy script": bare_script(),
        "glassnet.train": glassnet_train(),
        "only its steps": glassnet_run(),
    }
    timings = in_turns(names, rounds)
    if (fann := fann_seconds(2 * rounds)) is not None:
        timings["FANN, float32"] = Timing(sorted(fann)[rounds], min(fann))
    ours = timings["glassnet.train"]
    lines = [
        [
            name,
            f"{timing.median * 1e3:.2f}",
            f"{timing.least * 1e3:.2f}",
            f"{timing.median / ours.median:.1f}",
            f"{timing.least / ours.least:.1f}",
        ]
        for name, timing in timings.items()
    ]
    table(
        f"Worked example: {STEPS:,} steps, float64",
        ["", "ms", "least", "times train", "least"],
        lines,
    )
    return {name: timing._asdict() for name, timing in timings.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    limit_threads(2)
    compare(options.rounds)


if __name__ == "__main__":
    main()
