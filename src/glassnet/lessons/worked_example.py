"""The worked example: four inputs, two hidden layers of five, one output, and every number in sight.

The example follows the gradient of ½ Σ (y - a)², but takes two liberties with it:

1. the biases of the first hidden layer move with the rate 1, all else with 0.1;
2. a layer's delta is computed through weights of the layer after it that have *already* moved.

:func:`run` trains the network four times from the same start, with and without each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glassnet.net import Network, Objective, Parameters, State, Trace, backward, forward
from glassnet.net.arrays import Array
from glassnet.net.optimizers import GradientDescent

INPUTS = ((1, 0, 1, 0), (1, 0, 1, 1), (0, 1, 0, 1))
TARGETS = ((1,), (1,), (0,))
NETWORK = Network.of(4, (5, 5), 1, activation="sigmoid", output="sigmoid")
SEED = 3
STEPS = 10_001
REPORT_EVERY = 1_000
LEARNING_RATE = 0.1

_OBJECTIVE = Objective("squared_error")


@dataclass(frozen=True)
class Liberties:
    """How the example departs from the gradient; by default it does not."""

    first_bias_rate: float = LEARNING_RATE
    through_updated_weights: bool = False


EXACT = Liberties()
AS_THE_EXAMPLE = Liberties(first_bias_rate=1.0, through_updated_weights=True)
ALL_LIBERTIES = (
    AS_THE_EXAMPLE,
    Liberties(through_updated_weights=True),
    Liberties(first_bias_rate=1.0),
    EXACT,
)


@dataclass(frozen=True)
class Milestone:
    """What stood at a step: the sum of the signed errors, and the loss ½ Σ error² that is descended."""

    step: int
    error_sum: float
    loss: float


@dataclass(frozen=True)
class Training:
    """One training: ``outputs`` (3, 1) are those of the last forward pass, which the last step followed."""

    liberties: Liberties
    milestones: tuple[Milestone, ...]
    learnt: Parameters
    outputs: Array


@dataclass(frozen=True)
class WorkedExample:
    """Everything that the lesson tells. ``trainings`` are in the order of ``ALL_LIBERTIES``."""

    network: Network
    inputs: Array
    targets: Array
    initial: Parameters
    first_pass: Trace
    trainings: tuple[Training, ...]

    @property
    def as_the_example(self) -> Training:
        return self.trainings[0]

    @property
    def exact(self) -> Training:
        return self.trainings[-1]


def start() -> Parameters:
    """The example's start: standard normal, drawn layer by layer, weights before biases."""
    # The example's figures hang on NumPy's legacy generator, whose stream is frozen for good (NEP 19).
    rng = np.random.RandomState(SEED)
    layers = [(rng.standard_normal((i, o)), rng.standard_normal((1, o))) for i, o in NETWORK.shapes]
    return Parameters.of(NETWORK, layers)


def run(steps: int = STEPS) -> WorkedExample:
    """Compute the whole lesson; with all its 10,001 steps that takes a second or two."""
    inputs = np.array(INPUTS, np.float64)
    targets = np.array(TARGETS, np.float64)
    initial = start()
    return WorkedExample(
        network=NETWORK,
        inputs=inputs,
        targets=targets,
        initial=initial,
        first_pass=forward(NETWORK, initial, inputs),
        trainings=tuple(train(initial, inputs, targets, each, steps) for each in ALL_LIBERTIES),
    )


def train(
    initial: Parameters, inputs: Array, targets: Array, liberties: Liberties, steps: int = STEPS
) -> Training:
    """Forward, backward, update: ``steps`` times, on all rows at once."""
    parameters = initial.copy()
    step = updated_weights_step if liberties.through_updated_weights else gradient_step
    rates = learning_rates(liberties)
    milestones: list[Milestone] = []
    for number in range(steps):
        trace = forward(NETWORK, parameters, inputs)
        if number and number % REPORT_EVERY == 0:
            error = targets - trace.outputs
            milestones.append(Milestone(number, float(error.sum()), float((error**2).sum() / 2)))
        parameters = step(parameters, trace, targets, rates)
    return Training(liberties, tuple(milestones), parameters, trace.outputs)


def learning_rates(liberties: Liberties) -> Parameters:
    """The learning rate of every single weight and bias."""
    rates = Parameters(NETWORK, np.full(NETWORK.parameter_count, LEARNING_RATE))
    rates[0].biases[...] = liberties.first_bias_rate
    return rates


Step = Callable[[Parameters, Trace, Array, Parameters], Parameters]
Vector = npt.NDArray[np.float64]

_DESCENT = GradientDescent()
_NOTHING_REMEMBERED = State(0, ())


def gradient_step(parameters: Parameters, trace: Trace, targets: Array, rates: Parameters) -> Parameters:
    """θ ← θ - η ∂(½ Σ error²)/∂θ, the whole gradient computed before anything moves."""
    mean_gradient = backward(NETWORK, parameters, trace, targets, _OBJECTIVE).parameters
    # backward() differentiates the mean over the rows; the example descends their sum.
    gradient = len(targets) * mean_gradient.vector
    vector, _ = _DESCENT.update(parameters.vector, rates.vector * gradient, _NOTHING_REMEMBERED, 1.0)
    return Parameters(NETWORK, vector)


def updated_weights_step(
    parameters: Parameters, trace: Trace, targets: Array, rates: Parameters
) -> Parameters:
    """The same walk backward, but every layer moves before its error is handed to the layer below.

    The parameters are changed in place: that haste is the liberty.
    """
    delta = _OBJECTIVE.loss.delta(
        NETWORK.output.activation, trace.pre_activations[-1], trace.outputs, targets
    )
    for number in reversed(range(len(parameters))):
        weights, biases = parameters[number]
        weights -= rates[number].weights * (trace.inputs[number].T @ delta)
        biases -= rates[number].biases * delta.sum(axis=0)
        if number:
            error = delta @ weights.T  # these weights have just moved
            z, a = trace.pre_activations[number - 1], trace.activations[number - 1]
            delta = NETWORK.layers[number - 1].activation.backward(z, a, error)
    return parameters
