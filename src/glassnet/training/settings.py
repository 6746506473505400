"""Every setting of :func:`glassnet.train`, in one table.

The table drives the validation of a call, the options of the command line and the page of the
documentation. A row added here is a setting in all three.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.errors import Faults, SettingsError, called, nearest
from glassnet.net import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from glassnet.training.setting import Setting

HIDDEN_ACTIVATIONS = tuple(name for name, row in ACTIVATIONS.items() if not row.output_only)

# fmt: off
_ROWS = (
    # the network
    Setting("hidden", "network", "whole", (128, 64), "Neurons in each hidden layer; empty for none.",
            "on 14 real tables better than 64,32, and still trained in seconds", minimum=1, many=True),
    Setting("activation", "network", "choice", "relu", "Activation of the hidden layers, one for all or one each.",
            "trains fast and keeps gradients alive", choices=HIDDEN_ACTIVATIONS, many=True),
    Setting("output", "network", "choice", None, "Activation of the output layer.",
            choices=tuple(ACTIVATIONS), optional=True,
            none="by task and loss: identity for numbers, sigmoid for two classes, softmax for several"),
    Setting("dropout", "network", "number", 0.0, "Share of hidden activations dropped, one for all or one each.",
            "early stopping guards most tables well enough", minimum=0, maximum=1, below=True, many=True),
    Setting("initial", "network", "anything", None,
            "Start of the weights: an initializer's name, (weights, biases) for each layer, or parameters.",
            optional=True, none="for each layer the initializer that suits its activation"),
    # what is made small
    Setting("loss", "objective", "choice", None, "What training makes small.", choices=tuple(LOSSES),
            optional=True, none="by task: squared_error, binary_log_loss or categorical_log_loss"),
    Setting("huber_delta", "objective", "number", 1.0, "Where the huber loss turns from squared to absolute.",
            "one standard deviation of a standardized target", minimum=0, above=True),
    Setting("quantile", "objective", "number", 0.5, "Which quantile the quantile loss predicts.",
            "the median", minimum=0, maximum=1, above=True, below=True),
    Setting("l1", "objective", "number", 0.0, "Penalty on the sum of the absolute weights.", "off", minimum=0),
    Setting("l2", "objective", "number", 1e-4, "Penalty on half the sum of the squared weights.",
            "a light hand", minimum=0),
    # how it is made small
    Setting("optimizer", "descent", "choice", "adam", "The rule that turns gradients into steps.",
            "needs the least tuning", choices=tuple(OPTIMIZERS)),
    Setting("learning_rate", "descent", "number", None, "Length of a step.", minimum=0, above=True, optional=True,
            none="0.003 for adam, adamw, rmsprop (better than 0.001 on 14 real tables), 0.01 with momentum, else 0.1"),
    Setting("momentum", "descent", "number", 0.9, "How much of the last step momentum and nesterov keep.",
            "the usual value", minimum=0, maximum=1, below=True),
    Setting("decay", "descent", "number", 0.9, "How slowly rmsprop forgets squared gradients.",
            "Hinton's value", minimum=0, maximum=1, below=True),
    Setting("beta1", "descent", "number", 0.9, "How slowly adam and adamw forget gradients.",
            "the paper's value", minimum=0, maximum=1, below=True),
    Setting("beta2", "descent", "number", 0.999, "How slowly adam and adamw forget squared gradients.",
            "the paper's value", minimum=0, maximum=1, below=True),
    Setting("epsilon", "descent", "number", 1e-8, "Keeps rmsprop, adam and adamw from dividing by zero.",
            "the paper's value", minimum=0, above=True),
    Setting("weight_decay", "descent", "number", 0.01, "Share of the parameters that adamw takes away at rate 1.",
            "the paper's value", minimum=0),
    Setting("max_norm", "descent", "number", None, "Longest gradient allowed; a longer one is shortened to it.",
            minimum=0, above=True, optional=True, none="gradients are not clipped"),
    Setting("schedule", "descent", "choice", "constant", "How the learning rate changes over the epochs.",
            "early stopping makes the length of a training unknown beforehand", choices=tuple(SCHEDULES)),
    Setting("warm_up", "descent", "number", 0.0, "Epochs over which the learning rate rises to its value.",
            "off", minimum=0),
    # for how long
    Setting("epochs", "length", "whole", 200, "Most passes over the training rows.",
            "early stopping usually ends sooner", minimum=1),
    Setting("batch_size", "length", "whole", 32, "Rows in a step.", "small steps generalize well",
            minimum=1, optional=True, none="all rows at once"),
    Setting("patience", "length", "whole", 20, "Epochs without a better validation loss before training stops.",
            "long enough for a noisy curve", minimum=1, optional=True,
            none="never stop early; the best epoch is still kept"),
    Setting("metric", "length", "anything", None,
            "What early stopping judges by: accuracy, log_loss, auc, rmse, mae, r2, or a function.",
            optional=True, none="the loss of the validation rows"),
    Setting("max_time", "length", "number", None, "Most seconds of training.", minimum=0, above=True,
            optional=True, none="no limit"),
    Setting("snapshots", "length", "whole", 0,
            "Most moments of the training to keep, evenly spaced; each takes the memory of the parameters.",
            "off, for models stay small; 32 let every weight's path be seen", minimum=0),
    # the rows and columns
    Setting("validation", "data", "number", 0.2, "Share of the rows kept for early stopping; 0 for none.",
            "enough to see over-fitting", minimum=0, maximum=1, below=True),
    Setting("holdout", "data", "number", 0.0, "Share of the rows kept for the final figure; 0 for none.",
            "in Python people bring their own test rows; the command line keeps 0.2",
            minimum=0, maximum=1, below=True),
    Setting("task", "data", "choice", None, "What to predict.",
            choices=("regression", "classification", "binary", "multiclass"), optional=True,
            none="inferred from the target's values"),
    Setting("kinds", "data", "anything", None,
            "What columns are, by name: number, boolean, category, datetime or ignore.",
            optional=True, none="all inferred"),
    Setting("weights", "data", "anything", None,
            "How much each row counts: the name of a column, or one number a row.",
            optional=True, none="all the same"),
    Setting("class_weight", "data", "anything", None,
            "How much each class counts: balanced (all classes the same), or a number by label.",
            optional=True, none="each row counts the same"),
    Setting("standardize", "data", "flag", True, "Shift and scale numbers to mean 0 and standard deviation 1.",
            "networks learn badly from unscaled numbers"),
    # how it runs
    Setting("dtype", "run", "choice", "float32", "Precision of the arithmetic.",
            "fast, and precise enough for tables", choices=("float32", "float64")),
    Setting("seed", "run", "whole", None, "Makes a run repeatable: same data, settings and seed, same parameters.",
            minimum=0, optional=True, none="one is drawn and recorded"),
    Setting("engine", "run", "anything", "auto", "Who does the arithmetic; auto takes the fastest that can serve.",
            "same answers, sooner"),
    Setting("threads", "run", "whole", None, "Most threads.", minimum=1, optional=True,
            none="the engine chooses"),
)
# fmt: on

SETTINGS: dict[str, Setting] = {row.name: row for row in _ROWS}


def validate(given: Mapping[str, Any]) -> dict[str, Any]:
    """All settings, checked: those ``given``, and the defaults of the others.

    Raises:
        SettingsError: with one message for each fault.
    """
    faults = Faults(SettingsError)
    settings = {name: row.default for name, row in SETTINGS.items()}
    for name, value in given.items():
        if name not in SETTINGS:
            faults.add(f"there is no setting {name!r}.{nearest(name, SETTINGS)}")
        elif value is not settings[name]:  # a default needs no check
            try:
                settings[name] = SETTINGS[name].check(value)
            except SettingsError as error:
                faults.add(str(error))
    for name in ("activation", "dropout"):
        value, layers = settings[name], settings["hidden"]
        if isinstance(value, tuple) and isinstance(layers, tuple) and len(value) != len(layers):
            faults.add(
                f"{called(name)} has {len(value)} entries, but {called('hidden')} has {len(layers)}; "
                "give one for all, or one each."
            )
    validation, holdout = settings["validation"], settings["holdout"]
    if validation + holdout >= 1:
        faults.add(
            f"{called('validation', validation)} and {called('holdout', holdout)} leave no rows to train on; "
            "together they must be below 1."
        )
    faults.raise_if_any()
    return settings
