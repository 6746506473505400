"""What it takes to look inside: the arithmetic of one row, and importances by permutation.

python benchmarks/inside.py [--repeats 9] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import glassnet


def seconds(work: Callable[[], object], repeats: int) -> list[float]:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(0)

    x = rng.normal(size=(300, 54))
    model = glassnet.train((x, rng.integers(0, 7, 300)), hidden=(256, 128), epochs=1, seed=0)
    row = {f"x{number}": float(value) for number, value in enumerate(x[0], start=1)}
    found = {"explain a row of 54-256-128-7": seconds(lambda: model.explain(row), 5 * options.repeats)}

    x = rng.normal(size=(20_000, 50))
    table = {f"x{number}": column for number, column in enumerate(x.T, start=1)}
    table["y"] = x[:, 0] * x[:, 1] + x[:, 2]
    wide = glassnet.train(table, "y", epochs=1, seed=0)
    found["permutation importances, 20,000 × 50"] = seconds(
        lambda: wide.importances(table, kind="permutation"), 3
    )

    for name, taken in found.items():
        print(f"{name:<40} median {statistics.median(taken):8.4f} s   least {min(taken):8.4f} s")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
