"""The backward pass of one row as text: error, slope, delta; the gradient of each weight; the change of a step.

Errors, slopes, deltas and gradients are printed up to the last decimal on which the number and a recalculation from
the printed numbers agree.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from glassnet.inside.arithmetic_record import ArithmeticRecord, LayerArithmetic
from glassnet.inside.digits import FIGURES, agreed, as_printed, rounding_bound, term
from glassnet.inside.error_bounds import ACTIVATION_ERROR, UNIT
from glassnet.inside.selection import Shown
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Table

Ways = tuple[Array, Array]  # the least and the largest (O,) that recalculations of a number give


def backward_blocks(
    arithmetic: ArithmeticRecord, shown: list[Shown], sums: list[dict[int, str]], exact: bool
) -> list[Block]:
    """From the last layer to the first; the same neurons and terms as in the forward pass.

    ``sums`` are the printed pre-activations of each layer's neurons; ``exact`` tells whether all digits are printed.
    """
    blocks: list[Block] = [Heading("Backward pass"), *map(Paragraph, _about(arithmetic, exact))]
    for layer, part, printed in zip(
        reversed(arithmetic.layers), reversed(shown), reversed(sums), strict=True
    ):
        if part.neurons:
            blocks += _layer(arithmetic, layer, part, printed)
    return blocks


def _about(arithmetic: ArithmeticRecord, exact: bool) -> list[str]:
    objective = arithmetic.objective
    error = (
        f"a − y (the derivative of {arithmetic[-1].activation} cancels against that of the loss, so the slope is 1)"
        if arithmetic.linked
        else f"∂loss/∂a = {objective.loss.slope}"
    )
    over_all = ", in the last layer over all outputs at once" if _over_all_outputs(arithmetic) else ""
    rules = (
        f"The true value: {_truth(arithmetic)}. The loss of this row, {objective.loss}: {arithmetic.loss:.6g}. In the "
        f"last layer, the error is {error}; before it, the error of a neuron is the sum of weight × delta over the "
        f"neurons of the next layer. delta = error × slope{over_all}; gradient = input × "
        f"delta{_penalties(arithmetic)}. The step of gradient descent is −rate × gradient with the learning rate "
        f"{arithmetic.rate:g}; that of {arithmetic.optimizer} is computed with an empty state, on this row alone."
    )
    sources = (
        f"Deltas and gradients are those of the {arithmetic.engine} engine; for a single row, the gradient of a bias "
        "is the delta of its neuron. Errors of hidden layers (W · delta), slopes and steps are computed here from the "
        "engine's numbers. A recalculation from the printed numbers gives every printed digit; slopes from the printed "
        "z, and from a with all its figures."
    )
    return [rules, *([sources] if exact else [])]


def _penalties(arithmetic: ArithmeticRecord) -> str:
    l1, l2 = arithmetic.objective.l1, arithmetic.objective.l2
    parts = [f"{l2:g} × weight"] * bool(l2) + [f"{l1:g} × sign of the weight"] * bool(l1)
    return f" + penalty, which is {' + '.join(parts)}" if parts else ""


def _truth(arithmetic: ArithmeticRecord) -> str:
    """The target as the network sees it, y, with all its figures; numbers also in their own units."""
    assert arithmetic.target is not None
    encoding = arithmetic.encoding
    found = []
    for at, (name, value) in enumerate(zip(arithmetic[-1].names, arithmetic.target, strict=True)):
        y = term(value, arithmetic.dtype)
        if np.isnan(value):
            y = "is missing, so its error is 0"
        elif encoding.classes is None:
            y = f"{value * encoding.scale[at] + encoding.mean[at]:.6g} (for the network {y})"
        found.append(f"{name} {y}")
    return ", ".join(found)


def _over_all_outputs(arithmetic: ArithmeticRecord) -> bool:
    """Whether an output's delta depends on all outputs' errors: softmax with a loss that is not its own."""
    return arithmetic[-1].activation.whole_row and not arithmetic.linked


def _layer(
    arithmetic: ArithmeticRecord, layer: LayerArithmetic, part: Shown, sums: dict[int, str]
) -> list[Block]:
    assert layer.errors is not None
    assert layer.slopes is not None
    assert layer.deltas is not None
    dtype, last = arithmetic.dtype, layer.number == len(arithmetic)
    elementwise = not last or not _over_all_outputs(arithmetic)
    errors, slopes = _error_ways(arithmetic, layer), _slope_ways(arithmetic, layer, layer.slopes, sums)
    rows = []
    for neuron in part.neurons:
        error, slope = _agreed(layer.errors, errors, neuron), _agreed(layer.slopes, slopes, neuron)
        ways = [layer.deltas[neuron], *([Decimal(error) * Decimal(slope)] if elementwise else [])]
        given: tuple[str, ...] = ()
        if last and arithmetic.target is not None:
            y = arithmetic.target[neuron]
            given = term(layer.activations[neuron], dtype), "missing" if np.isnan(y) else term(y, dtype)
        rows.append((layer.names[neuron], *given, error, f"× {slope}", f"= {agreed(ways, FIGURES[dtype])}"))
    head = ("", *(("a", "y") if last else ()), "error", "× slope", "= delta")
    formula = f", slope of {layer.activation}: {layer.activation.slope.replace('-', '−')}"
    title = f"Layer {layer.number}{'' if last and arithmetic.linked else formula}"
    return [
        Heading(title, 2),
        Table(head, rows),
        *(_gradients(arithmetic, layer, neuron, part.terms[neuron]) for neuron in part.neurons),
    ]


def _agreed(values: Array, ways: Ways, at: int) -> str:
    own, low, high = (float(each[at]) for each in (values, *ways))
    exact = low == own == high
    return term(own, values.dtype) if exact else agreed([own, low, high], FIGURES[values.dtype])


def _error_ways(arithmetic: ArithmeticRecord, layer: LayerArithmetic) -> Ways:
    """The errors of a layer from the printed numbers: a and y, or the weights and deltas of the next layer."""
    if layer.number < len(arithmetic):
        following = arithmetic[layer.number]
        assert following.deltas is not None
        deltas, weights = as_printed(following.deltas), as_printed(following.weights).T
        errors: Array = deltas @ weights
        bound = rounding_bound(deltas, weights, np.zeros_like(errors), UNIT * np.abs(deltas), UNIT)
        return errors - bound, errors + bound
    assert arithmetic.target is not None
    a, y = as_printed(layer.activations), as_printed(arithmetic.target)
    errors = arithmetic.output_errors(a, y)
    bound = np.where(np.isnan(y), 0.0, ACTIVATION_ERROR * np.maximum(np.abs(a), np.abs(errors)))
    return errors - bound, errors + bound


def _slope_ways(
    arithmetic: ArithmeticRecord, layer: LayerArithmetic, own: Array, sums: dict[int, str]
) -> Ways:
    """The slopes of a layer from its printed sums, and its activations with all their figures."""
    if layer.number == len(arithmetic) and arithmetic.linked:
        return own, own  # 1
    z, a = as_printed(layer.pre_activations), as_printed(layer.activations)
    for neuron, total in sums.items():
        z[neuron] = float(total)
    slopes = layer.activation.derivative(z, a)
    bound = ACTIVATION_ERROR * np.maximum(np.abs(a), np.abs(slopes))
    bound[np.isin(slopes, (0, 1))] = 0  # the slope of a straight line is exact
    return slopes - bound, slopes + bound


def _gradients(arithmetic: ArithmeticRecord, layer: LayerArithmetic, neuron: int, shown: list[int]) -> Table:
    """The gradients of one neuron's weights, each with its parts, and the steps of gradient descent and of the
    optimizer.
    """
    assert layer.gradients is not None
    assert layer.deltas is not None
    assert layer.changes is not None
    assert layer.bias_changes is not None
    dtype, objective = arithmetic.dtype, arithmetic.objective
    delta = term(layer.deltas[neuron], dtype)
    gradients, changes = layer.gradients[:, neuron], layer.changes[:, neuron]
    steps = -arithmetic.rate * gradients.astype(np.float64)
    rows: list[tuple[str, ...]] = []
    for at in shown:
        x, w = term(layer.inputs[at], dtype), Decimal(term(layer.weights[at, neuron], dtype))
        penalty = term(
            float(Decimal(objective.l2) * w + Decimal(objective.l1) * int(np.sign(float(w)))), dtype
        )
        gradient = agreed([gradients[at], Decimal(x) * Decimal(delta) + Decimal(penalty)], FIGURES[dtype])
        parts = (layer.input_names[at], x, f"× {delta}", f"+ {penalty}", f"= {gradient}")
        rows.append((*parts, *_steps(steps[at], changes[at])))
    left = len(gradients) - len(shown)
    if left:
        norms = [float(np.linalg.norm(np.delete(each, shown))) for each in (gradients, steps, changes)]
        rows.append((f"+ {left} others, norm", "", "", "", f"{norms[0]:.6g}", *_steps(*norms[1:])))
    bias = _steps(-arithmetic.rate * float(layer.deltas[neuron]), layer.bias_changes[neuron])
    rows.append(("bias", "1", f"× {delta}", "+ 0", f"= {delta}", *bias))
    head = (layer.names[neuron], "input", "× delta", "+ penalty", "= gradient", "−rate × gradient")
    columns = [0, 1, 2, *([3] if objective.l1 or objective.l2 else []), 4, 5]
    if arithmetic.optimizer != "gradient_descent":
        columns.append(6)
    return Table((*head, f"step of {arithmetic.optimizer}"), rows).columns(columns)


def _steps(*values: float) -> list[str]:
    return [f"{value + 0.0:.6g}" for value in values]
