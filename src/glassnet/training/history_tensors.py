"""Histories as tensors of a file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.tensor_file import ANY, TensorReader, Tensors
from glassnet.training.history import CURVES, History
from glassnet.training.snapshots import Snapshots

VALIDATION = ("validation_loss", "validation_score")  # curves that may be empty, and may have gaps
OTHERS = ("best_epoch", "metric", "stop_reason", "ended_by", "seconds")  # which are no tensors


def history_tensors(history: History) -> Tensors:
    """The curves and the snapshots by name, ``history.loss`` and so on."""
    tensors = {f"history.{curve}": getattr(history, curve) for curve in CURVES}
    if history.snapshots is not None:
        tensors |= {f"snapshots.{name}": own for name, own in history.snapshots.to_tensors().items()}
    return tensors


def history_of(
    start: str, others: Mapping[str, Any], parameters: int, dtype: str, reader: TensorReader
) -> History:
    """The history whose tensors have names with the given ``start``.

    Args:
        others: the fields :data:`OTHERS`.
        parameters: their number.
        dtype: of the parameters.

    Raises:
        InputError: (of the reader) tensors or other fields of no history.
    """
    epochs = len(loss := reader.take(f"{start}.history.loss", "float64", ANY))
    curves: dict[str, Any] = {"loss": loss}
    for curve in CURVES[1:]:
        empty = curve in VALIDATION
        values = reader.take(f"{start}.history.{curve}", "float64", ANY, finite=not empty)
        if len(values) not in ((0, epochs) if empty else (epochs,)):
            raise reader.error(f"its curve {curve} has {len(values)} epochs, but its loss has {epochs}.")
        curves[curve] = values
    if not 0 <= others["best_epoch"] <= epochs:
        raise reader.error(
            f"its best epoch is {others['best_epoch']}, but it was trained for {epochs} epochs."
        )
    snapshots = None
    if reader.has(f"{start}.snapshots.plan"):
        snapshots = _snapshots(f"{start}.snapshots", epochs, parameters, dtype, reader)
    return History(**curves, **others, snapshots=snapshots)


def _snapshots(start: str, last: int, parameters: int, dtype: str, reader: TensorReader) -> Snapshots:
    plan = reader.take(f"{start}.plan", "int64", 2)
    epochs = reader.take(f"{start}.epochs", "int64", ANY)
    vectors = reader.take(f"{start}.parameters", dtype, len(epochs), parameters)
    most, stride = plan.tolist()
    within = np.arange(stride, last + 1, stride) if 0 < stride <= last else epochs[:0]
    if not (most >= max(len(epochs), 1) and stride > 0 and np.array_equal(epochs, within[: len(epochs)])):
        raise reader.error(
            f"its snapshots are those of the epochs {epochs.tolist()[:5]}, which no training of {last} epochs keeps."
        )
    return Snapshots.from_tensors({"plan": plan, "epochs": epochs, "parameters": vectors})
