"""The constructor of the table-facing classes, made from the table of settings.

So a setting that :func:`glassnet.train` gets is a parameter here too, with the same default.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from glassnet.errors import in_python
from glassnet.tables.schema import REGRESSION
from glassnet.training import SETTINGS

Class = TypeVar("Class", bound=type)

OWN: dict[str, Any] = {
    "ensemble": 1,
    "scoring": None,
    "random_state": None,
    "progress": False,
    "callbacks": None,
}
# what ``fit`` is told, what the class says by itself, and what goes by scikit-learn's name above
ELSEWHERE = ("sample_weight", "holdout", "task", "seed", "metric")
NAMES = {"seed": "random_state", "metric": "scoring"}


def settings_as_parameters(*without: str) -> Callable[[Class], Class]:
    """A class decorator that adds ``__init__``: :data:`OWN` and all settings but :data:`ELSEWHERE` and ``without``."""
    defaults = {name: row.default for name, row in SETTINGS.items() if name not in (*ELSEWHERE, *without)}

    def decorate(cls: Class) -> Class:
        cls.__init__ = _constructor({**OWN, **defaults})  # type: ignore[misc]
        return cls

    return decorate


def _constructor(defaults: Mapping[str, Any]) -> Callable[..., None]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [inspect.Parameter(name, keyword, default=default) for name, default in defaults.items()]
    signature = inspect.Signature([itself, *parameters])

    def __init__(self: Any, **given: Any) -> None:
        bound = signature.bind(self, **given)
        bound.apply_defaults()
        for name in defaults:
            setattr(self, name, bound.arguments[name])

    __init__.__signature__ = signature  # type: ignore[attr-defined]  # scikit-learn reads the names from it
    return __init__


def as_parameters(name: str, *value: object) -> str:
    """How these classes call a setting (see :func:`glassnet.errors.called`); a task is a class."""
    if name == "task" and value:
        return "TableRegressor" if value == (REGRESSION,) else "TableClassifier"
    return in_python(NAMES.get(name, name), *value)


def settings_of(estimator: Any) -> dict[str, Any]:
    """The settings of :func:`glassnet.train` that the parameters of ``estimator`` are."""
    return {name: value for name, value in estimator.get_params(deep=False).items() if name in SETTINGS}
