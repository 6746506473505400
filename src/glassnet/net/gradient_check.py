"""The gradient check: compare backpropagation with finite differences of the objective."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import Faults
from glassnet.net.arrays import Array
from glassnet.net.backward_pass import Objective, backward, mean_loss, penalty, total_weight
from glassnet.net.forward_pass import forward
from glassnet.net.network import Network
from glassnet.net.parameters import Parameters


class GradientCheck(NamedTuple):
    """The result of :func:`check_gradients`: the gradient ``analytic`` and its approximation ``numeric``, both (P,).

    ``relative_error`` is ‖analytic - numeric‖ / (‖analytic‖ + ‖numeric‖), 0 if both are 0.

    ``worst`` is the index of the entry of the flat vectors (P,) that differs most.
    """

    relative_error: float
    analytic: Array
    numeric: Array
    worst: int


def check_gradients(
    network: Network,
    parameters: Parameters,
    inputs: npt.ArrayLike,
    targets: npt.ArrayLike,
    objective: Objective | None = None,
    weights: npt.ArrayLike | None = None,
    *,
    step: float = 6e-6,
) -> GradientCheck:
    """Compare every entry of the gradient with a central difference of the objective.

    Computes in float64. A correct gradient has a relative error below 1e-6; activations and losses with a kink have
    a larger one if the kink lies between the two points of a difference.

    Args:
        network: the layers.
        parameters: the parameters at which the gradient is checked.
        inputs: (N, I).
        targets: (N, O).
        objective: the loss and the penalties.
        weights: (N,), of the rows; ``None`` for equal weights.
        step: half the distance of the two points; its default balances, in float64, the error of the formula
            (step²) with that of rounding (1e-16 / step).

    Raises:
        InputError: arrays that do not fit the network; all faults at once.
    """
    objective = objective or Objective()
    x = np.asarray(inputs, np.float64)
    y = np.asarray(targets, np.float64)
    w = None if weights is None else np.asarray(weights, np.float64)
    _check_arrays(network, x, y, w, objective)
    at = Parameters(network, parameters.vector.astype(np.float64))

    def measure() -> float:
        loss = mean_loss(network, forward(network, at, x), y, objective, w)
        return loss + penalty(at, objective, total_weight(len(x), w))

    analytic = backward(network, at, forward(network, at, x), y, objective, w).parameters.vector
    numeric = np.empty_like(analytic)
    for index, value in enumerate(at.vector.copy()):
        at.vector[index] = value + step
        above = measure()
        at.vector[index] = value - step
        below = measure()
        at.vector[index] = value
        numeric[index] = (above - below) / (2 * step)

    difference = np.abs(analytic - numeric)
    size = float(np.linalg.norm(analytic) + np.linalg.norm(numeric))
    error = float(np.linalg.norm(difference)) / size if size else 0.0
    return GradientCheck(error, analytic, numeric, int(difference.argmax()))


def _check_arrays(network: Network, x: Array, y: Array, w: Array | None, objective: Objective) -> None:
    faults = Faults()
    rows, outputs = len(x) if x.ndim else 0, network.outputs
    if x.ndim != 2 or x.shape[1] != network.inputs:
        faults.add(f"inputs have the shape {x.shape}, but the network needs (N, {network.inputs}).")
    if y.shape != (rows, outputs):
        faults.add(
            f"targets have the shape {y.shape}, but {rows} rows of {outputs} outputs need ({rows}, {outputs})."
        )
    elif fault := objective.loss.fault_of_shares(y):
        faults.add(fault)
    if w is not None and w.shape != (rows,):
        faults.add(f"weights have the shape {w.shape}, but {rows} rows need ({rows},).")
    faults.raise_if_any()
