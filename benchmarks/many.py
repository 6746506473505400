"""Many small networks: what they cost together, compared with one network alone.

    python benchmarks/many.py [--threads 2] [--networks 100] [--epochs 100] [--rounds 3] [--json FILE] [--quick]

The networks are 54-64-32-7, on 10,000 rows, a fifth of which are for validation, in batches of 256. The measure is
the time of one ``glassnet.train`` on one thread, times the number of networks, divided by the number of threads: 1.00
would be ideal. It is compared with

- the networks of one model (``members``),
- scikit-learn's ``cross_val_score`` of a ``TableClassifier``, in threads and in processes, and
- ``glassnet.search``, each trial of which is one network with all threads.

All take turns, and medians are compared. The ratio of processor times is printed too: it depends less on what other
programs do, but says nothing of processors that have nothing to do. Needs ``glassnet[sklearn]``; the search needs
``glassnet[search]``.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from side_by_side import limit_threads, present, save, table

COLUMNS, HIDDEN, CLASSES = 54, (64, 32), 7


class Cost(NamedTuple):
    """Seconds of the clock and of the processors, those of child processes that have ended included."""

    wall: float
    cpu: float


def cost_of(work: Callable[[], object]) -> Cost:
    time.sleep(0.2)  # idle threads of some libraries keep a processor busy for a while
    started, before = time.perf_counter(), processor_seconds()
    work()
    return Cost(time.perf_counter() - started, processor_seconds() - before)


def processor_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(own.ru_utime + own.ru_stime for own in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a few networks, to see that it runs")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.quick:
        options.networks, options.epochs, options.rounds = 6, 3, 1
    if hasattr(os, "sched_setaffinity"):  # no more processors than threads
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    limit_threads(options.threads)
    warnings.simplefilter("ignore")
    results = measured(options)
    threads = options.threads
    alone = results["one network"]["wall"]
    print(
        f"one network of {COLUMNS}-64-32-{CLASSES}, {options.rows:,} rows, {options.epochs} epochs: {alone:.3f} s"
    )
    header = ["", "networks", "seconds", "ratio", "ratio of processor time"]
    cells = [
        [name, f"{own['networks']}", f"{own['wall']:.2f}", f"{own['ratio']:.2f}", f"{own['cpu_ratio']:.2f}"]
        for name, own in results.items()
    ]
    table(f"many networks, {threads} threads, load {os.getloadavg()[0]:.1f}", header, cells)
    save({"threads": threads, "rows": options.rows, "epochs": options.epochs, "costs": results}, options.json)


def measured(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    import numpy as np

    import glassnet

    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((options.rows, COLUMNS), dtype=np.float32)
    scores = inputs @ rng.standard_normal((COLUMNS, CLASSES)) + 3 * rng.gumbel(size=(options.rows, CLASSES))
    labels = scores.argmax(axis=1)
    own = {"hidden": HIDDEN, "epochs": options.epochs, "batch_size": 256, "recipe": "single", "seed": 1}
    own |= {"patience": None, "bins": 0}
    unseeded = {name: value for name, value in own.items() if name != "seed"}
    count, threads = options.networks, options.threads
    folds = max(2, count // 10)

    def train(**more: object) -> object:
        return glassnet.train((inputs, labels), **own, **more, progress=False)

    works: dict[str, tuple[int, Callable[[], object]]] = {
        "one network": (1, lambda: train(threads=1)),
        f"members={count}": (count, lambda: train(members=count)),
    }
    if present("sklearn"):
        from joblib import parallel_config
        from sklearn.model_selection import cross_val_score

        from glassnet.estimators import TableClassifier

        estimator = TableClassifier(**{**unseeded, "random_state": 1})

        def crossed(backend: str) -> None:
            with parallel_config(backend):
                cross_val_score(estimator, inputs, labels, cv=folds, n_jobs=threads)

        for backend in ("threading", "loky"):
            works[f"cross_val_score, {backend}"] = folds, lambda backend=backend: crossed(backend)
    if present("optuna"):
        from glassnet.searching import SPACE

        # nothing else, so that all trials have equally expensive networks
        space = {**dict.fromkeys(SPACE), "learning_rate": (0.001, 0.01, "log")}

        def search() -> None:
            glassnet.search((inputs, labels), space=space, trials=folds, pruner=never, seed=1, **unseeded)

        from optuna.pruners import NopPruner

        never = NopPruner()
        works["search"] = folds, search
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for number in range(options.rounds + 1):
        for name, (_, work) in works.items():
            cost = cost_of(work)
            if number:
                costs[name].append(cost)
                print(f"round {number}: {name} {cost.wall:.2f} s", file=sys.stderr)
    medians = {
        name: Cost(*(statistics.median(each) for each in zip(*all_of_it, strict=True)))
        for name, all_of_it in costs.items()
    }
    one = medians["one network"]
    return {
        name: {
            "networks": works[name][0],
            "wall": cost.wall,
            "cpu": cost.cpu,
            "ratio": cost.wall / (one.wall * works[name][0] / (1 if name == "one network" else threads)),
            "cpu_ratio": cost.cpu / (one.cpu * works[name][0]),
        }
        for name, cost in medians.items()
    }


if __name__ == "__main__":
    main()
