"""``TableClassifier``: learns classes from a table of any columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from glassnet.errors import TableError, plural
from glassnet.estimators import table_parameters
from glassnet.estimators.documentation import documented
from glassnet.estimators.table import TableEstimator, unmasked
from glassnet.model import Model
from glassnet.tables import Column, Schema, read_table
from glassnet.tables.schema import CATEGORY, MULTICLASS
from glassnet.tables.understand.labels import label_values
from glassnet.targets import class_codes
from glassnet.training.prepare import Prepared

Numbers = npt.NDArray[np.float64]
NOTHING = ("NAType", "NaTType")  # of pandas, which need not be there


@documented(table_parameters.__doc__)
@table_parameters.settings_as_parameters()
class TableClassifier(ClassifierMixin, TableEstimator):
    """A classifier of raw tables: it encodes numbers, text, categories, booleans, dates and missing values.

    It trains with :func:`glassnet.train`, whose settings are parameters here.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.

    See Also
    --------
    TableRegressor : Predicts numbers.
    MLPClassifier : Takes arrays of numbers, with scikit-learn's parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> from glassnet import TableClassifier
    >>> from glassnet.tables import penguins_path
    >>> penguins = pd.read_csv(penguins_path()).dropna(subset="sex")
    >>> classifier = TableClassifier(random_state=1).fit(penguins.drop(columns="species"), penguins["species"])
    >>> str(classifier.predict(penguins.drop(columns="species").head(1))[0])
    'Adelie'
    """

    _task = "classification"

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The label of every row.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The rows, with the columns of ``fit``.

        return_std : bool, default=False
            Whether to return the standard deviation as well.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            The labels.

        std : ndarray of shape (n_samples,)
            With ``return_std``, the standard deviation of the label's probability over the networks.
        """
        found = self.predict_proba(X, return_std)
        if not return_std:
            return self.classes_[found.argmax(axis=1)]
        mean, std = found
        chosen = mean.argmax(axis=1)
        return self.classes_[chosen], std[np.arange(len(std)), chosen]

    def predict_proba(self, X: Any, return_std: bool = False) -> Any:
        """The probability of every class for every row, the mean over networks.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The rows, with the columns of ``fit``.

        return_std : bool, default=False
            Whether to return the standard deviation as well.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.

        std : ndarray of shape (n_samples, n_classes)
            With ``return_std``, their standard deviation over the networks; 0 for one network.
        """
        return self._predictions(
            X, lambda model, table: model.predict_proba(table)[:, self._places(model)], return_std
        )

    def predict_log_proba(self, X: Any) -> Numbers:
        """The logarithm of :meth:`predict_proba`.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            The rows, with the columns of ``fit``.

        Returns
        -------
        logarithms : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``; -inf for a probability of 0.
        """
        with np.errstate(divide="ignore"):  # a probability of 0 has the logarithm -inf
            return np.log(self.predict_proba(X))

    def _read_target(self, y: Any, name: str = "y") -> Any:
        if y is None:
            raise ValueError("TableClassifier requires y to be passed, but the target y is None.")
        labels = np.asarray(unmasked(y))
        if labels.ndim == 2 and labels.shape[1] > 1:
            raise TableError(
                f"{name} has {labels.shape[1]} columns, but TableClassifier predicts one target; glassnet.train "
                "predicts several targets of classes: train(table, target=[…])."
            )
        labels = column_or_1d(labels, warn=True)
        missing = sum(map(_is_missing, labels.tolist())) if labels.dtype.kind in "fO" else 0
        if missing:
            raise ValueError(
                f"{name} is NaN or missing in {plural(missing, 'row')}; leave them out of X{name[1:]} and {name}."
            )
        if labels.dtype.kind == "O" and {type(label) for label in labels.tolist()} in ({bool}, {int}):
            labels = np.array(
                labels.tolist()
            )  # pandas' own types, which scikit-learn before 1.7 does not know
        check_classification_targets(labels)
        return labels

    def _know_target(self, y: Any) -> None:
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has one class only, {self.classes_.tolist()[0]!r}; classification needs at least two."
            )
        _refuse_lost_labels(self.classes_)

    def _validation_truth(self, prepared: Prepared) -> npt.NDArray[Any]:
        assert prepared.validation is not None
        return self.classes_[np.argsort(self._places(prepared))][
            class_codes(prepared.validation.rows.targets)
        ]

    def _places(self, model: Model | Prepared) -> npt.NDArray[np.intp]:
        """The position in the model of each of ``classes_``, (C,): it sorts numerals by their value."""
        table = read_table({model.target.columns[0]: self.classes_}, like=model.schema)
        encoded, _ = model.target.encode(table)
        return class_codes(encoded)


def _is_missing(label: Any) -> bool:
    return label is None or (isinstance(label, float) and np.isnan(label)) or type(label).__name__ in NOTHING


def _refuse_lost_labels(classes: npt.NDArray[Any]) -> None:
    """Refuse labels that are missing values or equal to each other once a table has been read."""
    as_words = Schema((), (Column("y", CATEGORY, text=True),), MULTICLASS)
    seen: dict[Any, Any] = {}
    values, _ = label_values(read_table({"y": classes}, like=as_words).column("y"))
    for label, read in zip(classes.tolist(), values.to_list(), strict=True):
        if read is None:
            raise TableError(f"the label {label!r} is read as a missing value; rename it.")
        if read in seen:
            how = "make them differ by more than spaces" if isinstance(label, str) else "pass them as text"
            raise TableError(
                f"the labels {seen[read]!r} and {label!r} are both read as {read!r}; merge them, or {how}."
            )
        seen[read] = label
