"""``TableRegressor``: a table and numbers in, a network that predicts them out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array, column_or_1d

from glassnet.estimators.parameters import settings_as_parameters
from glassnet.estimators.table import TableEstimator
from glassnet.model import Model


@settings_as_parameters("class_weight")
class TableRegressor(RegressorMixin, TableEstimator):
    """A regressor on raw tables: words, categories, booleans, dates and gaps are encoded within.

    >>> import pandas as pd
    >>> from glassnet import TableRegressor
    >>> from glassnet.tables import penguins_path
    >>> penguins = pd.read_csv(penguins_path()).dropna(subset="body_mass_g")
    >>> inputs = penguins.drop(columns="body_mass_g")
    >>> regressor = TableRegressor(random_state=1).fit(inputs, penguins["body_mass_g"])
    >>> regressor.score(inputs, penguins["body_mass_g"]) > 0.8
    True

    Several numbers may be predicted at once, and each may have gaps (NaN) where another has none. The
    parameters and attributes are those of :class:`TableClassifier`, without ``classes_``.
    """

    _task = "regression"

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The predicted numbers, (N,) or (N, O), the mean over networks.

        With ``return_std`` also their standard deviation, of the same shape: how far the networks
        disagree; 0 for one.
        """
        each = self._predictions(X, Model.predict)
        return (each.mean(axis=0), each.std(axis=0)) if return_std else each.mean(axis=0)

    def _read_target(self, y: Any) -> Any:
        if y is None:
            raise ValueError("TableRegressor requires y to be passed, but the target y is None.")
        shape = np.shape(np.asarray(y))
        several = len(shape) == 2 and shape[1] > 1
        values = check_array(
            y if several else column_or_1d(y, warn=True),
            ensure_2d=False,
            dtype=np.float64,
            ensure_all_finite="allow-nan" if several else True,
            input_name="y",
        )
        return y if getattr(y, "ndim", 0) == values.ndim else values

    def _truth(self, model: Model, table: Any) -> npt.NDArray[Any]:
        encoded, _ = model.target.encode(table)
        return model.target.decode(encoded)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
