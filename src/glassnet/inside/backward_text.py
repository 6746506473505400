"""The way back of one row, told in blocks: error, slope, delta; input times delta; the change of a step.

Errors and slopes are printed as deltas and gradients are: up to the last decimal on which the number and a redoing of
it from what is printed agree.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from glassnet.inside.arithmetic_record import ArithmeticRecord, Back, LayerArithmetic, output_errors
from glassnet.inside.digits import FIGURES, agreed, as_printed, rounding_bound, term
from glassnet.inside.error_bounds import ACTIVATION_ERROR, UNIT
from glassnet.inside.selection import Shown
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Table

Ways = tuple[Array, Array]  # the least and the most (O,) that redoing a number comes to


def way_back(arithmetic: ArithmeticRecord, shown: list[Shown], sums: list[dict[int, str]]) -> list[Block]:
    """From the last layer to the first; the same neurons and terms as on the way forward.

    ``sums`` are the pre-activations of each layer's neurons, as far as they were printed.
    """
    blocks: list[Block] = [Heading("The way back"), *_about(arithmetic)]
    for layer, part, printed in zip(
        reversed(arithmetic.layers), reversed(shown), reversed(sums), strict=True
    ):
        blocks += _layer(arithmetic, layer, part, printed)
    return blocks


def _about(arithmetic: ArithmeticRecord) -> list[Block]:
    output, objective = arithmetic.network.output, arithmetic.objective
    first = (
        f"error a − y: with {output.activation} the slope cancels against the loss and counts 1"
        if output.activation.name == objective.loss.link
        else f"error ∂loss/∂a = {objective.loss.slope}"
    )
    over_all = ", in the last layer over all outputs at once" if _over_all_outputs(arithmetic) else ""
    delta = f"delta = error × slope{over_all}"
    penalty = []
    if objective.l2:
        penalty.append(f"+ {objective.l2:g} × weight (l2)")
    if objective.l1:
        penalty.append(f"+ {objective.l1:g} × sign of the weight (l1)")
    gradient = " ".join(["gradient = input × delta", *penalty])
    return [
        Paragraph(
            f"The true value: {_truth(arithmetic)}. The loss of this row, {objective.loss}: {arithmetic.loss:.6g}. "
            f"In the last layer, {first}; before it, the error of a neuron is the sum of weight × delta over the "
            f"neurons that it feeds. {delta}; {gradient}. The change is one step of {arithmetic.optimizer} at "
            f"the rate {arithmetic.rate:g}, with an empty memory, on this row alone."
        ),
        Paragraph(
            f"The gradients and the deltas are the {arithmetic.engine} engine's: for a single row, the gradient of a "
            "bias is the delta of its neuron. An engine does not hand out the errors before the last layer: they are "
            "worked out here from its deltas (W · delta), and so are the slopes from its sums and activations, and "
            "the change from its gradients. Errors, slopes, deltas and gradients are printed with the digits that "
            "whoever redoes them from what is printed will find: slopes from z as it is printed above, and from a "
            "with all its figures."
        ),
    ]


def _truth(arithmetic: ArithmeticRecord) -> str:
    """The target as the network sees it, y, with all its figures; of a number also what it is in its own units."""
    assert arithmetic.target is not None
    encoding = arithmetic.encoding
    own = [term(value, arithmetic.dtype) for value in arithmetic.target]
    if encoding.classes is None:
        scaled = zip(own, arithmetic.target, encoding.scale, encoding.mean, strict=True)
        own = [f"{value * scale + mean:.6g} (to the network {y})" for y, value, scale, mean in scaled]
    own = [
        "is missing, and teaches nothing" if np.isnan(value) else said
        for value, said in zip(arithmetic.target, own, strict=True)
    ]
    return ", ".join(f"{name} {y}" for name, y in zip(arithmetic[-1].names, own, strict=True))


def _over_all_outputs(arithmetic: ArithmeticRecord) -> bool:
    """Whether an output's delta comes from all outputs' errors: softmax with a loss that is not its own."""
    output = arithmetic.network.output
    return output.activation.whole_row and output.activation.name != arithmetic.objective.loss.link


def _layer(
    arithmetic: ArithmeticRecord, layer: LayerArithmetic, part: Shown, sums: dict[int, str]
) -> list[Block]:
    back, dtype = layer.back, arithmetic.dtype
    assert back is not None
    last, linked = layer.number == len(arithmetic), layer.activation.name == arithmetic.objective.loss.link
    elementwise = not last or not _over_all_outputs(arithmetic)
    errors, slopes = _redone_errors(arithmetic, layer), _redone_slopes(arithmetic, layer, sums)
    rows = []
    for neuron in part.neurons:
        error, slope = _redone(back.errors, errors, neuron), _redone(back.slopes, slopes, neuron)
        ways = [back.deltas[neuron], *([Decimal(error) * Decimal(slope)] if elementwise else [])]
        given: tuple[str, ...] = ()
        if last and arithmetic.target is not None:
            y = arithmetic.target[neuron]
            given = term(layer.activations[neuron], dtype), "missing" if np.isnan(y) else term(y, dtype)
        rows.append((layer.names[neuron], *given, error, f"× {slope}", f"= {agreed(ways, FIGURES[dtype])}"))
    head = ("", *(("a", "y") if last else ()), "error", "× slope", "= delta")
    function = layer.activation
    of = "" if last and linked else f", slope of {function.name}: {function.slope.replace('-', '−')}"
    blocks: list[Block] = [
        Heading(f"Layer {layer.number}{of}", 2),
        Table(head, rows, "<" + ">" * (len(head) - 1)),
    ]
    return blocks + [
        _gradients(arithmetic, layer, back, neuron, part.terms[neuron]) for neuron in part.neurons
    ]


def _redone(values: Array, ways: Ways, at: int) -> str:
    own, low, high = (float(each[at]) for each in (values, *ways))
    exact = low == own == high
    return term(own, values.dtype) if exact else agreed([own, low, high], FIGURES[values.dtype])


def _redone_errors(arithmetic: ArithmeticRecord, layer: LayerArithmetic) -> Ways:
    """The errors of a layer from the numbers as they are printed: a and y, or weights and deltas of the next layer."""
    if layer.number < len(arithmetic):
        following = arithmetic[layer.number]
        assert following.deltas is not None
        deltas, weights = as_printed(following.deltas), as_printed(following.weights).T
        errors: Array = deltas @ weights
        bound = rounding_bound(deltas, weights, np.zeros_like(errors), UNIT * np.abs(deltas), UNIT)
        return errors - bound, errors + bound
    assert arithmetic.target is not None
    a, y = as_printed(layer.activations), as_printed(arithmetic.target)
    errors = output_errors(arithmetic.objective, layer.activation, a, y)
    bound = np.where(np.isnan(y), 0.0, ACTIVATION_ERROR * np.maximum(np.abs(a), np.abs(errors)))
    return errors - bound, errors + bound


def _redone_slopes(arithmetic: ArithmeticRecord, layer: LayerArithmetic, sums: dict[int, str]) -> Ways:
    """The slopes of a layer from its sums as they are printed, and its activations with all their figures."""
    assert layer.slopes is not None
    if layer.number == len(arithmetic) and layer.activation.name == arithmetic.objective.loss.link:
        return layer.slopes, layer.slopes  # 1
    z, a = as_printed(layer.pre_activations), as_printed(layer.activations)
    for neuron, total in sums.items():
        z[neuron] = float(total)
    slopes = layer.activation.derivative(z, a)
    bound = ACTIVATION_ERROR * np.maximum(np.abs(a), np.abs(slopes))
    bound[np.isin(slopes, (0, 1))] = 0  # a straight line's slope is exact
    return slopes - bound, slopes + bound


def _gradients(
    arithmetic: ArithmeticRecord, layer: LayerArithmetic, back: Back, neuron: int, shown: list[int]
) -> Table:
    """One neuron's gradients, its inputs times its delta, and what a step would change."""
    dtype, objective = arithmetic.dtype, arithmetic.objective
    delta = term(back.deltas[neuron], dtype)
    gradients, changes = back.gradients[:, neuron], back.changes[:, neuron]
    rows: list[tuple[str, ...]] = []
    for at in shown:
        x, w = term(layer.inputs[at], dtype), Decimal(term(layer.weights[at, neuron], dtype))
        sign = 1 if w > 0 else -1 if w < 0 else 0
        pulled = Decimal(objective.l2) * w + Decimal(objective.l1) * sign
        gradient = agreed([gradients[at], Decimal(x) * Decimal(delta) + pulled], FIGURES[dtype])
        rows.append((layer.input_names[at], x, f"× {delta}", gradient, f"{changes[at]:.6g}"))
    left = len(gradients) - len(shown)
    if left:
        norms = [f"{np.linalg.norm(np.delete(each, shown)):.6g}" for each in (gradients, changes)]
        rows.append((f"+ {left} others, of norm", "", "", *norms))
    rows.append(("bias", "1", f"× {delta}", delta, f"{back.bias_changes[neuron]:.6g}"))
    return Table((layer.names[neuron], "input", "× delta", "gradient", "change"), rows, "<>>>>")
