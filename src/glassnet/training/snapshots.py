"""The parameters of some epochs of a training, evenly spaced over its length and within a stated memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.net.arrays import Array


class Snapshots:
    """The parameters after some epochs: at most ``most`` of them, so ``most`` × P numbers of memory.

    At first every epoch is kept. Whenever that would be too many, every other one is dropped and the ``stride``
    between later ones is doubled. So between half of ``most`` and ``most`` are kept, evenly spaced, and the length of
    the training need not be known beforehand.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.stride = 1
        self._kept: dict[int, Array] = {}

    def copy(self) -> Snapshots:
        """The same snapshots, to which others can be added independently."""
        copied = Snapshots(self.most)
        copied.stride, copied._kept = self.stride, dict(self._kept)
        return copied

    def to_tensors(self) -> dict[str, npt.NDArray[Any]]:
        plan = np.array([min(self.most, np.iinfo(np.int64).max), self.stride], np.int64)
        return {"plan": plan, "epochs": self.epochs, "parameters": self.parameters}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Snapshots:
        """The snapshots that :meth:`to_tensors` wrote down."""
        most, stride = tensors["plan"].tolist()
        snapshots = cls(most)
        snapshots.stride = stride
        snapshots._kept = dict(zip(tensors["epochs"].tolist(), tensors["parameters"], strict=True))
        return snapshots

    @property
    def epochs(self) -> npt.NDArray[np.int64]:
        """(S,), ascending; epoch e is the state after e epochs."""
        return np.array(sorted(self._kept), np.int64)

    @property
    def parameters(self) -> Array:
        """(S, P), in the order of ``epochs``."""
        return np.array([self._kept[epoch] for epoch in self.epochs.tolist()])

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, epoch: object) -> bool:
        return epoch in self._kept

    def __getitem__(self, epoch: int) -> Array:
        return self._kept[epoch]

    def epochs_until_due(self, epoch: int) -> int:
        """How many epochs after ``epoch`` the next snapshot is to be taken."""
        return self.stride - epoch % self.stride

    def is_due(self, epoch: int) -> bool:
        return epoch > 0 and epoch % self.stride == 0

    def add(self, epoch: int, parameters: Array) -> None:
        """Keep ``parameters`` (P,), not a copy, if their epoch is still due after dropping every other one."""
        while len(self._kept) >= self.most:
            self.stride *= 2
            self._kept = {at: own for at, own in self._kept.items() if at % self.stride == 0}
        if self.is_due(epoch):
            self._kept[epoch] = parameters

    def __repr__(self) -> str:
        size = sum(own.nbytes for own in self._kept.values())
        return (
            f"Snapshots({len(self)} of at most {self.most}, every {self.stride} epochs; {size / 1e6:.2g} MB)"
        )
