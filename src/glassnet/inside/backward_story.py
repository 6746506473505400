"""The way back of one row, told in blocks: error, slope, delta; input times delta; the change of a step."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from glassnet.inside.arithmetic import Arithmetic, Back, LayerArithmetic
from glassnet.inside.digits import FIGURES, agreed, term
from glassnet.inside.pages import Block, Grid, Heading, Paragraph
from glassnet.inside.selection import Shown


def way_back(arithmetic: Arithmetic, shown: list[Shown]) -> list[Block]:
    """From the last layer to the first; the same neurons and terms as on the way forward."""
    blocks: list[Block] = [Heading("The way back"), *_about(arithmetic)]
    for layer, part in zip(reversed(arithmetic.layers), reversed(shown), strict=True):
        blocks += _layer(arithmetic, layer, part)
    return blocks


def _about(arithmetic: Arithmetic) -> list[Block]:
    output, objective = arithmetic.network.output, arithmetic.objective
    first = (
        f"error a − y: with {output.activation} the slope cancels against the loss and counts 1"
        if output.activation == objective.row.link
        else f"error ∂loss/∂a = {objective.row.slope}"
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
            "the change from its gradients."
        ),
    ]


def _truth(arithmetic: Arithmetic) -> str:
    """The target as the network sees it, y, with all its figures; of a number also what it is in its own units."""
    assert arithmetic.target is not None
    encoding = arithmetic.encoding
    own = [term(value, arithmetic.dtype) for value in arithmetic.target]
    if encoding.classes is None:
        scaled = zip(own, arithmetic.target, encoding.scale, encoding.mean, strict=True)
        own = [f"{value * scale + mean:.6g} (to the network {y})" for y, value, scale, mean in scaled]
    return ", ".join(f"{name} {y}" for name, y in zip(arithmetic[-1].names, own, strict=True))


def _over_all_outputs(arithmetic: Arithmetic) -> bool:
    """Whether an output's delta comes from all outputs' errors: softmax with a loss that is not its own."""
    output = arithmetic.network.output
    return output.function.whole_row and output.activation != arithmetic.objective.row.link


def _layer(arithmetic: Arithmetic, layer: LayerArithmetic, part: Shown) -> list[Block]:
    back, dtype = layer.back, arithmetic.dtype
    assert back is not None
    elementwise = layer.number < len(arithmetic) or not _over_all_outputs(arithmetic)
    rows = []
    for neuron in part.neurons:
        error, slope = term(back.errors[neuron], dtype), term(back.slopes[neuron], dtype)
        ways = [back.deltas[neuron], *([Decimal(error) * Decimal(slope)] if elementwise else [])]
        rows.append((layer.names[neuron], error, f"× {slope}", f"= {agreed(ways, FIGURES[dtype])}"))
    blocks: list[Block] = [
        Heading(f"Layer {layer.number}", 2),
        Grid(("", "error", "× slope", "= delta"), rows, "<>>>"),
    ]
    return blocks + [
        _gradients(arithmetic, layer, back, neuron, part.terms[neuron]) for neuron in part.neurons
    ]


def _gradients(
    arithmetic: Arithmetic, layer: LayerArithmetic, back: Back, neuron: int, shown: list[int]
) -> Grid:
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
    return Grid((layer.names[neuron], "input", "× delta", "gradient", "change"), rows, "<>>>>")
