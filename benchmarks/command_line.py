"""Time and memory of ``glassnet train`` and of ``import glassnet``, compared with scikit-learn and NumPy.

    python benchmarks/command_line.py [--rows 20000] [--repeats 5] [--json FILE]

The job: read a CSV file of mixed types with missing values, encode and split it, train a network, and evaluate it on
holdout rows. Both programs use the same file, layers, batch size and number of epochs, without early stopping. The runs
take turns; the median wall time and the largest resident memory are printed, with ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

EPOCHS, BATCH, HIDDEN = 20, 64, (128, 64)

SCIKIT_LEARN = f"""
import sys
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
import warnings
warnings.simplefilter("ignore")

frame = pd.read_csv(sys.argv[1])
target = frame.pop("outcome")
encode = make_column_transformer(
    (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), make_column_selector(dtype_include="number")),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), make_column_selector(dtype_exclude="number")),
)
x, x_test, y, y_test = train_test_split(frame, target, test_size=0.2, stratify=target, random_state=0)
network = MLPClassifier({HIDDEN}, batch_size={BATCH}, max_iter={EPOCHS}, n_iter_no_change={EPOCHS}, random_state=0)
model = make_pipeline(encode, network).fit(x, y)
print(accuracy_score(y_test, model.predict(x_test)))
"""


def make_table(path: Path, rows: int) -> None:
    """A table of two classes: numbers of different scales and categories, some of them missing."""
    rng = np.random.default_rng(0)
    age, income = rng.integers(18, 90, rows), rng.lognormal(10, 1, rows)
    town = rng.choice([f"town {n}" for n in range(30)], rows)
    color, member = rng.choice(["red", "green", "blue", "black"], rows), rng.choice(["yes", "no"], rows)
    signals = rng.normal(size=(rows, 6))
    score = signals[:, 0] * signals[:, 1] + (member == "yes") + (age - 50) / 30 + rng.normal(size=rows)
    columns = {
        "age": age.astype(str),
        "income": np.where(rng.random(rows) < 0.05, "", np.round(income, 2).astype(str)),
        "town": town,
        "color": np.where(rng.random(rows) < 0.03, "", color),
        "member": member,
        **{f"signal {n}": np.round(signal, 5).astype(str) for n, signal in enumerate(signals.T)},
        "outcome": np.where(score > 0.5, "good", "bad"),
    }
    lines = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")


def measure(command: list[str], folder: str) -> tuple[float, float]:
    """Seconds from start to exit, and the largest resident memory in MiB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command[:4])} … failed with status {status}")
    return seconds, usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_table(Path(folder) / "table.csv", options.rows)
        ours = [
            sys.executable, "-m", "glassnet", "train", "table.csv", "--target", "outcome", "--quiet",
            "--hidden", ",".join(map(str, HIDDEN)), "--batch-size", str(BATCH), "--epochs", str(EPOCHS),
            "--learning-rate", "0.001", "--validation", "0", "--holdout", "0.2",
        ]  # fmt: skip
        commands = {
            "glassnet train": ours,
            "scikit-learn script": [sys.executable, "-c", SCIKIT_LEARN, "table.csv"],
            "import glassnet": [sys.executable, "-c", "import glassnet"],
            "import numpy": [sys.executable, "-c", "import numpy"],
            "python": [sys.executable, "-c", ""],
        }
        runs_of: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(options.repeats):
            for name, command in commands.items():
                runs_of[name].append(measure(command, folder))
    seconds = {name: statistics.median(run[0] for run in runs) for name, runs in runs_of.items()}
    memory = {name: max(run[1] for run in runs) for name, runs in runs_of.items()}
    for name in commands:
        print(f"{name:<22}{seconds[name]:8.3f} s{memory[name]:8.0f} MiB")
    python = seconds["python"]
    ratios = {
        "job: times faster": seconds["scikit-learn script"] / seconds["glassnet train"],
        "job: share of the memory": memory["glassnet train"] / memory["scikit-learn script"],
        "import glassnet, seconds": seconds["import glassnet"] - python,
        "import glassnet, times numpy": (seconds["import glassnet"] - python)
        / (seconds["import numpy"] - python),
    }
    print(*(f"{name:<32}{value:8.2f}" for name, value in ratios.items()), sep="\n")
    if options.json:
        options.json.write_text(
            json.dumps({"seconds": seconds, "memory": memory, "ratios": ratios}, indent=1)
        )


if __name__ == "__main__":
    main()
