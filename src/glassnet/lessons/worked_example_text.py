"""The worked example as plain text; every run gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from glassnet.lessons.number_text import between, decimals, scientific, sums
from glassnet.lessons.worked_example import LEARNING_RATE, SEED, Milestone, Training, WorkedExample
from glassnet.net import Perceptron
from glassnet.text import Block, Heading, Paragraph, Table, to_text

WIDTH = 80


def lesson_text(example: WorkedExample, width: int = WIDTH) -> str:
    """The whole lesson, in lines of at most ``width`` characters."""
    blocks: list[Block] = [Heading("Input times weight, add a bias, activate!")]
    for number, (title, chapter) in enumerate(CHAPTERS.items(), start=1):
        blocks += [Heading(f"{number}. {title}", 2), *chapter(example)]
    return to_text(blocks, width) + "\n"


def _idea(example: WorkedExample) -> list[Block]:
    row, weights, bias = example.inputs[0], example.initial[0].weights[:, 0], example.initial[0].biases[0]
    z, a = example.first_pass.pre_activations[0][0, 0], example.first_pass.activations[0][0, 0]
    total = float(row @ weights)
    perceptron = Perceptron(weights, threshold=-float(bias))
    products = [
        (f"input {number}", f"{x:.0f} × {weight:.8f}", decimals(x * weight + 0.0))
        for number, (x, weight) in enumerate(zip(row, weights, strict=True), start=1)
    ]
    return [
        Paragraph(
            "A neuron multiplies each input by a weight, adds up the products, and adds a bias. Then it applies an "
            "activation function to the sum; here the sigmoid, whose values are between 0 and 1. This is the first "
            "neuron of the first hidden layer for the first row, with the weights from before training:"
        ),
        Table(
            (),
            [
                *products,
                ("sum", "", decimals(total)),
                ("+ bias", "", decimals(bias)),
                ("= z", "", decimals(z)),
                ("a", "1 / (1 + exp(-z))", decimals(a)),
            ],
        ),
        Paragraph(
            "The first artificial neurons, perceptrons, had a threshold t instead: the output is 1 if the sum is above "
            "t, and 0 otherwise. Comparing the sum with t is the same as adding the bias b = -t and comparing with 0: "
            f"the bias {bias:.8f} is the threshold {perceptron.threshold:.8f}, the sum {total:.8f} is "
            f"{'above' if total > -bias else 'not above'} it, so a perceptron would give "
            f"{perceptron.fires(example.inputs)[0]:.0f}. The sigmoid is a smooth version of that step: a small change "
            "of a weight changes the output a little, and so a network can learn by small steps."
        ),
    ]


def _network(example: WorkedExample) -> list[Block]:
    network = example.network
    biases = sum(layer.width for layer in network.layers)
    rows = zip(example.inputs, example.targets, strict=True)
    return [
        Paragraph(
            f"{network}. Every neuron is connected with every neuron of the layer before. The numbers of connections:"
        ),
        Table(
            (),
            [
                (between(example, number), f"{i} × {o}", f"= {i * o}")
                for number, (i, o) in enumerate(network.shapes)
            ],
        ),
        Paragraph(
            f"Each connection has a weight and each neuron a bias: {sum(network.connections)} weights and {biases} "
            f"biases, {network.parameter_count} parameters. All of them are learnt from three rows, counted from 0:"
        ),
        Table(
            ("", *(f"input {number}" for number in range(1, network.inputs + 1)), "actual"),
            [
                (f"row {number}", *(f"{x:.0f}" for x in row), f"{y[0]:.0f}")
                for number, (row, y) in enumerate(rows)
            ],
        ),
    ]


def _start(example: WorkedExample) -> list[Block]:
    outputs = ", ".join(map(decimals, example.first_pass.outputs[:, 0]))
    return [
        Paragraph(
            "Weights and biases start as random numbers from the standard normal distribution (NumPy's RandomState, "
            f"seed {SEED}). Their initial sums:"
        ),
        Table((), sums(example, example.initial)),
        Paragraph(f"Before training, the outputs for the three rows are {outputs}."),
    ]


def _training(example: WorkedExample) -> list[Block]:
    milestones = zip(example.as_the_example.milestones, example.exact.milestones, strict=True)
    return [
        Table(
            (),
            [
                ("forward", "from the inputs to the outputs, layer by layer"),
                ("backward", "error of the output = actual - output"),
                ("", "delta = error × slope of the activation, a (1 - a)"),
                ("", "error of a neuron before it = sum of weight × delta"),
                ("update", f"weights += inputsᵀ · delta · {LEARNING_RATE:g}"),
                ("", f"biases  += sum of delta · {LEARNING_RATE:g}"),
            ],
            "<<",
        ),
        Paragraph("The backward pass of the first step for row 0, with the initial weights:"),
        _backward_pass(example),
        Paragraph(
            "The weights of the output neuron change by this row's part and by those of rows 2 and 3. All three passes "
            "are repeated 10001 times. The example reports the sum of the errors; but errors have signs, and positive "
            "and negative ones cancel. What training minimizes is the loss ½ Σ error². Section 8 explains the "
            "difference between the columns."
        ),
        Table(
            (),
            [
                ("", "as the example", "", "exact gradient", ""),
                ("step", "sum of errors", "½ Σ error²", "sum of errors", "½ Σ error²"),
                *((f"{own.step}", *_milestone(own), *_milestone(exact)) for own, exact in milestones),
            ],
            rules=(2,),
        ),
    ]


def _backward_pass(example: WorkedExample) -> Table:
    """Error, slope and delta of the output neuron and of the first neuron before it, and one weight's change."""
    a, output = (example.first_pass.activations[number][0, 0] for number in (-2, -1))
    actual, weight = example.targets[0, 0], example.initial[-1].weights[0, 0]
    delta = (actual - output) * output * (1 - output)
    handed = weight * delta
    neuron, before = "output", "hidden 2, neuron 1"
    rows = [
        (f"{neuron}: error", f"{actual:.0f} - {output:.8f}", actual - output),
        (f"{neuron}: slope", f"{output:.8f} × {1 - output:.8f}", output * (1 - output)),
        (f"{neuron}: delta", "error × slope", delta),
        (f"{before}: error", f"{weight:.8f} × {delta:.8f}", handed),
        (f"{before}: slope", f"{a:.8f} × {1 - a:.8f}", a * (1 - a)),
        (f"{before}: delta", "error × slope", handed * a * (1 - a)),
        (
            "change of the weight between",
            f"{a:.8f} × {delta:.8f} × {LEARNING_RATE:g}",
            a * delta * LEARNING_RATE,
        ),
    ]
    return Table((), [(name, term, decimals(value)) for name, term, value in rows])


def _milestone(milestone: Milestone) -> tuple[str, str]:
    return f"{milestone.error_sum:.11f}", scientific(milestone.loss)


def _numbers(example: WorkedExample) -> list[Block]:
    blocks: list[Block] = []
    states = (("initial", example.initial), ("learnt", example.as_the_example.learnt))
    for number in range(len(example.network.layers)):
        source = "neuron" if number else "input"
        for state, parameters in states:
            weights, biases = parameters[number]
            neurons = [f"neuron {neuron}" for neuron in range(1, biases.size + 1)]
            rows = [(f"{source} {n}", *map(decimals, row)) for n, row in enumerate(weights, start=1)]
            blocks += [
                Heading(f"{between(example, number)}, {state}", 3),
                Table(("", *neurons), [*rows, ("bias", *map(decimals, biases))]),
            ]
    return blocks


def _sums_learnt(example: WorkedExample) -> list[Block]:
    initial, learnt = sums(example, example.initial), sums(example, example.as_the_example.learnt)
    rows = [(name, before, after) for (name, before), (_, after) in zip(initial, learnt, strict=True)]
    return [Table(("", "initial", "learnt"), rows)]


def _outputs(example: WorkedExample) -> list[Block]:
    outputs = zip(
        example.targets[:, 0],
        example.first_pass.outputs[:, 0],
        example.as_the_example.outputs[:, 0],
        strict=True,
    )
    rows = [
        (f"row {number}", f"{actual:.0f}", decimals(initial), decimals(learnt))
        for number, (actual, initial, learnt) in enumerate(outputs)
    ]
    return [Table(("", "actual", "initial", "learnt"), rows)]


def _deviations(example: WorkedExample) -> list[Block]:
    layers = range(1, len(example.network.layers) + 1)
    rows = zip(*(_comparison(training) for training in example.trainings), strict=True)
    names = [
        "bias 1 rate",
        "delta through",
        "sum of errors",
        "½ Σ error²",
        *(f"Σ weights, layer {number}" for number in layers),
        *(f"Σ biases, layer {number}" for number in layers),
        *(f"output, row {number}" for number in range(len(example.inputs))),
    ]
    return [
        Paragraph("The example deviates from gradient descent in two ways:"),
        Table(
            (),
            [
                ("bias", "the biases of hidden layer 1 have the learning rate 1, all others 0.1"),
                ("delta", "errors go back through weights that this step has already updated"),
            ],
            "<<",
        ),
        Paragraph(
            "Four trainings from the same start: with both deviations, with one of them, and with none, which is the "
            "exact gradient. Errors and loss are those of step 10000. One more step follows: the outputs are those "
            "before its update, the sums those after it."
        ),
        Table(
            (),
            [
                ("", "as the", "delta", "bias", "exact"),
                ("", "example", "only", "only", "gradient"),
                *((name, *row) for name, row in zip(names, rows, strict=True)),
            ],
            rules=(2,),
        ),
        Paragraph(
            "All four learn the rows. The delta deviation changes little: in one step weights move so little that the "
            "updated ones are nearly the same, and only the fourth or fifth figure differs. The bias deviation changes "
            "more: with a rate ten times as high, the biases of hidden layer 1 learn part of what its weights learn "
            "otherwise; the layer ends with other parameters but about the same outputs. The exact gradient has the "
            "lowest loss, about a thousandth below the example's."
        ),
    ]


def _comparison(training: Training) -> list[str]:
    last = training.milestones[-1]
    return [
        f"{training.deviations.first_bias_rate:g}",
        "updated" if training.deviations.through_updated_weights else "before step",
        f"{last.error_sum:.9f}",
        scientific(last.loss),
        *(f"{layer.weights.sum():.9f}" for layer in training.learnt),
        *(f"{layer.biases.sum():.9f}" for layer in training.learnt),
        *map(decimals, training.outputs[:, 0]),
    ]


def _next(example: WorkedExample) -> list[Block]:
    return [
        Table(
            (),
            [
                ("glassnet lesson --pictures chapter", "the same network in pictures"),
                ("glassnet train", "train on the bundled penguins"),
                ("glassnet explain model.glassnet FILE", "one row of a table, number by number"),
            ],
            "<<",
        )
    ]


CHAPTERS: dict[str, Callable[[WorkedExample], list[Block]]] = {
    "The idea": _idea,
    "The network and its data": _network,
    "The start": _start,
    "Training": _training,
    "Every weight and bias, initial and learnt": _numbers,
    "Sums, initial and learnt": _sums_learnt,
    "Actual and learnt outputs": _outputs,
    "Two deviations, and the exact gradient": _deviations,
    "What to try next": _next,
}
