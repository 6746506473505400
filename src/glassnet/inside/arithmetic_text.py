"""The arithmetic of a row as text: its inputs, layer after layer, its prediction, and the backward pass.

Terms are printed with the figures that identify them, results with the digits on which the engine's sum, the exact
sum of the printed terms and a recalculation of the whole row from its inputs agree. So whoever adds the printed terms
gets every printed digit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, localcontext

import numpy as np

from glassnet.errors import called
from glassnet.inside.arithmetic_record import ArithmeticRecord, LayerArithmetic
from glassnet.inside.backward_text import backward_blocks
from glassnet.inside.digits import EXACT, FIGURES, agreed, term
from glassnet.inside.error_bounds import ACTIVATION_ERROR, Bounded, bounds
from glassnet.inside.selection import Shown, choose
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Table, number

FEW_INPUTS = 30  # all of so many are shown
REST_FIGURES = {np.dtype(np.float32): 12, np.dtype(np.float64): 17}


def arithmetic_blocks(
    arithmetic: ArithmeticRecord,
    terms: int | None,
    neurons: int | None,
    layer: int | None = None,
    neuron: int | str | None = None,
    figures: int | None = None,
) -> list[Block]:
    """All layers, or one ``layer``, or one ``neuron`` of it, with so many ``figures``; by default with all digits."""
    shown = choose(arithmetic, terms, neurons, layer, neuron)
    parameters = [(each.weights, each.biases) for each in arithmetic]
    exact = bounds(arithmetic.network, parameters, arithmetic[0].inputs)
    blocks = _opening(arithmetic, shown[0], terms, figures is None)
    sums: list[dict[int, str]] = []
    with localcontext(EXACT):
        for each, part, again in zip(arithmetic, shown, exact, strict=True):
            found, totals, printed = _layer(each, part, again, arithmetic)
            blocks += found
            sums.append(totals)
        if layer in (None, len(arithmetic)):
            blocks += _ending(arithmetic, shown[-1], printed, exact[-1])
        if arithmetic.target is not None:
            blocks += backward_blocks(arithmetic, shown, sums, figures is None)
        else:
            blocks.append(
                Paragraph(
                    "The backward pass (error, slope, delta) needs the true value: explain a row with its target."
                )
            )
    return blocks if figures is None else _rounded(blocks, figures)


_NUMBER = re.compile(r"([=×+−] )?(-?\d+\.?\d*(?:e-?\d+)?)")


def _rounded(blocks: Iterable[Block], figures: int) -> list[Block]:
    """The blocks with the numbers in their tables rounded to so many figures."""

    def cell(text: str, side: str) -> str:
        match = _NUMBER.fullmatch(text)
        return text if match is None or side == "<" else (match[1] or "") + number(float(match[2]), figures)

    return [
        replace(block, rows=[list(map(cell, row, block.sides)) for row in block.rows])
        if isinstance(block, Table)
        else block
        for block in blocks
    ]


def _opening(arithmetic: ArithmeticRecord, first: Shown, terms: int | None, exact: bool) -> list[Block]:
    """The inputs: all of them, or where there are many, those of the printed terms; none without these."""
    used = sorted({at for own in first.terms.values() for at in own})
    if first.neurons and (terms is None or len(arithmetic.origins) <= FEW_INPUTS):
        used = list(range(len(arithmetic.origins)))
    left = len(arithmetic.origins) - len(used)
    rows = []
    for at in used:
        name, _, value, formula, _ = arithmetic.origins[at]
        rows.append((name, value, formula, term(arithmetic[0].inputs[at], arithmetic.dtype)))
    precision = arithmetic.dtype.name
    about = (
        f" Inputs, weights and biases are printed with the figures that identify a {precision}; products, sums and "
        "activations with the digits that an exact recalculation from the printed numbers gives."
    )
    blocks: list[Block] = [
        Heading(arithmetic.title),
        Paragraph(f"Computed by the {arithmetic.engine} engine in {precision}.{about if exact else ''}"),
    ]
    if rows:
        head = ("input", "in the table", "encoded as", f"in {precision}")
        blocks += [Heading("Inputs", 3), Table(head, rows, "<<<>")]
    if rows and left:
        blocks.append(
            Paragraph(
                f"+ {left} more inputs, whose terms are among the smaller terms below. {called('terms', None)} "
                "prints all."
            )
        )
    return blocks


def _layer(
    layer: LayerArithmetic, part: Shown, again: Bounded, arithmetic: ArithmeticRecord
) -> tuple[list[Block], dict[int, str], list[str]]:
    """The blocks of one layer, the sums that are printed, and the activations of all its neurons, empty where not."""
    if not part.neurons:
        return [], {}, []
    sums = [_Sum(layer, neuron, part.terms[neuron]) for neuron in part.neurons]
    totals = _totals(layer, sums, again)
    activations = _activations(layer, sums, totals, again)
    title = f"Layer {layer.number} of {len(arithmetic)}: {len(layer.names)} {layer.activation}"
    blocks: list[Block] = [Heading(title, 2)]
    for each in sums:
        rows = [
            *each.rows,
            ("z, the sum", "", "", totals[each.neuron]),
            (f"a = {layer.activation.formula.replace('-', '−')}", "", "", activations[each.neuron]),
        ]
        head = (layer.names[each.neuron], "input", "× weight", "= product")
        blocks.append(Table(head, rows, rules=(len(rows) - 2,)))
    if part.left:
        blocks.append(
            Paragraph(
                f"+ {part.left} more neurons of this layer; their terms in the sums of the next layer are no "
                f"larger than those printed. {called('neurons', None)} prints all."
            )
        )
    return blocks, totals, activations


def _totals(layer: LayerArithmetic, sums: list[_Sum], again: Bounded) -> dict[int, str]:
    """The sum of each printed neuron, as far as all ways to compute it agree."""
    totals = {}
    for each in sums:
        around = _around(again.z, again.z_error, each.neuron)
        ways = [layer.pre_activations[each.neuron], each.printed, each.exact, *around]
        totals[each.neuron] = agreed(ways, FIGURES[layer.weights.dtype])
    return totals


def _activations(
    layer: LayerArithmetic, sums: list[_Sum], totals: dict[int, str], again: Bounded
) -> list[str]:
    """The activations of the printed sum, of the sums of the printed and of the exact products, and the engine's own,
    as far as they agree.
    """
    again_z: Array = np.tile(layer.pre_activations.astype(np.float64), (3, 1))
    for each in sums:
        again_z[:, each.neuron] = float(totals[each.neuron]), float(each.printed), float(each.exact)
    recalculated = layer.activation(again_z)
    found = [""] * len(layer.names)
    for at in totals:
        ways = [layer.activations[at], *_around(again.a, again.a_error, at)]
        for a in recalculated:
            ways += _around(a, ACTIVATION_ERROR * np.abs(a), at)
        found[at] = agreed(ways, FIGURES[layer.weights.dtype])
    return found


class _Sum:
    """The sum of one neuron: its lines, and its value from the printed terms and from their exact products."""

    def __init__(self, layer: LayerArithmetic, neuron: int, shown: list[int]) -> None:
        dtype = layer.weights.dtype
        self.neuron = neuron
        self.rows: list[tuple[str, ...]] = []
        self.printed = self.exact = Decimal(0)
        products = layer.inputs.astype(np.float64) * layer.weights[:, neuron].astype(np.float64)
        for at in shown:
            x, w = term(layer.inputs[at], dtype), term(layer.weights[at, neuron], dtype)
            exact = Decimal(x) * Decimal(w)
            product = agreed([products[at], exact], FIGURES[dtype])
            self._add((layer.input_names[at], x, f"× {w}", f"= {product}"), Decimal(product), exact)
        left = len(products) - len(shown)
        if left:
            others = math.fsum(np.delete(products, shown))
            rest = f"{others:.{REST_FIGURES[dtype]}g}"
            self._add((f"+ {left} smaller terms", "", "", f"= {rest}"), Decimal(rest), Decimal(others))
        bias = term(layer.biases[neuron], dtype)
        self._add(("bias", "", "", bias), Decimal(bias), Decimal(bias))

    def _add(self, row: tuple[str, ...], printed: Decimal, exact: Decimal) -> None:
        self.rows.append(row)
        self.printed += printed
        self.exact += exact


def _around(values: Array, errors: Array, at: int) -> tuple[float, float]:
    return float(values[at] - errors[at]), float(values[at] + errors[at])


def _ending(arithmetic: ArithmeticRecord, part: Shown, printed: list[str], again: Bounded) -> list[Block]:
    """From the network's outputs to the prediction in the target's values."""
    encoding = arithmetic.encoding
    if arithmetic.averaging is not None:
        return arithmetic.averaging.blocks()
    if encoding.classes is not None:
        return [Heading("Prediction", 2), Paragraph(_class_chosen(arithmetic, printed))]
    rows, numbers = [], encoding.unclamped.in_units(arithmetic.outputs)
    for at in part.neurons:
        scale, mean = repr(encoding.scale[at]), repr(encoding.mean[at])
        value = Decimal(printed[at]) * Decimal(scale) + Decimal(mean)
        own = float(numbers[at])
        low, high = (x * encoding.scale[at] + encoding.mean[at] for x in _around(again.a, again.a_error, at))
        result = agreed([own, value, low, high], FIGURES[np.dtype(np.float64)])
        rows.append((encoding.columns[at], printed[at], f"× {scale}", f"+ {mean}", f"= {result}"))
    head = ("", "output", "× scale", "+ mean", "= prediction")
    changed = map(Paragraph, encoding.out_of_range(arithmetic.outputs))
    return [Heading("Prediction", 2), Table(head, rows), *changed]


def _class_chosen(arithmetic: ArithmeticRecord, printed: list[str]) -> str:
    prediction, names = str(arithmetic.prediction), arithmetic[-1].names
    classes = arithmetic.encoding.classes or ()
    if len(names) == 1 and len(classes) == 2:
        side = "above" if arithmetic.prediction == classes[1] else "not above"
        return f"The output, {printed[0]}, is {side} ½: {prediction}."
    best = int(arithmetic.outputs.argmax())
    largest = printed[best] or f"{arithmetic.outputs[best]:.4g}"
    return f"The largest output is that of {names[best]}, {largest}: {prediction}."
