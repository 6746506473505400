"""From settings to the records that training works with: network, start, objective, optimizer, plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from glassnet.errors import InputError, InputTypeError, SettingsError, called, unknown
from glassnet.net import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    Network,
    Objective,
    Optimizer,
    Parameters,
    Schedule,
    WarmUp,
    initialize,
)
from glassnet.tables.seeds import Randomness, generator

Settings = Mapping[str, Any]

OUTPUTS = {"regression": "identity", "binary": "sigmoid", "multiclass": "softmax"}
TASK_LOSSES = {
    "regression": "squared_error",
    "binary": "binary_log_loss",
    "multiclass": "categorical_log_loss",
}
LEARNING_RATES = {"gradient_descent": 0.1, "momentum": 0.01, "nesterov": 0.01}
ADAPTIVE_LEARNING_RATE = 0.003  # for the optimizers that scale each step themselves


@dataclass(frozen=True)
class Plan:
    """How a training goes on: in what steps, for how long, and when it ends.

    ``schedule`` gives the factor of ``learning_rate`` at every step; ``patience`` is in epochs and
    ``max_time`` in seconds, ``None`` for no such end; ``snapshots`` is how many moments to keep at most.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Schedule
    patience: int | None = None
    max_time: float | None = None
    snapshots: int = 0

    @classmethod
    def of(cls, settings: Settings, rows: int) -> Plan:
        """The plan for a training on ``rows`` rows."""
        batch_size = min(settings["batch_size"] or rows, rows)
        schedule = SCHEDULES[settings["schedule"]]()
        if settings["warm_up"]:
            schedule = WarmUp(min(settings["warm_up"] / settings["epochs"], 1.0), schedule)
        rate = settings["learning_rate"] or LEARNING_RATES.get(settings["optimizer"], ADAPTIVE_LEARNING_RATE)
        ends = settings["patience"], settings["max_time"]
        return cls(settings["epochs"], batch_size, rate, schedule, *ends, settings["snapshots"])


def output_and_loss(settings: Settings, task: str) -> tuple[str, str]:
    """The output activation and the loss: what is set, else what goes with the other, else the task's own.

    Raises:
        SettingsError: the loss is not defined for the output activation.
    """
    output, loss = settings["output"], settings["loss"]
    loss = loss or _loss_for(output, task)
    output = output or LOSSES[loss].link or OUTPUTS[task]
    if not LOSSES[loss].accepts(ACTIVATIONS[output]):
        raise SettingsError(LOSSES[loss].refusal(ACTIVATIONS[output]))
    return output, loss


def _loss_for(output: str | None, task: str) -> str:
    if task == "regression" or output is None:
        return TASK_LOSSES[task]
    return {"sigmoid": "binary_log_loss", "softmax": "categorical_log_loss"}.get(output, "squared_error")


def network_of(settings: Settings, inputs: int, outputs: int, output: str) -> Network:
    return Network.of(
        inputs,
        settings["hidden"],
        outputs,
        activation=settings["activation"],
        output=output,
        dropout=settings["dropout"],
    )


def objective_of(settings: Settings, loss: str) -> Objective:
    constants = {"huber": settings["huber_delta"], "quantile": settings["quantile"]}
    own = LOSSES[loss].with_parameter(constants[loss]) if loss in constants else loss
    return Objective(own, settings["l1"], settings["l2"])


def optimizer_of(settings: Settings) -> Optimizer:
    """The optimizer with its constants, each from the setting of the same name."""
    rule = OPTIMIZERS[settings["optimizer"]]
    return rule(**{constant.name: settings[constant.name] for constant in fields(rule)})


def initial_parameters(settings: Settings, network: Network, rng: Randomness) -> Parameters:
    """Where training starts: drawn, or as given in the setting ``initial``.

    Raises:
        SettingsError: an unknown initializer, or parameters of another shape.
        InputTypeError: something that is no start.
    """
    initial, dtype = settings["initial"], settings["dtype"]
    if initial is None or isinstance(initial, str):
        if initial is not None and initial not in INITIALIZERS:
            raise SettingsError(unknown(called("initial"), initial, INITIALIZERS))
        return initialize(network, generator(rng), initial, dtype)
    try:
        if isinstance(initial, np.ndarray) and initial.ndim == 1:
            start = Parameters(network, initial.astype(dtype, casting="same_kind"))
        else:
            start = Parameters.of(network, initial, dtype)
    except InputError:  # another shape
        raise
    except (TypeError, ValueError):
        raise InputTypeError(
            f"{called('initial')} is {initial!r:.80}, but must be the name of an initializer, one pair "
            "(weights, biases) for each layer, or a flat array of all parameters."
        ) from None
    if not np.isfinite(start.vector).all():
        raise SettingsError(
            f"{called('initial')} holds numbers that are not finite; training needs finite ones to start from."
        )
    return start
