"""``TrainedNetwork``: what training leaves of one network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.training.history import History


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """One network of a model.

    Attributes:
        network: the layers.
        initial: the parameters before training.
        learnt: the parameters after training; ``learnt[0].weights`` has the shape (I, O).
        history: the curves of the training.
    """

    network: Network
    initial: Parameters
    learnt: Parameters
    history: History

    @cached_property
    def kept(self) -> dict[int, Array]:
        """Parameters (P,) by the number of epochs after which they stood, ascending; 0 is the start."""
        snapshots, best = self.history.snapshots, self.history.best_epoch
        found = {0: self.initial.vector}
        if snapshots is not None:
            found |= {epoch: snapshots[epoch] for epoch in snapshots.epochs.tolist()}
        if self.epoch == best:
            found[best] = self.learnt.vector
        return dict(sorted(found.items()))

    @cached_property
    def epoch(self) -> int:
        """The number of epochs after which the parameters in :attr:`learnt` stood."""
        snapshots = self.history.snapshots
        known = {0: self.initial.vector} if self.history.epochs else {}
        if snapshots is not None:
            known |= {epoch: snapshots[epoch] for epoch in snapshots.epochs.tolist()}
        same = (epoch for epoch, vector in known.items() if np.array_equal(vector, self.learnt.vector))
        return next(same, self.history.best_epoch)
