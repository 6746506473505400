"""The networks in a workbook: each layer is a block of formulas in which a neuron is a column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.ship.export.excel_book import Sheet
from glassnet.ship.export.program import Array, Dense
from glassnet.ship.export.runtime import arrays

ACTIVATIONS = {  # of the sum in the cell {z}
    "identity": "{z}",
    "step": "IF({z}>0,1,0)",
    "relu": "MAX({z},0)",
    "leaky_relu": "IF({z}>0,{z},0.01*{z})",
    "elu": "IF({z}>0,{z},EXP(MIN({z},0))-1)",
    "selu": "1.0507009873554805*IF({z}>0,{z},1.6732632423543772*(EXP(MIN({z},0))-1))",
    "sigmoid": "1/(1+EXP(-MAX({z},-700)))",
    "tanh": "TANH({z})",
    "softplus": "MAX({z},0)+LN(1+EXP(-ABS({z})))",
    "gelu": "{z}*(1+TANH(0.7978845608028654*({z}+0.044715*{z}^3)))/2",
    "silu": "{z}/(1+EXP(-MAX({z},-700)))",
    "mish": "{z}*TANH(MAX({z},0)+LN(1+EXP(-ABS({z}))))",
    "exponential": "EXP(MIN({z},700))",
}


def write_network(
    sheet: Sheet, layers: Sequence[Dense], taken: list[tuple[str, str]], known: Array
) -> tuple[list[str], Array]:
    """The cells of the outputs of a network, and the outputs (O,) of the example."""
    widest = max(len(layer.biases) for layer in layers)
    sheet.own.set_column(0, 0, 46)
    sheet.own.set_column(1, 1 + widest, 10)
    sheet.own.freeze_panes(3, 2)
    sheet.text(0, 0, sheet.name, "title")
    sheet.texts(2, 0, ["", "input", *(f"neuron {at + 1}" for at in range(widest))], "head_right")
    top = 4
    for place, layer in enumerate(layers, 1):
        last = place == len(layers)
        name = f"Layer {place}" + (", the outputs" if last else "")
        sheet.text(top, 0, f"{name}: {layer.activation}", "heading")
        taken, known = _layer(sheet, layer, top + 1, taken, known, place)
        top += len(layer.weights) + 7
    return [cell for _, cell in taken], known


def _layer(
    sheet: Sheet, layer: Dense, top: int, taken: list[tuple[str, str]], known: Array, place: int
) -> tuple[list[tuple[str, str]], Array]:
    count, width = layer.weights.shape
    weights = layer.weights.astype(np.float64)
    sums = known @ weights + layer.biases
    active = arrays.ACTIVATIONS[layer.activation](sums)
    is_softmax = layer.activation == "softmax"
    bias, z, e, a = top, top + 1, top + 2, top + 2 + is_softmax
    first = a + 1
    sheet.text(bias, 0, "bias b", "note")
    sheet.text(z, 0, "sum z = inputs · weights + b", "note")
    if is_softmax:
        sheet.text(e, 0, "exp(z - largest z)", "note")
    sheet.text(
        a, 0, "activation a = " + ("exp / sum of all exp" if is_softmax else f"{layer.activation}(z)"), "note"
    )
    for at, (name, cell) in enumerate(taken):
        sheet.text(first + at, 0, f"weights of {name}", "note")
        sheet.formula(first + at, 1, cell, known[at])
    inputs = sheet.area(first, 1, first + count - 1, 1)
    all_sums, powers = sheet.area(z, 2, z, 1 + width), sheet.area(e, 2, e, 1 + width)
    largest = sums.max()
    for at in range(width):
        column = 2 + at
        sheet.value(bias, column, layer.biases[at])
        own = sheet.area(first, column, first + count - 1, column)
        sheet.formula(z, column, f"SUMPRODUCT({inputs},{own})+{sheet.cell(bias, column)}", sums[at], "sum")
        if is_softmax:
            power = f"EXP({sheet.cell(z, column)}-MAX({all_sums}))"
            sheet.formula(e, column, power, np.exp(sums[at] - largest))
            formula = f"{sheet.cell(e, column)}/SUM({powers})"
        else:
            formula = ACTIVATIONS[layer.activation].format(z=sheet.cell(z, column))
        sheet.formula(a, column, formula, active[at], "result")
        for row in range(count):
            sheet.value(first + row, column, weights[row, at])
    sheet.shade(first, 2, first + count - 1, 1 + width, np.abs(weights).max() or 1.0)
    sheet.shade(first, 1, first + count - 1, 1, max(np.abs(known).max(), 1.0))
    names = [f"a{at + 1} of layer {place}" for at in range(width)]
    return [(name, sheet.cell(a, 2 + at)) for at, name in enumerate(names)], active
