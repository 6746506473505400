"""The sheets of a workbook: the typed row, the inputs, the layers of each network, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.printable import printable
from glassnet.ship.export.excel_answer import network_names, write_answer
from glassnet.ship.export.excel_book import Book, Sheet
from glassnet.ship.export.excel_columns import as_cell, cleaned, in_words, is_date, syntax
from glassnet.ship.export.excel_layers import write_network
from glassnet.ship.export.program import Array, ModelProgram, label_text
from glassnet.ship.export.runtime import arrays
from glassnet.ship.export.runtime.cells import read_text
from glassnet.ship.export.sources import kind_of, summary
from glassnet.tables.date_parsing import TIME_ONLY
from glassnet.tables.encode.program import TRUTHS, ColumnProgram, Expression, LookUp

ROW, INPUTS, ANSWER, LISTS, CERTIFICATE = "Row", "Inputs", "Answer", "Lists", "Certificate"
FIRST = 4  # the row of the first value that is typed
TYPED, SHOWN = 1, 6  # the columns of the typed values, and of the answers beside them


def workbook_of(program: ModelProgram, certificate: Sequence[str]) -> bytes:
    """The file."""
    book = Book()
    about, row, inputs = book.sheet("About"), book.sheet(ROW), book.sheet(INPUTS)
    networks = [book.sheet(name) for name in network_names(program)]
    answer, lists = book.sheet(ANSWER), book.sheet(LISTS)
    book.keep_lists_on(lists)
    proof = book.sheet(CERTIFICATE)
    _about(about, program)
    taken, known = _inputs(inputs, row, book, program)
    outputs, values = [], []
    for sheet, layers in zip(networks, program.members, strict=True):
        cells, own = write_network(sheet, layers, taken, known)
        outputs.append(cells)
        values.append(own)
    answers = write_answer(answer, program, outputs, np.array(values))
    _row(row, book, program, answers)
    lists.own.set_column(0, book.list_count, 16)
    lists.own.freeze_panes(1, 0)
    proof.text(0, 0, "Certificate", "title")
    proof.paragraphs(2, [printable(line) for line in certificate])
    return book.content()


def answer_rows(program: ModelProgram) -> list[tuple[int, list[int]]]:
    """For each target the row of its label, or of its number, and those of its probabilities, on the sheet of rows."""
    found, at = [], FIRST
    for answer in program.answers:
        count = len(answer.classes or ())
        found.append((at, [at + 1 + place for place in range(count)]))
        at += count + 2
    return found


def _about(sheet: Sheet, program: ModelProgram) -> None:
    several = len(program.members) > 1
    lines = [
        "Everything in this workbook is a formula: change a value, a weight or a bias, and every sum changes.",
        f"1. Type a row of the table into the yellow cells of the sheet {ROW}. The answer stands beside them. An empty "
        "cell is a missing value.",
        f"2. The sheet {INPUTS} makes the inputs of the network from these values.",
        f"3. Each layer is a block on the sheet {'of its network' if several else 'Network'}. A neuron is a column, "
        "with its bias b, its sum z = inputs · weights + b, its activation a, and a weight for each input. "
        "Positive numbers are blue, negative ones orange.",
        f"4. The sheet {ANSWER} makes the answer from the outputs"
        + (" of all networks, by their mean." if several else "."),
        f"The sheet {LISTS} has the levels of the columns and the words that stand for a missing value. The sheet "
        f"{CERTIFICATE} says how it was proven that the workbook answers as the model does.",
        "#N/A stands where a column cannot have the value that was typed.",
    ]
    sheet.text(0, 0, printable(f"Prediction of {', '.join(own.target for own in program.answers)}"), "title")
    sheet.paragraphs(2, [*summary(program), "", *lines])


# -- the typed row


def _row(sheet: Sheet, book: Book, program: ModelProgram, answers: list[tuple[str, Any]]) -> None:
    sheet.own.set_column(0, 0, 28)
    sheet.own.set_column(1, 1, 22)
    sheet.own.set_column(2, 2, 34)
    sheet.own.set_column(4, 4, 3)
    sheet.own.set_column(5, 6, 24)
    sheet.own.freeze_panes(FIRST, 0)
    sheet.text(0, 0, "Type a row in the yellow cells", "title")
    sheet.text(1, 0, "An empty cell is a missing value.", "note")
    sheet.texts(FIRST - 1, 0, ["column", "value", "what it is"])
    sheet.texts(FIRST - 1, SHOWN - 1, ["answer", ""])
    for at, (own, value) in enumerate(zip(program.columns, program.example, strict=True), FIRST):
        sheet.text(at, 0, printable(own.source.column))
        sheet.text(at, 2, _kind(own), "aside")
        form = "typed_text" if own.source.is_text else "typed"
        if is_date(own.source):
            form = "typed_time" if own.source.format == TIME_ONLY else "typed_date"
            value = None if value is None else as_cell(float(value), own.source)
        sheet.value(at, TYPED, value, form)
        if choices := _choices(own):
            levels = book.lists(choices, printable(own.source.column))
            sheet.own.data_validation(
                at, TYPED, at, TYPED,
                {"validate": "list", "source": f"={levels}", "error_type": "information",
                 "error_title": "Another value", "error_message": "Training did not have this value."},
            )  # fmt: skip
    cells = iter(answers)
    for (first, places), answer in zip(answer_rows(program), program.answers, strict=True):
        sheet.text(first, SHOWN - 1, printable(answer.target))
        sheet.formula(first, SHOWN, *next(cells), "result")
        for place, label in zip(places, answer.classes or (), strict=True):
            sheet.text(place, SHOWN - 1, printable(f"probability of {label_text(label)}"), "note")
            sheet.formula(place, SHOWN, *next(cells))


def _kind(own: ColumnProgram) -> str:
    if own.source.format == TIME_ONLY:
        return "a time of day"
    return "a date" if is_date(own.source) else kind_of(own.source)


def _choices(own: ColumnProgram) -> Sequence[str | float]:
    if own.source.type == TRUTHS:
        return ("TRUE", "FALSE")
    tables = own.look_ups()
    return [squeezed(key) for key in tables[0].keys] if tables else ()


def squeezed(key: str | float) -> Any:
    """A text with one blank for several: what TRIM of Excel makes of it."""
    return " ".join(part for part in key.split(" ") if part) if isinstance(key, str) else key


# -- the inputs


def _inputs(
    sheet: Sheet, row: Sheet, book: Book, program: ModelProgram
) -> tuple[list[tuple[str, str]], Array]:
    """What the networks take: the name and the cell of each input, and the inputs (I,) of the example."""
    sheet.own.set_column(0, 0, 8)
    sheet.own.set_column(1, 1, 44)
    sheet.own.set_column(2, 2, 18)
    sheet.own.freeze_panes(3, 0)
    sheet.text(0, 0, "From the typed values to the inputs", "title")
    sheet.texts(2, 0, ["input", "what it is", "value"])
    at, taken, known = 3, [], []

    def lists(values: Sequence[str | float], title: str) -> str:
        return book.lists([squeezed(value) for value in values], printable(title))

    for place, (own, example) in enumerate(zip(program.columns, program.example, strict=True)):
        column = printable(own.source.column)
        names: dict[Expression, str] = {}
        parts: list[Array] = []
        value, missing = _known(own, example)
        sheet.text(at, 1, f"{column}, as it was read", "note")
        shown: Any = "" if missing[0] else value[0] if own.source.is_text else float(value[0])
        sheet.formula(at, 2, cleaned(own.source, row.cell(FIRST + place, TYPED), lists), shown, "value")
        written = syntax(own.source, sheet.cell(at, 2), lists)
        document = own.to_dict()
        for shared, listed in zip(own.shared(), document["parts"], strict=True):
            at += 1
            parts.append(arrays.evaluate(listed, value, missing, parts))
            what = "its place among the levels" if isinstance(shared, LookUp) else "without gaps"
            sheet.text(at, 1, f"{column}, {what}", "note")
            sheet.formula(at, 2, written.write(shared, names), parts[-1][0])
            names[shared] = sheet.cell(at, 2)
        described = _described(own.inputs, column)
        for text, expression, listed in zip(described, own.inputs, document["inputs"], strict=True):
            at += 1
            known.append(float(arrays.evaluate(listed, value, missing, parts)[0]))
            sheet.text(at, 0, f"x{len(known)}")
            sheet.text(at, 1, text)
            sheet.formula(at, 2, written.write(expression, names), known[-1])
            taken.append((f"x{len(known)}  {text}", sheet.cell(at, 2)))
        at += 1
    return taken, np.array(known)


def _known(own: ColumnProgram, example: Any) -> tuple[Array, Array]:
    """The value (1,) of the example, and whether it is missing."""
    if own.source.is_text:
        example = read_text(example, own.source.words, own.source.folded)
        return np.array([example or ""], dtype=object), np.array([example is None])
    return np.array([np.nan if example is None else float(example)]), np.array([example is None])


def _described(inputs: Sequence[Expression], column: str) -> list[str]:
    texts = [printable(in_words(each, column)) for each in inputs]
    return [f"{text} ({at})" if texts.count(text) > 1 else text for at, text in enumerate(texts, 1)]
