"""``solver="lbfgs"``: SciPy minimizes; an engine's run computes the loss and its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize

from glassnet.engines import Rows, Snapshot
from glassnet.estimators.arithmetic import Matrix, loss_cap, open_run, pack, unpack
from glassnet.net import Network, Objective, Parameters, total_weight
from glassnet.net.arrays import Array


class FullBatch:
    """The objective of all rows, and the gradient that scikit-learn uses.

    The L2 penalty ``alpha`` is divided by the rows' total weight. The factor ``_loss_share`` applies to the loss but
    not to its gradient: see :mod:`glassnet.estimators.sklearn_mlp`.

    Args:
        estimator: one of the drop-in classes, initialized.
        inputs: (N, I).
        targets: (N, O).
        weights: (N,), or ``None``.

    Attributes:
        tried: (P,), the packed parameters of the last computation.
    """

    tried: Array

    def __init__(self, estimator: Any, inputs: Matrix, targets: Array, weights: Array | None) -> None:
        self.network: Network = estimator._network()
        targets = np.ascontiguousarray(targets, np.float64)
        self._rows = Rows(
            inputs, targets, None if weights is None else weights.astype(np.float64, copy=False)
        )
        self._alpha = float(estimator.alpha) / total_weight(len(targets), weights)
        self._loss_share = estimator._loss_share(targets)
        loss = estimator._engine_loss
        objective = Objective(loss, loss_cap=loss_cap(loss, targets.dtype))
        self._run = open_run(self.network, Parameters.zeros(self.network), objective)
        self._state = self._run.snapshot().state

    def __call__(self, packed: Array) -> tuple[float, Array]:
        """The objective at ``packed`` (P,) and its gradient (P,), in the order of :func:`pack`."""
        network = self.network
        self.tried = packed
        self._run.restore(Snapshot(unpack(network, packed).vector, self._state))
        loss, slope = self._run.gradients(self._rows)
        gradient = pack(Parameters(network, slope))
        only_weights = packed[: sum(network.connections)]
        gradient[: len(only_weights)] += self._alpha * only_weights
        return self._loss_share * loss + self._alpha / 2 * float(only_weights @ only_weights), gradient


def minimize(problem: FullBatch, start: Parameters, *, max_iter: int, max_fun: int, tol: float) -> Any:
    """SciPy's result; ``x`` is packed.

    Liu, Nocedal, *On the limited memory BFGS method for large scale optimization* (1989), in the
    implementation of Zhu, Byrd, Lu, Nocedal, *Algorithm 778: L-BFGS-B* (1997).
    """
    options = {"maxfun": max_fun, "maxiter": max_iter, "gtol": tol}
    return optimize.minimize(problem, pack(start), method="L-BFGS-B", jac=True, options=options)
