"""The base class of :class:`MLPClassifier` and :class:`MLPRegressor`: scikit-learn's behavior on glassnet's arithmetic.

Random numbers are drawn as scikit-learn draws them (initial weights layer by layer, weights before
biases; then the validation split; then one shuffle per epoch), so the same seed gives the same network.

Errors of scikit-learn that are reproduced:

* Its squared error is reported as ½ of the *mean* over outputs, while it steps along the gradient of the
  *sum* (its issue 8349). glassnet's loss is the sum; ``_loss_share`` turns the reported loss into the mean.
* A multiclass target is not stratified when rows are held out for early stopping; a binary one is.
* The Poisson loss of negative targets is reported as NaN, while training steps along its gradient.
* A warm start after early stopping that does not improve ends with the parameters of its last step, not the best:
  scikit-learn updates the arrays that hold the best in place.
* ``MLPRegressor(solver="lbfgs").partial_fit`` exists, and fits.

Differences: once a number of training is not finite (a loss, a weight, a squared gradient), training has diverged
here, and every parameter is NaN; scikit-learn continues and may recover. The loss of a certain prediction is that of
the formula; scikit-learn takes the logarithm of a rounded probability, or of a rate that became 0. An exponential
output is at most exp(700) (float32: exp(80)); scikit-learn's overflows. A batch whose rows all have the weight 0
changes nothing; scikit-learn divides by 0. A warm start with another number of hidden layers or of outputs, or with a
loss that its output cannot have, raises a ValueError; scikit-learn fails on an index, or trains something else.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, _fit_context, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.optimize import _check_optimize_result
from sklearn.utils.validation import _check_sample_weight, validate_data

from glassnet.estimators.arithmetic import (
    Matrix,
    check_size,
    inputs_of,
    network_of,
    open_run,
    own_sparse,
    pack,
    unpack,
)
from glassnet.estimators.descent import FEW_ROWS, Descent
from glassnet.estimators.lbfgs import FullBatch, minimize
from glassnet.estimators.mlp_parameters import CONSTRAINTS
from glassnet.estimators.optimizer import OptimizerState
from glassnet.net import Network, Parameters, forward
from glassnet.net.arrays import Array

STOCHASTIC = ("sgd", "adam")


class MultilayerPerceptron(BaseEstimator):
    """The base of both classes; subclasses know what targets and outputs mean."""

    _parameter_constraints = CONSTRAINTS

    # -- defined by subclasses

    def _validate_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> tuple[Matrix, Any]:
        """The inputs (N, I) and the network's targets (N,) or (N, O)."""
        raise NotImplementedError

    @property
    def _out_activation(self) -> str:
        """scikit-learn's name of the output activation for the targets."""
        raise NotImplementedError

    @property
    def _engine_loss(self) -> str:
        """glassnet's name of the loss."""
        raise NotImplementedError

    def _loss_share(self, targets: Array) -> float:
        """The factor from glassnet's loss to the loss that scikit-learn reports."""
        return 1.0

    def _loss_type(self, *kinds: Any) -> type[np.floating[Any]]:
        """The type of a loss that is computed from arrays of these types."""
        return np.float64

    def _score_outputs(self, targets: Array, outputs: Array, weights: Array | None) -> float:
        """The validation score of outputs (N, O)."""
        raise NotImplementedError

    # -- fitting

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fit the network to ``X`` and ``y``.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, an indicator matrix of labels, or numbers.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        InvalidParameterError
            A parameter of a wrong type or value.
        ValueError
            Data that cannot be used, or training whose numbers were no longer finite.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    def _fit(self, X: Any, y: Any, sample_weight: Any, *, incremental: bool) -> Any:
        sizes = self._hidden_sizes()
        first = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
        X, y = self._validate_input(X, y, incremental, reset=first)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        y = y.reshape(-1, 1) if y.ndim == 1 else y
        self.n_outputs_ = y.shape[1]
        self._random_state = check_random_state(self.random_state)
        if first:
            self._initialize([X.shape[1], *sizes, self.n_outputs_], X.dtype)
        else:
            self._check_layers(sizes)
        if self.solver == "lbfgs":
            self._fit_lbfgs(X, y, sample_weight)
        else:
            self._fit_stochastic(X, y, sample_weight, incremental)
        if not all(np.isfinite(values).all() for values in (*self.coefs_, *self.intercepts_)):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and "
                "need to be preprocessed."
            )
        return self

    def _validated(self, X: Any, y: Any, reset: bool, **checks: Any) -> tuple[Matrix, Any]:
        kinds = {"accept_sparse": ["csr", "csc"], "dtype": (np.float64, np.float32), "multi_output": True}
        X, y = own_sparse(X), own_sparse(y, "y")
        return validate_data(self, X, y, reset=reset, **kinds, **checks)

    def _hidden_sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if np.any(np.array(sizes) <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        return sizes

    def _check_layers(self, sizes: list[int]) -> None:
        """Training that continues keeps its layers: refuse another number of layers or of outputs."""
        *hidden, outputs = (weights.shape[1] for weights in self.coefs_)
        if len(sizes) != len(hidden):
            raise ValueError(
                f"hidden_layer_sizes is {sizes}, but training continues with a network of {hidden}; "
                "set warm_start=False and call fit for a new one."
            )
        if self.n_outputs_ != outputs:
            raise ValueError(
                f"y has {self.n_outputs_} outputs, but training continues with a network of {outputs}; "
                "set warm_start=False and call fit for a new one."
            )

    def _initialize(self, widths: list[int], dtype: Any) -> None:
        """Glorot and Bengio's uniform initialization (2010), in scikit-learn's order, and empty curves."""
        self.n_iter_ = 0
        self.t_ = 0
        self.n_layers_ = len(widths)
        self.out_activation_ = self._out_activation
        coefs, intercepts = [], []
        check_size(widths, dtype)
        for inputs, outputs in pairwise(widths):
            bound = np.sqrt((2.0 if self.activation == "logistic" else 6.0) / (inputs + outputs))
            weights = self._random_state.uniform(-bound, bound, (inputs, outputs))
            biases = self._random_state.uniform(-bound, bound, outputs)
            coefs.append(weights.astype(dtype, copy=False))
            intercepts.append(biases.astype(dtype, copy=False))
        self.coefs_, self.intercepts_ = coefs, intercepts
        if self.solver in STOCHASTIC:
            stopping = self.early_stopping
            self.loss_curve_: list[float] = []
            self._no_improvement_count = 0
            self.best_loss_ = None if stopping else np.inf
            self.validation_scores_: list[float] | None = [] if stopping else None
            self.best_validation_score_ = -np.inf if stopping else None
        self._best_coefs, self._best_intercepts = list(self.coefs_), list(self.intercepts_)

    def _fit_lbfgs(self, X: Matrix, y: Any, weights: Array | None) -> None:
        problem = FullBatch(self, inputs_of(X, np.float64), y, weights)
        start = self._parameters(self.coefs_[0].dtype)
        loss_type = self._loss_type(*_types(X, y, weights, self.coefs_[0]))
        problem.tried = pack(start)
        try:
            result = minimize(problem, start, max_iter=self.max_iter, max_fun=self.max_fun, tol=self.tol)
            problem.tried = result.x
        finally:  # after an interruption, the parameters tried last are kept
            self._keep(unpack(problem.network, problem.tried))
        self.n_iter_ = _check_optimize_result("lbfgs", result, self.max_iter)
        self.loss_ = loss_type(result.fun)

    def _loss_grad_lbfgs(
        self, packed: Array, X: Matrix, y: Any, sample_weight: Array | None, *scratch: Any
    ) -> tuple[float, Array]:
        """The objective and its gradient at packed parameters, under scikit-learn's name."""
        return FullBatch(self, X, y, sample_weight)(np.asarray(packed, np.float64))

    def _fit_stochastic(self, X: Matrix, y: Any, weights: Array | None, incremental: bool) -> None:
        dtype = self.coefs_[0].dtype
        if not incremental or not hasattr(self, "_optimizer"):
            self._optimizer = OptimizerState.of(self, self._network(), self._parameters(dtype).vector)
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        held = None
        best = getattr(self, "_best_coefs", None)  # missing if the user has set the weights
        steps_in_best = self.coefs_ is best
        if self.early_stopping:
            X, y, weights, held = self._hold_out(X, y, weights)
            held = held[0], np.ascontiguousarray(held[1], dtype), held[2]
        sizes = (
            () if self.batch_size == "auto" else (np.int64,)
        )  # scikit-learn multiplies a batch's loss by it
        loss_type = self._loss_type(*_types(X, y, weights, self.coefs_[0]), *sizes)
        descent = Descent(self, X, np.ascontiguousarray(y, dtype), weights, held, loss_type)
        try:
            descent.train(1 if incremental else self.max_iter, incremental=incremental)
        finally:  # warnings may be errors
            self._keep(descent.parameters())
        if steps_in_best and self._best_coefs is best:
            self._best_coefs, self._best_intercepts = self.coefs_, self.intercepts_
        if held is not None:
            self.coefs_, self.intercepts_ = self._best_coefs, self._best_intercepts

    def _hold_out(self, X: Matrix, y: Any, weights: Array | None) -> tuple[Any, Any, Any, tuple[Any, ...]]:
        """Training rows and validation rows, drawn as scikit-learn draws them."""
        given = (X, y) if weights is None else (X, y, weights)
        split = train_test_split(
            *given,
            random_state=self._random_state,
            test_size=self.validation_fraction,
            stratify=y if is_classifier(self) and self.n_outputs_ == 1 else None,
        )
        train, held = split[::2], split[1::2]
        if held[0].shape[0] < FEW_ROWS:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        if weights is None:
            return *train, None, (*held, None)
        return *train, held

    # -- predicting

    def _network(self) -> Network:
        return network_of(self.coefs_, self.activation, self.out_activation_)

    def _parameters(self, dtype: Any) -> Parameters:
        pairs = list(zip(self.coefs_, self.intercepts_, strict=True))
        return Parameters.of(self._network(), pairs, dtype)

    def _keep(self, parameters: Parameters) -> None:
        self.coefs_ = [layer.weights for layer in parameters]
        self.intercepts_ = [layer.biases for layer in parameters]

    def _forward_pass_fast(self, X: Any, check_input: bool = True) -> Array:
        """The network's outputs (N, O), in float32 where NumPy's product of inputs and weights is."""
        if check_input:
            X = validate_data(self, own_sparse(X), accept_sparse=["csr", "csc"], reset=False)
        single = np.result_type(X.dtype, self.coefs_[0].dtype) == np.float32  # refuses dates, too
        dtype = np.float32 if single else np.float64
        return open_run(self._network(), self._parameters(dtype)).predict(inputs_of(X, dtype))

    def _forward_pass(self, activations: list[Any]) -> list[Any]:
        """Fill in the activations (N, O) of each layer after ``activations[0]`` (N, I), as scikit-learn's method."""
        inputs = inputs_of(own_sparse(activations[0]), self.coefs_[0].dtype)
        activations[1:] = forward(self._network(), self._parameters(inputs.dtype), inputs).activations
        return activations

    def _check_solver(self) -> bool:
        if self.solver not in STOCHASTIC:
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _types(*arrays: Any) -> list[Any]:
    return [array.dtype for array in arrays if array is not None]
