"""The answer in a workbook: from the outputs of the networks to labels, probabilities and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.printable import printable
from glassnet.ship.export.excel_book import Sheet
from glassnet.ship.export.excel_columns import number
from glassnet.ship.export.program import SMALLEST_SHARE, Answer, Array, ModelProgram, label_text
from glassnet.ship.export.runtime import arrays


def network_names(program: ModelProgram) -> list[str]:
    """The names of the sheets of the networks."""
    count = len(program.members)
    return ["Network"] if count == 1 else [f"Network {at + 1}" for at in range(count)]


def write_answer(
    sheet: Sheet, program: ModelProgram, outputs: Sequence[Sequence[str]], values: Array
) -> list[tuple[str, Any]]:
    """The formula and the value of each answer: of every target the label or the number, and its probabilities."""
    count = len(program.members)
    sheet.own.set_column(0, 0, 34)
    sheet.own.set_column(1, 6 + count, 17)
    sheet.own.freeze_panes(3, 1)
    sheet.text(0, 0, "From the outputs to the answer", "title")
    names = network_names(program) if count > 1 else ["output"]
    sheet.texts(2, 0, ["output", *names, *(["mean"] if count > 1 else [])], "head")
    means = values.mean(axis=0)
    described = [printable(text) for answer in program.answers for text in _outputs_of(answer)]
    cells = []
    for at in range(program.outputs):
        sheet.text(3 + at, 0, f"output {at + 1}: {described[at]}")
        for member in range(count):
            sheet.formula(3 + at, 1 + member, outputs[member][at], values[member][at])
        if count > 1:
            sheet.formula(
                3 + at, 1 + count, f"AVERAGE({sheet.area(3 + at, 1, 3 + at, count)})", means[at], "sum"
            )
        cells.append(sheet.cell(3 + at, 1 + count if count > 1 else 1))
    top = 5 + program.outputs
    answers: list[tuple[str, Any]] = []
    for answer in program.answers:
        own = slice(answer.first, answer.last)
        sheet.text(top, 0, printable(answer.target), "heading")
        if answer.classes is None:
            answers.append(_number(sheet, answer, top + 1, cells[answer.first], means))
            top += 4
            continue
        answers += _classes(sheet, answer, top + 1, cells[own], means)
        top += len(answer.classes) + 5
    return answers


def _outputs_of(answer: Answer) -> list[str]:
    """What each output of a target is."""
    classes = answer.classes or ()
    if answer.is_binary:
        return [f"{answer.target} is {label_text(classes[1])}"]
    return [f"{answer.target} is {label_text(label)}" for label in classes] or [answer.target]


def _number(sheet: Sheet, answer: Answer, at: int, output: str, means: Array) -> tuple[str, Any]:
    formula = f"{output}*{number(answer.scale)}+{number(answer.mean)}"
    if np.isfinite(answer.lowest):
        formula = f"MIN(MAX({formula},{number(answer.lowest)}),{number(answer.highest)})"
    value = means[answer.first] * answer.scale + answer.mean
    known = float(np.clip(value, answer.lowest, answer.highest))
    sheet.text(at, 0, "in the target's own units")
    sheet.formula(at, 1, formula, known, "result")
    return sheet.cell(at, 1), known


def _classes(
    sheet: Sheet, answer: Answer, at: int, outputs: Sequence[str], means: Array
) -> list[tuple[str, Any]]:
    """Of a target of classes, a row for each class; the label, and the probabilities."""
    classes = answer.classes or ()
    count, first = len(classes), at + 1
    is_hot = answer.temperature != 1
    heads = [
        "class",
        "kept from 0 to 1",
        "share",
        *(["log(share) / T", "exp", "probability"] if is_hot else []),
    ]
    sheet.texts(at, 0, heads)
    document = {"first": answer.first, "last": answer.last, "temperature": 1}
    outs = means[None]
    shares = arrays.probabilities_of(document, outs)[0]
    final = arrays.probabilities_of({**document, "temperature": answer.temperature}, outs)[0]
    kept, logs, powers = (sheet.area(first, column, first + count - 1, column) for column in (1, 3, 4))
    last = 5 if is_hot else 2
    logarithms = np.log(np.maximum(shares, SMALLEST_SHARE)) / answer.temperature
    raw = np.clip(outs[0, answer.first : answer.last], 0, 1)
    for place, label in enumerate(classes):
        row = first + place
        sheet.value(row, 0, label, "text")
        output = outputs[0] if answer.is_binary else outputs[place]
        if answer.is_binary:
            one = f"MIN(MAX({output},0),1)"
            sheet.formula(row, 1, one if place else f"1-{one}", shares[place])
            sheet.formula(row, 2, sheet.cell(row, 1), shares[place], "number" if is_hot else "result")
        else:
            sheet.formula(row, 1, f"MIN(MAX({output},0),1)", raw[place])
            share = f"IF(SUM({kept})>0,{sheet.cell(row, 1)}/SUM({kept}),1/{count})"
            sheet.formula(row, 2, share, shares[place], "number" if is_hot else "result")
        if is_hot:
            log = f"LN(MAX({sheet.cell(row, 2)},{number(SMALLEST_SHARE)}))/{number(answer.temperature)}"
            sheet.formula(row, 3, log, logarithms[place])
            power = f"EXP({sheet.cell(row, 3)}-MAX({logs}))"
            sheet.formula(row, 4, power, np.exp(logarithms[place] - logarithms.max()))
            sheet.formula(row, 5, f"{sheet.cell(row, 4)}/SUM({powers})", final[place], "result")
    labels = sheet.area(first, 0, first + count - 1, 0)
    place = int(arrays.places_of(document, outs)[0])
    if answer.is_binary:
        chosen = f"IF({outputs[0]}>0.5,{sheet.cell(first + 1, 0)},{sheet.cell(first, 0)})"
    else:
        together = f"{outputs[0]}:{outputs[-1].partition('!')[2]}"
        chosen = f"INDEX({labels},MATCH(MAX({together}),{together},0))"
    sheet.text(first + count, 0, "predicted", "note")
    label = classes[place]
    sheet.formula(first + count, 1, chosen, label, "result")
    cells = [sheet.cell(first + count, 1), *(sheet.cell(first + row, last) for row in range(count))]
    return list(zip(cells, [label, *final.tolist()], strict=True))
