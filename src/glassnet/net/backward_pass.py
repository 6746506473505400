"""Backpropagation: from the loss back to the gradient of every weight and bias."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.net.arrays import Array
from glassnet.net.forward_pass import Trace, nothing
from glassnet.net.losses import Loss, loss_named
from glassnet.net.network import Network
from glassnet.net.parameters import Parameters


@dataclass(frozen=True, init=False)
class Objective:
    """What training minimizes: the mean loss, plus ``l1 Σ|w| + ½ l2 Σw²`` over all weights (not biases).

    Args:
        loss: a :class:`Loss` or the name of one.
        l1: factor of the penalty on the absolute weights.
        l2: factor of the penalty on the squared weights.
        penalty_per_row: divide the penalties by the total weight of the rows at hand (by their number if
            they have no weights), as scikit-learn does.
        loss_cap: the largest loss that one element is reported to have, as scikit-learn caps log losses;
            gradients are not affected.

    Raises:
        InputError: an unknown loss.
    """

    loss: Loss
    l1: float
    l2: float
    penalty_per_row: bool
    loss_cap: float

    def __init__(
        self,
        loss: Loss | str = "squared_error",
        l1: float = 0.0,
        l2: float = 0.0,
        penalty_per_row: bool = False,
        loss_cap: float = math.inf,
    ) -> None:
        known = loss_named(loss) if isinstance(loss, str) else loss
        for name, value in zip(
            ("loss", "l1", "l2", "penalty_per_row", "loss_cap"),
            (known, l1, l2, penalty_per_row, loss_cap),
            strict=True,
        ):
            object.__setattr__(self, name, value)


class Gradients(NamedTuple):
    """The gradient of all ``parameters``; ``deltas[l]`` (N, O) is ∂objective/∂z of layer ``l``."""

    deltas: list[Array]
    parameters: Parameters


def total_weight(count: int, weights: Array | None) -> float:
    """The sum of the weights of ``count`` rows; 1 if all are 0, since means are divided by it."""
    return float(count) if weights is None else float(weights.sum(dtype=np.float64)) or 1.0


def row_shares(count: int, weights: Array | None, dtype: np.dtype[np.floating]) -> Array:
    """The share of each of ``count`` rows in a mean: (N, 1), summing to 1 (to 0 if all weights are 0)."""
    if weights is None:
        return np.full((count, 1), 1 / count, dtype)
    return (weights.astype(np.float64) / total_weight(count, weights)).astype(dtype).reshape(-1, 1)


def row_losses(
    network: Network, trace: Trace, targets: Array, objective: Objective
) -> npt.NDArray[np.float64]:
    """The loss of each row (N,), summed over outputs, as :func:`mean_loss` averages it."""
    z, a = trace.pre_activations[-1], trace.activations[-1]
    _check_targets(targets, a)
    elements = objective.loss.elements(network.output.activation, z, a, targets)
    losses: npt.NDArray[np.float64] = np.minimum(elements, objective.loss_cap).sum(axis=1, dtype=np.float64)
    return losses


def mean_loss(
    network: Network, trace: Trace, targets: Array, objective: Objective, weights: Array | None = None
) -> float:
    """The loss of ``targets`` (N, O): summed over outputs, averaged over rows, without the penalties.

    Args:
        network: the layers.
        trace: what :func:`forward` returned.
        targets: (N, O).
        objective: its loss is computed.
        weights: (N,), of the rows; ``None`` for equal weights.
    """
    rows = row_losses(network, trace, targets, objective)
    if weights is None:
        return float(rows.mean())
    return float(rows @ weights / total_weight(len(rows), weights))


def penalty(parameters: Parameters, objective: Objective, rows: float = 1.0) -> float:
    """The penalty of ``objective`` on the weights w in ``parameters``: ``l1 Σ|w| + ½ l2 Σw²``.

    If it is a penalty per row, it is divided by ``rows``, the total weight of the rows.
    """
    total = 0.0
    for weights, _ in parameters:
        if objective.l1:
            total += objective.l1 * float(np.abs(weights).sum(dtype=np.float64))
        if objective.l2:
            total += objective.l2 / 2 * float((weights * weights).sum(dtype=np.float64))
    return total / rows if objective.penalty_per_row else total


def backward(
    network: Network,
    parameters: Parameters,
    trace: Trace,
    targets: Array,
    objective: Objective,
    weights: Array | None = None,
    before_layer: Callable[[], None] = nothing,
) -> Gradients:
    """The gradient of the objective: the chain rule, from the last layer to the first.

    Args:
        network: the layers.
        parameters: the weights and biases of the forward pass.
        trace: what :func:`forward` returned.
        targets: (N, O).
        objective: the loss and the penalties.
        weights: (N,), of the rows; ``None`` for equal weights.
        before_layer: is called before each layer; what it raises ends a long computation.

    Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors* (1986).
    """
    layers = network.layers
    gradient = Parameters.zeros(network, parameters.dtype)
    deltas: list[Array] = []

    z, a = trace.pre_activations[-1], trace.activations[-1]
    _check_targets(targets, a)
    delta = objective.loss.delta(network.output.activation, z, a, targets)
    delta = delta * row_shares(len(targets), weights, parameters.dtype)

    for number in reversed(range(len(layers))):
        before_layer()
        deltas.insert(0, delta)
        gradient[number].weights[...] = trace.inputs[number].T @ delta
        np.sum(delta, axis=0, out=gradient[number].biases)
        if number:
            before_layer()
            error = delta @ parameters[number].weights.T
            mask = trace.masks[number - 1]
            if mask is not None:
                error *= mask
            z, a = trace.pre_activations[number - 1], trace.activations[number - 1]
            delta = layers[number - 1].activation.backward(z, a, error)

    add_penalty_gradient(gradient, parameters, objective, total_weight(len(targets), weights))
    return Gradients(deltas, gradient)


def add_penalty_gradient(
    gradient: Parameters, parameters: Parameters, objective: Objective, rows: float = 1.0
) -> None:
    """Add the gradient of :func:`penalty` to ``gradient``."""
    share = 1 / rows if objective.penalty_per_row else 1.0
    for own, (weights, _) in zip(gradient, parameters, strict=True):
        if objective.l1:
            own.weights[...] += share * objective.l1 * np.sign(weights)
        if objective.l2:
            own.weights[...] += share * objective.l2 * weights


def _check_targets(targets: Array, outputs: Array) -> None:
    """NumPy would broadcast (N,) against (N, 1) to (N, N)."""
    if targets.shape != outputs.shape:
        raise InputError(f"targets have the shape {targets.shape}, but the outputs have {outputs.shape}.")
