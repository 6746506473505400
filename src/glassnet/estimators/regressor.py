"""``MLPRegressor``: scikit-learn's class of the same name, on glassnet's arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from glassnet.estimators import mlp_parameters
from glassnet.estimators.arithmetic import Matrix
from glassnet.estimators.documentation import PAGE, documented
from glassnet.estimators.sklearn_mlp import MultilayerPerceptron
from glassnet.estimators.table_parameters import keeps_arguments
from glassnet.net.arrays import Array


@documented(mlp_parameters.__doc__)
class MLPRegressor(RegressorMixin, MultilayerPerceptron):
    """A multi-layer perceptron regressor with scikit-learn's parameters and attributes.

    Parameters, defaults and results are those of scikit-learn 1.9. The
    validation score of ``early_stopping`` is R².

    See Also
    --------
    MLPClassifier : Predicts classes.
    TableRegressor : Takes raw tables with text, dates and missing values.

    Examples
    --------
    >>> from glassnet import MLPRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> MLPRegressor(solver="lbfgs", max_iter=40, tol=1, random_state=1).fit(X, y).score(X, y) > 0.4
    True
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012  # scikit-learn's own form
        **mlp_parameters.CONSTRAINTS,
        "loss": [StrOptions({"squared_error", "poisson"})],
    }

    _doc_link_module, _doc_link_template = "glassnet", PAGE

    @keeps_arguments
    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None: ...

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train for one epoch on these rows, from the current parameters.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The numbers to predict.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        Returns
        -------
        self : MLPRegressor
            The fitted estimator.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> Array:
        """The predicted numbers of every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The numbers.
        """
        check_is_fitted(self)
        outputs = self._forward_pass_fast(X)
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    def _validate_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> tuple[Matrix, Any]:
        X, y = self._validated(X, y, reset, y_numeric=True)
        if sparse.issparse(y):
            y = y.toarray()
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if y.dtype.kind not in "biuf":
            raise TypeError(
                f"MLPRegressor predicts numbers, but y holds {y.dtype} values; convert them to numbers."
            )
        assert_all_finite(y, input_name="y")  # scikit-learn's check of objects misses None
        return X, y

    @property
    def _out_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    @property
    def _engine_loss(self) -> str:
        return str(self.loss)

    def _loss_share(self, targets: Array) -> float:
        """scikit-learn reports the mean over outputs for squared errors only, and NaN for counts below 0."""
        if self.loss == "squared_error":
            return 1 / self.n_outputs_
        return 1.0 if (targets >= 0).all() else float("nan")

    def _loss_type(self, *kinds: Any) -> type[np.floating[Any]]:
        """float32 if all of them are; for a Poisson loss, which uses SciPy's ``xlogy``, only if all are of one type."""
        kind = np.result_type(*kinds)
        if self.loss == "poisson" and any(one != kind for one in kinds):
            return np.float64
        return np.float32 if kind == np.float32 else np.float64

    def _score_outputs(self, targets: Array, outputs: Array, weights: Array | None) -> float:
        if not np.isfinite(outputs).all():
            return float("nan")
        return float(r2_score(targets, outputs, sample_weight=weights))
