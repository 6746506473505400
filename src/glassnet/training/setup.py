"""From settings to the network of a training and its initial parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, InputTypeError, SettingsError, called, unknown
from glassnet.memory import as_text, check_memory
from glassnet.net import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    Network,
    Parameters,
    initialize,
)
from glassnet.tables.seeds import Randomness, Stream, generator
from glassnet.training.settings import Settings

OUTPUTS = {
    "regression": "identity",
    "binary": "sigmoid",
    "multiclass": "softmax",
    "multilabel": "sigmoid",
}
TASK_LOSSES = {
    "regression": "squared_error",
    "binary": "binary_log_loss",
    "multiclass": "categorical_log_loss",
    "multilabel": "binary_log_loss",
}
MOST_AUTO_EPOCHS = 5000  # where each has one step
OUTPUT_LOSSES = {"sigmoid": "binary_log_loss", "softmax": "categorical_log_loss"}  # of classes


class Streams(NamedTuple):
    """The streams that the seed of a training is split into; the split of the rows is the same for all members."""

    split: Stream
    start: Stream
    order: Stream
    masks: Stream

    @classmethod
    def of(cls, seed: int, member: int = 0) -> Streams:
        own = [Stream(seed, number, member) for number in (1, 2, 3)]
        return cls(Stream(seed, 0), *own)

    @property
    def dropout_seed(self) -> int:
        """The 64-bit key of the dropout masks."""
        return int(self.masks.sequence().generate_state(1, np.uint64)[0])


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
    if task == "multilabel" and output.whole_row:
        raise SettingsError(
            f"{called('output_activation', output.name)} chooses one of all outputs, but several targets of classes "
            "need a choice for each; use sigmoid."
        )
    return settings.with_checked(output_activation=output, loss=loss)


def network_of(settings: Settings, inputs: int, outputs: int) -> Network:
    return Network.of(
        inputs,
        settings.hidden,
        outputs,
        activation=settings.activation,
        output=settings.output_activation or "identity",
        dropout=settings.dropout,
    )


def places_of(network: Network, used: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The places in the flat vector of ``network`` of the parameters of one that has the inputs ``used`` alone."""
    _, width = network.shapes[0]
    weights = (used[:, None] * width + np.arange(width)).ravel()
    return np.concatenate([weights, np.arange(network.inputs * width, network.parameter_count)])


def initial_parameters(
    settings: Settings, network: Network, rng: Randomness, used: npt.NDArray[np.intp] | None = None
) -> Parameters:
    """The parameters before training: drawn, or as given in the setting ``init``.

    With ``used`` (B,), they are those of a network of these inputs, and the weights of the others are 0.

    Raises:
        SettingsError: an unknown initializer, parameters of another shape, or more memory than there is.
        InputTypeError: something of another type.
    """
    init, dtype = settings.init, settings.dtype
    _check_memory(settings, network)
    if init is None or isinstance(init, str):
        if init is not None and init not in INITIALIZERS:
            raise SettingsError(unknown(called("init"), init, INITIALIZERS))
        if used is None:
            return initialize(network, generator(rng), init, dtype)
        drawn = initialize(replace(network, inputs=len(used)), generator(rng), init, dtype)
        start = Parameters.zeros(network, dtype)
        start.vector[places_of(network, used)] = drawn.vector
        return start
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
    if used is not None:
        start[0].weights[np.setdiff1d(np.arange(network.inputs), used)] = 0
    return start


def _check_memory(settings: Settings, network: Network) -> None:
    """Refuse a training that the memory cannot hold.

    Counted are the initial, the current, the best and the learnt parameters, the weights once more in the order of the
    backward pass, the optimizer's moments, now and at the best epoch, and the snapshots.
    """
    size = network.parameter_count * np.dtype(settings.dtype).itemsize

    def parameters() -> str:
        hidden = called("hidden", list(settings.hidden))
        hidden = hidden if len(hidden) < 80 else f"{len(settings.hidden)} hidden layers"
        count = f"the {network.parameter_count:,} parameters of {network.inputs:,} inputs and {hidden}"
        return f"{count}, with what training keeps of them,"

    held = 5 + 2 * settings.optimizer.moment_count
    check_memory(held * size, parameters, "use fewer neurons", SettingsError)
    kept = min(settings.snapshots, settings.epochs if isinstance(settings.epochs, int) else MOST_AUTO_EPOCHS)
    check_memory(
        kept * size, lambda: f"{kept:,} {called('snapshots')} of {as_text(size)}", "keep fewer", SettingsError
    )
