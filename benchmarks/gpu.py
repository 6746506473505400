"""Training on a GPU: the JAX engine compared with ``torch.compile``, and with the native engine on two cores.

    python benchmarks/gpu.py [--device gpu] [--rounds 5] [--seconds 330] [--shapes small,image] [--json FILE] [--quick]

Needs JAX and PyTorch, each for the device; what is not installed is skipped with a message. Two comparisons:

- the training steps of ``benchmarks/training.py``, in float32 (Adam, softmax and log loss, rows on the device). PyTorch
  runs them as ``torch.compile`` with CUDA graphs (``mode="reduce-overhead"``) and full float32 products, as JAX does.
- an epoch of 54-256-128-7 on 1,000,000 rows in batches of 4096, with the native engine on two cores of the machine.

The engine does not train in bfloat16, so neither does this. Compilation is not counted: it is in the first round,
which is not measured. Comparisons that would begin after ``--seconds`` are left out, and the output says so.
``--device cpu`` runs the same on the processor, to see that it works; ``--quick`` with one round and few rows.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from side_by_side import Timing, Work, in_turns, limit_threads, present, save, table

from training import SHAPES, Shape, classes, glassnet_epoch, torch_network

CORES = 2
BIG = Shape((54, 256, 128, 7), 4096, 244)


def compiled_epoch(shape: Shape, device: str) -> Work:
    """An epoch of PyTorch, compiled."""
    import torch

    torch.set_float32_matmul_precision("highest")
    own = torch.device("cuda" if device == "gpu" else "cpu")
    inputs, labels = (torch.from_numpy(array).to(own) for array in classes(shape))
    model = torch_network(shape).to(own)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    mode = "reduce-overhead" if device == "gpu" else None
    loss = torch.compile(
        lambda rows, wanted: torch.nn.functional.cross_entropy(model(rows), wanted), mode=mode, dynamic=False
    )

    def work() -> int:
        for batch in torch.randperm(shape.rows, device=own).split(shape.batch):
            optimizer.zero_grad()
            loss(inputs[batch], labels[batch]).backward()
            optimizer.step()
        if device == "gpu":
            torch.cuda.synchronize()
        return shape.batches

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=330.0)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    names = options.shapes.split(",")
    if unknown := set(names) - set(SHAPES):
        parser.error(f"unknown shapes: {', '.join(sorted(unknown))}; choose from {', '.join(SHAPES)}")
    limit_threads(CORES)
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # PyTorch needs memory of the device too
    jax, torch = present("jax"), present("torch")
    if jax is None:
        sys.exit("nothing to measure: the JAX engine needs JAX.")
    if options.device == "gpu" and jax.default_backend() != "gpu":
        sys.exit(f"JAX sees no GPU here, only {jax.devices()}; --device cpu runs on the processor.")
    if options.device == "gpu" and torch is not None and not torch.cuda.is_available():
        print("not compared: torch (it sees no GPU)", file=sys.stderr)
        torch = None
    if options.device == "cpu":
        jax.config.update("jax_platforms", "cpu")
    results = measured(options, names, torch is not None)
    results["device"] = str(jax.devices()[0])
    save(results, options.json)


def measured(options: argparse.Namespace, names: list[str], with_torch: bool) -> dict[str, Any]:
    began = time.monotonic()
    rounds = 1 if options.quick else options.rounds
    results: dict[str, Any] = {"steps": {}, "left_out": []}

    def compare(name: str, contenders: dict[str, Callable[[], Work]]) -> dict[str, Timing]:
        if time.monotonic() - began > options.seconds:
            results["left_out"].append(name)
            print(f"left out: {name}, after {options.seconds:g} seconds", file=sys.stderr)
            return {}
        timings = in_turns({peer: make() for peer, make in contenders.items()}, rounds)
        results["steps"][name] = {peer: own._asdict() for peer, own in timings.items()}
        ours = timings["glassnet, JAX"].median
        lines = [
            [peer, f"{own.median * 1e6:.1f}", f"{own.median / ours:.2f}"] for peer, own in timings.items()
        ]
        table(
            f"{name}, {options.device}, medians of {rounds} rounds", ["", "µs per step", "times ours"], lines
        )
        return timings

    big = BIG._replace(batches=4) if options.quick else BIG
    compare(
        f"54-256-128-7 on {big.rows:,} rows",
        {
            "glassnet, JAX": lambda: glassnet_epoch(big, "jax", None),
            f"glassnet, native on {CORES} cores": lambda: glassnet_epoch(big, "native", CORES),
        },
    )
    for name in names:
        shape = SHAPES[name]
        if options.quick:
            shape = shape._replace(batches=min(shape.batches, 4))
        contenders = {"glassnet, JAX": lambda shape=shape: glassnet_epoch(shape, "jax", None)}
        if with_torch:
            contenders["torch.compile"] = lambda shape=shape: compiled_epoch(shape, options.device)
        compare(name, contenders)
    results["seconds"] = time.monotonic() - began
    return results


if __name__ == "__main__":
    main()
