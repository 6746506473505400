"""The worked example: four inputs, two hidden layers of five neurons, one output, and every number shown.

The example follows the gradient of ½ Σ (y - a)², but deviates from it in two ways:

1. the biases of the first hidden layer have the learning rate 1, all other parameters 0.1;
2. a layer's delta is computed from weights of the layer after it that this step has *already* updated.

:func:`run` trains the network four times from the same start, with and without each deviation.
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
class Deviations:
    """How a training deviates from the gradient; by default it does not."""

    first_bias_rate: float = LEARNING_RATE
    through_updated_weights: bool = False


EXACT = Deviations()
AS_THE_EXAMPLE = Deviations(first_bias_rate=1.0, through_updated_weights=True)
ALL_DEVIATIONS = (
    AS_THE_EXAMPLE,
    Deviations(through_updated_weights=True),
    Deviations(first_bias_rate=1.0),
    EXACT,
)


@dataclass(frozen=True)
class Milestone:
    """What is reported of a step: the sum of the signed errors, and the loss ½ Σ error² that is minimized."""

    step: int
    error_sum: float
    loss: float


@dataclass(frozen=True)
class Training:
    """One training; ``outputs`` (3, 1) are those of the last forward pass, before the last update."""

    deviations: Deviations
    milestones: tuple[Milestone, ...]
    learnt: Parameters
    outputs: Array


@dataclass(frozen=True)
class WorkedExample:
    """Everything that the lesson shows. ``trainings`` are in the order of ``ALL_DEVIATIONS``."""

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
    """The initial parameters: standard normal, drawn layer by layer, weights before biases."""
    # The figures depend on NumPy's legacy generator, whose stream never changes (NEP 19).
    rng = np.random.RandomState(SEED)
    layers = [(rng.standard_normal((i, o)), rng.standard_normal((1, o))) for i, o in NETWORK.shapes]
    return Parameters.of(NETWORK, layers)


def run(steps: int = STEPS) -> WorkedExample:
    """Compute the whole lesson; its 10,001 steps take a second or two."""
    inputs = np.array(INPUTS, np.float64)
    targets = np.array(TARGETS, np.float64)
    initial = start()
    return WorkedExample(
        network=NETWORK,
        inputs=inputs,
        targets=targets,
        initial=initial,
        first_pass=forward(NETWORK, initial, inputs),
        trainings=tuple(train(initial, inputs, targets, each, steps) for each in ALL_DEVIATIONS),
    )


def train(
    initial: Parameters, inputs: Array, targets: Array, deviations: Deviations, steps: int = STEPS
) -> Training:
    """Forward, backward, update: ``steps`` times, on all rows at once."""
    parameters = initial.copy()
    step = updated_weights_step if deviations.through_updated_weights else gradient_step
    rates = learning_rates(deviations)
    milestones: list[Milestone] = []
    for number in range(steps):
        trace = forward(NETWORK, parameters, inputs)
        if number and number % REPORT_EVERY == 0:
            error = targets - trace.outputs
            milestones.append(Milestone(number, float(error.sum()), float((error**2).sum() / 2)))
        parameters = step(parameters, trace, targets, rates)
    return Training(deviations, tuple(milestones), parameters, trace.outputs)


def learning_rates(deviations: Deviations) -> Parameters:
    """The learning rate of every single weight and bias."""
    rates = Parameters(NETWORK, np.full(NETWORK.parameter_count, LEARNING_RATE))
    rates[0].biases[...] = deviations.first_bias_rate
    return rates


Step = Callable[[Parameters, Trace, Array, Parameters], Parameters]
Vector = npt.NDArray[np.float64]

_DESCENT = GradientDescent()
_EMPTY_STATE = State(0, ())


def gradient_step(parameters: Parameters, trace: Trace, targets: Array, rates: Parameters) -> Parameters:
    """θ ← θ - η ∂(½ Σ error²)/∂θ; the whole gradient is computed before the update."""
    mean_gradient = backward(NETWORK, parameters, trace, targets, _OBJECTIVE).parameters
    # backward() differentiates the mean over the rows; the example minimizes their sum.
    gradient = len(targets) * mean_gradient.vector
    vector, _ = _DESCENT.update(parameters.vector, rates.vector * gradient, _EMPTY_STATE, 1.0)
    return Parameters(NETWORK, vector)


def updated_weights_step(
    parameters: Parameters, trace: Trace, targets: Array, rates: Parameters
) -> Parameters:
    """The same backward pass, but every layer is updated before its error goes to the layer below.

    The parameters are changed in place; that is the deviation.
    """
    delta = _OBJECTIVE.loss.delta(
        NETWORK.output.activation, trace.pre_activations[-1], trace.outputs, targets
    )
    for number in reversed(range(len(parameters))):
        weights, biases = parameters[number]
        weights -= rates[number].weights * (trace.inputs[number].T @ delta)
        biases -= rates[number].biases * delta.sum(axis=0)
        if number:
            error = delta @ weights.T  # these weights have just been updated
            z, a = trace.pre_activations[number - 1], trace.activations[number - 1]
            delta = NETWORK.layers[number - 1].activation.backward(z, a, error)
    return parameters
