"""The networks of a model that see numbers without their bins.

They have all inputs, as the other networks have, so that a model needs one encoder. But their weights of bins are 0,
before training and after it, so the engine trains a network that has the other inputs alone, which is faster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from glassnet.engines import Rows, Run, Snapshot
from glassnet.engines.protocol import EachRow, Epochs, Inputs, Order, Rates, StopFlag
from glassnet.errors import SettingsError, called
from glassnet.net.arrays import Array
from glassnet.net.optimizers import State
from glassnet.training.prepare import Prepared


def count_with_bins(prepared: Prepared) -> int:
    """The number of networks, the first ones, that see numbers with their bins, if there are bins."""
    members, encoder = prepared.settings.members, prepared.encoder
    has_bins = len(encoder.plain) < len(encoder.input_names)
    return members - round(prepared.settings.without_bins * members) if has_bins else members


def inputs_of(prepared: Prepared, number: int) -> npt.NDArray[np.intp] | None:
    """The inputs (B,) that are not bins, for a network that sees numbers without their bins; else ``None``."""
    return None if number < count_with_bins(prepared) else prepared.encoder.plain


def without_bins(prepared: Prepared) -> Prepared:
    """The same with training rows that have only the inputs that are not bins.

    Raises:
        SettingsError: the rows are not in memory.
    """
    if prepared.cached is not None:
        raise SettingsError(
            f"{called('without_bins', prepared.settings.without_bins)} needs rows that fit into memory; set "
            f"{called('bins', 0)} to train all networks without bins."
        )
    plain = prepared.encoder.plain
    if prepared.folds is None:
        return replace(prepared, train=of_inputs(prepared.train, plain))
    return replace(prepared, folds=replace(prepared.folds, ring=of_inputs(prepared.folds.ring, plain)))


def of_inputs(rows: Rows, used: npt.NDArray[np.intp]) -> Rows:
    """The rows with these inputs alone."""
    return replace(rows, inputs=np.ascontiguousarray(rows.inputs[:, used]))


Seen = tuple[tuple[Rows, Rows], ...]
"""Rows, each beside what a network sees of it."""


@dataclass(frozen=True)
class RunOfInputs:
    """A run of a network of which some inputs have no weights: ``run`` is of the network without these inputs.

    Attributes:
        used: (B,), the inputs of the network of ``run``.
        places: of its parameters among all, see :func:`~glassnet.training.setup.places_of`.
        count: the number of parameters with those of the other inputs, which are 0.
        seen: rows, each beside what :func:`of_inputs` makes of it, so that this is made once.
    """

    run: Run
    used: npt.NDArray[np.intp]
    places: npt.NDArray[np.intp]
    count: int
    seen: Seen = ()

    def epochs(
        self,
        rows: Rows,
        batch_size: int,
        rates: Rates,
        orders: Order | None = None,
        stop: StopFlag | None = None,
    ) -> Epochs:
        return self.run.epochs(self._own(rows), batch_size, rates, orders, stop)

    def predict(self, inputs: Inputs, stop: StopFlag | None = None) -> Array:
        return self.run.predict(np.ascontiguousarray(inputs[:, self.used]), stop)

    def evaluate(self, rows: Rows, stop: StopFlag | None = None, each: EachRow | None = None) -> float:
        return self.run.evaluate(self._own(rows), stop, each)

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        objective, gradient = self.run.gradients(self._own(rows))
        return objective, self._all(gradient)

    def parameters(self) -> Array:
        return self._all(self.run.parameters())

    def snapshot(self) -> Snapshot:
        own = self.run.snapshot()
        moments = tuple(map(self._all, own.state.moments))
        return Snapshot(self._all(own.parameters), State(own.state.step, moments))

    def restore(self, snapshot: Snapshot) -> None:
        moments = tuple(moment[self.places] for moment in snapshot.state.moments)
        self.run.restore(Snapshot(snapshot.parameters[self.places], State(snapshot.state.step, moments)))

    def _own(self, rows: Rows) -> Rows:
        return next((own for all_inputs, own in self.seen if all_inputs is rows), None) or of_inputs(
            rows, self.used
        )

    def _all(self, vector: Array) -> Array:
        full = np.zeros(self.count, vector.dtype)
        full[self.places] = vector
        return full
