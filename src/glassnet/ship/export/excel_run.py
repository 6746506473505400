"""How a workbook is read and computed: by the package ``formulas``, in Python, or by LibreOffice."""

from __future__ import annotations

import contextlib
import io
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.errors import InputError, to_install
from glassnet.ship.export.excel_columns import as_cell, is_date
from glassnet.ship.export.excel_office import computed_by_office
from glassnet.ship.export.excel_sheets import CERTIFICATE, FIRST, ROW, SHOWN, TYPED, answer_rows
from glassnet.ship.export.form import ExportFailed, Ran, Unavailable
from glassnet.ship.export.program import ModelProgram, label_text
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.runtime.cells import read_time

MOST_WEIGHTS = 20_000  # that the package computes in less than about 20 seconds


def content_of(content: bytes) -> str:
    """A line for each cell of a workbook, but for the certificate and the values that are typed."""
    try:
        import openpyxl
    except ImportError:
        raise InputError(f"a workbook is read with openpyxl; {to_install('excel')}.") from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
    except Exception as error:  # of many classes, for damage
        raise InputError(f"it is no workbook, or a damaged one: {str(error)[:200]}") from None
    lines = []
    for sheet in book.worksheets:
        if sheet.title == CERTIFICATE:
            continue
        for cells in sheet.iter_rows():
            for cell in cells:
                typed = sheet.title == ROW and cell.column == TYPED + 1 and cell.row > FIRST
                if cell.value not in (None, "") and not typed:
                    lines.append(f"{sheet.title}!{cell.coordinate} {cell.value!r}")
    return "\n".join(lines)


def run_workbook(path: Path, program: ModelProgram, rows: RawRows) -> Ran:
    """The answers of a workbook for some rows: by the package ``formulas``, or by LibreOffice for a large one."""
    typed = [[_cell(row[own.source.column], own.source) for own in program.columns] for row in rows.each()]
    cells = [(row, SHOWN) for first, others in answer_rows(program) for row in (first, *others)]
    content = path.read_bytes()
    if program.weights > MOST_WEIGHTS:
        try:
            answers, tools = computed_by_office(content, typed, cells)
        except Unavailable as error:
            raise Unavailable(
                f"{error}, and the package formulas takes minutes for {program.weights:,} weights (it is used for at "
                f"most {MOST_WEIGHTS:,})"
            ) from None
    else:
        answers, tools = _computed_by_formulas(content, typed, cells)
    numbers, labels = [], []
    for values in answers:
        row, at, own_labels = [], 0, []
        for answer in program.answers:
            if answer.classes is not None:
                own_labels.append(_label(values[at], answer.classes))
                at += 1
            for _ in answer.names:
                row.append(_number(values[at]))
                at += 1
        numbers.append(row)
        labels.append(own_labels)
    each = tuple(list(own) for own in zip(*labels, strict=True))
    return Ran(np.array(numbers).reshape(len(rows), -1), each, tools)


def _computed_by_formulas(
    content: bytes, rows: Sequence[Sequence[Any]], cells: Sequence[tuple[int, int]]
) -> tuple[list[list[Any]], str]:
    """For each of ``rows`` of typed values the values of some cells of the sheet of rows, and what computed them."""
    try:
        import formulas
    except ImportError as error:
        raise Unavailable(f"the package {error.name} is not installed here") from None
    place = "'[model.xlsx]" + ROW.upper() + "'!"
    inputs = [f"{place}{_letter(TYPED)}{FIRST + 1 + at}" for at in range(len(rows[0]))]
    outputs = [f"{place}{_letter(column)}{row + 1}" for row, column in cells]
    found = []
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder, _silent():
        own = Path(folder) / "model.xlsx"
        own.write_bytes(content)
        try:
            function = formulas.ExcelModel().loads(str(own)).finish().compile(inputs=inputs, outputs=outputs)
            for row in rows:
                values = function(*("" if value is None else value for value in row))
                values = values if isinstance(values, (list, tuple)) else [values]
                found.append([each.value.ravel()[0] for each in values])
        except Exception as error:  # of many classes
            raise ExportFailed(f"the package formulas says: {str(error)[-400:]}") from None
    return found, f"formulas {formulas.__version__}"


def _letter(column: int) -> str:
    return "ABCDEFG"[column]


def _cell(value: Any, source: Any) -> Any:
    if isinstance(value, str) and not source.is_text:  # a date
        value = read_time(value, source.words, (), source.format)
    if value is None:
        return None
    return as_cell(value, source) if is_date(source) else value


def _label(value: Any, classes: Sequence[Any]) -> str:
    if all(isinstance(label, bool) for label in classes):
        return "true" if value in (True, 1) else "false"
    if all(isinstance(label, int) for label in classes) and isinstance(value, float):
        return label_text(int(value))
    return label_text(value)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) else float("nan")


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Without the bars of progress and the warnings of the package."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
