"""What training leaves of one network, and what several of them have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from glassnet.caching import cached_property
from glassnet.errors import InputError, called
from glassnet.net import Network, Parameters
from glassnet.net.arrays import Array
from glassnet.training.history import History
from glassnet.training.mean_history import mean_history


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

    def parameters_at(self, epoch: int) -> Parameters:
        """The parameters after ``epoch`` epochs, if they were kept.

        Raises:
            InputError: they were not; the message names the epochs that were kept.
        """
        if isinstance(epoch, bool) or epoch not in self.kept:
            epochs = ", ".join(map(str, self.kept))
            more = "" if self.history.snapshots else f" Train with {called('snapshots', 32)} to keep more."
            raise InputError(f"epoch {epoch!r} was not kept; it must be one of {epochs}.{more}")
        return Parameters(self.network, self.kept[epoch])


class WithMembers:
    """A record of one or several networks of the same layers, its ``members``.

    The parts of a single network are properties.
    """

    members: tuple[TrainedNetwork, ...]
    provenance: dict[str, Any]
    stats: Any  # of the training rows, see TrainingStats, which is of networks like these

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The data type of the parameters, the inputs and the outputs."""
        return self.members[0].learnt.dtype

    @property
    def network(self) -> Network:
        """The network: its inputs and layers, which are the same for all members."""
        return self.members[0].network

    @property
    def initial(self) -> Parameters:
        """The parameters before training; ``initial[0].weights`` has the shape (I, O)."""
        return self._only.initial

    @property
    def learnt(self) -> Parameters:
        """The parameters after training; ``learnt[0].weights`` has the shape (I, O)."""
        return self._only.learnt

    @property
    def origin(self) -> str:
        """What the model was converted from; empty if it was trained here.

        The initial parameters of a converted model are not known; :attr:`initial` has the learnt ones.
        """
        return str(self.provenance.get("converted", ""))

    @property
    def history(self) -> History:
        """The curves of the training; of several networks, their means over the epochs that all of them made."""
        histories = [member.history for member in self.members]
        return histories[0] if len(histories) == 1 else mean_history(histories)

    @property
    def epoch(self) -> int:
        """The number of epochs after which the learnt parameters stood."""
        return self._only.epoch

    @property
    def kept(self) -> dict[int, Array]:
        """Parameters (P,) by the number of epochs after which they stood: the start, snapshots, the kept epoch."""
        return self._only.kept

    def member(self, number: int) -> Self:
        """The model of one network; numbers count from 0.

        It has no ``holdout`` and ``validation``: those of this model evaluate the mean of all networks.
        """
        if not (isinstance(number, (int, np.integer)) and 0 <= number < len(self.members)):
            raise InputError(f"member is {number!r:.80}, but must be from 0 to {len(self.members) - 1}.")
        if len(self.members) == 1:
            return self
        return self._with_member(self.members[number], stats=self.stats and self.stats.member(number))

    @property
    def each_member(self) -> tuple[Self, ...]:
        """The models of the networks, one by one."""
        return tuple(map(self.member, range(len(self.members))))

    def of_member(self, number: int | None) -> Self:
        """As :meth:`member`; for ``None``, the whole model."""
        return self if number is None else self.member(number)

    def at(self, epoch: int) -> Self:
        """This model as it stood after ``epoch`` epochs, without its evaluation.

        Args:
            epoch: 0, the start; the epoch of a snapshot; or that whose parameters were kept.

        Raises:
            InputError: the parameters of that epoch were not kept; the message names the epochs that were.
        """
        return self.with_parameters(self._only.parameters_at(epoch))

    def with_parameters(self, parameters: Parameters) -> Self:
        """This model with other learnt parameters, and without its evaluation."""
        return self._with_member(replace(self._only, learnt=parameters))

    def _with_member(self, member: TrainedNetwork, **changes: Any) -> Self:
        record: Any = self  # a dataclass, as all records with members
        changed: Self = replace(record, members=(member,), holdout=None, validation=None, **changes)
        return changed

    @property
    def _only(self) -> TrainedNetwork:
        if len(self.members) > 1:
            raise InputError(
                f"this model has {len(self.members)} networks, but this needs one: choose it, for example by "
                f"{called('member', 0)}, a model of the first."
            )
        return self.members[0]
