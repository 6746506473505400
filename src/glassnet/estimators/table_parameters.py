"""Parameters and attributes that :class:`TableClassifier` and :class:`TableRegressor` share.

A setting of :func:`glassnet.train` is a parameter here too, with the same default.

Parameters
----------
scoring : str, callable or None
    The metric of early stopping instead of the validation loss: a scorer's name, or a function
    ``scorer(estimator, X, y)``, which gets X as a PyArrow table. Rows are weighted as in the loss if it has a parameter
    ``sample_weight``.

random_state : int, RandomState instance or None
    Draws all random numbers. The same number gives the same network as ``seed`` of :func:`glassnet.train`.

progress : bool or None
    Whether to print the progress of training; None: if it takes more than a second.

callbacks : callable, iterable of them or None
    Functions of one event (:mod:`glassnet.training.events`).

Attributes
----------
model_ : :class:`glassnet.Model`
    The model that ``glassnet.train`` returns; it has all networks.

n_iter_ : int
    Epochs that the network was trained for; of several networks, those that all of them made.

best_epoch_ : int
    The epoch whose parameters the network keeps; of several networks, that of the lowest mean loss.

loss_curve_ : list of float
    Loss of every epoch on the training rows.

validation_loss_curve_ : list of float
    Loss of every epoch on the validation rows; empty without such rows.

validation_scores_ : list of float
    Score of every epoch by ``scoring``; empty without it.

n_features_in_ : int
    Columns of X.

feature_names_in_ : ndarray of shape (n_features,)
    Names of the columns; only if all are strings.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from glassnet.errors import in_python
from glassnet.keywords import refuse_unknown
from glassnet.tables.schema import REGRESSION
from glassnet.training import SETTINGS

Class = TypeVar("Class", bound=type)
Init = TypeVar("Init", bound=Callable[..., None])

OWN: dict[str, Any] = {
    "scoring": None,
    "random_state": None,
    "progress": False,
    "callbacks": None,
}
# arguments of ``fit``, what follows from the class, what has scikit-learn's name above, and what is for tables in files
ELSEWHERE = ("sample_weight", "groups", "time", "holdout", "task", "seed", "metric", "memory", "cache")
NAMES = {"seed": "random_state", "metric": "scoring"}


def keeps_arguments(init: Init) -> Init:
    """An ``__init__`` that assigns each argument to the attribute of its name, as scikit-learn's classes do."""
    signature = inspect.signature(init)

    @functools.wraps(init)
    def __init__(self: Any, *given: Any, **named: Any) -> None:
        refuse_unknown(type(self).__name__, named, [*signature.parameters][1:])
        bound = signature.bind(self, *given, **named)
        bound.apply_defaults()
        for name in list(signature.parameters)[1:]:
            setattr(self, name, bound.arguments[name])

    __init__.__signature__ = signature  # type: ignore[attr-defined]  # scikit-learn reads the names from it
    return cast(Init, __init__)


def settings_as_parameters(*without: str) -> Callable[[Class], Class]:
    """A class decorator that adds ``__init__``: :data:`OWN` and all settings but :data:`ELSEWHERE` and ``without``."""
    taken = (*ELSEWHERE, *without)
    defaults = {name: own.signature_default for name, own in SETTINGS.items() if name not in taken}
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in {**OWN, **defaults}.items()
    ]

    def decorate(cls: Class) -> Class:
        def __init__(self: Any) -> None: ...

        __init__.__signature__ = inspect.Signature([itself, *parameters])  # type: ignore[attr-defined]
        cls.__init__ = keeps_arguments(__init__)  # type: ignore[misc]
        return cls

    return decorate


def as_parameters(name: str, *value: object) -> str:
    """A setting as these classes spell it (see :func:`glassnet.errors.called`); the task is a class."""
    if name == "task" and value:
        return "TableRegressor" if value == (REGRESSION,) else "TableClassifier"
    return in_python(NAMES.get(name, name), *value)


def settings_of(estimator: Any) -> dict[str, Any]:
    """The settings of :func:`glassnet.train` among the parameters of ``estimator``."""
    return {name: value for name, value in estimator.get_params(deep=False).items() if name in SETTINGS}
