"""A complete, see-through multi-layer perceptron: fit it in one line, look inside, trust it.

>>> import glassnet
>>> model = glassnet.train("my.csv", target="price")    # doctest: +SKIP
>>> model.predict("new.csv")                            # doctest: +SKIP

Everything loads when it is first used, so that importing the package costs next to nothing. What needs packages that
are not installed is there as well; using it raises an ImportError that names the extra.
"""

from __future__ import annotations

from glassnet.version import VERSION

TYPE_CHECKING = False  # typing takes longer to load than the rest; before, the command cannot handle Ctrl-C
if TYPE_CHECKING:
    from typing import Any

    from glassnet import distributed, engines, estimators, inside, net, pictures, serve, tables, training
    from glassnet.continuation import train_more
    from glassnet.errors import AssumptionWarning, CheckpointWarning, ResultWarning
    from glassnet.estimators import MLPClassifier, MLPRegressor, TableClassifier, TableRegressor
    from glassnet.evaluation import Evaluation
    from glassnet.fit import train
    from glassnet.inside import compare
    from glassnet.model import Model, from_keras, from_sklearn, from_torch, load
    from glassnet.searching import search
    from glassnet.watching import watch

__version__ = VERSION

_HOMES = {
    "AssumptionWarning": "glassnet.errors",
    "CheckpointWarning": "glassnet.errors",
    "ResultWarning": "glassnet.errors",
    "Evaluation": "glassnet.evaluation",
    "MLPClassifier": "glassnet.estimators",
    "MLPRegressor": "glassnet.estimators",
    "Model": "glassnet.model",
    "TableClassifier": "glassnet.estimators",
    "TableRegressor": "glassnet.estimators",
    "compare": "glassnet.inside",
    "from_keras": "glassnet.model",
    "from_sklearn": "glassnet.model",
    "from_torch": "glassnet.model",
    "load": "glassnet.model",
    "search": "glassnet.searching",
    "train": "glassnet.fit",
    "train_more": "glassnet.continuation",
    "watch": "glassnet.watching",
}
_ROOMS = ("distributed", "engines", "estimators", "inside", "net", "pictures", "serve", "tables", "training")

__all__ = [
    "AssumptionWarning",
    "CheckpointWarning",
    "Evaluation",
    "MLPClassifier",
    "MLPRegressor",
    "Model",
    "ResultWarning",
    "TableClassifier",
    "TableRegressor",
    "compare",
    "distributed",
    "engines",
    "estimators",
    "from_keras",
    "from_sklearn",
    "from_torch",
    "inside",
    "load",
    "net",
    "pictures",
    "search",
    "serve",
    "tables",
    "train",
    "train_more",
    "training",
    "watch",
]


class _NotInstalled:
    """Takes the place of what needs a package that is not installed, so that ``from glassnet import *`` works."""

    def __init__(self, error: ImportError) -> None:
        self._error = error

    def __call__(self, *arguments: object, **keywords: object) -> None:
        raise self._error

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):  # which Python and tools ask of every object
            raise AttributeError(name)
        raise self._error

    def __repr__(self) -> str:
        return f"<not installed: {self._error}>"


def __getattr__(name: str) -> Any:
    from importlib import import_module

    try:
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        if name in _ROOMS:
            return import_module(f"glassnet.{name}")
    except ImportError as error:
        return _NotInstalled(error)
    raise AttributeError(f"module 'glassnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
