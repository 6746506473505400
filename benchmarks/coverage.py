"""Prediction intervals and sets: how often they hold the actual value, and how wide they are.

    python benchmarks/coverage.py [TABLE:TARGET ...] [--splits 200] [--rows 800] [--level 0.9] [--json FILE]

Each table is divided at random as often as ``--splits`` says: at most ``--rows`` rows are for training and as many
others for the test. Without tables, these are the bundled penguins, with a target of classes and one of numbers. The
figures are means over the splits, for three sources of rows that training did not see:

    folds       5 networks; each row predicted by those that were not trained on it
    validation  1 network; a fifth of the rows, which chose the epoch that was kept
    held out    1 network; a fifth of the rows, which training did not use at all

``width`` is that of an interval, as a share of four standard deviations of the target, the width of an interval that
covers 95 % of a normal distribution without any model; ``size`` is the number of classes in a set, ``empty`` the share
of sets without any. ``±`` is the standard deviation of the coverage over splits.

The networks are small and quickly trained: the coverage does not depend on how good a model is.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from side_by_side import limit_threads, save, table

Figures = dict[str, float]
SETTINGS: dict[str, Any] = {
    "recipe": "single", "hidden": (32,), "epochs": 25, "patience": None, "learning_rate": 0.005, "batch_size": 64,
}  # fmt: skip
SOURCES: dict[str, dict[str, Any]] = {
    "folds": {"members": 5},
    "validation": {"members": 1},
    "held out": {"members": 1, "holdout": 0.2},
}


def split(rows: Any, most: int, seed: int) -> tuple[Any, Any]:
    """Rows for training and as many others, at random."""
    order = np.random.default_rng(seed).permutation(rows.num_rows)
    count = min(most, rows.num_rows // 2)
    return rows.take(np.sort(order[:count])), rows.take(np.sort(order[count : 2 * count]))


def figures(rows: Any, target: str, source: str, most: int, level: float, seed: int) -> Figures:
    """The coverage and the width, or the size and the share of empty sets, of one split."""
    import glassnet

    train, test = split(rows, most, seed)
    model = glassnet.train(train, target, seed=seed, progress=False, **SETTINGS, **SOURCES[source])
    actual = np.array(test.column(target).to_list(), object)
    known = np.array([value is not None for value in actual])
    found = model.predict(test, interval=level)[known]
    if model.schema.task == "regression":
        values = actual[known].astype(float)
        inside = (found[:, 0] <= values) & (values <= found[:, 1])
        width = float((found[:, 1] - found[:, 0]).mean() / (4 * values.std()))
        return {"coverage": float(inside.mean()), "width": width}
    texts = [{str(label) for label in own} for own in found]
    inside = np.array([str(value) in own for value, own in zip(actual[known], texts, strict=True)])
    sizes = np.array([len(own) for own in texts])
    return {
        "coverage": float(inside.mean()),
        "size": float(sizes.mean()),
        "empty": float((sizes == 0).mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE:TARGET")
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--rows", type=int, default=800)
    parser.add_argument("--level", type=float, default=0.9)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    limit_threads(1)
    warnings.simplefilter("ignore")
    from glassnet.tables import penguins_path, read_table

    pairs = [own.rpartition(":")[::2] for own in given.tables]
    pairs = pairs or [(str(penguins_path()), "species"), (str(penguins_path()), "body_mass_g")]
    lines, found = [], {}
    for path, target in pairs:
        rows = read_table(path)
        for source in SOURCES:
            each = [
                figures(rows, target, source, given.rows, given.level, seed) for seed in range(given.splits)
            ]
            mean = {name: float(np.mean([own[name] for own in each])) for name in each[0]}
            spread = float(np.std([own["coverage"] for own in each]))
            found[f"{Path(path).stem} {target} {source}"] = {**mean, "deviation": spread}
            size = f"{mean['width']:.3f}" if "width" in mean else f"{mean['size']:.2f}"
            empty = f"{mean['empty']:.3f}" if "empty" in mean else ""
            lines.append(
                [Path(path).stem, target, source, f"{mean['coverage']:.3f}", f"{spread:.3f}", size, empty]
            )
            print(*lines[-1], file=sys.stderr, flush=True)  # the table comes in the end
    title = f"{given.level:.0%} intervals and sets, {given.splits} splits of at most {given.rows} rows each"
    table(title, ["table", "target", "rows", "coverage", "±", "width or size", "empty"], lines)
    save(found, given.json)


if __name__ == "__main__":
    main()
