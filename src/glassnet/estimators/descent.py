"""``solver="sgd"`` and ``"adam"``: whole epochs of an engine's run, stopped by scikit-learn's rules.

A call of the engine runs as many epochs as pass before a decision: training ends, or the adaptive rate falls, only
after ``n_iter_no_change`` epochs in a row without an improvement.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines import Rows, Run, Snapshot
from glassnet.engines.inputs import is_sparse
from glassnet.engines.protocol import Order, Rates
from glassnet.estimators.arithmetic import (
    Matrix,
    inputs_of,
    loss_cap,
    open_run,
)
from glassnet.net import Network, Objective, Parameters
from glassnet.net.arrays import Array
from glassnet.training.stop import StopToken, stop_on_interrupt

ORDER_ENTRIES = 2**22  # bounds the memory of the row orders of a call
CALL_SECONDS = 0.1  # of a call of the engine, where epochs are short
STACK = 5  # warnings come from scikit-learn's frame around ``fit``, so that filters by module="sklearn" apply
NO_LOSS = float("nan")
FEW_ROWS = 2  # the least that a validation set needs


class Descent:
    """One call of ``fit`` or ``partial_fit``; it writes its results into ``estimator``.

    Args:
        estimator: one of the drop-in classes, initialized.
        inputs: (N, I), dense or sparse.
        targets: (N, O).
        weights: (N,), or ``None``.
        held: the same three of the validation rows, with early stopping.
        loss_type: the type of the reported losses.
    """

    def __init__(
        self,
        estimator: Any,
        inputs: Matrix,
        targets: Array,
        weights: Array | None,
        held: tuple[Matrix, Array, Array | None] | None,
        loss_type: type[np.floating[Any]],
    ) -> None:
        self.estimator = estimator
        network: Network = estimator._network()
        self.network = network
        self._inputs = inputs_of(inputs, targets.dtype)
        self._targets = np.ascontiguousarray(targets)
        self._weights = None if weights is None else weights.astype(targets.dtype, copy=False)
        self._loss_share = estimator._loss_share(targets)
        self._held = held and (inputs_of(held[0], targets.dtype), *held[1:])
        self._loss_type = loss_type
        self._order = np.arange(len(targets), dtype=np.intp)
        self._batch_size = self._clip_batch_size()
        self._diverged = False
        self._epoch_seconds = CALL_SECONDS  # of one epoch; not known yet
        self._stop = StopToken()
        objective = Objective(
            estimator._engine_loss,
            l2=float(estimator.alpha),
            penalty_per_row=True,
            loss_cap=loss_cap(estimator._engine_loss, targets.dtype),
        )
        start = estimator._parameters(targets.dtype)
        self._run: Run = open_run(
            network,
            start,
            objective,
            estimator._optimizer.rule,
            sparse=any(is_sparse(own[0]) for own in ((self._inputs,), self._held) if own),
            batch_size=self._batch_size,
        )
        self._run.restore(Snapshot(start.vector, estimator._optimizer.state))

    def train(self, epochs: int, *, incremental: bool) -> None:
        """Up to ``epochs`` epochs; ``incremental`` training gives no warning that they were not enough."""
        estimator = self.estimator
        estimator.n_iter_ = 0
        with stop_on_interrupt(self._stop):
            while estimator.n_iter_ < epochs and not self._stop.stopped:
                if self._train(min(self._epochs_per_call(), epochs - estimator.n_iter_)):
                    break
            else:
                if self._stop.stopped:
                    warnings.warn("Training interrupted by user.", stacklevel=STACK)
                elif not incremental:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({epochs:d}) reached and the optimization "
                        "hasn't converged yet.",
                        ConvergenceWarning,
                        stacklevel=STACK,
                    )

    def parameters(self) -> Parameters:
        """The learnt parameters; all NaN after divergence, as in scikit-learn."""
        vector = self._run.snapshot().parameters
        return Parameters(self.network, np.full_like(vector, np.nan) if self._diverged else vector)

    # -- epochs

    def _epochs_per_call(self) -> int:
        """The number of epochs that pass before anything has to be decided."""
        estimator = self.estimator
        if self._held is not None or estimator.verbose:
            return 1
        patience = estimator.n_iter_no_change - estimator._no_improvement_count + 1
        at_once = min(CALL_SECONDS / self._epoch_seconds, ORDER_ENTRIES // len(self._targets))
        return int(max(1, min(patience, at_once)))

    def _train(self, count: int) -> bool:
        """Train for ``count`` epochs and record them; returns whether training ends."""
        estimator, optimizer, rows = self.estimator, self.estimator._optimizer, len(self._targets)
        steps = -(-rows // self._batch_size)
        started = time.perf_counter()
        for loss in map(self._loss_type, self._epochs(optimizer.rates(count, steps, rows, estimator.t_))):
            estimator.n_iter_ += 1
            estimator.t_ += rows
            estimator.loss_ = loss
            estimator.loss_curve_.append(loss)
            if estimator.verbose:
                print(f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
            self._note_improvement(loss)
        self._epoch_seconds = max((time.perf_counter() - started) / count, 1e-9)
        optimizer.epochs_done(self._run.snapshot().state, estimator.t_)
        if estimator._no_improvement_count <= estimator.n_iter_no_change:
            return False
        what = "Training loss" if self._held is None else "Validation score"
        message = (
            f"{what} did not improve more than tol={estimator.tol:f} for {estimator.n_iter_no_change} "
            "consecutive epochs."
        )
        if optimizer.trigger_stopping(message, estimator.verbose):
            return True
        estimator._no_improvement_count = 0
        return False

    def _epochs(self, rates: Rates) -> list[float]:
        """The loss of every epoch, as scikit-learn reports it."""
        orders = self._orders(len(rates))
        if self._diverged:
            return [NO_LOSS] * len(rates)
        if self._weights is not None:
            return [
                self._epoch_by_batches(self._weights, own, None if orders is None else order)
                for own, order in zip(rates, rates if orders is None else orders, strict=True)
            ]
        rows = Rows(self._inputs, self._targets)
        done = self._run.epochs(rows, self._batch_size, rates, orders, self._stop.flag)
        losses: list[float] = list(self._reported(done.losses, done.penalties))
        if done.diverged_at is not None:
            self._diverged = True
            losses += [NO_LOSS] * (len(rates) - len(losses))
        return losses

    def _epoch_by_batches(self, weights: Array, rates: Rates, order: npt.NDArray[Any] | None) -> float:
        """One epoch, a call a step: the loss is still the mean over rows, whatever a batch weighs."""
        inputs, targets = self._inputs, self._targets
        if order is not None:  # all at once: many small pieces would take longer
            inputs, targets, weights = inputs[order], targets[order], weights[order]
        total, count, size = 0.0, len(targets), self._batch_size
        for number, rate in enumerate(rates):
            at = slice(number * size, (number + 1) * size)
            batch = Rows(inputs[at], targets[at], weights[at])
            done = self._run.epochs(batch, size, np.array([[rate]]), None, self._stop.flag)
            if done.diverged_at is not None:
                self._diverged = True
                return NO_LOSS
            total += len(batch) * self._reported(done.losses, done.penalties).sum()
        return total / count

    def _reported(self, losses: Rates, penalties: Rates | None) -> Rates:
        share = self._loss_share
        if share == 1 or penalties is None:
            return losses
        return share * (losses - penalties) + penalties

    def _orders(self, count: int) -> Order | None:
        """(count, N): each epoch shuffles the order of the last, drawn as ``sklearn.utils.shuffle`` draws."""
        if not self.estimator.shuffle:
            return None
        orders = np.empty((count, len(self._order)), np.intp)
        for row in orders:
            drawn = np.arange(len(self._order))
            self.estimator._random_state.shuffle(drawn)
            self._order = row[...] = self._order[drawn]
        return orders

    def _clip_batch_size(self) -> int:
        wanted, rows = self.estimator.batch_size, len(self._targets)
        if wanted == "auto":
            return min(200, rows)
        if wanted > rows:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped",
                stacklevel=STACK + 1,
            )
        return int(np.clip(wanted, 1, rows))

    # -- what is best

    def _note_improvement(self, loss: float | np.floating[Any]) -> None:
        estimator = self.estimator
        if self._held is None:
            worse = loss > estimator.best_loss_ - estimator.tol
            estimator.best_loss_ = loss if loss < estimator.best_loss_ else estimator.best_loss_
        else:
            score = self._validation_score()
            estimator.validation_scores_.append(score)
            if estimator.verbose:
                print(f"Validation score: {score:f}")
            worse = score < estimator.best_validation_score_ + estimator.tol
            if score > estimator.best_validation_score_:
                estimator.best_validation_score_ = score
                best = self.parameters()
                estimator._best_coefs = [layer.weights for layer in best]
                estimator._best_intercepts = [layer.biases for layer in best]
        estimator._no_improvement_count = estimator._no_improvement_count + 1 if worse else 0

    def _validation_score(self) -> float:
        assert self._held is not None
        inputs, targets, weights = self._held
        outputs = self._run.predict(inputs)
        if self._diverged:
            outputs[...] = np.nan
        score: float = self.estimator._score_outputs(targets, outputs, weights)
        return score
