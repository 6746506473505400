"""The arithmetic of a row, told in blocks: what came in, layer after layer, what came out, and the way back.

Terms are printed with the figures that identify them, results with the digits on which the engine's sum, the
exact sum of the printed terms and a redoing of the whole row from its inputs agree. So whoever adds the printed
terms finds every printed digit.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np

from glassnet.inside.arithmetic_record import ArithmeticRecord, LayerArithmetic
from glassnet.inside.backward_text import way_back
from glassnet.inside.digits import EXACT, FIGURES, agreed, term
from glassnet.inside.error_bounds import ACTIVATION_ERROR, Redone, redo
from glassnet.inside.selection import Shown, choose
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Table

FEW_INPUTS = 30  # all of so many are shown
REST_FIGURES = {np.dtype(np.float32): 12, np.dtype(np.float64): 17}


def arithmetic_blocks(arithmetic: ArithmeticRecord, terms: int | None, neurons: int | None) -> list[Block]:
    shown = choose(arithmetic, terms, neurons)
    parameters = [(layer.weights, layer.biases) for layer in arithmetic]
    exact = redo(arithmetic.network, parameters, arithmetic[0].inputs)
    blocks = _opening(arithmetic, shown[0], terms)
    printed: list[str] = []
    sums: list[dict[int, str]] = []
    with localcontext(EXACT):
        for layer, part, again in zip(arithmetic, shown, exact, strict=True):
            told, totals, printed = _layer(layer, part, again, arithmetic)
            blocks += told
            sums.append(totals)
        blocks += _ending(arithmetic, shown[-1], printed, exact[-1])
        if arithmetic.target is not None:
            blocks += way_back(arithmetic, shown, sums)
        else:
            blocks.append(
                Paragraph(
                    "The way back, error, slope, delta, needs the true value: explain a row that has its target, "
                    "or pass target=."
                )
            )
    return blocks


def _opening(arithmetic: ArithmeticRecord, first: Shown, terms: int | None) -> list[Block]:
    """What the network was given: all of it, or where that is much, the inputs of the terms that are printed."""
    used = sorted({at for own in first.terms.values() for at in own})
    if terms is None or len(arithmetic.origins) <= FEW_INPUTS:
        used = list(range(len(arithmetic.origins)))
    left = len(arithmetic.origins) - len(used)
    rows = []
    for at in used:
        name, _, value, formula, _ = arithmetic.origins[at]
        rows.append((name, value, formula, term(arithmetic[0].inputs[at], arithmetic.dtype)))
    kind = arithmetic.dtype.name
    more = f"+ {left} more inputs, whose terms are among the smaller ones below. terms=None prints all."
    return [
        Heading(f"One row through {arithmetic.network}"),
        Paragraph(
            f"By the {arithmetic.engine} engine in {kind}. Inputs, weights and biases are printed with the "
            f"figures that identify their {kind}; products, sums and activations with the digits on which the "
            "engine and an exact redoing of what is printed agree."
        ),
        Heading("Inputs", 2),
        Table(("input", "in the table", "encoded as", f"in {kind}"), rows, "<<<>"),
        *([Paragraph(more)] if left else []),
    ]


def _layer(
    layer: LayerArithmetic, part: Shown, again: Redone, arithmetic: ArithmeticRecord
) -> tuple[list[Block], dict[int, str], list[str]]:
    """The blocks of one layer, the sums that are printed, and the activations of all its neurons, empty where not."""
    sums = [_Sum(layer, neuron, part.terms[neuron]) for neuron in part.neurons]
    totals = _totals(layer, sums, again)
    activations = _activations(layer, sums, totals, again)
    blocks: list[Block] = [
        Heading(f"Layer {layer.number} of {len(arithmetic)}: {len(layer.names)} {layer.activation}", 2)
    ]
    for each in sums:
        rows = [
            *each.rows,
            ("z, their sum", "", "", totals[each.neuron]),
            (f"a = {layer.activation.formula.replace('-', '−')}", "", "", activations[each.neuron]),
        ]
        head = (layer.names[each.neuron], "input", "× weight", "= product")
        blocks.append(Table(head, rows, "<>>>", rules=(len(rows) - 2,)))
    left = len(layer.names) - len(sums)
    if left:
        blocks.append(
            Paragraph(
                f"+ {left} more neurons of this layer, not shown because their parts of the sums printed below are "
                "no larger; those parts are in the lines of smaller terms. neurons=None prints all."
            )
        )
    return blocks, totals, activations


def _totals(layer: LayerArithmetic, sums: list[_Sum], again: Redone) -> dict[int, str]:
    """The sum of each printed neuron, as far as all ways to it agree."""
    totals = {}
    for each in sums:
        redone = _around(again.z, again.z_error, each.neuron)
        ways = [layer.pre_activations[each.neuron], each.printed, each.exact, *redone]
        totals[each.neuron] = agreed(ways, FIGURES[layer.weights.dtype])
    return totals


def _activations(
    layer: LayerArithmetic, sums: list[_Sum], totals: dict[int, str], again: Redone
) -> list[str]:
    """What becomes of the printed sum, of those of the printed and of the exact products, and of the engine's, as far
    as they agree.
    """
    again_z: Array = np.tile(layer.pre_activations.astype(np.float64), (3, 1))
    for each in sums:
        again_z[:, each.neuron] = float(totals[each.neuron]), float(each.printed), float(each.exact)
    redone = layer.activation(again_z)
    found = [""] * len(layer.names)
    for at in totals:
        ways = [layer.activations[at], *_around(again.a, again.a_error, at)]
        for a in redone:
            ways += _around(a, ACTIVATION_ERROR * np.abs(a), at)
        found[at] = agreed(ways, FIGURES[layer.weights.dtype])
    return found


class _Sum:
    """One neuron's sum: its lines, and its value as the printed terms give it and as their products do."""

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


def _ending(arithmetic: ArithmeticRecord, part: Shown, printed: list[str], again: Redone) -> list[Block]:
    """From the network's outputs to the prediction in the target's own values."""
    encoding = arithmetic.encoding
    if encoding.classes is not None:
        return [Heading("Prediction", 2), Paragraph(_class_chosen(arithmetic, part, printed))]
    rows = []
    for at in part.neurons:
        scale, mean = repr(encoding.scale[at]), repr(encoding.mean[at])
        value = Decimal(printed[at]) * Decimal(scale) + Decimal(mean)
        own = float(np.atleast_1d(arithmetic.prediction)[at])
        low, high = (x * encoding.scale[at] + encoding.mean[at] for x in _around(again.a, again.a_error, at))
        result = agreed([own, value, low, high], FIGURES[np.dtype(np.float64)])
        rows.append((encoding.columns[at], printed[at], f"× {scale}", f"+ {mean}", f"= {result}"))
    return [
        Heading("Prediction", 2),
        Paragraph("The outputs, taken back to the target's own units:"),
        Table(("", "output", "× scale", "+ mean", "= prediction"), rows, "<>>>>"),
    ]


def _class_chosen(arithmetic: ArithmeticRecord, part: Shown, printed: list[str]) -> str:
    said, names = str(arithmetic.prediction), arithmetic[-1].names
    classes = arithmetic.encoding.classes or ()
    if len(names) == 1 and len(classes) == 2:
        side = "above" if arithmetic.prediction == classes[1] else "not above"
        return f"The output, {printed[0]}, is {side} ½: {said}."
    best = int(arithmetic.outputs.argmax())
    return f"The largest output is that of {names[best]}, {printed[best]}: {said}."
