"""The interface of an engine: it opens runs, and a run trains for whole epochs.

The training loop uses nothing else. A run holds the parameters and the optimizer's state in any form, trains for
one or more epochs per call, and returns snapshots. No engine draws random numbers: the caller passes the orders of
the rows and the dropout seed, from which :mod:`glassnet.net.dropout` computes the same masks for every engine. So
engines agree step by step.
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
Inputs = Any  # (N, I): an Array, or a sparse matrix or array of SciPy in the CSR format


@dataclass(frozen=True)
class Rows:
    """Rows for training or evaluation: ``inputs`` (N, I), ``targets`` (N, O), ``weights`` (N,) or None.

    A target that is NaN is missing and has no loss. All arrays are C-contiguous and of the dtype of the run's
    parameters. Inputs may be a CSR matrix of SciPy; then only the stored values are used.
    """

    inputs: Inputs
    targets: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        weighted = "" if self.weights is None else ", weighted"
        return f"Rows({len(self):,} rows: {self.inputs.shape[1]:,} inputs, {self.targets.shape[1]:,} targets{weighted})"

    def take(self, at: Order | slice) -> Rows:
        """Those at the given positions; views of them for a slice."""
        weights = None if self.weights is None else self.weights[at]
        return Rows(self.inputs[at], self.targets[at], weights)

    @property
    def weight(self) -> float:
        """The total weight of the rows; without weights, their number."""
        return float(len(self)) if self.weights is None else float(self.weights.sum(dtype=np.float64))


class Epochs(NamedTuple):
    """The result of :meth:`Run.epochs`.

    ``losses`` has the mean objective of every finished epoch: the mean over its batches, weighted with the total
    weight of their rows, of the loss and the penalties before the step. ``penalties`` is the part of ``losses`` that
    is penalty. ``diverged_at`` is the step (from 1, counted since the run was opened) whose objective was not finite;
    that step was not made.
    """

    losses: Rates
    diverged_at: int | None = None
    penalties: Rates | None = None


class Snapshot(NamedTuple):
    """The state from which a run can continue: parameters (P,) and the optimizer's state."""

    parameters: Array
    state: State


class EachRow(NamedTuple):
    """What :meth:`Run.evaluate` computes of each row: outputs (N, O) of the run's dtype, losses (N,) in float64."""

    outputs: Array
    losses: npt.NDArray[np.float64]

    @classmethod
    def of(cls, rows: Rows) -> EachRow:
        """Arrays for the results of ``rows``."""
        return cls(np.empty_like(rows.targets), np.empty(len(rows)))


class Stopped(Exception):
    """A computation was stopped before it had a result."""


def raise_if_stopped(stop: StopFlag | None) -> None:
    if stop is not None and stop[0]:
        raise Stopped


class Run(Protocol):
    """One network during training or prediction."""

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
            rows: the training rows. An engine may keep a copy of them as long as they exist, so their arrays must not
                change between calls.
            batch_size: rows per step; the last batch of an epoch may be smaller.
            rates: (count, S), the learning rate of each of the S steps of each of the ``count`` epochs.
            orders: (count, N), the order of the rows in each epoch; ``None``, the order in which they are stored.
            stop: one byte; once it is not 0, training ends at once, and the step that is being computed is not made.

        Raises:
            KeyboardInterrupt, or what else the handler of a signal raises; the run has made whole steps only.
        """
        ...

    def predict(self, inputs: Inputs, stop: StopFlag | None = None) -> Array:
        """Outputs (N, O) for ``inputs`` (N, I), without dropout.

        Raises:
            Stopped: ``stop`` was not 0 before all outputs were computed.
        """
        ...

    def evaluate(self, rows: Rows, stop: StopFlag | None = None, each: EachRow | None = None) -> float:
        """The mean loss of the rows, without penalties and without dropout.

        Args:
            rows: with their targets.
            stop: one byte; once it is not 0, the computation ends without a result.
            each: arrays for the outputs and the loss of each row, which are written as well.

        Raises:
            Stopped: ``stop`` was not 0 before all losses were computed.
        """
        ...

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        """The objective over all rows as one batch, and its gradient (P,), without dropout."""
        ...

    def parameters(self) -> Array:
        """A copy of the current parameters (P,)."""
        ...

    def snapshot(self) -> Snapshot:
        """A copy of the current state."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Set the state to that of a snapshot."""
        ...


Predictor = Callable[[Array], Array]


class Engine(Protocol):
    """An implementation of the arithmetic of :mod:`glassnet.net`."""

    @property
    def name(self) -> str:
        """The name by which the engine is chosen."""
        ...

    def describe(self) -> dict[str, str]:
        """A description of the engine: instruction set, threads, versions."""
        ...

    def supports(
        self,
        network: Network,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        dtype: npt.DTypeLike = np.float32,
        sparse: bool = False,
    ) -> str | None:
        """Why this engine cannot run the network with that objective, optimizer, dtype and rows that may be sparse.

        ``None`` if it can.
        """
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
            objective: the loss and penalties; default squared error.
            optimizer: default Adam.
            dropout_seed: 64-bit key of the dropout masks.
            threads: their maximum number; ``None`` lets the engine choose.

        Raises:
            SettingsError: the engine does not support these (:meth:`supports`).
        """
        ...

    def predictor(self, network: Network, parameters: Parameters) -> Predictor:
        """A function from inputs (I,) or (N, I) to outputs (O,) or (N, O), with little overhead."""
        ...


@dataclass(frozen=True)
class Unavailable:
    """An engine that cannot be used here.

    Attributes:
        name: the name of the engine.
        reason: why it cannot be used.
    """

    name: str
    reason: str
