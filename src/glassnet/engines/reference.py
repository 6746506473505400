"""The reference engine: the code of :mod:`glassnet.net` in a loop. Tests compare every other engine with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.engines.checks import check_network, check_run, check_stop, checked_snapshot
from glassnet.engines.inputs import checked_inputs, checked_steps, entries_of, is_sparse, rows_of
from glassnet.engines.protocol import (
    EachRow,
    Epochs,
    Inputs,
    Order,
    Predictor,
    Rates,
    Rows,
    Snapshot,
    StopFlag,
    Stopped,
    raise_if_stopped,
)
from glassnet.net import (
    OPTIMIZERS,
    Network,
    Objective,
    Optimizer,
    Parameters,
    State,
    backward,
    dropout_masks,
    forward,
    mean_loss,
    penalty,
    total_weight,
)
from glassnet.net.arrays import Array
from glassnet.net.backward_pass import add_penalty_gradient, row_losses
from glassnet.net.optimizers import Adam, clip_norm

# Pieces of work between two looks at the stop flag; each takes a small part of a second.
PIECE_ROWS = 4096  # at most: they also limit the memory
LEAST_ROWS = 32  # fewer would spend most of the time on the gradient of the piece
PIECE_PRODUCTS = 1e9  # of a forward pass
PIECE_NUMBERS = 1 << 20  # of an update

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
        self._loss = Objective(objective.loss)  # without the penalties
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
                batch = slice(number * batch_size, min((number + 1) * batch_size, len(rows)))
                try:
                    objective, own, weight = self._step(rows, order, batch, rate, stop)
                except Stopped:
                    return done()
                if not math.isfinite(objective):
                    return done(self._state.step + 1)
                total += objective * weight
                penalized += own * weight
                share += weight
            losses.append(total / (share or 1.0))
            penalties.append(penalized / (share or 1.0))
        return done()

    def _step(
        self, rows: Rows, order: Order | None, batch: slice, rate: float, stop: StopFlag | None
    ) -> tuple[float, float, float]:
        """Forward, backward, update. Returns the objective before it, which must be finite, its penalty, and the
        weight of the batch.

        Raises:
            Stopped: ``stop`` was not 0 before the end, and the step was not made.
        """
        network, parameters, objective = self._network, self._parameters, self._objective
        weights = None if rows.weights is None else rows.weights[batch if order is None else order[batch]]
        total = total_weight(batch.stop - batch.start, weights)
        check = partial(raise_if_stopped, stop)
        loss = weight = 0.0
        gradient: Parameters | None = None
        for part in _pieces(batch, network, rows.inputs):
            piece = rows.take(part if order is None else order[part])
            masks = dropout_masks(
                network,
                len(piece),
                seed=self._dropout_seed,
                step=self._state.step,
                dtype=parameters.dtype,
                first_row=part.start - batch.start,
            )
            trace = forward(network, parameters, piece.inputs, masks, check)
            share = piece.weight / total
            weight += piece.weight
            loss += share * mean_loss(network, trace, piece.targets, objective, piece.weights)
            if not math.isfinite(loss):
                break
            own = backward(
                network, parameters, trace, piece.targets, self._loss, piece.weights, check
            ).parameters
            if len(piece) < batch.stop - batch.start:
                own.vector[...] *= share
            if gradient is None:
                gradient = own
            else:
                gradient.vector[...] += own.vector
        penalized = penalty(parameters, objective, total)
        if gradient is not None and math.isfinite(loss + penalized):
            add_penalty_gradient(gradient, parameters, objective, total)
            self._update(gradient.vector, rate, stop)
        return loss + penalized, penalized, weight

    def _update(self, gradient: Array, rate: float, stop: StopFlag | None) -> None:
        """Make a step with this gradient.

        Raises:
            Stopped: ``stop`` was not 0 before the end, and the step was not made.
        """
        optimizer, vector, state = self._optimizer, self._parameters.vector, self._state
        if type(optimizer) not in OPTIMIZERS.values() or vector.size <= PIECE_NUMBERS:
            updated, after = optimizer.update(vector, gradient, state, rate)
        else:  # the rules compute each parameter by itself
            gradient = gradient if optimizer.max_norm is None else clip_norm(gradient, optimizer.max_norm)
            rule = replace(optimizer, max_norm=None)
            updated = np.empty_like(vector)
            after = State(state.step + 1, tuple(np.empty_like(moment) for moment in state.moments))
            for start in range(0, vector.size, PIECE_NUMBERS):
                raise_if_stopped(stop)
                part = slice(start, start + PIECE_NUMBERS)
                before = State(state.step, tuple(moment[part] for moment in state.moments))
                updated[part], own = rule.update(vector[part], gradient[part], before, rate)
                for moment, new in zip(after.moments, own.moments, strict=True):
                    moment[part] = new
        self._parameters, self._state = Parameters(self._network, updated), after

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
        check = partial(raise_if_stopped, stop)
        for part in _pieces(slice(0, count), self._network, inputs):
            outputs[part] = forward(self._network, self._parameters, inputs[part], None, check).outputs
        return outputs

    @quiet
    def evaluate(self, rows: Rows, stop: StopFlag | None = None, each: EachRow | None = None) -> float:
        check_stop(stop)
        rows = self._checked(rows)
        total = 0.0
        check = partial(raise_if_stopped, stop)
        for part in _pieces(slice(0, len(rows)), self._network, rows.inputs):
            piece = rows.take(part)
            trace = forward(self._network, self._parameters, piece.inputs, None, check)
            losses = row_losses(self._network, trace, piece.targets, self._objective)
            total += float(losses.sum() if piece.weights is None else losses @ piece.weights)
            if each is not None:
                each.outputs[part], each.losses[part] = trace.outputs, losses
        return total / (rows.weight or 1.0)

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

    def parameters(self) -> Array:
        return self._parameters.vector.copy()

    def snapshot(self) -> Snapshot:
        return Snapshot(self._parameters.vector.copy(), self._state)

    def restore(self, snapshot: Snapshot) -> None:
        parameters = self._parameters
        count = self._optimizer.moment_count
        snapshot = checked_snapshot(snapshot, parameters.vector.size, count, parameters.dtype)
        self._parameters, self._state = Parameters(self._network, snapshot.parameters), snapshot.state


def _pieces(rows: slice, network: Network, inputs: Inputs) -> Iterator[slice]:
    """Divide ``rows`` of ``inputs`` into pieces that are computed at once."""
    products = network.parameter_count
    if is_sparse(inputs):  # the first layer uses the stored numbers only
        stored = inputs.nnz / max(1, inputs.shape[0])
        products -= int(max(0.0, network.inputs - stored)) * network.layers[0].width
    count = min(PIECE_ROWS, max(LEAST_ROWS, int(PIECE_PRODUCTS / products)))
    for start in range(rows.start, rows.stop, count):
        yield slice(start, min(start + count, rows.stop))


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
        sparse: bool = False,
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
