"""The lesson prints the worked example exactly, and is computed by the chapter's own code."""

import subprocess
import sys

import numpy as np
import pytest

from glassnet.lessons import worked_example as lesson
from glassnet.lessons.worked_example_text import lesson_text
from glassnet.net import Objective, Parameters, Perceptron, backward, check_gradients, forward

# The figures as they have always been printed; they belong to the example, not to this code.
INITIAL_SUMS = """-1.80831494926 -12.1964091106 -4.6507139537 -0.691616944068 5.58110257009 1.04814751225"""
LEARNT_SUMS = """0.734977377377 -19.7391252451 -8.00229057249 -1.59037685196 6.57941831296 2.33347094143"""
ERROR_SUMS = {
    1000: "0.05017865758",
    2000: "0.03385905515",
    3000: "0.02710604724",
    4000: "0.02320838959",
    5000: "0.02060078338",
    6000: "0.01870224276",
    7000: "0.01724174129",
    8000: "0.01607384470",
    9000: "0.01511268844",
    10000: "0.01430392013",
}
LEARNT_OUTPUTS = [("1", "0.98575026"), ("1", "0.98088523"), ("0", "0.01906059")]
DEVIATIONS = [  # bias 1 rate, delta through, sum of errors, loss, ΣW1, Σb1, outputs
    "1 updated 0.014303920 4.658680e-4 0.734977377 -1.590376852 0.98575026 0.98088523 0.01906059",
    "0.1 updated 0.014275333 4.652707e-4 -0.512712727 -1.281757908 0.98600428 0.98069484 0.01902556",
    "1 before 0.014303527 4.658303e-4 0.734876899 -1.590456361 0.98575188 0.98088500 0.01905960",
    # The sum of errors here is 0.0142744127…
    "0.1 before 0.01427441 4.652227e-4 -0.512992425 -1.281816388 0.98600643 0.98069469 0.01902447",
]


@pytest.fixture(scope="module")
def example() -> lesson.WorkedExample:
    return lesson.run()


@pytest.fixture(scope="module")
def text(example: lesson.WorkedExample) -> str:
    return lesson_text(example)


def chapter(text: str, number: int) -> str:
    """The text from the heading of one chapter to that of the next."""
    return text.split(f"\n{number}. ")[1].split(f"\n{number + 1}. ")[0]


def test_initial_and_learnt_sums(text: str) -> None:
    for figure in INITIAL_SUMS.split():
        assert figure in chapter(text, 3).split()
    rows = [line.split()[-2:] for line in chapter(text, 6).splitlines() if line.startswith("  ")][1:]
    assert rows == [list(pair) for pair in zip(INITIAL_SUMS.split(), LEARNT_SUMS.split(), strict=True)]


def test_errors_every_thousand_steps(text: str) -> None:
    rows = [line.split() for line in chapter(text, 4).splitlines()]
    assert {int(row[0]): row[1] for row in rows if len(row) == 5 and row[0].isdigit()} == ERROR_SUMS


def test_actual_and_learnt_outputs(text: str) -> None:
    rows = [line.split() for line in chapter(text, 7).splitlines() if line.startswith("  row")]
    assert [(row[2], row[4]) for row in rows] == LEARNT_OUTPUTS


@pytest.mark.parametrize("number", range(4))
def test_what_each_deviation_does(text: str, number: int) -> None:
    column = "\n".join(line[22 + 15 * number : 37 + 15 * number] for line in chapter(text, 8).splitlines())
    for figure in DEVIATIONS[number].split():
        assert figure in column


def test_counts_of_connections_and_parameters(text: str) -> None:
    assert [line.split()[-1] for line in chapter(text, 2).splitlines() if "×" in line] == ["20", "25", "5"]
    assert "61 parameters" in text


def test_every_weight_and_bias_is_printed(example: lesson.WorkedExample, text: str) -> None:
    for parameters in (example.initial, example.as_the_example.learnt):
        for value in parameters.vector:
            assert f"{value:.8f}" in chapter(text, 5).split()


def test_the_backward_pass_of_one_row_is_worked_out(example: lesson.WorkedExample, text: str) -> None:
    """The printed deltas are those of the chapter's own backward pass, which averages over the rows."""
    trace = forward(lesson.NETWORK, example.initial, example.inputs[:1])
    gradient = backward(lesson.NETWORK, example.initial, trace, example.targets[:1], Objective()).parameters
    printed = {
        line.split(": ")[0] + " " + line.split(": ")[1].split()[0]: line.split()[-1]
        for line in chapter(text, 4).splitlines()
        if ": " in line
    }
    assert printed["  output delta"] == f"{-gradient[2].biases[0]:.8f}"
    assert printed["  hidden 2, neuron 1 delta"] == f"{-gradient[1].biases[0]:.8f}"
    assert f"{-0.1 * gradient[2].weights[0, 0]:.8f}" in chapter(text, 4)


def test_the_loss_is_printed_beside_the_errors(example: lesson.WorkedExample, text: str) -> None:
    for milestone in example.as_the_example.milestones:
        mantissa, exponent = f"{milestone.loss:.6e}".split("e")
        assert f"{milestone.error_sum:.11f}  {mantissa}e{int(exponent)}" in text


def test_fits_a_terminal_and_has_no_negative_zero(text: str) -> None:
    assert max(map(len, text.splitlines())) <= 80
    assert "-0.00000000" not in text
    assert text.endswith("\n")


def test_same_bytes_in_another_process(text: str) -> None:
    code = (
        "import sys; from glassnet.lessons import worked_example as e, worked_example_text as t;"
        "sys.stdout.buffer.write(t.lesson_text(e.run()).encode())"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert output.decode() == text


def test_start_is_the_frozen_stream() -> None:
    assert np.array_equal(lesson.start().vector, lesson.start().vector)
    assert lesson.start()[0].weights[0, 0] == 1.7886284734303186


def test_exact_step_is_the_gradient_of_the_loss(example: lesson.WorkedExample) -> None:
    check = check_gradients(
        lesson.NETWORK, example.initial, example.inputs, example.targets, Objective("squared_error")
    )
    assert check.relative_error < 1e-7
    trace = forward(lesson.NETWORK, example.initial, example.inputs)
    gradient = backward(lesson.NETWORK, example.initial, trace, example.targets, Objective()).parameters
    moved = lesson.gradient_step(example.initial, trace, example.targets, lesson.learning_rates(lesson.EXACT))
    np.testing.assert_allclose(moved.vector, example.initial.vector - 0.1 * 3 * gradient.vector, rtol=1e-14)


def test_the_delta_deviation_vanishes_with_the_rate(example: lesson.WorkedExample) -> None:
    """The two steps differ in second order of the rate: a tenth of the rate, a hundredth of the gap."""

    def gap(rate: float) -> float:
        rates = Parameters(lesson.NETWORK, np.full(lesson.NETWORK.parameter_count, rate))
        exact = lesson.gradient_step(example.initial, example.first_pass, example.targets, rates)
        hasty = lesson.updated_weights_step(
            example.initial.copy(), example.first_pass, example.targets, rates
        )
        return float(np.linalg.norm(exact.vector - hasty.vector))

    assert gap(1e-3) / gap(1e-4) == pytest.approx(100, rel=0.01)


def test_threshold_and_bias_are_the_same_thing(example: lesson.WorkedExample) -> None:
    weights, biases = example.initial[0]
    for column, bias in zip(weights.T, biases, strict=True):
        perceptron = Perceptron(np.ascontiguousarray(column), threshold=-float(bias))
        network, parameters = perceptron.as_network()
        outputs = forward(network, parameters, example.inputs).outputs[:, 0]
        assert np.array_equal(perceptron.fires(example.inputs), outputs)


def test_nothing_given_is_changed(example: lesson.WorkedExample) -> None:
    assert np.array_equal(example.initial.vector, lesson.start().vector)
