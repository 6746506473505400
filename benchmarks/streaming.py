"""Trains 54-256-128-7 on Parquet files that do not fit into memory, and compares that with training in memory.

    python benchmarks/streaming.py                       # 20 GB: some 90 million rows, in half an hour
    python benchmarks/streaming.py --size 2 --epochs 4   # 2 GB
    python benchmarks/streaming.py --folder /data        # where the files and the cache are written

A file of a million random rows with seven classes is written once; hard links to it are the other files. Each training
is a process of its own. Printed are the seconds before training, and for each epoch the rows per second, the share of
the time in which the training waited for rows, and the peak of the memory of the process. The first file alone is
trained on in memory, in blocks, and in blocks after it was sorted by class; the losses of other rows are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

ROWS, INPUTS, CLASSES = 1_000_000, 54, 7
SETTINGS: dict[str, Any] = {
    "recipe": "single", "hidden": (256, 128), "batch_size": 256, "patience": None, "seed": 1,
}  # fmt: skip


def write_file(path: Path, rows: int = ROWS, seed: int = 0, *, by_class: bool = False) -> None:
    """Random rows: normal and binary inputs, and a class that follows from them with some noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, INPUTS)).astype(np.float32)
    x[:, 40:] = x[:, 40:] > 1
    weights = np.random.default_rng(99).normal(size=(INPUTS, CLASSES)) / 3
    scores = np.tanh(x @ weights) + x[:, :CLASSES] * x[:, CLASSES : 2 * CLASSES] / 2
    codes = (scores + rng.gumbel(size=scores.shape) * 0.3).argmax(axis=1)
    order = np.argsort(codes, kind="stable") if by_class else np.arange(rows)
    columns = {f"c{at}": x[order, at] for at in range(INPUTS)}
    parquet.write_table(pa.table({**columns, "y": [f"class {code}" for code in codes[order]]}), path)


def peak_memory() -> float:
    """In MB; of this program alone, which the figures of ``resource`` are not."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def trained(source: str, memory: str, epochs: int, cache: str, test: str) -> None:
    """In a process of its own: train, and print what was measured as JSON."""
    import glassnet
    from glassnet.streaming.row_source import CachedRows
    from glassnet.training import TrainingStarted
    from glassnet.training.row_source import RowsInMemory

    passes: list[dict[str, float]] = []

    def measure(source: type[Any]) -> None:
        blocks = source.blocks

        def measured(self: Any, epoch: int) -> Any:
            begun, waited = time.perf_counter(), getattr(self, "waited", 0.0)
            yield from blocks(self, epoch)
            seconds = time.perf_counter() - begun
            passes.append({"seconds": seconds, "waiting": (getattr(self, "waited", 0.0) - waited) / seconds})

        setattr(source, "blocks", measured)  # noqa: B010

    measure(CachedRows)
    measure(RowsInMemory)
    begun, found = time.perf_counter(), {}

    def watch(event: Any) -> None:
        if isinstance(event, TrainingStarted):
            found["before training"] = time.perf_counter() - begun

    os.environ["TMPDIR"] = cache
    tempfile.tempdir = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = glassnet.train(source, "y", memory=memory, epochs=epochs, callbacks=watch, **SETTINGS)
        peak, loss = peak_memory(), model.evaluate(test)["log_loss"]
    rows = model.provenance["rows"]["train"]
    print(
        json.dumps(
            {
                "before training": found["before training"],
                "rows": rows,
                "epochs": [own | {"rows per second": rows / own["seconds"]} for own in passes],
                "loss": loss,
                "peak memory, MB": peak,
            }
        )
    )


def run(*arguments: str) -> dict[str, Any]:
    """What a training in a process of its own measured."""
    command = [sys.executable, __file__, "--train", *arguments]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return found


def shown(name: str, found: dict[str, Any]) -> None:
    print(f"{name}: {found['rows']:,} training rows, {found['before training']:.1f} s before the first epoch")
    for number, own in enumerate(found["epochs"], 1):
        print(f"  epoch {number}: {own['rows per second']:,.0f} rows/s, waiting {own['waiting']:.1%}")
    print(f"  log loss of other rows {found['loss']:.4f}, peak memory {found['peak memory, MB']:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=float, default=20, metavar="GB", help="of the files together")
    parser.add_argument("--memory", default="700 MB", help="the setting memory")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folder", help="for the files and the cache; by default that of temporary files")
    parser.add_argument("--train", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train:
        source, memory, epochs, cache, test = given.train
        trained(source, memory, int(epochs), cache, test)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for name in ("one", "sorted", "many", "cache"):
            (Path(folder) / name).mkdir()
        first = Path(folder) / "one" / "0.parquet"
        write_file(first)
        test = f"{folder}/test.parquet"
        write_file(Path(test), 200_000, 1)
        write_file(Path(folder) / "sorted" / "0.parquet", by_class=True)
        count = max(1, round(given.size * 1e9 / first.stat().st_size))
        for number in range(count):
            os.link(first, Path(folder) / "many" / f"{number:04}.parquet")
        print(f"{count} files, {count * first.stat().st_size / 1e9:.1f} GB, memory={given.memory!r}")
        cache, epochs = f"{folder}/cache", str(given.epochs)
        found = {"in files": run(f"{folder}/many", given.memory, epochs, cache, test)}
        shown("all files, in blocks", found["in files"])
        for name, source, memory in (
            ("in memory", str(first), "100 GB"),
            ("in blocks", str(first), "200 MB"),
            ("sorted by class, in blocks", f"{folder}/sorted", "200 MB"),
        ):
            found[name] = run(source, memory, epochs, cache, test)
            shown(f"one file, {name}", found[name])
    speeds = [
        np.median([own["rows per second"] for own in found[name]["epochs"][1:]])
        for name in ("in files", "in memory")
    ]
    losses = [found[name]["loss"] for name in ("in blocks", "sorted by class, in blocks", "in memory")]
    ratios = {
        "speed over in memory, from the second epoch": speeds[0] / speeds[1],
        "loss in blocks over in memory": losses[0] / losses[2],
        "loss sorted by class over not sorted": losses[1] / losses[0],
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.3f}")
    print(json.dumps({"ratios": ratios, "trainings": found}))


if __name__ == "__main__":
    main()
