"""What an engine is: open a run, then ask it for epochs.

The training loop knows nothing but this. A run holds parameters and optimizer state in whatever form
suits it, does whole epochs in one call, and hands out snapshots. All randomness comes in from outside:
the row orders with each call, and the dropout seed, from which :mod:`glassnet.net.dropout` gives every
engine the same masks. So engines agree step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from glassnet.net import Network, Objective, Optimizer, Parameters, State
from glassnet.net.arrays import Array

Order = npt.NDArray[np.intp]
Rates = npt.NDArray[np.float64]
StopFlag = npt.NDArray[np.uint8]
Inputs = Any  # (N, I): an Array, or SciPy's sparse matrix or array of that shape by rows (CSR)


@dataclass(frozen=True)
class Rows:
    """Rows to learn from or to measure on: ``inputs`` (N, I), ``targets`` (N, O), ``weights`` (N,) or None.

    A target that is NaN is missing and counts nothing. All are C-contiguous and of the dtype of the run's
    parameters; inputs may be SciPy's sparse matrix by rows (CSR), of which only the stored numbers are worked on.
    """

    inputs: Inputs
    targets: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def weight(self) -> float:
        """What the rows weigh together; each counts 1 where they have no weights."""
        return float(len(self)) if self.weights is None else float(self.weights.sum(dtype=np.float64))


class Epochs(NamedTuple):
    """What a call of :meth:`Run.epochs` did.

    ``losses`` has the mean objective of every epoch that was finished: each batch's, penalties
    included, measured before its step, and weighted with its rows' weights. ``diverged_at`` is the step
    (from 1, counted since the run was opened) whose objective was not finite; that step was not made.
    ``penalties`` is the part of ``losses`` that is not loss but penalty.
    """

    losses: Rates
    diverged_at: int | None = None
    penalties: Rates | None = None


class Snapshot(NamedTuple):
    """All that a run would need to go on from here: parameters (P,) and the optimizer's state."""

    parameters: Array
    state: State


class Run(Protocol):
    """One network being trained, or used."""

    def epochs(
        self,
        rows: Rows,
        batch_size: int,
        rates: Rates,
        orders: Order | None = None,
        stop: StopFlag | None = None,
    ) -> Epochs:
        """Train for whole epochs.

        Args:
            rows: the training rows.
            batch_size: rows a step; the last batch of an epoch may be smaller.
            rates: (count, S), the learning rate of each of the S steps of each of the ``count`` epochs.
            orders: (count, N), the order in which each epoch takes the rows; ``None``, as they lie.
            stop: one byte; training ends before the next step once it is not 0.
        """
        ...

    def predict(self, inputs: Inputs) -> Array:
        """Outputs (N, O) for ``inputs`` (N, I), dense or sparse by rows (CSR), nothing dropped."""
        ...

    def evaluate(self, rows: Rows) -> float:
        """The mean loss of the rows, without penalties and with nothing dropped."""
        ...

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        """The objective over all rows at once, and its gradient (P,), with nothing dropped."""
        ...

    def snapshot(self) -> Snapshot:
        """A copy of where the run stands."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Go back (or on) to a snapshot."""
        ...


Predictor = Callable[[Array], Array]


class Engine(Protocol):
    """Who does the arithmetic."""

    @property
    def name(self) -> str: ...

    def describe(self) -> dict[str, str]:
        """Facts about the engine for a person: instruction set, threads, versions."""
        ...

    def supports(
        self,
        network: Network,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> str | None:
        """Why this engine cannot run the network with that objective, optimizer and dtype; ``None`` if it can."""
        ...

    def open_run(
        self,
        network: Network,
        parameters: Parameters,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        *,
        dropout_seed: int = 0,
        threads: int | None = None,
    ) -> Run:
        """A run that starts from a copy of ``parameters`` and computes in their dtype.

        Args:
            objective: what to make small; default squared error.
            optimizer: how; default Adam.
            dropout_seed: 64-bit key of the dropout masks.
            threads: at most so many; ``None`` lets the engine choose.
        """
        ...

    def predictor(self, network: Network, parameters: Parameters) -> Predictor:
        """A function from inputs (I,) or (N, I) to outputs (O,) or (N, O), with the least overhead."""
        ...


@dataclass(frozen=True)
class Unavailable:
    """An engine that cannot be used here, and why."""

    name: str
    reason: str
