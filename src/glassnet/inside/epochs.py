"""The moments of a training that a model still has: its start, its snapshots, and what was kept in the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from glassnet.errors import InputError
from glassnet.net import Parameters
from glassnet.net.arrays import Array

if TYPE_CHECKING:
    from glassnet.trained import TrainedModel

Held = TypeVar("Held", bound="TrainedModel")


def moments(model: TrainedModel) -> dict[int, Array]:
    """Parameters (P,) by the number of epochs after which they stood, ascending; 0 is the start."""
    history = model.history
    found = {0: model.initial.vector}
    if history.snapshots is not None:
        found |= {int(epoch): history.snapshots[int(epoch)] for epoch in history.snapshots.epochs}
    if epoch_of(model) == history.best_epoch:
        found[history.best_epoch] = model.learnt.vector
    return dict(sorted(found.items()))


def at(model: Held, epoch: int) -> Held:
    """See :meth:`glassnet.Model.at`."""
    found = moments(model)
    if isinstance(epoch, bool) or epoch not in found:
        kept = ", ".join(map(str, found))
        more = "" if model.history.snapshots else " Train with snapshots=32 to keep more."
        raise InputError(f"epoch {epoch!r} was not kept; those that were are {kept}.{more}")
    return replace(model, learnt=Parameters(model.network, found[epoch]), holdout=None)


def epoch_of(model: TrainedModel) -> int:
    """After how many epochs the model's parameters stood."""
    history = model.history
    if np.array_equal(model.learnt.vector, model.initial.vector) and history.epochs:
        return 0
    if history.snapshots is not None:
        for epoch in history.snapshots.epochs.tolist():
            if np.array_equal(history.snapshots[epoch], model.learnt.vector):
                return int(epoch)
    return history.best_epoch
