"""The reference engine: the code of :mod:`glassnet.net` in a loop. Tests compare every other engine with it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.checks import check_network, check_run, check_stop, checked_snapshot
from glassnet.engines.inputs import checked_inputs, checked_steps, entries_of, is_sparse, rows_of
from glassnet.engines.protocol import (
    Epochs,
    Inputs,
    Order,
    Predictor,
    Rates,
    Rows,
    Snapshot,
    StopFlag,
    raise_if_stopped,
)
from glassnet.net import (
    Network,
    Objective,
    Optimizer,
    Parameters,
    backward,
    dropout_masks,
    forward,
    mean_loss,
    penalty,
    total_weight,
)
from glassnet.net.arrays import Array
from glassnet.net.optimizers import Adam

EVALUATION_ROWS = 4096  # rows per forward pass of predictions and evaluations: limits the memory

# Training that diverges overflows. `Epochs.diverged_at` reports it, so NumPy's warnings are not needed.
quiet = np.errstate(over="ignore", invalid="ignore")


class ReferenceRun:
    def __init__(
        self,
        network: Network,
        parameters: Parameters,
        objective: Objective,
        optimizer: Optimizer,
        dropout_seed: int,
    ) -> None:
        self._network = network
        self._parameters = parameters.copy()
        self._objective = objective
        self._optimizer = optimizer
        self._state = optimizer.init(parameters.vector)
        self._dropout_seed = dropout_seed

    @quiet
    def epochs(
        self,
        rows: Rows,
        batch_size: int,
        rates: Rates,
        orders: Order | None = None,
        stop: StopFlag | None = None,
    ) -> Epochs:
        rows = self._checked(rows)
        rates, orders = checked_steps(len(rows), batch_size, rates, orders)
        check_stop(stop)
        losses: list[float] = []
        penalties: list[float] = []

        def done(diverged_at: int | None = None) -> Epochs:
            return Epochs(np.array(losses), diverged_at, np.array(penalties))

        for epoch, epoch_rates in enumerate(rates):
            order = None if orders is None else orders[epoch]
            total = penalized = share = 0.0
            for number, rate in enumerate(epoch_rates.tolist()):
                if stop is not None and stop[0]:
                    return done()
                part = slice(number * batch_size, (number + 1) * batch_size)
                batch = rows.take(part if order is None else order[part])
                objective, own = self._step(batch, rate)
                if not math.isfinite(objective):
                    return done(self._state.step + 1)
                weight = batch.weight
                total += objective * weight
                penalized += own * weight
                share += weight
            losses.append(total / (share or 1.0))
            penalties.append(penalized / (share or 1.0))
        return done()

    def _step(self, batch: Rows, rate: float) -> tuple[float, float]:
        """Forward, backward, update. Returns the objective before it, which must be finite, and its penalty."""
        network, parameters, objective = self._network, self._parameters, self._objective
        masks = dropout_masks(
            network, len(batch), seed=self._dropout_seed, step=self._state.step, dtype=parameters.dtype
        )
        trace = forward(network, parameters, batch.inputs, masks)
        own = penalty(parameters, objective, total_weight(len(batch), batch.weights))
        value = mean_loss(network, trace, batch.targets, objective, batch.weights) + own
        if math.isfinite(value):
            gradient = backward(
                network, parameters, trace, batch.targets, objective, batch.weights
            ).parameters
            vector, self._state = self._optimizer.update(
                parameters.vector, gradient.vector, self._state, rate
            )
            self._parameters = Parameters(network, vector)
        return value, own

    def predict(self, inputs: Inputs, stop: StopFlag | None = None) -> Array:
        check_stop(stop)
        width, dtype = self._network.inputs, self._parameters.dtype
        if is_sparse(inputs):
            shape = inputs.shape[0], width
            inputs = type(inputs)(entries_of(inputs, shape, dtype), shape=shape)
        else:
            inputs = rows_of(inputs, width, dtype, (2,))
        count = inputs.shape[0]
        outputs = np.empty((count, self._network.outputs), self._parameters.dtype)
        for start in range(0, count, EVALUATION_ROWS):
            raise_if_stopped(stop)
            part = slice(start, start + EVALUATION_ROWS)
            outputs[part] = forward(self._network, self._parameters, inputs[part]).outputs
        return outputs

    @quiet
    def evaluate(self, rows: Rows, stop: StopFlag | None = None) -> float:
        check_stop(stop)
        rows = self._checked(rows)
        total = share = 0.0
        for start in range(0, len(rows), EVALUATION_ROWS):
            raise_if_stopped(stop)
            part = rows.take(slice(start, start + EVALUATION_ROWS))
            trace = forward(self._network, self._parameters, part.inputs)
            weight = part.weight
            total += weight * mean_loss(self._network, trace, part.targets, self._objective, part.weights)
            share += weight
        return total / (share or 1.0)

    def gradients(self, rows: Rows) -> tuple[float, Array]:
        rows = self._checked(rows)
        trace = forward(self._network, self._parameters, rows.inputs)
        loss = mean_loss(self._network, trace, rows.targets, self._objective, rows.weights)
        gradient = backward(
            self._network, self._parameters, trace, rows.targets, self._objective, rows.weights
        )
        own = penalty(self._parameters, self._objective, total_weight(len(rows), rows.weights))
        return loss + own, gradient.parameters.vector

    def _checked(self, rows: Rows) -> Rows:
        """The rows, checked; of sparse inputs, a matrix with index arrays that nobody else can change."""
        inputs: Any = checked_inputs(rows, self._network, self._parameters.dtype)
        if isinstance(inputs, tuple):
            inputs = type(rows.inputs)(inputs, shape=rows.inputs.shape)
        return Rows(_plain(inputs), _plain(rows.targets), _plain(rows.weights))

    def snapshot(self) -> Snapshot:
        return Snapshot(self._parameters.vector.copy(), self._state)

    def restore(self, snapshot: Snapshot) -> None:
        parameters = self._parameters
        count = self._optimizer.moment_count
        snapshot = checked_snapshot(snapshot, parameters.vector.size, count, parameters.dtype)
        self._parameters, self._state = Parameters(self._network, snapshot.parameters), snapshot.state


def _plain(array: Any) -> Any:
    """The numbers of a subclass of arrays, such as ``np.matrix``, which has an arithmetic of its own."""
    return np.asarray(array) if isinstance(array, np.ndarray) else array


class ReferenceEngine:
    """NumPy, through :mod:`glassnet.net`: always available, and easy to read."""

    name = "reference"

    def describe(self) -> dict[str, str]:
        return {"engine": self.name, "arithmetic": f"NumPy {np.__version__}", "threads": "NumPy's own"}

    def supports(
        self,
        network: Network,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> str | None:
        return None

    def open_run(
        self,
        network: Network,
        parameters: Parameters,
        objective: Objective | None = None,
        optimizer: Optimizer | None = None,
        *,
        dropout_seed: int = 0,
        threads: int | None = None,
    ) -> ReferenceRun:
        check_run(network, parameters, objective, optimizer, dropout_seed, threads)
        return ReferenceRun(network, parameters, objective or Objective(), optimizer or Adam(), dropout_seed)

    def predictor(self, network: Network, parameters: Parameters) -> Predictor:
        check_network(network, parameters)
        own = parameters.copy()

        def predict(inputs: npt.ArrayLike) -> Array:
            return forward(network, own, rows_of(inputs, network.inputs, own.dtype)).outputs

        return predict
