"""Arguments by the names of other libraries, or with a slip: what to write instead."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable
from typing import ParamSpec, TypeVar

from glassnet.errors import InputTypeError, nearest

P = ParamSpec("P")
R = TypeVar("R")

# by the names of scikit-learn, Keras, PyTorch, XGBoost and fastai; the first that a function has is meant
ELSEWHERE = {
    "hidden_layer_sizes": ("hidden",),
    "hidden_layers": ("hidden",),
    "hidden_units": ("hidden",),
    "layers": ("hidden",),
    "units": ("hidden",),
    "hidden": ("hidden_layer_sizes",),
    "max_iter": ("epochs",),
    "max_epochs": ("epochs",),
    "n_epochs": ("epochs",),
    "num_epochs": ("epochs",),
    "n_estimators": ("members", "epochs"),
    "ensemble": ("members",),
    "epochs": ("max_iter",),
    "verbose": ("progress",),
    "verbosity": ("progress",),
    "progress": ("verbose",),
    "learning_rate_init": ("learning_rate",),
    "lr": ("learning_rate", "learning_rate_init"),
    "eta": ("learning_rate",),
    "learning_rate_schedule": ("schedule",),
    "lr_schedule": ("schedule",),
    "lr_scheduler": ("schedule",),
    "solver": ("optimizer",),
    "optimizer": ("solver",),
    "momentum": ("optimizer",),
    "beta_1": ("optimizer",),
    "beta_2": ("optimizer",),
    "alpha": ("l2",),
    "weight_decay": ("l2", "alpha"),
    "l2": ("alpha",),
    "dropout_rate": ("dropout",),
    "criterion": ("loss",),
    "loss_fn": ("loss",),
    "loss_function": ("loss",),
    "kernel_initializer": ("init",),
    "activation_function": ("activation",),
    "n_iter_no_change": ("patience",),
    "early_stopping": ("patience",),
    "early_stopping_rounds": ("patience",),
    "patience": ("n_iter_no_change",),
    "validation_fraction": ("validation",),
    "validation_split": ("validation",),
    "validation_data": ("validation",),
    "eval_set": ("validation",),
    "validation": ("validation_fraction",),
    "test_size": ("holdout",),
    "scoring": ("metric",),
    "metrics": ("metric",),
    "eval_metric": ("metric",),
    "metric": ("scoring",),
    "random_state": ("seed",),
    "random_seed": ("seed",),
    "seed": ("random_state",),
    "n_jobs": ("threads",),
    "num_threads": ("threads",),
    "device": ("engine",),
    "label": ("target",),
    "target_column": ("target",),
    "y": ("target",),
    "data": ("table",),
    "df": ("table",),
    "X": ("table",),
    "class_weights": ("class_weight",),
    "scale": ("scaling",),
    "normalize": ("scaling",),
    "standardize": ("scaling",),
    "callback": ("callbacks",),
}


def advice(name: str, known: Collection[str]) -> str:
    """What to write instead of ``name``, of which there is none among ``known``; empty if that cannot be told."""
    other = next((own for own in ELSEWHERE.get(name, ()) if own in known), None)
    return f" Write {other}= instead." if other else nearest(name, known)


def refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that ``what`` does not have, each with the one to write instead.

    Raises:
        InputTypeError: which is the TypeError that Python raises for them.
    """
    names = list(known)
    faults = []
    for name in given:
        if name in names:
            continue
        faults.append(f"{what} has no argument {name!r}.{advice(name, names)}")
    if faults:
        raise InputTypeError("\n".join(faults))


def known_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """A decorator: ``function`` with the messages of :func:`refuse_unknown`."""
    names = frozenset(inspect.signature(function).parameters)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not names.issuperset(kwargs):
            refuse_unknown(function.__name__, kwargs, names)
        return function(*args, **kwargs)

    return checked
