"""``TableRegressor``: learns numbers from a table of any columns."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array, column_or_1d

from glassnet.estimators import table_parameters
from glassnet.estimators.documentation import documented
from glassnet.estimators.table import Scorer, TableEstimator, unmasked
from glassnet.training.prepare import Prepared


@documented(table_parameters.__doc__)
@table_parameters.settings_as_parameters("class_weight")
class TableRegressor(RegressorMixin, TableEstimator):
    """A regressor of raw tables: it encodes numbers, text, categories, booleans, dates and missing values.

    It trains with :func:`glassnet.train`, whose settings are parameters here. There may be several targets, each
    with missing values (NaN) of its own.

    See Also
    --------
    TableClassifier : Predicts classes.
    MLPRegressor : Takes arrays of numbers, with scikit-learn's parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> from glassnet import TableRegressor
    >>> from glassnet.tables import penguins_path
    >>> penguins = pd.read_csv(penguins_path()).dropna(subset="body_mass_g")
    >>> inputs = penguins.drop(columns="body_mass_g")
    >>> regressor = TableRegressor(random_state=1).fit(inputs, penguins["body_mass_g"])
    >>> regressor.score(inputs, penguins["body_mass_g"]) > 0.8
    True
    """

    _task = "regression"
    _output: Any = slice(None)  # a copy of a regressor may predict one only

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The predicted numbers of every row, the mean over networks.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The rows, with the columns of ``fit``.

        return_std : bool, default=False
            Whether to return the standard deviation as well.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The numbers.

        std : ndarray of the shape of y
            With ``return_std``, their standard deviation over the networks; 0 for one network.
        """
        return self._predictions(X, lambda model, table: model.predict(table)[..., self._output], return_std)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R², the mean over outputs; with missing targets, each output is scored on the rows that have it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The rows, with the columns of ``fit``.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The actual numbers.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        Returns
        -------
        score : float
            At most 1; 0 for a constant prediction of the mean.
        """
        truth = check_array(
            unmasked(y), ensure_2d=False, dtype=np.float64, ensure_all_finite="allow-nan", input_name="y"
        )
        if truth.ndim == 1 or not np.isnan(truth).any():
            return float(super().score(X, y, sample_weight))
        predicted = self.predict(X)
        weights = np.ones(len(truth)) if sample_weight is None else np.asarray(sample_weight)
        return _mean_over_outputs(
            truth,
            lambda output, rows: r2_score(
                truth[rows, output], predicted[rows, output], sample_weight=weights[rows]
            ),
        )

    def _score_by(
        self, scorer: Scorer, table: Any, truth: npt.NDArray[Any], weights: npt.NDArray[Any] | None
    ) -> float:
        if truth.ndim == 1 or not np.isnan(truth).any():
            return super()._score_by(scorer, table, truth, weights)

        def of_one(output: int, rows: npt.NDArray[np.intp]) -> float:
            view = copy.copy(self)
            view._output = output
            own = None if weights is None else weights[rows]
            part = self.model_.part(rows)  # type: ignore[attr-defined]
            return super(TableRegressor, view)._score_by(scorer, part, truth[rows, output], own)

        return _mean_over_outputs(truth, of_one)

    def _read_target(self, y: Any, name: str = "y") -> Any:
        if y is None:
            raise ValueError("TableRegressor requires y to be passed, but the target y is None.")
        y = unmasked(y)
        given = np.asarray(y)
        several = given.ndim == 2 and given.shape[1] > 1
        values = check_array(
            y if several else column_or_1d(y, warn=True),
            ensure_2d=False,
            dtype=np.float64,
            ensure_all_finite="allow-nan" if several else True,
            input_name=name,
        )
        return (
            y if given.dtype.kind in "mM" else values
        )  # dates and times are refused with the table's message

    def _validation_truth(self, prepared: Prepared) -> npt.NDArray[Any]:
        assert prepared.validation is not None
        return prepared.validation.actual

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _mean_over_outputs(truth: npt.NDArray[Any], score: Callable[[int, npt.NDArray[np.intp]], float]) -> float:
    """The mean of ``score(output, rows)`` over the outputs that have values, each with the rows that have one."""
    known = ~np.isnan(truth)
    return float(
        np.mean(
            [score(at, np.flatnonzero(known[:, at])) for at in np.flatnonzero(known.any(axis=0)).tolist()]
        )
    )
