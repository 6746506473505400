"""``solver="lbfgs"``: SciPy steps; an engine's run says how far off the network is, and which way is down."""

from __future__ import annotations

from typing import Any

from scipy import optimize

from glassnet.engines import Rows, Snapshot
from glassnet.estimators.arithmetic import Matrix, loss_cap, open_run, pack, unpack
from glassnet.net import Network, Objective, Parameters, total_weight
from glassnet.net.arrays import Array


class FullBatch:
    """The objective of all rows, and the gradient that scikit-learn steps along.

    The L2 penalty ``alpha`` is divided by the rows' total weight. ``loss_share`` multiplies the loss but
    not its gradient: see :mod:`glassnet.estimators.sklearn_mlp`.

    ``tried`` (P,) are the packed parameters that it was computed for last.
    """

    tried: Array

    def __init__(
        self,
        network: Network,
        loss: str,
        inputs: Matrix,
        targets: Array,
        weights: Array | None,
        *,
        alpha: float,
        loss_share: float,
    ) -> None:
        self.network = network
        own = None if weights is None else weights.astype(targets.dtype, copy=False)
        self._rows = Rows(inputs, targets, own)
        self._total = total_weight(len(targets), weights)
        self._alpha = alpha / self._total
        self._loss_share = loss_share
        self._run = open_run(
            network, Parameters.zeros(network), Objective(loss, loss_cap=loss_cap(loss, targets.dtype))
        )
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
