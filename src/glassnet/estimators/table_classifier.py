"""``TableClassifier``: a table and labels in, a network that tells them apart out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from glassnet.errors import TableError
from glassnet.estimators.parameters import settings_as_parameters
from glassnet.estimators.table import TableEstimator
from glassnet.model import Model
from glassnet.tables import Column, Schema, read_table
from glassnet.tables.schema import CATEGORY, MULTICLASS
from glassnet.tables.target import class_codes

Numbers = npt.NDArray[np.float64]
NOTHING = ("NAType", "NaTType")  # of pandas, which need not be there


@settings_as_parameters("huber_delta", "quantile")
class TableClassifier(ClassifierMixin, TableEstimator):
    """A classifier of raw tables: words, categories, booleans, dates and gaps are encoded within.

    >>> import pandas as pd
    >>> from glassnet import TableClassifier
    >>> from glassnet.tables import penguins_path
    >>> penguins = pd.read_csv(penguins_path()).dropna(subset="sex")
    >>> classifier = TableClassifier(random_state=1).fit(penguins.drop(columns="species"), penguins["species"])
    >>> str(classifier.predict(penguins.drop(columns="species").head(1))[0])
    'Adelie'

    Parameters are the settings of :func:`glassnet.train` (``docs/settings.md``), which does the work, and:
        ensemble: so many networks from different seeds, whose probabilities are averaged.
        scoring: a scorer's name or a function ``scorer(estimator, X, y)`` to stop by, in place of the loss
            on validation rows, which are weighed as in the loss if the scorer takes ``sample_weight``; the
            function gets ``X`` as a PyArrow table.
        random_state: a seed, a RandomState or ``None``. The same number gives the same network as ``seed``.
        progress, on_event: as in :func:`glassnet.train`; watchers of an ensemble are called from its threads.

    After ``fit``: ``classes_`` (C,), ``model_`` (a :class:`glassnet.Model`; all of them in ``models_``),
    ``n_iter_``, ``best_epoch_``, ``loss_curve_``, ``validation_loss_curve_``, ``validation_scores_`` (by
    ``scoring`` or empty), all of the first network; ``n_features_in_``, ``feature_names_in_``.
    """

    _task = "classification"

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """The label of every row, (N,); with ``return_std`` also the spread of its probability, (N,)."""
        mean, std = self.predict_proba(X, return_std=True)
        chosen = mean.argmax(axis=1)
        labels = self.classes_[chosen]
        return (labels, std[np.arange(len(std)), chosen]) if return_std else labels

    def predict_proba(self, X: Any, return_std: bool = False) -> Any:
        """The probability of each of ``classes_``, (N, C), the mean over networks.

        With ``return_std`` also their standard deviation, (N, C): how far the networks disagree; 0 for one.
        """
        each = self._predictions(X, lambda model, table: model.predict_proba(table)[:, self._places(model)])
        return (each.mean(axis=0), each.std(axis=0)) if return_std else each.mean(axis=0)

    def predict_log_proba(self, X: Any) -> Numbers:
        """The logarithm of :meth:`predict_proba`, (N, C)."""
        with np.errstate(divide="ignore"):  # a probability of 0 has the logarithm -inf
            return np.log(self.predict_proba(X))

    def _read_target(self, y: Any) -> Any:
        if y is None:
            raise ValueError("TableClassifier requires y to be passed, but the target y is None.")
        labels = column_or_1d(np.asarray(y), warn=True)
        missing = sum(map(_is_missing, labels.tolist())) if labels.dtype.kind in "fO" else 0
        if missing:
            raise ValueError(f"y is NaN or missing in {missing} row(s); leave them out of X and y.")
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y has one class only, {self.classes_.tolist()[0]!r}; there is nothing to tell apart."
            )
        _refuse_lost_labels(self.classes_)
        return labels

    def _truth(self, model: Model, table: Any) -> npt.NDArray[Any]:
        encoded, _ = model.target.encode(table)
        codes = class_codes(encoded)
        return self.classes_[np.argsort(self._places(model))][codes]

    def _places(self, model: Model) -> npt.NDArray[np.intp]:
        """Where the model has each of ``classes_``, (C,): words that are numerals, it has in numerical order."""
        table = read_table({model.target.columns[0]: self.classes_}, like=model.schema)
        encoded, _ = model.target.encode(table)
        return class_codes(encoded)


def _is_missing(label: Any) -> bool:
    return label is None or (isinstance(label, float) and np.isnan(label)) or type(label).__name__ in NOTHING


def _refuse_lost_labels(classes: npt.NDArray[Any]) -> None:
    """Labels that a table cannot hold apart would be left out of the training, or taken for each other."""
    as_words = Schema((), (Column("y", CATEGORY, text=True),), MULTICLASS)
    seen: dict[Any, Any] = {}
    for label, read in zip(
        classes.tolist(), read_table({"y": classes}, like=as_words).column("y").to_pylist(), strict=True
    ):
        if read is None:
            raise TableError(f"the label {label!r} is read as a missing value; call it something else.")
        if read in seen:
            how = (
                "tell them apart by more than spaces" if isinstance(label, str) else "hand them over as text"
            )
            raise TableError(
                f"the labels {seen[read]!r} and {label!r} are both read as {read!r}; make them one, or {how}."
            )
        seen[read] = label
