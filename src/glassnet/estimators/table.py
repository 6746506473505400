"""The base class of the estimators of raw tables: scikit-learn's conventions around ``glassnet.train``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    _num_samples,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from glassnet.errors import (
    InputTypeError,
    SettingsError,
    TableError,
    assumptions_at_caller,
    plural,
    reporting_to,
    spelled,
)
from glassnet.estimators.scoring import NetworkInTraining, ScorerMetric
from glassnet.estimators.table_parameters import as_parameters, settings_of
from glassnet.fit import train
from glassnet.model import Model
from glassnet.tables import ReadTable, read_table
from glassnet.tables.read.column_names import array_names, names_of, refuse_duplicates
from glassnet.tables.read.read_table import as_table, is_named_row
from glassnet.training.events import callbacks_of
from glassnet.training.prepare import Prepared
from glassnet.training.recipes import AUTO

Values = npt.NDArray[Any]
Scorer = Callable[..., float]


class TableEstimator(BaseEstimator):
    """The base of both classes; subclasses know what targets are and how predictions are combined."""

    _task: str
    _columns: list[str] | None
    model_: Model
    _trusts = False  # during training, scorers pass on tables that ``fit`` has checked

    def _read_target(self, y: Any, name: str = "y") -> Any:
        """``y``, called ``name``, checked: (N,) or (N, O)."""
        raise NotImplementedError

    def _know_target(self, y: Any) -> None:
        """Record what is known from the target of the training rows."""

    def _validation_truth(self, prepared: Prepared) -> Values:
        """The target's values in the validation rows, as ``predict`` returns them."""
        raise NotImplementedError

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        groups: Any = None,
        time: Any = None,
    ) -> Any:
        """Train on a table.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The rows: a DataFrame of pandas, polars or another library, an array or a list of rows, with numbers,
            text, categories, booleans, dates and missing values.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels or numbers; with several outputs, NaN is a missing value.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows; None for equal weights.

        X_val : DataFrame or array-like of shape (n_validation_samples, n_features), default=None
            Rows for early stopping, instead of the share ``validation`` of X.

        y_val : array-like of shape (n_validation_samples,) or (n_validation_samples, n_outputs), default=None
            The labels or numbers of X_val.

        groups : array-like of shape (n_samples,) or str, default=None
            Groups of rows, or a column of X that has them; the rows of a group are all used for training or all for
            validation.

        time : array-like of shape (n_samples,) or str, default=None
            Times of the rows, or a column of X that has them; the latest rows are used for validation. Not together
            with ``groups``.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TableError, SettingsError
            Both are ``ValueError``; all faults at once.
        DivergenceError
            The loss was no longer finite.
        """
        X = self._given(X, reset=True)
        names = _target_names(y, taken=self._columns or ())
        if (count := _num_samples(X)) < 2:
            raise TableError(f"X has n_samples = {plural(count, 'row')}, but training needs at least two.")
        y = self._read_target(y)
        self._know_target(y)
        check_consistent_length(X, y)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        # columns of an array are not examined for ids
        table = X if isinstance(X, np.ndarray) else read_table(X)
        settings = settings_of(self)
        settings.update(
            task=self._task,
            sample_weight=sample_weight,
            callbacks=callbacks_of(self.callbacks),
            metric=self._metric(),
            groups=groups,
            time=time,
        )
        if X_val is not None or y_val is not None:
            settings["validation"] = self._read_validation(X_val, y_val)
        # in a search many models are bad; only what was assumed of the table is a warning
        with spelled(as_parameters), reporting_to(assumptions_at_caller()):
            self.model_ = train(
                (table, y), names, seed=_seed(self.random_state), progress=self.progress, **settings
            )
        self._note_history()
        return self

    def _read_validation(self, X_val: Any, y_val: Any) -> tuple[Any, Any]:
        if X_val is None or y_val is None:
            given, missing = ("y_val", "X_val") if X_val is None else ("X_val", "y_val")
            raise SettingsError(f"{given} was given without {missing}; early stopping needs both.")
        return self._given(X_val, reset=False), self._read_target(y_val, "y_val")

    def _note_history(self) -> None:
        history = self.model_.history
        self.n_iter_ = history.epochs
        self.best_epoch_ = history.best_epoch
        self.loss_curve_ = history.loss.tolist()
        self.validation_loss_curve_ = history.validation_loss.tolist()
        self.validation_scores_ = history.validation_score.tolist()

    # -- early stopping by a scorer

    def _metric(self) -> ScorerMetric | str:
        """scikit-learn's scorer ``scoring`` as a metric of :func:`glassnet.train`; without one, the recipe's metric."""
        if self.scoring is None:
            return AUTO
        if not (isinstance(self.scoring, str) or callable(self.scoring)):
            raise SettingsError(
                f"scoring is {self.scoring!r}, but must be a scorer's name or a function, which returns one number."
            )
        scorer = check_scoring(self, scoring=self.scoring)
        return ScorerMetric(self, scorer, self.scoring if isinstance(self.scoring, str) else "score")

    def _score_by(self, scorer: Scorer, table: Any, truth: Values, weights: Values | None) -> float:
        more = {} if weights is None else {"sample_weight": weights}
        return float(scorer(self, table, truth, **more))

    # -- tables in and out

    def _given(self, X: Any, *, reset: bool) -> Any:
        """``X`` in a form that can be read, after its columns were counted and compared with those of ``fit``."""
        if self._trusts:
            return X
        if sparse.issparse(X):
            raise TypeError("A sparse matrix was passed, but dense data is required; use X.toarray().")
        if _is_named(X):
            raise InputTypeError(
                "X is made of dicts or one row, from which scikit-learn's tools cannot select rows; "
                "pass pandas.DataFrame(X)."
            )
        names = _names(X)
        if names is not None:
            refuse_duplicates(names, "X")
        elif isinstance(X, (list, tuple)) or hasattr(X, "__array__"):
            X = np.asanyarray(X) if hasattr(X, "filled") else np.asarray(X)  # masked values are missing
            if X.dtype.kind == "c":
                raise ValueError("Complex data not supported.")
            if X.ndim != 2:
                raise ValueError(
                    f"Expected 2D array, got {X.ndim}D array instead. Reshape your data either using "
                    "array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if it "
                    "contains a single sample."
                )
            if not X.shape[0] or not X.shape[1]:
                what = "feature" if X.shape[0] else "sample"
                raise ValueError(
                    f"Found array with 0 {what}(s) (shape={X.shape}) while a minimum of 1 is required."
                )
        if not reset and names and self._columns and sorted(names) == sorted(self._columns):
            return X  # columns are found by their names, in any order
        validate_data(self, X, skip_check_array=True, reset=reset)
        if reset:
            self._columns = names
        elif (names is None) != (self._columns is None):  # scikit-learn goes by position then, with a warning
            return _renamed(X, self._columns)
        return X

    def _predictions(self, X: Any, predict: Callable[[Model, Any], Values], return_std: bool) -> Any:
        """What ``predict`` makes of the model, and with ``return_std`` its standard deviation over the networks."""
        check_is_fitted(self, "model_")
        model = self.model_
        known = isinstance(model, NetworkInTraining) and model.knows(X)
        given = X if known or _is_named(X) else self._given(X, reset=False)
        table = given if known else as_table(given, model.schema, or_row=True)
        if not return_std:
            return predict(model, table)
        encoded = model.encode(table)
        each = [predict(model.member(number), encoded) for number in range(len(model.members))]
        return predict(model, encoded), np.std(each, axis=0)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _seed(random_state: Any) -> int:
    """``random_state`` itself if it is an integer, else a number that it draws."""
    if isinstance(random_state, (int, np.integer)) and random_state >= 0:
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _is_named(X: Any) -> bool:
    """Whether X is a dict, a list of dicts, or one row with names: fit for prediction, not for training."""
    dicts = isinstance(X, (list, tuple)) and bool(X) and isinstance(X[0], Mapping)
    return isinstance(X, Mapping) or dicts or is_named_row(X)


def unmasked(y: Any) -> Any:
    """``y`` with ``None`` in place of masked values."""
    return np.where(np.ma.getmaskarray(y), None, y) if np.ma.is_masked(y) else y


def _names(table: Any) -> list[str] | None:
    """The names of the columns of ``table``; None if they have none."""
    names = names_of(table)
    return None if names is None else [str(name) for name in names]


def _renamed(X: Any, names: Sequence[str] | None) -> Any:
    """``X`` with the columns ``names``, or with those of an array."""
    if names is not None:
        return dict(zip(names, X.T, strict=True))
    columns = read_table(X).columns
    return ReadTable(dict(zip(array_names(len(columns)), columns.values(), strict=True)))


def _target_names(y: Any, taken: Sequence[str]) -> list[str]:
    """The names of the targets: their own if they have names, changed if a column of X has the same."""
    names = _names(y)
    if names is not None:
        refuse_duplicates(names, "y")
    elif getattr(y, "ndim", 1) == 2 and y.shape[1] > 1:
        names = [f"y{number}" for number in range(1, y.shape[1] + 1)]
    else:
        names = [str(getattr(y, "name", None) or "y")]
    return [_unlike(name, taken) for name in names]


def _unlike(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
