"""The time to explain one row, and to compute permutation importances.

python benchmarks/inside.py [--repeats 9] [--json FILE]; needs pandas and polars.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

import glassnet


def seconds(work: Callable[[], object], repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return times


def forms_of_a_row(x: np.ndarray, y: int) -> dict[str, Any]:
    """The same row in every form that ``explain`` accepts, with and without its target."""
    row = {f"x{number}": float(value) for number, value in enumerate(x, start=1)}
    forms: dict[str, Any] = {"array": x, "list": x.tolist()}
    for suffix, values in (("", row), (" with target", {**row, "y": y})):
        forms["dict" + suffix] = values
        forms["pandas row" + suffix] = pd.Series(values)
        forms["pandas DataFrame" + suffix] = pd.DataFrame([values])
        forms["polars DataFrame" + suffix] = pl.DataFrame([values])
    return forms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(0)

    x, y = rng.normal(size=(300, 54)), rng.integers(0, 7, 300)
    model = glassnet.train((x, y), hidden=(256, 128), epochs=1, seed=0)
    times = {}
    for form, row in forms_of_a_row(x[0], int(y[0])).items():
        model.explain(row)
        name = f"explain a row of 54-256-128-7: {form}"
        times[name] = seconds(lambda row=row: model.explain(row), 5 * options.repeats)  # type: ignore[misc]

    x = rng.normal(size=(20_000, 50))
    table = {f"x{number}": column for number, column in enumerate(x.T, start=1)}
    table["y"] = x[:, 0] * x[:, 1] + x[:, 2]
    wide = glassnet.train(table, "y", epochs=1, seed=0)
    times["permutation importances, 20,000 × 50"] = seconds(
        lambda: wide.importances(table, method="permutation"), 3
    )

    for name, own in times.items():
        print(f"{name:<60} median {statistics.median(own):8.4f} s   least {min(own):8.4f} s")
    if options.json:
        options.json.write_text(json.dumps(times, indent=1))


if __name__ == "__main__":
    main()
