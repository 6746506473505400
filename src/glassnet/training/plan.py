"""From settings to the records that training works with: network, initial parameters, objective, plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from glassnet.errors import InputError, InputTypeError, SettingsError, called, unknown
from glassnet.net import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    Network,
    Objective,
    Optimizer,
    Parameters,
    Schedule,
    initialize,
)
from glassnet.tables.seeds import Randomness, generator
from glassnet.training.settings import Settings

OUTPUTS = {"regression": "identity", "binary": "sigmoid", "multiclass": "softmax"}
TASK_LOSSES = {
    "regression": "squared_error",
    "binary": "binary_log_loss",
    "multiclass": "categorical_log_loss",
}
OUTPUT_LOSSES = {"sigmoid": "binary_log_loss", "softmax": "categorical_log_loss"}  # of classes


@dataclass(frozen=True)
class Plan:
    """How a training proceeds: in what steps, for how long, and when it ends.

    ``schedule`` gives the factor of ``learning_rate`` at every step; ``patience`` is in epochs and
    ``max_time`` in seconds, ``None`` for no limit; ``snapshots`` is the maximum number of kept epochs.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Schedule
    optimizer: Optimizer
    patience: int | None = None
    max_time: float | None = None
    snapshots: int = 0

    @classmethod
    def of(cls, settings: Settings, rows: int) -> Plan:
        """The plan for a training on ``rows`` rows."""
        return cls(
            epochs=settings.epochs,
            batch_size=min(settings.batch_size or rows, rows),
            learning_rate=settings.rate,
            schedule=settings.schedule,
            optimizer=settings.optimizer,
            patience=settings.patience,
            max_time=settings.max_time,
            snapshots=settings.snapshots,
        )


def for_task(settings: Settings, task: str) -> Settings:
    """``settings`` with an output activation and a loss: those set, or else what fits the other, or the task.

    Raises:
        SettingsError: the loss is not defined for the output activation.
    """
    output, loss = settings.output_activation, settings.loss
    if loss is None:
        name = TASK_LOSSES[task]
        if output is not None and task != "regression":
            name = OUTPUT_LOSSES.get(output.name, "squared_error")
        loss = LOSSES[name]
    output = output or ACTIVATIONS[loss.link or OUTPUTS[task]]
    if not loss.accepts(output):
        raise SettingsError(loss.refusal(output))
    return replace(settings, output_activation=output, loss=loss)


def network_of(settings: Settings, inputs: int, outputs: int) -> Network:
    return Network.of(
        inputs,
        settings.hidden,
        outputs,
        activation=settings.activation,
        output=settings.output_activation or "identity",
        dropout=settings.dropout,
    )


def objective_of(settings: Settings) -> Objective:
    """The objective of a training, whose settings name a loss."""
    return Objective(settings.loss or "squared_error", settings.l1, settings.l2)


def initial_parameters(settings: Settings, network: Network, rng: Randomness) -> Parameters:
    """The parameters before training: drawn, or as given in the setting ``init``.

    Raises:
        SettingsError: an unknown initializer, or parameters of another shape.
        InputTypeError: something of another type.
    """
    init, dtype = settings.init, settings.dtype
    if init is None or isinstance(init, str):
        if init is not None and init not in INITIALIZERS:
            raise SettingsError(unknown(called("init"), init, INITIALIZERS))
        return initialize(network, generator(rng), init, dtype)
    try:
        if isinstance(init, np.ndarray) and init.ndim == 1:
            start = Parameters(network, init.astype(dtype, casting="same_kind"))
        else:
            start = Parameters.of(network, init, dtype)
    except InputError:  # another shape
        raise
    except (TypeError, ValueError):
        raise InputTypeError(
            f"{called('init')} is {init!r:.80}, but must be the name of an initializer, one pair "
            "(weights, biases) for each layer, or a flat array of all parameters."
        ) from None
    if not np.isfinite(start.vector).all():
        raise SettingsError(f"{called('init')} holds numbers that are not finite, but all must be finite.")
    return start
