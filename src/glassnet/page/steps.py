"""The arithmetic of a single step of the optimizer, as the page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.net import Parameters, backward, dropout_masks, forward
from glassnet.training.setup import Streams

if TYPE_CHECKING:
    from glassnet.net.arrays import Array
    from glassnet.trained import TrainedModel
    from glassnet.training.events import StepDone

SHOWN_ROWS = 200  # of a batch


def step_facts(step: StepDone, train: Any) -> dict[str, Any]:
    """What is said of a step; ``train`` are the numbers of the training rows in the table."""
    return {
        "number": step.after.state.step,
        "epoch": step.epoch,
        "place": step.place,
        "steps": step.steps,
        "count": len(step.rows),
        "rows": np.asarray(train)[step.rows[:SHOWN_ROWS]].tolist(),
        "rate": step.rate,
        "loss": step.loss,
    }


def step_vectors(model: TrainedModel, step: StepDone) -> list[Array]:
    """Each (P,): the parameters before the step, its gradient, the parameters after it, and each of the optimizer's
    moments before and after it.
    """
    before, after = step.before, step.after
    pairs = zip(before.state.moments, after.state.moments, strict=True)
    moments = [moment for pair in pairs for moment in pair]
    return [before.parameters, gradient_of(model, step), after.parameters, *moments]


def gradient_of(model: TrainedModel, step: StepDone) -> Array:
    """The gradient (P,) of the objective over the batch of the step, with the dropout masks of that step.

    It is computed by :mod:`glassnet.net`, with which every engine agrees up to rounding.
    """
    network, batch = model.network, step.batch
    start = Parameters(network, step.before.parameters)
    seed = Streams.of(model.settings.seed or 0).dropout_seed
    masks = dropout_masks(network, len(batch), seed=seed, step=step.before.state.step, dtype=start.dtype)
    trace = forward(network, start, batch.inputs, masks)
    return backward(network, start, trace, batch.targets, model.objective, batch.weights).parameters.vector
