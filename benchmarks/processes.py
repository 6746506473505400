"""Kills and freezes one of two processes that train together, at random moments, and looks at what the other one does.

    python benchmarks/processes.py                      # 20 kills and 5 freezes
    python benchmarks/processes.py --kills 2 --freezes 1 --json figures.json

The other process must end with exit code 75 and a message that names the lost one. Both are then started again with the
same checkpoint, until they end by themselves; the model must be that of a training that nothing disturbed, to the bit.
A frozen process is killed once the other has ended. The exit code is 1 if anything was otherwise. Loopback only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOST = 75
LIMIT = 40.0  # seconds in which the other process must have ended
TRAINING = """
import hashlib, sys
import glassnet
from glassnet.tables import penguins_path
from glassnet.training import Checkpoint
place = glassnet.distributed.start()
print("started", flush=True)
model = glassnet.train(penguins_path(), "species", engine="jax", recipe="single", dropout=0.2, hidden=16, patience=None,
    epochs=int(sys.argv[1]), seed=1, checkpoint=Checkpoint(sys.argv[2], seconds=0) if sys.argv[2] else None)
member = model.members[0]
print(hashlib.sha256(member.learnt.vector.tobytes() + member.history.loss.tobytes()).hexdigest(), flush=True)
"""


class Pair:
    """Two processes that train; returns once both are connected."""

    def __init__(self, epochs: int, checkpoint: str) -> None:
        with socket.socket() as own:
            own.bind(("127.0.0.1", 0))
            port = str(own.getsockname()[1])
        place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-c", TRAINING, str(epochs), checkpoint],
                env=os.environ | place | {"RANK": str(rank)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(2)
        ]
        for process in self.processes:
            assert process.stdout is not None
            if process.stdout.readline() != "started\n":
                raise SystemExit(process.communicate()[1])

    def disturb(self, rank: int, number: signal.Signals) -> tuple[float, bool]:
        """Send one process a signal; the seconds until the other one has ended, and whether it ended as it should."""
        lost, other = self.processes[rank], self.processes[1 - rank]
        begun = time.monotonic()
        lost.send_signal(number)
        try:
            _, messages = other.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            other.kill()
            messages = other.communicate()[1]
        seconds = time.monotonic() - begun
        lost.kill()
        lost.communicate()
        if lost.returncode == 0 and other.returncode == 0:  # they were done before
            return 0.0, True
        return seconds, other.returncode == LOST and f"process {rank} (" in messages

    def digests(self) -> set[str]:
        """Of the models, when both have ended by themselves."""
        outputs = [process.communicate()[0] for process in self.processes]
        return set(outputs)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--freezes", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=400, help="of a training (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="a file for the figures")
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    pair, begun = Pair(asked.epochs, ""), time.monotonic()
    wanted = pair.digests()
    whole = time.monotonic() - begun
    print(f"undisturbed: {whole:.1f} s, {len(wanted)} digest", flush=True)
    signals = [signal.SIGKILL] * asked.kills + [signal.SIGSTOP] * asked.freezes
    rng.shuffle(signals)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "training.checkpoint"))
        for number in signals:
            pair = Pair(asked.epochs, path)
            moment, rank = rng.uniform(0, whole), rng.randrange(2)
            time.sleep(moment)
            seconds, right = pair.disturb(rank, number)
            found.append(
                {"signal": number.name, "rank": rank, "after": moment, "seconds": seconds, "right": right}
            )
            print(
                f"{number.name} to process {rank} after {moment:5.1f} s: the other ended in {seconds:4.1f} s, "
                f"{'as it should' if right else 'WRONG'}",
                flush=True,
            )
        same = Pair(asked.epochs, path).digests() == wanted and len(wanted) == 1
    longest = max((one["seconds"] for one in found), default=0.0)
    wrong = sum(not one["right"] for one in found)
    print(f"{len(found)} losses: longest end {longest:.1f} s, {wrong} wrong; the same model: {same}")
    if asked.json is not None:
        figures = {"losses": found, "longest_seconds": longest, "wrong": wrong, "same_model": same}
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return int(wrong > 0 or not same)


if __name__ == "__main__":
    sys.exit(main())
