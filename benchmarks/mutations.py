"""Model files, requests and tables that are damaged in many ways: no crash, no hang, no error but glassnet's own.

    python benchmarks/mutations.py [models] [requests] [tables] [--count 10000] [--seed 0] [--batch 5000] [--json FILE]

``models`` changes the documents and tensors of small model files, with digests made anew, loads the files, and uses
those that are accepted: all predict, and one of 20 does whatever a model can do. ``requests`` sends damaged requests to
the application that serves a model. ``tables`` reads, infers and encodes CSV, JSON, Parquet and Arrow. Without a name,
all three.

Each batch is a process of its own, whose seed follows from ``--seed``. One that is killed by a signal, or takes longer
than ten minutes and a second for each case, counts as a failure, and its seed is printed. After each
batch there is a line with all results so far. The exit code is 1 if there was a failure.

The MB are, of models, the most that a load took beyond twice the size of its file, measured for one of 20; of requests
and tables, how much the process of a batch grew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import limit_threads, save

sys.path.append(str(Path(__file__).parents[1] / "tests"))
SECONDS, EACH = 600, 1
RARE = 20  # of so many cases, one is measured, or used in full
SHOWN = 3  # failures of a batch

Found = dict[str, Any]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _failed(failures: list[str], error: Exception, what: object) -> None:
    failures.append(f"{type(error).__name__}: {error!s:.200} after {what!s:.300}")


def models(count: int, seed: int) -> Found:
    """Damaged model files."""
    import numpy as np

    import strange_models
    from model_mutations import mutated, put_together

    np.seterr(all="ignore")
    rng, outcomes, failures, most = random.Random(seed), Counter[str](), list[str](), 0.0
    with tempfile.TemporaryDirectory() as folder:
        known, path = strange_models.sources(Path(folder)), Path(folder) / "model"
        for number in range(count):
            data, (document, tensors) = rng.choice(known)
            changed, numbers, said = mutated(document, tensors, rng)
            put_together(path, changed, numbers)
            try:
                if number % RARE == 0:
                    most = max(most, strange_models.memory_of_load(path) - 2 * path.stat().st_size)
                model, use = strange_models.loaded(path), strange_models.predict
                if model is not None and number % RARE == 1:
                    use = strange_models.use
                outcomes[strange_models.outcome(model, data, use)] += 1
            except Exception as error:
                _failed(failures, error, said)
    return {"outcomes": outcomes, "failures": failures, "MB": most / 1e6}


def requests(count: int, seed: int) -> Found:
    """Damaged requests."""
    import glassnet
    from glassnet.serve import Limits
    from glassnet.tables import penguins_path, read_table
    from request_mutations import mutated, statuses

    rows = read_table(penguins_path()).to_arrow().drop_columns(["species"]).to_pylist()
    model = glassnet.train(penguins_path(), "species", epochs=5, seed=0, progress=False)
    application, failures, outcomes = (
        glassnet.serve.app(model, limits=Limits(seconds=SECONDS)),
        list[str](),
        Counter[str](),
    )
    before = _peak()

    async def send() -> None:
        for sent in mutated(rows, count, seed):
            try:
                outcomes.update(
                    {str(status): number for status, number in (await statuses(application, [sent])).items()}
                )
            except Exception as error:
                _failed(failures, error, sent)

    asyncio.run(send())
    return {"outcomes": outcomes, "failures": failures, "MB": _peak() - before}


def tables(count: int, seed: int) -> Found:
    """Damaged tables."""
    from table_mutations import mutated, use

    outcomes, failures = Counter[str](), list[str]()
    before = _peak()
    for form, data in mutated(count, seed):
        try:
            outcomes[f"{form} {'read' if use(data) else 'refused'}"] += 1
        except Exception as error:
            _failed(failures, error, f"{form} {data[:600]!r}")
    return {"outcomes": outcomes, "failures": failures, "MB": _peak() - before}


KINDS: dict[str, Callable[[int, int], Found]] = {"models": models, "requests": requests, "tables": tables}


def batch(kind: str, count: int, seed: int) -> Found:
    """What a process of its own finds."""
    command = [sys.executable, __file__, kind, "--count", str(count), "--seed", str(seed), "--in-process"]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=SECONDS + EACH * count
        )
    except subprocess.TimeoutExpired:
        return {"outcomes": {}, "failures": [f"the batch with the seed {seed} hangs"], "MB": 0.0}
    if ran.returncode:
        said = f"the batch with the seed {seed} ended with {ran.returncode}: {ran.stderr[-300:]}"
        return {"outcomes": {}, "failures": [said], "MB": 0.0}
    found: Found = json.loads(ran.stdout.splitlines()[-1])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=5_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    limit_threads(1)
    warnings.simplefilter("ignore")
    kinds = given.kinds or [*KINDS]
    if given.in_process:
        print(json.dumps(KINDS[kinds[0]](given.count, given.seed)))
        return 0
    total: dict[str, Found] = {
        kind: {"outcomes": Counter[str](), "failures": [], "MB": 0.0, "seconds": 0.0} for kind in kinds
    }
    for at in range(0, given.count, given.batch):
        for kind, own in total.items():
            start = time.perf_counter()
            found = batch(kind, min(given.batch, given.count - at), given.seed * 1_000_000 + at)
            own["outcomes"].update(found["outcomes"])
            own["failures"] += found["failures"]
            own["MB"] = max(own["MB"], found["MB"])
            own["seconds"] += time.perf_counter() - start
            done = sum(own["outcomes"].values())
            print(
                f"{kind}: {done:,} in {own['seconds']:.0f} s: {dict(sorted(own['outcomes'].items()))}, "
                f"{len(own['failures'])} failures, {own['MB']:.1f} MB",
                flush=True,
            )
            for text in found["failures"][:SHOWN]:
                print(f"  {text}", flush=True)
    save(total, given.json)
    return 1 if any(own["failures"] for own in total.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
