"""Kills trainings and saves with SIGKILL at random moments, and counts what is lost: nothing should be.

    python benchmarks/kills.py                           # 100 kills of trainings, 1000 of saves
    python benchmarks/kills.py --trainings 20 --saves 0

A training writes its checkpoint as often as it can. It is killed and started again until it ends; then its model is
compared, to the bit and without times, with that of a training that nothing disturbed. A save is killed while it
replaces a model; then the file must be one of two whole models, and after the next save it must be alone in its folder.
Every process is a fork of this one. The exit code is 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import glassnet
import glassnet.ship.model_file
from glassnet.tables import penguins_path
from glassnet.training import Checkpoint, TrainingStarted
from glassnet.training.checkpoint_file import read

TRAININGS: dict[str, dict[str, Any]] = {
    "single": {"recipe": "single", "epochs": 150, "patience": None, "dropout": 0.2},
    "balanced": {"hidden": (32, 16), "epochs": 30},
    "best": {"recipe": "best", "hidden": 16, "epochs": 12},
    "reference engine": {"recipe": "single", "engine": "reference", "dtype": "float64", "epochs": 15},
    "early stopping": {
        "members": 3,
        "hidden": 8,
        "learning_rate": 0.05,
        "patience": 9,
        "class_weight": "balanced",
    },
    "no validation rows": {"recipe": "single", "validation": 0, "optimizer": "momentum", "epochs": 200},
    "adamw, numbers": {
        "target": "body_mass_g",
        "optimizer": "adamw",
        "hidden": 8,
        "epochs": 25,
        "members": 2,
    },
}


def forked(work: Callable[[], object]) -> int:
    """The number of a process that does the work and exits with 0, or with 1 if it fails."""
    number = os.fork()
    if number:
        return number
    try:
        work()
        os._exit(0)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def ended(process: int) -> int:
    """Wait for a process; its exit code, or the negative number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def training(settings: dict[str, Any], checkpoint: Path | None, out: Path) -> int:
    """The number of a process that trains, and saves the model without times; returns once training has started."""
    reading, writing = os.pipe()

    def tell(event: object) -> None:
        if isinstance(event, TrainingStarted):
            os.write(writing, b".")

    def train() -> None:
        kept = None if checkpoint is None else Checkpoint(checkpoint, seconds=0)
        given = {"target": "species", "seed": 1, "epochs": 50, **settings}
        model = glassnet.train(penguins_path(), checkpoint=kept, callbacks=tell, **given)
        networks = tuple(replace(own, history=replace(own.history, seconds=0.0)) for own in model.members)
        replace(model, members=networks, provenance={**model.provenance, "created": ""}).save(out)

    process = forked(train)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    return process


def killed_trainings(name: str, kills: int, folder: Path, rng: random.Random) -> tuple[int, int, int]:
    """Kill a training so often.

    Returns how many trainings ended, how many of these as an undisturbed one, and how many kills left states of
    networks.
    """
    whole, out, path = folder / "whole", folder / "model", folder / "run.checkpoint"
    process, begun = training(TRAININGS[name], None, whole), time.perf_counter()
    if ended(process):
        raise SystemExit(f"{name}: the training without a checkpoint failed")
    seconds = time.perf_counter() - begun
    finished = same = amid = 0
    left, ends = kills, False
    while left or not ends:  # at the end, one training goes on undisturbed
        process = training(TRAININGS[name], path, out)
        if left:
            time.sleep(rng.uniform(0, 0.5 * seconds))
            os.kill(process, signal.SIGKILL)
        code = ended(process)
        left -= code == -signal.SIGKILL
        amid += code == -signal.SIGKILL and path.exists() and bool(read(str(path))[0].networks)
        ends = code == 0
        if code not in (0, -signal.SIGKILL):
            print(f"{name}: started again, it failed", file=sys.stderr)
            return finished + 1, same, amid
        if ends:
            finished += 1
            same += out.read_bytes() == whole.read_bytes() and not path.exists()
    return finished, same, amid


def killed_saves(kills: int, folder: Path, rng: random.Random) -> tuple[int, int]:
    """Kill a save so often; returns how many models were lost, and how often a file was left after the next save."""
    table = {"x": np.arange(50.0), "y": np.arange(50.0) ** 2}
    path = folder / "model.glassnet"
    models = [
        glassnet.train(table, "y", recipe="single", hidden=(300, 300), epochs=1, seed=seed, threads=1)
        for seed in (1, 2)
    ]
    contents = set()
    for model in models:
        begun = time.perf_counter()
        model.save(path)
        seconds = time.perf_counter() - begun
        contents.add(path.read_bytes())

    def save() -> None:
        while True:
            for model in models:
                model.save(path)

    lost = left = 0
    for _ in range(kills):
        process = forked(save)
        time.sleep(rng.uniform(0, 2 * seconds))
        os.kill(process, signal.SIGKILL)
        ended(process)
        lost += path.read_bytes() not in contents
        models[0].save(path)
        left += len(list(folder.iterdir())) > 1
    return lost, left


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trainings", type=int, default=100, help="kills of trainings")
    parser.add_argument("--saves", type=int, default=1000, help="kills of saves")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    glassnet.train(penguins_path(), "species", epochs=1, threads=1).save(os.devnull)  # loads all modules once
    rng, wrong = random.Random(given.seed), 0
    shares = [len(range(at, given.trainings, len(TRAININGS))) for at in range(len(TRAININGS))]
    for name, kills in zip(TRAININGS, shares, strict=True):
        folder = Path(tempfile.mkdtemp(prefix="kills-"))
        finished, same, amid = killed_trainings(name, kills, folder, rng) if kills else (0, 0, 0)
        stray = {path.name for path in folder.iterdir()} - {"whole", "model"}
        print(
            f"{name}: {kills} kills, {amid} after the first epochs; {finished} trainings ended, {same} with the bits "
            f"of an undisturbed one; {len(stray)} stray files",
            flush=True,
        )
        wrong += finished - same + len(stray)
        shutil.rmtree(folder)
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    lost, left = killed_saves(given.saves, folder, rng)
    print(
        f"saving: {given.saves} kills; {lost} models lost; {left} times a file was left after the next save"
    )
    shutil.rmtree(folder)
    return int(wrong + lost + left > 0)


if __name__ == "__main__":
    sys.exit(main())
