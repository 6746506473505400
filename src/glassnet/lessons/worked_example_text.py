"""The worked example told in plain text, the same to the byte at every run."""

from __future__ import annotations

from glassnet.lessons.layout import columns, paragraph
from glassnet.lessons.worked_example import LEARNING_RATE, SEED, Milestone, Training, WorkedExample
from glassnet.net import Parameters, Perceptron


def tell(example: WorkedExample) -> str:
    """The whole lesson, in lines of at most 80 characters."""
    lines = ["Input times weight, add a bias, activate!"]
    for number, (title, chapter) in enumerate(CHAPTERS.items(), start=1):
        heading = f"{number}. {title}"
        lines += ["", "", heading, "-" * len(heading), "", *chapter(example)]
    return "\n".join(lines) + "\n"


def _idea(example: WorkedExample) -> list[str]:
    row, weights, bias = example.inputs[0], example.initial[0].weights[:, 0], example.initial[0].biases[0]
    z, a = example.first_pass.pre_activations[0][0, 0], example.first_pass.activations[0][0, 0]
    total = float(row @ weights)
    perceptron = Perceptron(weights, threshold=-float(bias))
    products = [
        (f"input {number}", f"{x:.0f} × {weight:.8f}", _decimals(x * weight + 0.0))
        for number, (x, weight) in enumerate(zip(row, weights, strict=True), start=1)
    ]
    return [
        *paragraph(
            """A neuron multiplies every input by a weight of its own and adds up; it adds a bias; and
            what comes of it goes through an activation, here the sigmoid, which squeezes any number
            between 0 and 1. This is the first neuron of the first hidden layer, before it has
            learnt anything, as it sees the first row:"""
        ),
        "",
        *columns(
            [
                *products,
                ("sum", "", f"{total:.8f}"),
                ("+ bias", "", f"{bias:.8f}"),
                ("= z", "", f"{z:.8f}"),
                ("a", "1 / (1 + exp(-z))", f"{a:.8f}"),
            ]
        ),
        "",
        *paragraph(
            f"""The first neurons of all, perceptrons, had a threshold t instead: fire (1) if the sum
            is above t, else not (0). Comparing the sum with t, or adding the bias b = -t and
            comparing with 0, is the same thing: the bias {bias:.8f} is the threshold
            {perceptron.threshold:.8f}, the sum {total:.8f} is {"above" if total > -bias else "not above"}
            it, and so a perceptron would say {perceptron.fires(example.inputs)[0]:.0f}. The sigmoid is
            that step made smooth: a slightly better weight gives a slightly better output, and so the
            network can feel its way."""
        ),
    ]


def _network(example: WorkedExample) -> list[str]:
    network = example.network
    biases = sum(layer.width for layer in network.layers)
    rows = zip(example.inputs, example.targets, strict=True)
    return [
        f"  {network}",
        "",
        *paragraph(
            "Every neuron is connected with every neuron of the layer before. That makes so many connections:"
        ),
        "",
        *columns(
            [
                (_between(example, number), f"{i} × {o}", f"= {i * o}")
                for number, (i, o) in enumerate(network.shapes)
            ]
        ),
        "",
        *paragraph(
            f"""Each connection has a weight and each neuron a bias: {sum(network.connections)} weights
            and {biases} biases, {network.parameter_count} parameters, and all of them are learnt.
            From three rows:"""
        ),
        "",
        *columns(
            [
                ("", *(f"input {number}" for number in range(1, network.inputs + 1)), "actual"),
                *(
                    (f"row {number}", *(f"{x:.0f}" for x in row), f"{y[0]:.0f}")
                    for number, (row, y) in enumerate(rows, start=1)
                ),
            ]
        ),
    ]


def _start(example: WorkedExample) -> list[str]:
    outputs = ", ".join(f"{output:.8f}" for output in example.first_pass.outputs[:, 0])
    return [
        *paragraph(
            f"""Weights and biases start as random numbers from the standard normal distribution (NumPy's
            RandomState, seed {SEED}). Their initial sums:"""
        ),
        "",
        *columns(_sums(example, example.initial)),
        "",
        *paragraph(f"With nothing learnt yet, the outputs for the three rows are {outputs}."),
    ]


def _training(example: WorkedExample) -> list[str]:
    milestones = zip(example.as_the_example.milestones, example.exact.milestones, strict=True)
    return [
        "Forward   from the inputs to the outputs, layer after layer.",
        "Backward  error = actual - output. A layer's delta is its error times the slope",
        "          of its activation, a (1 - a); the error of the layer before is that",
        "          delta handed back through the weights.",
        f"Update    weights += inputsᵀ · delta · {LEARNING_RATE:g}",
        f"          biases  += sum of delta · {LEARNING_RATE:g}",
        "",
        *paragraph(
            """And again, 10001 times. The sum of errors is what the example watches; but errors have
            signs, and those above 0 hide those below. What training really makes small is the loss
            ½ Σ error². What "as the example" and "exact gradient" mean is told at the end."""
        ),
        "",
        *columns(
            [
                ("", "as the example", "", "exact gradient", ""),
                ("step", "sum of errors", "½ Σ error²", "sum of errors", "½ Σ error²"),
                *((f"{own.step}", *_milestone(own), *_milestone(exact)) for own, exact in milestones),
            ]
        ),
    ]


def _milestone(milestone: Milestone) -> tuple[str, str]:
    return f"{milestone.error_sum:.11f}", _scientific(milestone.loss)


def _numbers(example: WorkedExample) -> list[str]:
    lines: list[str] = []
    states = (("initial", example.initial), ("learnt", example.as_the_example.learnt))
    for number in range(len(example.network.layers)):
        for state, parameters in states:
            weights, biases = parameters[number]
            neurons = [f"neuron {neuron}" for neuron in range(1, biases.size + 1)]
            rows = [(f"input {n}", *map(_decimals, row)) for n, row in enumerate(weights, start=1)]
            lines += [
                f"{_between(example, number)}, {state}",
                *columns([("", *neurons), *rows, ("bias", *map(_decimals, biases))]),
                "",
            ]
    return lines[:-1]


def _sums_learnt(example: WorkedExample) -> list[str]:
    initial, learnt = _sums(example, example.initial), _sums(example, example.as_the_example.learnt)
    rows = [(name, before, after) for (name, before), (_, after) in zip(initial, learnt, strict=True)]
    return columns([("", "initial", "learnt"), *rows])


def _outputs(example: WorkedExample) -> list[str]:
    outputs = zip(
        example.targets[:, 0],
        example.first_pass.outputs[:, 0],
        example.as_the_example.outputs[:, 0],
        strict=True,
    )
    rows = [
        (f"row {number}", f"{actual:.0f}", _decimals(initial), _decimals(learnt))
        for number, (actual, initial, learnt) in enumerate(outputs, start=1)
    ]
    return columns([("", "actual", "initial", "learnt"), *rows])


def _liberties(example: WorkedExample) -> list[str]:
    titles = [
        ("", "as the", "delta", "bias", "exact"),
        ("", "example", "liberty only", "liberty only", "gradient"),
    ]
    layers = range(1, len(example.network.layers) + 1)
    rows = zip(*(_comparison(training) for training in example.trainings), strict=True)
    names = [
        "bias 1 rate",
        "delta through",
        "sum of errors",
        "½ Σ error²",
        *(f"Σ weights, layer {number}" for number in layers),
        *(f"Σ biases, layer {number}" for number in layers),
        *(f"output, row {number}" for number in range(1, len(example.inputs) + 1)),
    ]
    return [
        "The example takes two liberties with the slope of its loss:",
        "",
        "  bias    the biases of hidden layer 1 move with the rate 1, all else with 0.1;",
        "  delta   going backward, errors are handed through weights that this step has",
        "          already updated, not through those that made the errors.",
        "",
        *paragraph(
            """The same start trained with both, with one of them, and with neither, which is the exact
            gradient. Errors and loss are those of step 10000; then comes one more step, the outputs
            before its update, the sums after it:"""
        ),
        "",
        *columns([*titles, *((name, *row) for name, row in zip(names, rows, strict=True))], gap="  "),
        "",
        *paragraph(
            """All four arrive. The delta liberty hardly shows: in one step weights move so little that
            the updated ones are nearly the old ones, and only the fourth or fifth figure differs. The
            bias liberty does show: ten times as quick, the biases of hidden layer 1 do work that its
            weights would have done, and the layer ends elsewhere, with about the same outputs. The
            exact gradient ends with the lowest loss, about a thousandth below the example's."""
        ),
    ]


def _comparison(training: Training) -> list[str]:
    through = "updated" if training.liberties.through_updated_weights else "before step"
    last = training.milestones[-1]
    layers = training.learnt
    return [
        f"{training.liberties.first_bias_rate:g}",
        through,
        f"{last.error_sum:.9f}",
        _scientific(last.loss),
        *(f"{layer.weights.sum():.9f}" for layer in layers),
        *(f"{layer.biases.sum():.9f}" for layer in layers),
        *map(_decimals, training.outputs[:, 0]),
    ]


def _between(example: WorkedExample, number: int) -> str:
    """``"hidden 1 → hidden 2"`` for the layer whose number is 1."""
    last = len(example.network.layers)
    places = ["input", *(f"hidden {hidden}" for hidden in range(1, last)), "output"]
    return f"{places[number]} → {places[number + 1]}"


def _sums(example: WorkedExample, parameters: Parameters) -> list[tuple[str, str]]:
    """A name and a sum for the weights, and then for the biases, of every layer; twelve figures."""
    weights = [
        (f"weights {_between(example, number)}", f"{layer.weights.sum():.12g}")
        for number, layer in enumerate(parameters)
    ]
    biases = [
        (f"bias {_between(example, number).split(' → ')[1]}", f"{layer.biases.sum():.12g}")
        for number, layer in enumerate(parameters)
    ]
    return weights + biases


def _decimals(value: float) -> str:
    return f"{value:.8f}"


def _scientific(value: float) -> str:
    """``4.658680e-4``."""
    mantissa, exponent = f"{value:.6e}".split("e")
    return f"{mantissa}e{int(exponent)}"


CHAPTERS = {
    "The idea": _idea,
    "The network and its data": _network,
    "The start": _start,
    "Training": _training,
    "Every weight and bias, initial and learnt": _numbers,
    "Sums, initial and learnt": _sums_learnt,
    "Actual and learnt outputs": _outputs,
    "The two liberties, and the exact gradient": _liberties,
}
