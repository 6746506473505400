"""The gradient check of every activation × legal output × loss × outputs × weights × depth.

The tests run over the tables: an entry that is added to them is tested here.
"""

import dataclasses
from itertools import product

import numpy as np
import pytest

from glassnet.errors import InputError
from glassnet.net import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    Huber,
    Network,
    Objective,
    Parameters,
    Quantile,
    backward,
    check_gradients,
    forward,
    initialize,
)
from glassnet.net.losses import squared_error_gradient

ROWS, INPUTS, WIDTH = 5, 2, 2
MARGIN = 1e-3  # the distance from every kink: far above the step of the finite difference
TOLERANCE = 1e-6

HIDDEN = [name for name, row in ACTIVATIONS.items() if not row.output_only]
LEGAL = [
    pytest.param(loss.name, output, id=f"{loss.name}-{output}")
    for loss in LOSSES.values()
    for output in ACTIVATIONS
    if loss.accepts(ACTIVATIONS[output])
]


@dataclasses.dataclass(frozen=True)
class Case:
    """A network at a point where its objective is smooth, so that its slope can be measured."""

    network: Network
    parameters: Parameters
    inputs: np.ndarray
    targets: np.ndarray


def draw_targets(loss: str, rng: np.random.Generator, outputs: int) -> np.ndarray:
    if loss == "categorical_log_loss":
        shares = rng.uniform(size=(ROWS, outputs))
        return shares / shares.sum(axis=1, keepdims=True)
    if loss == "binary_log_loss":
        return rng.choice([0.0, 1.0, 0.3], (ROWS, outputs))
    if loss == "poisson":
        return rng.poisson(2.0, (ROWS, outputs)).astype(float)
    return rng.normal(0.2, 1.0, (ROWS, outputs))


def distance_from_kinks(case: Case, objective: Objective) -> float:
    trace = forward(case.network, case.parameters, case.inputs)
    distances = [1.0]
    for layer, z in zip(case.network.layers, trace.pre_activations, strict=True):
        distances += [float(np.abs(z - kink).min()) for kink in layer.activation.kinks]
    error = np.abs(trace.outputs - case.targets)
    if objective.loss.name in ("absolute_error", "quantile"):
        distances.append(float(error.min()))
    if objective.loss.name == "huber":
        distances.append(float(np.abs(error - objective.loss.parameter).min()))
    return min(distances)


def reaches_the_first_layer(case: Case, objective: Objective) -> bool:
    """Whether the first layer's gradient is large enough to be measured. Through a step none is."""
    names = {layer.activation.name for layer in case.network.layers}
    if "step" in names or (case.network.output.activation.name == "softmax" and case.network.outputs == 1):
        return True
    trace = forward(case.network, case.parameters, case.inputs)
    gradient = backward(case.network, case.parameters, trace, case.targets, objective).parameters
    return float(np.abs(gradient[0].weights).max()) > 1e-3


def smooth_case(
    hidden: str | Activation, output: str, objective: Objective, outputs: int, depth: int
) -> Case:
    network = Network.of(INPUTS, [WIDTH] * depth, outputs, activation=hidden, output=output)
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        parameters = initialize(network, rng, "glorot_normal")
        for layer in parameters:
            layer.weights[...] *= 1.5  # a sigmoid passes on a quarter of what comes back
            layer.biases[...] = rng.normal(0, 0.5, layer.biases.shape)
        inputs, targets = rng.normal(size=(ROWS, INPUTS)), draw_targets(objective.loss.name, rng, outputs)
        case = Case(network, parameters, inputs, targets)
        if distance_from_kinks(case, objective) > MARGIN and reaches_the_first_layer(case, objective):
            return case
    raise AssertionError(f"no start of {network} away from kinks")


def errors_of(hidden: str, loss: str, output: str, depths: tuple[int, ...]) -> dict[str, float]:
    errors = {}
    objective = Objective(loss)
    weights = np.array([0.5, 2.0, 0.0, 1.0, 3.0])
    for outputs, depth in product((1, 3), depths):
        case = smooth_case(hidden, output, objective, outputs, depth)
        for w in (None, weights):
            check = check_gradients(case.network, case.parameters, case.inputs, case.targets, objective, w)
            errors[f"{case.network}, {'no weights' if w is None else 'weights'}"] = check.relative_error
    return errors


@pytest.mark.parametrize(("loss", "output"), LEGAL)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradients_with_hidden_layers(hidden: str, loss: str, output: str) -> None:
    errors = errors_of(hidden, loss, output, depths=(1, 3))
    assert len(errors) == 8
    assert {name: error for name, error in errors.items() if not error <= TOLERANCE} == {}


@pytest.mark.parametrize(("loss", "output"), LEGAL)
def test_gradients_without_hidden_layers(loss: str, output: str) -> None:
    errors = errors_of("relu", loss, output, depths=(0,))
    assert len(errors) == 4
    assert {name: error for name, error in errors.items() if not error <= TOLERANCE} == {}


def test_activations_may_differ_from_layer_to_layer() -> None:
    network = Network.of(3, (5, 4, 3), 2, activation=("gelu", "tanh", "elu"), output="softmax")
    rng = np.random.default_rng(0)
    check = check_gradients(
        network,
        initialize(network, rng),
        rng.normal(size=(8, 3)),
        np.eye(2)[rng.integers(0, 2, 8)],
        Objective("categorical_log_loss"),
    )
    assert check.relative_error < TOLERANCE


@pytest.mark.parametrize(
    "objective",
    [
        Objective(l1=0.03),
        Objective(l2=0.3),
        Objective(l1=0.03, l2=0.3),
        Objective(Huber(0.3), l2=0.1),
        Objective(Quantile(0.9), l1=0.02),
        Objective(l1=0.3, l2=3.0, penalty_per_row=True),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_penalties_and_constants_are_part_of_the_gradient(objective: Objective, weighted: bool) -> None:
    case = smooth_case("tanh", "identity", objective, 3, 2)
    weights = np.arange(1.0, ROWS + 1) if weighted else None
    plain = Objective(objective.loss)
    check = check_gradients(case.network, case.parameters, case.inputs, case.targets, objective, weights)
    without = check_gradients(case.network, case.parameters, case.inputs, case.targets, plain, weights)
    assert check.relative_error < TOLERANCE
    assert np.abs(check.analytic - without.analytic).max() > 0.01


@pytest.mark.parametrize(("loss", "output"), LEGAL)
def test_gradients_where_targets_are_missing(loss: str, output: str) -> None:
    """In all outputs of a row, and in one of another but for classes, which are missing together or not."""
    objective = Objective(loss)
    case = smooth_case("tanh", output, objective, 3, 1)
    targets = case.targets.copy()
    targets[1] = np.nan
    if loss != "categorical_log_loss":
        targets[3, 2] = np.nan
    check = check_gradients(case.network, case.parameters, case.inputs, targets, objective)
    assert check.relative_error < TOLERANCE
    assert np.isfinite(check.analytic).all()


def test_a_wrong_derivative_is_found() -> None:
    right = ACTIVATIONS["tanh"]
    wrong = dataclasses.replace(right, derivative=lambda z, a: 1 - a)
    case = smooth_case(wrong, "identity", Objective(), 1, 2)
    check = check_gradients(case.network, case.parameters, case.inputs, case.targets)
    assert check.relative_error > 0.01
    assert check.worst == np.abs(check.analytic - check.numeric).argmax()
    assert check.worst < case.network.parameter_count - WIDTH - 1, "the output layer is not at fault"


def test_a_loss_averaged_over_outputs_but_not_in_its_gradient_is_found() -> None:
    """The drift that scikit-learn's squared error lives with: the ratio is the number of outputs."""
    wrong = dataclasses.replace(
        LOSSES["squared_error"], gradient=lambda a, y, p: squared_error_gradient(a, y, p) * a.shape[1]
    )
    case = smooth_case("tanh", "identity", Objective(wrong), 3, 1)
    check = check_gradients(case.network, case.parameters, case.inputs, case.targets, Objective(wrong))
    np.testing.assert_allclose(check.analytic / check.numeric, 3, rtol=1e-5)
    assert check.relative_error == pytest.approx(0.5, rel=1e-5)


def test_it_works_in_float64_whatever_it_is_given_and_changes_nothing() -> None:
    case = smooth_case("silu", "sigmoid", Objective("binary_log_loss"), 1, 2)
    parameters = Parameters(case.network, case.parameters.vector.astype(np.float32))
    before = parameters.vector.copy()
    check = check_gradients(
        case.network,
        parameters,
        case.inputs.astype(np.float32).tolist(),
        case.targets.tolist(),
        Objective("binary_log_loss"),
        [1, 1, 2, 1, 1],
    )
    assert check.relative_error < TOLERANCE
    assert check.analytic.dtype == check.numeric.dtype == np.float64
    np.testing.assert_array_equal(parameters.vector, before)


def test_the_gradient_of_nothing_is_nothing() -> None:
    network = Network.of(2, (), 1, output="step")
    check = check_gradients(network, Parameters(network, np.array([1.0, 2.0, 3.0])), [[1, 1]], [[0]])
    assert check.relative_error == 0.0


def test_arrays_that_do_not_fit_are_all_named() -> None:
    network = Network.of(2, (), 1)
    with pytest.raises(InputError) as caught:
        check_gradients(network, Parameters.zeros(network), np.ones((4, 3)), np.ones(4), weights=np.ones(3))
    assert caught.value.faults == [
        "inputs have the shape (4, 3), but the network needs (N, 2).",
        "targets have the shape (4,), but 4 rows of 1 outputs need (4, 1).",
        "weights have the shape (3,), but 4 rows need (4,).",
    ]


def test_shares_that_do_not_sum_to_one_are_reported() -> None:
    """Only of shares is the slope of the categorical log loss in z simply ``a - y``."""
    network = Network.of(2, (), 3, output="softmax")
    start = initialize(network, np.random.default_rng(0))
    loss = Objective("categorical_log_loss")
    with pytest.raises(InputError, match=r"needs targets that sum to 1 in every row, but a row sums to 1\.4"):
        check_gradients(network, start, np.eye(2), [[0.2, 0.3, 0.5], [0.2, 0.3, 0.9]], loss)
    assert (
        check_gradients(network, start, np.eye(2), [[0.2, 0.3, 0.5], [0.0, 0.0, 1.0]], loss).relative_error
        < 1e-6
    )
