"""Docstrings of classes in numpydoc's form, from which scikit-learn's tools show what a parameter is.

What several classes share is told once, here; what a setting of :func:`glassnet.train` does, in the table of settings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from textwrap import fill, indent
from typing import TypeVar

from glassnet.training import SETTINGS
from glassnet.training.setting import Setting

Class = TypeVar("Class", bound=type)
Told = Mapping[str, tuple[str, str]]  # by name, the type and what it is

WIDTH = 100
TYPES = {"integer": "int", "number": "float", "flag": "bool", "object": "object"}

DROP_IN_PARAMETERS: Told = {
    "loss": (
        "{'squared_error', 'poisson'}",
        "What training makes small: 'squared_error' with an identity output, or 'poisson' with an exponential "
        "one, for y >= 0.",
    ),
    "hidden_layer_sizes": (
        "int or array-like of shape (n_layers - 2,)",
        "Neurons of each hidden layer.",
    ),
    "activation": (
        "{'identity', 'logistic', 'tanh', 'relu'}",
        "Activation of the hidden layers.",
    ),
    "solver": (
        "{'lbfgs', 'sgd', 'adam'}",
        "How the loss is made small: by L-BFGS on all rows at once, or step by step on batches of rows.",
    ),
    "alpha": ("float", "L2 penalty, divided by the rows of a batch."),
    "batch_size": ("int or 'auto'", "Rows in a step of sgd and adam; 'auto' is ``min(200, n_samples)``."),
    "learning_rate": (
        "{'constant', 'invscaling', 'adaptive'}",
        "How the rate of sgd changes: not at all; as ``learning_rate_init / (t + 1)**power_t`` after ``t`` rows; "
        "or divided by 5 whenever training gets no better.",
    ),
    "learning_rate_init": ("float", "Length of a step of sgd and adam, to begin with."),
    "power_t": ("float", "Exponent of learning_rate='invscaling'."),
    "max_iter": ("int", "Most epochs; of lbfgs, most iterations."),
    "shuffle": ("bool", "Whether sgd and adam take the rows in a new order each epoch."),
    "random_state": (
        "int, RandomState instance or None",
        "Draws the initial weights, the validation rows and the orders of the rows. An int makes a fit repeatable.",
    ),
    "tol": (
        "float",
        "Training ends when ``n_iter_no_change`` epochs in a row were not better by so much; of lbfgs, when no "
        "slope is steeper.",
    ),
    "verbose": ("bool or int", "Whether to print the loss of every epoch of sgd and adam."),
    "warm_start": ("bool", "Whether ``fit`` goes on from the last fit."),
    "momentum": ("float", "Share of the last step that sgd keeps, from 0 to 1."),
    "nesterovs_momentum": (
        "bool",
        "Whether the momentum of sgd is Nesterov's.",
    ),
    "early_stopping": (
        "bool",
        "Whether sgd and adam judge by the score on ``validation_fraction`` of the rows, and keep the best "
        "parameters, in place of judging by the training loss.",
    ),
    "validation_fraction": ("float", "Share of the rows that ``early_stopping`` holds out."),
    "beta_1": ("float", "How slowly adam forgets gradients."),
    "beta_2": ("float", "How slowly adam forgets squared gradients."),
    "epsilon": ("float", "Keeps adam from dividing by zero."),
    "n_iter_no_change": ("int or inf", "Epochs of sgd and adam that may pass without getting better by ``tol``."),
    "max_fun": ("int", "Most times that lbfgs may compute the loss."),
}  # fmt: skip

_INPUTS: Told = {
    "n_features_in_": ("int", "Columns of X."),
    "feature_names_in_": (
        "ndarray of shape (n_features_in_,)",
        "Names of the columns; only where all are text.",
    ),
}
DROP_IN_ATTRIBUTES: Told = {
    "coefs_": ("list of n_layers_ - 1 ndarrays", "Weights between two layers, each (inputs, outputs)."),
    "intercepts_": ("list of n_layers_ - 1 ndarrays", "Biases of a layer, each (outputs,)."),
    "loss_": ("float", "Loss of the last epoch, penalty included."),
    "n_iter_": ("int", "Epochs or iterations of the last fit."),
    "t_": ("int", "Rows trained on by sgd and adam, each counted every time."),
    "n_layers_": ("int", "Layers, inputs and outputs included."),
    "n_outputs_": ("int", "Outputs of the network."),
    "out_activation_": ("str", "Activation of the output layer: 'identity', 'exp', 'logistic' or 'softmax'."),
    "loss_curve_": ("list of float", "Loss of every epoch; only of sgd and adam."),
    "best_loss_": ("float or None", "Smallest loss of an epoch; None with early_stopping; only of sgd and adam."),
    "validation_scores_": (
        "list of float or None",
        "Score of every epoch on the rows held out; only with early_stopping, else None.",
    ),
    "best_validation_score_": (
        "float or None",
        "Largest of the ``validation_scores_``; only with early_stopping, else None.",
    ),
    **_INPUTS,
}  # fmt: skip
CLASSES: Told = {"classes_": ("ndarray of shape (n_classes,)", "The labels.")}


def _of_setting(row: Setting) -> tuple[str, str]:
    kind = "{" + ", ".join(map(repr, row.choices)) + "}" if row.choices else TYPES[row.type]
    kind += " or object" * (row.type in ("activation", "rule"))
    kind += " or sequence of them" * row.many + " or None" * row.optional
    bounds = f" {str(row.bounds).capitalize()}." if str(row.bounds) else ""
    none = f" None: {row.none}." if row.none else ""
    return kind, f"{row.help}{bounds}{none}"


TABLE_PARAMETERS: Told = {
    "ensemble": ("int", "So many networks from different seeds, whose predictions are averaged."),
    "scoring": (
        "str, callable or None",
        "What to stop by in place of the loss on validation rows: a scorer's name, or a function "
        "``scorer(estimator, X, y)``, which gets X as a PyArrow table. Rows are weighed as in the loss if it takes "
        "``sample_weight``.",
    ),
    "random_state": (
        "int, RandomState instance or None",
        "Draws all that is random. The same number gives the same network as ``seed`` of :func:`glassnet.train`.",
    ),
    "progress": (
        "bool or None",
        "Whether to print how far training is; None: if that takes more than a second.",
    ),
    "callbacks": (
        "callable, iterable of them or None",
        "Functions of one event (:mod:`glassnet.training.events`); those of an ensemble are called from its threads.",
    ),
    **{name: _of_setting(row) for name, row in SETTINGS.items()},
}
TABLE_ATTRIBUTES: Told = {
    "model_": (":class:`glassnet.Model`", "The (first) network, with everything that it can show."),
    "models_": ("list of :class:`glassnet.Model`", "All networks of the ensemble."),
    "n_iter_": ("int", "Epochs that the first network was trained for."),
    "best_epoch_": ("int", "The epoch whose parameters the first network keeps."),
    "loss_curve_": ("list of float", "Loss of every epoch on the training rows."),
    "validation_loss_curve_": ("list of float", "Loss of every epoch on the validation rows; empty without."),
    "validation_scores_": ("list of float", "Score of every epoch by ``scoring``; empty without."),
    **_INPUTS,
}


def documented(parameters: Told, attributes: Told) -> Callable[[Class], Class]:
    """A class decorator that tells what the parameters in the constructor are, and the attributes after ``fit``.

    The sections stand before "See Also" in the class's own docstring.
    """

    def decorate(cls: Class) -> Class:
        if cls.__doc__:  # Python leaves docstrings out when it is asked to
            before, heading, after = inspect.cleandoc(cls.__doc__).partition("See Also\n")
            taken = inspect.signature(cls).parameters.values()
            given = {
                one.name: (f"{parameters[one.name][0]}, default={one.default!r}", parameters[one.name][1])
                for one in taken
            }
            cls.__doc__ = before + _section("Parameters", given) + _section("Attributes", attributes)
            cls.__doc__ += heading + after
        return cls

    return decorate


def _section(title: str, told: Told) -> str:
    entries = [f"{name} : {kind}\n{indent(fill(text, WIDTH), '    ')}" for name, (kind, text) in told.items()]
    return f"{title}\n{'-' * len(title)}\n" + "\n\n".join(entries) + "\n\n"
