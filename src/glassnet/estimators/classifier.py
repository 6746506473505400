"""``MLPClassifier``: scikit-learn's class of the same name, on glassnet's arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted

from glassnet.estimators import mlp_parameters
from glassnet.estimators.arithmetic import Matrix, own_sparse
from glassnet.estimators.documentation import PAGE, documented
from glassnet.estimators.sklearn_mlp import MultilayerPerceptron
from glassnet.estimators.table_parameters import keeps_arguments
from glassnet.memory import check_memory
from glassnet.net.arrays import Array


@documented(mlp_parameters.__doc__)
class MLPClassifier(ClassifierMixin, MultilayerPerceptron):
    """A multi-layer perceptron classifier with scikit-learn's parameters and attributes.

    Parameters, defaults and results are those of scikit-learn 1.9.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.

    See Also
    --------
    MLPRegressor : Predicts numbers.
    TableClassifier : Takes raw tables with text, dates and missing values.

    Examples
    --------
    >>> from glassnet import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> MLPClassifier(solver="lbfgs", random_state=1).fit(X, y).score(X, y) > 0.97
    True
    """

    loss = "log_loss"  # an attribute of scikit-learn's class, not a parameter

    _doc_link_module, _doc_link_template = "glassnet", PAGE

    @keeps_arguments
    def __init__(
        self,
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

    @available_if(lambda estimator: estimator._check_solver())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Train for one epoch on these rows, from the current parameters.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or an indicator matrix.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        classes : array-like of shape (n_classes,), default=None
            All labels; required in the first call, optional in later ones.

        Returns
        -------
        self : MLPClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            No ``classes`` in the first call, or labels that are not among them.
        AttributeError
            For ``solver="lbfgs"``, which has no epochs.
        """
        y = own_sparse(y, "y")
        if _check_partial_fit_first_call(self, classes):
            self._label_binarizer = LabelBinarizer()
            several = type_of_target(y).startswith("multilabel")
            self._label_binarizer.fit(y if several else classes)
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The label of every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            The labels, or their indicators if rows have several.
        """
        check_is_fitted(self)
        outputs = self._forward_pass_fast(X)
        return self._label_binarizer.inverse_transform(outputs.ravel() if self.n_outputs_ == 1 else outputs)

    def predict_proba(self, X: Any) -> Array:
        """The probability of every class for every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        outputs = self._forward_pass_fast(X)
        if self.n_outputs_ == 1:
            return np.hstack([1 - outputs, outputs])
        return outputs

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of :meth:`predict_proba`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.

        Returns
        -------
        logarithms : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``; -inf for a probability of 0.
        """
        probabilities = self.predict_proba(X)
        return np.log(probabilities, out=probabilities)

    def _validate_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> tuple[Matrix, Any]:
        X, y = self._validated(X, y, reset)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
            if self._label_binarizer.y_type_ in ("binary", "multiclass"):  # as transform, but faster
                return X, self._indicators(y)
        else:
            self._check_classes(unique_labels(y))
        return X, self._label_binarizer.transform(y).astype(bool)

    def _indicators(self, y: Any) -> npt.NDArray[np.bool_]:
        """(N, C), or (N, 1) for at most two classes, where the second is true."""
        if len(self.classes_) == 1:
            return np.zeros((len(y), 1), bool)
        check_memory(
            9 * len(y) * len(self.classes_),  # as truth values, and as numbers of 8 bytes
            lambda: f"the {len(self.classes_):,} classes of {len(y):,} rows",
            "if they are numbers to predict, use MLPRegressor",
        )
        positive = self.classes_ if len(self.classes_) > 2 else self.classes_[1:]
        return np.asarray(y[:, None] == positive)

    def _check_classes(self, classes: Any) -> None:
        """Refuse labels that a warm start or ``partial_fit`` cannot learn."""
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit."
                    f" Previously got {self.classes_}, `y` has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    @property
    def _out_activation(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    @property
    def _engine_loss(self) -> str:
        return "categorical_log_loss" if self.out_activation_ == "softmax" else "binary_log_loss"

    def _score_outputs(self, targets: Array, outputs: Array, weights: Array | None) -> float:
        """The accuracy: the share of rows with the right class, or with all labels right."""
        if len(self.classes_) == 1:
            return 1.0  # every prediction is that class
        if self.out_activation_ == "softmax":
            right = outputs.argmax(axis=1) == targets.argmax(axis=1)
        else:
            right = ((outputs > 0.5) == (targets > 0.5)).all(axis=1)
        return float(
            right.mean()
            if weights is None
            else accuracy_score(np.ones_like(right), right, sample_weight=weights)
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
