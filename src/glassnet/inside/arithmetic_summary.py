"""The arithmetic of a row on one screen: its inputs, layers, outputs and gradients, in a few figures."""

from __future__ import annotations

import numpy as np

from glassnet.errors import called
from glassnet.inside.arithmetic_record import ArithmeticRecord
from glassnet.net.arrays import Array
from glassnet.text import Block, Heading, Paragraph, Table, number

MOST_INPUTS = 12
MOST_OUTPUTS = 8
LARGEST = 3  # neurons that are named


def summary_blocks(arithmetic: ArithmeticRecord, figures: int) -> list[Block]:
    """Inputs, layers, outputs and, if the target is known, the sizes of deltas and gradients."""
    one, every = called("layer", 1), called("digits", "all")
    return [
        Heading(arithmetic.title),
        Paragraph(_result(arithmetic, figures)),
        *_inputs(arithmetic, figures),
        *_layers(arithmetic, figures),
        *_outputs(arithmetic, figures),
        *([] if arithmetic.averaging is None else arithmetic.averaging.blocks(figures)),
        *([] if arithmetic.target is None else _gradients(arithmetic, figures)),
        Paragraph(f"{one} shows one layer, {every} every number of all layers."),
    ]


def _result(arithmetic: ArithmeticRecord, figures: int) -> str:
    values = np.atleast_1d(np.asarray(arithmetic.prediction, dtype=object))
    prediction = ", ".join(number(each, 6) if isinstance(each, float) else str(each) for each in values)
    loss = "" if arithmetic.loss is None else f"; loss {number(arithmetic.loss, figures)}"
    return f"Prediction: {prediction}{loss}. Computed by the {arithmetic.engine} engine in {arithmetic.dtype.name}."


def _inputs(arithmetic: ArithmeticRecord, figures: int) -> list[Block]:
    """The inputs whose products with the weights are largest."""
    sizes = np.abs(arithmetic[0].products).sum(axis=1)
    shown = sorted(at for at in np.argsort(-sizes, kind="stable")[:MOST_INPUTS].tolist() if sizes[at])
    origins = [arithmetic.origins[at] for at in shown]
    rows = [(origin.name, origin.value, number(origin.encoded, figures)) for origin in origins]
    left = len(sizes) - len(shown)
    zero = int((sizes == 0).sum())
    more = [Paragraph(f"+ {left} more inputs, {zero} of them 0", 2)] if left else []
    return [Heading("Inputs", 3), Table(("input", "in the table", "encoded"), rows, "<<>"), *more]


def _layers(arithmetic: ArithmeticRecord, figures: int) -> list[Block]:
    rows = []
    for layer in arithmetic:
        a = layer.activations
        largest = np.argsort(-np.abs(a), kind="stable")[: LARGEST if layer.number < len(arithmetic) else 1]
        named = ", ".join(f"{layer.names[at]}: {number(a[at], figures)}" for at in largest)
        counts = f"{len(a)}", f"{np.count_nonzero(a)}"
        rows.append((str(layer.number), str(layer.activation), *counts, named))
    head = ("layer", "activation", "neurons", "not 0", "largest activations")
    return [Heading("Layers", 3), Table(head, rows, "><>><")]


def _outputs(arithmetic: ArithmeticRecord, figures: int) -> list[Block]:
    last = arithmetic[-1]
    shown = np.sort(np.argsort(-np.abs(last.activations), kind="stable")[:MOST_OUTPUTS])
    columns: dict[str, Array | None] = {
        "z": last.pre_activations,
        "a": last.activations,
        "y": arithmetic.target,
        "delta": last.deltas,
    }
    known = {name: own for name, own in columns.items() if own is not None}
    rows = [(last.names[at], *(number(own[at], figures) for own in known.values())) for at in shown]
    left = len(last.names) - len(shown)
    more = [Paragraph(f"+ {left} more outputs", 2)] if left else []
    alone = arithmetic.encoding.classes is None and arithmetic.averaging is None
    changed = arithmetic.encoding.out_of_range(last.activations) if alone else []
    return [Heading("Outputs", 3), Table(("", *known), rows), *more, *map(Paragraph, changed)]


def _gradients(arithmetic: ArithmeticRecord, figures: int) -> list[Block]:
    rows = []
    for layer in reversed(arithmetic.layers):
        assert layer.gradients is not None
        assert layer.deltas is not None
        assert layer.changes is not None
        gradient = np.linalg.norm(layer.gradients)
        sizes = (
            np.linalg.norm(layer.deltas),
            gradient,
            arithmetic.rate * gradient,
            np.linalg.norm(layer.changes),
        )
        rows.append((str(layer.number), *(number(float(size), figures) for size in sizes)))
    head = ("layer", "delta", "gradient", "rate × gradient", f"step of {arithmetic.optimizer}")
    return [
        Heading("Backward pass: norms of deltas, gradients and steps of the weights", 3),
        Table(head, rows, ">>>>>"),
    ]
